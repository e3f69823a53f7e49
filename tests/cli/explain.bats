#!/usr/bin/env bats
# didctl explain: where calls land or why not, and which number they show.
# shellcheck disable=SC2016,SC2154,SC2317 # ${EXTEN} is the switch's; bodies are called by each_backend; run sets output and stderr
load ../lib/common
load ../lib/writes
load ../lib/pool

TWIN=00000000-0000-4000-8000-000000000001 HOSTILE=00000000-0000-4000-8000-000000000002

# The demo with 918065978002 to 8004 of ACME, the first of them with a route, and a directory for the switch's file.
prepare() {
	stock
	mkdir -p etc
	rm -f etc/*
	export DIDCTL_ASTERISK_DIR=$T/etc
	quietly assign 918065978002-8004 ACME --yes
	quietly pool edit 918065978002 --route queue:sales --record on
}

# explains NUMBER: the answer is in $output.
explains() { run_ok didctl explain "$@" -o json; }

# because NUMBER CODE...: calls do not land, for exactly these reasons, and the text has a fix for each.
because() {
	local number=$1

	shift
	explains "$number"
	json .lands false
	json .destination null
	json '[.problems[].code] | join(" ")' "$*"
	json '[.problems[] | select((.fix | startswith("didctl ")) and (.detail | length > 10))] | length' $#
	run_ok didctl explain "$number"
	says 'Calls do not land, because:'
	[ "$(grep -c '^  - ' <<<"$output")" -eq $# ] || fail "not $# reasons: $output"
}

says() {
	local text

	for text; do
		[[ $output == *"$text"* ]] || fail "'$text' is not said: $output"
	done
}

@test "a number that lands: row, owner, context, route and the dispatcher's lines" {
	body() {
		prepare
		run_ok didctl explain 08065978002
		says '918065978002, 08065978002' 'stored as 918065978002' 'assigned: held' "ACME ($ACME)" 'prod: ' \
			'org_mnd5khym__incoming' 'queue:sales' 'Recording     on' \
			'exten => 918065978002,1,Goto(org_mnd5khym__incoming,918065978002,1)' \
			'exten => 08065978002,1,Goto(org_mnd5khym__incoming,08065978002,1)' \
			'not looked into: it is not on this host' 'Calls land at queue:sales of ACME'
		[ -z "$stderr" ]
		explains +918065978002
		json '"\(.number) \(.["e164"]) \(.national) \(.twin) \(.lands) \(.destination)"' \
			'918065978002 918065978002 8065978002 false true queue:sales'
		json '.obeyed == .rows[0].id' true
		json '.rows[0] | "\(.org) \(.context) \(.env) \(.dispatch) \(.recording)"' \
			'ACME org_mnd5khym__incoming prod org true'
		json '.rows[0].lines[1]' 'exten => 08065978002,1,Goto(org_mnd5khym__incoming,08065978002,1)'
		json '.file | "\(.read) \(.differs) \(.lines)"' 'false false []'
		run_ok didctl explain 918065978002 -o ndjson
		[ "${#lines[@]}" -eq 1 ]
	}
	each_backend body
}

@test "staging is forwarded whatever the pool says, and the spellings are a setting" {
	body() {
		prepare
		DIDCTL_SPELLINGS=plus,national explains 918065978021
		json '"\(.lands) \(.destination) \(.rows[0].dispatch)"' 'true PJSIP/918065978021@cloud-endpoint-stage staging'
		json '.rows[0].lines | join("|")' 'exten => 08065978021,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)|exten => +918065978021,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)'
		quietly pool mark archived 918065978021 --yes
		because 918065978021 archived
	}
	each_backend body
}

@test "every state that is not routed is a reason with its way out" {
	body() {
		prepare
		because 918065978010 not-assigned
		quietly pool request 918065978010 ACME
		because 918065978010 pending
		says 'didctl pool approve 918065978010'
		pbx "UPDATE did_numbers SET org_id = NULL WHERE number = '918065978010'"
		because 918065978010 pending
		says 'not yet provisioned'
		quietly pool mark reserved 918065978011 --yes
		because 918065978011 not-assigned
		says 'didctl assign 918065978011 ORG --allow-reserved'
		quietly pool mark archived 918065978011 --yes
		because 918065978011 archived
		quietly pool mark ported 918065978012 --yes
		because 918065978012 ported
		quietly pool mark blocked 918065978002 --yes
		because 918065978002 blocked
		says 'didctl pool mark assigned 918065978002'
		quietly release 918065978004 --hold 30 --yes
		because 918065978004 hold
		says 'on hold until 20' 'goes back to ACME' "didctl assign 918065978004 $ACME" 'ACME held it'
	}
	each_backend body
}

@test "what is wrong with the row, its owner or its route is a reason too" {
	body() {
		prepare
		because 918065978003 route
		says 'hangs up' 'didctl pool edit 918065978003 --route TYPE:DEST'
		quietly org edit ACME --unrouted ivr:main
		explains 918065978003
		json '"\(.lands) \(.destination)"' 'true ivr:main'
		pbx "UPDATE did_numbers SET routing_destination = '1000,1,n,System(rm)' WHERE number = '918065978002'"
		because 918065978002 destination
		pbx "UPDATE did_numbers SET routing_type = 'fax', routing_destination = '1' WHERE number = '918065978002'"
		because 918065978002 destination
		says 'none of extension,queue'
		quietly env set oss 918065978003
		because 918065978003 env-oss
		says '[oss-did-route]' 'OSS lines     exten => 918065978003,1,Goto(org_mnd5khym__incoming,918065978003,1)'
		because 918065978025 not-assigned env-oss
		pbx "UPDATE organizations SET context_prefix = 'Bad.Prefix' WHERE name = 'ACME'"
		because 918065978004 context
		says "'Bad.Prefix'" "didctl org edit $ACME --context-prefix PREFIX"
		pbx "UPDATE organizations SET context_prefix = NULL WHERE name = 'ACME'"
		because 918065978004 context
		pbx "UPDATE did_numbers SET org_id = 'nobody-1' WHERE number = '918065978004'"
		because 918065978004 owner-missing
		says 'nobody-1'
		pbx "UPDATE did_numbers SET org_id = NULL WHERE number = '918065978004'"
		because 918065978004 owner
		pbx "UPDATE did_numbers SET pool_status = 'available', status = 'suspended', org_id = NULL WHERE number = '918065978004'"
		because 918065978004 state
		says 'pool_status available, status suspended'
		pbx "UPDATE did_numbers SET routing_environment = NULL WHERE number = '918065978010'"
		because 918065978010 not-assigned env
	}
	each_backend body
}

@test "twins: all rows and owners, the one that the switch obeys, and why" {
	body() {
		prepare
		pbx "INSERT INTO did_numbers (id, number, org_id, pool_status, routing_type, routing_destination)
			VALUES ('$TWIN', '08065978002', '$GLOBEX', 'assigned', 'queue', 'support')"
		explains 918065978002
		json '"\(.twin) \(.obeyed) \(.lands) \(.destination)"' "true $TWIN true queue:support"
		json '[.rows[] | "\(.number) \(.org)"] | join(",")' '08065978002 Globex,918065978002 ACME'
		json '[.problems[].code] | join(" ")' twin
		json '.problems[0].fix' "didctl pool merge 918065978002 --keep $TWIN"
		json ".problems[0].detail" "one physical number stands in 2 rows: --keep $TWIN leaves it to Globex, --keep $(jq -r '.rows[1].id' <<<"$output") leaves it to ACME"
		run_ok didctl explain "id:$TWIN"
		says 'stored as 08065978002: the switch obeys this one' 'stored as 918065978002: the switch does not obey' \
			'Globex' 'ACME' 'order of the stored texts'
		# Not the first by its text, but the only one that is dispatched.
		pbx "UPDATE did_numbers SET status = 'suspended' WHERE id = '$TWIN'"
		explains "id:$TWIN"
		json '.rows | length' 2
		json '"\(.obeyed == .rows[1].id) \(.destination)"' 'true queue:sales'
		json '.rows[0].problems[0].fix' "didctl pool mark assigned id:$TWIN"
		pbx "UPDATE did_numbers SET status = 'suspended' WHERE number = '918065978002'"
		explains 918065978002
		json '"\(.obeyed) \(.lands) \([.problems[].code] | join(","))"' 'null false blocked,blocked,twin'
	}
	each_backend body
}

@test "the file as it stands: what is not live yet, and what the switch reads over" {
	body() {
		prepare
		printf '%s\n' '; written by hand' '[other]' 'exten => 918065978002,1,Goto(no,no,1)' '[from-tata]' \
			';-- exten => 918065978002,1,Goto(no,no,1)' 'exten => 918065978002,1,Goto(no,no,1)' '--;' \
			'exten => 918065978002,1,Goto(org_x__incoming,918065978002,1) ; old' \
			'exten => 918065978002,1,Goto(org_mnd5khym__incoming,918065978002,1)' \
			'exten => 08065978002,1,Goto(org_mnd5khym__incoming,08065978002,1)' >etc/ext_tata_gateway.conf
		run_ok didctl explain 918065978002
		says 'line 8 ' 'line 9 ' 'ignored: the first one counts' 'Once regenerated: calls land at queue:sales' \
			'Now: the file still sends 918065978002 to org_x__incoming.' \
			'not live yet: the file still sends 918065978002 to org_x__incoming' 'didctl regen gateway'
		explains 918065978002
		json '.file | "\(.read) \(.differs) \(.lines | length) \(.path)"' "true true 3 $T/etc/ext_tata_gateway.conf"
		json '[.problems[].code] | join(" ")' file
		explains 918065978010
		json '.file.differs' false
		sed -i '/org_x/d' etc/ext_tata_gateway.conf
		explains 918065978002
		json '"\(.file.differs) \(.problems | length)"' 'false 0'
		run_ok didctl explain 918065978002
		says $'\nCalls land at queue:sales'
		sed -i '/08065978002/d' etc/ext_tata_gateway.conf
		run_ok didctl explain 918065978002
		says 'the file has no line for 08065978002'
		# Blocked here, but the switch does not know it yet.
		quietly pool mark blocked 918065978002 --yes
		explains 918065978002
		json '"\(.lands) \([.problems[].code] | join(","))"' 'false blocked,file'
		run_ok didctl explain 918065978002
		says 'Now: the file' 'Once regenerated: calls do not land, because:'
	}
	each_backend body
}

@test "the organisation's file: what a regen that failed left there is not live yet" {
	body() {
		local own=etc/ext_org_mnd5khym.conf

		prepare
		run_ok didctl regen --no-reload -y
		quietly pool edit 918065978003 --route queue:support
		explains 918065978003
		json '"\(.lands) \(.file.differs) \(.problems | map(.code + ":" + .fix) | join(","))"' \
			'true false file:didctl regen orgs'
		run_ok didctl explain 918065978003
		says "Now: ${own#*/} has no 'Goto(org_mnd5khym__queue,support,1), recording off' for it." \
			'Once regenerated: calls land at queue:support' 'not live yet: ext_org'
		run_ok didctl regen orgs --no-reload -y
		for number in 918065978002 918065978003 918065978004; do # recorded, not recorded, without a route
			explains "$number"
			json '[.problems[].code] - ["route"] | length' 0
		done
		sed -i '/^exten => 08065978002,/d; /^\[did_918065978004\]$/,+3d' "$own"
		run_ok didctl explain 918065978002
		says "not live yet: ${own#*/} lacks a line for one of its spellings"
		run_ok didctl explain 918065978004
		says "not live yet: ${own#*/} has no 'Hangup(1), recording off' for it"
		# What the dispatcher is to send elsewhere, or nowhere, need not agree with it.
		quietly pool mark blocked 918065978004 --yes
		explains 918065978004
		json '[.problems[] | select(.code == "file").fix] | join(" ")' 'didctl regen gateway'
		quietly env set staging 918065978003
		explains 918065978003
		json '[.problems[].fix] | join(" ")' 'didctl regen gateway'
		rm "$own"
		explains 918065978002
		json '.problems | length' 0
		mkfifo "$own"
		run_ok timeout 120 didctl explain 918065978002
		says 'it is not a regular file' 'didctl regen orgs --check' $'\nCalls land at queue:sales'
	}
	each_backend body
}

@test "what another program changed is said, until it is recorded" {
	body() {
		prepare
		explains 918065978002
		json .outside null
		pbx "UPDATE did_numbers SET routing_environment = 'oss', region = NULL WHERE number = '918065978002'"
		explains 918065978002
		json .outside "env was 'prod', is 'oss'; region was 'Bangalore', is absent"
		run_ok didctl explain 08065978002
		says "Changed       outside didctl: env was 'prod', is 'oss'; region was 'Bangalore', is absent" \
			'didctl doctor replay --fix records it; didctl undo CHANGE-ID then takes it back'
		run_ok didctl doctor replay --fix -y
		told "'didctl undo $(sed -n 's/^change-id: //p' <<<"$stderr")' takes it back"
		explains 918065978002
		json .outside null
	}
	each_backend body
}

@test "a file that cannot be read is said, whatever it is" {
	prepare_any() {
		prepare
		mkfifo etc/ext_tata_gateway.conf
		run_ok timeout 120 didctl explain 918065978002
		says 'it is not a regular file' 'Calls land'
		rm etc/ext_tata_gateway.conf
		mkdir etc/ext_tata_gateway.conf
		run_ok didctl explain 918065978002
		says 'Is a directory'
		rmdir etc/ext_tata_gateway.conf
		{ printf '[from-tata]\n'; head -c 20000 /dev/zero | tr '\0' x; printf '\nexten => 918065978002,1,\e[31mGoto(a)\n\0\xff'; } \
			>etc/ext_tata_gateway.conf
		run_ok didctl explain 918065978002
		says 'line 3' '\x1B[31mGoto(a)'
	}
	sqlite_target
	prepare_any
}

@test "hostile rows are explained and shown escaped" {
	body() {
		prepare
		pbx "INSERT INTO did_numbers (id, number, org_id, pool_status) VALUES ('$HOSTILE', '\${SHELL(id)}', '$ACME', 'assigned')"
		pbx "UPDATE organizations SET name = 'A$(printf '\e')[31mCME' WHERE id = '$ACME'"
		because "id:$HOSTILE" number route
		says '${SHELL(id)} is no telephone number'
		[[ $output != *exten* ]] || fail "a line for it: $output"
		run_ok didctl explain 918065978002
		says 'A\x1B[31mCME'
		[[ $output != *$'\e'* ]]
		pbx "INSERT INTO did_numbers (id, number) VALUES ('a b;id', '918065978040'), ('h3', '08065978040')"
		explains 918065978040
		json '.rows[1].problems[0].fix' "didctl assign 'id:a b;id' ORG"
	}
	each_backend body
}

@test "outbound: the chain, the winner and what is wrong with it" {
	body() {
		prepare
		quietly user add alice --org ACME
		run_ok didctl explain --outbound --org ACME
		says 'The far end sees +918065978002.' 'trunk-range is not set'
		explains --outbound --user alice --caller-id +91-80-6597-8003
		json '"\(.org) \(.user) \(.winner) \(.shown)"' 'ACME alice 918065978003 918065978003'
		json '[.candidates[] | "\(.source) \(.number) \(.valid) \(.wins)"] | join("|")' \
			'call 918065978003 true true|user null false false|default 918065978002 true false|first 918065978002 true false'
		pbx "UPDATE users SET outbound_did = '08065978010' WHERE name = 'alice'"
		explains --outbound --user alice
		json '"\(.winner) \(.shown)"' '08065978010 918065978010'
		json '[.problems[].code] | join(" ")' 'not-owned not-assigned'
		json '.problems[0].fix | test("^didctl default user .* none$")' true
		pbx "UPDATE users SET outbound_did = '918065999999' WHERE name = 'alice'"
		explains --outbound --user alice
		json '[.problems[].code] | join(" ")' not-found
		pbx "UPDATE users SET outbound_did = 'front desk' WHERE name = 'alice'"
		explains --outbound --user alice
		json '"\(.shown) \([.problems[].code] | join(" "))"' 'null number'
		pbx "UPDATE users SET outbound_did = '', org_id = NULL WHERE name = 'alice'"
		explains --outbound --user alice
		json '"\(.org) \(.winner) \(.shown) \([.problems[].code] | join(" "))"' 'null null 918065978001 org none'
		explains --outbound --org Globex
		json '"\(.winner) \(.shown) \([.problems[].code] | join(" "))"' 'null 918065978001 none'
	}
	each_backend body
}

@test "outbound: two defaults, a default that is not assigned, an order that the spelling turns round" {
	body() {
		prepare
		pbx "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978003'"
		explains --outbound --org ACME
		json '[.problems[].code] | join(" ")' two-defaults
		pbx "UPDATE did_numbers SET is_default = 0 WHERE number = '918065978003'"
		pbx "UPDATE did_numbers SET status = 'suspended' WHERE number = '918065978002'"
		explains --outbound --org ACME
		json '[.problems[].code] | join(" ")' not-assigned
		pbx "UPDATE did_numbers SET is_default = 0 WHERE number = '918065978002'"
		pbx "UPDATE did_numbers SET number = '08065978004' WHERE number = '918065978004'"
		explains --outbound --org ACME
		json '"\(.winner) \([.problems[].code] | join(" "))"' '08065978004 first'
		json '.problems[0].fix' 'didctl default set 918065978003'
	}
	each_backend body
}

@test "the seed's symptom: outbound caller ID shows 78001 for every organisation" {
	body() {
		prepare
		quietly user add alice --org ACME
		export DIDCTL_TRUNK_RANGE=918065978000-8029
		explains --outbound --user alice
		json '"\(.shown) \(.problems | length)"' '918065978002 0'
		# 0 becomes 91 before the trunk looks ...
		pbx "UPDATE users SET outbound_did = '08065978003' WHERE name = 'alice'"
		explains --outbound --user alice
		json '"\(.shown) \(.problems | length)"' '918065978003 0'
		# ... ten digits alone stay what they are, and are in no range of the trunk's.
		pbx "UPDATE users SET outbound_did = '8065978003' WHERE name = 'alice'"
		explains --outbound --user alice
		json '"\(.shown) \([.problems[].code] | join(" "))"' '918065978001 trunk-range'
		pbx "UPDATE users SET outbound_did = '+442079460000' WHERE name = 'alice'"
		run_ok didctl explain --outbound --user alice
		says "+918065978001, the trunk's fallback" 'is not in the inventory' "does not let '+442079460000' pass"
		fix=$(sed -n "s/^      \(didctl default user .* none\)$/\1/p" <<<"$output" | head -n 1)
		run_ok bash -c "$fix"
		explains --outbound --user alice
		json '"\(.shown) \(.problems | length)"' '918065978002 0'
	}
	each_backend body
}

@test "a PBX without didctl's tables, and without those of organisations and users" {
	body() {
		prepare
		sql "$(drop_own)"
		export DIDCTL_COUNTRY=IN
		explains 08065978002
		json '"\(.lands) \(.destination)"' 'true queue:sales'
		sql 'DROP TABLE organizations'
		because 08065978002 context
		says 'no table organizations'
		run_code 4 didctl explain --outbound --org ACME
		sql 'DROP TABLE users'
		explains 918065978021
		json .lands true
		run_code 4 didctl explain --outbound --user alice
	}
	drop_own() {
		case $BACKEND in
		sqlite) sql "SELECT 'DROP TABLE ' || name || ';' FROM sqlite_master WHERE type = 'table' AND name LIKE 'didctl%'" ;;
		mysql) sql "SELECT CONCAT('DROP TABLE ', table_name, ';') FROM information_schema.tables
			WHERE table_schema = DATABASE() AND table_name LIKE 'didctl%'" ;;
		esac
	}
	each_backend body
}

@test "a table of organisations may be missing beside didctl's own" {
	body() {
		prepare
		sql 'DROP TABLE organizations'
		because 08065978002 context
	}
	each_backend body
}

@test "exit codes: what is not there, and what makes no sense" {
	prepare_once() {
		prepare
		unchanged run_code 3 didctl explain 918065999999
		unchanged run_code 3 didctl explain id:00000000-0000-4000-8000-000000000009
		unchanged run_code 3 didctl explain --outbound --org Nobody
		unchanged run_code 3 didctl explain --outbound --user nobody
		for words in '' '918065978002 918065978003' '918065978000-8002' '@list' '918065978002 --org ACME' \
			'918065978002 --caller-id 111' '--outbound' '--outbound 918065978002 --org ACME' \
			'--outbound --org ACME --user alice' '--outbound --org ACME --caller-id 1x' \
			'--dial 111 --org ACME' '918065978002 -o csv' '918065978002 -o tsv' '918065978002 -H' '${SHELL(id)}'; do
			# shellcheck disable=SC2086 # several words
			unchanged run_code 2 didctl explain $words
			[ -z "$output" ] || fail "'$words' gave data: $output"
		done
	}
	each_backend prepare_once
}
