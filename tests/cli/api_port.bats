#!/usr/bin/env bats
# Port orders over the REST API: the whole way of an order, undo, what ends in the middle, and an API that has none of it.
# shellcheck disable=SC2154 # run sets output, stderr, lines
load ../lib/common
load ../lib/writes
load ../lib/port
load ../lib/api

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no
	ID=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f
}

teardown() { api_teardown; }

everything() {
	local table

	for table in did_numbers api_ports api_port_numbers api_port_documents api_port_events api_port_pins; do
		api_sql -e "SELECT * FROM $table ORDER BY 1, 2"
	done
}

stays() { # COMMAND...: nothing is written
	local before

	before=$(everything)
	"$@"
	[ "$(everything)" = "$before" ] || fail "something was written: $*"
}

order() {
	printf '4711' >pin
	chmod 600 pin
	done_by port new Acme "$TWELVE" --losing-carrier 'Old Telecom' --account 55-1234 --btn +442079460100 \
		--authorised-name 'Zoë Müller-Lüdenscheidt' --service-address '1 High Street, London' --pin-file pin
	json .port 1
}

numbers() {
	didctl port show 1 -o json | jq -r '.[0] | .state + " " + ([.numbers[] | "\(.first)-\(.last) \(.status)"] | join(", "))'
}

@test "twelve numbers through the API, from draft to completed, with a rejection on the way" {
	order
	stays run_code 6 didctl port submit 1
	told 'it lacks signed letter of authorisation'
	letter
	done_by port document 1 loa.pdf --kind loa
	done_by port document 1 loa.pdf --kind loa
	json .unchanged 1
	didctl port show 1 --document 1 | cmp - loa.pdf
	done_by port submit 1 --note 'sent by mail' --public
	stays run_code 6 didctl port edit 1 --account 3
	[[ $stderr == *'was told its account'* ]]
	done_by port ack 1 --note 'their 7781'
	done_by port reject 1 --code account-mismatch --reason 'the account is another' --numbers +442079460103
	[ "$(numbers)" = 'exception 442079460100-442079460102 pending, 442079460103-442079460103 rejected, 442079460104-442079460111 pending' ]
	done_by port edit 1 --account 55-4321
	done_by port submit 1
	run_ok didctl port show 1 -o json
	json '.[0] | "\(.numbers | length) \(.code) \(.account) \(.pin)"' '1 null 55-4321 ***'
	done_by port ack 1
	done_by e911 locations add Acme --label HQ --street '350 Fifth Ave' --city 'New York' --state-code NY --zip 10118
	location=$(didctl e911 locations list -o json | jq -r '.[0].id')
	done_by port edit 1 --env staging --route queue:sales --cnam 'Acme Ltd' --location "$location"
	stays run_code 6 didctl e911 locations delete HQ -y
	told 'prepared for the numbers of 1 port order'
	done_by port foc 1 2099-06-15 --time 10:30 --zone America/New_York
	run_code 6 didctl port complete 1
	[[ $stderr == *--yes* ]]
	done_by port complete 1
	told 'that has not come yet' 'default caller ID of Acme'
	json '"\(.changed) \(.port) \(.numbers | length)"' '12 1 12'
	run_ok didctl pool list "$TWELVE" -c number,state,org,env,route,cnam,location,e911 -o json
	json '[.[] | "\(.state) \(.org) \(.env) \(.route) \(.cnam) \(.location) \(.["e911"])"] | unique | join(";")' \
		"assigned Acme staging queue:sales ACME LTD $location pending"
	json length 12
	field +442079460100 default true
	run_ok didctl port show 1 -o json
	json '[.[0].events[].to] | join(" ")' \
		'draft draft submitted acknowledged exception exception submitted acknowledged acknowledged foc-set completed'
	json '[.[0].events[] | select(.public) | .note] | join("; ")' 'sent by mail; account-mismatch: the account is another'
	json '.[0].events[-1].change_id' "$CHANGE"
	json '.[0].mail | length' 0
	run_ok didctl port list --number +442079460107 -o json -c port,org,count,actual_foc
	json '.[0] | "\(.port) \(.org) \(.count) \(.actual_foc)"' '1 Acme 12 2099-06-15'
	didctl port loa 1 >letter.pdf
	pdftotext letter.pdf - | grep -q 'Zoë Müller-Lüdenscheidt'
	run -1 grep -r 4711 "$XDG_STATE_HOME"
	sound
}

@test "new and attach through the API: what is there or on an open order is refused by name, and by the API itself" {
	order
	stock 3
	stays run_code 6 didctl port new Bolt +442079460111-0113 -o json
	json '[.numbers[].code] | unique | join(",")' duplicate
	stays run_code 6 didctl port new Bolt 08065970000
	run_code 5 didctl port new Bolt +442079460111-0113 --partial -o json
	json '"\(.refused) \(.port)"' '1 2'
	done_by port attach 2 +442079460112 --remove
	done_by port attach 1 +442079460112
	[ "$(didctl port list -o json -c port,count | jq -r '[.[] | "\(.port) \(.count)"] | join(",")')" = '1 13,2 1' ]
	stays run_code 3 didctl port attach 2 +442079460100 --remove
	stays run_code 6 didctl org delete Bolt -y
	[[ $stderr == *'port order 2'* ]]
	call POST /ports '{"org_id":"org-b","numbers":[{"first":"442079460110","last":"442079460110","status":"pending","reason":null}]}'
	[ "$code" = 409 ]
	[[ $output == *'"duplicate"'*'is on order 1'* ]]
	call DELETE /organizations/org-b
	[ "$code" = 409 ]
	done_by port cancel 1
	done_by port new Bolt +442079460100-0105
	run_ok didctl port list --state cancelled -o tsv -H -c port
	[ "$output" = 1 ]
}

@test "the API looks at each step itself: states, what a state asks, hashes, time zones" {
	order
	for body in '{"to":"acknowledged"}' '{"to":"submitted"}' '{"to":"completed"}' '{"to":"foc-set","actual_foc":"2099-01-01"}' \
		'{"to":"draft"}'; do
		stays call POST /ports/1/transitions "$body"
		[ "$code" = 409 ] || fail "$body: $code $output"
	done
	for body in '{"state":"completed"}' '{"requested_zone":"Mars/Olympus"}' '{"pin":"1"}' '{"pin_id":"unknown"}' '{"btn":"x"}' '{}' \
		'{"numbers":[{"first":"4412","last":"4411","status":"pending","reason":null}]}'; do
		stays call PUT /ports/1 "$body"
		[ "$code" = 422 ] || fail "$body: $code $output"
	done
	stays call POST /ports/1/documents "{\"id\":\"d\",\"kind\":\"loa\",\"name\":\"x\",\"type\":\"application/pdf\",\"sha256\":\"$(printf '0%.0s' {1..64})\",\"data\":\"JVBERg==\"}"
	[ "$code" = 422 ]
	stays call PUT /ports/1 '{"account":"1"}' -H 'If-Match: "another"'
	[ "$code" = 412 ]
	call GET /ports/1
	[[ $output != *4711* ]]
	[[ $(api_sql -e 'SELECT pin FROM api_port_pins') = 4711 ]]
	call GET /ports/x
	[ "$code" = 404 ]
}

@test "undo through the API: exact for what nobody else was told, and for the flip; refused where others were" {
	done_by port new Acme "$TWELVE"
	done_by undo "$CHANGE"
	[ "$(api_sql -e 'SELECT COUNT(*) FROM api_ports, api_port_numbers')" = 0 ]
	done_by undo "$CHANGE"
	[ "$(state)" = draft ]
	done_by port cancel 1
	printf 4711 >pin && chmod 600 pin
	done_by port new Acme "$TWELVE" --losing-carrier X --account 55 --btn +442079460100 --authorised-name N --service-address S \
		--pin-file pin
	json .port 2
	letter
	done_by port document 2 loa.pdf --kind loa
	done_by undo "$CHANGE"
	done_by undo "$CHANGE"
	didctl port show 2 --document 1 | cmp - loa.pdf
	before=$(api_sql -e 'SELECT * FROM api_ports')
	done_by port edit 2 --account 77 --route ivr:main --no-pin
	edit=$CHANGE
	done_by port submit 2
	stays run_code 6 didctl undo "$CHANGE" -y
	[[ $stderr == *'others were told'*'port ack'* ]]
	done_by undo "$edit"
	[ "$(didctl port list --state submitted -c account,route,pin -o tsv -H)" = $'55\t\\N\t***' ]
	done_by port ack 2
	done_by port foc 2 2099-06-15
	rows=$(api_sql -e 'SELECT * FROM did_numbers; SELECT * FROM api_port_numbers')
	done_by port complete 2
	flip=$CHANGE
	done_by undo "$flip"
	[ "$(api_sql -e 'SELECT * FROM did_numbers; SELECT * FROM api_port_numbers')" = "$rows" ]
	[ "$(didctl port list --state foc-set -c port -o tsv -H)" = 2 ]
	done_by port complete 2
	flip=$CHANGE
	done_by pool edit +442079460105 --route ivr:x
	stays run_code 6 didctl undo "$flip" -y
	run_code 5 didctl undo "$flip" -y --partial
	run_ok didctl port show 2 -o json
	json '.[0] | .state + " " + ([.numbers[] | "\(.first) \(.status)"] | join(", "))' \
		'foc-set 442079460100 pending, 442079460105 completed, 442079460106 pending'
	done_by port complete 2
	json '.changed' 11
	sound
}

@test "a flip that the API breaks off: 5, the order waits, and the same command with its id goes on" {
	committed
	rules '{"method":"PUT","path":"/did-pool/admin/","skip":5,"times":3,"status":409}'
	run_code 5 didctl port complete 1 -y --change-id "$ID" --jobs 1
	[ "$(numbers)" = 'foc-set 442079460100-442079460111 pending' ]
	run_code 5 didctl history resolve "$ID"
	api switch '{}'
	run_ok didctl port complete 1 -y --change-id "$ID" -o json
	[ "$(numbers)" = 'completed 442079460100-442079460111 completed' ]
	[ "$(count "org_id = 'org-a' AND pool_status = 'assigned'")" = 12 ]
	[ "$(api_sql -e "SELECT COUNT(*) FROM api_port_events WHERE to_state = 'completed'")" = 1 ]
	stays run_ok didctl port complete 1 -y --change-id "$ID"
	sound
}

@test "a flip with --partial: what the API refuses is failed on its order, which stays open for it; undo of it is exact" {
	committed
	rules '{"method":"POST","path":"/did-pool/admin$","skip":5,"times":1,"status":409}'
	run_code 5 didctl port complete 1 -y --partial --jobs 1 -o json --change-id "$ID"
	json '"\(.changed) \(.refused)"' '11 1'
	api switch '{}'
	[[ $(numbers) == 'foc-set '*'442079460105-442079460105 failed'* ]]
	done_by undo "$ID"
	[ "$(numbers)" = 'foc-set 442079460100-442079460111 pending' ]
	done_by port complete 1
	[ "$(numbers)" = 'completed 442079460100-442079460111 completed' ]
	sound
}

@test "a flip with --partial: a number that was made and then refused is taken out again, and can be tried again at once" {
	local end

	committed
	for end in '"status":409' '"status":422' '"ignore":["org_id"]'; do
		rules "{\"method\":\"PUT\",\"path\":\"/did-pool/admin/\",\"skip\":5,\"times\":1,$end}" \
			'{"method":"DELETE","path":"/did-pool/admin/","times":1,"cut":20}' # and its answer is lost
		run_code 5 didctl port complete 1 -y --partial --jobs 1 -o json
		json '"\(.changed) \(.refused)"' '11 1'
		json '[.numbers[] | select(.result == "refused") | .number, (.reason | test("is left"))] | tojson' '["442079460105",false]'
		[ "$(count "number = '442079460105'")" = 0 ]
		[[ $(numbers) == 'foc-set '*'442079460105-442079460105 failed'* ]]
		api switch '{}'
		done_by undo "$(jq -r .change_id <<<"$output")"
		[ "$(count 1)" = 0 ]
	done
	done_by port complete 1
	[ "$(numbers)" = 'completed 442079460100-442079460111 completed' ]
	sound
}

@test "a flip with --partial: a number that was made, refused, and cannot be taken out again is named with its row" {
	local row

	committed
	rules '{"method":"PUT","path":"/did-pool/admin/","skip":5,"times":1,"status":409}' '{"method":"DELETE","status":409}'
	run_code 5 didctl port complete 1 -y --partial --jobs 1 -o json
	row=$(api_sql -e "SELECT id FROM did_numbers WHERE number = '442079460105' AND pool_status = 'reserved'")
	json '.numbers[] | select(.result == "refused") | .reason | sub(".*; "; "")' \
		"the row that was made is left, 'didctl pool delete id:$row' takes it out"
	api switch '{}'
	run_ok didctl port show 1
	[[ $output == *"didctl pool delete id:$row"* ]] || fail "$output"
	stays run_code 6 didctl port complete 1 -y
	done_by pool delete "id:$row" --expect 1
	done_by port complete 1
	[ "$(numbers)" = 'completed 442079460100-442079460111 completed' ]
	[ "$(count "org_id = 'org-a' AND pool_status = 'assigned'")" = 12 ]
	sound
}

@test "answers that are lost: each step of an order is done once, or known not to be" {
	rules '{"method":"POST","path":"/ports$","times":1,"cut":20}'
	order
	letter
	rules '{"method":"POST","path":"/documents$","times":1,"cut":20}'
	done_by port document 1 loa.pdf --kind loa
	rules '{"method":"POST","path":"/transitions$","times":1,"drop":true}'
	done_by port submit 1
	rules '{"method":"PUT","path":"/ports/1","times":1,"cut":20}'
	done_by port edit 1 --route queue:a
	[ "$(api_sql -e 'SELECT GROUP_CONCAT(to_state ORDER BY seq) FROM api_port_events')" = draft,draft,submitted,submitted ]
	[ "$(api_sql -e 'SELECT COUNT(*) FROM api_ports, api_port_documents')" = 1 ]
}

@test "a field that the API ignores is named, a serial that somebody else was given is not taken for ours" {
	order
	rules '{"method":"PUT","path":"/ports/1","ignore":["account"]}'
	run_code 6 didctl port edit 1 --account 9 -y
	[[ $stderr == *"ignored 'account'"* ]] || fail "$stderr"
	rules '{"method":"POST","path":"/ports$","times":1,"status":409,"body":"json"}'
	run_code 6 didctl port new Acme +442079460200
	call POST /ports '{"id":"2","org_id":"org-b","numbers":[{"first":"442079460300","last":"442079460300","status":"pending","reason":null}]}'
	[ "$code" = 201 ]
	call POST /ports '{"id":"2","org_id":"org-b","numbers":[{"first":"442079460301","last":"442079460301","status":"pending","reason":null}]}'
	[ "$code" = 409 ]
	api switch '{}'
	done_by port new Acme +442079460200
	json .port 3
}

@test "due and sweep through the API: FOCs that have come are flipped, each in a change of its own" {
	committed "$(today Asia/Tokyo)" --zone Asia/Tokyo
	run_code 3 didctl port due -o json
	json '.[0] | "\(.port) \(.what)"' '1 FOC'
	run_ok didctl doctor port-due -o json
	json '.[] | "\(.check) \(.fix)"' 'port-due didctl port complete 1'
	api_sql -e "UPDATE api_ports SET submitted_at = '2026-01-02T10:00:00Z', state = 'submitted'"
	run_code 3 didctl port due -o json
	json '.[0].what' 'acknowledgement late'
	run_ok didctl doctor port-late port-due -o json
	json '.[] | "\(.check) \(.fix)"' 'port-late didctl port show 1'
	api_sql -e "UPDATE api_ports SET state = 'foc-set'"
	run_ok didctl port sweep -o json
	json '.[0] | "\(.port) \(.count) \(.result)"' '1 12 completed'
	run_ok didctl port due
	run_ok didctl pool show +442079460105 -o json
	json '.[0].ports | map(.verb) | join(",")' 'port new,port document,port submit,port ack,port foc,port complete'
	run_ok didctl pool show +442079460105
	[ -z "$stderr" ] && [[ $output == *'1     '*'port complete  completed'* ]] || fail "$output" "$stderr"
	run_ok didctl port sweep --resend
	sound
}

@test "a sweep that the API breaks off: history says so, and the next sweep goes on with the same change" {
	committed "$(today)"
	rules '{"method":"PUT","path":"/did-pool/admin/","skip":5,"times":3,"status":409}'
	run_code 5 didctl port sweep --jobs 1 -o json
	flip=$(sed -n 's/^change-id: //p' <<<"$stderr")
	[ "$(numbers)" = 'foc-set 442079460100-442079460111 pending' ]
	api switch '{}'
	run_ok didctl history
	told "half done: change $flip, port complete, [0-9]*/13 numbers: the same command with --change-id $flip goes on"
	run_ok didctl port sweep -o json
	json '.[0] | "\(.count) \(.result) \(.change_id)"' "12 completed $flip"
	[ "$(numbers)" = 'completed 442079460100-442079460111 completed' ]
	run_ok didctl history
	[[ $stderr != *'half done'* ]] || fail "$stderr"
	sound
}

@test "an API without port orders: exit 4, whatever is asked, and organisations can be deleted" {
	api switch '{"off":["listPorts","getPort","addPort","editPort","movePort","addPortDocument","getPortDocument","deletePort"]}'
	for command in 'port list' 'port show 1' 'port new Acme +442079460100' 'port submit 1' 'port complete 1 -y' 'port due' 'port sweep' \
		'port loa 1'; do
		# shellcheck disable=SC2086 # words
		run_code 4 didctl $command
		[[ $stderr == *'does not offer'*'port order'*'/ports'* ]] || fail "$command: $stderr"
	done
	stock 1
	run_ok didctl pool show 918065970000
	[ "$stderr" = 'didctl: port orders are left out: this API does not offer them' ] || fail "$stderr"
	run_ok didctl doctor port-late port-due
	told "check 'port-late' is left out: the target has no port orders" "check 'port-due' is left out"
	run_ok didctl doctor route -v
	[[ $stderr != *port-* ]] || fail "$stderr"
	done_by org delete Bolt
}
