#!/usr/bin/env bats
# didctl user: list, show, add, edit, delete.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common

inventory() {
	didctl -q init --country IN --demo
	didctl -q assign 08065978000-8002 ACME -y 2>/dev/null
	didctl -q assign 08065978003 Globex -y 2>/dev/null
}

outbound() { sql "SELECT COALESCE(outbound_did, 'none') FROM users WHERE name = '$1'"; }

@test "user add: the id in the JSON; an outbound number must be the organisation's" {
	body() {
		inventory
		run_ok didctl user add alice --org ACME -o json
		id=$(json .user)
		run_ok didctl user show "$id" -o json
		json '.[0] | "\(.name) \(.org) \(.outbound_did)"' 'alice ACME null'
		run_ok didctl user add bob --org ACME --outbound-did 08065978001
		[ "$(outbound bob)" = 918065978001 ]
		unchanged run_code 6 didctl user add carol --org ACME --outbound-did 08065978003
		unchanged run_code 6 didctl user add carol --org ACME --outbound-did 08065978020
		unchanged run_code 3 didctl user add carol --org ACME --outbound-did 08065970000
		unchanged run_code 2 didctl user add carol --org ACME --outbound-did 0806597
		unchanged run_code 2 didctl user add carol --org ACME --outbound-did none
		unchanged run_code 2 didctl user add carol
		[[ $stderr == *--org* ]]
		unchanged run_code 3 didctl user add carol --org nobody
		invariants
	}
	each_backend body
}

@test "user list: all, or of one organisation" {
	body() {
		inventory
		didctl -q user add bob --org ACME --outbound-did 08065978001 2>/dev/null
		didctl -q user add alice --org Globex 2>/dev/null
		run_ok didctl user list -o tsv
		[ "$output" = $'name\torg\toutbound_did\nalice\tGlobex\t\\N\nbob\tACME\t918065978001' ]
		run_ok didctl user list --org ACME -o json
		json '[.[].name] | join(",")' bob
		run_code 3 didctl user list --org nobody
		run_ok didctl user show bob
		[[ $output == *918065978001* ]]
		run_code 3 didctl user show nobody
	}
	each_backend body
}

@test "user edit: name, organisation, outbound number" {
	body() {
		inventory
		didctl -q user add alice --org ACME 2>/dev/null
		run_ok didctl user edit alice --outbound-did +918065978002
		[ "$(outbound alice)" = 918065978002 ]
		run_ok didctl user edit alice --outbound-did none -o json
		json .user "$(sql "SELECT id FROM users WHERE name = 'alice'")"
		[ "$(outbound alice)" = none ]
		run_ok didctl user edit alice --name 'Alice B' --org Globex
		run_ok didctl user list -o tsv -H
		[ "$output" = $'Alice B\tGlobex\t\\N' ]
		run_ok didctl user edit 'Alice B' --org Globex
		[[ $stderr == *'unchanged 1'* ]]
		unchanged run_code 6 didctl user edit 'Alice B' --outbound-did 918065978002
		unchanged run_code 2 didctl user edit 'Alice B'
		unchanged run_code 3 didctl user edit nobody --name x
		invariants
	}
	each_backend body
}

@test "user edit: another organisation takes the old one's number from the user" {
	body() {
		inventory
		didctl -q user add alice --org ACME --outbound-did 08065978002 2>/dev/null
		run didctl user edit alice --org Globex
		invariants
		[ "$status" -eq 6 ] || [ "$(outbound alice)" = none ]
	}
	each_backend body
}

@test "user delete: asks, and can be undone" {
	body() {
		inventory
		didctl -q user add alice --org ACME --outbound-did 08065978002 2>/dev/null
		unchanged run_code 6 didctl user delete alice
		run_ok didctl user delete alice -y
		[ "$(sql 'SELECT COUNT(*) FROM users')" = 0 ]
		run_ok didctl undo "$(didctl history --limit 1 -c change_id -o tsv -H 2>/dev/null)" -y
		[ "$(outbound alice)" = 918065978002 ]
		invariants
	}
	each_backend body
}
