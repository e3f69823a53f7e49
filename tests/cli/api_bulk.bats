# Very many rows through the REST API. make check does a part; make bulk does all of it: NUMBERS_RELEASED and NUMBERS_LISTED.
load ../lib/common
load ../lib/api
load ../lib/memory

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no
}

teardown() { api_teardown; }

@test "numbers released through a server that cuts every 50th answer: each exactly once, and the report is true" {
	local n=${NUMBERS_RELEASED:-500} last

	held "$n"
	last=$((918065970000 + n - 1))
	api_sql -e "INSERT INTO users VALUES ('u-ann', 'org-a', 'Ann', '$last')"
	rules '{"every":50,"cut":20,"cut_step":7}'
	run_ok didctl release "918065970000-$last" -y -o json --expect "$n"
	json '"\(.changed) \(.unchanged) \(.refused) \(.numbers | map(select(.result == "changed")) | length)"' "$n 0 0 $n"
	api switch '{}'
	[ -z "$(api log | jq -r 'select(.operation == "releaseNumber" and .worked).id' | sort | uniq -d)" ]
	[ "$(saw '.operation == "releaseNumber" and .worked')" = "$n" ]
	[ "$(saw .replayed)" = 0 ] # what was done was seen in the row, and not asked for again
	[ "$(count "org_id IS NULL AND pool_status = 'available'")" = "$n" ]
	[ "$(api_sql -e 'SELECT outbound_did IS NULL FROM users')" = 1 ]
	sound
}

@test "a list takes the memory of a page or two, however many rows it has" {
	local n=${NUMBERS_LISTED:-20000} line few many

	stock "$n" "provider = 'Tata', region = 'Bangalore'"
	[ "$(didctl pool list -o csv -H -c all | wc -l)" = "$n" ]
	for line in '-o csv -c all' '-o tsv' '-o ndjson' '-o json' '-o tsv -s -price --limit 10'; do
		# shellcheck disable=SC2086 # words
		few=$(peak didctl pool list $line 918065970000-2999)
		# shellcheck disable=SC2086 # words
		many=$(peak didctl pool list $line)
		[ "$many" -lt $((few + 1024)) ] || fail "$line: $few KiB for 3000 rows, $many KiB for $n"
	done
}
