# shellcheck shell=bash disable=SC2154
# For bats, after common: a REST API for the tests of a file (api_start in setup_file, api_stop in teardown_file), on
# a database of its own. $API is the directory of tests/lib/api; each test begins with api_reset.

api() { "$ROOT/tests/lib/api" "$1" "$API" "${@:2}"; }
api_sql() { server_sql -N "$API_DATABASE" "$@"; }

api_start() { # [OPTION...]
	[ -n "${API_MODULES-}" ] || { echo "# SKIPPED: the REST API's modules are not there" >&3; return; }
	export API=$BATS_FILE_TMPDIR/api API_DATABASE=api_$$_$RANDOM
	server_sql -e "CREATE DATABASE $API_DATABASE CHARACTER SET utf8mb4"
	server_sql "$API_DATABASE" <"$ROOT/tests/data/pbx.sql"
	api start "$TEST_SERVER/s" "$API_DATABASE" "$@"
}

api_stop() {
	[ -n "${API-}" ] || return 0
	api stop
	server_sql -e "DROP DATABASE $API_DATABASE"
}

# Empty tables but for two organisations, no fault, nothing seen.
api_reset() {
	[ -n "${API-}" ] || skip "the REST API's modules are not there"
	api switch '{}'
	api forget
	api_sql -e "DELETE FROM did_numbers; DELETE FROM users; DELETE FROM organizations;
		DELETE FROM api_numbers; DELETE FROM api_organizations; DELETE FROM api_locations;
		DELETE FROM api_ports; DELETE FROM api_port_numbers; DELETE FROM api_port_documents; DELETE FROM api_port_events;
		DELETE FROM api_port_pins; UPDATE api_port_serial SET last = 0;
		INSERT INTO organizations VALUES ('org-a', 'Acme', 'org_acme'), ('org-b', 'Bolt', 'org_bolt')"
}

# For a test of didctl: the API is its target. Nothing that the server answered by itself may break the contract.
api_setup() {
	common_setup
	api_reset
	URL=$(api url)
	export DIDCTL_COUNTRY=IN DIDCTL_API_KEY_FILE=$API/key DIDCTL_TARGET=$URL
}

api_teardown() {
	[ -z "${API-}" ] || { run -0 api violations && [ -z "$output" ]; } || { printf '%s\n' "$output" >&2; return 1; }
	common_teardown
}

# The database behind it, as didctl's target, and didctl on it.
door() { echo "mysql://root@/$API_DATABASE?socket=$TEST_SERVER/s"; }
database() { didctl -t "$(door)" "$@"; }
sound() { "$ROOT/tests/lib/invariants" "$(door)"; }
count() { api_sql -e "SELECT COUNT(*) FROM did_numbers WHERE $1"; }

# stock COUNT [COLUMN=VALUE, ...]: numbers from 918065970000 on, available.
stock() {
	api_sql -e "INSERT INTO did_numbers (id, number, monthly_price) SELECT CONCAT('00000000-0000-4000-8000-', LPAD(seq, 12, 0)), 918065970000 + seq, 100 FROM seq_0_to_$(($1 - 1))"
	[ $# -lt 2 ] || api_sql -e "UPDATE did_numbers SET $2"
}

# Acme's, the lowest of them its default.
held() { # COUNT
	stock "$1" "pool_status = 'assigned', org_id = 'org-a', is_default = number = '918065970000'"
}

# what the server saw: requests that a jq condition holds for
saw() { api log | jq -s "[.[] | select($1)] | length"; }

# rules RULE...: faults, as the elements of "rules"
rules() {
	local IFS=,

	api switch "{\"rules\":[$*]}"
}

# curl as a client that knows the key: METHOD PATH [JSON] [CURL-OPTION...]; $status is curl's, $output the body.
call() {
	local method=$1 path=$2

	shift 2
	if [ $# -gt 0 ] && [[ $1 != -* ]]; then
		set -- --json "$1" "${@:2}"
	fi
	run -0 curl -qsS --noproxy '*' -X "$method" -H "X-Internal-Key: $(cat "$API/key")" \
		-w '\n%{http_code}' "$@" "$(api url)$path"
	code=${output##*$'\n'} output=${output%"$code"}
	output=${output%$'\n'}
}
