#!/usr/bin/env bats
# On the PBX's own database: rows in three spellings, one physical number in two rows, and tables that differ a little.
load ../lib/common
load ../lib/writes

ROW=00000000-0000-4000-8000-0000000000 # and two digits: the id of a row
BOTH=("${ROW}05" "${ROW}29")       # of the doubled number

# Thirty rows: 000-009 as 0N, 010-019 as +91N, 020-028 as 91N, and 918065978005, which is 08065978005 once more.
pbx() {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private MariaDB'
	mysql_target
	sql "INSERT INTO organizations VALUES ('o-acme', 'ACME', 'acme'), ('o-globex', 'Globex', 'globex');
	     INSERT INTO users VALUES ('u-ann', 'o-acme', 'Ann', NULL)"
	[ $# -eq 0 ] || sql "$@"
	for i in $(seq 0 29); do
		case $i in
		? ) number=0806597800$i ;;
		1?) number=+9180659780$i ;;
		29) number=918065978005 ;;
		* ) number=9180659780$i ;;
		esac
		printf "('%s%02d', '%s')\n" "$ROW" "$i" "$number"
	done | paste -sd, | xargs -0 printf 'INSERT INTO did_numbers (id, number) VALUES %s' >rows.sql
	sql "$(cat rows.sql)
	     ; UPDATE did_numbers SET pool_status = 'assigned', org_id = 'o-acme', is_default = 1 WHERE id = '${ROW}05'
	     ; UPDATE did_numbers SET pool_status = 'assigned', org_id = 'o-globex' WHERE id = '${ROW}29'"
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	printf '[profile pbx]\ntarget = %s\ncountry = IN\n' "$DIDCTL_TARGET" >"$XDG_CONFIG_HOME/didctl/config"
	unset DIDCTL_TARGET
	export DIDCTL_PROFILE=pbx
	tables=$(shown_tables)
}

shown_tables() {
	sql 'SHOW CREATE TABLE did_numbers; SHOW CREATE TABLE organizations; SHOW CREATE TABLE users'
}

same_tables() { [ "$tables" = "$(shown_tables)" ] || fail 'a table of the PBX was altered' "$(shown_tables)"; }

# names_both WORD...: refused, and both rows and owners are named.
names_both() {
	unchanged run_code 6 didctl "$@"
	told "${BOTH[@]}" 08065978005 918065978005 ACME Globex
}

reads() {
	run_ok didctl pool list -o json
	json length 30
	json '[.[] | select(.state == "assigned") | .number] | sort | join(",")' 08065978005,918065978005
	run_ok didctl pool list 918065978000-918065978029 -o json -c number,e164
	json length 30
	json '[.[]["e164"]] | unique | length' 29
	run_ok didctl pool list -o tsv -H -c number 8065978011 08065978021
	[ "$output" = $'+918065978011\n918065978021' ] || fail "$output"
	run_ok didctl pool show 918065978001
	run_ok didctl pool stats --by state -o json
	json '[.[] | "\(.state) \(.count)"] | sort | join(",")' 'assigned 2,available 28'
	run_ok didctl default show
	run_ok didctl env show
	run_ok didctl pool show 8065978005
	[[ $output == *${ROW}05* && $output == *${ROW}29* ]] || fail "$output" "$stderr"
}

writes() {
	names_both assign 8065978005 ACME
	names_both assign 8065978004-8065978006 ACME -y
	names_both assign 8065978005 Globex --transfer -y
	names_both release 8065978005 -y
	names_both release "id:${ROW}05" -y
	names_both env set oss 8065978005
	names_both default set 8065978005
	names_both pool edit 8065978005 --region X
	names_both pool delete 8065978005 -y --expect 2
	names_both pool mark blocked 8065978005 -y
	names_both pool request 8065978005 ACME
	names_both pool add 8065978005
	unchanged run_code 6 didctl default user Ann 8065978005
	unchanged run_code 6 didctl pool add +918065978011
	told '+918065978011'
	run_code 5 didctl assign 8065978003-8065978005 ACME -y --partial -o json
	json '[.numbers[] | "\(.number) \(.result)"] | join(",")' \
		'08065978003 changed,08065978004 changed,918065978005 refused'
	run_ok didctl assign 918065978010-918065978012 Globex -y
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE number LIKE '+91806597801%' AND org_id = 'o-globex'")" = 3 ]
	run_ok didctl default set 8065978011
	run_ok didctl env set staging 8065978020-8 -y
	run_ok didctl release +918065978012 -y
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE number IN ('08065978003', '+918065978011', '918065978028')")" = 3 ]
}

@test "with the PBX's tables alone: reads cope, the doubled number is refused, the rest works" {
	pbx
	unchanged reads
	writes
	same_tables
	[ "$(sql 'SHOW TABLES' | paste -sd,)" = did_numbers,organizations,users ]
}

@test "without didctl's tables what only they hold is refused" {
	pbx
	unchanged run_code 4 didctl pool lock 8065978000
	unchanged run_code 4 didctl assign 8065978000 ACME --change-id 00000000-0000-7000-8000-000000000001
	unchanged run_code 4 didctl undo 00000000-0000-7000-8000-000000000001 -y
	unchanged run_code 4 didctl pool edit 8065978000 --tag x
	unchanged run_code 4 didctl history
}

@test "with didctl's tables too" {
	pbx
	run_ok didctl init --country IN
	unchanged reads
	writes
	same_tables
}

@test "the doubled number: the wrong row is deleted by its id, then the number works" {
	pbx
	run_ok didctl init --country IN
	sql "UPDATE did_numbers SET pool_status = 'available', org_id = NULL WHERE id = '${ROW}29'"
	unchanged run_code 6 didctl pool delete "id:${ROW}29" -y
	run_ok didctl pool delete "id:${ROW}29" -y --expect 1
	[ "$(sql "SELECT id FROM did_numbers WHERE number LIKE '%8065978005'")" = ${ROW}05 ]
	run_ok didctl release 8065978005 -y
	same_tables
}

@test "two spellings of one number are one change" {
	pbx
	run_ok didctl assign 08065978001 +918065978001 918065978001 ACME -o json
	json '.changed' 1
	told 'named more than once'
}

# Optional columns that are not there, columns that didctl does not know, and a value more in an enumeration.
other_table() {
	pbx "$1"
	unchanged run_ok didctl pool list -o json -c all
	json length 30
	unchanged run_ok didctl pool stats
	run_ok didctl assign 8065978000-1 ACME -y
	run_ok didctl release 8065978000 -y
	run_ok didctl pool add 8065979000
	run_ok didctl pool delete 8065979000 -y --expect 1
	run_ok didctl init --country IN
	run_ok didctl assign 8065978000 ACME
	done_by assign 8065978002-3 Globex
	done_by undo "$CHANGE"
	run_ok didctl org list
	same_tables
}

@test "without the columns region and provider" {
	other_table 'ALTER TABLE did_numbers DROP region, DROP provider'
	unchanged run_code 4 didctl pool edit 8065978000 --region X
}

@test "without recording_enabled" {
	other_table 'ALTER TABLE did_numbers DROP recording_enabled'
	unchanged run_code 4 didctl pool edit 8065978000 --record on
}

@test "without monthly_price and trunk_id" {
	other_table 'ALTER TABLE did_numbers DROP monthly_price, DROP trunk_id'
}

@test "without context_prefix" {
	other_table "ALTER TABLE organizations DROP context_prefix"
}

@test "with columns of others" {
	other_table "ALTER TABLE did_numbers ADD created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ADD notes TEXT, ADD extra INT NOT NULL DEFAULT 7"
}

@test "with an enumeration of one value more" {
	pbx "ALTER TABLE did_numbers MODIFY pool_status ENUM('available','pending','assigned','reserved','quarantine') DEFAULT 'available'"
	sql "UPDATE did_numbers SET pool_status = 'quarantine' WHERE id = '${ROW}07'"
	run_ok didctl pool list 8065978007 -o json
	json '.[0].state' unknown
	unchanged run_code 6 didctl assign 8065978007 ACME
	unchanged run_code 6 didctl pool mark available 8065978007 -y
	run_ok didctl assign 8065978006 ACME
	same_tables
}
