#!/usr/bin/env bats
# didctl release: what leaves with the owner, and what comes after.
load ../lib/common
load ../lib/writes

leaves() {
	stock
	done_by assign 918065978000-4 ACME --route extension:1000 --record on
	sql "INSERT INTO users (id, org_id, name, outbound_did) VALUES ('u1', '$ACME', 'Ann', '+918065978000')"
	run_ok didctl release 918065978000 -y
	told 'callers see 918065978001 from now on' 'charges that stop: 2499.00'
	field 918065978000 state available
	field 918065978000 route null
	field 918065978000 default false
	field 918065978000 previous_org ACME
	[ "$(sql "SELECT COUNT(*) FROM users WHERE outbound_did IS NOT NULL")" = 0 ]
	run_ok didctl release 918065978001-4 -y
	told 'charges that stop: 9996.00'
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE org_id IS NOT NULL OR is_default = 1")" = 0 ]
	invariants
}

@test "owner, default flag, route and users' caller IDs go; it says what callers see now and what it saves" {
	each_backend leaves
}

keep() {
	stock
	done_by assign 918065978000-1 ACME --route extension:1000
	done_by release 918065978000 --keep route
	field 918065978000 route extension:1000
	unchanged run_code 2 didctl release 918065978001 --keep everything -y
	invariants
}

@test "--keep leaves what it names" {
	each_backend keep
}

hold() {
	stock
	done_by assign 918065978000-5 ACME
	done_by release 918065978000 --hold 30 --then reserved
	field 918065978000 state on-hold
	field 918065978000 after_hold reserved
	[ -n "$(didctl pool list 918065978000 -c hold_until -H -o tsv)" ]
	done_by release 918065978001 --then archived
	field 918065978001 state archived
	done_by release 918065978002 --hold 0 --then reserved
	field 918065978002 state reserved
	done_by pool edit 918065978003 --hold-days 7
	done_by release 918065978003
	field 918065978003 state on-hold
	unchanged run_code 2 didctl release 918065978004 --then on-hold -y
	invariants
}

@test "the hold: by option, by the number, and none" {
	each_backend hold
}

refusals() {
	stock
	refused_by 6 state release 918065978000
	told 'may not change'
	refused_by 3 not-found release 918065978999
	done_by assign 918065978000-3 ACME
	done_by pool lock 918065978002
	refused_by 6 locked release 918065978000-3
	run_code 5 didctl release 918065978000-3 -y --partial -o json
	json '"\(.changed) \(.refused)"' '3 1'
	field 918065978002 state assigned
	unchanged run_code 6 didctl release 918065978002
	done_by pool unlock 918065978002
	done_by pool mark blocked 918065978002
	done_by release 918065978002
	field 918065978002 state available
	invariants
}

@test "what is available, unknown or locked is refused; what is blocked may go" {
	each_backend refusals
}
