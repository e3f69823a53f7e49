#!/usr/bin/env bats
# didctl port: orders that bring numbers in, from the draft to the flip.
# shellcheck disable=SC2030,SC2031,SC2154,SC2317 # bodies are called by each_backend; run sets output, stderr, lines
load ../lib/common
load ../lib/writes
load ../lib/port
load ../lib/page

@test "twelve numbers from draft to completed, with a rejection on the way" {
	body() {
		export DIDCTL_MAIL_TO=ops@example.net
		order
		quietly org edit ACME --mail noc@acme.example -y
		unchanged run_code 6 didctl port submit 1
		told 'it lacks signed letter of authorisation'
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1 --note 'sent by mail' --public
		[ "$(state)" = submitted ]
		done_by port ack 1 --note 'their 7781'
		done_by port reject 1 --code account-mismatch --reason 'the account is another' --numbers +442079460103
		run_ok didctl port show 1 -o json
		json '.[0] | "\(.state) \(.code) \(.reason)"' 'exception account-mismatch the account is another'
		json '[.[0].numbers[] | "\(.first)-\(.last) \(.status)"] | join(", ")' \
			'442079460100-442079460102 pending, 442079460103-442079460103 rejected, 442079460104-442079460111 pending'
		done_by port edit 1 --account 55-4321
		done_by port submit 1
		run_ok didctl port show 1 -o json
		json '.[0].numbers | length' 1
		json '.[0].code' null
		done_by port ack 1
		quietly e911 locations add ACME --label HQ --street '350 Fifth Ave' --city 'New York' --state-code NY --zip 10118
		quietly e911 locations add Globex --label Lab --street '1 Main St' --city 'New York' --state-code NY --zip 10118
		location=$(sql "SELECT id FROM didctl_locations WHERE label = 'HQ'")
		unchanged run_code 6 didctl port edit 1 --location "$(sql "SELECT id FROM didctl_locations WHERE label = 'Lab'")"
		unchanged run_code 3 didctl port edit 1 --location 01a20000-0000-7000-8000-000000000000
		done_by port edit 1 --env staging --route queue:sales --cnam 'Acme Ltd' --location "$location"
		done_by port foc 1 2099-06-15 --time 10:30 --zone America/New_York
		run_code 6 didctl port complete 1
		[[ $stderr == *--yes* ]]
		changes=$(sql 'SELECT COUNT(*) FROM didctl_changes')
		done_by port complete 1
		told 'that has not come yet' 'default caller ID of ACME'
		json '"\(.changed) \(.port) \(.numbers | length)"' '12 1 12'
		[ "$(sql 'SELECT COUNT(*) FROM didctl_changes')" -eq $((changes + 1)) ]
		run_ok didctl pool list "$TWELVE" -c number,state,org,env,route,cnam -o json
		json '[.[] | "\(.state) \(.org) \(.env) \(.route) \(.cnam)"] | unique | join(";")' \
			'assigned ACME staging queue:sales ACME LTD'
		[ "$(sql "SELECT DISTINCT location, e911, cnam_status FROM didctl_details WHERE number LIKE '4420794601%'")" = \
			"$location"$'\tpending\tpending' ]
		json length 12
		field +442079460100 default true
		run_ok didctl port show 1 -o json
		json '[.[0].events[].to] | join(" ")' \
			'draft draft submitted acknowledged exception exception submitted acknowledged acknowledged foc-set completed'
		json '[.[0].events[] | select(.public) | .note] | join("; ")' \
			'sent by mail; account-mismatch: the account is another'
		for who in noc@acme.example ops@example.net; do
			[ "$(sql "SELECT subject FROM didctl_outbox WHERE recipient = '$who' ORDER BY id" | sed 's/.*: //' | tr '\n' ' ')" = \
				'submitted acknowledged exception submitted acknowledged foc-set completed ' ]
		done
		[ "$(sql "SELECT COUNT(*) FROM didctl_outbox WHERE change_id = '$CHANGE'")" -eq 2 ]
		invariants
	}
	each_backend body
}

@test "mail to the organisation and the operator at each change of state; pool show and doctor tell of the order" {
	body() {
		export DIDCTL_MAIL_TO=ops@example.net DIDCTL_PORT_HOLIDAYS=2026-01-06
		order
		didctl -q org edit ACME --mail noc@acme.example -y 2>/dev/null
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1 --note 'to their desk' --public
		done_by port ack 1 --note 'their Bob is slow'
		done_by port reject 1 --code 8A --reason 'no such account' --numbers +442079460103
		[ "$(sql 'SELECT subject FROM didctl_outbox ORDER BY id' | uniq | tr '\n' ';')" = \
			'Port order 1: submitted;Port order 1: acknowledged;Port order 1: exception;' ]
		[ "$(sql 'SELECT recipient FROM didctl_outbox ORDER BY recipient' | uniq -c | tr -s ' \n' ' ')" = \
			' 3 noc@acme.example 3 ops@example.net ' ]
		bodies=$(sql 'SELECT body FROM didctl_outbox ORDER BY id')
		for text in 'to their desk' 'no such account' '442079460103, rejected' 'Old Telecom'; do
			[[ $bodies == *"$text"* ]] || fail "not in the mail: $text" "$bodies"
		done
		for text in 'is slow' 55-1234 4711; do
			[[ $bodies != *"$text"* ]] || fail "in the mail: $text"
		done
		done_by port submit 1
		sql "UPDATE didctl_ports SET submitted_at = '2026-01-02T10:00:00Z'"
		run_ok didctl doctor port-late port-due -o json
		json '.[0] | "\(.check) \(.fix)"' 'port-late didctl port show 1'
		json '.[0].detail' "port order 1 of ACME was submitted 2026-01-02T10:00:00Z and should be acknowledged since 2026-01-09T00:00:00Z"
		done_by port ack 1
		done_by port foc 1 2099-06-15 --time 10:30 --zone America/New_York
		done_by port foc 1 "$(today)" --time '' --zone ''
		done_by port edit 1 --route queue:sales
		[ "$(sql "SELECT subject FROM didctl_outbox WHERE recipient = 'ops@example.net' ORDER BY id DESC LIMIT 1")" = \
			'Port order 1: another FOC' ]
		[[ $(sql 'SELECT body FROM didctl_outbox ORDER BY id') == *'2099-06-15 10:30 America/New_York'*'it was 2099-06-15.'* ]]
		run_ok didctl doctor port-due -o json
		json '.[0].fix' 'didctl port complete 1'
		done_by port complete 1
		run_ok didctl doctor port-late port-due -o json
		json length 0
		run_ok didctl pool show +442079460103
		[[ $output == *'port reject'*'8A: no such account'*'port complete'* ]]
		run_ok didctl pool show +442079460103 -o json
		json '.[0].ports | map(.to) | .[-1]' completed
		run_ok didctl pool show 08065978000 -o json
		json '.[0].ports | length' 0
	}
	each_backend body
}

@test "undo: exact for what nobody else was told, and for the flip; refused where others were" {
	body() {
		stock
		before=$(sql 'SELECT * FROM didctl_ports')
		done_by port new ACME "$TWELVE"
		done_by undo "$CHANGE"
		[ "$(sql 'SELECT * FROM didctl_ports')" = "$before" ]
		[ "$(sql 'SELECT COUNT(*) FROM didctl_port_numbers')" -eq 0 ]
		done_by undo "$CHANGE"
		[ "$(state)" = draft ]
		done_by undo "$CHANGE"
		order2
		letter
		done_by port document 2 loa.pdf --kind loa
		documents=$(sql 'SELECT * FROM didctl_port_documents')
		done_by undo "$CHANGE"
		[ "$(sql 'SELECT COUNT(*) FROM didctl_port_documents')" -eq 0 ]
		done_by undo "$CHANGE"
		[ "$(sql 'SELECT * FROM didctl_port_documents')" = "$documents" ]
		didctl port show 2 --document 1 | cmp - loa.pdf
		done_by port edit 2 --account 77 --route ivr:main
		edit=$CHANGE
		done_by port submit 2
		unchanged run_code 6 didctl undo "$CHANGE" -y
		[[ $stderr == *'others were told'*'port ack'* ]]
		done_by undo "$edit"
		[ "$(didctl port list -c account,route,state -o tsv -H)" = $'55\t\\N\tsubmitted' ]
		done_by port ack 2
		unchanged run_code 6 didctl undo "$CHANGE" -y
		done_by port foc 2 2099-06-15
		unchanged run_code 6 didctl undo "$CHANGE" -y
		rows=$(pbx_rows) numbers=$(sql 'SELECT first, last, status FROM didctl_port_numbers')
		done_by port complete 2
		flip=$CHANGE
		done_by undo "$flip"
		[ "$(pbx_rows)" = "$rows" ]
		[ "$(state)" = foc-set ]
		[ "$(sql 'SELECT first, last, status FROM didctl_port_numbers')" = "$numbers" ]
		done_by port complete 2
		flip=$CHANGE
		done_by pool edit +442079460101 --route ivr:main
		unchanged run_code 6 didctl undo "$flip" -y
		run_ok didctl doctor replay history
		invariants
	}
	order2() {
		done_by port new ACME "$TWELVE" --losing-carrier 'Old Telecom' --account 55 --btn +442079460100 \
			--authorised-name Bob --service-address 'High Street'
		json .port 2
	}
	each_backend body
}

@test "undo of a part: what stays in stays completed on its order, and the rest waits again" {
	body() {
		committed
		done_by port complete 1
		done_by pool edit +442079460105 --route ivr:x
		flip=$(didctl history -o json | jq -r '[.[] | select(.verb == "port complete")][0].change_id')
		run_code 5 didctl undo "$flip" -y --partial
		run_ok didctl port show 1 -o json
		json '.[0] | .state + " " + ([.numbers[] | "\(.first) \(.status)"] | join(", "))' \
			'foc-set 442079460100 pending, 442079460105 completed, 442079460106 pending'
		done_by port complete 1
		json '"\(.changed) \(.unchanged)"' '11 0'
		[ "$(state)" = completed ]
		invariants
	}
	each_backend body
}

@test "a toll-free number comes in without the emergency address, and carriers that show no name are told of" {
	body() {
		stock
		quietly e911 locations add ACME --label HQ --street '350 Fifth Ave' --city 'New York' --state-code NY --zip 10118
		done_by port new ACME +18005550100-0101 +12125550100 --losing-carrier X --account 1 --btn +12125550100 \
			--authorised-name N --service-address S --type toll-free --cnam Acme \
			--location "$(sql 'SELECT id FROM didctl_locations')"
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1
		done_by port ack 1
		done_by port foc 1 2099-01-01
		done_by port complete 1
		told '2 numbers from 18005550100 on: toll-free, and so without' '2 numbers from 18005550100 on.*will not show'
		run_ok didctl pool list +18005550100-0101 +12125550100 -o json -c number,e911,location
		json '[.[] | "\(.number) \(.["e911"]) \(.location != null)"] | join(", ")' \
			'12125550100 pending true, 18005550100 not-set false, 18005550101 not-set false'
		invariants
	}
	each_backend body
}

@test "complete: one bad number sinks all, or with --partial only itself; in service already is accepted" {
	body() {
		export DIDCTL_MAIL_TO=ops@example.net
		committed
		done_by pool add +442079460105
		unchanged run_code 6 didctl port complete 1 -y -o json
		json '[.numbers[] | select(.result == "refused") | "\(.number) \(.code)"] | join(",")' '442079460105 state'
		run_code 5 didctl port complete 1 -y --partial -o json
		json '"\(.changed) \(.refused)"' '11 1'
		[ "$(state)" = foc-set ]
		run_ok didctl port show 1 -o json
		json '[.[0].numbers[] | "\(.first) \(.status)"] | join(", ")' \
			'442079460100 completed, 442079460105 failed, 442079460106 completed'
		[ "$(sql 'SELECT subject FROM didctl_outbox ORDER BY id DESC LIMIT 1')" = 'Port order 1: its numbers' ]
		unchanged run_code 3 didctl port attach 1 +442079460100 --remove
		done_by assign +442079460105 ACME
		done_by port complete 1
		json '"\(.changed) \(.unchanged)"' '0 1'
		[ "$(state)" = completed ]
		unchanged run_code 6 didctl port complete 1 -y
		[[ $stderr == *'is completed'*nothing* ]]
		done_by pool mark ported +442079460100-0101
		done_by port new Globex +442079460100-0101
		json .port 2
		unchanged run_code 6 didctl port new Globex +442079460102
		invariants
	}
	each_backend body
}

@test "new and attach: numbers that are there or on an open order are refused, all of them named" {
	body() {
		order
		refused_by 6 duplicate port new Globex +442079460111-0113
		[ "$(jq -r '.numbers[0].number' <<<"$output")" = 442079460111 ]
		refused_by 6 duplicate port new Globex 08065978000-8002
		run_code 5 didctl port new Globex +442079460111-0113 --partial -o json
		json '"\(.refused) \(.port)"' '1 2'
		run_ok didctl port list -o json -c port,count,org
		json '[.[] | "\(.port) \(.count) \(.org)"] | join(",")' '1 12 ACME,2 2 Globex'
		refused_by 6 duplicate port attach 2 08065978000
		unchanged run_code 3 didctl port attach 2 +442079460100 --remove
		unchanged run_code 6 didctl port attach 2 +442079460112-0113 --remove
		done_by port attach 2 +442079460112 --remove
		done_by port attach 1 +442079460112
		run_ok didctl port list --number +442079460112 -o json
		json '[.[].port] | join(",")' 1
		done_by port cancel 1
		done_by port new Globex "$TWELVE"
		unchanged run_code 6 didctl org delete Globex -y
		[[ $stderr == *'port order 2'* ]]
		run_ok didctl port list --state cancelled,completed -o tsv -H -c port
		[ "$output" = 1 ]
	}
	each_backend body
}

@test "submit says all that is missing, and again what of it is left" {
	body() {
		stock
		done_by port new ACME "$TWELVE"
		unchanged run_code 6 didctl port submit 1
		told 'lacks losing carrier (--losing-carrier), account number (--account), billing telephone number (--btn),' \
			'authorised name (--authorised-name), service address (--service-address), signed letter of authorisation'
		done_by port edit 1 --account 7 --btn +442079460100 --losing-carrier X
		done_by port edit 1 --requested-foc 2099-01-01 --requested-time 10:00 --requested-zone Asia/Tokyo
		done_by port edit 1 --requested-foc 2099-01-02
		run_ok didctl port show 1 -o json
		json '.[0] | "\(.type) \(.requested_foc) \(.requested_time) \(.requested_zone)"' 'wireline 2099-01-02 null null'
		unchanged run_code 6 didctl port submit 1 -n
		told 'it lacks authorised name (--authorised-name), service address (--service-address), signed letter'
		id=01a20000-0000-7000-8000-000000000001
		run_ok didctl port edit 1 --account 8 --change-id "$id"
		unchanged run_ok didctl port edit 1 --account 8 --change-id "$id"
		unchanged run_code 6 didctl port edit 1 --account 9 --change-id "$id"
	}
	each_backend body
}

@test "states: each verb where it is legal, with the legal ones named elsewhere" {
	body() {
		order
		for verb in ack 'foc 2099-01-01' 'reject --code x --reason y' complete; do
			read -r word rest <<<"$verb"
			eval "unchanged run_code 6 didctl port $word 1 $rest -y"
			[[ $stderr == *'is draft: port '*'port submit'* ]] || fail "$stderr"
		done
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1
		unchanged run_code 6 didctl port submit 1
		unchanged run_code 6 didctl port edit 1 --account 3
		[[ $stderr == *'was told its account'* ]]
		unchanged run_code 6 didctl port attach 1 +442079460199
		done_by port edit 1 --route queue:a
		done_by port ack 1
		done_by port foc 1 2099-01-01 --time 09:30 --zone Europe/London
		done_by port foc 1 2099-01-02
		[ "$(didctl port list -c actual_foc,foc_time,foc_zone -o tsv -H)" = $'2099-01-02\t09:30\tEurope/London' ]
		unchanged run_code 6 didctl port cancel 1
		done_by port cancel 1
		unchanged run_code 6 didctl port edit 1 --route queue:b
	}
	each_backend body
}

@test "cancel within 48 hours of the FOC: by force and with a reason" {
	body() {
		committed "$(date -u -d '+1 day' +%F)" --zone UTC
		unchanged run_code 6 didctl port cancel 1 -y
		told 'within 48 hours'
		unchanged run_code 6 didctl port cancel 1 -y --force
		unchanged run_code 6 didctl port cancel 1 -y --reason 'stays'
		done_by port cancel 1 --force --reason 'the customer stays'
		[ "$(state)" = cancelled ]
	}
	each_backend body
}

@test "due and sweep: late acknowledgements, FOCs that have come in their own zone; one refusal keeps no other" {
	body() {
		committed "$(today Asia/Tokyo)" --zone Asia/Tokyo
		run_code 3 didctl port due -o json
		json '.[0] | "\(.port) \(.what)"' '1 FOC'
		done_by port new Globex +442079460200 --losing-carrier X --account 1 --btn +442079460200 \
			--authorised-name N --service-address S
		letter two two.pdf
		done_by port document 2 two.pdf --kind loa
		done_by port submit 2
		run_code 3 didctl port due -o tsv -H -c port
		[ "$output" = 1 ]
		sql "UPDATE didctl_ports SET submitted_at = '2026-01-02T10:00:00Z' WHERE port = 2"
		run_code 3 didctl port due -o json
		json '.[1] | "\(.port) \(.what) \(.since)"' '2 acknowledgement late 2026-01-08T00:00:00Z'
		run_code 3 didctl port due -s since -c port -o tsv -H
		[ "$output" = $'2\n1' ]
		run_code 3 didctl port due -s -port -c port -o tsv -H --limit 1
		[ "$output" = 2 ]
		done_by port ack 2
		done_by port foc 2 "$(today)"
		done_by pool add +442079460105
		unchanged run_code 5 didctl port sweep -n -o json
		run_code 5 didctl port sweep -o json
		json '[.[] | "\(.port) \(.count) \(.result)"] | join(",")' '1 0 refused,2 1 completed'
		run_code 5 didctl port sweep --partial -o json
		json '[.[] | "\(.port) \(.count) \(.result)"] | join(",")' '1 11 partly'
		done_by port attach 1 +442079460105 --remove
		run_ok didctl port sweep
		run_ok didctl port due
		invariants
	}
	each_backend body
}

@test "documents: by content, once, their bytes back again and not in the history" {
	body() {
		order
		head -c 1200000 /dev/urandom >big.body
		{ printf '\211PNG\r\n\032\n'; cat big.body; } >'my
letter.png'
		done_by port document 1 'my
letter.png' --kind bill
		run_ok didctl port show 1 -o json
		json '.[0].documents[0] | "\(.document) \(.kind) \(.name) \(.type) \(.size)"' '1 bill my_letter.png image/png 1200008'
		json '.[0].documents[0].sha256' "$(sha256sum <'my
letter.png' | cut -d' ' -f1)"
		didctl port show 1 --document 1 | cmp - 'my
letter.png'
		unchanged run_ok didctl port document 1 'my
letter.png' --kind bill
		unchanged run_code 3 didctl port show 1 --document 2
		{ printf '%%PDF-'; head -c $((25 * 1024 * 1024 - 5)) /dev/zero; } >most.pdf
		done_by port document 1 most.pdf --kind csr
		didctl port show 1 --document 2 | cmp - most.pdf
		printf x >>most.pdf
		unchanged run_code 2 didctl port document 1 most.pdf --kind csr
		told 'larger than 25 MB'
		[ "$(sql "SELECT SUM(LENGTH(\`after\`)) < 2000 FROM didctl_history WHERE block = 'port:1'")" = 1 ]
		[[ $(sql "SELECT \`after\` FROM didctl_history WHERE block = 'port:1'") == *"$(sha256sum <'my
letter.png' | cut -d' ' -f1)"* ]]
	}
	each_backend body
}

@test "a document that somebody still writes is refused" {
	sqlite_target
	order
	export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
	printf '%%PDF-' >growing.pdf
	while printf x; do sleep .02; done >>growing.pdf 3>&- &
	for _ in {1..100}; do # it is looked at, and read a little later
		# shellcheck disable=SC2086 # words
		run --separate-stderr strace -f -qq -o /dev/null -P "$T/growing.pdf" -e inject=read:delay_enter=300000 \
			$DIDCTL port document 1 growing.pdf --kind loa --dry-run
		[ "$status" -eq 0 ] || break
	done
	kill "$!"
	[ "$status" -eq 1 ]
	told 'growing.pdf.* grew while it was read'
}

@test "the PIN is kept and told to nobody" {
	body() {
		order
		[ "$(sql 'SELECT pin FROM didctl_port_pins')" = 4711 ]
		[ "$(sql "SELECT COUNT(*) FROM didctl_history WHERE \`after\` LIKE '%4711%'")" -eq 0 ]
		for command in 'port show 1' 'port show 1 -o json' 'port list -c all' 'port loa 1' 'history -c all'; do
			# shellcheck disable=SC2086
			! didctl $command | grep -a 4711 || fail "told by: $command"
		done
		run_ok didctl port show 1 -o json
		json '.[0].pin' '***'
		chmod 644 pin
		unchanged run_code 4 didctl port edit 1 --pin-file pin
		unchanged run_code 6 didctl port edit 1 --ask-pin </dev/null
		done_by port edit 1 --no-pin
		run_ok didctl port show 1 -o json
		json '.[0].pin' null
		done_by undo "$CHANGE"
		run_ok didctl port show 1 -o json
		json '.[0].pin' '***'
	}
	each_backend body
}

@test "the letter: every field read back, long names wrapped, other scripts refused" {
	body() {
		order
		name='Zoë Müller-Lüdenscheidt-Oberwallmenach, managing director of a company whose name does not end in one line (really)'
		done_by port edit 1 --authorised-name "$name" --contact 'Bob “the” Builder' --requested-foc 2099-06-01 \
			--requested-time 10:30 --requested-zone America/New_York
		didctl port loa 1 >loa.pdf
		pdftotext -layout loa.pdf loa.txt
		! grep -q 4711 loa.txt
		for text in 'Letter of Authorization' ACME 'Old Telecom' 55-1234 442079460100 'Bob “the” Builder' wireline \
			'1 High Street, London' '2099-06-01 10:30 America/New_York' '+442079460100 to +442079460111 (12 numbers)' Signature Date; do
			grep -qF -- "$text" loa.txt || fail "not in the letter: $text" "$(cat loa.txt)"
		done
		[[ "$(tr -s ' \n' '  ' <loa.txt)" == *"$name"* ]]
		[ "$(awk '{ if (length($0) > longest) longest = length($0) } END { print (longest < 100) }' loa.txt)" = 1 ]
		didctl port loa 1 | cmp - loa.pdf
		done_by port edit 1 --authorised-name 'Wang 王小明'
		run_code 6 didctl port loa 1
		told "Authorised name.*王"
		[ -z "$output" ]
	}
	each_backend body
}

@test "an order that lies, planted: invariant 19 is found broken" {
	body() {
		local k lies=(
			"didctl_ports SET state = 'submitted'" "didctl_ports SET state = 'completed'"
			"didctl_port_numbers SET status = 'pending'" "didctl_port_numbers SET status = 'completed'"
			"didctl_port_events SET to_state = 'draft' WHERE verb = 'port ack'"
			"didctl_port_events SET to_state = 'acknowledged' WHERE verb = 'port ack'"
			"didctl_port_events SET verb = 'undo' WHERE verb = 'port submit'"
			"didctl_port_events SET verb = 'port submit' WHERE verb = 'undo'"
		)

		committed
		done_by port complete 1
		for ((k = 0; k < ${#lies[@]}; k += 2)); do
			invariants
			sql "UPDATE ${lies[k]}"
			run_code 1 invariants
			[[ $output == '19 '* ]] || fail "not found: ${lies[k]}" "$output"
			sql "UPDATE ${lies[k + 1]}"
		done
		sql "DELETE FROM did_numbers WHERE number = '442079460111'"
		sql "UPDATE didctl_history SET last = '442079460110', n = n - 1 WHERE last = '442079460111'"
		sql "UPDATE didctl_changes SET n = n - 1 WHERE verb = 'port complete'"
		run_code 1 invariants
		[[ $output == '19 a number of a port order that is not in'*442079460111* ]] || fail "$output"
	}
	each_backend body
}

@test "the man page's port, from its start to its end, is what happens" {
	export DIDCTL_TARGET=sqlite:pbx.db DIDCTL_ACTOR=ops
	didctl init -q --country IN --demo
	printf '%%PDF-1.4\nsigned' >loa-signed.pdf
	plays didctl-port.in 'A PORT, START TO END'
	pdftotext loa.pdf
}

@test "bad input ends with its code and changes nothing" {
	refusals() {
		for word in 0 x -1 1.5 99999999999999999999 '' '1;DROP'; do
			run_code 2 didctl port show -- "$word"
		done
		run_code 3 didctl port show 7
		run_code 3 didctl port submit 7
		for date in 2026-02-30 02/03/2026 2020-01-01 tomorrow; do
			run_code 2 didctl port foc 1 "$date"
			run_code 2 didctl port edit 1 --requested-foc "$date"
		done
		run_code 2 didctl port edit 1 --requested-foc 2099-01-01 --requested-time 9
		run_code 2 didctl port edit 1 --requested-foc 2099-01-01 --requested-zone Mars
		run_code 2 didctl port edit 1 --requested-zone UTC
		run_code 2 didctl port foc 1 2099-01-01 --time 25:00
		run_code 2 didctl port foc 1 2099-01-01 --zone Mars/Olympus
		run_code 2 didctl port foc 1 2099-01-01 --zone ../../../etc/passwd
		for option in '--type fax' '--btn 12x' '--route sales' '--env moon' '--cnam 1234567890ABCDEF' '--cnam 123' \
			'--public' '--package gold' ''; do
			# shellcheck disable=SC2086
			run_code 2 didctl port edit 1 $option
		done
		run_code 3 didctl port edit 1 --location x
		rm -rf -- *.pdf
		truncate -s 5G huge.pdf
		printf '%%PDF-' >small.pdf
		: >empty.pdf
		printf 'MZ' >program.pdf
		mkfifo fifo.pdf
		mkdir directory.pdf
		for file in huge empty program fifo directory missing; do
			run_code 2 didctl port document 1 $file.pdf --kind loa
		done
		run_code 2 didctl port document 1 /dev/zero --kind loa
		run_code 2 didctl port document 1 small.pdf
		run_code 2 didctl port document 1 small.pdf --kind photo
		run_code 3 didctl port new nobody +442079460300
		run_code 2 didctl port new ACME
		run_code 2 didctl port new ACME 12x
		run_code 2 didctl port reject 1 --code x
		run_code 2 didctl port list --state open
		run_code 2 didctl port sweep --expect 3
		run_code 6 didctl port new ACME +442079460300-0301 --expect 3
		told '3 numbers were expected to change, 2 would'
		run_code 6 didctl port attach 1 +442079460111 --remove --expect 2
		run_code 6 didctl port edit 1 --account 2 --expect 1
	}
	body() {
		order
		unchanged refusals
		run_ok didctl port new ACME +442079460300-0301 --expect 2
	}
	each_backend body
}
