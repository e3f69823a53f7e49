#!/usr/bin/env bats
# A PBX's database as it is, without didctl's own tables: the base verbs work, the rest says what is missing.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run sets output and stderr
load ../lib/common

# The PBX's tables with an organisation and two numbers, in two spellings.
bare() {
	if [ "$BACKEND" = sqlite ]; then
		didctl init -q
		sql "$(sql "SELECT 'DROP TABLE ' || name || ';' FROM sqlite_master WHERE type = 'table' AND name LIKE 'didctl%'")"
	fi
	sql "INSERT INTO organizations (id, name, context_prefix) VALUES ('o1', 'ACME', 'acme'), ('o2', 'Globex', 'globex')"
	sql "INSERT INTO did_numbers (id, number) VALUES ('n1', '08065978000'), ('n2', '918065978001')"
	export DIDCTL_COUNTRY=IN
}

@test "without init: list, assign, route, environment, release, by the country of the settings" {
	body() {
		bare
		run_ok didctl assign +918065978000-8001 ACME --yes
		[[ $stderr == *'no history is kept here: didctl init'* ]]
		run_ok didctl pool list --org acme -c number,default -o tsv -H
		[ "$output" = $'08065978000\tyes\n918065978001\tno' ]
		run_ok didctl pool list --org Globex -o tsv -H
		[ -z "$output" ]
		run_ok didctl pool edit 918065978000 --route queue:sales
		run_ok didctl env set oss 918065978001
		run_ok didctl env check -o tsv -H
		[[ $output == *env-oss$'\t'918065978001* ]]
		run_ok didctl release 918065978000 --yes
		[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE org_id = 'o1'")" = 1 ]
	}
	each_backend body
}

@test "without init: what needs tables of its own is refused, naming init" {
	body() {
		bare
		refuses pool lock 918065978001
		refuses pool edit 918065978001 --tag x
		refuses history
		refuses undo 019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f --yes
	}
	refuses() {
		unchanged run_code 4 didctl "$@"
		[[ $stderr == *"didctl's own tables"* && $stderr == *'didctl init'* ]] || fail "$*: $stderr"
	}
	each_backend body
}

@test "init by a user who may not create tables says nothing of having made any" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	server_sql -e "CREATE USER 'bare$$'@localhost; GRANT SELECT, INSERT, UPDATE, DELETE ON $DATABASE.* TO 'bare$$'@localhost"
	DIDCTL_TARGET=${DIDCTL_TARGET/root@/bare$$@}
	run_code 4 didctl init --country IN
	server_sql -e "DROP USER 'bare$$'@localhost"
	[[ $stderr == *'no right'* && $stderr != *made* ]]
}

@test "init --check says what is missing, and makes nothing" {
	body() {
		bare
		unchanged run_code 3 didctl init --check
		[[ $stderr == *"missing: didctl's own tables"* ]]
	}
	each_backend body
}
