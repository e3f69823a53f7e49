#!/usr/bin/env bats
# didctl pool request, approve, reject, requests and sweep.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common
load ../lib/pool

@test "pool request: pending for who asks; requests lists it; approve assigns, the first with the default" {
	body() {
		inventory
		writes 0 pool request 08065978005-8006 ACME -y -o json
		json .changed 2
		is state,org,default,pool_status 918065978005 'pending|ACME|no|pending'
		[ "$(cells requested_at 918065978005 | cut -c1-2)" = 20 ]
		writes 0 pool request 918065978007 org_q3x8w2pa
		run_ok didctl pool requests -o json
		json 'map("\(.number) \(.org) \(.age)") | join(",")' '918065978005 ACME 0m,918065978006 ACME 0m,918065978007 Globex 0m'
		json '.[0] | keys | join(",")' age,number,org,requested_at
		writes 0 pool request 918065978005 ACME -o json
		json '"\(.changed) \(.unchanged)"' '0 1'
		refuses 6 pool request 918065978005 Globex
		writes 0 pool approve 918065978006 918065978005 -y
		is number,state,org,default,requested_at 918065978005-8006 \
			$'918065978005|assigned|ACME|yes|-\n918065978006|assigned|ACME|no|-'
		writes 0 pool reject 918065978007 --reason 'no contract'
		is state,org,requested_at 918065978007 'available|-|-'
		run_ok didctl pool requests -o json
		json length 0
		refuses 6 pool approve 918065978007
		refuses 6 pool reject 918065978005
	}
	each_backend body
}

@test "pool request: who and what" {
	body() {
		inventory
		refuses 2 pool request 918065978005
		refuses 2 pool request
		refuses 2 pool request '' ACME
		refuses 2 pool request 918065978005 ''
		refuses 3 pool request 918065978005 Nobody
		refuses 3 pool request 918065978005 ACM
		refuses 3 pool request 918065978040 ACME
		refuses 6 pool request 918065978005-8006 ACME
		sql "INSERT INTO organizations (id, name) VALUES ('twin-of-acme', 'ACME')"
		refuses 6 pool request 918065978005 ACME
		[[ $stderr == *twin-of-acme* ]]
		writes 0 pool request 918065978005 twin-of-acme
	}
	each_backend body
}

@test "pool approve: pending without an owner cannot be approved, only rejected" {
	body() {
		inventory
		pbx "UPDATE did_numbers SET pool_status = 'pending' WHERE number = '918065978005'"
		is state 918065978005 pending
		refuses 6 pool approve 918065978005 -o json
		json '.numbers[0].code' owner
		run_ok didctl pool requests -o json
		json '.[0] | "\(.number) \(.org) \(.age)"' '918065978005 null null'
		writes 0 pool sweep --pending-days 0 -o json
		json .changed 0
		writes 0 pool reject 918065978005
		is state 918065978005 available
	}
	each_backend body
}

@test "pool requests: columns, sorting, limit" {
	body() {
		inventory
		quietly pool request 918065978005-8006 ACME -y
		quietly pool request 918065978004 Globex
		past requested_at "'918065978006'"
		run_ok didctl pool requests -s requested_at -c number -o tsv -H
		[ "${lines[0]}" = 918065978006 ]
		run_ok didctl pool requests -s -age -c number,age -o tsv -H
		[[ ${lines[0]} == 918065978006$'\t'*d* ]]
		run_ok didctl pool requests -s org,number -c number,org -o csv -H
		[ "$output" = $'918065978005,ACME\r\n918065978006,ACME\r\n918065978004,Globex\r' ]
		run_ok didctl pool requests --limit 1 -o ndjson
		[ "${#lines[@]}" = 1 ]
		[[ $stderr == *more* ]]
		run_ok didctl pool requests --list-columns -o tsv -H
		[ "$(cut -f 1 <<<"$output" | paste -sd,)" = number,org,requested_at,age ]
		run_code 2 didctl pool requests -c state
		run_code 2 didctl pool requests 918065978005
	}
	each_backend body
}

@test "pool sweep: ends what is due in the state that was said; again changes nothing" {
	body() {
		inventory
		quietly pool mark on-hold 918065978000 --for 5 -y
		quietly pool mark on-hold 918065978001 --for 5 --then archived -y
		quietly pool mark on-hold 918065978002 --for 5 --then reserved -y
		quietly pool mark on-hold 918065978003 --for 5 -y
		quietly pool mark on-hold 918065978004 --for 0 -y
		quietly assign 918065978005 ACME
		quietly release 918065978005 --hold 9 --then reserved -y
		writes 0 pool sweep -o json
		json '.numbers | map("\(.number) \(.result)") | join(",")' '918065978004 changed'
		quietly pool edit 918065978003 --after-hold archived
		past hold_until "'918065978000', '918065978001', '918065978002', '918065978005'"
		refuses 0 pool sweep -n -o json
		json .changed 4
		run_code 0 didctl pool sweep -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '4 0 0'
		is number,state,hold_until 918065978000-8005 "\
918065978000|available|-
918065978001|archived|-
918065978002|reserved|-
918065978003|on-hold|$(cells hold_until 918065978003)
918065978004|available|-
918065978005|reserved|-"
		refuses 0 pool sweep -o json
		json '"\(.changed) \(.change_id)"' '0 null'
		is previous_org 918065978005 ACME
	}
	each_backend body
}

@test "pool sweep --pending-days: returns stale requests, by the option or the profile" {
	body() {
		inventory
		quietly pool request 918065978005-8007 ACME -y
		refuses 0 pool sweep -o json
		json .changed 0
		past requested_at "'918065978005'"
		refuses 0 pool sweep --pending-days 3650 -o json
		json .changed 0
		writes 0 pool sweep --pending-days 30 -o json
		json '.numbers | map(.number) | join(",")' 918065978005
		is state,org,requested_at 918065978005 'available|-|-'
		is state 918065978006 pending
		past requested_at "'918065978006'"
		mkdir -p "$XDG_CONFIG_HOME/didctl"
		printf 'pending-days = 3650\n' >"$XDG_CONFIG_HOME/didctl/config"
		refuses 0 pool sweep -o json
		json .changed 0
		rm "$XDG_CONFIG_HOME/didctl/config" # then it is 7
		writes 0 pool sweep -o json
		json '.numbers | map(.number) | join(",")' 918065978006
		writes 0 pool sweep --pending-days 0
		is state 918065978007 available
		refuses 2 pool sweep --pending-days x
		refuses 2 pool sweep --pending-days -1
		refuses 2 pool sweep 918065978007
		refuses 2 pool sweep --where env=oss --expect 0
	}
	each_backend body
}
