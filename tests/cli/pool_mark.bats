#!/usr/bin/env bats
# The state table of product.md, cell by cell, through every verb that takes a number from state to state; then what
# pool mark, lock and unlock do besides.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common
load ../lib/pool

# What becomes of a number of each state: a state, "=" (unchanged), or the code of a refusal in upper case.
# The owner, who asks and who had it before is ACME.
table="\
command                            available pending  assigned blocked  on-hold   reserved archived ported
mark-available                     =         STATE    STATE    STATE    HOLD      available available STATE
mark-available_-O                  =         STATE    STATE    STATE    available available available STATE
mark-reserved                      reserved  STATE    STATE    STATE    HOLD      =        reserved STATE
mark-reserved_-O                   reserved  STATE    STATE    STATE    reserved  =        reserved STATE
mark-archived                      archived  STATE    STATE    STATE    HOLD      archived =        archived
mark-archived_-O                   archived  STATE    STATE    STATE    archived  archived =        archived
mark-blocked                       STATE     STATE    blocked  =        STATE     STATE    STATE    STATE
mark-assigned                      STATE     STATE    =        assigned STATE     STATE    STATE    STATE
mark-on-hold_--for_30              on-hold   STATE    STATE    STATE    =         on-hold  STATE    STATE
mark-ported                        ported    STATE    ported   ported   ported    ported   STATE    =
request_ACME                       pending   =        STATE    STATE    STATE     STATE    STATE    STATE
request_Globex                     pending   STATE    STATE    STATE    STATE     STATE    STATE    STATE
approve                            STATE     assigned STATE    STATE    STATE     STATE    STATE    STATE
reject                             STATE     available STATE   STATE    STATE     STATE    STATE    STATE
delete                             gone      STATE    STATE    STATE    STATE     gone     gone     STATE
lock                               available pending  assigned blocked  on-hold   reserved archived ported
assign_ACME                        assigned  STATE    =        STATE    assigned  STATE    STATE    STATE
assign_ACME_--allow-reserved       assigned  STATE    =        STATE    assigned  assigned STATE    STATE
assign_Globex                      assigned  STATE    OWNER    STATE    HOLD      STATE    STATE    STATE
assign_Globex_-O                   assigned  STATE    OWNER    STATE    assigned  STATE    STATE    STATE
assign_Globex_--transfer           assigned  STATE    assigned STATE    HOLD      STATE    STATE    STATE
release                            STATE     STATE    available available STATE   STATE    STATE    STATE
release_--hold_9                   STATE     STATE    on-hold  on-hold  STATE     STATE    STATE    STATE
release_--then_reserved            STATE     STATE    reserved reserved STATE     STATE    STATE    STATE
release_--then_archived            STATE     STATE    archived archived STATE     STATE    STATE    STATE"

# Row R of the table has its own number of each state S: 9180659SSRRR.
number() { printf -v number '9180659%02d%03d' "$1" "$2"; }

column() { printf '9180659%02d001-%03d' "$1" "$rows"; }

all_states() {
	local s

	rows=$(($(wc -l <<<"$table") - 1))
	quietly init --country IN
	quietly org add ACME
	quietly org add Globex
	for s in 1 2 3 4 5 8; do
		quietly pool add "$(column $s)" -y
	done
	quietly pool add "$(column 6)" --state reserved -y
	quietly pool add "$(column 7)" --state archived -y
	quietly pool request "$(column 2)" ACME -y
	quietly assign "$(column 3)" "$(column 4)" "$(column 5)" ACME -y
	quietly pool mark blocked "$(column 4)" -y
	quietly release "$(column 5)" --hold 30 -y
	quietly pool mark ported "$(column 8)" -y
	invariants
}

# Words of the table to those of didctl.
words() {
	local verb=$1 rest

	rest=${verb#*_} verb=${verb%%_*}
	[ "$rest" != "$1" ] || rest=
	rest=${rest//_/ }
	rest=${rest/-O/--override-hold --reason because}
	case $verb in
	mark-*) printf 'pool mark %s %%s %s' "${verb#mark-}" "$rest" ;;
	assign | release) printf '%s %%s %s' "$verb" "$rest" ;;
	*) printf 'pool %s %%s %s' "$verb" "$rest" ;;
	esac
}

# The row's command on all of its numbers that it can change, then on all that it must refuse.
check_row() { # ROW COMMAND CELL...
	local row=$1 template cell s number may=() not=() expect=()

	template=$(words "$2")
	shift 2
	s=0
	for cell; do
		((++s))
		number "$s" "$row"
		if [[ $cell =~ ^[A-Z] ]]; then
			not+=("$number")
			wanted+=("$number refused ${cell,,} ${states[s]}")
		elif [ "$cell" = = ]; then
			may+=("$number")
			wanted+=("$number unchanged - ${states[s]}")
		else
			may+=("$number")
			wanted+=("$number changed - $cell")
		fi
	done
	[[ $template != *' delete '* ]] || expect=(--expect "${#may[@]}")
	# shellcheck disable=SC2059,SC2046 # the template is ours, and words are to be split
	if [ ${#may[@]} -gt 0 ]; then
		writes 0 $(printf "$template" "${may[*]}") -y -o tsv -H "${expect[@]}"
		results+=("${lines[@]}")
	fi
	# shellcheck disable=SC2059,SC2046
	if [ ${#not[@]} -gt 0 ]; then
		refuses 6 $(printf "$template" "${not[*]}") -y -o tsv -H "${expect[@]}"
		results+=("${lines[@]}")
	fi
}

@test "the state table: every verb on a number of every state" {
	body() {
		local row=0 line results=() wanted=()

		all_states
		read -ra states < <(head -n 1 <<<"$table")
		# shellcheck disable=SC2086 # words
		while read -r line; do
			check_row $((++row)) $line
		done < <(tail -n +2 <<<"$table")
		# What each number was told, and the state that it is in now.
		printf '%s\n' "${results[@]}" | cut -f 1-3 | sed 's/\\N/-/' | tr '\t' ' ' | sort >told
		didctl pool list -c number,state -o tsv -H | tr '\t' ' ' | sort >now
		join -a 1 -e gone -o 0,1.2,1.3,2.2 told now >have
		printf '%s\n' "${wanted[@]}" | sort >want
		diff want have
	}
	each_backend body
}

@test "pool mark: the refusal names the number, from, to and what is legal now" {
	body() {
		inventory
		refuses 6 pool mark blocked 08065978003 -y
		[[ $stderr == *918065978003*'is available'*blocked*'legal now: assign, pool mark, pool request'* ]]
		refuses 6 pool mark available 918065978003 918065978004
		[[ $stderr == *--yes* ]]
		refuses 6 pool mark reserved 918065978003
		[[ $stderr == *--yes* ]]
		refuses 3 pool mark reserved 918065978003 918065978040 -y
		refuses 2 pool mark sold 918065978003 -y
		refuses 2 pool mark pending 918065978003 -y
		refuses 2 pool mark unknown 918065978003 -y
		refuses 2 pool mark reserved -y
		refuses 2 pool mark
	}
	each_backend body
}

@test "pool mark: one that may not change holds all back, unless --partial" {
	body() {
		inventory
		quietly assign 918065978001 ACME
		refuses 6 pool mark archived 918065978000-8002 -y -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '0 2 1'
		writes 5 pool mark archived 918065978000-8002 -y --partial -o json
		json '"\(.changed) \(.unchanged) \(.refused)"' '2 0 1'
		is number,state 918065978000-8002 $'918065978000|archived\n918065978001|assigned\n918065978002|archived'
		refuses 6 pool mark blocked 918065978000 918065978002 -y --partial
		writes 0 pool mark archived 918065978000 918065978002 -y -o json
		json '"\(.changed) \(.unchanged) \(.change_id)"' '0 2 null'
	}
	each_backend body
}

@test "pool mark: the words of other systems" {
	body() {
		inventory
		writes 0 pool mark archive 918065978000 -y
		is state 918065978000 archived
		writes 0 pool mark in-stock 918065978000 -y
		is state 918065978000 available
		writes 0 pool mark hold 918065978000 --for 1 -y
		is state 918065978000 on-hold
		quietly assign 918065978001 ACME
		writes 0 pool mark block 918065978001 -y
		is state 918065978001 blocked
		writes 0 pool mark active 918065978001 -y
		is state,org 918065978001 'assigned|ACME'
	}
	each_backend body
}

@test "pool mark on-hold: --for or --until, --then" {
	body() {
		inventory
		day=$(date -u -d '30 days' +%F)
		writes 0 pool mark on-hold 918065978000 --for 30 --then archived -y
		is state,after_hold 918065978000 'on-hold|archived'
		until=$(cells hold_until 918065978000)
		[ "${until%%T*}" = "$day" ] || [ "${until%%T*}" = "$(date -u -d '30 days' +%F)" ] # midnight may have passed
		writes 0 pool mark on-hold 918065978001 --until 2099-02-28 -y
		is state,hold_until,after_hold 918065978001 'on-hold|2099-02-28T00:00:00Z|-'
		refuses 2 pool mark on-hold 918065978002 -y
		[[ $stderr == *--for*--until* ]]
		refuses 2 pool mark on-hold 918065978002 --for 3 --until 2099-02-28 -y
		refuses 2 pool mark on-hold 918065978002 --until 2020-01-01 -y
		refuses 2 pool mark on-hold 918065978002 --until 2099-02-30 -y
		refuses 2 pool mark on-hold 918065978002 --until 28/02/2099 -y
		refuses 2 pool mark on-hold 918065978002 --for 3651 -y
		refuses 2 pool mark on-hold 918065978002 --for -1 -y
		refuses 2 pool mark on-hold 918065978002 --for 3 --then pending -y
		refuses 2 pool mark on-hold 918065978002 --for 3 --then '' -y
		refuses 2 pool mark reserved 918065978002 --for 3 -y
		refuses 2 pool mark reserved 918065978002 --then available -y
	}
	each_backend body
}

@test "pool mark: a hold ends before its day only with --override-hold and --reason" {
	body() {
		inventory
		quietly pool mark on-hold 918065978000 --for 30 -y
		refuses 6 pool mark available 918065978000 -y -o json
		json '.numbers[0].code' hold
		[[ $(json '.numbers[0].reason') == *--override-hold*--reason* ]]
		refuses 2 pool mark available 918065978000 --override-hold -y
		refuses 2 pool mark available 918065978000 --override-hold --reason '' -y
		refuses 6 pool mark available 918065978000 --override-hold --reason why
		writes 0 pool mark available 918065978000 --override-hold --reason 'sold early' -y
		is state,hold_until 918065978000 'available|-'
		[ "$(didctl history --limit 1 -c reason -o tsv -H 2>/dev/null)" = 'sold early' ]
	}
	each_backend body
}

@test "pool mark blocked and ported: the default caller ID and who shows the number" {
	body() {
		inventory
		quietly assign 918065978000-8002 ACME -y
		quietly user add ann --org ACME --outbound-did 918065978000
		quietly user add bob --org ACME --outbound-did 918065978001
		is number,default 918065978000-8001 $'918065978000|yes\n918065978001|no'
		writes 0 pool mark blocked 918065978000 -y
		[[ $stderr == *default* ]]
		is state,org,default,pool_status,status 918065978000 'blocked|ACME|no|assigned|suspended'
		[ "$(sql "SELECT COALESCE(outbound_did, '-') FROM users ORDER BY name" | paste -sd' ')" = '- 918065978001' ]
		quietly default set 918065978001
		quietly pool edit 918065978001 --route queue:sales
		writes 0 pool mark ported 918065978001 -y
		is state,org,previous_org,default,route,pool_status,status 918065978001 'ported|-|ACME|no|-|reserved|ported'
		[ "$(sql "SELECT COUNT(*) FROM users WHERE outbound_did IS NOT NULL")" = 0 ]
		writes 0 pool mark assigned 918065978000 -y
		is state,org,default 918065978000 'assigned|ACME|no'
		[[ $stderr == *'not live yet'* ]]
		writes 0 undo "$(didctl history 918065978001 -s -at --limit 1 -c change_id -o tsv -H 2>/dev/null)" -y
		is state,org,default,route 918065978001 'assigned|ACME|yes|queue:sales'
	}
	each_backend body
}

@test "pool mark: a row in no known combination is shown, refused, and left alone" {
	body() {
		inventory
		pbx "UPDATE did_numbers SET status = 'suspended' WHERE number = '918065978003'"
		pbx "UPDATE did_numbers SET status = NULL WHERE number = '918065978004'"
		is state 918065978003-8004 $'unknown\nunknown'
		refuses 6 pool mark reserved 918065978003 -y -o json
		json '.numbers[0].code' state
		[[ $(json '.numbers[0].reason') == *suspended* ]]
		refuses 6 pool mark archived 918065978004 -y
		refuses 6 pool edit 918065978003 --note x
		refuses 6 pool delete 918065978003 -y --expect 1
	}
	each_backend body
}

@test "pool mark --where: a filter and how many" {
	body() {
		inventory
		refuses 2 pool mark reserved --where env=oss -y
		[[ $stderr == *--expect* ]]
		refuses 6 pool mark reserved --where env=oss --expect 4 -y
		refuses 6 pool mark reserved --where env=oss --expect 5
		writes 0 pool mark reserved --where env=oss,staging --where state=available --expect 9 -y
		finds '8021 8022 8023 8024 8025 8026 8027 8028 8029' --state reserved
		refuses 2 pool mark archived --where env= --expect 0 -y
		refuses 2 pool mark archived --where colour=red --expect 0 -y
		refuses 2 pool mark archived --where env --expect 0 -y
	}
	each_backend body
}

@test "pool lock: what it refuses, until pool unlock" {
	body() {
		inventory
		quietly assign 918065978000 ACME
		writes 0 pool lock 08065978000 918065978003 -y
		is locked 918065978000 yes
		finds '8000 8003' --locked
		writes 0 pool lock 918065978000 -o json
		json '"\(.changed) \(.unchanged)"' '0 1'
		for command in 'release 918065978000' 'assign 918065978000 Globex --transfer' 'pool mark ported 918065978000' \
			'pool delete 918065978003 --expect 1' 'pool mark ported 918065978003'; do
			# shellcheck disable=SC2086 # words
			refuses 6 $command -y -o json
			json '.numbers[0].code' locked
			[[ $(json '.numbers[0].reason') == *unlock* ]]
		done
		writes 0 pool edit 918065978000 --note 'still editable'
		writes 0 pool mark blocked 918065978000 -y
		writes 0 pool mark assigned 918065978000 -y
		writes 0 pool unlock 918065978000 918065978003 -y
		is locked 918065978000 "$(cells locked 918065978001)"
		writes 0 pool unlock 918065978000 -o json
		json '"\(.changed) \(.unchanged)"' '0 1'
		writes 0 release 918065978000 -y
		writes 0 pool delete 918065978003 --expect 1 -y
		refuses 3 pool lock 918065978003
		refuses 2 pool lock
		refuses 2 pool unlock ''
	}
	each_backend body
}
