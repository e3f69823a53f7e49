#!/usr/bin/env bats
# didctl pool list and pool stats: operands, patterns, filters, columns, sorting, limits, formats.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common
load ../lib/pool

# The demo's numbers in various states.
mixed() {
	inventory
	quietly assign 918065978000-8002 ACME -y
	quietly assign 918065978003 Globex
	quietly pool request 918065978004 ACME
	quietly pool mark blocked 918065978002 -y
	quietly pool edit 918065978005-8006 --tag gold,metro --operator Tata-Tele --city Bengaluru --price 2999 -y
	quietly pool edit 918065978007 --tag golden --note 'a,b "c"' --price 99.5
	quietly pool lock 918065978008
}

american() {
	quietly init --country US
	quietly pool add +18775551234 +18775559876 +12125550100 +14155550199 -y
	quietly pool edit +12125550100 --city 'New York' --state-code NY --rate-center 'NWYRCYZN01'
	quietly pool edit +14155550199 --state-code CA
}

@test "pool list: operands in any spelling, ranges, files, standard input" {
	body() {
		inventory
		[ "$(listed | wc -w)" = 30 ]
		for number in 918065978002 +918065978002 08065978002 8065978002 00918065978002 0918065978002 \
			'+91 80 6597 8002' tel:+91-80-6597-8002 '(080) 6597-8002'; do
			finds 8002 "$number"
		done
		finds '8002 8003 8004' 918065978002-8004
		finds '8002 8003 8004' 918065978002-4
		finds '8002 8003 8004' 08065978002-08065978004
		finds '8001 8002 8003 8004' 918065978001-8003 08065978002-8004
		printf '# two\n08065978003\n\n918065978007-8008\n' >numbers
		finds '8003 8007 8008' @numbers
		finds '8003 8007 8008' - <numbers
		finds '8003 8007 8008 8009' @numbers 918065978009
		run_ok didctl pool list 918065978001 08065978001 -c number -o tsv -H
		[ "$output" = 918065978001 ]
		[[ $stderr == *'more than once'* ]]
		id=$(cells id 918065978005)
		finds 8005 "id:$id"
		finds '8005 8006' "id:$id" 918065978006 918065978005
		finds '' id:00000000-0000-7000-8000-000000000000
	}
	each_backend body
}

@test "pool list: a number that is not there is no row" {
	body() {
		inventory
		run_ok didctl pool list 918065970000 -o json
		json length 0
		run_ok didctl pool list 918065970000 -o tsv -H
		[ -z "$output" ]
	}
	each_backend body
}

@test "pool list: text that names no number" {
	body() {
		local word

		inventory
		# shellcheck disable=SC2016 # as it is
		for word in '' ' ' 5- 918065978002-918065978001 1-99999999999999999999 0x1F 9.18E+11 1_000 '918065978002,' \
			'٩١٨٠٦٥٩٧٨٠٠٢' + ++91 '918065978002;System(x)' "' OR 1=1 --" '${SHELL(id)}' 123456789012345678901 \
			111111111-222222222 id: id:5 id:918065978002; do
			run_code 2 didctl pool list "$word"
			[ -z "$output" ]
			[ "$(wc -c <<<"$stderr")" -lt 400 ]
		done
		run_code 2 didctl pool list -5
		: >empty
		printf '# nothing\n\n' >blank
		run_code 2 didctl pool list @empty
		run_code 2 didctl pool list @blank
		run_code 2 didctl pool list @missing
		run_code 2 didctl pool list - <empty
		run_code 2 didctl pool list - - <numbers
	}
	echo 111 >numbers
	each_backend body
}

@test "pool list: patterns" {
	body() {
		inventory
		finds '8000 8001 8002 8003 8004 8005 8006 8007 8008 8009' 91806597800X
		finds '8000 8010 8020' 080-6597-80X0
	}
	each_backend body
}

@test "pool list: patterns of North America, with keypad letters" {
	body() {
		american
		run_ok didctl pool list 877-555-XXXX -c number -o tsv -H
		[ "$output" = $'18775551234\n18775559876' ]
		run_ok didctl pool list 8XX-555-XXXX -c number -o tsv -H
		[ "$output" = $'18775551234\n18775559876' ]
		run_ok didctl pool list XXX-555-XXXX -c number -o tsv -H
		[ "$output" = $'12125550100\n14155550199\n18775551234\n18775559876' ]
		run_ok didctl pool list 415-555-XXXX 2125550100 -c number -o tsv -H
		[ "$output" = $'12125550100\n14155550199' ]
		quietly pool add 1-800-356-9377
		run_ok didctl pool list 1-800-FLO-WERS -c number -o tsv -H
		[ "$output" = 18003569377 ]
		run_ok didctl pool list 8XX-FLO-WERS -c number -o tsv -H
		[ "$output" = 18003569377 ]
	}
	each_backend body
}

@test "pool list: every filter; a comma is or, different filters are and" {
	body() {
		mixed
		finds '8000 8001 8003' --state assigned
		finds '8002 8004' --state blocked,pending
		finds '8004' --state PENDING
		finds '8000 8001 8003' --state ACTIVE
		finds '' --state released
		[ "$(listed --state 'in stock' | wc -w)" = 25 ]
		finds '8000 8001 8002 8004' --org ACME
		finds '8000 8001' --org ACME --state assigned
		finds '8000 8001 8002 8003 8004' --org ACME,Globex
		finds '8000 8001 8002 8004' --org org_mnd5khym
		finds '8003' --org "$(sql "SELECT id FROM organizations WHERE name = 'Globex'")"
		finds '8021 8022 8023 8024' --env staging
		finds '8021 8022 8023 8024 8025 8026 8027 8028 8029' --env staging,oss
		finds '8005 8006' --tag gold
		finds '8005 8006 8007' --tag golden,metro
		finds '' --tag gol
		finds '' --tag 'gold%'
		[ "$(listed --provider Tata | wc -w)" = 30 ]
		finds '' --provider Tat
		finds '' --provider 'T%'
		finds '8005 8006' --operator Tata-Tele
		[ "$(listed --region Bangalore | wc -w)" = 30 ]
		finds '8005 8006' --city Bengaluru
		finds '8000 8003' --default
		finds '8008' --locked
		finds '' --toll-free
		finds '' --package gold
		finds '' --cnam synced
		[ "$(listed --e911 not-set | wc -w)" = 30 ]
		finds '' --e911 failed
		finds '8000 8001 8002 8004' --match CM
		finds '8003' --match lob
		finds '8012' --match 8012
		finds '' --match '%'
		finds '' --match '_'
		finds '8000 8001' 918065978000-8009 --org ACME --state assigned
	}
	each_backend body
}

@test "pool list: the filters of North America" {
	body() {
		american
		[ "$(didctl pool list --toll-free -c number -o tsv -H)" = $'18775551234\n18775559876' ]
		[ "$(didctl pool list --area-code 212,415 -c number -o tsv -H)" = $'12125550100\n14155550199' ]
		[ "$(didctl pool list --area-code 877 --nxx 555 -c number -o tsv -H)" = $'18775551234\n18775559876' ]
		[ "$(didctl pool list --state-code CA -c number -o tsv -H)" = 14155550199 ]
		[ "$(didctl pool list --rate-center NWYRCYZN01 --city 'New York' -c number -o tsv -H)" = 12125550100 ]
		[ "$(didctl pool list --match 877-555-12XX -c number -o tsv -H)" = 18775551234 ]
	}
	each_backend body
}

@test "pool list: a filter that is none" {
	body() {
		inventory
		run_code 2 didctl pool list --state sold
		run_code 2 didctl pool list --state ''
		run_code 2 didctl pool list --state available,
		run_code 2 didctl pool list --env test
		run_code 2 didctl pool list --e911 lost
		run_code 2 didctl pool list --cnam lost
		run_code 2 didctl pool list --tag ''
		run_code 2 didctl pool list --match ''
		run_code 3 didctl pool list --org Nobody
		run_code 2 didctl pool list --where env=oss
		run_code 2 didctl pool list --yes
		run_code 2 didctl pool list --colour red
		run_code 2 didctl pool lst
		[[ $stderr == *"list"* ]]
	}
	each_backend body
}

@test "pool list -c: a,b chooses, +a adds, all; --list-columns" {
	body() {
		inventory
		run_ok didctl pool list 918065978000 -o csv
		[ "${lines[0]%$'\r'}" = number,state,org,env,default,route,provider,region,price ]
		run_ok didctl pool list 918065978000 -c state,number -o csv
		[ "${lines[0]%$'\r'}" = state,number ]
		run_ok didctl pool list 918065978000 -c +tags,+id -o csv
		[ "${lines[0]%$'\r'}" = number,state,org,env,default,route,provider,region,price,tags,id ]
		run_ok didctl pool list 918065978000 -c all -o json
		keys=$(jq -r '.[0] | keys[]' <<<"$output")
		for key in id number e164 national state pool_status status org org_id previous_org env default route_type \
			route_dest route recording trunk_id provider operator carrier region city state_code rate_center \
			area_code nxx toll_free price setup_fee minute_rate package cnam cnam_source cnam_status e911 location \
			tags notes locked hold_until after_hold requested_at updated_at; do
			grep -qx "$key" <<<"$keys" || fail "no column $key"
		done
		json '.[0] | [.["e164"], .national, .price, .default, .tags] | tostring' '["918065978000","8065978000","2499.00",false,null]'
		run_code 2 didctl pool list -c number,colour
		run_code 2 didctl pool list -c ''
		run_code 2 didctl pool list -c 'number,'
		run_ok didctl pool list --list-columns -o tsv -H
		[ "$(grep -c . <<<"$output")" -ge 43 ]
		[[ $output == *$'state\tyes\t'* ]]
		[[ $output == *$'notes\tno\t'* ]]
	}
	each_backend body
	DIDCTL_TARGET=sqlite:/nowhere/at.all run_ok didctl pool list --list-columns
}

@test "pool list -s: any column, both ways; absent values together" {
	body() {
		mixed
		run_ok didctl pool list 918065978004-8008 -s -price,number -c number,price -o tsv -H
		[ "$output" = $'918065978005\t2999.00\n918065978006\t2999.00\n918065978004\t2499.00\n918065978008\t2499.00\n918065978007\t99.50' ]
		run_ok didctl pool list 918065978004-8008 -s price,-number -c number -o tsv -H
		[ "$output" = $'918065978007\n918065978008\n918065978004\n918065978006\n918065978005' ]
		finds '8029 8028 8027' -s -number --limit 3
		finds '8025 8026' -s env,number --env prod,oss --limit 2
		run_ok didctl pool list -s org,number --limit 4 --state assigned,pending -c number -o tsv -H
		[ "$output" = $'918065978000\n918065978001\n918065978004\n918065978003' ]
		for sort in $(didctl pool list --list-columns -o tsv -H | cut -f 1 | paste -d, - - - - - - -); do
			sort=${sort%%,,*}
			run_ok didctl pool list -s "$sort" -o tsv -H
			[ "${#lines[@]}" = 30 ]
		done
		run_code 2 didctl pool list -s 'id;DROP TABLE did_numbers'
		run_code 2 didctl pool list -s colour
		run_code 2 didctl pool list -s ''
	}
	each_backend body
}

@test "pool list: numbers sort as the text that they are" {
	body() {
		inventory
		quietly pool add 222 111 9999 -y
		finds '111 222 8000' --limit 3
		finds '9999 8029' -s -number --limit 2
	}
	each_backend body
}

@test "pool list --limit: says that there were more, only where there were" {
	body() {
		inventory
		run_ok didctl pool list --limit 30 -o tsv -H
		[ "${#lines[@]}" = 30 ]
		[[ $stderr != *more* ]]
		run_ok didctl pool list --limit 29 -o json
		json length 29
		[[ $stderr == *more* ]]
		run_ok didctl pool list 918065978000-8009 --limit 3 -o tsv -H
		[ "${#lines[@]}" = 3 ]
		[[ $stderr == *more* ]]
		run_code 2 didctl pool list --limit 0
		run_code 2 didctl pool list --limit -1
		run_code 2 didctl pool list --limit x
	}
	each_backend body
}

@test "pool list -o: table, tsv, csv, json, ndjson" {
	body() {
		mixed
		run_ok didctl pool list 918065978007 -c number,tags,notes,default,org -o tsv
		[ "$output" = $'number\ttags\tnotes\tdefault\torg\n918065978007\tgolden\ta,b "c"\tno\t\\N' ]
		run_ok didctl pool list 918065978007 -c number,notes,default,org -o csv
		[ "$output" = $'number,notes,default,org\r\n918065978007,"a,b ""c""",no,\r' ]
		run_ok didctl pool list 918065978005 -c number,tags,price,default,org,locked -o ndjson
		[ "$output" = '{"number":"918065978005","tags":["gold","metro"],"price":"2999.00","default":false,"org":null,"locked":false}' ]
		run_ok didctl pool list 918065978008 -c number,locked -o json
		json '.[0] | "\(.number) \(.locked)"' '918065978008 true'
		run_ok didctl pool list 918065978005-8006 -o json
		json length 2
		run_ok didctl pool list 918065978005-8006
		[ "${#lines[@]}" = 3 ]
		run_ok didctl pool list 918065978005-8006 -H
		[ "${#lines[@]}" = 2 ]
		run_ok didctl pool list 918065978005-8006 -H -o csv
		[ "${#lines[@]}" = 2 ]
		run_code 2 didctl pool list -o xml
		run_code 2 didctl pool list -o js
		# an empty list is a list
		run_ok didctl pool list --state ported -o json
		json length 0
		run_ok didctl pool list --state ported -o ndjson
		[ -z "$output" ]
		run_ok didctl pool list --state ported -o csv
		[ "${#lines[@]}" = 1 ]
	}
	each_backend body
}

@test "pool list: cells that a spreadsheet would run, a terminal would obey" {
	body() {
		inventory
		pbx "UPDATE did_numbers SET region = '=1+2', provider = '@x' WHERE number = '918065978000'"
		run_ok didctl pool list 918065978000 -c number,region,provider -o csv -H
		[ "$output" = $'918065978000,\'=1+2,\'@x\r' ]
		run_ok didctl pool list 918065978000 -c number,region,provider -o csv -H --raw-csv
		[ "$output" = $'918065978000,=1+2,@x\r' ]
		pbx "UPDATE did_numbers SET region = '$(printf 'a\033[31mb\302\205c')' WHERE number = '918065978000'"
		run_ok didctl pool list 918065978000 -c region
		[[ $output != *$'\033'* && $output != *$'\302\205'* ]]
		run_ok didctl pool list 918065978000 -c region -o json
		json '.[0].region' $'a\033[31mb\302\205c'
	}
	each_backend body
}

@test "pool list: rows in other spellings are shown as they are stored" {
	body() {
		inventory
		pbx "UPDATE did_numbers SET number = '08065978002' WHERE number = '918065978002'"
		pbx "INSERT INTO did_numbers (id, number) VALUES ('00000000-0000-7000-8000-00000000000a', 'ask Ravi')"
		is number,e164 918065978002 '08065978002|918065978002'
		is number +918065978002-8003 $'08065978002\n918065978003'
		run_ok didctl pool list -o json -c all
		json length 31
		json '.[] | select(.number == "ask Ravi") | "\(.national) \(.area_code) \(.toll_free)"' 'null null null'
	}
	each_backend body
}

@test "pool stats: counts by any columns, with the filters of the list" {
	body() {
		mixed
		run_ok didctl pool stats -o tsv
		[ "$output" = $'state\tcount\nassigned\t3\navailable\t25\nblocked\t1\npending\t1' ]
		run_ok didctl pool stats --by env,state -o tsv -H
		[ "$output" = $'oss\tavailable\t5\nprod\tassigned\t3\nprod\tavailable\t16\nprod\tblocked\t1\nprod\tpending\t1\nstaging\tavailable\t4' ]
		run_ok didctl pool stats --by org -o json
		json '.[] | select(.org == "ACME") | .count' 4
		json '.[] | select(.org == null) | .count' 25
		run_ok didctl pool stats --by state 918065978000-8002 -o csv
		[ "$output" = $'state,count\r\nassigned,2\r\nblocked,1\r' ]
		run_ok didctl pool stats --by provider --state assigned -o ndjson
		[ "$output" = '{"provider":"Tata","count":3}' ]
		run_ok didctl pool stats --by locked,default --org ACME -o tsv -H
		[ "$output" = $'no\tno\t3\nno\tyes\t1' ]
		run_ok didctl pool stats --state ported -o json
		json length 0
		run_ok didctl pool stats
		[[ ${lines[0]} == State*Count* ]]
		for key in price,org tags notes toll_free number "$(didctl pool list --list-columns -o tsv -H | cut -f 1 | paste -sd,)"; do
			run_ok didctl pool stats --by "$key" -o json
			json 'map(.count) | add' 30
		done
		run_code 2 didctl pool stats --by colour
		run_code 2 didctl pool stats --by ''
		run_code 2 didctl pool stats --by state,
		run_code 2 didctl pool stats --limit 3
	}
	each_backend body
}

@test "pool show: everything about one number, and what was done to it" {
	body() {
		mixed
		for number in 918065978005 08065978005 "id:$(cells id 918065978005)"; do
			run_ok didctl pool show "$number" -o json
			json length 1
			json '.[0] | "\(.number) \(.state) \(.price) \(.operator) \(.tags | join("+"))"' \
				'918065978005 available 2999.00 Tata-Tele gold+metro'
			json '.[0].history | map(.verb) | join(",")' 'pool edit,init'
			json '.[0].history[0].before.price' 2499.00
		done
		run_ok didctl pool show 08065978001
		[[ $output == *ACME*assigned* || $output == *assigned*ACME* ]]
		[[ $output == *'pool'* ]]
		[[ $output == *assign* ]]
		run_ok didctl pool show 08065978001 -o tsv
		[ "${#lines[@]}" = 2 ]
		run_ok didctl pool show 08065978001 -o csv
		[ "${#lines[@]}" = 2 ]
		run_ok didctl pool show 08065978001 -o ndjson
		json .org ACME
		run_code 3 didctl pool show 918065970000
		run_code 3 didctl pool show id:00000000-0000-7000-8000-000000000000
		run_code 2 didctl pool show 918065978001-8002
		run_code 2 didctl pool show 918065978001 918065978002
		run_code 2 didctl pool show 91806597800X
		run_code 2 didctl pool show ''
		run_code 2 didctl pool show
		run_code 2 didctl pool show 918065978001 -c number
	}
	each_backend body
}

@test "pool show: of twins both rows and owners; a change refuses them" {
	body() {
		inventory
		quietly assign 918065978005 ACME
		pbx "INSERT INTO did_numbers (id, number, org_id, pool_status) SELECT '00000000-0000-7000-8000-00000000000a',
			'08065978005', id, 'assigned' FROM organizations WHERE name = 'Globex'"
		twin=id:00000000-0000-7000-8000-00000000000a
		for number in 918065978005 08065978005 $twin "id:$(sql "SELECT id FROM did_numbers WHERE number = '918065978005'")"; do
			run_ok didctl pool show "$number" -o json
			json 'map("\(.number) \(.org)") | sort | join(", ")' '08065978005 Globex, 918065978005 ACME'
			[[ $stderr == *twice* || $stderr == *'2 times'* ]]
			[[ $stderr == *ACME* && $stderr == *Globex* ]]
		done
		finds '08065978005 8005' 918065978005
		refuses 6 pool edit 918065978005 --note x -o json
		json '.numbers[0].code' twin
		[[ $stderr == *ACME* && $stderr == *Globex* ]] || [[ $output == *ACME* && $output == *Globex* ]]
		refuses 6 pool add +918065978005 -o json
		json '.numbers[0].code' twin
		[[ $output == *ACME* && $output == *Globex* ]]
	}
	each_backend body
}
