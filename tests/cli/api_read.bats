# Reading over the REST API: every listing as on the database behind it, and whatever a server may answer instead.
load ../lib/common
load ../lib/api

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() { api_setup; }
teardown() { api_teardown; }

# Rows of every state, in every spelling, one of nobody that there is, and one that is no number.
inventory() {
	api_sql -e "INSERT INTO did_numbers (id, number, org_id, pool_status, status, is_default, routing_environment,
			routing_type, routing_destination, recording_enabled, trunk_id, region, provider, monthly_price) VALUES
		('00000000-0000-4000-8000-000000000000', '918065978000', 'org-a', 'assigned', 'active', 1, 'prod', 'queue', '7', 1, 't', 'Bangalore', 'Tata', 100),
		('00000000-0000-4000-8000-000000000001', '08065978001', 'org-a', 'assigned', 'active', 0, 'staging', 'ivr', NULL, 0, NULL, 'Pune', 'Tata, Inc.', 99.5),
		('00000000-0000-4000-8000-000000000002', '+918065978002', 'org-x', 'assigned', 'suspended', 0, 'prod', NULL, NULL, NULL, NULL, 'Pune', 'Airtel', 1000),
		('00000000-0000-4000-8000-000000000003', '8065978003', NULL, 'available', 'active', 0, 'oss', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		('00000000-0000-4000-8000-000000000004', '918065978004', 'org-b', 'pending', 'active', 0, 'prod', NULL, NULL, NULL, NULL, NULL, 'Tata', 5),
		('00000000-0000-4000-8000-000000000005', '18005551234', NULL, 'available', 'active', NULL, 'prod', NULL, NULL, NULL, NULL, NULL, 'Tata', -1),
		('00000000-0000-4000-8000-000000000006', '12125550123', NULL, 'reserved', 'inactive', 0, 'prod', NULL, NULL, NULL, NULL, 'Östersund', 'Tata', 20),
		('00000000-0000-4000-8000-000000000007', '+442079460000', NULL, 'reserved', 'active', 0, 'prod', NULL, NULL, NULL, NULL, NULL, 'Tata', 20),
		('00000000-0000-4000-8000-000000000008', 'hello', NULL, 'reserved', 'ported', 0, 'prod', NULL, NULL, NULL, NULL, NULL, 'Tata', 20);
		INSERT INTO users VALUES ('u-ann', 'org-a', 'Ann', '918065978000'), ('u-bob', 'org-b', 'Bob', NULL), ('u-non', NULL, 'Non', NULL);
		INSERT INTO organizations VALUES ('org-c', 'Acme', NULL), ('org-d', CONCAT('E', CHAR(27), '[1m, Inc.'), 'org_d')"
}

# same LINE...: standard output, standard error and exit code are the same through either door.
same() {
	local line

	for line; do
		eval "database $line" >expected 2>expected-err && code=0 || code=$?
		eval "didctl $line" >got 2>got-err && got=0 || got=$?
		[ "$got" = "$code" ] || fail "$line: exit $got, not $code: $(cat got-err)"
		diff expected got >&2 || fail "$line: other rows"
		diff expected-err got-err >&2 || fail "$line: other messages"
	done
}

LINES_OF_EVERYTHING=(
	'pool list -o table' 'pool list -o json -c all' 'pool list -o csv -c all' 'pool list -o tsv -c all'
	'pool list -o ndjson -c all' 'pool list 918065978000-8009 -c +id,e164,national' 'pool list -s none | sort'
	'pool list --limit 3' 'pool list --limit 9' 'org list -o json -c all' 'user list -o json -c all'
)

@test "each format has the same bytes as from the database, whatever the size of a page" {
	inventory
	for cap in 1 2 1000; do
		api switch "{\"page_cap\":$cap}"
		same "${LINES_OF_EVERYTHING[@]}"
	done
}

@test "each filter finds what it finds on the database" {
	inventory
	for filter in '--state available' --state=assigned,pending --state=blocked --state=archived,ported --state=RELEASED \
		--state=on-hold --org=Bolt --org=org_acme --org=org-a,Bolt --org=Nobody --org=Acme --env=prod --env=staging,oss --tag=x \
		--provider=Tata "--provider='Tata, Inc.'" --provider=Tata,Airtel --provider=Nobody --operator=x --region=Pune \
		--region=Östersund --city=x --rate-center=x --state-code=KA --area-code=212,800 --nxx=555 --toll-free \
		--default --locked --package=x --match=olt --match=5978 --match=% \
		--match=8XX-555-XXXX '--state available --env prod' '--org Bolt --env prod --provider Tata' \
		'--default --state available'; do
		same "pool list -o csv $filter" "pool stats --by state,org $filter"
	done
	# Twice on one column: both have to hold, and the contract takes only one.
	same 'release --where default=yes --where default=no --expect 0 -n -y -q' \
		'release --where pool_status=assigned,pending --where state=assigned --expect 2 -n -y -q'
}

@test "each operand finds what it finds on the database" {
	inventory
	api switch '{"page_cap":2}'
	for operands in 918065978000 +91-80-6597-8001 08065978002 8065978003 +18005551234 918065978009 918065978000-8003 \
		'918065978000 918065978002 918065978004' '918065978000-8001 918065978001-8004' 91806597800X 8XX-555-XXXX \
		'91806597800X +442079460000' id:00000000-0000-4000-8000-000000000000 id:00000000-0000-4000-8000-0000000000ff \
		'id:00000000-0000-4000-8000-000000000000 918065978000-8002' id:00000000-0000-4000-8000-000000000008 \
		'91806597800X id:00000000-0000-4000-8000-000000000006' '918065978000-8009 --env staging,oss' \
		8009-8000 1-99999999999999999999 12345; do
		same "pool list -o csv $operands"
	done
	api_sql -e "INSERT INTO did_numbers (id, number) VALUES ('812', '18125550000')"
	DIDCTL_COUNTRY=US same 'pool list -o csv 8XX-555-XXXX' 'pool list -o csv --match 8XX-555-XXXX' \
		'pool list -o csv --match 812-555-XXXX' 'pool list -c +national'
}

@test "each order is that of the database" {
	inventory
	api switch '{"page_cap":2}'
	for key in -number price -price env,-price state,number -org,number org_id pool_status status default,-number area_code,nxx \
		toll_free,-number route recording,price id provider,id price,-id trunk_id -e911,-number; do
		same "pool list -c number,price -o tsv -s $key" "pool list -c number -o tsv --limit 3 -s $key"
	done
	same 'org list -s -numbers' 'org list -s default -o csv' 'user list -s -name' 'user list -s org,id'
}

@test "many scattered numbers are asked for in requests of a hundred ranges" {
	local n

	for n in {100..399..3}; do
		echo "(UUID(), '918065978$n')"
	done | paste -sd, | sed 's/^/INSERT INTO did_numbers (id, number) VALUES /' >insert.sql
	api_sql <insert.sql
	seq -f 918065978%g 100 2 400 >numbers
	same 'pool list @numbers -o tsv' 'pool list @numbers -o tsv --limit 30' 'pool list - -o tsv -c number <numbers'
	[ "$(didctl pool list @numbers -o tsv -H | wc -l)" = 50 ]
	run -0 api log
	[ "$(jq -r 'select(.operation == "listNumbers") | .path' <<<"$output" | grep -o 'range=' | wc -l)" -gt 100 ]
	! jq -e 'select(.path | [scan("range=")] | length > 100)' <<<"$output" || fail "more ranges than the contract takes"
}

@test "what the contract can filter is filtered by the server" {
	inventory
	api forget
	didctl -q pool list --state available --env prod --provider Tata --default 918065978000-8009 >/dev/null
	run -0 api log
	path=$(jq -r 'select(.operation == "listNumbers") | .path' <<<"$output")
	for part in pool_status=available routing_environment=prod provider=Tata is_default=true \
		range=918065978000-918065978009 range=%2B918065978000-%2B918065978009 limit=1000; do
		[[ $path == *"$part"* ]] || fail "$part is not asked for: $path"
	done
}

@test "what comes is looked at again: a list that knows no filter gives no other rows" {
	inventory
	api switch '{"off":["listNumbers"]}'
	for line in +18005551234 '+18005551234 918065978000-8009' +1-8XX-555-XXXX --toll-free '--provider Tata --area-code 800'; do
		# shellcheck disable=SC2086 # words
		run_code 0 didctl pool list --state available --env prod $line -o tsv -H -c number
		[ "$output" = 18005551234 ]
	done
	run_code 0 didctl pool list --state available --env prod --provider Airtel -o tsv -H -c number
	[ -z "$output" ]
}

@test "what pool show, requests, env, default, org and user show is the same" {
	inventory
	same 'pool show 918065978000' 'pool show 08065978001 -o json' 'pool show 918065978009' 'pool show +18005551234' \
		'pool show id:00000000-0000-4000-8000-000000000002' 'pool requests' 'pool stats' 'pool stats --by env,state' \
		'env show' 'env show 918065978000-8004' 'default show' 'default show Bolt' 'default show Nobody' \
		'org show Bolt' 'org show org_acme' 'org show Acme' 'org show Acmee' 'org show org-' 'user show Ann' \
		'user show u-bob' 'user show Anne' 'user show A' 'user list --org Bolt' 'user list --org org-a' \
		'explain 918065978000' 'explain 08065978001 -o json' 'explain 918065978004' 'explain 918065978009' \
		'explain --outbound --org Bolt' 'explain --outbound --user Ann' 'explain --outbound --user Bob'
}

@test "doctor looks at the rows, says with -v what it leaves out, and ends with 4 for what was named and cannot be" {
	inventory
	database doctor -o tsv 2>/dev/null | grep -v -e '	setup	' -e '	server	' >expected || true
	didctl doctor -o tsv 2>/dev/null >got || true
	diff expected got
	run_code 3 didctl doctor -v
	grep -q "check 'tables' is left out" <<<"$stderr"
	for check in tables history live; do
		run_code 4 didctl doctor "$check"
		one_line_error 'through the API'
	done
	api switch '{"off":["listUsers"]}'
	run_code 3 didctl doctor -v
	grep -q "check 'outbound' is left out: the target has no users" <<<"$stderr"
}

@test "completion offers numbers, organisations and users" {
	inventory
	for line in 'number 91806' 'number 0806' 'number +44' "number ''" 'org A' 'org b' 'user A' "user ''" 'tag x'; do
		eval "database __complete $line" | sort >expected
		eval "didctl __complete $line" | sort >got
		diff expected got || fail "$line"
	done
	api switch '{"rules":[{"delay_ms":5000}]}'
	run -0 --separate-stderr didctl __complete number 91
	[ -z "$output$stderr" ]
}

# ---- what an API has not

# One line of an error, perhaps a hint, and nothing else; the text stands in it.
one_line_error() {
	grep -q -- "$1" <<<"$stderr" || fail "'$1' is not said: $stderr"
	[ "$(grep -vc '^hint: ' <<<"$stderr")" = 1 ] || fail "more than one line: $stderr"
}

@test "what only a database has ends with 4, one line, and where it can be had" {
	inventory
	for line in init 'init --check' 'history --at now 918065978000' 'doctor history --seal' 'doctor replay' 'doctor rights'; do
		# shellcheck disable=SC2086 # words
		run_code 4 didctl $line
		one_line_error 'cannot be had through the API'
		grep -q 'target mysql' <<<"$stderr"
	done
}

@test "a list that this API does not offer ends with 4, by 404 and by 405" {
	inventory
	for absent in 404 405; do
		api switch "{\"off_status\":$absent,\"off\":[\"listNumbers\",\"getNumber\",\"listOrganizations\",\"listUsers\"]}"
		for line in 'pool list' 'pool list 918065978000' 'pool list --state available' 'org list' 'user list' \
			'pool list id:00000000-0000-4000-8000-000000000000' 'pool list --org Bolt' 'user show Ann'; do
			# shellcheck disable=SC2086 # words
			run_code 4 didctl $line
			[ -z "$output" ]
			one_line_error 'does not offer'
			grep -q 'target mysql' <<<"$stderr"
		done
	done
}

@test "without the list of all numbers, the available ones of its environment can be listed" {
	inventory
	expected=$(database pool list --state available --env prod -o csv)
	api switch '{"off":["listNumbers"]}'
	run_code 0 didctl pool list --state available --env prod -o csv
	[ "$output" = "$expected" ]
	api switch '{"off":["listNumbers"],"environment":"oss"}'
	run_code 4 didctl pool list --state available --env prod
	one_line_error "available numbers of 'oss' only"
	api switch '{"off":["listNumbers"],"environment":"staging"}'
	run_code 4 didctl pool list --state available --env staging
	one_line_error 'does not say of which environment'
	for line in '--state available' '--state available,pending --env prod' '--state available --env prod,oss' '--env prod'; do
		# shellcheck disable=SC2086 # words
		run_code 4 didctl pool list $line
		one_line_error 'does not offer the list of all numbers'
	done
}

@test "rows by their ids are looked for in the list where they cannot be asked for one by one" {
	inventory
	api switch '{"page_cap":2,"off":["getNumber"]}'
	same 'pool list -o csv id:00000000-0000-4000-8000-000000000003 918065978000-8001 id:00000000-0000-4000-8000-000000000000' \
		'pool list -o csv id:00000000-0000-4000-8000-0000000000ff' 'pool show id:00000000-0000-4000-8000-000000000002'
	api switch '{"off":["getNumber","listNumbers"]}'
	run_code 0 didctl pool list --state available --env prod id:00000000-0000-4000-8000-000000000005 -o tsv -H -c number
	[ "$output" = 18005551234 ]
}

@test "without the list of organisations numbers are listed with their owners' ids" {
	inventory
	api switch '{"off":["listOrganizations"]}'
	run_code 0 didctl pool list -o tsv -H -c number,org 918065978000-8004
	[ "$output" = $'+918065978002\torg-x\n08065978001\torg-a\n8065978003\t\\N\n918065978000\torg-a\n918065978004\torg-b' ]
}

@test "an organisation is found by its id where only the list has it, and by its id alone where nothing tells more" {
	inventory
	api switch '{"off":["getOrganization","getUser"]}'
	same 'org show org-b' 'org show Bolt' 'pool list --org org-b -o csv' 'user show u-ann' 'org show Nobody'
	api switch '{"off":["listOrganizations"]}'
	run_code 4 didctl pool list --org Bolt
	one_line_error 'does not offer the list of organisations'
	run_code 4 didctl org delete Bolt -y # which is no id of a row that is gone already
	grep -q '^didctl: .*does not offer the list of organisations' <<<"$stderr"
	run_code 3 didctl org delete 01890000-0000-7000-8000-00000000000a -y
	grep -q "^didctl: there is no organisation '01890000-0000-7000-8000-00000000000a'$" <<<"$stderr" || fail "$stderr"
	run_code 3 didctl org edit 01890000-0000-7000-8000-00000000000a --name X -y
	api switch '{"off":["listOrganizations","getOrganization"]}'
	run_code 3 didctl org delete 01890000-0000-7000-8000-00000000000a -y # only the deletion itself can tell
	api switch '{"off":["listOrganizations"]}'
	api_sql -e "UPDATE did_numbers SET org_id = '01890000-0000-7000-8000-00000000000a' WHERE org_id = 'org-b'"
	run_code 0 didctl pool list --org 01890000-0000-7000-8000-00000000000a -o tsv -H -c number
	[ "$output" = 918065978004 ]
}

# ---- what a server may answer instead

# fault CODE TEXT RULE [LINE]: with this rule a listing ends so, in one line of error, and without a row.
fault() {
	local code=$1 text=$2 rule=$3 line=${4-pool list}

	api switch "{\"rules\":[$rule]}"
	# shellcheck disable=SC2086 # words
	run_code "$code" didctl $line
	[ -z "$output" ] || fail "rows of a list that failed: $output"
	one_line_error "$text"
	[[ $stderr != *"$(cat "$API/key")"* ]] || fail "the key is shown"
}

@test "each error code ends with its exit code and the server's words" {
	fault 4 "does not accept the key (401): 'switched on" '{"status":401}'
	fault 4 'does not allow this with the key (403)' '{"status":403}'
	fault 4 'does not offer the list of all numbers' '{"status":404,"body":"html"}'
	fault 4 'does not offer the list of all numbers' '{"status":405,"body":"none"}'
	fault 6 "refuses: 'switched on by the test: 409' (409)" '{"status":409}'
	fault 6 "refuses: 'switched on by the test: 422' (422)" '{"status":422}'
	fault 4 "failed (500): 'switched on by the test: 500'" '{"status":500}'
	fault 4 'failed (502): .<!DOCTYPE html>\\n<html>' '{"status":502,"body":"html"}'
	fault 4 '^hint: the log of the API, or of the proxy before it, says why' '{"status":502,"body":"html"}'
	fault 4 '^hint: .*: put a new one there if it has expired$' '{"status":401}'
	fault 4 'failed (500)$' '{"status":500,"body":"none"}'
	fault 4 'failed (400)' '{"status":400}'
}

@test "an answer that is no JSON of the contract is not taken for rows" {
	inventory
	fault 4 "not JSON, but begins '<!DOCTYPE html>" '{"text":"html"}'
	fault 4 '^hint: does the target name the API itself?' '{"text":"html"}'
	fault 4 'it is empty' '{"text":"empty"}'
	fault 4 'bad JSON at byte' '{"text":"cut"}'
	fault 4 'stands twice' '{"text":"duplicate"}'
	fault 4 'nested too deep' '{"text":"deep"}'
	fault 4 'something follows' '{"text":"trailing"}'
	fault 4 'not UTF-8' '{"text":"latin1"}'
	fault 4 'u0000' '{"text":"nul"}'
	fault 4 'longer than didctl takes' '{"text":"endless"}'
	fault 4 'bad JSON' '{"length":-100}'
}

@test "a connection that is cut is asked twice more, then it ends with 4" {
	inventory
	fault 4 'no whole answer' '{"drop":true}'
	fault 4 'no whole answer' '{"cut":20}'
	fault 4 'no whole answer' '{"cut":300}'
	fault 4 'no whole answer' '{"cut":300,"reset":true}'
	fault 4 'no whole answer' '{"length":100}'
	for rule in '"drop":true' '"cut":20' '"cut":300' '"cut":300,"reset":true'; do
		api switch "{\"page_cap\":2,\"rules\":[{$rule,\"skip\":1,\"times\":2}]}"
		same 'pool list -o tsv'
	done
}

@test "a list that breaks off in the middle is no whole list" {
	inventory
	api switch '{"page_cap":2,"rules":[{"status":500,"path":"did-pool/admin","skip":2}]}'
	run_code 4 didctl pool list -o tsv -H -c number
	[ "${#lines[@]}" = 4 ]
	one_line_error 'failed (500)'
	api switch '{"page_cap":2,"rules":[{"status":404,"path":"did-pool/admin","skip":2}]}'
	run_code 4 didctl pool list -s -price
	[ -z "$output" ]
	one_line_error '(404'
}

@test "a list whose pages go in a circle ends with 4" {
	local each second

	inventory
	call GET '/did-pool/admin?limit=2'
	second=$(jq .next <<<"$output")
	for each in 1 2 3; do # after so many pages it is the second one again
		api switch "{\"page_cap\":2,\"rules\":[{\"text\":\"next\",\"echo\":$second,\"skip\":1,\"every\":$each}]}"
		run_code 4 timeout 120 didctl pool list -c number
		one_line_error "'next' leads back to a page that was read"
	done
}

@test "a server that is slow ends with 4 when the time is over" {
	fault 4 'it took too long' '{"delay_ms":5000}' 'pool list --timeout 1'
	fault 4 'it took too long' '{"drip":{"bytes":5,"every_ms":200}}' 'pool list --timeout 1'
	api switch '{"rules":[{"delay_ms":300}]}'
	run_code 0 didctl pool list --timeout 60
}

@test "429 and 503 are asked again after Retry-After, as long as --timeout lets" {
	inventory
	for busy in 429 503; do
		api switch "{\"rules\":[{\"status\":$busy,\"retry_after\":1,\"times\":1}]}"
		same 'pool list -o tsv'
	done
	fault 4 'asked too often (429)' '{"status":429,"retry_after":3600}'
	grep -q 'wait for 3600 s' <<<"$stderr"
	fault 4 'not available at present (503)' '{"status":503,"retry_after":1}' 'pool list --timeout 3' # in which the answer has to come, too
	[ "$(api log | jq -s '[.[] | select(.status == 503)] | length')" -ge 2 ]
}

@test "hostile text from the server is shown escaped" {
	inventory
	run_code 0 didctl org list
	! grep -q $'\x1b' <<<"$output"
	grep -qF '\x1B[1m' <<<"$output"
	same 'org list -o json' 'org show org-d'
}

@test "--jobs is for an API, and for its changes" {
	run_code 2 didctl pool list --jobs 4
	run_code 2 didctl release 918065978000 --jobs 0
	run_code 2 didctl release 918065978000 --jobs 65
	DIDCTL_TARGET="mysql://root@/$API_DATABASE?socket=$TEST_SERVER/s" run_code 2 didctl release 918065978000 --jobs 4
	DIDCTL_JOBS=x run_code 4 didctl pool list
	DIDCTL_JOBS=1 run_code 0 didctl pool list
}

@test "a sort with a limit keeps the first rows only" {
	api_sql -e "INSERT INTO did_numbers (id, number, monthly_price) SELECT UUID(), 918065900000 + seq, seq % 7 FROM seq_0_to_11999"
	same 'pool list -o tsv -c number -s -price --limit 5' 'pool list -o tsv -c number,price -s -number --limit 1000' \
		'pool list -o tsv -c number,price -s price' 'pool list -o tsv -c number | tail -n 3'
}
