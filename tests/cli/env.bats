#!/usr/bin/env bats
# didctl env show and env set.
load ../lib/common
load ../lib/writes

show() {
	stock
	run_ok didctl env show -o json
	json '[.[] | "\(.env) \(.state) \(.count)"] | sort | join(",")' 'oss available 5,prod available 21,staging available 4'
	done_by assign 918065978000-1 ACME
	run_ok didctl env show 918065978000-3 -o json
	json '[.[] | "\(.env) \(.state) \(.count)"] | sort | join(",")' 'prod assigned 2,prod available 2'
}

@test "show counts by environment and state" {
	each_backend show
}

set_env() {
	stock
	done_by env set oss 918065978000-4
	told 'not wired by the prod dispatcher'
	json .changed 5
	field 918065978004 env oss
	done_by env set oss 918065978000-5
	json '"\(.changed) \(.unchanged)"' '1 5'
	done_by undo "$CHANGE"
	field 918065978005 env prod
	unchanged run_code 2 didctl env set moon 918065978000
	unchanged run_code 2 didctl env set oss
	refused_by 3 not-found env set prod 918065978999
	unchanged run_code 6 didctl env set staging 918065978000-4
	invariants
}

@test "set says what is not wired, is idempotent and can be undone" {
	each_backend set_env
}
