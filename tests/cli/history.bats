#!/usr/bin/env bats
# didctl history: changes, events of numbers, a number at a time, how a change ended.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common

UNKNOWN=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f

inventory() {
	didctl -q init --country IN --demo
	DIDCTL_ACTOR=ann didctl -q assign 08065978000-8002 ACME -y --reason onboarding 2>/dev/null
	DIDCTL_ACTOR=bob didctl -q release 08065978001 -y 2>/dev/null
}

last() { didctl history --limit 1 -c change_id -o tsv -H 2>/dev/null; }

@test "history: changes, the newest first" {
	body() {
		inventory
		run_ok didctl history -o tsv --limit 2
		[ "${lines[0]}" = $'change_id\tat\tactor\tverb\tcount\tnumbers\treason\tundo_of' ]
		[[ ${lines[1]} == *$'\tbob\trelease\t1\t918065978001\t\\N\t\\N' ]]
		[[ ${lines[2]} == *$'\tann\tassign\t3\t'*$'\tonboarding\t\\N' ]]
		run_ok didctl history --actor ann -o json
		json '.[] | .verb' assign
		run_ok didctl history -s at,change_id -c verb -o tsv -H
		[ "${lines[-1]}" = release ]
		run_ok didctl history -s -count --limit 1 -c verb -o tsv -H
		[ "$output" = init ]
	}
	each_backend body
}

@test "history: since and until, whole seconds inclusive" {
	body() {
		inventory
		at=$(didctl history --limit 1 -c at -o tsv -H 2>/dev/null)
		second=${at%%.*}
		second=${second%Z}Z
		run_ok didctl history --since "$second" -c change_id -o tsv -H
		[[ $output == *"$(last)"* ]]
		run_ok didctl history --until "$second" -c change_id -o tsv -H
		[[ $output == *"$(last)"* ]]
		run_ok didctl history --since "$at" -c change_id -o tsv -H
		[[ $output == *"$(last)"* ]]
		run_ok didctl history --until 2020-01-01 -o json
		json length 0
		run_ok didctl history --since 1h -o json
		[ "$(json length)" -gt 2 ]
		run_code 2 didctl history --since 2026-02-30
		[[ $stderr == *--since* ]]
		run_code 2 didctl history --until tomorrow
	}
	each_backend body
}

@test "history NUMBERS: what was done to each, the oldest first" {
	body() {
		inventory
		run_ok didctl history +918065978001 -o json
		json '[.[].verb] | join(",")' 'init,assign,release'
		json '.[0].before' null
		json '.[1].after.pool_status' assigned
		json '.[2].before.pool_status' assigned
		json '.[2].actor' bob
		json '.[2].change_id' "$(last)"
		run_ok didctl history 08065978000-8001 -s -at -c number,verb -o tsv -H
		[ "${lines[0]}" = $'918065978001\trelease' ]
		run_ok didctl history 08065978001 --actor ann -c verb -o tsv -H
		[ "$output" = assign ]
		run_ok didctl history 08065978001 --limit 1 -c verb -o tsv -H
		[ "$output" = init ]
		run_ok didctl history 08065970000 -o json
		json length 0
		run_code 2 didctl history 08065978001 -s verb
		run_code 2 didctl history @/dev/null
		run_code 2 didctl history 08065978001 -c reason
		run_code 2 didctl history -c before
	}
	each_backend body
}

@test "history id:UUID: of the row's number, never of all" {
	body() {
		inventory
		id=$(sql "SELECT id FROM did_numbers WHERE number = '918065978001'")
		run_ok didctl history "id:$id" -c number,verb -o tsv -H
		[ "$output" = $'918065978001\tinit\n918065978001\tassign\n918065978001\trelease' ]
		run_ok didctl history "id:${id^^}" "id:$id" -c verb --limit 1 -o tsv -H
		[ "$output" = init ]
		run_code 3 didctl history "id:$UNKNOWN"
		run_ok didctl history --at now "id:$id" -c number -o tsv -H
		[ "$output" = 918065978001 ]
	}
	each_backend body
}

@test "history --change: what one change did" {
	body() {
		inventory
		assign=$(didctl history --actor ann -c change_id -o tsv -H)
		run_ok didctl history --change "$assign" -c number,verb -o tsv -H
		[ "$output" = $'918065978000\tassign\n918065978001\tassign\n918065978002\tassign' ]
		run_ok didctl history --change "${assign^^}" 08065978002 -c number -o tsv -H
		[ "$output" = 918065978002 ]
		run_code 3 didctl history --change "$UNKNOWN"
		[ -z "$output" ]
		run_code 2 didctl history --change last
	}
	each_backend body
}

@test "history --change: an organisation or user is named with its kind" {
	body() {
		didctl -q init --country IN
		run_ok didctl org add Initech -o json
		id=$(json .org)
		run_ok didctl history --change "$(json .change_id)" -c number,verb -o tsv -H
		[ "$output" = "org:$id"$'\torg add' ]
		run_ok didctl user add Bob --org Initech -o json
		id=$(json .user)
		run_ok didctl history --change "$(json .change_id)" -c number,verb -o tsv -H
		[ "$output" = "user:$id"$'\tuser add' ]
	}
	each_backend body
}

@test "history: each listing has its own columns" {
	sqlite_target
	inventory
	run_ok didctl history --list-columns
	[[ $output == *undo_of* && $output != *before* ]]
	run_ok didctl history 08065978001 --list-columns
	[[ $output == *before* && $output != *undo_of* ]]
	run_ok didctl history --at now 08065978001 --list-columns
	[[ $output == *hold_until* ]]
	run_ok didctl history --help
	[[ $output == *resolve* && $output == *--since* ]]
}

@test "history --at: a number as it was" {
	body() {
		didctl -q init --country IN --demo
		sleep 1.1
		before=$(date -u +%FT%TZ)
		sleep 1.1
		didctl -q assign 08065978001 ACME -y 2>/dev/null
		run_ok didctl history --at "$before" 08065978001 -o json
		json '.[0] | "\(.number) \(.state) \(.org)"' '918065978001 available null'
		run_ok didctl history --at now 08065978001 -c number,state,org -o tsv -H
		[ "$output" = $'918065978001\tassigned\tACME' ]
		run_ok didctl history --at now 08065978001 -o tsv
		[ "${lines[0]}" = $'number\tstate\torg\tenv\tdefault\troute\tprovider\tregion\tprice' ]
		run_code 3 didctl history --at 2020-01-01 08065978001
		[ -z "$output" ]
		run_code 3 didctl history --at now 08065970000
		run_code 2 didctl history --at now
		run_code 2 didctl history --at now 08065978001 08065978002
		run_code 2 didctl history --at now 08065978001 --since 1h
		didctl -q pool delete 08065978009 -y --expect 1 2>/dev/null
		run_code 3 didctl history --at now 08065978009
		run_ok didctl history --at "$before" 08065978009 -c number,state,price -o tsv -H
		[ "$output" = $'918065978009\tavailable\t2499.00' ]
	}
	each_backend body
}

@test "history resolve: committed or not there" {
	body() {
		inventory
		run_ok didctl history resolve "$(last)"
		[ "$output" = "change $(last) was committed" ]
		run_ok didctl history resolve "$(last)" -o json
		json .outcome committed
		unchanged run_code 3 didctl history resolve $UNKNOWN -o json
		json '"\(.change_id) \(.outcome)"' "$UNKNOWN not-there"
		run_code 2 didctl history resolve yesterday
		run_code 2 didctl history resolve
	}
	each_backend body
}

@test "history without didctl's tables: 4, and what to do" {
	[ -n "${TEST_SERVER-}" ] || skip 'no private MariaDB'
	mysql_target
	run_code 4 didctl history
	[[ $stderr == *'didctl init'* ]]
}
