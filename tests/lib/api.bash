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
		INSERT INTO organizations VALUES ('org-a', 'Acme', 'org_acme'), ('org-b', 'Bolt', 'org_bolt')"
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
