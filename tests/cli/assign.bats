#!/usr/bin/env bats
# didctl assign: numbers named and numbers picked.
load ../lib/common
load ../lib/writes

first_assignment() {
	stock
	done_by assign 918065978003 918065978001 ACME
	json '.verb + " \(.changed) \(.unchanged) \(.refused) \(.dry_run)"' 'assign 2 0 0 false'
	json '[.numbers[] | .number + " " + .result] | join(",")' '918065978001 changed,918065978003 changed'
	field 918065978001 default true
	field 918065978003 default false
	field 918065978003 org ACME
	field 918065978003 state assigned
	done_by assign 918065978000 ACME
	field 918065978000 default false
	field 918065978001 default true
	invariants
}

@test "the lowest number of the first assignment becomes the default" {
	each_backend first_assignment
}

named_anyhow() {
	local org

	stock
	for org in "$ACME" ACME "$(sql "SELECT context_prefix FROM organizations WHERE name = 'ACME'")"; do
		run_ok didctl assign +918065978004 "$org" -o json
	done
	json '"\(.changed) \(.unchanged)"' '0 1'
	done_by assign 08065978004 8065978004 00918065978005 08065978004-08065978006 ACME
	json '"\(.changed) \(.unchanged)"' '2 1'
	done_by assign "id:$(sql "SELECT id FROM did_numbers WHERE number = '918065978009'")" ACME
	json '.numbers[0].number' 918065978009
	for org in ACM org_ ''; do
		unchanged run --separate-stderr didctl assign 918065978007 "$org"
		[ "$status" -ne 0 ] || fail "'$org' was taken for an organisation"
	done
	unchanged run_code 3 didctl assign 918065978007 Nobody
	invariants
}

@test "numbers in any spelling or by row, the organisation by id, name or prefix, in whole" {
	each_backend named_anyhow
}

again() {
	local before

	stock
	done_by assign 918065978000-9 ACME --route extension:1000 --record on --env staging
	field 918065978009 route_dest 1000
	field 918065978009 recording true
	field 918065978009 env staging
	before=$(checksum)
	done_by assign 918065978000-9 ACME --route extension:1000 --record on --env staging
	json '"\(.change_id) \(.changed) \(.unchanged)"' 'null 0 10'
	[ "$before" = "$(checksum)" ] || fail 'a change of nothing wrote something'
	done_by assign 918065978000-10 ACME
	json '"\(.changed) \(.unchanged)"' '1 10'
	invariants
}

@test "what is as wanted is unchanged, and a change of nothing writes nothing" {
	each_backend again
}

all_or_none() {
	stock
	done_by assign 918065978004 Globex
	refused_by 6 owner assign 918065978000-9 ACME
	json '"\(.unchanged) \(.refused) \(.change_id)"' '9 1 null'
	json '.numbers[] | select(.code) | .number' 918065978004
	told '1 number may not change'
	unchanged run_code 6 didctl assign 918065978004 ACME
	told Globex
	refused_by 3 not-found assign 918065978000 918065978999 ACME
	unchanged run_code 3 didctl assign 918065979000-9 ACME -y
	run_code 5 didctl assign 918065978000-9 918065978999 ACME -y --partial -o json
	json '"\(.changed) \(.unchanged) \(.refused)"' '9 0 2'
	json '[.numbers[] | select(.code) | .number + " " + .code] | join(",")' '918065978004 owner,918065978999 not-found'
	run_ok didctl assign 918065978000-3 ACME -y --partial
	unchanged run_code 6 didctl assign 918065978004 ACME -y --partial
	invariants
}

@test "one that may not change stops all, and --partial leaves it out" {
	each_backend all_or_none
}

other_states() {
	stock
	done_by pool mark reserved 918065978000
	refused_by 6 state assign 918065978000 ACME
	done_by assign 918065978000 ACME --allow-reserved
	done_by release 918065978000 --hold 5
	field 918065978000 state on-hold
	refused_by 6 hold assign 918065978000 Globex
	unchanged run_code 2 didctl assign 918065978000 Globex --override-hold -y
	done_by assign 918065978000 Globex --override-hold --reason 'asked by mail'
	done_by release 918065978000 --hold 5
	done_by assign 918065978000 Globex
	field 918065978000 hold_until null
	refused_by 6 owner assign 918065978000 ACME
	unchanged run_code 6 didctl assign 918065978000 ACME --transfer
	done_by assign 918065978000 ACME --transfer
	field 918065978000 org ACME
	field 918065978000 previous_org Globex
	done_by pool lock 918065978000
	refused_by 6 locked assign 918065978000 Globex --transfer
	invariants
}

@test "reserved, on hold, of another, locked: each wants its own word" {
	each_backend other_states
}

transfer() {
	stock
	done_by assign 918065978000-2 ACME
	sql "INSERT INTO users (id, org_id, name, outbound_did) VALUES ('u1', '$ACME', 'Ann', '08065978000')"
	done_by assign 918065978000 Globex --transfer
	told '918065978001'
	[ -z "$(sql "SELECT outbound_did FROM users WHERE outbound_did IS NOT NULL")" ] || fail 'the old tenant still shows it'
	field 918065978000 default true
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE is_default = 1 AND org_id = '$ACME'")" = 0 ]
	done_by undo "$CHANGE"
	[ "$(sql "SELECT outbound_did FROM users")" = 08065978000 ]
	field 918065978000 org ACME
	field 918065978000 default true
	invariants
}

@test "a transfer takes the default flag and the users' caller IDs away, and undo gives them back" {
	each_backend transfer
}

explicit_default() {
	stock
	done_by assign 918065978000-2 ACME
	done_by assign 918065978005 918065978004 ACME --default
	field 918065978004 default true
	field 918065978000 default false
	done_by assign 918065978002 ACME --default
	field 918065978002 default true
	invariants
}

@test "--default moves the flag to the lowest that is named" {
	each_backend explicit_default
}

pick() {
	stock
	run_ok didctl assign --count 3 ACME -y
	[ "$output" = $'918065978000\n918065978001\n918065978002' ] || fail "$output"
	done_by assign --count 2 ACME --env staging
	json '[.numbers[].number] | join(",")' '918065978021,918065978022'
	done_by assign 918065978004 918065978008 Globex
	run_ok didctl assign --count 5 ACME --contiguous -y
	[ "${lines[0]} ${lines[4]}" = '918065978009 918065978013' ] || fail "$output"
	run_ok didctl assign --count 1 ACME --match 91806597801X
	[ "$output" = 918065978014 ]
	unchanged run_code 6 didctl assign --count 20 ACME -y
	[ -z "$output" ]
	unchanged run_code 6 didctl assign --count 8 ACME -y --contiguous
	unchanged run_code 2 didctl assign --count 2 918065978015 ACME -y
	unchanged run_code 2 didctl assign --count 0 ACME -y
	unchanged run_code 2 didctl assign 918065978015 ACME --contiguous
	invariants
}

@test "--count picks free numbers of the environment, all or none" {
	each_backend pick
}

aged() {
	stock
	done_by assign 918065978000-19 ACME
	done_by release 918065978000-19
	run_ok didctl assign --count 1 Globex --prefer-aged
	[ "$output" = 918065978020 ] || fail "$output"
	invariants
}

@test "--prefer-aged takes first what nobody held" {
	each_backend aged
}

@test "what cannot be meant is a usage error" {
	sqlite_target
	stock
	unchanged run_code 2 didctl assign ACME
	unchanged run_code 2 didctl assign '' ACME
	: >empty
	unchanged run_code 2 didctl assign @empty ACME -y
	unchanged run_code 2 didctl assign 918065978009-8000 ACME -y
	unchanged run_code 2 didctl assign 9180659780XX ACME -y
	unchanged run_code 2 didctl assign 918065978000 ACME --route 'extension:1000,1,n,System(rm)'
	unchanged run_code 2 didctl assign 918065978000 ACME --env moon
	unchanged run_code 2 didctl assign --where state=available ACME -y
	unchanged run_code 2 didctl assign 918065978000 ACME --change-id 1234
}

by_filter() {
	stock
	done_by assign --where env=staging --expect 4 ACME
	json .changed 4
	unchanged run_code 6 didctl assign --where env=oss --expect 4 ACME -y
	told '4 numbers were expected to change, 5 would'
	printf '%s\n' '# a list' 918065978000 08065978001 >list
	done_by assign @list ACME
	json .changed 2
	run_ok didctl assign - ACME -y -o json <list
	json '"\(.changed) \(.unchanged)"' '0 2'
	invariants
}

@test "numbers by --where, from a file and from standard input" {
	each_backend by_filter
}
