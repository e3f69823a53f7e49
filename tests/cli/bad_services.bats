#!/usr/bin/env bats
# shellcheck disable=SC2016 # what stands in single quotes is hostile input and must not be expanded
# What must never get in through e911, cnam and port: every option and operand of theirs with what it may not be, the exit
# code, the words, and an inventory left as it was. That no option is forgotten is looked up in the program's own help.
load ../lib/common
load ../lib/refuses

LONG=$(printf 'x%.0s' {1..3000}) DIGITS=$(printf '9%.0s' {1..70000}) INJECTION="' OR 1=1 --" SHELL_CALL='${SHELL(id)}'
NO_CONTROLS='it has a control character' UTF8='it is not UTF-8'

setup() {
	common_setup
	sqlite_target
	run_ok didctl init --country IN --demo -q
	run_ok didctl pool add -q -y +14155550100-0102
	run_ok didctl assign -q -y +14155550100-0101 ACME
	run_ok didctl assign -q -y 918065978000 ACME
	ADDRESS=(--street '1 Main St' --city Albany --state-code NY --zip 12207)
	run_ok didctl e911 set +14155550101 -y -q "${ADDRESS[@]}" --label HQ
	run_ok didctl port new -y -q ACME +442079460100-0101
	printf '%%PDF-1.4\nx' >loa.pdf
}

# bad CODE PATTERN COMMAND...: refused so, and noted as tried.
bad() {
	local IFS=' '

	printf '%s\n' "${*:3}" >>tried
	refuses "$@"
}

# Each value option of the command's own has met something bad.
covers() { # COMMAND...
	local option command="$*"

	didctl help "$@" | sed -n '/^Options:/,/^$/s/^ *\(-., \)\{0,1\}--\([a-z0-9-]*\) [A-Z].*/\2/p' >options
	while read -r option; do
		grep -q "^$command .*--$option\( \|$\)" tried || fail "'$command --$option' has met nothing bad"
	done <options
}

part() { # PATTERN OPTION VALUE
	bad 2 "' of '--$2': $1" e911 locations edit HQ -n "--$2" "$3"
}

# Also where an address is begun: a good one with this part replaced.
part_of_all() { # PATTERN OPTION VALUE
	local k address=("${ADDRESS[@]}")

	part "$@"
	for ((k = 0; k < ${#address[@]}; k += 2)); do
		[ "${address[k]}" = "--$2" ] && break
	done
	address[k]=--$2 address[k + 1]=$3
	bad 2 "' of '--$2': $1" e911 set +14155550100 -n "${address[@]}"
	bad 2 "' of '--$2': $1" e911 locations add ACME -n "${address[@]}"
}

addresses() {
	local name value

	for name in street city unit building floor room label contact; do
		part_of_all "$NO_CONTROLS" $name "$ESCAPE"
		part "$UTF8" $name "$SURROGATE"
		part 'it is too long' $name "$LONG"
		[[ $name == label || $name == contact ]] || part 'it may have letters, digits, blanks' $name "$SHELL_CALL"
	done
	for value in "$INJECTION" "$BIDI" "$CONTROL" '12 主街' '1 Main; rm'; do
		part "it may have letters, digits, blanks and . , ' # & / \( \) -|it has a control character" street "$value"
	done
	part 'a post office box is no dispatchable location' street 'P.O. Box 12'
	part "it is not a house number and a street, such as '350 Fifth Ave'" street Broadway
	part 'it has no letter' city 12
	for value in ABCDE 1220 122071 12207-12; do
		part 'it is no ZIP code: 5 digits, or 5-4' zip $value
	done
	part_of_all 'it is too long' zip "$ESCAPE"
	part_of_all 'it is no state of the United States, such as NY' state-code XX
	part 'it is no state of the United States, such as NY' state-code ON
	part 'it is too long' state-code 'New York'
	part_of_all 'it is neither US nor CA' country MX
	part "$UTF8" country "$BROKEN"
	for value in PRD XYZ=1 =1 "$BROKEN=1"; do
		part 'it is not ELEMENT=VALUE, such as PRD=N' civic "$value"
	done
	part_of_all 'up to 60 letters, digits, blanks' civic "PRD=$ESCAPE"
}

emergency() {
	addresses
	bad 2 "'--choose' takes a number from 1 to 100, not '0'" e911 set +14155550100 --choose 0
	bad 2 "'--choose' takes a number from 1 to 100, not '.x1B\]52;c;QUFB.x07'" e911 set +14155550100 --choose "$ESCAPE"
	bad 3 "'14155550100' has no candidates to choose from" e911 set +14155550100 --choose 1
	bad 3 "there is no location '.x1B\]52;c;QUFB.x07'" e911 set +14155550100 --location "$ESCAPE"
	bad 3 "there is no location 'nope'" e911 set +14155550100 --location nope -o json
	bad 3 "there is no organisation '.xFF'" e911 set --org "$BROKEN" "${ADDRESS[@]}"
	bad 2 'three answers to one question' e911 set +14155550100 --location HQ "${ADDRESS[@]}"
	bad 2 "'e911 set' names no address" e911 set +14155550100
	bad 2 "'e911 set' names no number" e911 set "${ADDRESS[@]}"
	bad 2 "'e911 clear' names no number" e911 clear -y
	bad 2 "'0x1F' is not a number.*hexadecimal" e911 clear -y 0x1F
	bad 2 "there is no column 'id;DROP'" e911 list --sort 'id;DROP'
	bad 2 "bad value 'x' of '--e911': it is none of not-set" e911 list --e911 x
	bad 2 "bad value 'x' of '--cnam': it is none of pending" e911 export --cnam x
	bad 3 "there is no location '$INJECTION'" e911 locations show "$INJECTION"
	bad 3 'there is no location' e911 locations edit "$BIDI" --label x
	bad 3 'there is no location' e911 locations delete "$LONG" -y
	bad 3 "there is no organisation '%'" e911 locations add % "${ADDRESS[@]}"
	bad 6 "location 'HQ' is the emergency address of 1 number" e911 locations delete HQ -y
	bad 2 'one operand too many' e911 sync "$ESCAPE"
	for value in set 'locations add' 'locations edit'; do
		# shellcheck disable=SC2086 # words
		covers e911 $value
	done
}

@test "e911: addresses, locations, numbers" { unchanged emergency; }

names() {
	local way

	for way in 'set 918065978000' 'default ACME'; do
		# shellcheck disable=SC2086 # words
		{
			bad 2 "bad value '1234567890123456' of NAME: it has more than 15 characters" cnam $way 1234567890123456
			bad 2 "bad value '12345' of NAME: it has no letter" cnam $way 12345
			bad 2 'NAME: it begins or ends with a blank' cnam $way ' A'
			bad 2 'NAME\) is empty' cnam $way ''
			for value in 'ACME😀' ÄRZTE "$INJECTION" $'A\nB' "$ESCAPE" "$BROKEN" "$OVERLONG" "$BIDI" '${X}'; do
				bad 2 "of NAME: it may have letters without accents, digits, blanks and . , & ' -" cnam $way "$value"
			done
			bad 2 'NAME: it has more than 15 characters' cnam $way "$LONG"
		}
	done
	bad 2 "'cnam set' names no number" cnam set Acme
	bad 2 "needs either a NAME or --clear" cnam default ACME
	bad 2 "needs either a NAME or --clear" cnam default ACME Acme --clear
	bad 3 "there is no organisation 'Nobody'" cnam default Nobody Acme
	bad 6 '1 number may not change' cnam set 918065978010 Acme
	bad 3 'not in the inventory' cnam set 918065978099 Acme
	bad 2 "'cnam clear' names no number" cnam clear -y
	bad 2 "bad value 'x' of '--cnam': it is none of pending, synced, failed" cnam list --cnam x
	bad 2 'is not a number' cnam show "$ESCAPE"
	bad 2 'one operand too many' cnam sync "$ESCAPE"
}

@test "cnam: names and whose they are" { unchanged names; }

# The fields of an order, where it begins and where it is edited.
field() { # PATTERN OPTION VALUE...
	bad 2 "$1" port edit 1 -n "${@:2}"
	bad 2 "$1" port new ACME +442079460300 -n "${@:2}"
}

fields() {
	local name value

	for name in losing-carrier account authorised-name service-address contact; do
		field "bad value '.xFF' of '--$name': $UTF8" --$name "$BROKEN"
		field "of '--$name': it has more than 255 characters" --$name "$LONG"
	done
	for value in "$ESCAPE" 12x "$INJECTION" +; do
		field "--btn: '.*' is not a telephone number" --btn "$value"
	done
	for value in fax "$ESCAPE"; do
		field "of '--type': it is none of wireline, wireless, toll-free" --type "$value"
	done
	for value in 2026-02-30 02/03/2026 tomorrow 2099-1-1 99999-01-01 2099-01-01T00:00 '２０９９-01-01' "$ESCAPE"; do
		field "^didctl: --requested-foc: '.*' is not a date" --requested-foc "$value"
		bad 2 "^didctl: DATE: '.*' is not a date" port foc 1 "$value"
	done
	field "the Requested FOC '2020-01-01' is past" --requested-foc 2020-01-01
	for value in 9 25:00 9:00 '٠٩:٠٠' "$ESCAPE"; do
		field "^didctl: --requested-time: '.*' is no time of day such as 09:30" --requested-foc 2099-01-01 --requested-time "$value"
		bad 2 "^didctl: --time: '.*' is no time of day such as 09:30" port foc 1 2099-01-01 --time "$value"
	done
	for value in Mars/Olympus ../../../etc/passwd "$ESCAPE" "$LONG"; do
		field "^didctl: --requested-zone: there is no time zone '" --requested-foc 2099-01-01 --requested-zone "$value"
		bad 2 "^didctl: --zone: there is no time zone '" port foc 1 2099-01-01 --zone "$value"
	done
	field '--requested-time and --requested-zone need --requested-foc DATE' --requested-zone UTC
	field "bad value 'moon' of '--env': it is none of prod, staging, oss" --env moon
	for value in '1000,1,n,System(rm)' 'queue:500&PJSIP/itsp/1' 'extension:#exec x' "queue:$SHELL_CALL" "$ESCAPE"; do
		field "of '--route': " --route "$value"
	done
	field "of '--cnam': it has more than 15 characters" --cnam 1234567890ABCDEF
	bad 3 "^didctl: there is no location 'nowhere'" port edit 1 -n --location nowhere
	bad 3 "^didctl: there is no location 'nowhere'" port new ACME +442079460300 -n --location nowhere
	field "bad value '.xED.xA0.x80' of '--note': $UTF8" --note "$SURROGATE"
	field "of '--note': it has more than 2000 characters" --note "$LONG"
	field '--public needs --note TEXT' --public
}

# The PIN's file is refused as every file of a secret is: 4.
pins() {
	for value in none "$ESCAPE" "$T"; do
		bad 4 "^didctl: --pin-file: the file '" port edit 1 --pin-file "$value"
		bad 4 "^didctl: --pin-file: the file '" port new ACME +442079460300 --pin-file "$value"
	done
	printf '%065d\n' 1 >pin
	chmod 600 pin
	bad 2 'a PIN has 1 to 64 characters' port edit 1 --pin-file pin
	bad 6 'there is no terminal to ask for the PIN on' port edit 1 --ask-pin
}

serials() {
	local verb value

	for verb in show submit ack loa; do
		bad 2 "operand 1 \(N\) is empty" port $verb ''
		bad 2 "'.x1B\]52;c;QUFB.x07' is no serial number of a port order" port $verb "$ESCAPE"
		bad 3 "there is no port order '7'" port $verb 7
	done
	for verb in cancel complete; do
		bad 2 "' is no serial number of a port order" port $verb "$BIDI" -y
		bad 3 "there is no port order '7'" port $verb 7 -y
	done
	for value in 0 -1 1.5 1e3 '1;DROP' "$INJECTION" '１' 99999999999999999999; do
		bad 2 "' is no serial number of a port order" port show -- "$value"
	done
	bad 2 "'9{64}...' is no serial number of a port order" port show "$DIGITS"
	[ ${#stderr} -lt 300 ]
}

orders() {
	fields
	pins
	serials
	bad 2 "'.*' is no state of a port order" port list --state "$ESCAPE"
	bad 3 "there is no organisation '$INJECTION'" port list --org "$INJECTION"
	bad 2 "'0x1F' is not a telephone number: it is hexadecimal" port list --number 0x1F
	bad 2 "there is no column 'id;DROP'" port list --sort 'id;DROP'
	bad 2 "'--document' takes a number from 1 to 1000000, not '-1'" port show 1 --document -1
	bad 3 'port order 1 has no document 9' port show 1 --document 9
	bad 2 'NUMBERS is missing' port new ACME
	bad 2 "is not a number.*hexadecimal" port new ACME 0x1F
	bad 3 "there is no organisation 'nobody'" port new nobody +442079460300
	bad 6 'refused 918065978001: duplicate: is in the inventory already: it is available' port new ACME 918065978001
	bad 6 'refused 442079460101: duplicate: is on port order 1, which is draft' port new ACME +442079460101
	bad 2 "is not a number" port attach 1 "$ESCAPE"
	bad 2 "'.xFF' of '--note'" port attach 1 +442079460300 --note "$BROKEN"
	bad 3 "'442079460300' is not on port order 1" port attach 1 --remove +442079460300
	bad 2 'needs --code CODE and --reason TEXT' port reject 1 --code 6A
	for value in a/b 'a b' "$ESCAPE" "$LONG"; do
		bad 2 "of '--code': it is not 1 to 32 letters, digits" port reject 1 --code "$value" --reason x
	done
	bad 2 'is not a number.*hexadecimal' port reject 1 --code 6A --reason x --numbers 0x1F
	for value in foc\ 1\ 2099-01-01 ack\ 1 cancel\ 1 complete\ 1 submit\ 1 'document 1 loa.pdf --kind loa' 'reject 1 --code 1 --reason x'; do
		# shellcheck disable=SC2086 # words
		bad 2 "bad value '.xFF' of '--note': $UTF8" port $value --note "$BROKEN"
	done
	bad 2 "'port document' needs --kind loa, bill or csr" port document 1 loa.pdf
	bad 2 "'--kind' takes loa, bill or csr, not 'photo'" port document 1 loa.pdf --kind photo
	bad 2 "the file '.x1B\]52;c;QUFB.x07' cannot be opened: No such file" port document 1 "$ESCAPE" --kind loa
	bad 2 "the file '$T' is not a regular file" port document 1 "$T" --kind loa
	bad 2 "the file '/dev/zero' is not a regular file" port document 1 /dev/zero --kind loa
	bad 2 "the file 'huge.pdf' is larger than 25 MB" port document 1 huge.pdf --kind loa
	bad 2 "the file 'program' is by its content no pdf, png, jpeg or tiff" port document 1 program --kind loa
	bad 2 '--expect is for one of them' port sweep --expect 3
	bad 2 'one operand too many' port due "$ESCAPE"
	for value in new edit attach document submit ack foc reject cancel complete list show; do
		covers port $value
	done
}

@test "port: fields, orders, documents" {
	truncate -s 5G huge.pdf
	printf MZ >program
	unchanged orders
}

# What a field may hold and a terminal must not get.
@test "text of an order and of a location is kept as data and shown escaped; the letter refuses it" {
	local what

	run_ok didctl port edit 1 -y -q --losing-carrier "$ESCAPE" --contact "$BIDI" --note $'\xc2\x9b31m <b>'
	run_ok didctl e911 locations edit HQ -y -q --contact "$INJECTION" --label "$BIDI"
	for what in 'port list -c all' 'port show 1' 'e911 locations list -c all' 'e911 show +14155550101' 'pool show +14155550101' \
		'history +14155550101' doctor; do
		# shellcheck disable=SC2086 # words
		run_ok didctl $what
		safe_for_terminal "$output$stderr" || fail "$what: ${output@Q} ${stderr@Q}"
	done
	run_ok didctl port show 1 -o json
	json '.[0] | .losing_carrier == "\u001b]52;c;QUFB\u0007" and .contact == "x\u202ey"' true
	safe_for_terminal "$output" || fail "$output"
	unchanged refuses 6 "the letter cannot be written: 'Current carrier' has the character '.x1B'" port loa 1
}
