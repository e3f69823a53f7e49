#!/usr/bin/env bats
# didctl e911 sync and cnam sync: the providers' programs, and what becomes of it when they misbehave.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

HQ=(--street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118 --label HQ)

# Five numbers of ACME that wait, with an address and a name each.
waiting() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl pool add 14155550100-0109 -y
	run_ok didctl assign 14155550100-0104 ACME -y
	run_ok didctl e911 set --org ACME "${HQ[@]}" -y
	run_ok didctl cnam default ACME Acme -y
	rm -f provider.log
	unset DIDCTL_E911_COMMAND DIDCTL_CNAM_COMMAND
}

provider() { export DIDCTL_E911_COMMAND="exec '$ROOT/tests/lib/provider' $*" DIDCTL_CNAM_COMMAND="exec '$ROOT/tests/lib/provider' $*"; }

statuses() { didctl pool list 14155550100-0104 -c "$1" -o tsv -H | sort | uniq -c | sed 's/^ *//' | paste -sd,; }

# No process of the provider is left.
gone() {
	local pid

	for pid in provider.pid child.pid; do
		[ -e "$pid" ] || continue
		# who is dead and was somebody else's child waits for init to notice
		[[ $(ps -o stat= -p "$(cat "$pid")") =~ ^(Z.*)?$ ]] || fail "process $(cat "$pid") is still there"
	done
}

answers() {
	waiting
	provider good
	run_ok didctl e911 sync -o json
	json length 5
	json '.[0].status' registered
	[ "$(statuses e911,e911_note)" = $'5 registered\tE-1' ]
	jq -e '.number and .["e164"] and .org == "ACME" and .location.street == "350 Fifth Ave" and .location.floor == "21"' \
		provider.log >/dev/null
	run_ok didctl cnam sync
	told 'asked about 5, pending 0, synced 5, failed 0, without an answer 0'
	[ "$(statuses cnam_status)" = '5 synced' ]
	# the answer is new, the name counts since it was set
	run_ok didctl cnam show 14155550100 -o json
	json '.[0] | .cnam_status, .counts_since < .cnam_since' $'synced\ntrue'
	json '.[0].counts_since' "$(didctl history 14155550100 -o json | jq -r '[.[] | select(.verb == "cnam default")][0].after.cnam_since')"
	# one change for all that were answered alike, by whom it was; and undone like any other
	run_ok didctl history --limit 1 -o json
	json '.[0].verb, .[0].count' $'cnam sync\n5'
	[[ $(jq -r '.[0].actor' <<<"$output") == *'(cnam sync)' ]]
	run_ok didctl undo "$(jq -r '.[0].change_id' <<<"$output")" -y
	[ "$(statuses cnam_status)" = '5 pending' ]
	# nothing waits: nobody is asked
	rm provider.log
	run_ok didctl e911 sync
	[ ! -e provider.log ]
	invariants
}
@test "every answer becomes a change; what does not wait is not asked about" { each_backend answers; }

refused() {
	waiting
	provider good
	run_ok didctl e911 set 14155550100-0101 --street '350 Fifth Ave' --floor 99 --city 'New York' --state-code NY \
		--zip 10118 --label High -y
	run_ok didctl e911 sync
	[ "$(statuses e911)" = '2 failed,3 registered' ]
	run_code 3 didctl e911 list --e911 failed -c number,e911_note -o tsv -H
	[ "$output" = $'14155550100\tno such floor\n14155550101\tno such floor' ]
	run_ok didctl e911 show 14155550100
	told 'candidate 2: 20 W 34th St, New York, NY 10001, US'
	unchanged run_code 2 didctl e911 set 14155550100 --choose 3
	unchanged run_code 3 didctl e911 set 14155550102 --choose 1
	run_ok didctl e911 set 14155550100-0101 --choose 2 -y
	field 14155550101 address '20 W 34th St, floor 99, New York, NY 10001, US'
	field 14155550101 e911 pending
	field 14155550101 e911_candidates null
	run_ok didctl cnam set 14155550103 Bad
	run_ok didctl cnam sync
	field 14155550103 cnam_status failed
	field 14155550103 cnam_note 'not a company'
	run_ok didctl cnam set 14155550103 Bad -y # again
	field 14155550103 cnam_status pending
	invariants
}
@test "what the provider refuses says why, and offers candidates to choose from" { each_backend refused; }

misbehaves() {
	local case limit

	waiting
	for case in 'half 2' 'fails 2' 'dies 2' 'garbage 2' 'flood 2' 'long 2' 'latin 2' 'case 2' 'never 2' 'closed 2' 'child 2' \
		'stubborn 2'; do
		# shellcheck disable=SC2086 # the program and its argument
		provider $case
		case $case in
		never* | child* | stubborn*) limit=4 ;; # in which the others' first answers have to come, too
		*) limit=300 ;;
		esac
		SECONDS=0
		run_code 5 didctl e911 sync --timeout "$limit"
		[ "$SECONDS" -lt 200 ] || fail "$case took $SECONDS seconds"
		[ "$(statuses e911)" = '3 pending,2 registered' ] || fail "$case: $(statuses e911)"
		told 'go on waiting'
		case $case in
		fails*) told 'the e911-command ended with exit code 3 after 2 of 5 answers' ;;
		dies*) told 'was ended by signal 9 (Killed) after 2 of 5' ;;
		garbage* | flood* | long*) told 'gives what is no answer, after 2 of 5' ;;
		closed*) told 'closed its output after 2 of 5' ;;
		never*) told "gave no answer for $limit s, after 2 of 5" ;;
		esac
		gone
		run_ok didctl e911 locations edit HQ --room "${case%% *}" -y # all wait again
		[ "$(statuses e911)" = '5 pending' ]
	done
	for case in 'half 0' foreign; do
		# shellcheck disable=SC2086
		provider $case
		unchanged run_code 1 didctl e911 sync --timeout 300
	done
	export DIDCTL_E911_COMMAND=/nonexistent/program
	unchanged run_code 4 didctl e911 sync
	told "the e911-command cannot be run: there is no such program" "'e911-command' in the profile"
	printf 'x\n' >not-executable
	export DIDCTL_E911_COMMAND=./not-executable
	unchanged run_code 4 didctl e911 sync
	told 'may not be executed'
	provider twice
	run_ok didctl e911 sync
	[ "$(statuses e911)" = '5 registered' ]
	invariants
}
@test "a program that ends, dies, babbles, floods or never answers: the rest goes on waiting, nothing is left behind" {
	sqlite_target && misbehaves
}

# What is odd about a program does not matter where it answers.
odd() {
	waiting
	provider exits
	run_ok didctl e911 sync
	told 'warning: the e911-command gave every answer, and ended with exit code 3'
	[ "$(statuses e911)" = '5 registered' ]
	provider blind 14155550104 14155550103 14155550102 14155550101 14155550100
	run_ok didctl cnam sync
	[ "$(statuses cnam_status)" = '5 synced' ]
	run_ok didctl cnam default ACME Acme2 -y
	provider bulk
	run_ok didctl cnam sync -o json
	json '.[4].number' 14155550104
	[ "$(statuses cnam,cnam_status)" = $'5 ACME2\tsynced' ]
}
@test "a program may answer in any order, read nothing, and end as it likes" { sqlite_target && odd; }

# sync_as ARGUMENTS...: didctl with its process id where the program finds it, and signals as a terminal's shell leaves them.
sync_as() { python3 -c 'import os, sys
with open("didctl.pid", "w") as file:
    file.write(str(os.getpid()))
os.execvp("didctl", sys.argv[1:])' didctl "$@"; }

interrupted() {
	local signal

	waiting
	for signal in INT TERM; do
		provider signal "SIG$signal:2"
		run_code 130 sync_as cnam sync -o json
		told 'interrupted: 2 of 5 answers are stored' 'synced 2, failed 0, without an answer 3'
		json '[.[] | select(.status == "synced")] | length' 2
		[ "$(statuses cnam_status)" = '3 pending,2 synced' ]
		gone
		run_ok didctl cnam default ACME "$signal" -y # all wait again
	done
	invariants
}
@test "Ctrl-C: what came is stored and told, the rest goes on waiting" { each_backend interrupted; }

killed() {
	waiting
	provider signal SIGKILL:2 # at once: they may be lost with us, and are asked about again
	run_code 137 sync_as cnam sync
	[[ $(statuses cnam_status) =~ ^(5 pending|3 pending,2 synced)$ ]]
	provider never 2 # what came a second ago is stored while it goes on
	didctl e911 sync --timeout 600 >out 2>err 3>&- &
	until [ "$(statuses e911)" = '3 pending,2 registered' ]; do sleep .1; done
	kill -9 $!
	wait $! || true
	kill "$(<provider.pid)" # nobody is left to end it
	[ "$(statuses e911)" = '3 pending,2 registered' ]
	provider good
	run_ok didctl cnam sync
	run_ok didctl e911 sync
	[ "$(statuses cnam_status,e911)" = $'5 synced\tregistered' ]
	invariants
}
@test "kill -9: no answer that is older than a second is lost, and no number is left out" { each_backend killed; }

both() {
	waiting
	provider slow
	didctl cnam sync -o tsv -H >first 2>first.err &
	run_ok didctl cnam sync -o tsv -H
	wait $!
	[ "$(wc -l <first)" = 5 ]
	[ "$(statuses cnam_status)" = '5 synced' ]
	[ "$(didctl history -o json | jq '[.[] | select(.verb == "cnam sync") | .count] | add')" = 5 ]
	invariants
}
@test "two syncs at once: each number gets one answer" { each_backend both; }

many() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl pool add 14155500000-9999 -q -y
	run_ok didctl assign 14155500000-9999 ACME -q -y
	run_ok didctl cnam default ACME Acme -q -y
	provider signal SIGKILL:7777
	run_code 137 sync_as cnam sync
	synced=$(didctl pool list --cnam synced -c number -H | wc -l)
	# Not stored are 500 at most, and what nobody had read yet: a pipe holds 64 KiB, an answer has over 50 bytes.
	((synced >= 7777 - 500 - 65536 / 50 && synced <= 7777)) || fail "$synced are synced"
	provider bulk
	run_ok didctl cnam sync -q -o tsv -H
	[ "${#lines[@]}" -eq $((10000 - synced)) ]
	[ "$(didctl pool list --cnam synced -c number -H | wc -l)" = 10000 ]
}
@test "10,000 numbers: stored as they come, and none is left out" { sqlite_target && many; }

outdated() {
	waiting
	provider meanwhile "'didctl e911 locations edit HQ --room 8 -y'"
	run_ok didctl e911 sync
	[ "$(statuses e911)" = '5 pending' ] # what was registered is not where they are now
	told 'of 5 the answer was overtaken' 'registered 0'
	provider good
	run_ok didctl e911 sync
	[ "$(statuses e911)" = '5 registered' ]
	provider meanwhile "'didctl cnam default ACME Other -y'"
	run_ok didctl cnam sync
	[ "$(statuses cnam,cnam_status)" = $'5 OTHER\tpending' ]
}
@test "an answer about what is another address or name by now changes nothing" { each_backend outdated; }

words() {
	waiting
	unchanged run_code 4 didctl e911 sync
	told e911-command
	provider good
	unchanged run_ok didctl e911 sync --dry-run
	told 'would ask about 5' 'nothing was written'
	[[ $stderr != *'asked about'* && $stderr != *answer* ]]
	[ ! -e provider.log ]
	unchanged run_code 6 didctl e911 sync --expect 4
	unchanged run_code 2 didctl e911 sync --change-id 01a20000-0000-7000-8000-000000000001
	unchanged run_code 2 didctl cnam sync --partial
	run_ok didctl e911 sync --expect 5
	unset DIDCTL_E911_COMMAND
	unchanged run_ok didctl e911 sync # nothing waits, and nobody is missed
	unchanged run_ok didctl pool sweep -q # nor has a change an id that is none
	[ -z "$stderr" ] || fail "$stderr"
}
@test "without a provider nothing happens; a dry run asks nobody" { each_backend words; }

finds() { # CHECK EXPECTED: the numbers that doctor names, and why
	run_ok didctl doctor "$1" -o json
	[ "$(jq -r '.[] | .number[-2:] + " " + (.detail | split(" ")[:6] | join(" "))' <<<"$output" | paste -sd';')" = "$2" ] ||
		fail "$output"
}

checked() {
	waiting
	run_ok didctl e911 clear 14155550104 -y
	finds e911 '04 is in use and has no'
	finds cnam ''
	sql "UPDATE didctl_details SET e911_since = '2020-01-01T00:00:00.000Z' WHERE number = '14155550100'"
	sql "UPDATE didctl_details SET cnam_since = '2020-01-01T00:00:00.000Z' WHERE number = '14155550101'"
	sql "UPDATE didctl_details SET e911 = 'failed', cnam_status = 'failed' WHERE number = '14155550102'"
	finds e911 '00 its emergency address has waited for;02 its emergency address was refused by;04 is in use and has no'
	finds cnam "01 its CNAM 'ACME' has waited for;02 its CNAM 'ACME' was refused by"
	sql "UPDATE didctl_details SET location = '01a20000-0000-7000-8000-00000000dead', e911 = 'registered' WHERE number = '14155550103'"
	finds e911 '00 its emergency address has waited for;02 its emergency address was refused by;03 its emergency address is registered, and;04 is in use and has no'
	run_ok didctl e911 set 14155550103 --location HQ
	run_ok didctl pool add +918065978000
	run_ok didctl assign +918065978000 ACME
	[ "$(didctl doctor e911 -o json | jq length)" = 3 ] # 911 is answered elsewhere
}
@test "doctor finds what has no address, what was refused and what waits too long" { each_backend checked; }
