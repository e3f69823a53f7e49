#!/usr/bin/env bats
# didctl pool add, edit and delete.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common
load ../lib/pool

@test "pool add: numbers, ranges, short ones; E.164 digits are stored" {
	body() {
		quietly init --country IN
		writes 0 pool add 111-222 -y -o json
		json '"\(.changed) \(.refused) \(.numbers | length)"' '112 0 112'
		[ "$(sql 'SELECT COUNT(*), MIN(number), MAX(number) FROM did_numbers')" = $'112\t111\t222' ]
		writes 0 pool add 08065978000-8002 +918065978003 8065978004 00918065978005 -y
		[[ $stderr == *'added 6, unchanged 0, refused 0'* ]]
		[ "$(sql "SELECT number FROM did_numbers WHERE number LIKE '9%' ORDER BY number" | sed s/91806597// | paste -sd' ')" = \
			'8000 8001 8002 8003 8004 8005' ]
		is state,env,default,org,pool_status,status 918065978000 'available|prod|no|-|available|active'
		writes 0 pool add 1234 -o ndjson
		[ "$output" = '{"number":"1234","result":"changed","code":null,"reason":null}' ]
		printf '918065978010-8011\n# and\n918065978013\n' >numbers
		writes 0 pool add @numbers -y
		writes 0 pool add - -y <<<918065978014
		[ "$(sql 'SELECT COUNT(DISTINCT id) FROM did_numbers')" = 123 ]
		writes 0 pool add +442071838750 -o tsv -H
		[ "$output" = $'442071838750\tchanged\t\\N\t\\N' ]
	}
	each_backend body
}

@test "pool add: what is there under any spelling is a duplicate: both rows and owners are named" {
	body() {
		inventory
		quietly assign 918065978001 ACME
		for number in 918065978001 08065978001 8065978001 +918065978001; do
			refuses 6 pool add "$number" -o json
			json '"\(.change_id) \(.changed) \(.refused) \(.numbers[0].code)"' 'null 0 1 duplicate'
			[[ $(json '.numbers[0].reason') == *918065978001*"$(cells id 918065978001)"*ACME* ]]
		done
		refuses 6 pool add 918065978028-8032 -y -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '0 3 2'
		writes 5 pool add 918065978028-8032 -y --partial -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '3 0 2'
		pbx "UPDATE did_numbers SET number = '08065978002' WHERE number = '918065978002'"
		refuses 6 pool add +918065978002
		[[ $stderr == *08065978002*'no organisation'* ]]
		run_ok didctl pool add 918065978040 08065978040 -n
		[[ $stderr == *'more than once'* ]]
	}
	each_backend body
}

@test "pool add --if-absent: what is there stays as it is" {
	body() {
		inventory
		quietly assign 918065978029 ACME
		before=$(sql "SELECT * FROM did_numbers WHERE number = '918065978029'")
		writes 0 pool add 08065978029-8031 --if-absent --price 1 -y -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '2 1 0'
		[ "$before" = "$(sql "SELECT * FROM did_numbers WHERE number = '918065978029'")" ]
		writes 0 pool add 08065978029-8031 --if-absent --price 2 -y -o json
		json '"\(.changed) \(.unchanged) \(.change_id)"' '0 3 null'
		is price 918065978030 1.00
	}
	each_backend body
}

@test "pool add: fields and the state it begins in" {
	body() {
		inventory
		writes 0 pool add 918065978030 --provider Tata --operator 'Tata Tele' --region Bangalore --city Bengaluru \
			--state-code KA --rate-center RC1 --price 2499 --setup-fee 0.5 --minute-rate 0.012345 --env staging \
			--tag new,batch-7 --tag x --note 'line one' --after-hold archived
		is provider,operator,region,city,state_code,rate_center,price,setup_fee,minute_rate,env,tags,notes,after_hold \
			918065978030 'Tata|Tata Tele|Bangalore|Bengaluru|KA|RC1|2499.00|0.50|0.012345|staging|batch-7,new,x|line one|archived'
		writes 0 pool add 918065978031 --state reserved
		writes 0 pool add 918065978032 --state archived
		is number,state 918065978030-8032 $'918065978030|available\n918065978031|reserved\n918065978032|archived'
		writes 0 pool add 918065978033 --env oss
		[[ $stderr == *'not wired by the prod dispatcher'* ]]
		for option in '--state assigned' '--state on-hold' '--state sold' '--env test' '--price x' '--price -1' '--price 1e3' \
			'--price 1.234' '--minute-rate 0.1234567' '--state-code ka' '--state-code KAR' '--after-hold pending' \
			'--tag A' '--tag a,,b' '--tag +x' "--hold-days 3" '--route queue:sales' '--where env=oss'; do
			# shellcheck disable=SC2086 # words
			run_code 2 didctl pool add 918065978040 $option
		done
		for option in --provider --operator --region --city --price --note --env --tag; do
			run_code 2 didctl pool add 918065978040 "$option" ''
		done
		finds '' 918065978040
	}
	each_backend body
}

@test "pool add: an unknown area code is a warning, no refusal" {
	body() {
		didctl -q init --country US
		writes 0 pool add 299-555-0100 212-555-0100 -y
		[[ $stderr == *$'\nwarning: area code 299: not known to be in use\n'* ]] || fail "$stderr"
		writes 0 pool edit 299-555-0100 --city Nowhere
		[[ $stderr != *'area code'* ]]
	}
	each_backend body
}

@test "pool add: no number, no country, too many, one that is none" {
	body() {
		didctl -q init
		run_code 2 didctl pool add 8065978000
		[[ $stderr == *country* ]]
		writes 0 pool add +918065978000
		: >empty
		for operand in '' ' ' @empty 8XX-5551234 91806597800X id:00000000-0000-7000-8000-000000000001 2-1 1-99999999999999999999 \
			+1-20000000 +910000000000-910099999999 +12 +1234567890123456 '+918065978002;System(x)'; do
			refuses 2 pool add "$operand" -y
		done
		refuses 2 pool add
		refuses 2 pool add - <empty
		refuses 2 pool add +918100000000-10000 -y # 10,001 without --expect
		refuses 6 pool add +918065978010-11
		[[ $stderr == *--yes* ]]
		refuses 6 pool add +918065978010-11 -y --expect 3
		writes 0 pool add +918065978010-11 -y --expect 2
	}
	each_backend body
}

@test "pool add --dry-run: the same plan and exit, nothing written" {
	body() {
		inventory
		refuses 0 pool add 918065978030-8039 -n -o json
		json '"\(.change_id) \(.dry_run) \(.changed)"' 'null true 10'
		refuses 6 pool add 918065978029-8039 -n -o json
		json '"\(.dry_run) \(.changed) \(.unchanged) \(.refused)"' 'true 0 10 1'
	}
	each_backend body
}

@test "pool edit: only the fields named; an empty value clears" {
	body() {
		inventory
		writes 0 pool edit 918065978000-8001 --price 2999 --operator Op --note n --region '' -y -o json
		json '"\(.changed) \(.unchanged)"' '2 0'
		is price,operator,notes,region,provider,env,state 918065978000 '2999.00|Op|n|-|Tata|prod|available'
		is price,operator,notes,region 918065978002 '2499.00|-|-|Bangalore'
		writes 0 pool edit 08065978000 --price 2999.00 --operator Op -o json
		json '"\(.changed) \(.unchanged) \(.change_id)"' '0 1 null'
		writes 0 pool edit 918065978000 --city C --state-code KA --rate-center R --setup-fee 1 --minute-rate 0.5 \
			--provider P --after-hold reserved --hold-days 7 --record on --route queue:sales
		is city,state_code,rate_center,setup_fee,minute_rate,provider,after_hold,hold_days,recording,route,route_type,route_dest \
			918065978000 'C|KA|R|1.00|0.50|P|reserved|7|yes|queue:sales|queue|sales'
		writes 0 pool edit 918065978000 --city '' --state-code '' --rate-center '' --setup-fee '' --minute-rate '' \
			--provider '' --after-hold '' --hold-days '' --record '' --route '' --price '' --operator '' --note '' --tag ''
		is city,state_code,rate_center,setup_fee,minute_rate,provider,after_hold,hold_days,recording,route,price,operator,notes,tags \
			918065978000 '-|-|-|-|-|-|-|-|-|-|-|-|-|-'
		writes 0 pool edit 918065978000 --record off
		is recording 918065978000 no
	}
	each_backend body
}

@test "pool edit --tag: +x adds, -x takes away, x is all from now on" {
	body() {
		inventory
		writes 0 pool edit 918065978000 --tag b,a
		is tags 918065978000 a,b
		writes 0 pool edit 918065978000 --tag +c --tag +a
		is tags 918065978000 a,b,c
		writes 0 pool edit 918065978000 --tag +a -o json
		json .unchanged 1
		writes 0 pool edit 918065978000 --tag=-b,+d
		is tags 918065978000 a,c,d
		writes 0 pool edit 918065978000 --tag -none -o json
		json .unchanged 1
		writes 0 pool edit 918065978000 --tag z
		is tags 918065978000 z
		writes 0 pool edit 918065978000 --tag=-z
		is tags 918065978000 -
		writes 0 pool edit 918065978000-8001 --tag +both -y
		finds '8000 8001' --tag both
		writes 0 pool edit 918065978000 --tag ''
		is tags 918065978000 -
		refuses 2 pool edit 918065978000 --tag x --tag +y
		refuses 2 pool edit 918065978000 --tag x --tag ''
		refuses 2 pool edit 918065978000 --tag UPPER
		refuses 2 pool edit 918065978000 --tag 'a b'
		refuses 2 pool edit 918065978000 --tag +
	}
	each_backend body
}

@test "pool edit: values that are refused, and nothing to edit" {
	body() {
		inventory
		# shellcheck disable=SC2016 # as it is
		for option in '--route queue' '--route :x' '--route queue:' '--route fax:1' '--route extension:1000,1,n,System(rm)' \
			'--route extension:500&PJSIP/itsp/1' '--route extension:${SHELL(id)}' '--route extension:a/b' '--record maybe' \
			'--hold-days 3651' '--hold-days -1' '--hold-days x' '--price 1,5' '--state-code C1' '--state reserved' '--env oss'; do
			# shellcheck disable=SC2086 # words
			run_code 2 didctl pool edit 918065978000 $option
		done
		run_code 2 didctl pool edit 918065978000
		run_code 2 didctl pool edit --price 1 -y
		run_code 2 didctl pool edit '' --price 1 -y
		run_code 2 didctl pool edit 91806597800X --price 1 -y
		run_code 2 didctl pool edit 918065978000 --note $'\377'
		run_code 2 didctl pool edit 918065978000 --note "$(printf 'x%.0s' {1..2001})"
		refuses 3 pool edit 918065978000 918065978040 --price 1 -y
		refuses 6 pool edit 918065978000-8001 --price 1
		writes 0 pool edit 918065978000 --note "' OR 1=1 --"
		is notes 918065978000 "' OR 1=1 --"
		[ "$(sql "SELECT COUNT(*) FROM didctl_details WHERE notes IS NOT NULL")" = 1 ]
	}
	each_backend body
}

@test "pool edit --where, with --expect" {
	body() {
		inventory
		refuses 2 pool edit --where env=staging --price 1 -y
		refuses 6 pool edit --where env=staging --price 1 -y --expect 3
		writes 0 pool edit --where env=staging --price 1 -y --expect 4
		finds '8021 8022 8023 8024' -s number --match 802 --env staging
		[ "$(didctl pool stats --by price -o tsv -H | paste -sd' ')" = $'1.00\t4 2499.00\t26' ]
		writes 0 pool edit --where price=1 --where env=staging,oss --note cheap -y --expect 4 -o json
		json .changed 4
		writes 0 pool edit 918065978020-8022 --where env=staging --note both -y --expect 2
		[ "$(didctl pool list -c number,notes -o tsv -H | grep -c both)" = 2 ]
		writes 0 pool edit --where env=staging --where locked=yes --note none -y --expect 0 -o json
		json .changed 0
		writes 0 pool edit --where locked=no --where default=no --tag all -y --expect 30
		refuses 2 pool edit --where number=918065978000 --note x -y --expect 1
	}
	each_backend body
}

@test "pool delete: with --yes and --expect, and undo brings it back" {
	body() {
		inventory
		quietly assign 918065978000 ACME
		quietly pool mark archived 918065978001 -y
		quietly pool mark reserved 918065978002 -y
		refuses 6 pool delete 918065978001
		refuses 6 pool delete 918065978001 -y
		[[ $stderr == *--expect* ]]
		refuses 6 pool delete 918065978001 --expect 1
		refuses 6 pool delete 918065978001-8003 -y --expect 2
		refuses 6 pool delete 918065978000-8003 -y --expect 4 -o json
		json '.numbers[0] | "\(.number) \(.code)"' '918065978000 state'
		refuses 0 pool delete 918065978001-8003 -n
		refuses 3 pool delete 918065978040 -y --expect 1
		quietly pool edit 918065978003 --note remembered --tag gone
		id=$(cells id 918065978003)
		writes 0 pool delete 918065978001-8003 -y --expect 3 -o json
		json .changed 3
		change=$(json .change_id)
		finds '' 918065978001-8003
		[ "$(sql "SELECT COUNT(*) FROM didctl_details WHERE number = '918065978003'")" = 0 ]
		refuses 3 pool show 918065978003
		writes 0 undo "$change" -y
		is id,notes,tags,state 918065978003 "$id|remembered|gone|available"
		is state 918065978001-8002 $'archived\nreserved'
		writes 0 pool delete --where env=oss -y --expect 5
		[ "$(listed | wc -w)" = 25 ]
		writes 5 pool delete 918065978000 918065978004 -y --expect 1 --partial
		writes 0 pool add 918065978004
	}
	each_backend body
}
