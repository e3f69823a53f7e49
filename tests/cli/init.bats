#!/usr/bin/env bats
# didctl init: makes what the target lacks.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common

@test "init: makes the tables, then has nothing to do" {
	body() {
		run_ok didctl init --country IN
		[ -z "$output" ]
		[[ $stderr == *made* ]]
		before=$(checksum)
		run_ok didctl init --country IN
		[ "$stderr" = 'didctl: nothing to do' ]
		run_ok didctl init
		[ "$before" = "$(checksum)" ]
		run_ok didctl pool list -o json
		json length 0
		invariants
	}
	each_backend body
}

@test "init --demo: 30 numbers and two organisations, once" {
	body() {
		run_ok didctl init --country IN --demo
		run_ok didctl init --demo
		[ "$stderr" = 'didctl: nothing to do' ]
		run_ok didctl pool stats --by env -o tsv -H
		[ "$output" = $'oss\t5\nprod\t21\nstaging\t4' ]
		run_ok didctl org list -c name -o tsv -H
		[ "$output" = $'ACME\nGlobex' ]
		run_ok didctl pool list 918065978000 -c provider,region,price,state -o tsv -H
		[ "$output" = $'Tata\tBangalore\t2499.00\tavailable' ]
		invariants
	}
	each_backend body
}

@test "init --demo without a country: says which one it takes" {
	sqlite_target
	run_ok didctl init --demo
	[[ $stderr == *IN* ]]
	run_ok didctl pool show 08065978002 -o json
	json '.[0].number' 918065978002
}

@test "init --country: one that is known, set once" {
	body() {
		run_code 2 didctl init --country XX
		[[ $stderr == *'IN, US, CA or ZZ'* ]]
		run_code 2 didctl init --country ''
		run_ok didctl init
		[[ $stderr == *'no country is set'* ]]
		run_code 2 didctl pool list 08065978002
		run_ok didctl init --country US
		unchanged run_code 6 didctl init --country IN
		run_ok didctl pool list 8775551234
	}
	each_backend body
}

@test "init: an unknown country makes no file" {
	sqlite_target
	run_code 2 didctl init --country XX
	[ ! -e "$DATABASE" ]
}

@test "init --check: makes nothing, and tells what is missing" {
	body() {
		unchanged run_code 3 didctl init --check --country IN
		[ -z "$output" ]
		[[ $stderr == *missing* ]]
		[ "$BACKEND" = mysql ] || [ ! -e "$DATABASE" ]
		didctl -q init --country IN
		unchanged run_ok didctl init --check --country IN
		[ "$stderr" = 'didctl: nothing is missing' ]
	}
	each_backend body
}

@test "init --dry-run: makes nothing, tells what it would make, and ends as the real one; --yes is understood" {
	body() {
		local plan

		unchanged run_ok didctl init --demo --dry-run
		[ "$BACKEND" = mysql ] || [ ! -e "$DATABASE" ]
		plan=$(sed -n 's/^didctl: missing: //p' <<<"$stderr")
		[[ $stderr == *'didctl: dry run: nothing was written' ]]
		run_ok didctl init --demo --yes
		[ "$plan" = "$(sed -n 's/^didctl: made //p' <<<"$stderr")" ] || fail "$plan" "$stderr"
		unchanged run_ok didctl init --demo -n
		[ "$stderr" = $'didctl: nothing to do\ndidctl: dry run: nothing was written' ]
		unchanged run_ok didctl init --demo --check
		unchanged run_code 6 didctl init --country US -n
		run_ok didctl pool delete 918065978025-8026 -y --expect 2
		unchanged run_ok didctl init --demo -n
		[[ $stderr == *'missing: 2 numbers of environment oss'* ]]
		unchanged run_code 3 didctl init --demo --check
		run_code 2 didctl init --check -n
	}
	each_backend body
}

@test "init on a PBX's database adds didctl's tables only" {
	[ -n "${TEST_SERVER-}" ] || skip 'no private MariaDB'
	mysql_target
	sql "INSERT INTO did_numbers (id, number) VALUES ('019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f', '08065978002')"
	shape() {
		sql "SELECT table_name, column_name, ordinal_position, column_type FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name NOT LIKE 'didctl%' ORDER BY 1, 3"
	}
	before=$(shape)
	run_ok didctl init --country IN
	[ "$before" = "$(shape)" ]
	run_ok didctl pool list 918065978002 -c number -o tsv -H
	[ "$output" = 08065978002 ]
}

@test "init: where there is no inventory to be made" {
	sqlite_target
	export DIDCTL_TARGET=sqlite:$T/none/inventory.db
	run_code 4 didctl init --country IN
	unset DIDCTL_TARGET
	run_code 4 didctl init --country IN
	[[ $stderr == *DIDCTL_TARGET* ]]
	if [ -n "${TEST_SERVER-}" ]; then
		mysql_target
		sql 'DROP TABLE did_numbers'
		unchanged run_code 4 didctl init --country IN
	fi
}
