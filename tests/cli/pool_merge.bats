#!/usr/bin/env bats
# Two rows of one physical number, and how they become one.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run_ok sets output and stderr
load ../lib/common
load ../lib/writes

ROW=a0000000-0000-7000-8000-00000000000
FIRST=${ROW}1 SECOND=${ROW}2

# 8005 as ACME's default caller ID under the digits (row 1), and Globex's under another spelling (row 2).
twins() { # SPELLING [ORGANISATION]
	stock
	sql "UPDATE did_numbers SET id = '$FIRST' WHERE number = '918065978005'"
	run_ok didctl assign 918065978005-8006 ACME -y
	sql "INSERT INTO did_numbers (id, number, pool_status, status, org_id, region, routing_type, routing_destination)
		SELECT '$SECOND', '$1', 'assigned', 'active', id, 'East', 'extension', '7' FROM organizations WHERE name = '${2-Globex}'"
	sql "INSERT INTO didctl_details (number, tags, notes) VALUES ('$1', 'vip', 'tab	here')"
	sql "INSERT INTO users (id, org_id, name, outbound_did) VALUES ('u1', '$ACME', 'Ann', '+918065978005'),
		('u2', '$GLOBEX', 'Bob', '08065978005')"
}

# All that undo has to bring back, byte for byte.
inventory() {
	pbx_rows
	sql 'SELECT * FROM didctl_details' | sort
}

rows() { sql "SELECT id, number FROM did_numbers WHERE number LIKE '%8005' OR number LIKE '%8-005' ORDER BY id"; }

# events NUMBER: verb, before and after of its history, the oldest first.
events() { didctl history "$1" -c verb,before,after -o tsv -H; }

keeps_either() {
	local before

	twins 08065978005
	before=$(inventory)
	done_by pool merge 8065978005 --keep "$FIRST"
	told 'user Bob loses the outbound caller ID 08065978005'
	json '[.numbers[] | "\(.number) \(.result)"] | sort | join(",")' '08065978005 changed,918065978005 unchanged'
	[ "$(rows)" = "$FIRST	918065978005" ]
	[ "$(sql 'SELECT name, outbound_did FROM users WHERE outbound_did IS NOT NULL')" = $'Ann\t+918065978005' ]
	[ "$(sql "SELECT COUNT(*) FROM didctl_details WHERE number = '08065978005'")" = 0 ]
	invariants
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"

	done_by pool merge "id:$FIRST" --keep "id:${SECOND^^}"
	told 'ACME loses its default caller ID: callers see 918065978006' 'user Ann loses'
	[ "$(rows)" = "$SECOND	08065978005" ]
	[ "$(sql 'SELECT name, outbound_did FROM users WHERE outbound_did IS NOT NULL')" = $'Bob\t08065978005' ]
	invariants
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
}

history_of_both() {
	local before after

	twins 08065978005
	before=$(date -u +%FT%TZ)
	sleep 1.1
	done_by pool merge 918065978005 --keep "$SECOND"
	after=$(events 8065978005)
	[[ $after == *$'external\t'*"$GLOBEX"* ]] || fail "what the other row is was not recorded: $after"
	[[ ${after##*$'\n'} == 'pool merge'*'{"dropped":{"id":"'"$FIRST"'","number":"918065978005",'*'"default":true'*$'}}\t{}' ]] ||
		fail "$after"
	run_ok didctl pool show 08065978005 -o json
	json '.[0].history | map(.verb) | join(",")' 'pool merge,external,assign,init'
	run_ok didctl history --at "$before" 918065978005 -o json -c org,state,default
	json '.[0] | "\(.org) \(.state) \(.default)"' 'ACME assigned true'
	run_ok didctl history --at now 918065978005 -o json -c org,state,default
	json '.[0] | "\(.org) \(.state) \(.default)"' 'Globex assigned false'
	invariants
	done_by pool edit 918065978005 --region West
	invariants
	[ "$(events 918065978005 | grep -c external)" = 1 ] || fail "$(events 918065978005)"
}

undo_of_undo() {
	twins 08065978005
	done_by pool merge 918065978005 --keep "$FIRST"
	done_by undo "$CHANGE"
	[[ $(events 918065978005) == *$'undo\t{}\t{"restored":{"id":"'"$SECOND"'","number":"08065978005",'* ]] ||
		fail "$(events 918065978005)"
	unchanged run_code 6 didctl undo "$CHANGE" -y
	told 'pool merge'
	done_by pool merge 918065978005 --keep "$SECOND"
	unchanged run_code 6 didctl undo "$CHANGE" -y --change-id "$CHANGE"
}

undone_too_late() {
	twins 08065978005
	done_by pool merge 918065978005 --keep "$FIRST"
	run_ok didctl release 918065978005 -y
	done_by undo "$CHANGE"
	[ "$(rows | wc -l)" = 2 ]
	done_by pool merge 918065978005 --keep "$SECOND"
	sql "DELETE FROM did_numbers WHERE id = '$SECOND'"
	refused_by 3 not-found undo "$CHANGE"
}

spelled_so() { # SPELLING
	local before

	twins "$1"
	before=$(inventory)
	done_by pool merge 918065978005 --keep "$SECOND"
	[ "$(rows)" = "$SECOND	$1" ]
	[ -z "$(didctl -q doctor replay -o tsv -H)" ] || fail "a row that stayed seems to be gone: $(didctl doctor replay)"
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
	done_by pool merge "id:$SECOND" --keep "$FIRST"
	[ "$(rows)" = "$FIRST	918065978005" ]
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
}

three_rows() {
	local before

	twins 08065978005
	sql "INSERT INTO did_numbers (id, number) VALUES ('${ROW}3', '+918065978005')"
	before=$(inventory)
	done_by pool merge 8065978005 --keep "${ROW}3"
	json .changed 2
	[ "$(rows)" = "${ROW}3	+918065978005" ]
	[ "$(didctl history --change "$CHANGE" -c number -o tsv -H | grep -cx 918065978005)" = 2 ]
	invariants
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
}

one_organisation() {
	twins 08065978005 ACME
	done_by pool merge 8065978005 --keep "$SECOND"
	told 'ACME loses its default caller ID'
	[ "$(sql "SELECT name FROM users WHERE outbound_did IS NOT NULL")" = Ann ] || fail 'the user of the same owner keeps it'
}

refusals() {
	twins 08065978005
	unchanged run_code 2 didctl pool merge 8065978005 -y
	unchanged run_code 2 didctl pool merge 8065978005 --keep 5 -y
	unchanged run_code 2 didctl pool merge 8065978005-8006 --keep "$FIRST" -y
	unchanged run_code 6 didctl pool merge 8065978005 --keep "$FIRST"
	told yes
	refused_by 3 not-found pool merge 8065978005 --keep "${ROW}9"
	[[ $output == *"${ROW}9"*"$SECOND, Globex"*"$FIRST, ACME"* ]] || fail "$output"
	refused_by 3 not-found pool merge 8065978999 --keep "$FIRST"
	unchanged run_code 3 didctl pool merge "id:${ROW}9" --keep "$FIRST" -y
	refused_by 6 rule pool merge 8065978006 --keep "$FIRST"
	[[ $output == *'nothing to merge'* ]] || fail "$output"
	unchanged run_ok didctl pool merge 8065978005 --keep "$FIRST" -n
	told 'goes: state assigned, organisation Globex' 'stays: state assigned, organisation ACME, default yes'
	unchanged run_code 6 didctl pool merge 8065978005 --keep "$FIRST" -y --expect 2
	refused_by 6 twin pool delete "id:$FIRST" "id:$SECOND" --expect 2
	sql "UPDATE didctl_details SET locked = 1 WHERE number = '08065978005'"
	refused_by 6 locked pool merge 8065978005 --keep "$FIRST"
	refused_by 6 locked pool delete "id:$SECOND" --expect 1
	done_by pool merge 8065978005 --keep "$SECOND" --expect 1
	done_by pool merge 8065978005 --keep "$SECOND"
	json '"\(.changed) \(.unchanged)"' '0 1'
}

# What each refusal of one says leads on, up to a number that can be released.
both_locked() {
	local before

	twins 08065978005
	sql "UPDATE didctl_details SET locked = 1 WHERE number = '08065978005'"
	sql "INSERT INTO didctl_details (number, locked) VALUES ('918065978005', 1)"
	before=$(inventory)
	refused_by 6 twin pool unlock "id:$SECOND" --expect 1
	[[ $output == *'pool merge --keep ROW makes them one'* ]] || fail "$output"
	refused_by 6 locked pool delete "id:$SECOND" --expect 1
	[[ $output == *'pool merge --keep ROW says which one it is'* ]] || fail "$output"
	unchanged run_code 6 didctl doctor twin --fix -y
	told 'pool merge --keep ROW says which one it is'
	done_by pool merge 8065978005 --keep "$FIRST"
	[ "$(rows)" = "$FIRST	918065978005" ]
	field 918065978005 locked true
	refused_by 6 locked release 918065978005
	invariants
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
	done_by pool merge 8065978005 --keep "$SECOND"
	done_by pool unlock 8065978005
	done_by release 8065978005
	invariants
}

@test "two locked rows: merge leaves the number locked, and it can be unlocked then" { each_backend both_locked; }

replayed() {
	local id=01a20000-0000-7000-8000-000000000001

	twins 08065978005
	run_ok didctl pool merge 8065978005 --keep "$FIRST" -y -o json --change-id $id
	first=$output
	unchanged run_ok didctl pool merge 918065978005 --keep "$FIRST" -y -o json --change-id $id
	[ "$output" = "$first" ]
	unchanged run_code 6 didctl pool merge 918065978005 --keep "$SECOND" -y --change-id $id
	unchanged run_code 6 didctl pool merge 918065978006 --keep "$FIRST" -y --change-id $id
}

deleted_likewise() {
	local before

	twins 08065978005
	before=$(inventory)
	done_by pool delete "id:$SECOND" --expect 1
	[[ $(events 918065978005) == *$'pool delete\t{"dropped":{"id":"'"$SECOND"'"'*$'}}\t{}' ]] || fail "$(events 918065978005)"
	invariants
	done_by undo "$CHANGE"
	[ "$(inventory)" = "$before" ] || fail "$(diff <(echo "$before") <(inventory))"
}

both_at_once() {
	for _ in 1 2 3 4; do
		sql "DELETE FROM did_numbers WHERE number LIKE '%8065978005'"
		sql "INSERT INTO did_numbers (id, number) VALUES ('$FIRST', '918065978005'), ('$SECOND', '08065978005')"
		didctl pool merge 918065978005 --keep "$FIRST" -y 2>err.1 3>&- &
		didctl pool merge 918065978005 --keep "$SECOND" -y 2>err.2 3>&- && two=0 || two=$?
		wait $! && one=0 || one=$?
		[ "$one $two" = '0 6' ] || [ "$one $two" = '6 0' ] || fail "$one $two" "$(cat err.1 err.2)"
		[ "$(rows)" = "$([ "$one" = 0 ] && echo "$FIRST	918065978005" || echo "$SECOND	08065978005")" ] || fail "$(rows)"
	done
}

raced() {
	stock
	both_at_once
}

tables_of_the_pbx_alone() {
	local name

	twins 08065978005
	for name in $(didctl_tables); do
		sql "DROP TABLE $name"
	done
	export DIDCTL_COUNTRY=IN
	done_by pool merge 8065978005 --keep "$SECOND"
	unset DIDCTL_COUNTRY
	[ "$(rows)" = "$SECOND	08065978005" ]
}

didctl_tables() {
	printf '%s\n' didctl_{meta,changes,history,details,orgs,guards}
}

@test "either row is kept, the other goes with what hangs on it, and undo brings all of it back" { each_backend keeps_either; }
@test "the history of both rows is told, before, at and after the merge" { each_backend history_of_both; }
@test "an undone merge is not undone but merged again" { each_backend undo_of_undo; }
@test "a merge is undone beside whatever the kept row is by now, but not without it" { each_backend undone_too_late; }
@test "a row with a plus" { each_backend spelled_so +918065978005; }
@test "a row in a spelling that no look-up finds" { each_backend spelled_so 0806-597-8005; }
@test "three rows" { each_backend three_rows; }
@test "two rows of one organisation: its users keep their caller ID" { each_backend one_organisation; }
@test "what is no merge is refused, and why" { each_backend refusals; }
@test "a change id counts once" { each_backend replayed; }
@test "pool delete of one of two rows is recorded in the same way" { each_backend deleted_likewise; }
@test "two merges at once: one wins, one row stays" { each_backend raced; }
@test "with the PBX's tables alone" { each_backend tables_of_the_pbx_alone; }
