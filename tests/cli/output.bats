#!/usr/bin/env bats
# shellcheck disable=SC2016 # the inner shells expand what stands in single quotes
# What is printed, byte by byte; and that output which is lost is never taken for output that was written.
load ../lib/common

COLUMNS_SHOWN=number,e164,state,org,default,route,price,provider,region,tags,notes,locked

inventory() {
	run_ok didctl init --country IN -q
	run_ok didctl org add 'Acme, "Ltd"' -q
	run_ok didctl pool add 918065978000-02 -q -y --provider '=1+1' --region $'a\tb\\c' --price 2499 --tag x,y --note $'one\ntwo'
	run_ok didctl pool add 111 -q -y --price 0.5 --provider -5 --region +x --note @x
	run_ok didctl assign -y -q 918065978000 'Acme, "Ltd"' --route queue:sales
}

# prints EXPECTED OPTION...: exactly these bytes, and nothing on stderr.
prints() {
	local expected=$1

	shift
	printf %s "$expected" >expected
	didctl pool list "$@" >got 2>err || fail "exit code $?: $(cat err)"
	cmp expected got || fail "$(diff <(cat -A expected) <(cat -A got))"
	[ ! -s err ] || fail "$(cat err)"
}

formats() {
	inventory
	prints $'number\te164\tstate\torg\tdefault\troute\tprice\tprovider\tregion\ttags\tnotes\tlocked
111\t111\tavailable\t\\N\tno\t\\N\t0.50\t-5\t+x\t\\N\t@x\tno
918065978000\t918065978000\tassigned\tAcme, "Ltd"\tyes\tqueue:sales\t2499.00\t=1+1\ta\\tb\\\\c\tx,y\tone\\ntwo\tno
918065978001\t918065978001\tavailable\t\\N\tno\t\\N\t2499.00\t=1+1\ta\\tb\\\\c\tx,y\tone\\ntwo\tno
918065978002\t918065978002\tavailable\t\\N\tno\t\\N\t2499.00\t=1+1\ta\\tb\\\\c\tx,y\tone\\ntwo\tno
' -o tsv -c $COLUMNS_SHOWN
	prints $'number,e164,state,org,default,route,price,provider,region,tags,notes,locked\r
111,111,available,,no,,0.50,\'-5,\'+x,,\'@x,no\r
918065978000,918065978000,assigned,"Acme, ""Ltd""",yes,queue:sales,2499.00,\'=1+1,a\tb\\c,"x,y","one\ntwo",no\r
' -o csv -c $COLUMNS_SHOWN 111 918065978000
	prints $'111,-5,+x,@x\r
918065978000,=1+1,a\tb\\c,"one\ntwo"\r
' -o csv --raw-csv -H -c number,provider,region,notes 111 918065978000
	prints '[
{"number":"111","e164":"111","state":"available","org":null,"default":false,"route":null,"price":"0.50","provider":"-5","region":"+x","tags":null,"notes":"@x","locked":false},
{"number":"918065978000","e164":"918065978000","state":"assigned","org":"Acme, \"Ltd\"","default":true,"route":"queue:sales","price":"2499.00","provider":"=1+1","region":"a\tb\\c","tags":["x","y"],"notes":"one\ntwo","locked":false}
]
' -o json -c $COLUMNS_SHOWN 111 918065978000
	prints '{"number":"111","default":false,"price":"0.50","tags":null}
{"number":"918065978000","default":true,"price":"2499.00","tags":["x","y"]}
' -o ndjson -c number,default,price,tags 111 918065978000
	prints 'Number        Organisation    Price  Notes
111           -                0.50  @x
918065978000  Acme, "Ltd"   2499.00  one\ntwo
' -c number,org,price,notes 111 918065978000
}

@test "each format, byte by byte, the same from either store" { each_backend formats; }

@test "a list without rows" {
	sqlite_target
	inventory
	prints '' --provider none
	prints '' --provider none -H -o tsv
	prints $'number\tstate\n' --provider none -o tsv -c number,state
	prints $'number,state\r\n' --provider none -o csv -c number,state
	prints $'[]\n' --provider none -o json
	prints '' --provider none -o ndjson
}

@test "sort, limit, heading" {
	sqlite_target
	inventory
	prints $'918065978002\n918065978001\n918065978000\n111\n' -o tsv -H -c number -s -number
	prints $'918065978000\n918065978001\n918065978002\n111\n' -o tsv -H -c number -s -price,number
	prints $'111\n918065978001\n918065978002\n918065978000\n' -o tsv -H -c number --sort default,number
	prints $'Number\n111\n' -c number 111
	prints $'111\n' -c number 111 -H
	run_ok didctl pool list --limit 2 -o tsv -H -c number
	[ "$output" = $'111\n918065978000' ]
	[ "$stderr" = 'didctl: more rows: --limit 2 reached' ]
	run_ok didctl pool list --limit 4 -o tsv -H -c number
	[ -z "$stderr" ]
	run_ok didctl pool list -c +locked -o tsv
	[[ ${lines[0]} == number$'\t'*$'\t'price$'\t'locked ]]
}

changes() {
	inventory
	run_ok didctl pool lock -y -q 918065978001-02 --change-id 01a20000-0000-7000-8000-000000000001 -o json
	[ "$output" = '{"change_id":"01a20000-0000-7000-8000-000000000001","verb":"pool lock","dry_run":false,"changed":2,"unchanged":0,"refused":0,"numbers":[{"number":"918065978001","result":"changed","code":null,"reason":null},{"number":"918065978002","result":"changed","code":null,"reason":null}]}' ]
	[ "$stderr" = 'change-id: 01a20000-0000-7000-8000-000000000001' ] || fail "$stderr"
	run_ok didctl pool unlock -y -n 918065978001 -o json
	json '"\(.change_id) \(.dry_run) \(.changed)"' 'null true 1'
	run_code 3 didctl pool lock -y 918065978000-01 918069999999 -o json
	json '"\(.change_id) \(.changed) \(.unchanged) \(.refused)"' 'null 0 2 1'
	json '.numbers[2] | "\(.number) \(.result) \(.code) \(.reason)"' '918069999999 refused not-found is not in the inventory'
	run_code 3 didctl pool lock -y -q 918065978001 918069999999 -o csv
	[ "$output" = $'number,result,code,reason\r\n918065978001,unchanged,,\r\n918069999999,refused,not-found,is not in the inventory\r' ]
	run_ok didctl pool lock -y -q 918065978001 -o tsv
	[ "$output" = $'number\tresult\tcode\treason\n918065978001\tunchanged\t\\N\t\\N' ]
	run_ok didctl pool lock -y -q 918065978001 -o ndjson
	[ "$output" = '{"number":"918065978001","result":"unchanged","code":null,"reason":null}' ]
	run_ok didctl pool lock -y -q 918065978001
	[ -z "$output" ]
}

@test "what a change prints" { each_backend changes; }

on_terminal() { # COLUMNS ARGUMENT...: as a terminal so wide gets it
	local width=$1

	shift
	script -qec "stty cols $width -onlcr; didctl $*" /dev/null </dev/null
}

traced() {
	inventory
	run_ok didctl -v pool list --org 'Acme, "Ltd"' -c number -H
	[ "$output" = 918065978000 ]
	[[ $stderr =~ ^'didctl: store: organisation '\''Acme, "Ltd"'\'', '[0-9]+' ms'$'\n''didctl: store: numbers: 1 row, '[0-9]+' ms'$ ]]
	run_code 3 didctl -v org show $'x\e[2J'
	grep -qF 'x\x1B[2J'\'', ' <<<"$stderr"
	grep -q ' ms, failed$' <<<"$stderr"
	run_ok didctl -v release -y 918065978000
	[[ $stderr == *'didctl: store: release, change '????????-*': 1 changed, 0 unchanged, 0 refused, '*' ms'* ]]
}
@test "-v tells what the store was asked, how long it took and how it ended" { each_backend traced; }

@test "colour: on a terminal that shows it, unless told otherwise" {
	local bold=$'\e[1m'

	sqlite_target
	inventory
	export TERM=xterm
	unset NO_COLOR
	[[ $(on_terminal 100 pool list) == *"$bold"* ]]
	[[ $(didctl pool list) != *$'\e'* ]]
	[[ $(didctl pool list --color always) == *"$bold"* ]]
	[[ $(NO_COLOR=1 didctl pool list --color always) == *"$bold"* ]]
	[[ $(didctl pool list --color always -o json) != *$'\e'* ]]
	[[ $(didctl pool list --color always -o tsv) != *$'\e'* ]]
	[[ $(on_terminal 100 pool list --color never) != *$'\e'* ]]
	[[ $(NO_COLOR=1 on_terminal 100 pool list) != *$'\e'* ]]
	[[ $(NO_COLOR='' on_terminal 100 pool list) == *"$bold"* ]]
	[[ $(TERM=dumb on_terminal 100 pool list) != *$'\e'* ]]
}

@test "a table fits the terminal by wrapping free text, and never breaks a number" {
	local line

	sqlite_target
	inventory
	run_ok didctl pool edit -y -q 918065978001 --note 'a long note that does not fit into forty columns of a terminal'
	on_terminal 40 pool list --color never -c number,org,notes >narrow
	while IFS= read -r line; do
		[ "${#line}" -le 40 ] || fail "${#line} columns: $line"
	done <narrow
	[ "$(grep -c ^91806597800 narrow)" -eq 3 ]
	[ "$(grep -c ^918065978001 narrow)" -eq 1 ]
	grep -q '^ *columns of a' narrow || fail "$(<narrow)"
	on_terminal 200 pool list --color never -c number,org,notes >wide
	[ "$(wc -l <wide)" -eq 5 ]
	run_ok didctl pool list -c number,org,notes
	[[ $output == *'a long note that does not fit into forty columns of a terminal'* ]]
}

@test "a table of more than a thousand rows keeps its columns and streams" {
	sqlite_target
	run_ok didctl init --country IN -q
	run_ok didctl pool add -y -q 918065970000-4999 --expect 5000 --provider Tata
	run_ok didctl pool edit -y -q 918065974990 --provider 'a much longer name than all before it'
	didctl pool list >table
	[ "$(wc -l <table)" -eq 5001 ]
	[ "$(grep -c '^91806597....  available  -  *prod  no  *-  *Tata ' table)" -eq 4999 ]
	[ "$(grep -c '^918065974990 .*  a much longer name than all before it  ' table)" -eq 1 ]
	[ "$(awk 'NR > 1 { print index($0, "prod") }' table | sort -u | wc -l)" -eq 1 ]
	didctl pool list -o json >array
	[ "$(jq length array)" -eq 5000 ]
}

# Commands that print, with every kind of sink among them.
printing() {
	cat <<'LIST'
pool list
pool list -o tsv
pool list -o csv
pool list -o json
pool list -o ndjson
pool list --list-columns
pool show 918065978000
pool show 918065978000 -o json
pool stats
pool stats -o json
org list
org show 1-org
env show
env check
default show
history
history 918065978000
history -o json
pool requests -o tsv
user list -o csv
doctor
doctor -o json
explain 918065978000
regen --stdout
regen --diff
e911 list
e911 list -o json
e911 show 918065978000
e911 locations list
e911 locations show HQ
e911 export
e911 sync -n -o json
e911 clear 918065978000 -y -n -o json
cnam list
cnam show 918065978000
cnam default 1-org Acme -y -n -o ndjson
cnam sync -n -o json
port list
port show 1
port show 1 --document 1
port due -o tsv
port loa 1
port new 1-org +442079460300 -y -n -o json
port sweep -y -n -o json
pool sweep -y -n -o csv
undo LAST -y -n -o json
config
config -o json
completion bash
completion zsh
completion fish
help
help pool
help pool list
pool list --help
--help
--version
version
assign --count 1 1-org -y -n
pool lock 918065978000 -y -n -o json
pool lock 918065978000 -y -n -o tsv
init --help
LIST
}

# Something to print for each of them.
furnish() {
	inventory
	sql "INSERT INTO organizations (id, name) VALUES ('1-org', 'One')"
	run_ok didctl env set oss -y -q 918065978002
	run_ok didctl assign -y -q 918065978002 1-org
	run_ok didctl e911 set -y -q 918065978000 --street '1 Main St' --city Albany --state-code NY --zip 12207 --label HQ
	run_ok didctl cnam set -y -q 918065978000 Acme
	LAST=$(didctl history -o tsv -H -c change_id --limit 1 2>/dev/null)
	run_ok didctl user add -q Ann --org 1-org
	run_ok didctl pool request -y -q 918065978001 1-org
	printf '%%PDF-1.4\nx' >loa.pdf
	run_ok didctl port new -y -q 1-org +442079460100-0101 --losing-carrier Old --account 1 \
		--btn +442079460100 --authorised-name Zoe --service-address 'High Street'
	run_ok didctl port document -q 1 loa.pdf --kind loa
	run_ok didctl port submit -q 1
	export DIDCTL_ASTERISK_DIR=$T/asterisk DIDCTL_E911_COMMAND=true DIDCTL_CNAM_COMMAND=true
	mkdir asterisk
}

@test "a full disk and a closed stdout are a failure of every command that prints, a reader that is gone ends it quietly" {
	local words

	sqlite_target
	furnish
	mkfifo pipe
	while read -ra words; do
		words=("${words[@]/#LAST/$LAST}")
		run_code 1 bash -c 'didctl "$@" >/dev/full' - "${words[@]}"
		[[ $stderr == *'cannot write to standard output'* ]] || fail "${words[*]}: $stderr"
		run_code 1 bash -c 'didctl "$@" >&-' - "${words[@]}"
		[[ $stderr == *'cannot write to standard output'* ]] || fail "${words[*]}: $stderr"
		run_code 141 bash -c 'exec 3<>pipe 4>pipe 3>&-; didctl "$@" >&4' - "${words[@]}"
		[[ $stderr != *'standard output'* && $stderr != *[Pp]ipe* ]] || fail "${words[*]}: $stderr"
	done < <(printing)
}

@test "a reader that goes away ends every format with 141 and no message" {
	local words

	sqlite_target
	run_ok didctl init --country IN -q
	run_ok didctl pool add -y -q 918065970000-4999 --expect 5000
	for words in table tsv csv json ndjson; do
		run_code 141 bash -c 'didctl pool list -o $1 | head -1; exit ${PIPESTATUS[0]}' - $words
		[ -z "$stderr" ] || fail "$stderr"
	done
}

commits() {
	local id format

	inventory
	run_code 1 bash -c 'didctl assign -y 918065978001 "Acme, \"Ltd\"" -o json >/dev/full'
	id=$(sed -n 's/^change-id: //p' <<<"$stderr")
	[[ $stderr == *'cannot write to standard output'* ]]
	run_ok didctl history resolve "$id"
	run_ok didctl pool list 918065978001 -o tsv -H -c state
	[ "$output" = assigned ]
	for format in tsv csv ndjson json; do
		run_code 1 bash -c 'didctl pool edit -y -q 918065978002 --city "$1" -o "$1" >&-' - $format
		[[ $stderr == change-id:* ]]
		run_ok didctl pool list 918065978002 -o tsv -H -c city
		[ "$output" = $format ]
	done
	run_code 1 bash -c 'didctl assign -y --count 1 "Acme, \"Ltd\"" --match 9180XXXXXXXX >/dev/full'
	run_ok didctl pool list 918065978002 -o tsv -H -c state
	[ "$output" = assigned ]
	# Without stderr too the change is made: nobody is waited for.
	bash -c 'didctl pool lock -y 918065978001 2>&-' || fail "exit code $?"
	bash -c 'didctl pool lock -y 918065978002 2>/dev/full' || fail "exit code $?"
	run_ok didctl pool list --locked -o tsv -H -c number
	[ "$output" = $'918065978001\n918065978002' ]
}

@test "a commit never waits for stdout" { each_backend commits; }

# German writes 0,50; in Turkish the capital of i is no ASCII letter. They need not be installed to be made.
make_locales() {
	local name

	export LOCPATH=$T/locales
	mkdir locales
	for name in de_DE tr_TR; do
		localedef --no-archive -i $name -f UTF-8 "locales/$name.UTF-8" || fail 'the package locales is not installed'
	done
	[ "$(LC_ALL=de_DE.UTF-8 locale decimal_point)" = , ]
}

# What a locale would reach first: a name that is searched for in any case, what the system says of a file, and prices.
said() {
	local words

	while read -ra words; do
		printf '%s\n' "\$ ${words[*]}"
		didctl "${words[@]}" && echo 0 || echo $?
	done 2>&1 <<'LIST'
org show INDIA
pool list @missing
pool list 111 -c number,price,region
regen --stdout
history --since 2026-13-01
POOL LIST
config --TIMEOUT 5
LIST
}

@test "the same bytes in any locale" {
	local locale format

	sqlite_target
	inventory
	make_locales
	run_ok didctl org add 'Bharti India' -q
	run_ok didctl pool edit -y -q 918065978001 --region 'Bengalūru İIıi' --city $'\xcc\x81e 日本'
	for format in table tsv csv json ndjson; do
		didctl pool list -o $format -c all >"plain.$format"
	done
	said >plain
	for locale in C POSIX de_DE.UTF-8 tr_TR.UTF-8 nonsense; do
		for format in table tsv csv json ndjson; do
			LC_ALL=$locale LANG=$locale didctl pool list -o $format -c all >got
			cmp got "plain.$format" || fail "$locale $format"
		done
		LC_ALL=$locale LANG=$locale said >got
		cmp got plain || fail "$locale: $(diff plain got)"
	done
	run_ok env TZ=Asia/Kolkata LC_ALL=C didctl history -o json
	[[ $(jq -r '.[0].at' <<<"$output") =~ ^20[0-9-]{8}T[0-9:.]+Z$ ]]
	[ "$(TZ=Asia/Kolkata didctl history -o tsv)" = "$(TZ=UTC didctl history -o tsv)" ]
}
