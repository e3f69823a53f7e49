#!/usr/bin/env bats
# The plain day: ten numbers to an organisation, one of them back, and both undone.
load ../lib/common
load ../lib/writes

day() {
	local before assigned

	stock
	before=$(pbx_rows)
	run_ok didctl assign 08065978000-08065978009 ACME -y
	told 'assigned 10, unchanged 0, refused 0' 'the lowest of these numbers is the default caller ID of ACME'
	assigned=$(sed -n 's/^change-id: //p' <<<"$stderr")
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE org_id = '$ACME' AND pool_status = 'assigned'")" = 10 ]
	[ "$(sql "SELECT MIN(number), MAX(number) FROM did_numbers WHERE org_id = '$ACME'")" = $'918065978000\t918065978009' ]
	[ "$(sql "SELECT number FROM did_numbers WHERE is_default = 1")" = 918065978000 ]
	run_ok didctl release 08065978000 -y -o json
	told 'callers see 918065978001 from now on'
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE is_default = 1")" = 0 ]
	invariants
	done_by undo "$(jq -r .change_id <<<"$output")"
	[ "$(sql "SELECT number FROM did_numbers WHERE is_default = 1")" = 918065978000 ]
	done_by undo "$assigned"
	[ "$before" = "$(pbx_rows)" ] || fail 'not every byte came back' "$(diff <(echo "$before") <(pbx_rows))"
	invariants
}

@test "assign ten in another spelling, release the default, undo both" {
	each_backend day
}
