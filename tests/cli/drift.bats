#!/usr/bin/env bats
# A PBX's database that is not what didctl knows: what reads copes or says in one line what is missing, and writes nothing;
# what writes is refused where it would not be understood, and changes nothing.
# shellcheck disable=SC2086,SC2154,SC2317 # words of a command; bodies are called by name; run sets output and stderr
load ../lib/common
load ../lib/writes

READS=(
	'pool list -c all' 'pool list --state assigned --match ACM -s -price' 'pool list --org ACME'
	'pool show 918065978001' 'env show' 'env check' 'default show' 'org list' 'org show ACME' 'user list' 'history'
	'history 918065978001' 'history --at 2100-01-01T00:00:00Z 918065978001' 'pool stats --by state,org,env,provider'
	'__complete number 91806' '__complete org A' '__complete change 0'
)
WRITES=(
	'assign 918065978010 Globex' 'release 918065978001' 'env set oss 918065978011' 'pool add 918065979000'
	'pool edit 918065978001 --price 10.10' 'pool edit 918065978001 --route queue:1' 'pool delete 918065978012 --expect 1'
	'default set 918065978002' 'pool mark blocked 918065978003' 'pool lock 918065978004'
)

# The inventory that every drift starts from.
start() {
	stock
	sql "INSERT INTO users (id, org_id, name) VALUES ('u1', '$ACME', 'Ann')"
	didctl -q assign 918065978000-8003 ACME -y
}

starts_with() { # TEXT PREFIX;PREFIX...
	local prefix prefixes

	IFS=';' read -ra prefixes <<<"$2"
	for prefix in "${prefixes[@]}"; do
		[[ $1 != "$prefix"* ]] || return 0
	done
	return 1
}

# ends CODE COMMAND: and where that is not 0, with one line that says what the matter is, not what the database answered. The
# shell's own means, since there are many.
ends() {
	local words said code=0 one_line=$'^(change-id: [-0-9a-f]+\n)?didctl: [^\n]+(\nhint: [^\n]+)?$'

	read -ra words <<<"$2"
	didctl "${words[@]}" >out 2>err || code=$?
	said=$(<err)
	[ "$code" -eq "$1" ] || fail "exit code $code, not $1: $2" "$(<out)" "$said"
	[[ $code -eq 0 || $said =~ $one_line ]] || fail "$2: $said"
	[[ $said != *'a statement failed'* ]] || fail "$2: $said"
}

read_all() { # FAILING
	local command

	for command in "${READS[@]}"; do
		if starts_with "$command" "$1"; then
			ends 4 "$command"
		else
			ends 0 "$command"
		fi
	done
}

write_some() { # FAILING, or all
	local command

	for command in "${WRITES[@]}"; do
		if [ "$1" = all ] || starts_with "$command" "$1"; then
			ends 4 "$command -y"
		fi
	done
}

# doctor says what it sees, whatever it is; explain says as much as the tables tell, or in one line what it lacks.
look() {
	local command code

	didctl doctor -o json >out 2>err && code=0 || code=$?
	[[ $code -eq 0 || $code -eq 3 ]] || fail "doctor ended with $code: $(<err)"
	jq -e 'type == "array"' out >/dev/null || fail "no array: $(<out)"
	! grep -q 'a statement failed' out err || fail "$(<out)" "$(<err)"
	for command in 'explain 918065978001' 'explain --outbound --org ACME'; do
		didctl $command >out 2>err && code=0 || code=$?
		[[ $code -eq 0 || $code -eq 4 ]] || fail "$command ended with $code: $(<err)"
		! grep -q 'a statement failed' err || fail "$command: $(<err)"
	done
}

# drift SQL FAILING-READS FAILING-WRITES
drift() {
	echo "$1"
	start
	sql "$1"
	unchanged read_all "$2"
	unchanged look
	[ -z "$3" ] || unchanged write_some "$3"
}

# on BACKEND: runs a table of drifts, each on a target of its own.
on() {
	local statement reads writes

	[ "$1" = sqlite ] || [ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	while IFS='|' read -r statement reads writes; do
		common_teardown
		"$1_target"
		drift "$statement" "$reads" "$writes"
	done
}

@test "MariaDB: a column that is missing" {
	on mysql <<-'END'
		ALTER TABLE did_numbers DROP org_id||all
		ALTER TABLE did_numbers DROP pool_status||all
		ALTER TABLE did_numbers DROP status||all
		ALTER TABLE did_numbers DROP trunk_id||
		ALTER TABLE did_numbers DROP is_default||default set
		ALTER TABLE did_numbers DROP routing_environment||env set
		ALTER TABLE did_numbers DROP routing_type||pool edit 918065978001 --route
		ALTER TABLE did_numbers DROP routing_destination||pool edit 918065978001 --route
		ALTER TABLE did_numbers DROP recording_enabled, DROP region, DROP provider||
		ALTER TABLE did_numbers DROP monthly_price||pool edit 918065978001 --price
		ALTER TABLE organizations DROP context_prefix||
		ALTER TABLE users DROP outbound_did|user list;org show|release
	END
}

@test "MariaDB: a column of another type" {
	on mysql <<-'END'
		ALTER TABLE did_numbers MODIFY number BIGINT NOT NULL||all
		ALTER TABLE did_numbers MODIFY number VARCHAR(13) NOT NULL||all
		ALTER TABLE did_numbers MODIFY org_id BINARY(36)||all
		ALTER TABLE did_numbers MODIFY is_default CHAR(1)||all
		ALTER TABLE did_numbers MODIFY is_default BIT(1)||all
		ALTER TABLE did_numbers MODIFY pool_status VARCHAR(20), MODIFY status VARCHAR(20), MODIFY routing_environment TEXT||
		ALTER TABLE did_numbers MODIFY monthly_price FLOAT||pool edit 918065978001 --price
		UPDATE did_numbers SET routing_environment = 'prod'; ALTER TABLE did_numbers MODIFY routing_environment ENUM('prod','staging')||env set
		ALTER TABLE did_numbers ADD kind INT NOT NULL||pool add
		ALTER TABLE did_numbers ADD created TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ADD `order` INT, DROP INDEX number||
		ALTER TABLE did_numbers MODIFY pool_status ENUM('available','pending','assigned','reserved','sold'); UPDATE did_numbers SET pool_status = 'sold' WHERE number LIKE '%8010'||
	END
}

@test "MariaDB: tables that are missing, views, without transactions, in another character set" {
	on mysql <<-'END'
		DROP TABLE organizations|org;default show;pool list --org|assign
		DROP TABLE users|user list;org show|
		ALTER TABLE did_numbers ENGINE=MyISAM||all
		RENAME TABLE did_numbers TO kept; CREATE VIEW did_numbers AS SELECT * FROM kept||all
		RENAME TABLE organizations TO kept; CREATE VIEW organizations AS SELECT * FROM kept||all
		ALTER TABLE organizations CONVERT TO CHARACTER SET latin1; INSERT INTO organizations (id, name) VALUES ('ü', 'Zürich')||
		ALTER TABLE did_numbers CONVERT TO CHARACTER SET latin1; UPDATE did_numbers SET region = 'Zürich'||
	END
}

@test "SQLite: columns and tables that are missing, a view" {
	on sqlite <<-'END'
		DROP INDEX did_numbers_org; ALTER TABLE did_numbers DROP COLUMN org_id||all
		ALTER TABLE did_numbers DROP COLUMN pool_status||all
		ALTER TABLE did_numbers DROP COLUMN is_default||default set
		ALTER TABLE did_numbers DROP COLUMN monthly_price||pool edit 918065978001 --price
		ALTER TABLE organizations DROP COLUMN context_prefix||
		DROP TABLE organizations|org;default show;pool list --org|assign
		DROP TABLE users|user list;org show|
		ALTER TABLE did_numbers RENAME TO kept; CREATE VIEW did_numbers AS SELECT * FROM kept||all
		ALTER TABLE did_numbers ADD COLUMN kind INT NOT NULL DEFAULT 7||
		CREATE TABLE kept AS SELECT * FROM did_numbers; DROP TABLE did_numbers; ALTER TABLE kept RENAME TO did_numbers||
		CREATE TABLE kept (id TEXT PRIMARY KEY, number INTEGER UNIQUE, org_id, pool_status, status); INSERT INTO kept SELECT id, number, org_id, pool_status, status FROM did_numbers; DROP TABLE did_numbers; ALTER TABLE kept RENAME TO did_numbers||all
	END
}

@test "didctl's own tables: empty, damaged, halved, without their version" {
	damaged() {
		export DIDCTL_COUNTRY=IN
		drift 'DELETE FROM didctl_meta' 'history' 'pool lock'
		sql "INSERT INTO didctl_meta VALUES ('schema', 'x'), ('country', 'x')"
		unchanged read_all 'history'
		sql "UPDATE didctl_meta SET value = '99999999999999999999' WHERE name = 'schema'"
		unchanged ends 4 'pool list'
		sql 'ALTER TABLE didctl_meta DROP COLUMN value'
		unchanged ends 4 'pool list'
		"${BACKEND}_target"
		drift 'DROP TABLE didctl_details' "$(joined "${READS[@]}")" all
	}
	joined() { # those that look at the details
		printf '%s\n' "$@" | grep -E '^(pool|env show|org show|history --at)' | paste -sd';'
	}
	each_backend damaged
}

@test "MariaDB: a user who may only read reads everything, and doctor says what is lacking" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	start
	server_sql -e "CREATE OR REPLACE USER reader@localhost; GRANT SELECT ON \`$DATABASE\`.* TO reader@localhost"
	export DIDCTL_TARGET="mysql://reader@/$DATABASE?socket=$TEST_SERVER/s"
	unchanged read_all ''
	unchanged look
	unchanged write_some all
	run_code 0 didctl doctor rights -o json
	json '[.[] | select(.check == "rights")] | length > 0' true
	[[ $output == *GRANT* ]]
	server_sql -e 'DROP USER reader@localhost'
}
