#!/usr/bin/env bats
# didctl undo: the exact inverse, itself a change; refused where a row is not what the change left.
load ../lib/common
load ../lib/writes

# restores COMMAND...: the change and its undo leave the PBX's rows as they were, byte by byte.
restores() {
	local before

	before=$(pbx_rows)
	done_by "$@"
	[ "$before" != "$(pbx_rows)" ] || fail "nothing was changed by: $*"
	done_by undo "$CHANGE"
	[ "$before" = "$(pbx_rows)" ] || fail "not restored: $*" "$(diff <(echo "$before") <(pbx_rows))"
}

every_verb() {
	stock
	done_by assign 918065978000-4 ACME --route extension:1000 --record on
	sql "INSERT INTO users (id, org_id, name, outbound_did) VALUES ('u1', '$ACME', 'Ann', '08065978000')"
	restores assign 918065978005-9 ACME --default
	restores assign 918065978000 Globex --transfer
	restores release 918065978000-4 --hold 3
	restores release 918065978000
	restores env set oss 918065978000-20
	restores default set 918065978003
	restores default clear ACME
	restores default user Ann 918065978002
	restores default user Ann none
	restores pool add 918065979000-99 --region X --price 1.50
	restores pool edit 918065978003-8 --region Y --provider Z
	restores pool delete 918065978005-9 --expect 5
	restores pool mark blocked 918065978000-1
	restores pool mark archived 918065978005-9
	restores pool mark ported 918065978005-9
	restores pool mark ported 918065978000-1
	restores pool request 918065978005 ACME
	restores org add Initech
	restores org edit ACME --name Apex
	restores user add Bob --org ACME
	restores user edit Ann --name Anne
	restores user delete Ann
	invariants
}

@test "the undo of every verb brings every byte back" {
	each_backend every_verb
}

undo_of_undo() {
	local first undo

	stock
	done_by assign 918065978000-4 ACME
	first=$CHANGE
	done_by undo "$first"
	undo=$CHANGE
	json '"\(.verb) \(.changed)"' 'undo 5'
	run_ok didctl history --limit 1 -o json
	json '.[0] | "\(.change_id) \(.undo_of)"' "$undo $first"
	done_by undo "$undo"
	field 918065978000 default true
	field 918065978004 org ACME
	done_by undo "${CHANGE^^}"
	field 918065978004 org null
	invariants
}

@test "an undo is a change and can be undone, its id in either case" {
	each_backend undo_of_undo
}

refusals() {
	local id

	stock
	done_by assign 918065978000-4 ACME
	id=$CHANGE
	unchanged run_code 6 didctl undo "$id"
	unchanged run_code 3 didctl undo 00000000-0000-7000-8000-000000000001 -y
	unchanged run_code 2 didctl undo last -y
	told "'last' is not the id of a change" "'didctl history' lists the changes"
	run_code 2 didctl history "$id"
	told "of a change: didctl history --change $id"
	done_by release 918065978002
	refused_by 6 state undo "$id"
	json '.refused' 1
	run_code 5 didctl undo "$id" -y --partial -o json
	json '"\(.changed) \(.refused)"' '4 1'
	invariants
}

@test "refused where a row has been changed since, and --partial leaves it out" {
	each_backend refusals
}

# Each number with the last change that touched what differs: another one of it says nothing.
between() {
	local id release mark

	stock
	done_by assign 918065978000-9 ACME
	id=$CHANGE
	done_by pool edit 918065978000-9 --region Goa
	done_by release 918065978002-5
	release=$CHANGE
	done_by pool mark reserved 918065978004
	mark=$CHANGE
	done_by pool edit 918065978000-9 --note later
	refused_by 6 state undo "$id"
	json '[.numbers[] | select(.result == "refused") | "\(.number) \(.reason | sub(".*\\("; "("))"] | join(" ")' \
		"918065978002 (change $release, release) 918065978003 (change $release, release) 918065978004 (change $mark, pool mark) 918065978005 (change $release, release)"
	run_code 6 didctl undo "$id" -y
	told "^refused 918065978002-918065978003: state: has changed since: its pool_status is another now (change $release, release)\$"
	done_by pool add 918065979000-1
	id=$CHANGE
	done_by pool delete 918065979000 --expect 1
	run_code 3 didctl undo "$id" -y
	told "918065979000: not-found: is not in the inventory any more (change $CHANGE, pool delete)"
	sql "UPDATE did_numbers SET pool_status = 'reserved' WHERE number = '918065979001'"
	run_code 6 didctl undo "$id" -y --partial
	told "918065979001: state: has changed since: its pool_status is another now\$"
}

@test "a refused undo names the change that came between" {
	each_backend between
}

# done_already ID BY [WORD...]: it was undone by another change, and whoever undoes it again is told by which.
done_already() {
	unchanged run_code 6 didctl undo "$1" -y "${@:3}"
	told "was undone already, by change $2 at 20[0-9-]*T[0-9:.]*Z"
}

again() {
	local id undo flag

	stock
	done_by assign 918065978000-3 ACME
	id=$CHANGE
	done_by undo "$id"
	done_already "$id" "$CHANGE"
	undo=$CHANGE
	done_by undo "$undo" # once more in force
	done_already "$undo" "$CHANGE"
	done_by release 918065978001
	run_code 5 didctl undo "$id" --partial -y -o json
	CHANGE=$(jq -r .change_id <<<"$output")
	refused_by 6 state undo "$id"
	json '[.numbers[] | .reason | sub(" (already|since).*"; "")] | join(", ")' \
		'was undone, has changed, was undone, was undone'
	done_already "$id" "$CHANGE" --partial
	done_by pool add 918065979000
	id=$CHANGE
	done_by undo "$id"
	done_already "$id" "$CHANGE"
	done_by pool delete 918065978010 --expect 1
	id=$CHANGE
	done_by undo "$id"
	done_already "$id" "$CHANGE"
	done_by org edit ACME --unrouted extension:1
	id=$CHANGE
	done_by undo "$id"
	done_already "$id" "$CHANGE"
	told "^didctl: change '$id'" "^hint: didctl undo $CHANGE puts it in force again"
	for flag in '' '--chunk 2'; do # an undo is made in the pieces of what it undoes
		# shellcheck disable=SC2086
		done_by assign 918065978005-8 ACME $flag
		id=$CHANGE
		done_by undo "$id"
		done_already "$id" "$CHANGE"
	done
}

@test "what was undone already is told as that, with the change that did it, in part and again as well" {
	each_backend again
}

# moved_on NUMBER STATE COMMAND...: what the change left stands in pool_status still, but the number is in the state by now.
moved_on() {
	local number=$1 state=$2 first

	done_by "${@:3}"
	first=$CHANGE
	run_ok didctl pool mark "$state" "$number" -y
	refused_by 6 state undo "$first"
	json ".numbers[0].reason" "has changed since: it is $state now"
	run_ok didctl undo "$(didctl -q history --limit 1 -c change_id -o tsv -H)" -y
	run_ok didctl undo "$first" -y
	invariants
}

in_another_state() {
	stock
	run_ok didctl assign 918065978000 ACME
	moved_on 918065978001 blocked assign 918065978001 ACME
	moved_on 918065978002 ported pool mark reserved 918065978002
}

@test "refused where a number has been blocked or ported since" {
	each_backend in_another_state
}

twice() {
	local id

	stock
	done_by assign 918065978000-4 ACME
	id=$CHANGE
	done_by undo "$id"
	unchanged run --separate-stderr didctl undo "$id" -y -o json
	[ "$status" -eq 6 ] || [ "$(jq .changed <<<"$output")" = 0 ] || fail "undone twice: $status $output"
	invariants
}

@test "undone twice changes nothing the second time" {
	each_backend twice
}

outside() {
	local id

	stock
	done_by assign 918065978000-4 ACME --route extension:1000
	id=$CHANGE
	sql "UPDATE did_numbers SET routing_type = 'extension', routing_destination = '7' WHERE number = '918065978003'"
	unchanged run_code 6 didctl undo "$id" -y
	done_by pool edit 918065978003 --region Elsewhere
	run_ok didctl history 918065978003 -o json
	json '[.[].verb] | join(",")' 'init,assign,external,pool edit'
	json '.[2].after.route_dest' 7
	json '.[2].before.route_dest' 1000
	done_by undo "$CHANGE"
	field 918065978003 region Bangalore
	field 918065978003 route_dest 7
	refused_by 6 state undo "$id"
	run_code 5 didctl undo "$id" -y --partial
	field 918065978003 org ACME
	field 918065978004 state available
	invariants
}

@test "a change made outside didctl is recorded as external, and undo stays true to it" {
	each_backend outside
}

outside_gone() {
	stock
	done_by assign 918065978000-4 ACME
	sql "DELETE FROM did_numbers WHERE number = '918065978003'"
	unchanged run --separate-stderr didctl undo "$CHANGE" -y
	[ "$status" -eq 6 ] || [ "$status" -eq 3 ] || fail "$status"
	done_by pool add 918065978003
	run_ok didctl history 918065978003 -o json
	json '[.[].verb] | join(",")' 'init,assign,external,pool add'
	invariants
}

@test "a row deleted outside didctl" {
	each_backend outside_gone
}

reason() {
	stock
	done_by assign 918065978000 ACME --reason $'ticket 7: "moved"'
	run_ok didctl history -o json --limit 1
	json '.[0].reason' 'ticket 7: "moved"'
	json '.[0].change_id' "$CHANGE"
	json '.[0].count' 1
}

@test "--reason is kept in the history" {
	each_backend reason
}

answered() {
	local id

	export DIDCTL_E911_COMMAND="exec '$ROOT/tests/lib/provider' good" DIDCTL_CNAM_COMMAND="exec '$ROOT/tests/lib/provider' good"
	stock
	done_by pool add +14155550100-0103
	done_by cnam default ACME 'Acme Corp'
	done_by assign +14155550100-0101 ACME
	id=$CHANGE
	run_ok didctl cnam sync -q
	field +14155550101 cnam_status synced
	done_by undo "$id"
	field +14155550101 state available
	field +14155550101 cnam_status null
	done_by assign +14155550100 ACME
	done_by e911 set +14155550100 --street '350 5th Ave' --city 'New York' --state-code NY --zip 10118
	id=$CHANGE
	run_ok didctl e911 sync -q
	run_ok didctl cnam sync -q
	field +14155550100 e911 registered
	done_by undo "$id"
	field +14155550100 e911 not-set
	field +14155550100 cnam_status synced
	done_by cnam set +14155550100 Sales
	id=$CHANGE
	run_ok didctl cnam sync -q
	done_by undo "$id"
	field +14155550100 cnam 'ACME CORP'
	done_by cnam default ACME 'Other Corp'
	id=$CHANGE
	run_ok didctl cnam sync -q
	done_by undo "$id"
	field +14155550100 cnam 'ACME CORP'
	done_by assign +14155550102 ACME
	id=$CHANGE
	done_by cnam set +14155550102 Mine
	run_ok didctl cnam sync -q
	refused_by 6 state undo "$id" # the name is somebody's own since
	invariants
}

@test "a provider's answer is no obstacle to an undo that takes away what it answered" {
	each_backend answered
}

@test "what the history keeps in blocks is shown as one range, done and refused" {
	sqlite_target
	run_ok didctl init --country IN
	run_ok didctl pool add 918060000000-2999 -y
	done_by pool edit 918060000000-2999 --city Pune
	run_ok didctl undo "$CHANGE" -n
	told '^  918060000000-918060002999 .*city Pune -> -$'
	run_ok didctl undo "$CHANGE" -y -q
	run_code 6 didctl undo "$CHANGE" -n
	told '^refused 918060000000-918060002999: state: was undone already'
}
