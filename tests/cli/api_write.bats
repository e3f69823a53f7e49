# Changes over the REST API: the same plans, refusals and reports as on the database behind it, and what is left when a
# change, which is no transaction there, ends in the middle.
load ../lib/common
load ../lib/api

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no
	JOURNALS=$XDG_STATE_HOME/didctl
	ID=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f
}

teardown() { api_teardown; }

rows() { api_sql -e 'SELECT * FROM did_numbers ORDER BY number; SELECT * FROM users ORDER BY id; SELECT * FROM organizations ORDER BY id'; }

# ---- parity

# Many states, two organisations and a user that shows a number.
inventory() {
	api_reset
	api_sql -e "
		INSERT INTO organizations VALUES ('org-c', 'Twin', 'org_c'), ('org-d', 'Twin', 'org_d');
		INSERT INTO users VALUES ('u-ann', 'org-a', 'Ann', '918065978000'), ('u-bob', 'org-b', 'Bob', NULL);
		INSERT INTO did_numbers (id, number, org_id, pool_status, status, is_default, routing_environment,
				routing_type, routing_destination, provider, monthly_price) VALUES
			('00000000-0000-4000-8000-000000000000', '918065978000', 'org-a', 'assigned', 'active', 1, 'prod', 'queue', '7', 'Tata', 100),
			('00000000-0000-4000-8000-000000000001', '918065978001', 'org-a', 'assigned', 'active', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000002', '+918065978002', 'org-a', 'assigned', 'suspended', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000003', '08065978003', NULL, 'available', 'active', 0, 'prod', 'ivr', '3', 'Tata', 100),
			('00000000-0000-4000-8000-000000000004', '918065978004', NULL, 'available', 'active', 0, 'staging', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000005', '918065978005', 'org-b', 'pending', 'active', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000006', '918065978006', NULL, 'reserved', 'active', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000007', '918065978007', NULL, 'reserved', 'inactive', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000008', '918065978008', NULL, 'available', 'active', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-000000000009', '08065978008', 'org-b', 'assigned', 'active', 1, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-00000000000a', '918065978010', NULL, 'available', 'active', 0, 'prod', NULL, NULL, 'Tata', 100),
			('00000000-0000-4000-8000-00000000000b', '918065978011', NULL, 'available', 'active', 0, 'prod', NULL, NULL, 'Tata', 100)"
}

# What a command told, without what names the change and the door.
told() {
	sed -E '/^change-id: |^target |no history is kept|^didctl: not live yet/d; s/"change_id":[^,]*/"change_id":0/' "$1"
}

# alike_after SQL COMMAND: the same from rows that are not as they should be.
alike_after() {
	local faults=$1

	inventory_faults() { api_sql -e "$faults"; }
	alike "$2"
	unset -f inventory_faults
}

# alike COMMAND: from the same rows the same report, messages and exit code through either door, and the same rows after it.
alike() {
	local door

	for door in database didctl; do
		inventory
		! declare -F inventory_faults >/dev/null || inventory_faults
		eval "$door $1" >"$door.out" 2>"$door.err" && echo 0 >"$door.code" || echo $? >"$door.code"
		rows >"$door.rows"
		told "$door.out" >"$door.told"
		told "$door.err" >>"$door.told"
	done
	diff database.code didctl.code >&2 || fail "$1: another exit code: $(cat didctl.err)"
	diff database.told didctl.told >&2 || fail "$1: told otherwise"
	diff <(sed 's/[0-9a-f-]\{36\}/ID/; s/org_[a-z0-9]\{7\}/PREFIX/' database.rows | sort) \
		<(sed 's/[0-9a-f-]\{36\}/ID/; s/org_[a-z0-9]\{7\}/PREFIX/' didctl.rows | sort) >&2 || fail "$1: other rows"
}

@test "the same report, messages, exit code and rows as on the database: numbers that change hands" {
	local command

	for command in 'assign 918065978010-1 Bolt' 'assign 8065978003 Acme --route extension:1000 --env staging' \
		'assign 918065978010 Acme --default' 'assign 918065978001 Bolt' 'assign 918065978000-1 Bolt --transfer' \
		'assign 918065978006 Acme' 'assign 918065978006 Acme --allow-reserved' 'assign 918065978008 Acme' \
		'assign 918065978010 Twin' 'assign 918065978010 Nobody' 'assign 918065978099 Acme' \
		'assign 918065978010,918065978001 Bolt' 'assign 918065978000-1,918065978010-1 Bolt --partial' \
		'assign --count 2 Bolt' 'assign --count 2 Bolt --contiguous' 'assign --count 9 Bolt' \
		'assign --count 1 Acme --env staging' 'release 918065978000-1' 'release 918065978000-2 --keep route' \
		'release 918065978010' 'release id:00000000-0000-4000-8000-0000000000ff id:00000000-0000-4000-8000-000000000002 918065979999' \
		'release id:00000000-0000-4000-8000-000000000001' 'release 918065978002 --expect 2' 'assign 918065978010-1 Bolt --dry-run'; do
		alike "$command -y -o json"
	done
}

@test "the same report, messages, exit code and rows as on the database: the marketplace, states and fields" {
	local command

	for command in 'pool request 918065978010-1 Acme' 'pool request 918065978005 Acme' 'pool approve 918065978005' \
		'pool reject 918065978005' 'pool approve 918065978010' 'pool mark blocked 918065978001' \
		'pool mark assigned 918065978002' 'pool mark reserved 918065978010' 'pool mark archived 918065978010' \
		'pool mark ported 918065978001 ' 'pool mark available 918065978007' 'env set staging 918065978000-1' \
		'env set prod 918065978000' 'default set 918065978001' 'default set 918065978010' 'default clear Acme' \
		'default user Bob none' 'default user Ann 918065978001' 'default user Ann 918065978010' \
		'pool edit 918065978010-1 --provider Airtel --region Pune --price 7.5' 'pool edit 918065978000 --route ivr:1' \
		'pool edit 918065978000 --record on' 'pool edit 918065978000 --provider ""' \
		'pool edit --where provider=Tata --region Pune --expect 10' 'pool add 918065979000-3 --provider Tata --price 9' \
		'pool add 918065979000 --state archived' 'pool add 918065978010 --if-absent' 'pool add 918065978008' \
		'pool delete 918065978010-1 --expect 2' 'pool delete 918065978000 --expect 1' 'pool delete id:00000000-0000-4000-8000-000000000008 --expect 1' \
		'pool merge 918065978008 --keep 00000000-0000-4000-8000-000000000009'; do
		alike "$command -y -o json"
	done
}

@test "the same report, messages, exit code and rows as on the database: organisations and users" {
	local command

	for command in 'org add Cord --context-prefix org_cord' 'org add Acme' 'org edit Bolt --name Bolts' \
		'org edit Bolt --context-prefix org_acme' 'org delete Acme -y' 'org delete org-c -y' 'org delete Nobody -y' \
		'user add Carl Acme --outbound 918065978001' 'user add Carl Acme --outbound 918065978010' \
		'user edit Ann --org Bolt' 'user edit Bob --name Rob' 'user delete Bob -y' 'user delete Nobody -y'; do
		alike "$command"
	done
}

@test "what the API has no field for is refused with exit 4 in one line, and nothing is written" {
	local command before

	inventory
	printf '%%PDF-' >loa.pdf
	before=$(rows)
	for command in 'release 918065978001 --hold 30 -y' 'pool lock 918065978001' 'pool edit 918065978001 --note x' \
		'pool edit 918065978001 --tag +x' 'pool edit 918065978001 --city Pune' 'org edit Acme --unrouted queue:1' \
		'org edit Acme --mail noc@acme.example' 'pool mark on-hold 918065978010 --for 1 -y' 'pool unlock 918065978001' \
		'assign --count 1 Acme --prefer-aged -y' 'pool sweep' 'init' 'init --demo' 'history --at now 918065978000' \
		'doctor tables' 'doctor replay' 'doctor history --seal'; do
		run_code 4 didctl $command
		[ "$(grep -c '^didctl: .*through the API' <<<"$stderr")" = 1 ] || fail "$command: $stderr"
	done
	[ "$(rows)" = "$before" ]
	[ "$(saw '.method != "GET"')" = 0 ]
}

# ---- one row and its requests

@test "each write has the key, an idempotency key of its own and the tag of the row that was read" {
	stock 20
	run_ok didctl assign 918065970000-19 Acme --route extension:1000 -y --change-id $ID
	[ "$(saw '.method != "GET"')" = 40 ]
	[ "$(api log | jq -r 'select(.method != "GET").key' | sort -u | wc -l)" = 40 ]
	[ -z "$(api log | jq -r 'select(.method != "GET").key' | grep -v "^$ID/[0-9]*$")" ]
	sound
}

@test "the lowest number is the default, though the API gives the flag to whichever comes first" {
	stock 30
	rules '{"method":"POST","path":"000/assign","delay_ms":300}'
	run_ok didctl assign 918065970000-29 Acme -y --jobs 16
	[ "$(api_sql -e 'SELECT number FROM did_numbers WHERE is_default')" = 918065970000 ]
	[ "$(saw '.method == "PUT"')" = 0 ] # it never was another's
	sound
}

ignored_by() { # METHOD FIELD COMMAND EXIT
	rules "{\"method\":\"$1\",\"ignore\":[\"$2\"]}"
	run_code "$4" didctl $3
	grep -q "ignored '$2'" <<<"$stderr" || fail "$3: $stderr"
}

@test "a field that the API ignores is a refusal that names it" {
	stock 3
	rules '{"method":"PUT","ignore":["routing_environment"]}'
	run_code 6 didctl env set staging 918065970000-2 -y --jobs 1 -o json
	json .changed 0
	json '.numbers[0].reason' "was answered with OK by the API, which ignored 'routing_environment'"
	[ "$(count "routing_environment = 'prod'")" = 3 ]
	rules '{"method":"PUT","ignore":["routing_destination"]}'
	run_code 5 didctl assign 918065970000 Acme --route extension:1000 -y
	grep -q "ignored 'routing_destination'" <<<"$stderr"
	api_sql -e "INSERT INTO users VALUES ('u-ann', 'org-a', 'Ann', NULL)"
	ignored_by POST provider 'pool add 918065979000 --provider Tata' 5
	ignored_by PUT name 'org edit Bolt --name Bolts' 6
	ignored_by PUT org_id 'user edit Ann --org Bolt' 6
	ignored_by PUT outbound_did 'default user Ann 918065970000' 6
	ignored_by PUT is_default 'default clear Acme -y' 6
	ignored_by POST context_prefix 'org add Cord --context-prefix org_cord' 5
}

@test "a row that somebody else has changed since it was read is read again, and decided again" {
	stock 2
	rules '{"method":"POST","path":"assign","status":412,"times":1}'
	run_ok didctl assign 918065970000 Acme -y -o json
	json .changed 1
	rules '{"method":"POST","path":"assign","status":412}'
	run_code 6 didctl assign 918065970001 Acme -y -o json
	json '.numbers[0].code' race
	api forget
	rules '{"method":"POST","path":"assign","hold":true,"times":1}'
	didctl assign 918065970001 Acme -y 2>err &
	until [ "$(saw '.operation == "assignNumber"')" = 1 ]; do sleep .02; done
	api_sql -e "UPDATE did_numbers SET region = 'Pune' WHERE number = '918065970001'"
	api switch '{}'
	wait $! || fail "$(cat err)"
	[ "$(api log | jq -r 'select(.operation == "assignNumber").status' | paste -sd' ')" = '412 200' ]
}

@test "every answer that is an error ends a change with its exit code, and nothing is left behind" {
	local pair status code

	stock 1
	for pair in 301:4 302:4 308:4 400:4 401:4 403:4 404:3 405:4 409:6 412:6 422:6 500:4 501:4 502:4 504:4; do
		status=${pair%:*} code=${pair#*:}
		rules "{\"method\":\"POST\",\"path\":\"assign\",\"status\":$status,\"location\":\"http://127.0.0.2/\"}"
		run_code "$code" didctl assign 918065970000 Acme -y --change-id $ID
		[ "$(count 'org_id IS NULL')" = 1 ]
		[ -z "$(ls "$JOURNALS")" ] || fail "$status left $(ls "$JOURNALS")"
		run_code 3 didctl history resolve $ID
	done
}

@test "429 and 503 are asked again after as long as they say" {
	local status start

	stock 2
	for status in 429 503; do
		rules "{\"method\":\"POST\",\"path\":\"assign\",\"status\":$status,\"retry_after\":1,\"times\":1}"
		start=$(date +%s%N)
		run_ok didctl assign "91806597000$((status == 429))" Acme -y
		[ $((($(date +%s%N) - start) / 1000000)) -ge 900 ] # by another clock than that of the pause
	done
	rules '{"method":"POST","path":"release","status":429,"retry_after":3600}'
	run_code 4 didctl release 918065970000 -y
	[ "$(count 'org_id IS NULL')" = 0 ]
}

# ---- many rows

@test "--jobs is how many requests are under way at once, over as many connections that stay open" {
	local jobs first=918065970000

	held 160
	for jobs in 1 3 16 ''; do
		rules "{\"method\":\"POST\",\"path\":\"release\",\"gather\":${jobs:-8},\"times\":${jobs:-8}}"
		api forget
		run_ok didctl release "$first-$((first + 39))" -y ${jobs:+--jobs "$jobs"}
		first=$((first + 40))
		[ "$(api log | jq -s '[.[] | select(.operation == "releaseNumber").busy] | max')" = "${jobs:-8}" ]
		[ "$(api log | jq -r .connection | sort -u | wc -l)" = "${jobs:-8}" ]
	done
}

@test "a failure in the middle stops it, says which numbers changed, and the same command finishes it" {
	local changed

	held 100
	rules '{"method":"POST","path":"release","skip":40,"status":403}'
	run_code 5 didctl release 918065970000-99 -y -o json --change-id $ID
	grep -q "with --change-id $ID goes on" <<<"$stderr"
	changed=$(json .changed)
	[ "$changed" -ge 40 ] && [ "$changed" -lt 50 ]
	diff <(jq -r '.numbers[] | select(.result == "changed").number' <<<"$output") \
		<(api_sql -e 'SELECT number FROM did_numbers WHERE org_id IS NULL ORDER BY number')
	run_code 5 didctl history resolve $ID
	grep -q 'is done in part' <<<"$output"
	api switch '{}'
	run_ok didctl release 918065970000-99 -y -o json --change-id $ID
	json '"\(.changed) \(.unchanged)"' '100 0'
	[ "$(saw '.operation == "releaseNumber" and .worked')" = 100 ]
	run_ok didctl history resolve $ID
	sound
}

@test "killed in the middle: the same command sends only what was not done" {
	held 200
	rules '{"method":"POST","path":"release","skip":60,"hold":true}'
	didctl release 918065970000-199 -y --change-id $ID >out 2>&1 &
	until [ "$(saw '.operation == "releaseNumber"')" = 68 ]; do sleep .02; done
	kill -9 $!
	wait $! || true
	api switch '{}'
	until [ "$(count 'org_id IS NULL')" = 68 ]; do sleep .02; done # what was sent is done, also without a client
	run_code 5 didctl history resolve $ID -o json
	json .outcome partly
	run_ok didctl release 918065970000-199 -y -o json --change-id $ID
	json .changed 200
	[ "$(saw '.operation == "releaseNumber" and .worked')" = 200 ]
	[ "$(saw '.operation == "releaseNumber" and .replayed')" = 0 ]
	run_ok didctl history resolve $ID
	sound
}

@test "killed in the middle: undo takes back what was done, whether it was noted or not, and nothing halfway is lost" {
	local before journal

	held 50
	before=$(rows)
	rules '{"method":"POST","path":"release","skip":10,"status":403}'
	run_code 5 didctl release 918065970000-49 -y --change-id $ID
	journal=$JOURNALS/$ID.journal
	sed -i '/^{"done"/d' "$journal" # killed before it was written
	[ "$(rows)" != "$before" ]
	run_code 5 didctl history resolve $ID
	run_ok didctl undo $ID -y
	[ "$(rows)" = "$before" ]
	run_code 3 didctl history resolve $ID
	api_sql -e "DELETE FROM did_numbers"
	stock 2
	rules '{"method":"PUT","status":403}'
	ID=${ID%f}0
	run_code 5 didctl assign 918065970000-1 Acme --route ivr:3 -y --change-id $ID
	run_code 5 didctl history resolve $ID
	api switch '{}'
	run_code 6 didctl undo $ID -y
	grep -q "with --change-id $ID" <<<"$stderr"
	run_ok didctl assign 918065970000-1 Acme --route ivr:3 -y --change-id $ID
	run_ok didctl undo $ID -y
	[ "$(count "org_id IS NULL AND pool_status = 'available'")" = 2 ]
}

# makes CODE COMMAND...: a change that ends so; its id is left in $CHANGE.
makes() {
	run_code "$1" didctl "${@:2}" -y -o json
	CHANGE=$(jq -r .change_id <<<"$output")
}

undone_already() { # ID RANGE: who undoes it again is told that $CHANGE did
	run_code 6 didctl undo "$1" -y
	grep -q "^refused $2: state: was undone already, by change $CHANGE at 20" <<<"$stderr" || fail "$stderr"
}

@test "what was undone already is told as that, with the change that did it" {
	local id

	stock 12
	makes 0 assign 918065970000-11 Acme
	id=$CHANGE
	makes 0 undo "$id"
	undone_already "$id" 918065970000-918065970011
	makes 0 undo "$CHANGE" # once more in force
	run_ok didctl release 918065970005 -y
	makes 5 undo "$id" --partial
	undone_already "$id" 918065970006-918065970011
	grep -q '^refused 918065970005: state: has changed since' <<<"$stderr" || fail "$stderr"
	makes 0 org add Fresh
	id=$CHANGE
	makes 0 undo "$id"
	run_code 6 didctl undo "$id" -y
	grep -q "^didctl: change '$id' was undone already, by change $CHANGE at 20" <<<"$stderr" || fail "$stderr"
}

@test "a signal waits for what was sent, stops, and what was done is told" {
	held 200
	rules '{"method":"POST","path":"release","skip":20,"hold":true}'
	didctl release 918065970000-199 -y -o json --change-id $ID >out 2>err &
	until [ "$(saw '.operation == "releaseNumber"')" = 28 ]; do sleep .02; done
	kill -INT $!
	api switch '{}'
	wait $! && code=0 || code=$?
	[ "$code" = 5 ] || fail "$code: $(cat err)"
	[ "$(jq .changed out)" = "$(count 'org_id IS NULL')" ]
	[ "$(jq .changed out)" = 28 ]
}

@test "a signal between two requests for a row: it is told as done in part, and the same command finishes it" {
	local code=0

	held 1
	api_sql -e "INSERT INTO api_numbers (number_id, cnam_name, cnam_status) SELECT id, 'ACME', 'synced' FROM did_numbers"
	rules '{"method":"DELETE","path":"cnam","status":429,"retry_after":20}'
	didctl assign 918065970000 Bolt --transfer -y --timeout 60 --change-id $ID >out 2>err &
	until [ "$(saw ".status == 429")" = 1 ]; do kill -0 $! && sleep .02; done
	kill -INT $!
	wait $! || code=$?
	[ "$code" = 5 ] || fail "$code: $(cat err)"
	[ "$(count "org_id = 'org-b'")" = 1 ]
	api switch '{}'
	run_ok didctl assign 918065970000 Bolt --transfer -y --change-id $ID
	[ "$(api_sql -e "SELECT COUNT(*) FROM api_numbers WHERE cnam_name IS NOT NULL")" = 0 ]
}

@test "the same change id again prints the first result and sends nothing; another request with it is refused" {
	local first

	held 3
	run_ok didctl release 918065970000-2 -y -o json --change-id $ID
	first=$output
	api forget
	run_ok didctl release 918065970000-2 -o json --change-id $ID
	[ "$output" = "$first" ]
	[ "$(saw true)" = 0 ]
	run_code 6 didctl release 918065970000-1 -y --change-id $ID
	run_code 6 didctl assign 918065970000-2 Acme -y --change-id $ID
	grep -q 'used for another request' <<<"$stderr"
	[ "$(saw '.method != "GET"')" = 0 ]
}

@test "a change that another process is at is not begun a second time" {
	held 20
	rules '{"method":"POST","path":"release","hold":true}'
	didctl release 918065970000-19 -y --change-id $ID >out 2>&1 &
	until [ -s "$JOURNALS/$ID.journal" ]; do sleep .02; done
	run_code 6 didctl release 918065970000-19 -y --change-id $ID
	grep -q 'under way in another process' <<<"$stderr"
	run_code 7 didctl history resolve $ID
	api switch '{}'
	wait $!
	[ "$(saw '.operation == "releaseNumber"')" = 20 ]
}

@test "--partial goes on past what the API refuses, and lists it" {
	held 20
	rules '{"method":"POST","path":"007/release","status":409}'
	run_code 5 didctl release 918065970000-19 -y -o json --partial --change-id $ID
	json '"\(.changed) \(.refused)"' '19 1'
	json '.numbers[] | select(.result == "refused") | "\(.number) \(.code)"' '918065970007 state'
	run_code 5 didctl release 918065970000-19 -y -o json --partial --change-id $ID
	json .refused 1
	sound
}

@test "an outcome that cannot be known is 7, and known when the API answers again" {
	held 1
	rules '{"method":"POST","path":"release","cut":0}' '{"method":"GET","path":"admin/0000","status":500}'
	run_code 7 didctl release 918065970000 -y --change-id $ID
	grep -q "didctl history resolve $ID" <<<"$stderr"
	api switch '{}'
	run_ok didctl history resolve $ID
	run_ok didctl release 918065970000 -y --change-id $ID -o json
	json .changed 1
	[ "$(saw '.operation == "releaseNumber"')" = 1 ]
}

@test "undo takes a change through the API back, and is a change" {
	local before

	held 10
	api_sql -e "UPDATE did_numbers SET routing_type = 'queue', routing_destination = '7'"
	api_sql -e "INSERT INTO users VALUES ('u-ann', 'org-a', 'Ann', '918065970003')"
	before=$(rows)
	run_ok didctl release 918065970000-9 -y --change-id $ID
	[ "$(rows)" != "$before" ]
	run_ok didctl undo $ID -y -o json
	json .changed 10
	[ "$(rows)" = "$before" ]
	run_code 6 didctl undo $ID -y
	run_ok didctl pool add 918065979000-9 --provider Tata -o json -y
	run_ok didctl undo "$(json .change_id)" -y
	[ "$(rows)" = "$before" ]
	run_ok didctl pool mark blocked 918065970001-9 -y -o json
	run_ok didctl undo "$(json .change_id)" -y
	run_ok didctl default set 918065970005 -y -o json
	run_ok didctl undo "$(json .change_id)" -y
	run_ok didctl org edit Bolt --name Bolts -o json
	run_ok didctl undo "$(json .change_id)" -y
	[ "$(rows)" = "$before" ]
	run_code 3 didctl undo 019aa7c2-5b1e-7c3d-9e4f-000000000000 -y
	sound
}

@test "undo of a merge brings the row back, and says so where the API would not take it" {
	local before

	inventory
	before=$(rows)
	run_ok didctl pool merge 918065978008 --keep 00000000-0000-4000-8000-000000000009 -y -o json
	[ "$(count "number LIKE '%8065978008'")" = 1 ]
	run_ok didctl undo "$(json .change_id)" -y
	[ "$(rows)" = "$before" ]
	run_ok didctl pool merge 918065978008 --keep 00000000-0000-4000-8000-000000000008 -y -o json
	[ "$(api_sql -e "SELECT id FROM did_numbers WHERE number LIKE '%8065978008'")" = 00000000-0000-4000-8000-000000000008 ]
	run_ok didctl undo "$(json .change_id)" -y
	[ "$(rows)" = "$before" ]
	api_sql -e "UPDATE did_numbers SET status = NULL WHERE number = '08065978008'"
	run_ok didctl pool merge 918065978008 --keep 00000000-0000-4000-8000-000000000008 -y -o json
	before=$(rows)
	run_code 4 didctl undo "$(json .change_id)" -y
	grep -q "breaks the inventory's rules" <<<"$stderr"
	[ "$(rows)" = "$before" ]
}

@test "doctor finds and mends through the API what it mends on the database" {
	alike_after "UPDATE did_numbers SET status = NULL WHERE number = '918065978010'" 'doctor state twin route no-default'
	alike_after "UPDATE did_numbers SET status = NULL WHERE number = '918065978010';
		UPDATE did_numbers SET org_id = 'org-a' WHERE number = '918065978006';
		UPDATE did_numbers SET org_id = 'gone' WHERE number = '918065978001';
		UPDATE did_numbers SET is_default = 1 WHERE number = '918065978002';
		UPDATE users SET outbound_did = '918065978010' WHERE id = 'u-bob'" \
		'doctor state owner owner-missing default-state outbound twin no-default --fix -y'
	run_code 0 didctl doctor state owner owner-missing default-state outbound twin no-default
	sound
}

@test "history is that of this machine: changes, what they did to a number, and how they ended" {
	held 3
	run_ok didctl release 918065970000-2 -y --change-id $ID --reason 'contract ended'
	run_ok didctl history -o json
	json '.[0] | "\(.change_id) \(.verb) \(.count) \(.numbers) \(.reason)"' "$ID release 3 918065970000-918065970002 contract ended"
	run_ok didctl history 918065970000 -o json
	json '.[0] | "\(.verb) \(.before.org_id) \(.after.org_id) \(.before.default)"' 'release org-a null true'
	run_ok didctl history --change $ID -o json
	json length 3
	[ "$(stat -c %a "$JOURNALS")" = 700 ]
	[ "$(stat -c %a "$JOURNALS/$ID.journal")" = 600 ]
	[ "$(grep -c "$(cat "$API/key")" "$JOURNALS/$ID.journal")" = 0 ]
}

@test "a journal that cannot be kept is a failure before anything is sent" {
	held 2
	mkdir -p "$XDG_STATE_HOME"
	touch "$JOURNALS"
	run_code 1 didctl release 918065970000-1 -y
	[ "$(saw '.method != "GET"')" = 0 ]
}

# ---- the switch

@test "regen has the API write the dispatcher, and refuses what needs the files" {
	held 2
	run_ok didctl regen
	grep -q '4 routes' <<<"$stderr"
	[ "$(saw '.operation == "regenerateGateway"')" = 1 ]
	for option in --stdout --check --diff --no-reload --dry-run --adopt --force '--dir .' '--for oss' orgs; do
		run_code 4 didctl regen $option
	done
	[ "$(saw '.operation == "regenerateGateway"')" = 1 ]
	rules '{"path":"regenerate","status":500}'
	run_code 7 didctl regen
}

@test "a change that moves calls has the switch's files written once, unless it is told not to" {
	unset DIDCTL_REGEN
	held 3
	run_ok didctl release 918065970000-1 -y
	[ "$(saw '.operation == "regenerateGateway"')" = 1 ]
	[ "$(api log | jq -s -r 'last.operation')" = regenerateGateway ]
	run_ok didctl pool edit 918065970002 --provider Airtel
	run_ok didctl release 918065970002 -y --no-regen
	grep -q 'not live yet' <<<"$stderr"
	[ "$(saw '.operation == "regenerateGateway"')" = 1 ]
	rules '{"path":"regenerate","status":503,"retry_after":3600}'
	run_code 5 didctl assign 918065970002 Acme -y
	grep -q 'the inventory was changed, but the switch was not' <<<"$stderr"
	[ "$(count "org_id = 'org-a'")" = 1 ]
}

@test "a change that was broken off says how it goes on, though the switch's files failed as well" {
	unset DIDCTL_REGEN
	stock 10
	rules '{"method":"POST","skip":3,"status":502,"body":"html"}'
	run_code 5 didctl assign 918065970000-9 Acme -y --jobs 1 --change-id $ID
	grep -q '^didctl: 3 of 10 rows are changed: .*; and the switch was not changed: ' <<<"$stderr"
	[ "$(tail -n 1 <<<"$stderr")" = "hint: the same command with --change-id $ID goes on; didctl undo $ID takes back what was done" ]
	api switch '{}'
	run_ok didctl assign 918065970000-9 Acme -y --jobs 1 --change-id $ID
}

@test "a change that was broken off and then undone does not go on" {
	stock 10
	rules '{"method":"POST","skip":3,"status":502}'
	run_code 5 didctl assign 918065970000-9 Acme -y --jobs 1 --change-id $ID
	api switch '{}'
	run_ok didctl undo $ID -y
	run_code 6 didctl assign 918065970000-9 Acme -y --change-id $ID
	grep -q '^hint: without --change-id it is a new change$' <<<"$stderr"
	[ "$(count "org_id = 'org-a'")" = 0 ]
	run_ok didctl assign 918065970000-9 Acme -y
}

# ---- an API that has only what the system documents

@test "with the documented paths alone: by id, and from the available numbers" {
	stock 5
	api switch '{"off":["listNumbers","getNumber","listOrganizations","getOrganization","listUsers","getUser","addNumber","deleteNumber"]}'
	run_ok didctl assign id:00000000-0000-4000-8000-000000000000 org-a
	[ "$(count "org_id = 'org-a' AND is_default")" = 1 ]
	run_ok didctl assign --count 2 org-a -y
	[ "$(count "org_id = 'org-a'")" = 3 ]
	run_code 4 didctl assign 918065970004 org-a
	grep -q 'does not offer the list of all numbers' <<<"$stderr"
	run_code 4 didctl pool add 918065979000
	run_code 4 didctl assign --count 1 org-a --env staging
}
