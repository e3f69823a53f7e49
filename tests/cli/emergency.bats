#!/usr/bin/env bats
# didctl explain --outbound --dial 911: whether a number may call 911, why not, and where the responders would be sent.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

HQ=(--street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118 --label HQ)

america() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl org add Globex
	run_ok didctl pool add 14155550100-0109 18005550100 +918065978000 -y
	run_ok didctl assign 14155550100-0105 18005550100 +918065978000 ACME -y
	run_ok didctl assign 14155550106 Globex
	run_ok didctl user add alice --org ACME
	run_ok didctl e911 set 14155550100-0104 "${HQ[@]}" -y
	sql "UPDATE didctl_details SET e911 = 'registered' WHERE number IN ('14155550100', '14155550101')"
	sql "UPDATE didctl_details SET e911 = 'failed', e911_note = 'no such floor' WHERE number = '14155550103'"
}

# calls WORD EXPECTED...: allowed, status and the codes of what stands in the way of a call from a number
calls() {
	run_ok didctl explain --outbound "$1" --dial "${3-911}" -o json
	json '"\(.allowed) \(.["e911"]) \(.from) \([.problems[].code] | join(","))"' "$2"
}

numbers() {
	america
	calls 14155550100 'true registered 14155550100 '
	json '.address, .dial, .org' $'350 Fifth Ave, floor 21, New York, NY 10118, US\n911\nACME'
	[ "$(jq -r .location <<<"$output")" = "$(sql "SELECT id FROM didctl_locations")" ]
	calls 415-555-0100 'true registered 14155550100 '
	calls 14155550102 'false pending 14155550102 pending'
	calls 14155550103 'false failed 14155550103 failed'
	json .e911_note 'no such floor'
	calls 14155550105 'false not-set 14155550105 not-set'
	calls 14155550107 'false not-set 14155550107 not-assigned,not-set'
	calls 18005550100 'false not-set 18005550100 toll-free'
	calls +918065978000 'false not-set 918065978000 elsewhere'
	calls 14155550100 'false registered 14155550100 prefix' 9-911
	run_ok didctl pool mark blocked 14155550101 -y
	calls 14155550101 'false registered 14155550101 not-assigned'
	# what the table says is registered, and is no place
	sql "UPDATE didctl_locations SET zip = 'ABCDE'"
	calls 14155550100 'false registered 14155550100 incomplete'
	unchanged run_code 3 didctl explain --outbound 14155550199 --dial 911
}
@test "registered, pending, failed, not set, toll-free, abroad, blocked, with a prefix" { each_backend numbers; }

callers() {
	america
	run_ok didctl explain --outbound --org ACME --dial 911 -o json
	json '"\(.winner) \(.allowed) \(.from) \(.["e911"])"' '14155550100 true 14155550100 registered'
	run_ok didctl explain --outbound --user alice --caller-id 14155550103 --dial 911 -o ndjson
	json '"\(.shown) \(.allowed) \([.problems[].code] | join(","))"' '14155550103 false failed'
	# another organisation's number, with its address; and what the trunk puts in place of it
	run_ok didctl explain --outbound --org Globex --caller-id 14155550100 --dial 911 -o json
	json '"\(.allowed) \([.problems[].code] | unique | join(","))"' 'false not-owned'
	DIDCTL_TRUNK_RANGE=14155550105-0109 DIDCTL_FALLBACK_CALLER_ID=+14155550109 \
		run_ok didctl explain --outbound --org ACME --dial 911 -o json
	json '"\(.shown) \(.allowed) \(.from) \([.problems[].code] | unique | join(","))"' \
		'14155550109 false 14155550109 not-assigned,not-owned,not-set,trunk-range'
	# without --dial nobody asks
	run_ok didctl explain --outbound --org ACME -o json
	json 'has("allowed")' false
	run_ok didctl explain --outbound --org ACME --dial 911
	[[ $output == *'It may call 911'*'responders'* && $output == *'350 Fifth Ave, floor 21'* ]]
	run_ok didctl explain --outbound 14155550102 --dial 911
	[[ $output == *'It may not call 911, because:'*'waits for the provider'*'didctl e911 sync'* ]]
}
@test "what counts is the number that the far end sees" { each_backend callers; }

@test "words that make no sense beside it are refused" {
	sqlite_target
	america
	for words in '--outbound 14155550100 --dial 112' '--outbound 14155550100 --dial 1234911' '--dial 911 14155550100' \
		'--outbound --dial 911' '--outbound 14155550100' '--outbound 14155550100 --org ACME --dial 911' \
		'--outbound --org ACME --dial 911;x' '--outbound 14155550100 14155550101 --dial 911'; do
		# shellcheck disable=SC2086 # words
		unchanged run_code 2 didctl explain $words
	done
}

@test "where there is no place for addresses it is said, not guessed" {
	sqlite3 bare.db "CREATE TABLE did_numbers (id TEXT PRIMARY KEY, number TEXT, org_id TEXT, pool_status TEXT,
		status TEXT, is_default INTEGER, routing_environment TEXT, routing_type TEXT, routing_destination TEXT);
		CREATE TABLE organizations (id TEXT PRIMARY KEY, name TEXT);
		INSERT INTO organizations VALUES ('o1', 'ACME');
		INSERT INTO did_numbers VALUES ('n1', '14155550100', 'o1', 'assigned', 'active', 1, 'prod', NULL, NULL)"
	export DIDCTL_TARGET=sqlite:bare.db DIDCTL_COUNTRY=US
	run_ok didctl explain --outbound --org ACME
	run_code 4 didctl explain --outbound --org ACME --dial 911
	run_code 4 didctl explain --outbound 14155550100 --dial 911
	told "didctl's own tables" "didctl init"
}
