#!/usr/bin/env bats
# didctl org: list, show, add, edit, delete.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common

inventory() {
	didctl -q init --country IN --demo
	didctl -q assign 08065978000-8002 ACME -y 2>/dev/null
}

@test "org list: names, counts and default caller IDs" {
	body() {
		inventory
		run_ok didctl org list -o tsv
		[ "${lines[0]}" = $'name\tcontext_prefix\tnumbers\tdefault' ]
		[[ ${lines[1]} == $'ACME\torg_'*$'\t3\t918065978000' ]]
		[[ ${lines[2]} == $'Globex\torg_'*$'\t0\t\\N' ]]
		run_ok didctl org list -s -numbers --limit 1 -c name,unrouted -o json
		json '.[0] | "\(.name) \(.unrouted)"' 'ACME hangup'
		json length 1
	}
	each_backend body
}

@test "org add: the id in the JSON, a prefix of its own, nothing twice" {
	body() {
		inventory
		run_ok didctl org add Initech -o json
		json .verb 'org add'
		id=$(json .org)
		run_ok didctl org show "$id" -o json
		json '.[0].name' Initech
		[[ $(json '.[0].context_prefix') =~ ^org_[a-z0-9]{7}$ ]]
		json '.[0].users | length' 0
		unchanged run_code 6 didctl org add Initech
		[[ $stderr == *"'Initech' already"* ]]
		prefix=$(sql "SELECT context_prefix FROM organizations WHERE name = 'Initech'")
		unchanged run_code 6 didctl org add Hooli --context-prefix "$prefix"
		run_ok didctl org add Hooli --context-prefix hooli --unrouted queue:reception
		[ "$(sql "SELECT context_prefix FROM organizations WHERE name = 'Hooli'")" = hooli ]
		run_ok didctl org list -c name,unrouted -o tsv -H
		[[ $output == *$'Hooli\tqueue:reception'* ]]
		invariants
	}
	each_backend body
}

@test "org add: a replay adds nothing, and a dry run promises no id" {
	body() {
		inventory
		id=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f
		run_ok didctl org add Initech --change-id "$id"
		run_ok didctl org add Initech --change-id "$id"
		[ "$(sql "SELECT COUNT(*) FROM organizations WHERE name = 'Initech'")" = 1 ]
		unchanged run_ok didctl org add Hooli -n -o json
		json .org null
		json .change_id null
	}
	each_backend body
}

@test "org add: names" {
	sqlite_target
	inventory
	run_ok didctl org add -- --Acme
	run_ok didctl org show -o json -- --Acme
	json '.[0].name' --Acme
	run_ok didctl org add 'Bäckerei "Süß" & Söhne; DROP TABLE users'
	run_ok didctl org add "$(printf 'x%.0s' {1..255})"
	unchanged run_code 2 didctl org add "$(printf 'y%.0s' {1..256})"
	unchanged run_code 2 didctl org add ''
	unchanged run_code 2 didctl org add ' '
	unchanged run_code 2 didctl org add $'\xff'
	for prefix in Big with-hyphen 'a b' '' "$(printf 'x%.0s' {1..64})" 'a]'; do
		unchanged run_code 2 didctl org add New --context-prefix "$prefix"
	done
	for route in queue nowhere:1 'queue:a b' 'queue:' ':1' "queue:a';"; do
		unchanged run_code 2 didctl org add New --unrouted "$route"
		[[ $stderr == *unrouted* ]]
	done
}

@test "org show: what is stored, states and users" {
	body() {
		inventory
		didctl -q user add alice --org ACME 2>/dev/null
		didctl -q pool request 918065978010 ACME 2>/dev/null
		run_ok didctl org show ACME -o json
		json '.[0] | "\(.name) \(.numbers) \(.default)"' 'ACME 3 918065978000'
		[[ $output == *'"states":{"pending":1,"assigned":3}'* ]]
		json '.[0].users[0] | "\(.name) \(.outbound_did)"' 'alice null'
		prefix=$(json '.[0].context_prefix')
		id=$(json '.[0].id')
		run_ok didctl org show "$prefix"
		[[ $output == *ACME* && $output == *'pending 1, assigned 3'* && $output == *alice* ]]
		run_ok didctl org show "$id" -o tsv
		[ ${#lines[@]} -eq 2 ]
		run_code 3 didctl org show ACM
		[[ $stderr == *"no organisation 'ACM'"* ]]
	}
	each_backend body
}

@test "org edit: only what is named" {
	body() {
		inventory
		run_ok didctl org edit Globex --unrouted ivr:main -o json
		json '.org' "$(sql "SELECT id FROM organizations WHERE name = 'Globex'")"
		run_ok didctl org edit Globex --name 'Globex Corp'
		run_ok didctl org list -c name,unrouted -o tsv -H
		[[ $output == *$'Globex Corp\tivr:main'* ]]
		run_ok didctl org edit 'Globex Corp' --unrouted hangup --context-prefix globex
		run_ok didctl org show globex -o json
		json '.[0].unrouted' hangup
		run_ok didctl org edit globex --unrouted hangup
		[[ $stderr == *'unchanged 1'* ]]
		unchanged run_code 2 didctl org edit globex
		unchanged run_code 6 didctl org edit globex --name ACME
		unchanged run_code 3 didctl org edit nobody --name x
		unchanged run_code 6 didctl org edit globex --name x --expect 2
		[[ $stderr == *'2 entries were expected to change, 1 would'* ]]
		run_ok didctl org edit globex --unrouted ivr:night --expect 1
		invariants
	}
	each_backend body
}

@test "org delete: asks, and takes only what is empty" {
	body() {
		inventory
		unchanged run_code 6 didctl org delete Globex
		[[ $stderr == *--yes* ]]
		unchanged run_code 6 didctl org delete ACME -y
		run_ok didctl org delete Globex -y
		run_code 3 didctl org show Globex
		run_ok didctl undo "$(didctl history --limit 1 -c change_id -o tsv -H 2>/dev/null)" -y
		run_ok didctl org show Globex
		invariants
	}
	each_backend body
}

comma() {
	run_ok didctl init --country IN --demo
	run_ok didctl org add 'Acme, Inc.'
	run_ok didctl assign 918065978000-8001 'Acme, Inc.' -y
	run_ok didctl assign 918065978002 Globex -y
	run_ok didctl pool list --org 'Acme, Inc.' -c number -o tsv -H
	[ "$output" = $'918065978000\n918065978001' ]
	run_ok didctl pool list --org ACME,Globex -c number -o tsv -H
	[ "$output" = 918065978002 ]
}

@test "a name with a comma is found as it stands, and a list is still a list" {
	each_backend comma
}
