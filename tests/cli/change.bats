#!/usr/bin/env bats
# What every change has in common: the dry run, the question, --expect, the change id, the JSON object, the exit codes.
load ../lib/common
load ../lib/writes

ID=0000abcd-0000-7000-8000-00000000000

# What a dry run cannot know, or says of itself.
normal() {
	sed -E 's/"change_id":("[^"]*"|null)/"change_id":-/; s/"dry_run":(true|false)/"dry_run":-/
		s/"(org|user)":("[^"]*"|null)/"\1":-/; s/20[0-9-]{8}T[0-9:]{8}Z/TIME/g
		/^change-id: /d; /^didctl: dry run/d; /^didctl: not live yet/d; s/^would be //'
}

# foretold COMMAND...: its dry run writes nothing and tells, as JSON and as a plan, what the real run then does and tells.
foretold() {
	local json plan

	unchanged run_ok didctl "$@" -n -o json
	json '"\(.change_id) \(.dry_run)"' 'null true'
	json=$(normal <<<"$output")
	unchanged run_ok didctl "$@" -n
	told 'dry run: nothing was written'
	plan=$(normal <<<"$stderr")
	done_by "$@"
	json .dry_run false
	[ "$json" = "$(normal <<<"$output")" ] || fail "another result than the dry run's: $*" "$json" "$output"
	done_by undo "$CHANGE"
	run_ok didctl "$@" -y
	[ "$plan" = "$(normal <<<"$stderr")" ] || fail "another plan than the dry run's: $*" "$(diff <(echo "$plan") <(normal <<<"$stderr"))"
}

every_verb() {
	stock
	foretold assign 08065978000-08065978009 ACME --route extension:1000 --record on
	foretold assign 918065978010-12 918065978010 Globex --env staging
	foretold assign 918065978003 Globex --transfer
	foretold assign --count 2 ACME --match 91806597801X
	foretold release 918065978000-2 --hold 5
	foretold release 918065978004
	foretold env set oss 918065978005-7
	foretold default set 918065978007
	foretold default clear ACME
	foretold pool add 918065979000-9 --region Mysore --tag x --price 10
	foretold pool edit 918065979000-3 --tag +y --note 'by hand'
	foretold pool delete 918065979009 --expect 1
	foretold pool mark reserved 918065979000-1
	foretold pool mark archived 918065979002
	foretold pool mark blocked 918065978007
	foretold pool lock 918065978007
	foretold pool unlock 918065978007
	foretold pool request 918065979003 Globex
	foretold pool approve 918065979003
	foretold pool request 918065979004 Globex
	foretold pool reject 918065979004
	foretold org add Initech --context-prefix initech
	foretold org edit Initech --name Initrode
	foretold user add Bob --org ACME
	foretold default user Bob 918065978005
	foretold user edit Bob --name Robert
	foretold user delete Robert
	foretold org delete Initrode
	invariants
}

@test "a dry run writes nothing and prints what the real run prints, for every verb" {
	each_backend every_verb
}

refused_dry() {
	stock
	done_by assign 918065978000 ACME
	unchanged run_code 6 didctl assign 918065978000-1 Globex -n -o json
	json '"\(.changed) \(.refused)"' '0 1'
	unchanged run_code 3 didctl assign 918065978999 Globex -n
	unchanged run_code 5 didctl assign 918065978000-1 Globex -n --partial
	unchanged run_code 6 didctl assign 918065978000 Globex -n --partial
	unchanged run_code 6 didctl assign 918065978001 Globex -n --expect 2
}

@test "a dry run exits as the real one" {
	each_backend refused_dry
}

off_terminal() {
	stock
	unchanged run_code 6 didctl assign 918065978000-1 ACME
	told "needs --yes"
	[ -z "$output" ]
	run_ok didctl assign 918065978000 ACME
	unchanged run_code 6 didctl release 918065978000
	unchanged run_code 6 didctl default clear ACME
	unchanged run_code 6 didctl assign 918065978000 Globex --transfer
	unchanged run_code 6 didctl pool mark blocked 918065978000
	unchanged run_code 6 didctl pool delete 918065978001 --expect 1
	unchanged run_code 6 didctl pool delete 918065978001 --yes
	unchanged run_code 6 didctl assign --where env=staging --expect 4 ACME
	done_by pool edit 918065978001 --tag one
	run_ok didctl assign --where tags=one --expect 1 ACME
	unchanged run_ok didctl assign 918065978000-1 ACME -n
	invariants
}

@test "off a terminal what needs a yes is refused at once" {
	each_backend off_terminal
}

# answered CODE ANSWER COMMAND...: on a terminal; fails where no question comes. $screen is what was seen.
answered() {
	local code=$1 answer=$2 got=0

	shift 2
	screen=$("$BATS_TEST_DIRNAME/answer.exp" "$answer" "$@") || got=$?
	[ "$got" -eq "$code" ] || fail "$got, not $code: $*" "$screen"
}

# unasked CODE COMMAND...: on a terminal, and no question comes.
unasked() { answered "$1" '' "${@:2}"; }

on_terminal() {
	stock
	unchanged answered 6 $'\r' didctl assign 918065978000-4 ACME
	unchanged answered 6 $'n\r' didctl assign 918065978000-4 ACME
	unchanged answered 6 $'\004' didctl assign 918065978000-4 ACME
	unchanged answered 130 $'\003' didctl assign 918065978000-4 ACME
	[[ $screen == *'918065978001-918065978004'*'available -> assigned'* ]] || fail "no plan: $screen"
	answered 0 $'y\r' didctl assign 918065978000-4 ACME
	answered 0 $'yes\r' didctl release 918065978004
	unasked 0 didctl assign 918065978004 ACME
	unasked 0 didctl assign 918065978005-6 ACME --yes
	unchanged unasked 0 didctl assign 918065978000-4 ACME
	unchanged unasked 6 didctl assign 918065978000-4 Globex
	unchanged unasked 0 didctl release 918065978000-4 -n
	unchanged answered 6 $'n\r' didctl assign 918065978006-8 Globex --partial
	answered 5 $'y\r' didctl assign 918065978006-8 Globex --partial
	field 918065978006 org ACME
	field 918065978008 org Globex
	invariants
}

@test "on a terminal the plan is shown and the answer read" {
	each_backend on_terminal
}

@test "what is found out only while a change is made is told after the answer, once" {
	sqlite_target
	stock
	sql "$(sql "SELECT 'DROP TABLE ' || name || ';' FROM sqlite_master WHERE type = 'table' AND name LIKE 'didctl%'")"
	DIDCTL_COUNTRY=IN answered 0 $'y\r' didctl assign 918065978000-1 ACME
	[[ $screen == *'[y/N]'*'warning: no history is kept here'* ]] || fail "$screen"
	DIDCTL_COUNTRY=US answered 0 $'y\r' didctl pool add 12125550100-1 12995550100
	[ "$(grep -c 'warning: .*area code' <<<"$screen")" -eq 1 ] || fail "$screen"
}

quiet_question() {
	stock
	done_by assign 918065978000-1 ACME
	unchanged answered 6 $'n\r' didctl -q release 918065978000
	[[ $screen == *'918065978000 '*'assigned -> available'*'follows: ACME loses its default'* ]] || fail "no plan: $screen"
	unchanged answered 6 $'n\r' didctl -q release 918065978000 -o json
	[[ $screen == *'follows: ACME loses its default'* ]] || fail "no plan: $screen"
	run_ok didctl -q release 918065978000 -y
	[[ $stderr != *follows:* ]]
}

@test "a question shows the whole plan, also with -q" {
	each_backend quiet_question
}

# Two rows with the flag, as another program may have left them: what was named is as it should be, the other is not.
second_default() {
	stock
	done_by assign 918065978000-1 ACME
	sql "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978001'"
	unchanged run_ok didctl default set 918065978000 -n
	told '918065978001 .*default yes -> no' '^set 0, unchanged 1, refused 0, others changed 1$'
	run_ok didctl default set 918065978000
	told '918065978001 .*default yes -> no' '^set 0, unchanged 1, refused 0, others changed 1$'
	field 918065978001 default false
	unchanged run_ok didctl default set 918065978000
	told '^set 0, unchanged 1, refused 0$'
	invariants
}

@test "a change of nothing but what follows from it is shown" {
	each_backend second_default
}

lost_report() {
	stock
	run_code 1 bash -c "didctl assign --count 2 ACME --yes --change-id ${ID}1 >/dev/full"
	told "No space left on device: the change itself was made (change-id ${ID}1)" "--change-id ${ID}1 prints its result"
	unchanged run_ok didctl assign --count 2 ACME --change-id ${ID}1
	[ "${#lines[@]}" -eq 2 ]
	run_code 1 bash -c 'didctl env set oss 918065978009 -o json >/dev/full'
	told 'the change itself was made (change-id '
	run_code 5 bash -c 'didctl assign 918065978000 918065978010 Globex -y --partial -o json >/dev/full'
	told 'the change itself was made (change-id '
	unchanged run_code 1 bash -c 'didctl env set prod 918065978009 -n -o json >/dev/full'
	unchanged run_code 6 bash -c 'didctl assign 918065978000 Globex -o json >/dev/full'
	[[ $stderr != *'change itself'* ]]
}

@test "a report that cannot be written says that the change was made" {
	each_backend lost_report
}

expect_count() {
	stock
	unchanged run_code 6 didctl assign 918065978000-4 ACME -y --expect 4
	told '4 numbers were expected to change, 5 would' '918065978001-918065978004 .*available -> assigned'
	unchanged run_code 2 didctl assign --where env=staging ACME
	told "--dry-run --expect 0' shows"
	unchanged run_code 6 didctl assign --where env=staging ACME --dry-run --expect 0
	told '0 numbers were expected to change, 4 would' '918065978022-918065978024 .*available -> assigned'
	run_ok didctl assign 918065978000-4 ACME -y --expect 5
	unchanged run_code 6 didctl assign 918065978000-5 ACME -y --expect 6
	unchanged run_ok didctl assign 918065978000-4 ACME -y --expect 0
	unchanged run_code 2 didctl pool add 918065000000-10001 -y
	unchanged run_code 6 didctl pool add 918065000000-10000 -y --expect 5
}

@test "--expect refuses another count, and is needed above 10,000" {
	each_backend expect_count
}

replay() {
	stock
	run_ok didctl assign 918065978003 918065978000-1 ACME -y -o json --change-id ${ID}1 --reason once
	first=$output
	json .change_id ${ID}1
	done_by release 918065978000
	unchanged run_ok didctl assign 08065978000-08065978001 +918065978003 ACME -o json --change-id 0000ABCD-0000-7000-8000-000000000001
	[ "$output" = "$first" ] || fail "another answer: $output"
	told 'done before'
	unchanged run_ok didctl assign 918065978001 918065978000 08065978003 "$ACME" --change-id ${ID}1 --reason other --timeout 20 --expect 77
	unchanged run_code 6 didctl assign 918065978000-2 ACME -y --change-id ${ID}1
	told 'another request'
	unchanged run_code 6 didctl assign 918065978000-1 918065978003 Globex -y --change-id ${ID}1
	unchanged run_code 6 didctl assign 918065978000-1 918065978003 ACME -y --change-id ${ID}1 --env oss
	unchanged run_code 6 didctl release 918065978000-1 918065978003 -y --change-id ${ID}1
	unchanged run_code 6 didctl assign 918065978000-1 918065978003 Nobody -y --change-id ${ID}1
	run_ok didctl assign 918065978004 ACME --change-id ${ID}2 -q
	[[ $stderr == *"change-id: ${ID}2"* ]]
	run_ok didctl history resolve ${ID}2
	run_code 3 didctl history resolve ${ID}3
	invariants
}

@test "a change id counts once: the same request in any spelling and order is answered, another refused" {
	each_backend replay
}

refused_replay() {
	stock
	unchanged run_code 6 didctl release 918065978000 -y --change-id ${ID}1
	run_ok didctl assign 918065978000 ACME --change-id ${ID}1
	run_code 5 didctl assign 918065978000-1 Globex -y --partial --change-id ${ID}2 -o json
	first=$output
	unchanged run_code 5 didctl assign 918065978000-1 Globex -y --partial --change-id ${ID}2 -o json
	[ "$output" = "$first" ] || fail "$output"
	run_ok didctl assign --count 2 ACME -y --change-id ${ID}4
	first=$output
	unchanged run_ok didctl assign --count 2 ACME -y --change-id ${ID}4
	[ "$output" = "$first" ] || fail "$output"
	unchanged run_code 6 didctl assign --count 3 ACME -y --change-id ${ID}4
	invariants
}

@test "a refused change leaves its id free; a partial one and a pick are answered as they were" {
	each_backend refused_replay
}

contract() {
	stock
	done_by assign 918065978000-1 ACME
	run_code 5 didctl assign 918065978000-2 918065978999 Globex -y --partial -o json
	in_order change_id,verb,dry_run,changed,unchanged,refused,numbers,number,result,code,reason,number
	json length 7
	json '[.numbers[] | "\(.number) \(.result) \(.code)"] | join(",")' \
		'918065978000 refused owner,918065978001 refused owner,918065978002 changed null,918065978999 refused not-found'
	json '[.numbers[] | .reason | type] | join(",")' string,string,null,string
	run_code 6 didctl assign 918065978000 Globex -o json
	json '[.change_id, .changed, .refused] | tojson' '[null,0,1]'
	run_ok didctl assign 918065978002 Globex -o tsv -H
	[ "$output" = $'918065978002\tunchanged\t\\N\t\\N' ] || fail "$output"
	run_ok didctl assign 918065978002-3 Globex -y -o csv
	[ "$output" = $'number,result,code,reason\r\n918065978002,unchanged,,\r\n918065978003,changed,,\r' ] || fail "$output"
	run_ok didctl assign 918065978003-4 Globex -y -o ndjson
	[ "${#lines[@]}" -eq 2 ]
	[ -z "$(didctl assign 918065978003-4 Globex -y 2>/dev/null)" ]
	unchanged run_code 1 bash -c 'didctl env set oss 918065978009 -n -o json >/dev/full'
}

@test "one JSON object with the contract's keys, rows in the other formats" {
	each_backend contract
}

@test "exit codes of what is no change at all" {
	sqlite_target
	unchanged run_code 4 didctl assign 918065978000 ACME
	stock
	unchanged run_code 2 didctl assign 918065978000 ACME --no-such-option
	unchanged run_code 2 didctl asign 918065978000 ACME
	unchanged run_code 4 env -u DIDCTL_TARGET didctl assign 918065978000 ACME
	unchanged run_code 2 didctl release 918065978000 --change-id 77 -y
	unchanged run_code 2 didctl release -y
	unchanged run_code 2 didctl release - -y </dev/null
}

@test "a file that may not grow, and a server that has no room: what became of the change is told" {
	sqlite_target
	stock
	unchanged run_code 1 bash -c "ulimit -f 230; exec didctl pool add 918070000000-9999 -y --change-id ${ID}1"
	told "the storage failed .*under 'sqlite:$DATABASE'" "^hint: nothing was changed: look at the disk of this file"
	run_code 3 didctl history resolve "${ID}1"
	run_ok didctl pool add 918070000000-0999 -q -y
	unchanged run_code 1 bash -c "ulimit -f $(($(stat -c %s "$DATABASE") / 1024)); exec didctl assign 918070000000-0999 ACME -y"
	[[ $stderr != *'not live yet'* ]] || fail "$stderr"
	[ -n "${TEST_SERVER-}" ] || return 0
	mysql_target
	stock
	sql "CREATE TRIGGER full BEFORE UPDATE ON did_numbers FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room'"
	unchanged run_code 1 didctl env set oss 918065978000
	told 'no room' 'hint: nothing was changed'
}

# disk_fails CALL WHEN CODE: an assignment on a disk that fails at this system call; its change is left in $CHANGE.
disk_fails() {
	run_code "$3" strace -qq -o calls -e trace="$1" -e inject="$1:error=EIO:when=$2" didctl assign 918065978000-1 ACME -y
	grep -q INJECTED calls || fail "there was no $1 $2"
	CHANGE=$(sed -n 's/^change-id: //p' <<<"$stderr")
}

@test "a disk that fails at COMMIT is told as that, and the file decides what became of the change" {
	local last

	export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
	sqlite_target
	stock
	unchanged disk_fails fdatasync 1 1
	told "^didctl: the storage failed during COMMIT under 'sqlite:$DATABASE': disk I/O error" \
		'^hint: nothing was changed: look at the disk of this file'
	run_code 3 didctl history resolve "$CHANGE"
	unchanged disk_fails unlink 1+ 7 # what the journal holds can be taken back, but not now
	told "^didctl: the storage of 'sqlite:$DATABASE' failed during COMMIT: the outcome of change $CHANGE is unknown" \
		"^hint: see to its disk first.* didctl history resolve $CHANGE"
	run_code 3 didctl history resolve "$CHANGE"

	cp "$DATABASE" before.db
	strace -qq -o calls -e trace=fdatasync didctl assign 918065978000-1 ACME -y -q
	last=$(wc -l <calls) # of the directory, when the journal has gone
	cp before.db "$DATABASE"
	disk_fails fdatasync "$last" 0
	told "done before: change $CHANGE" '^warning: the disk failed at the end of COMMIT: the change is there' '^assigned 2,'
	run_ok didctl history resolve "$CHANGE"
	invariants
}

@test "a file that is damaged is told as that" {
	sqlite_target
	stock
	dd if=/dev/zero of="$DATABASE" bs=4096 count=1 conv=notrunc seek=$(($(sql "SELECT rootpage FROM sqlite_master WHERE name = 'did_numbers'") - 1)) \
		2>/dev/null
	run_code 1 didctl assign 918065978000-1 ACME -y
	told "^didctl: the storage failed under 'sqlite:$DATABASE': database disk image is malformed" \
		'^hint: nothing was changed: keep a copy of this file'
}

@test "a replay of many numbers, or of --where, wants neither --expect nor --yes" {
	sqlite_target
	stock
	run_ok didctl pool edit --where provider=Tata --expect 30 --city Pune -y --change-id "${ID}1"
	unchanged run_ok didctl pool edit --where provider=Tata --city Pune --change-id "${ID}1"
	told "done before: change ${ID}1" 'edited 30, unchanged 0, refused 0'
	unchanged run_code 6 didctl pool edit --where provider=Tata --city Delhi --change-id "${ID}1"
	unchanged run_code 2 didctl pool edit --where provider=Tata --city Delhi --change-id "${ID}3"
	run_ok didctl pool add 918060000000-10000 --expect 10001 -y --change-id "${ID}2"
	unchanged run_ok didctl pool add 918060000000-10000 --change-id "${ID}2"
	told "done before: change ${ID}2" 'added 10001, unchanged 0, refused 0'
	unchanged run_code 2 didctl pool add 918070000000-10000 -y --change-id "${ID}3"
}

# A person reads what columns are headed with, and names; keys and ids are for scripts.
in_words() {
	stock
	done_by pool add +12125550100-1
	run_ok didctl assign +12125550100-1 ACME --route queue:sales -y
	told '^  12125550100 .*state available -> assigned, organisation - -> ACME, default no -> yes, route - -> queue:sales$'
	run_ok didctl pool edit +12125550100 --route ivr:main --after-hold reserved --state-code NY --rate-center NWYRCYZN01
	told '^  12125550100 .*route queue:sales -> ivr:main, state code - -> NY, rate centre - -> NWYRCYZN01, after hold - -> reserved$'
	run_ok didctl cnam set +12125550100 Acme
	told '^  12125550100 .* CNAM - -> ACME, CNAM status - -> pending$'
	run_ok didctl e911 set +12125550100 --street '1 Main St' --city Albany --state-code NY --zip 12207 --label HQ
	told '^  12125550100 .* E911 - -> pending, location - -> HQ$' \
		'^  adds location HQ: label HQ, organisation ACME, country US, street 1 Main St, city Albany, state code NY, ZIP 12207$'
	run_ok didctl e911 set +12125550101 --location HQ
	told '^  12125550101 .* location - -> HQ$'
	run_ok didctl e911 set +12125550101 --street '2 Main St' --city Albany --state-code NY --zip 12207
	told '^  12125550101 .* location [0-9a-f-]* -> 2 Main St$'
	run_ok didctl user add Ann --org ACME
	told '^  adds user Ann: name Ann, organisation ACME$'
	run_ok didctl user edit Ann --outbound-did +12125550101
	told '^  changes user Ann: outbound number - -> 12125550101$'
	run_ok didctl org edit ACME --context-prefix acme
	told '^  changes organisation ACME: context prefix org_[a-z0-9]* -> acme$'
	run_ok didctl port new ACME +12125550200 --losing-carrier Old
	told '^  adds port order 1: state draft, organisation ACME, losing carrier Old, type wireline, numbers 12125550200 pending$'
	run_ok didctl port edit 1 --requested-foc 2099-12-01 --authorised-name Zoe
	told '^  changes port order 1: authorised name - -> Zoe, requested FOC - -> 2099-12-01$'
}

@test "a plan is written in words" {
	each_backend in_words
}
