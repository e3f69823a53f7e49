#!/usr/bin/env bats
# shellcheck disable=SC2016,SC1003 # what stands in single quotes is hostile input and must not be expanded
# What must never get in: each with its exit code, its message, and an inventory left as it was. What has a place of its own:
#	e911, cnam, port			bad_services.bats
#	configuration, secrets, HOME		config.bats, start.bats
#	a switch's files, hostile rows		regen_hostile.bats, regen.bats (locks, generations), regen_kill.bats (full disk)
#	HTTP, JSON, TLS, keys			api_read.bats, api_lost.bats, api_safety.bats, ../unit/test_json.c
#	a server that goes away			hosts.bats, kill.bats, ../store/test_store_faults.c
#	csv					comes with pool import
load ../lib/common
load ../lib/refuses

setup() {
	common_setup
	sqlite_target
}

inventory() { run_ok didctl init --country IN --demo -q; }

# Through both doors: a listing and a change; what is no number is neither.
no_number() { # PATTERN WORD
	refuses 2 "$1" pool list -- "$2"
	refuses 2 "$1" pool lock --yes -- "$2"
	refuses 2 "operand 2: .*$1" pool lock --yes -- 918065978000 "$2"
}

@test "what is no number is refused and shown escaped" {
	local before

	inventory
	before=$(checksum)
	refuses 2 'NUMBERS\) is empty' pool list ''
	refuses 2 'NUMBERS\) is empty' pool lock --yes 918065978000 ''
	no_number 'an empty operand' ' '
	no_number 'an empty operand' $'\t'
	no_number "'0x1F' .*hexadecimal" 0x1F
	no_number "'9.18E\\+11' .*exponent form" 9.18E+11
	no_number "'1_000' " 1_000
	no_number "'1,000' " 1,000
	no_number "'٣٤٥' " '٣٤٥'
	no_number "'９１８' " '９１８'
	no_number "'\\+' .*no digit follows" +
	no_number "'\\+\\+91' .*once" ++91
	no_number "'91\\+80' .*once" 91+80
	no_number 'too many digits' 123456789012345678901
	no_number "918065978002;System\\(x\\)' is not" '918065978002;System(x)'
	no_number "'\\\$\\{SHELL\\(id\\)\\}' is not" '${SHELL(id)}'
	no_number "'' OR 1=1 --' is not" "' OR 1=1 --"
	no_number "'9180659780%' is not" 9180659780%
	no_number "'91806597800_' is not" 91806597800_
	no_number "'91\\\\x1B\\]52;c;x\\\\x07' is not" $'91\e]52;c;x\a'
	no_number "'91\\\\u\\{009B\\}31m' is not" $'91\xc2\x9b31m'
	no_number "'91\\\\u\\{202E\\}80' is not" $'91\xe2\x80\xae80'
	no_number "'\\\\xFF\\\\xFE' is not" $'\xff\xfe'
	no_number "'\\\\xC0\\\\x80' is not" $'\xc0\x80'
	no_number "'\\\\xED\\\\xA0\\\\x80' is not" $'\xed\xa0\x80'
	no_number "'65978000' has 8 digits" 65978000
	no_number "'zz' is not the id of a row" id:zz
	[ "$before" = "$(checksum)" ]
}

@test "a megabyte of digits is refused, and no more than its beginning is echoed" {
	inventory
	head -c 100000 /dev/zero | tr '\0' 9 >digits
	refuses 2 "^didctl: '9{64}\.\.\.' is not .*: it has too many digits" pool list "$(<digits)"
	[ "${#stderr}" -lt 300 ]
	head -c 1000000 /dev/zero | tr '\0' 9 >digits
	refuses 2 '^didctl: digits:1: the line is too long' pool lock -y @digits
}

@test "ranges: reversed, open, endless, too large" {
	inventory
	refuses 2 "'222-111' runs backwards: write 111-222" pool list 222-111
	refuses 2 'runs backwards' pool lock -y 918065978010-918065978000
	refuses 2 "unknown option '-5'" pool list -5
	refuses 2 "'-5'" pool list -- -5
	refuses 2 "'5-'.*nothing stands on the right" pool list 5-
	run_code 2 timeout 120 didctl pool list 1-99999999999999999999
	run_code 2 timeout 120 didctl pool lock -y 918065978000-99999999999999999999
	refuses 2 'has 100000000 numbers: at most 10000000' pool list 918000000000-918099999999
	refuses 2 'has 100000000 numbers: at most 10000000' pool add -y 918000000000-918099999999
	refuses 2 'more than 10000000 numbers' pool list 918000000000-918009999999 919000000000
}

@test "one number under two spellings counts once, with a notice" {
	inventory
	run_ok didctl pool lock -o json -- 918065978000 08065978000
	json .changed 1
	[[ $stderr == *'1 number was named more than once and counted once'* ]]
	run_ok didctl pool list -H -o tsv -c number 918065978001 +91-80-6597-8001 918065978001-02
	[ "$output" = $'918065978001\n918065978002' ]
	[[ $stderr == *'more than once'* ]]
}

@test "nothing named never means all" {
	local before

	inventory
	: >empty
	printf '# a comment\r\n\r\n   \n' >comments
	before=$(checksum)
	refuses 2 'names no number' pool lock --yes
	refuses 2 'names no number' pool delete --yes --expect 30
	refuses 2 'names no number' assign --yes ACME
	refuses 2 "'empty' names no number" pool lock -y @empty
	refuses 2 "'comments' names no number" pool lock -y @comments
	refuses 2 "'empty' names no number" pool list @empty
	refuses 2 "'standard input' names no number" pool lock -y -
	refuses 2 "'standard input' names no number" pool list -
	refuses 2 'a value of a list is empty' pool lock -y --where state= --expect 30
	refuses 2 "'state' is not KEY=VALUE" pool lock -y --where state --expect 30
	refuses 2 "'=available' is not KEY=VALUE" pool lock -y --where =available --expect 30
	refuses 2 '--where needs --expect' pool lock -y --where provider=Tata
	refuses 2 "no column 'id;DROP'" pool lock -y --where 'id;DROP=1' --expect 30
	[ "$before" = "$(checksum)" ]
}

@test "files of operands: missing, a directory, NUL, CRLF, broken at a line" {
	inventory
	refuses 2 "cannot open 'none': No such file" pool list @none
	refuses 2 "cannot open ''" pool list @
	refuses 2 "is a directory" pool lock -y "@$T"
	printf '918065978000\n91806\0' >nul
	refuses 2 '^didctl: nul:2: the line has a NUL byte' pool lock -y @nul
	printf '918065978000\n\n# fine\n0x1F\n' >broken
	refuses 2 '^didctl: broken:4: .*hexadecimal' pool lock -y @broken
	run_code 2 didctl pool lock -y - - <<<918065978000
	[[ $stderr == "didctl: operand 2: '-' may be named only once"* ]]
	printf '\xef\xbb\xbf918065978000 # one\r\n\r\n  918065978001-02\r\n918065978003' >crlf
	run_ok didctl pool list -H -o tsv -c number @crlf
	[ "$output" = $'918065978000\n918065978001\n918065978002\n918065978003' ]
}

# given_up MESSAGE WRITER...: @FILE is a FIFO that the command writes to without an end.
given_up() {
	"${@:2}" >pipe 2>/dev/null &
	run_code 2 timeout 120 didctl pool lock -y @pipe
	[[ $stderr == *"didctl: $1"* ]]
	wait "$!" || true # a writer that has not noticed yet would write to the next one's reader
}

long_line() { while printf %04096d 0; do :; done; }

@test "a FIFO that never ends is given up" {
	inventory
	mkfifo pipe
	given_up 'pipe:20000001: the file has too many lines' yes '#'
	given_up 'pipe:10485760: more than 10000000 numbers in one command' yes 918065978000
	given_up 'pipe:1: the line has a NUL byte' cat /dev/zero
	given_up 'pipe:1: the line is too long' long_line
}

@test "100,000 operands from standard input take a moment" {
	inventory
	seq 918065900000 918065999999 >many
	run_ok timeout 120 didctl pool list -H -o tsv -c number - <many
	[ "${#lines[@]}" -eq 30 ]
	run_ok timeout 120 didctl pool list -H -o tsv -c number - < <(shuf --random-source=many many)
	[ "${#lines[@]}" -eq 30 ]
	seq -f 'id:00000000-0000-4000-8000-%012.0f' 100000 >many
	run_code 2 timeout 120 didctl pool lock -y - <many
	[[ $stderr == *'more than 10000 rows named by id in one command'* ]]
}

ids_by_the_thousand() {
	local id

	inventory
	id=$(sql "SELECT id FROM did_numbers WHERE number = '918065978007'")
	seq -f 'id:00000000-0000-4000-8000-%012.0f' 5000 >ids
	echo "id:$id" >>ids
	run_ok didctl pool list -H -o tsv -c number @ids
	[ "$output" = 918065978007 ]
	unchanged run_code 3 didctl pool lock -y @ids
	[[ $stderr == *"there is no row with the id '00000000-0000-4000-8000-"* ]]
}

absent_ids() {
	local none=00000000-0000-4000-8000-00000000000

	inventory
	unchanged run_code 3 didctl pool lock -y id:${none}1 918065978000 id:${none}2 918065979999 -o json
	json '[.numbers[] | select(.result == "refused") | "\(.number) \(.code)"] | sort | join(",")' \
		"918065979999 not-found,id:${none}1 not-found,id:${none}2 not-found"
	unchanged run_code 3 didctl pool lock id:${none}1 --partial
	run_code 5 didctl pool lock -y id:${none}1 918065978000 --partial
	[[ $stderr == *"refused id:${none}1: not-found: there is no row with the id '${none}1'"* ]] || fail "$stderr"
	[ "$(didctl pool list --locked -o tsv -H -c number)" = 918065978000 ]
}

@test "rows named by ids that are not there: each is listed, --partial does the others" { each_backend absent_ids; }

@test "thousands of rows named by id fit into a statement" { each_backend ids_by_the_thousand; }

@test "an argument list of 2 MB" {
	local -a words

	inventory
	ulimit -Ss unlimited || skip 'the stack, and with it the list of arguments, is limited'
	mapfile -t words < <(seq 918000000000 918000150000)
	many() { timeout 120 didctl "$@" "${words[@]}"; }
	run_code 3 many pool lock -y --expect 150001
	[[ $output$stderr == *918000000000* ]]
	run_ok many pool list -H -o tsv -c number 918065978000
	[ "$output" = 918065978000 ]
	words+=(0x1F)
	run_code 2 many pool list
	[[ $stderr == *'didctl: operand 150002: '*hexadecimal* ]]
}

@test "options: unknown, abbreviated, empty, out of range, out of place" {
	local option before

	inventory
	before=$(checksum)
	refuses 2 "there is no column 'id;DROP'" pool list --sort 'id;DROP'
	refuses 2 "there is no column" pool list --sort '-'
	refuses 2 "there is no column ' number'" pool list -c 'id, number'
	refuses 2 "there is no column" pool list -c number,,state
	for option in --sort --columns --limit --state --org --env --tag --match --output --target --profile --config --timeout; do
		refuses 2 "'$option' may not be empty" pool list "$option" ''
		refuses 2 "'$option' needs a value" pool list "$option"
	done
	for option in -1 0 1e3 +5 ' 5' 5x 0x5 99999999999999999999; do
		refuses 2 "'--limit' takes a number from 1, not '" pool list --limit "$option"
		refuses 2 "'--timeout' takes a number from 1 to 86400, not '" pool list --timeout "$option"
	done
	refuses 2 "did you mean '--state'" pool list --sate available
	refuses 2 "did you mean '--region'" pool edit -y 918065978000 --regoin x
	refuses 2 "unknown option '--stat'" pool list --stat available
	refuses 2 "unknown option '--y'" pool lock 918065978000 --y
	refuses 2 "unknown option '-Z'" pool list -Z
	refuses 2 "did you mean 'list'" pool lits
	refuses 2 "did you mean 'pool'" poool list
	refuses 2 "'po' is not a command" po list
	refuses 2 "'lis' is not a command" pool lis
	refuses 2 "'--quiet' takes no value" pool list --quiet=yes
	refuses 2 "exclude each other" pool list -q -v
	refuses 2 "takes table, tsv, csv, json or ndjson, not 'xml'" pool list -o xml
	refuses 2 "'nonsense'.* is not a state" pool list --state nonsense
	refuses 2 'a value of a list is empty' pool list --state available,
	refuses 2 "'--limit' makes no sense with 'didctl version'" version --limit 1
	refuses 2 "'--limit' makes no sense with" pool show 918065978000 --limit 1
	refuses 2 "'--yes' makes no sense with" pool list --yes
	refuses 2 "'--dry-run' makes no sense with" pool list -n
	refuses 2 "'--sort' makes no sense with" pool lock 918065978000 -y --sort number
	refuses 2 "'--state' makes no sense with|unknown option '--state'" release 918065978000 -y --state available
	refuses 2 "'--expect' takes a number from 0" release 918065978000 -y --expect -1
	refuses 2 "--change-id is not a UUID" release 918065978000 -y --change-id x
	refuses 2 "'--hold' takes a number from 0 to 3650" release 918065978000 -y --hold 9999999
	refuses 2 "'nonsense' of '--then'" release 918065978000 -y --then nonsense
	refuses 2 "did you mean '--e911'" e911 list --status pending
	refuses 2 "did you mean '--cnam'" cnam list --status pending
	refuses 2 'ORG is missing' assign
	refuses 2 'hint: .didctl org list. lists them; see .didctl assign --help.' assign
	refuses 2 'hint: .didctl history. lists them; see .didctl undo --help.' undo
	[ "$before" = "$(checksum)" ]
}

# What is there decides, and says who holds it, what may be done instead, and which of many it was.
state_refusals() {
	local id=01a20000-0000-7000-8000-000000000001 all=918065978000-029

	refuses 6 'refused 918065978000: owner: is assigned to ACME: --transfer moves it' assign 918065978000 Globex -y
	refuses 6 'refused 918065978009: state: is available already: .*legal now: assign, ' release 918065978009 -y
	refuses 6 'refused 918065978009: state: is available: only an assigned number can be a default' default set 918065978009
	refuses 6 "'.918065978010' is .*not assigned to the user's organisation" default user Ann 918065978010
	refuses 6 'refused 918065978001: locked: ' release 918065978001 -y
	refuses 6 'refused 918065978000: duplicate: is in the inventory already: .*ACME' pool add 918065978000 -y
	refuses 6 'refused 918065978000: state: .*legal now: assign, release' pool mark available 918065978000 -y
	refuses 6 '^didctl: 2 numbers may not change: nothing was changed' assign $all Globex -y
	refuses 6 '^refused 918065978000-918065978001: owner: ' assign $all Globex -y
	refuses 6 '^didctl: 1 number may not change: nothing was changed' assign 918065978000 918065978002-29 Globex -y
	refuses 3 '^refused 918065978030-918065978031: not-found: is not in the inventory' assign 918065978005-31 Globex -y
	refuses 6 "change id '$id' was used for another request" pool unlock -y 918065978001 --change-id $id
	refuses 6 "change id '$id' was used for another request" pool lock -y 918065978002 --change-id $id
	refuses 6 'to ask on' release 918065978000
	refuses 6 '3 numbers were expected to change, 2 would' pool lock 918065978002-03 -y --expect 3
	refuses 6 "there is an organisation with the name 'Globex' already" org edit ACME --name Globex
	refuses 6 "there is an organisation with the name 'ACME' already" org add ACME
	refuses 3 "there is no user 'Nobody'" default user Nobody 918065978000
}

@test "what its state, its owner or an earlier request refuses" {
	inventory
	run_ok didctl assign -q -y 918065978000-01 ACME
	run_ok didctl pool lock -q -y 918065978001 --change-id 01a20000-0000-7000-8000-000000000001
	run_ok didctl user add -q Ann --org ACME
	unchanged state_refusals
}

@test "an option whose value was forgotten does not swallow the next one: nothing is changed" {
	local before

	inventory
	before=$(checksum)
	refuses 2 "'--reason' needs a value, and '--dry-run' behind it is an option" assign 918065978000 ACME --reason --dry-run
	refuses 2 "'--reason' needs a value, and '-n' behind it" release 918065978000 --yes --reason -n
	refuses 2 "'--note' needs a value, and '--yes' behind it" pool edit 918065978000 --note --yes
	refuses 2 "if that is the value: '--note=--yes'" pool edit 918065978000 --note --yes
	[ "$before" = "$(checksum)" ]
	run_ok didctl pool edit 918065978000 --note=--yes --provider -5
	run_ok didctl pool list 918065978000 -c notes,provider -o tsv -H --sort -org
	[ "$output" = $'--yes\t-5' ]
}

@test "destinations that are more than a destination" {
	local type dest before

	inventory
	before=$(checksum)
	for type in '' extension: queue: ivr: ai_agent: call_flow:; do
		for dest in '1000,1,n,System(rm)' '500&PJSIP/itsp/1' '#exec x' '${SHELL(id)}' '500;--' $'500\n#exec x' '5 0' '../x' 'é'; do
			refuses 2 "of '--route'" pool edit 918065978000 -y --route "$type$dest"
			refuses 2 "of '--route'" assign 918065978000 ACME -y --route "$type$dest"
		done
	done
	refuses 2 "its type is none of" pool edit 918065978000 -y --route nonsense:500
	refuses 2 "of '--route'" pool edit 918065978000 -y --route extension:
	refuses 2 "of '--route'" pool edit 918065978000 -y --route "extension:$(printf '5%.0s' {1..65})"
	[ "$before" = "$(checksum)" ]
}

literal_text() {
	local text

	inventory
	run_ok didctl pool edit 918065978000 -q -y --provider '100%' --region 'a_b' --note "' OR 1=1 --"
	for text in "' OR 1=1 --" '"; DROP TABLE did_numbers; --' % _ '%%' '|' '\' 'T%' 'T_ta' '${SHELL(id)}'; do
		run_ok didctl pool list --provider "$text" -o tsv -H
		[ -z "$output" ] || fail "--provider $text found: $output"
		run_ok didctl pool list --region "$text" -o tsv -H
		[ -z "$output" ] || fail "--region $text found: $output"
		run_ok didctl pool list --match "$text" -o tsv -H
		[ -z "$output" ] || fail "--match $text found: $output"
		run_ok didctl pool list --tag "$text" -o tsv -H
		[ -z "$output" ] || fail "--tag $text found: $output"
		refuses 3 'there is no organisation' pool list --org "$text"
		refuses 3 'there is no organisation' assign 918065978001 -y "$text"
	done
	run_ok didctl pool list --provider '100%' -o tsv -H -c number,provider
	[ "$output" = $'918065978000\t100%' ]
	run_ok didctl pool list --region a_b -o tsv -H -c number,region
	[ "$output" = $'918065978000\ta_b' ]
	run_ok didctl org add -q '50%_off|'
	run_ok didctl assign -q -y 918065978002 '50%_off|'
	run_ok didctl pool list --match '0%_o' -o tsv -H -c number,org
	[ "$output" = $'918065978002\t50%_off|' ]
	run_ok didctl pool list --match 'f|' -o tsv -H -c number
	[ "$output" = 918065978002 ]
}

@test "SQL, % and _ are literal text in every filter" { each_backend literal_text; }

# Names that would be an option, a section of a file, a command to the terminal, a text that reads backwards.
hostile_names() {
	local name shown k # not i, which bats' run uses
	local -a names=(--Acme $']\n[globals]' $'\e]52;c;QUFB\a' $'x\xe2\x80\xaeemca' $'\xc2\x9b31mred' 'a;--b' '${SHELL(id)}' "O'Neil")
	local -a forms=('--Acme' ']\n[globals]' '\x1B]52;c;QUFB\x07' 'x\u{202E}emca' '\u{009B}31mred' 'a;--b' '${SHELL(id)}' "O'Neil")

	inventory
	for k in "${!names[@]}"; do
		name=${names[k]} shown=${forms[k]}
		run_ok didctl org add -- "$name"
		[[ $stderr == *"name $shown,"* ]] || fail "not '$shown' in: $stderr"
		run_ok didctl assign -y "91806597800$k" -- "$name"
		[[ $stderr == *"organisation $shown"* ]] || fail "not '$shown' in: $stderr"
		run_ok didctl pool list --org="$name"
		[[ $output == *"$shown"* && $output != *$'\e'* && $output != *$'\xe2\x80\xae'* && $output != *$'\xc2\x9b'* ]]
		run_ok didctl pool list --org="$name" -o json
		[ "$(jq -j '.[0].org, "."' <<<"$output")" = "$name." ] || fail "$output"
		[[ $output != *$'\e'* && $output != *$'\xe2\x80\xae'* ]]
	done
	run_ok didctl org list
	! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' <<<"$output"
	refuses 2 'is not UTF-8' org add $'\xff'
	refuses 2 'is not UTF-8' org add $'\xc0\xaf'
	refuses 2 'NAME\) is empty' org add ''
	refuses 2 'is blank' org add ' '
	refuses 2 'more than 255 characters' org add "$(printf 'x%.0s' {1..256})"
	for name in A.B Acme 'a b' 'a-b' $'a\n[b]' "$(printf 'x%.0s' {1..64})"; do
		refuses 2 "of '--context-prefix'" org add Fine --context-prefix "$name"
	done
}

@test "hostile names of organisations are kept as data and shown escaped" { each_backend hostile_names; }

which_org() {
	local i

	inventory
	for i in 1 2 3 4 5 6 7; do
		sql "INSERT INTO organizations (id, name) VALUES ('twin-$i', 'Twin')"
	done
	unchanged refuses 6 "'Twin' names 7 organisations" assign 918065978000 Twin -y
	[[ $stderr == *'twin-1 (Twin), twin-2 (Twin), twin-3 (Twin), twin-4 (Twin), twin-5 (Twin)' ]] || fail "$stderr"
	refuses 6 "'Twin' names 7 organisations" pool list --org Twin
	unchanged refuses 3 "there is no organisation 'Glob'" assign 918065978000 Glob -y
	[[ $stderr == *"did you mean 'Globex'?" ]] || fail "$stderr"
	refuses 3 "did you mean 'Globex'" org show Glboex
	for i in 1 2 3 4 5 6 7; do
		sql "INSERT INTO organizations (id, name) VALUES ('many-$i', 'Many $i')"
	done
	refuses 3 "mean 'Many 1', 'Many 2', 'Many 3', 'Many 4', 'Many 5'\?" org show Many
	refuses 3 'in whole: didctl org list' org show zzzzzz
	run_ok didctl assign 918065978000 twin-3 -y -q
}

@test "an unknown or ambiguous organisation: five candidates" { each_backend which_org; }

# Rows that another program has left in the table: shown escaped, refused by every verb that writes.
bad_rows() {
	local id number verb

	inventory
	sql "UPDATE did_numbers SET number = '\${SHELL(id)}' WHERE number = '918065978000'"
	sql "UPDATE did_numbers SET number = '918065978001;--' WHERE number = '918065978001'"
	sql $'UPDATE did_numbers SET number = \'\e[31m\' WHERE number = \'918065978002\''
	sql "UPDATE did_numbers SET pool_status = NULL WHERE number = '918065978003'"
	sql "UPDATE did_numbers SET status = NULL WHERE number = '918065978004'"
	sql "UPDATE did_numbers SET status = 'suspended' WHERE number = '918065978005'"
	sql "UPDATE did_numbers SET pool_status = 'pending', status = 'inactive' WHERE number = '918065978006'"
	run_ok didctl pool list
	[[ $output == *'${SHELL(id)} '* && $output == *'\x1B[31m '* && $output == *'918065978001;-- '* ]] || fail "$output"
	[[ $output != *$'\e'* ]]
	run_ok didctl pool list -o json -c number,e164
	[ "$(jq '[.[] | select(.["e164"] == null)] | length' <<<"$output")" -eq 3 ]
	run_ok didctl pool list --state unknown -o tsv -H -c number
	[ "$output" = $'918065978003\n918065978004\n918065978005' ] || fail "$output"
	for number in 918065978003 918065978004 918065978005; do
		unchanged run_code 6 didctl pool lock -y "$number"
		unchanged run_code 6 didctl assign -y "$number" ACME
		unchanged run_code 6 didctl release -y "$number"
		unchanged run_code 6 didctl pool mark reserved -y "$number"
		unchanged run_code 6 didctl pool edit --region x -y "$number"
		[[ $stderr == *"refused $number: state: is stored as pool_status '"*'which is no state of a number'* ]]
	done
	for number in '${SHELL(id)}' '918065978001;--'; do
		id=$(sql "SELECT id FROM did_numbers WHERE number = '$number'")
		for verb in lock delete; do
			unchanged run_code 6 didctl pool $verb -y --expect 1 "id:$id" -o json
			json .refused 1
			json '.numbers[0].number' "$number"
			json '.numbers[0].reason' 'is no telephone number: mend the row first'
		done
		unchanged run_code 6 didctl assign -y "id:$id" ACME
	done
	unchanged run_code 6 didctl pool lock -y --where provider=Tata --expect 30
	[[ $stderr == *'refused \x1B[31m: rule: '* && $stderr != *$'\e'* ]]
	[ "$(grep -c 'is no telephone number' <<<"$stderr")" -eq 3 ]
}

@test "rows that are hostile already are shown and refused" { each_backend bad_rows; }

@test "an enum that a lenient server has emptied is an unknown state" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	inventory
	sql "SET sql_mode = ''; UPDATE did_numbers SET pool_status = 'nonsense' WHERE number = '918065978000'"
	run_ok didctl pool list 918065978000 -o tsv -H -c state
	[ "$output" = unknown ]
	unchanged run_code 6 didctl pool lock -y 918065978000
}

view_target() { # COLUMNS
	sql "DROP TABLE did_numbers; CREATE TABLE rows_of_numbers (number VARCHAR(20) PRIMARY KEY, id CHAR(36))"
	sql "CREATE VIEW did_numbers AS SELECT $1 FROM rows_of_numbers"
}

view_for_table() {
	inventory
	view_target 'number, id'
	sql "INSERT INTO rows_of_numbers VALUES ('918065978000', 'a')"
	unchanged refuses 4 'is a view' pool lock -y 918065978000
	unchanged refuses 4 'is a view' pool add -y 918065978001
	run_ok didctl pool list -o tsv -H -c number,state,org,default
	[ "$output" = $'918065978000\tunknown\t\\N\t\\N' ]
	run_ok didctl pool list --state available -o tsv -H
	[ -z "$output" ]
}

@test "a view in place of a table, without the columns" { each_backend view_for_table; }

@test "a latin1 table holds what it can" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	sql "DROP TABLE did_numbers, organizations, users"
	sed s/utf8mb4/latin1/ "$ROOT/tests/data/pbx.sql" | server_sql "$DATABASE"
	run_ok didctl init --country IN -q
	run_ok didctl pool add -y 918065978000 --region Zürich
	run_ok didctl org add Zürich
	[ "$(sql 'SELECT HEX(region) FROM did_numbers')" = 5AFC72696368 ]
	run_ok didctl pool list --region Zürich -o tsv -H -c region
	[ "$output" = Zürich ]
	run_ok didctl org show Zürich
	unchanged refuses 4 'cannot hold this text' pool edit 918065978000 -y --region 'Ωmega'
	refuses 4 'cannot hold this text' pool list --region 'Ωmega'
	unchanged refuses 4 'cannot hold this text' assign 918065978000 -y 'Ωmega'
	[[ $stderr == *utf8mb4* ]]
}

@test "targets that are none, with their reason and never with a password" {
	local url

	for url in sqlite: "sqlite:$T/none.db" "sqlite:$T" sqlite:/dev/null sqlite:/etc/passwd nonsense foo://x mysql:// mysql://h \
		mysql://h/ mysql://h:0/d mysql://h:99999/d 'mysql:///d?sock=/x' 'mysql://h/d?socket=/x' $'sqlite:\e]52;c;x\a'; do
		refuses 4 "'" pool list -t "$url"
		refuses 4 "'" pool lock -y 918065978000 -t "$url"
	done
	for url in mysql://u:hunter2@h/d mysql://u:hun/hunter2@h/d foo://u:hunter2@h/d mysql://u:hunter2@/d?socket=/x; do
		refuses 4 . pool list -t "$url"
		[[ $stderr != *hunter2* ]] || fail "$stderr"
		DIDCTL_TARGET=$url refuses 4 . pool list
		[[ $stderr != *hunter2* ]] || fail "$stderr"
	done
	refuses 4 "cannot connect to .*$T/none" pool list -t "mysql://root@/d?socket=$T/none"
	refuses 4 'cannot connect to' pool list -t mysql://root@127.0.0.1:1/d
	unset DIDCTL_TARGET
	refuses 4 'no target is set' pool list
	[[ $stderr == *'-t URL'*'-p PROFILE'*DIDCTL_TARGET*DIDCTL_PROFILE*default-profile* ]]
	[ ! -e "$T/none.db" ]
}

# Root may write to everything: without the right that lets it, it is as good as anyone.
ordinary() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

@test "a SQLite file that may not be written, read, or is damaged" {
	inventory
	chmod 400 "$DATABASE"
	run_ok ordinary didctl pool list
	unchanged run_code 4 ordinary didctl pool lock 918065978000
	[[ $stderr == *'it may not be written to'* ]]
	chmod 600 "$DATABASE"
	mkdir shut
	mv "$DATABASE" shut/i.db
	chmod 500 shut
	export DIDCTL_TARGET=sqlite:shut/i.db
	run_ok ordinary didctl pool list
	run_code 4 ordinary didctl pool lock 918065978000
	[[ $stderr == *'its directory may not be written to'* ]]
	chmod 700 shut
	head -c 3000 shut/i.db >cut.db
	refuses 4 "'sqlite:cut.db'" pool list -t sqlite:cut.db
	chmod 0 shut/i.db
	run_code 4 ordinary didctl pool list
	mkfifo fifo.db
	run_code 4 timeout 120 didctl pool list -t sqlite:fifo.db
}

@test "a server's user who may only read, one who may nothing, one who is not there" {
	local at

	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	inventory
	at="@/$DATABASE?socket=$TEST_SERVER/s"
	sql "CREATE OR REPLACE USER reader_$DATABASE@localhost; GRANT SELECT ON $DATABASE.* TO reader_$DATABASE@localhost"
	sql "CREATE OR REPLACE USER nobody_$DATABASE@localhost"
	DIDCTL_TARGET=mysql://reader_$DATABASE$at
	run_ok didctl pool list -H -o tsv -c number
	[ "${#lines[@]}" -eq 30 ]
	unchanged refuses 4 'no right for this' pool lock -y 918065978000
	unchanged refuses 4 'no right for this' org add New
	DIDCTL_TARGET=mysql://nobody_$DATABASE$at
	unchanged refuses 4 'cannot connect to .*Access denied' pool list
	DIDCTL_TARGET=mysql://none_$DATABASE$at
	unchanged refuses 4 'Access denied' pool list
	sql "DROP USER reader_$DATABASE@localhost, nobody_$DATABASE@localhost"
}

# listen ANSWER: a server on $T/silent that takes connections and sends these bytes, then nothing.
listen() {
	python3 - "$T/silent" "$1" 3>&- <<'PY' &
import os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1] + '.new')
server.listen(5)
os.rename(sys.argv[1] + '.new', sys.argv[1])
taken = []
while True:
    client = server.accept()[0]
    client.sendall(sys.argv[2].encode())
    taken.append(client)
PY
	LISTENER=$!
	until [ -S "$T/silent" ]; do sleep .01; done
}

@test "a server that never answers, or with nonsense, ends within --timeout" {
	local before

	listen ''
	before=$SECONDS
	refuses 4 'cannot connect to .*silent' pool list --timeout 1 -t "mysql://root@/d?socket=$T/silent"
	refuses 4 'cannot connect to .*silent' pool lock -y 918065978000 --timeout 1 -t "mysql://root@/d?socket=$T/silent"
	[ $((SECONDS - before)) -lt 120 ] # far from the 300 s without the word
	kill "$LISTENER"
	rm -f silent
	listen 'HTTP/1.1 400 Bad Request'
	refuses 4 silent pool list --timeout 1 -t "mysql://root@/d?socket=$T/silent"
	kill "$LISTENER"
}
