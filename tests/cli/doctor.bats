#!/usr/bin/env bats
# didctl doctor: each fault is planted behind didctl's back, found by name, mended by the command that is printed, and
# gone afterwards.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run sets output and stderr
load ../lib/common
load ../lib/writes

# Nothing to find: ACME holds 8000 to 8004 and Globex 8010 to 8012, all with a route, and alice is a user of ACME's.
healthy() {
	stock
	didctl -q assign 918065978000-8004 ACME --route queue:sales -y 2>assign.log
	didctl -q assign 918065978010-8012 Globex --route extension:1000 -y 2>>assign.log
	didctl -q user add alice --org ACME 2>>assign.log
}

# An SQL statement that no rule of the tables stops.
plant() {
	case $BACKEND in
	sqlite) sql "PRAGMA ignore_check_constraints = 1; $1" ;;
	mysql) sql "$1" ;;
	esac
}

# set_number LAST-TWO-DIGITS COLUMN=VALUE...
set_number() { plant "UPDATE did_numbers SET $2 WHERE number = '9180659780$1'"; }

# All checks, but not of the private server, which is made for speed and says so.
ALL="tables columns integrity history number twin state owner owner-missing default-state two-defaults outbound setup rights
	charset replay spelling no-default context env env-range env-oss route live pending hold mail"

silent() { # CHECK...: nothing is found
	run_ok didctl doctor "$@" --strict -o json
	[ "$output" = '[]' ] || fail "found: $output"
}

# finds CODE CHECK NUMBER PATTERN: one finding of the check, with this number and in the detail this text; its command is
# left in $FIX.
finds() {
	run_code "$1" didctl doctor "$2" --strict -o json
	json 'length' 1
	json '.[0].check' "$2"
	json '.[0].number' "$3"
	[[ $(json '.[0].detail') == *"$4"* ]] || fail "the detail is: $(json '.[0].detail')"
	FIX=$(json '.[0].fix')
}

# mends CHECK [PLACEHOLDER VALUE]: what was found is gone once its command has run.
mends() {
	[[ $FIX == 'didctl '* ]] || fail "no command: $FIX"
	[ $# -eq 1 ] || FIX=${FIX/$2/$3}
	run_ok bash -c "$FIX --yes"
	silent "$1"
}

# fixes CHECK: --fix mends it in one change, and undo brings back exactly what was planted.
fixes() {
	local planted

	planted=$(pbx_rows)
	unchanged run_code 6 didctl doctor "$1" --fix
	run_ok didctl doctor "$1" --fix --dry-run -o json
	json .change_id null
	[ "$planted" = "$(pbx_rows)" ]
	done_by doctor "$1" --fix --reason mended
	[ "$(jq -r .verb <<<"$output")" = doctor ]
	silent "$1"
	done_by undo "$CHANGE"
	diff <(echo "$planted") <(pbx_rows)
	done_by doctor "$1" --fix
	silent "$1"
}

@test "what is healthy is silent" {
	body() {
		healthy
		# shellcheck disable=SC2086
		silent $ALL
		# shellcheck disable=SC2086
		run_ok didctl doctor $ALL
		[ -z "$output$stderr" ]
		[ "$BACKEND" = mysql ] || silent
		run_ok didctl doctor twin -o csv
		[ "$output" = $'severity,check,number,detail,fix\r' ]
		run_ok didctl doctor twin -o ndjson
		[ -z "$output" ]
	}
	each_backend body
}

@test "the demo inventory is well" {
	body() {
		stock
		run_ok didctl doctor
	}
	each_backend body
}

@test "number: a text that is no number" {
	body() {
		healthy
		# shellcheck disable=SC2016
		set_number 15 "number = '\${SHELL(id)}'"
		# shellcheck disable=SC2016
		finds 3 number '${SHELL(id)}' 'no telephone number'
		[ "$FIX" = null ]
		plant "DELETE FROM did_numbers WHERE number LIKE '$%'"
		silent number
	}
	each_backend body
}

TWIN=019aa7c2-5b1e-7c3d-9e4f-0000000000f1

@test "twin: two rows of one number, of which the switch obeys the first" {
	body() {
		healthy
		plant "INSERT INTO did_numbers (id, number, org_id, pool_status, routing_type, routing_destination)
			VALUES ('$TWIN', '+918065978001', '$GLOBEX', 'assigned', 'queue', 'x')"
		finds 3 twin +918065978001 'assigned to Globex'
		[[ $(json '.[0].detail') == *'assigned to ACME'*'obeys +918065978001'* ]]
		[ "$FIX" = "didctl pool merge 918065978001 --keep $TWIN" ]
		mends twin
		[ "$(sql "SELECT number FROM did_numbers WHERE number LIKE '%8065978001'")" = +918065978001 ]
	}
	each_backend body
}

@test "twin: the switch obeys the row that is dispatched, whatever its spelling, and --fix drops the other" {
	body() {
		healthy
		plant "INSERT INTO did_numbers (id, number) VALUES ('$TWIN', '+91 80 6597 8001')"
		finds 3 twin 918065978001 'obeys 918065978001'
		fixes twin
		[ "$(sql "SELECT number FROM did_numbers WHERE id = '$TWIN'")" = '' ]
		[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE number = '918065978001'")" = 1 ]
	}
	each_backend body
}

@test "state: a combination that no state has" {
	body() {
		healthy
		set_number 15 "status = 'suspended'"
		finds 3 state 918065978015 "'suspended'"
		fixes state
		set_number 16 "status = NULL"
		finds 3 state 918065978016 'status empty'
		mends state
	}
	each_backend body
}

@test "owner: a held number without one, a free one with" {
	body() {
		healthy
		set_number 02 "org_id = NULL"
		finds 3 owner 918065978002 'assigned and has no owner'
		fixes owner
		set_number 16 "org_id = '$ACME'"
		finds 3 owner 918065978016 'available and has an owner'
		mends owner
	}
	each_backend body
}

@test "owner-missing: an owner that does not exist" {
	body() {
		healthy
		set_number 02 "org_id = 'gone; really'"
		finds 3 owner-missing 918065978002 "'gone; really'"
		fixes owner-missing
		set_number 03 "org_id = 'gone'"
		finds 3 owner-missing 918065978003 gone
		mends owner-missing
	}
	each_backend body
}

@test "default-state: a default caller ID that is not assigned" {
	body() {
		healthy
		set_number 15 "is_default = 1"
		finds 3 default-state 918065978015 'available without an owner'
		fixes default-state
		set_number 16 "is_default = 1"
		finds 3 default-state 918065978016 available
		mends default-state
	}
	each_backend body
}

@test "two-defaults: the lowest stays" {
	body() {
		healthy
		set_number 03 "is_default = 1"
		finds 3 two-defaults 918065978003 "'ACME', and so is 918065978000"
		fixes two-defaults
		set_number 04 "is_default = 1"
		finds 3 two-defaults 918065978004 ACME
		mends two-defaults
		field 918065978000 default true
	}
	each_backend body
}

@test "no-default: the lowest number becomes the default" {
	body() {
		healthy
		set_number 00 "is_default = 0"
		finds 3 no-default null "'ACME' has 5 numbers"
		[ "$FIX" = 'didctl default set 918065978000' ]
		fixes no-default
		set_number 10 "is_default = 0"
		finds 3 no-default null Globex
		mends no-default
	}
	each_backend body
}

@test "outbound: unknown, another's, out of use, no number" {
	body() {
		local outbound

		healthy
		while IFS='|' read -r outbound says; do
			plant "UPDATE users SET outbound_did = '$outbound'"
			finds 3 outbound "$outbound" "$says"
			[[ $(json '.[0].detail') == *"user 'alice'"* ]]
			mends outbound
			[ "$(sql "SELECT COUNT(*) FROM users WHERE outbound_did IS NULL")" = 1 ]
		done <<-END
			+918065978999|not in the inventory
			08065978010|assigned to 'Globex'
			918065978020|available
			what|no telephone number
		END
		plant "UPDATE users SET outbound_did = '8065978001'"
		silent outbound
		set_number 01 "status = 'suspended'"
		finds 3 outbound 8065978001 blocked
		fixes outbound
	}
	each_backend body
}

@test "spelling: outside the country's list" {
	body() {
		healthy
		set_number 15 "number = '+91 80-6597 8015'"
		finds 3 spelling '+91 80-6597 8015' 'is 918065978015 in a spelling'
		fixes spelling
		set_number 16 "number = '(0)80 6597 8016'"
		silent number
		finds 3 spelling '(0)80 6597 8016' 918065978016
		mends spelling
		field 918065978016 number 918065978016
	}
	each_backend body
}

@test "context: none, one that the switch may not see, one of two organisations" {
	body() {
		healthy
		plant "UPDATE organizations SET context_prefix = NULL WHERE name = 'ACME'"
		finds 3 context null "no context prefix"
		mends context PREFIX org_acme
		plant "UPDATE organizations SET context_prefix = 'a]b' WHERE name = 'ACME'"
		finds 3 context null "'a]b'"
		mends context PREFIX org_acme
		plant "UPDATE organizations SET context_prefix = 'same'"
		run_code 3 didctl doctor context --strict -o json
		json 'map(.detail | capture("(?<one>ACME|Globex).* of .(?<two>ACME|Globex)") | .one + .two) | sort | join(" ")' \
			'ACMEGlobex GlobexACME'
		FIX=$(json '.[0].fix')
		mends context PREFIX org_other
	}
	each_backend body
}

@test "an organisation's id is quoted in the command" {
	body() {
		healthy
		plant "UPDATE organizations SET id = 'it''s; touch x', context_prefix = NULL WHERE name = 'ACME'"
		plant "UPDATE did_numbers SET org_id = 'it''s; touch x' WHERE org_id = '$ACME'"
		finds 3 context null ACME
		mends context PREFIX org_acme
		[ ! -e x ]
		plant "UPDATE organizations SET context_prefix = NULL WHERE name = 'ACME'"
		run_code 3 didctl doctor context --strict
		FIX=$(sed -n 's/.*\(didctl org edit\)/\1/p' <<<"$output")
		mends context PREFIX org_acme
		[ ! -e x ]
	}
	each_backend body
}

@test "env: an environment that is not known" {
	body() {
		healthy
		[ "$BACKEND" = sqlite ] || plant "ALTER TABLE did_numbers MODIFY routing_environment ENUM('prod','staging','oss','moon')"
		set_number 03 "routing_environment = 'moon'"
		finds 3 env 918065978003 "'moon'"
		mends env ENV prod
		set_number 03 "routing_environment = NULL"
		finds 3 env 918065978003 empty
		mends env ENV prod
	}
	each_backend body
}

@test "env-range: outside the convention" {
	body() {
		healthy
		export DIDCTL_RANGE_PROD=918065978000-8020 DIDCTL_RANGE_STAGING=918065978021-8024
		silent env-range
		set_number 03 "routing_environment = 'staging'"
		finds 3 env-range 918065978003 'outside range.staging and inside range.prod'
		mends env-range
		field 918065978003 env prod
		export DIDCTL_RANGE_PROD=918065978000-8019
		finds 3 env-range 918065978020 'any other range'
		mends env-range ENV oss
	}
	each_backend body
}

@test "env-oss: not wired by prod" {
	body() {
		healthy
		plant "UPDATE organizations SET context_prefix = 'org_acme' WHERE name = 'ACME'"
		set_number 03 "routing_environment = 'oss'"
		finds 3 env-oss 918065978003 'exten => 918065978003,1,Goto(org_acme__incoming,918065978003,1)'
		mends env-oss
	}
	each_backend body
}

@test "route: none, another type, without a destination, one that the switch may not see" {
	body() {
		local columns says

		healthy
		while IFS='|' read -r columns says; do
			set_number 03 "$columns"
			finds 3 route 918065978003 "$says"
			mends route TYPE:DEST extension:1000
		done <<-END
			routing_type = NULL, routing_destination = NULL|has no route
			routing_type = 'ivr', routing_destination = NULL|without a destination
			routing_type = 'fax'|'fax'
			routing_destination = '1000,1,System(rm)'|may not hold
		END
		set_number 03 "routing_type = NULL, routing_destination = NULL"
		run_ok didctl org edit ACME --unrouted ivr:main -y
		silent route
	}
	each_backend body
}

@test "pending and hold: what pool sweep ends" {
	body() {
		healthy
		quietly_done pool request 918065978013 Globex
		quietly_done pool mark on-hold 918065978014 --for 3
		silent pending hold
		plant "UPDATE didctl_details SET requested_at = '2020-01-01T00:00:00Z' WHERE number = '918065978013'"
		finds 3 pending 918065978013 'requested on 2020-01-01 and has no answer after 7 days'
		DIDCTL_PENDING_DAYS=3650 silent pending
		plant "UPDATE didctl_details SET hold_until = '2020-01-02T00:00:00Z' WHERE number = '918065978014'"
		finds 3 hold 918065978014 'ended on 2020-01-02'
		mends hold
		silent pending
	}
	each_backend body
}

quietly_done() { didctl -q "$@" -y 2>done.log || fail "$(cat done.log)"; }

@test "several checks are mended in one change" {
	body() {
		local planted

		healthy
		set_number 15 "status = 'suspended'"
		set_number 16 "is_default = 1"
		set_number 02 "org_id = NULL"
		set_number 17 "number = '+91 80-6597 8017'"
		plant "UPDATE users SET outbound_did = '918065978010'"
		planted=$(pbx_rows)
		done_by doctor state default-state owner spelling outbound --fix
		silent state default-state owner spelling outbound
		done_by undo "$CHANGE"
		diff <(echo "$planted") <(pbx_rows)
	}
	each_backend body
}

@test "--fix: which checks it takes, and a second run has nothing to do" {
	body() {
		healthy
		run_code 2 didctl doctor --fix
		told 'needs the checks named' 'it mends twin, state'
		run_code 2 didctl doctor state route --fix
		told "cannot mend 'route'" 'didctl doctor route'
		run_code 2 didctl doctor replay state --fix
		run_ok didctl doctor state --fix -o json
		json '"\(.change_id) \(.verb) \(.changed)"' 'null doctor 0'
		set_number 15 "status = 'suspended'"
		run_code 6 didctl doctor state --fix --yes --expect 2
		run_ok didctl doctor state --fix --yes --expect 1
	}
	each_backend body
}

@test "--fix: what its own change brings to light is told" {
	body() {
		healthy
		didctl -q org add Initrode 2>org.log
		set_number 15 "pool_status = 'assigned', status = NULL, org_id = (SELECT id FROM organizations WHERE name = 'Initrode')"
		run_code 3 didctl doctor state no-default --fix --yes
		told 'mended 1' '1 finding is left'
		run_ok didctl doctor state no-default --fix --yes
		silent state no-default
	}
	each_backend body
}

@test "--fix --change-id: what was done is told again, whatever is found by now" {
	body() {
		healthy
		set_number 15 "status = 'suspended'"
		run_ok didctl doctor state --fix --yes --change-id 019aa7c2-5b1e-7c3d-9e4f-0000000000aa -o json
		json '"\(.change_id) \(.changed)"' '019aa7c2-5b1e-7c3d-9e4f-0000000000aa 1'
		unchanged run_ok didctl doctor state --fix --change-id 019aa7c2-5b1e-7c3d-9e4f-0000000000aa -o json
		json .changed 1
		told 'done before'
		run_code 6 didctl doctor owner --fix --yes --change-id 019aa7c2-5b1e-7c3d-9e4f-0000000000aa
	}
	each_backend body
}

@test "replay: what was changed outside didctl is taken over by --fix, alone" {
	body() {
		local planted

		healthy
		set_number 03 "routing_destination = 'other'"
		finds 3 replay 918065978003 other
		planted=$(pbx_rows)
		mends replay
		[ "$planted" = "$(pbx_rows)" ]
		run_ok didctl history 918065978003 -o json
		json '.[-1].verb' external
	}
	each_backend body
}

@test "history --seal: one line or one object, nothing to seal the second time" {
	body() {
		local head

		stock
		done_by assign 918065978000 ACME
		run_ok didctl doctor history --seal
		[[ $output == 'sealed '*' changes; seal 1 is '* && ${#lines[@]} -eq 1 ]]
		head=${output##* }
		unchanged run_ok didctl doctor history --seal -o json
		json '"\(.sealed) \(.seals) \(.head)"' "0 1 $head"
		done_by release 918065978000
		run_ok didctl doctor history --seal -q -o json
		json '"\(.sealed) \(.seals)"' '1 2'
		[ "$(json .head)" != "$head" ]
		run_ok didctl doctor history --seal -q
		[ -z "$output$stderr" ]
		run_ok didctl doctor history
		plant "UPDATE didctl_changes SET reason = 'another' WHERE verb = 'release'"
		run_code 3 didctl doctor history -o json
		json '.[0].check' history
	}
	each_backend body
}

@test "usage: names, options of a change, a seal of something else" {
	sqlite_target
	stock
	run_code 2 didctl doctor twins
	told "did you mean 'twin'"
	for option in --yes --dry-run '--expect 1' --partial '--reason x' --regen --no-regen; do
		# shellcheck disable=SC2086
		run_code 2 didctl doctor $option
		told "'${option%% *}' goes with 'didctl doctor CHECK --fix' only"
	done
	run_code 2 didctl doctor --seal
	run_code 2 didctl doctor history twin --seal
	run_code 2 didctl doctor history --seal --yes
	run_code 2 didctl doctor twin --fix --seal
	run_code 2 didctl doctor twin --fix --strict
}

@test "a probe: the exit status alone, unless a format is asked for" {
	body() {
		healthy
		run_ok didctl doctor -q
		set_number 03 "routing_type = NULL, routing_destination = NULL"
		run_ok didctl doctor -q
		[ -z "$output$stderr" ]
		unchanged run_code 3 didctl doctor -q --strict
		[ -z "$output$stderr" ]
		set_number 02 "org_id = NULL"
		run_code 3 didctl doctor -q
		[ -z "$output$stderr" ]
		run_code 3 didctl doctor owner route -q -o json
		json 'map(.severity + " " + .check) | join(",")' 'error owner,warning route'
		[ -z "$stderr" ]
		run_code 3 didctl doctor -q -o table
		[[ $output == Severity*owner*route* ]]
		run_code 3 didctl doctor owner route
		told '1 error, 1 warning' "'didctl doctor owner --fix' mends 1 of them"
		run_code 0 didctl doctor route
		told '0 errors, 1 warning'
	}
	each_backend body
}

@test "errors come first, then checks in their order, then numbers; one array" {
	sqlite_target
	healthy
	set_number 04 "number = '08065978004', routing_type = NULL, routing_destination = NULL"
	set_number 03 "routing_type = NULL, routing_destination = NULL"
	set_number 15 "is_default = 1"
	set_number 17 "status = 'suspended'"
	set_number 16 "status = 'suspended'"
	run_code 3 didctl doctor route default-state state -o json
	json 'map(.check + .number[-2:]) | join(" ")' 'state16 state17 default-state15 route04 route03'
	in_order severity,check,number,detail,fix,severity
}

@test "findings are a listing: columns, order and limit as anywhere" {
	sqlite_target
	healthy
	set_number 03 "routing_type = NULL, routing_destination = NULL"
	set_number 15 "is_default = 1"
	set_number 17 "status = 'suspended'"
	run_code 3 didctl doctor route default-state state -c number,check -s -check,-number -o tsv
	[ "$output" = $'number\tcheck\n918065978017\tstate\n918065978003\troute\n918065978015\tdefault-state' ]
	run_code 3 didctl doctor route default-state state -c check --limit 1 -o tsv -H
	[ "$output" = state ]
	told 'more rows: --limit 1 reached' '2 errors, 1 warning'
	run_ok didctl doctor --list-columns -o tsv -H
	[ "$(cut -f 1 <<<"$output" | paste -sd,)" = severity,check,number,detail,fix ]
	run_code 2 didctl doctor -c colour
	for option in -c\ check -s\ check --limit\ 1 --list-columns; do
		# shellcheck disable=SC2086
		run_code 2 didctl doctor state --fix $option
		# shellcheck disable=SC2086
		run_code 2 didctl doctor history --seal $option
	done
}

@test "hostile text is escaped in a table" {
	sqlite_target
	healthy
	plant "UPDATE did_numbers SET number = char(27) || '[2J' WHERE number = '918065978015'"
	run_code 3 didctl doctor number
	[[ $output != *$'\e'* && $output == *'\x1B[2J'* ]]
}

@test "a PBX without didctl's tables, or without some of its own: what can be looked at is" {
	body() {
		healthy
		for table in $(sql "$([ "$BACKEND" = sqlite ] && echo "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'didctl%'" ||
			echo "SHOW TABLES LIKE 'didctl%'")"); do
			sql "DROP TABLE $table"
		done
		export DIDCTL_COUNTRY=IN
		set_number 02 "org_id = NULL"
		finds 3 owner 918065978002 'no owner'
		run_ok didctl doctor hold history replay -v -o json
		told "check 'hold' is left out" "check 'replay' is left out"
		sql "DROP TABLE users"
		sql "DROP TABLE organizations"
		run_code 3 didctl doctor owner owner-missing outbound -v -o json
		json length 1
		told "'owner-missing' is left out: the target has no organisations" "'outbound' is left out"
		sql "DROP TABLE did_numbers"
		run_ok didctl doctor owner -v -o json
		json length 0
		run_code 3 didctl doctor tables -o json
		[[ $(json 'map(.detail) | join(" ")') == *did_numbers*organizations*users* ]]
	}
	each_backend body
}

@test "a target that is not there is an error, and no file is made" {
	sqlite_target
	run_code 4 didctl doctor
	[ ! -e "$DATABASE" ]
	[ -z "$output" ]
}

@test "env check finds the same as three of the checks" {
	sqlite_target
	healthy
	set_number 03 "routing_environment = 'oss'"
	set_number 02 "routing_environment = 'moon'"
	run_ok didctl doctor env env-range env-oss -o json
	found=$output
	run_ok didctl env check -o json
	[ "$(jq -c 'map(select(.check | test("^env-(staging|lookup)$") | not))' <<<"$output")" = "$(jq -c . <<<"$found")" ]
	json 'map(.check) | unique | join(" ")' 'env env-oss env-staging'
	run_ok didctl env check -c check,number -s -check -o tsv -H
	[ "$output" = $'env-staging\t\\N\nenv-oss\t918065978003\nenv\t918065978002' ]
}

@test "on a terminal it says that nothing was found" {
	sqlite_target
	healthy
	run script -qec 'didctl doctor owner twin' /dev/null
	[[ $output == *'2 checks, 30 numbers: nothing found'* ]]
	run script -qec 'didctl doctor -q owner twin' /dev/null
	[ -z "$output" ]
}
