#!/usr/bin/env bats
# didctl default: the organisation's and the user's caller ID.
load ../lib/common
load ../lib/writes

set_clear() {
	stock
	done_by assign 918065978000-4 ACME
	done_by default set 08065978003
	field 918065978003 default true
	field 918065978000 default false
	run_ok didctl default show -o tsv -H
	[ "$output" = $'ACME\t918065978003\nGlobex\t\\N' ] || fail "$output"
	run_ok didctl default show ACME -o json
	json '.[0].number' 918065978003
	done_by default set 918065978003
	json '"\(.changed) \(.unchanged)"' '0 1'
	unchanged run_code 6 didctl default clear ACME
	done_by default clear ACME
	told 'callers see 918065978000'
	field 918065978003 default false
	done_by default clear ACME
	json '"\(.change_id) \(.changed)"' 'null 0'
	done_by default set 918065978004
	invariants
}

@test "set moves the flag, clear says what callers see then" {
	each_backend set_clear
}

moved_back() {
	stock
	done_by assign 918065978000-4 ACME
	done_by default set 918065978003
	done_by undo "$CHANGE"
	field 918065978000 default true
	field 918065978003 default false
	invariants
}

@test "undo gives the flag back to the previous default" {
	each_backend moved_back
}

refusals() {
	stock
	refused_by 6 state default set 918065978000
	refused_by 3 not-found default set 918065978999
	unchanged run_code 2 didctl default set 918065978000-3
	unchanged run_code 3 didctl default clear Nobody -y
	unchanged run_code 3 didctl default show Nobody
	done_by assign 918065978000-1 ACME
	done_by pool mark blocked 918065978001
	refused_by 6 state default set 918065978001
	done_by pool mark blocked 918065978000
	field 918065978000 default false
	invariants
}

@test "only what is held and in service can be a default" {
	each_backend refusals
}

users() {
	stock
	done_by assign 918065978000-4 ACME
	run_ok didctl user add Ann --org ACME
	run_ok didctl default user Ann 08065978002
	[[ $(sql "SELECT outbound_did FROM users") == *8065978002 ]]
	unchanged run_ok didctl default user Ann 918065978002
	unchanged run_code 3 didctl default user Nobody 918065978002
	unchanged run --separate-stderr didctl default user Ann 918065978009
	[ "$status" -ne 0 ] || fail "a number of nobody was taken: $stderr"
	run_ok didctl default user Ann none
	[ -z "$(sql "SELECT outbound_did FROM users WHERE outbound_did IS NOT NULL")" ]
	run_ok didctl default user Ann 918065978002 --change-id 00000000-0000-7000-8000-000000000009
	run_ok didctl default user Ann none
	unchanged run_ok didctl default user Ann 08065978002 --change-id 00000000-0000-7000-8000-000000000009
	told 'done before'
	invariants
}

@test "a user's own number: set, unchanged, cleared, replayed in another spelling" {
	each_backend users
}
