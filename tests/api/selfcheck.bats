# The tests' REST API itself: it answers as the OpenAPI document says, and each switch does what it says.
load ../lib/common
load ../lib/api

setup_file() { api_start --tls; }
teardown_file() { api_stop; }
setup() { common_setup; api_reset; }

# Nothing that the server answered broke the document.
teardown() {
	[ -z "${API-}" ] || { run -0 api violations && [ -z "$output" ]; } || { printf '%s\n' "$output" >&2; return 1; }
	common_teardown
}

number() { # NUMBER [ID [COLUMN=VALUE...]]
	api_sql -e "INSERT INTO did_numbers SET id = '${2:-id-$1}', number = '$1'${3:+, $3}"
}

is() { # CODE [JQ-CONDITION]
	[ "$code" = "$1" ] || { echo "$code: $output" >&2; return 1; }
	[ $# -lt 2 ] || jq -e "$2" <<<"$output" >/dev/null || { echo "$output" >&2; return 1; }
}

plain() { # PATH [CURL-OPTION...]: curl as it comes, with the key
	curl -qsS --noproxy '*' --max-time 5 -H "X-Internal-Key: $(cat "$API/key")" "${@:2}" "$(api url)$1"
}

@test "a request's whole way: request, approve, release, and the first number is the default" {
	number 918065978000 n1
	call POST /did-pool/n1/request '{"org_id":"org-a"}'
	is 200 '.pool_status == "pending" and .org_id == "org-a"'
	call POST /did-pool/admin/n1/approve
	is 200 '.pool_status == "assigned" and .is_default'
	call POST /did-pool/admin/n1/release
	is 200 '.pool_status == "available" and .org_id == null and .is_default == false'
}

@test "only the first number of an organisation becomes its default" {
	number 918065978000 n1
	number 918065978001 n2
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}'
	is 200 .is_default
	call POST /did-pool/admin/n2/assign '{"org_id":"org-a"}'
	is 200 '.is_default | not'
	call PUT /did-pool/admin/n2 '{"is_default":true}'
	is 200 .is_default
	[ "$(api_sql -e 'SELECT id FROM did_numbers WHERE is_default = 1')" = n2 ]
}

@test "a transition that the seed does not have is refused and changes nothing" {
	number 918065978000 n1
	for action in admin/n1/approve admin/n1/reject admin/n1/release; do
		call POST "/did-pool/$action"
		is 409 '.error.code == "state"'
	done
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}'
	call POST /did-pool/admin/n1/assign '{"org_id":"org-b"}'
	is 409 '.error.code == "owner"'
	call DELETE /did-pool/admin/n1
	is 409
	call PUT /did-pool/admin/n1 '{"pool_status":"available"}'
	is 409
	[ "$(api_sql -e "SELECT org_id FROM did_numbers WHERE id = 'n1'")" = org-a ]
}

@test "requests that break the document: 401, 404, 422, and nothing changed" {
	number 918065978000 n1
	call GET /did-pool/admin -H 'X-Internal-Key: wrong'
	is 401 '.error.code == "unauthorized"'
	call GET /did-pool/admin/none
	is 404 '.error.code == "not_found"'
	call GET /no/such/path
	is 404 '.error.code == "not_offered"'
	call PUT /did-pool/admin/n1 '{"route":"x"}'
	is 422 '.error.field == "route"'
	for body in '{}' '[]' '{"monthly_price":2499}' '{"routing_environment":"moon"}' '{"number":"1"}' '{"a'; do
		call PUT /did-pool/admin/n1 "$body"
		is 422
	done
	for query in limit=0 limit=1001 limit=x limit=1\&limit=2 nothing=1 range=5-1 range=1-22 is_default=maybe; do
		call GET "/did-pool/admin?$query"
		is 422
	done
	call POST /did-pool/admin/n1/release '{}'
	is 422
	call POST /did-pool/admin/n1/assign '{"org_id":"nobody"}'
	is 422
	run ! grep -q true < <(api log | jq .worked)
}

@test "adding, editing and deleting a number" {
	call POST /did-pool/admin '{"number":"918065978000","provider":"Tata","monthly_price":"2499.00"}' -D headers
	is 201 '.id and .pool_status == "available" and .monthly_price == "2499.00"'
	id=$(jq -r .id <<<"$output")
	grep -qi "^location: /api/v1/did-pool/admin/$id" headers
	call POST /did-pool/admin '{"number":"918065978000"}'
	is 409 '.error.code == "duplicate"'
	call PUT "/did-pool/admin/$id" '{"routing_environment":"oss","routing_destination":"7","provider":null}'
	is 200 '.routing_environment == "oss" and .routing_destination == "7" and .provider == null'
	call DELETE "/did-pool/admin/$id"
	is 204
	call GET "/did-pool/admin/$id"
	is 404
}

@test "rows that other programs broke are shown as they are" {
	api_sql -e "ALTER TABLE did_numbers MODIFY pool_status VARCHAR(20), MODIFY is_default BOOLEAN NULL"
	number 'x"; DROP' n1 "pool_status = 'strange', is_default = NULL, status = NULL, monthly_price = -1"
	call GET /did-pool/admin/n1
	is 200 '.pool_status == "strange" and .is_default == null and .status == null and .monthly_price == "-1.00"'
	api_sql -e "DELETE FROM did_numbers; ALTER TABLE did_numbers MODIFY is_default BOOLEAN DEFAULT 0,
		MODIFY pool_status ENUM('available','pending','assigned','reserved') DEFAULT 'available'"
}

@test "pages: each row exactly once while rows are added and deleted meanwhile" {
	api_sql -e "INSERT INTO did_numbers (id, number) SELECT seq, seq FROM seq_1000_to_3000"
	after='' seen=0
	while :; do
		call GET "/did-pool/admin?limit=300${after:+&after=$after}"
		is 200
		jq -r '.items[].number' <<<"$output" >>list
		after=$(jq -r '.next // ""' <<<"$output")
		[ -n "$after" ] || break
		seen=$((seen + 1))
		api_sql -e "DELETE FROM did_numbers WHERE number = 100$seen;
			INSERT INTO did_numbers (id, number) VALUES ('b$seen', '05$seen')"
	done
	[ "$(sort list | uniq -d | wc -l)" = 0 ]
	[ "$(wc -l <list)" = 2001 ]
	sort -c list
	for size in 1 1000; do
		call GET "/did-pool/admin?limit=$size"
		is 200 ".items | length == $size"
	done
	api switch '{"page_cap":7}'
	call GET '/did-pool/admin?limit=1000'
	is 200 '(.items | length == 7) and .next'
}

@test "filters of the full list" {
	number 918065978000 n1 "org_id = 'org-a', pool_status = 'assigned', is_default = 1, provider = 'Tata'"
	number 08065978001 n2 "region = 'Goa', routing_environment = 'oss'"
	number +918065978002 n3 "pool_status = 'reserved', status = 'inactive'"
	list() {
		call GET "/did-pool/admin?$1"
		is 200 "([.items[].id] | join(\" \")) == \"$2\""
	}
	list '' 'n3 n2 n1'
	list range=918065978000-918065978099 n1
	list 'range=08065978001&range=918065978000' 'n2 n1'
	list 'range=%2B918065978000-%2B918065978009' n3
	list prefix=080 n2
	list prefix=%2B n3
	list org_id=org-a n1
	list 'pool_status=reserved&pool_status=assigned' 'n3 n1'
	list 'pool_status=reserved&status=active' ''
	list routing_environment=oss n2
	list provider=Tata n1
	list region=Goa n2
	list is_default=true n1
	call GET /did-pool/available
	is 200 '.items == []'
	api switch '{"environment":"oss"}'
	call GET /did-pool/available
	is 200 '[.items[].id] == ["n2"]'
}

@test "organisations and users" {
	call POST /organizations '{"name":"Cord","context_prefix":"org_cord"}'
	is 201 '.name == "Cord"'
	org=$(jq -r .id <<<"$output")
	call GET '/organizations?name=Cord'
	is 200 ".items | length == 1 and .[0].id == \"$org\""
	call GET '/organizations?name_prefix=Bo'
	is 200 '.items | length == 1 and .[0].name == "Bolt"'
	call PUT "/organizations/$org" '{"name":"Cord & Sons"}'
	is 200 '.name == "Cord & Sons"'
	call POST /users "{\"name\":\"Ann\",\"org_id\":\"$org\",\"outbound_did\":\"918065978000\"}"
	is 201
	user=$(jq -r .id <<<"$output")
	call DELETE "/organizations/$org"
	is 409 '.error.code == "in_use"'
	call GET '/users?outbound_did=918065978000'
	is 200 ".items | length == 1"
	call PUT "/users/$user" '{"outbound_did":null}'
	is 200 '.outbound_did == null'
	call DELETE "/users/$user"
	is 204
	call DELETE "/organizations/$org"
	is 204
}

@test "regenerate-gateway counts both Indian spellings, and not what oss has" {
	number 918065978000 n1 "pool_status = 'assigned', org_id = 'org-a'"
	number 111 n2 "pool_status = 'assigned', org_id = 'org-a'"
	number 918065978001 n3 "pool_status = 'assigned', org_id = 'org-a', routing_environment = 'oss'"
	call POST /admin/regenerate-gateway
	is 200 '.routes == 3 and .reloaded'
}

@test "If-Match: a row that changed meanwhile is left alone" {
	number 918065978000 n1
	call GET /did-pool/admin/n1
	etag=$(jq -r .etag <<<"$output")
	call PUT /did-pool/admin/n1 '{"region":"Goa"}' -H "If-Match: \"$etag\""
	is 200 '.region == "Goa"'
	call PUT /did-pool/admin/n1 '{"region":"Pune"}' -H "If-Match: \"$etag\""
	is 412 '.error.code == "changed"'
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}' -H "If-Match: \"$etag\""
	is 412
	[ "$(api_sql -e 'SELECT region, pool_status FROM did_numbers')" = $'Goa\tavailable' ]
}

@test "Idempotency-Key: answered as before, worked once; another request with it is refused" {
	number 918065978000 n1
	number 918065978001 n2
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}' -H 'Idempotency-Key: c/1'
	first=$output
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}' -H 'Idempotency-Key: c/1' -D headers
	is 200
	[ "$output" = "$first" ]
	grep -qi '^idempotency-replayed: true' headers
	call POST /did-pool/admin/n2/assign '{"org_id":"org-a"}' -H 'Idempotency-Key: c/1'
	is 422 '.error.code == "key_reused"'
	call POST /did-pool/admin/n2/release -H 'Idempotency-Key: c/2'
	is 409
	call POST /did-pool/admin/n2/assign '{"org_id":"org-a"}' -H 'Idempotency-Key: c/3'
	is 200
	call POST /did-pool/admin/n2/release -H 'Idempotency-Key: c/2'
	is 200
	[ "$(api log | jq -s '[.[] | select(.worked)] | length')" = 3 ]
	[ "$(api log | jq -s '[.[] | select(.replayed)] | length')" = 1 ]
	[ "$(api log | jq -r 'select(.id == "n1") | .key' | sort -u)" = c/1 ]
}

@test "names and addresses hang on their rows: set, shown, cleared, and gone with a release" {
	number 918065978000 n1 "pool_status = 'assigned', org_id = 'org-a'"
	call PUT /organizations/org-a/cnam '{"name":"ACME"}'
	is 200 '.cnam.name == "ACME"'
	call GET /did-pool/admin/n1
	is 200 '.cnam == {name: "ACME", source: "organization", status: null, reason: null, updated_at: null} and .["e911"] == null'
	call PUT /did-pool/admin/n1/cnam '{"name":"SALES","status":"synced"}' -H 'If-Match: "other"'
	is 412
	call PUT /did-pool/admin/n1/cnam '{"name":"SALES","status":"synced"}'
	is 200 '.cnam.source == "number" and .cnam.status == "synced"'
	call PUT /did-pool/admin/n1/e911 '{"location_id":"l1"}'
	is 422 '.error.field == "location_id"'
	call POST /e911/locations '{"id":"l1","org_id":"org-a","street":"1 Main St","city":"Albany","state_code":"NY","zip":"12207"}'
	is 201 '.country == "US"'
	call PUT /did-pool/admin/n1/e911 '{"location_id":"l1"}'
	is 200 '.["e911"].status == "pending"'
	call DELETE /e911/locations/l1
	is 409 '.error.code == "in_use"'
	call GET '/did-pool/admin?location_id=l1&e911_status=pending&cnam_status=synced'
	is 200 '.items | length == 1'
	call POST /did-pool/admin/n1/release
	is 200 '.cnam == null and .["e911"] == null'
	call DELETE /e911/locations/l1
	is 204
}

@test "sixteen at once: one owner, one default" {
	number 918065978000 n1
	number 918065978001 n2
	for _ in 1 2 3 4 5 6 7 8; do
		urls+=("$(api url)/did-pool/admin/n1/assign" "$(api url)/did-pool/admin/n2/assign")
	done
	curl -qsS --parallel --parallel-immediate --parallel-max 16 --noproxy '*' -H "X-Internal-Key: $(cat "$API/key")" \
		--json '{"org_id":"org-a"}' -w '%{stderr}%{http_code}\n' "${urls[@]}" >bodies 2>codes
	[ "$(grep -c 200 codes)" = 2 ]
	[ "$(grep -c 409 codes)" = 14 ]
	[ "$(api_sql -e 'SELECT SUM(is_default) FROM did_numbers')" = 1 ]
}

@test "switch: status, Retry-After, bodies, times, skip and every" {
	for expected in 401 403 404 405 409 412 422 429 500 502 503 418; do
		api switch "{\"rules\":[{\"status\":$expected}]}"
		call GET /users
		is $expected .error.code
	done
	api switch '{"rules":[{"status":503,"retry_after":2,"times":1}]}'
	call GET /users -D headers
	is 503
	grep -qi '^retry-after: 2' headers
	call GET /users
	is 200
	api switch '{"rules":[{"status":500,"body":"html"}]}'
	call GET /users
	is 500
	[[ $output == *'<html>'* ]]
	api switch '{"rules":[{"method":"GET","path":"users$","status":500,"skip":1,"every":3}]}'
	for expected in 200 200 200 500 200 200 500; do
		call GET /users
		is $expected
	done
	call GET /organizations
	is 200
}

@test "switch: an operation that this API does not have" {
	api switch '{"off":["listNumbers"]}'
	call GET /did-pool/admin
	is 404
	[[ $output == *'<html>'* ]]
	api switch '{"off":["listNumbers"],"off_status":405}'
	call GET /did-pool/admin
	is 405
	run -22 api switch '{"nonsense":1}'
}

@test "switch: redirects lead to a host that remembers whoever comes" {
	for redirect in 301 302 303 307 308; do
		api switch "{\"rules\":[{\"status\":$redirect,\"location\":\"http://127.0.0.2:$(cat "$API/ports/trap")/x\"}]}"
		call GET /users -L
		is 200
	done
	[ "$(api strangers | jq -rs 'map(.headers["x-internal-key"] // "none") | unique | length')" = 1 ]
	[ "$(api strangers | wc -l)" = 5 ]
}

@test "switch: a connection that is cut before the work, and after it at any byte" {
	number 918065978000 n1
	api switch '{"rules":[{"drop":true}]}'
	run -52 plain /users
	api switch '{"rules":[{"cut":0}]}'
	run -52 plain /users
	api switch '{"rules":[{"cut":145}]}'
	run -18 plain /users -i -o got
	[ "$(wc -c <got)" = 145 ]
	api switch '{"rules":[{"path":"assign","cut":0}]}'
	run -52 plain /did-pool/admin/n1/assign --json '{"org_id":"org-a"}'
	[ "$(api_sql -e 'SELECT pool_status FROM did_numbers')" = assigned ]
	api switch '{"rules":[{"cut":10,"reset":true}]}'
	run -56 plain /users
}

@test "switch: wrong lengths and bodies that are not what they should be" {
	for rule in '"length":10' '"length":-10'; do
		api switch "{\"rules\":[{$rule}]}"
		run plain /users
		[ "$status" -ne 0 ] || ! jq . <<<"$output" >/dev/null 2>&1
	done
	for text in html empty cut trailing latin1 nul duplicate deep; do
		api switch "{\"rules\":[{\"text\":\"$text\"}]}"
		call GET /users
		is 200
		printf '%s' "$output" >"$text"
	done
	grep -q '<html>' html
	[ ! -s empty ]
	run ! jq . cut
	[ "$(jq -s length trailing)" = 2 ]
	run ! iconv -f UTF-8 -t UTF-8 latin1
	grep -qF '\u0000' nul
	[ "$(grep -o '"items":' duplicate | wc -l)" = 2 ]
	[ "$(wc -c <deep)" = 200000 ]
	api switch '{"rules":[{"text":"endless"}]}'
	[ "$(plain /users --max-time 20 2>/dev/null | head -c 70000000 | wc -c)" = 70000000 ]
}

@test "switch: slow answers" {
	api switch '{"rules":[{"delay_ms":600}]}'
	for rule in '"delay_ms":600' '"after_ms":600' '"drip":{"bytes":40,"every_ms":100}'; do
		api switch "{\"rules\":[{$rule}]}"
		run -28 plain /users --max-time .3
	done
}

@test "switch: a field of PUT that is ignored and answered OK, as the seed's bug was" {
	number 918065978000 n1
	api switch '{"rules":[{"method":"PUT","ignore":["routing_environment"]}]}'
	call PUT /did-pool/admin/n1 '{"routing_environment":"oss","region":"Goa"}'
	is 200 '.routing_environment == "prod" and .region == "Goa"'
	call PUT /did-pool/admin/n1 '{"routing_environment":"oss"}'
	is 200 '.routing_environment == "prod"'
}

@test "switch: a request that comes twice, and the second answer; with keys it is the first one's" {
	number 918065978000 n1
	api switch '{"rules":[{"method":"POST","twice":true}]}'
	call POST /did-pool/admin/n1/assign '{"org_id":"org-a"}' -H 'Idempotency-Key: c/1'
	is 200 '.org_id == "org-a"'
	api switch '{"keeps_keys":false,"rules":[{"method":"POST","twice":true}]}'
	call POST /did-pool/admin/n1/release -H 'Idempotency-Key: c/2'
	is 409
	[ "$(count "org_id IS NULL")" = 1 ]
	[ "$(api log | jq -s '.[-1].busy')" = 1 ]
}

@test "certificates: the good one is trusted, the others are not" {
	try() { curl -qsS -o /dev/null --noproxy '*' --cacert "$API/tls/ca.pem" "$(api url "$1")/users"; }
	run -0 try good
	for name in expired self-signed other-host; do
		run -60 try $name
	done
}
