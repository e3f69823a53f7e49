#!/usr/bin/env bats
# Port orders that many lead at once, and a flip that is killed: what each was told is what there is. KILLS (8) a store.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run sets output and stderr
load ../lib/common
load ../lib/writes
load ../lib/port
load ../lib/race
load ../lib/kill

: "${KILLS:=8}"

# events [VERB]: how many there are.
events() { sql "SELECT COUNT(*) FROM didctl_port_events WHERE verb LIKE '${1-%}'"; }

step() {
	local verbs=('foc 1 2099-06-15' 'reject 1 --code 7A --reason no' 'cancel 1 -y' 'submit 1')

	# shellcheck disable=SC2086 # words
	didctl port ${verbs[RACER % 4]}
}

new_one() { didctl port new ACME +442079460300-0303 --note "$RACER"; }

new_own() { didctl port new ACME "+4420794604$RACER$RACER" -o json; }

acknowledge() { didctl port ack 1 --note "by $RACER"; }

@test "operators at once on one order: each step once, the others are told what it is by then" {
	body() {
		export DIDCTL_MAIL_TO=ops@example.net
		order
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1
		racers 6 acknowledge
		only 0 6
		[ "$(codes 0)" -eq 1 ]
		[ "$(events 'port ack')" -eq 1 ]
		[ "$(sql "SELECT note FROM didctl_port_events WHERE verb = 'port ack'")" = "by $(basename "$(grep -lx 0 -- *.code)" .code)" ]
		[ "$(grep -l 'port order 1 is acknowledged: port ack cannot be done' -- *.err | wc -l)" -eq 5 ]
		before=$(events)
		racers 8 step
		only 0 6
		[ "$(events)" -eq $((before + $(codes 0))) ]
		[ "$(sql 'SELECT COUNT(*) FROM didctl_outbox')" -eq "$(sql 'SELECT COUNT(*) FROM didctl_port_events
			WHERE from_state <> to_state OR verb = '"'port foc'")" ]
		racers 6 new_one
		only 0 6
		[ "$(codes 0)" -eq 1 ]
		racers 6 new_own
		only 0
		[ "$(jq -r .port -- *.out | sort -u | wc -l)" -eq 6 ]
		invariants
	}
	each_backend body
}

sweep() { didctl port sweep -o json; }

@test "four sweeps at once: each order is completed by one, and the others have nothing to do" {
	body() {
		committed "$(today)"
		done_by port new Globex +442079460200 --losing-carrier X --account 1 --btn +442079460200 \
			--authorised-name N --service-address S
		letter two two.pdf
		done_by port document 2 two.pdf --kind loa
		done_by port submit 2
		done_by port ack 2
		done_by port foc 2 "$(today)"
		racers 4 sweep
		only 0
		[ "$(cat -- *.out | jq -r '.[] | "\(.port) \(.result)"' | sort | tr '\n' ';')" = '1 completed;2 completed;' ]
		[ "$(events 'port complete')" -eq 2 ]
		unchanged run_ok didctl port sweep
		invariants
	}
	each_backend body
}

NUMBERS=+442079500000-1999 COUNT=2000

# whole ID: the flip is there with all that belongs to it, or nothing of it.
whole() {
	settled
	case $(sql "SELECT state FROM didctl_ports"):$(sql "SELECT COUNT(*) FROM did_numbers WHERE number LIKE '4420795%'
		AND pool_status = 'assigned' AND routing_type = 'queue'"):$(sql "SELECT COUNT(*) FROM didctl_port_events WHERE change_id = '$1'"):$(
		sql "SELECT COUNT(*) FROM didctl_outbox WHERE change_id = '$1'"):$(
		sql "SELECT COUNT(*) FROM didctl_changes WHERE id = '$1'"):$(sql 'SELECT status FROM didctl_port_numbers') in
	foc-set:0:0:0:0:pending) return 1 ;;
	"completed:$COUNT:1:1:1:completed") return 0 ;;
	*) fail "half a flip: $(sql 'SELECT state FROM didctl_ports'), $(sql 'SELECT COUNT(*) FROM did_numbers') numbers" ;;
	esac
}

ready() {
	export DIDCTL_MAIL_TO=ops@example.net
	TWELVE=$NUMBERS committed
	done_by port edit 1 --route queue:sales --env staging
}

killed() {
	local duration round id code hit=0 done=0

	ready
	duration=$(microseconds didctl port complete 1 -y -n)
	for ((round = 0; round < KILLS; round++)); do
		id=$(change_id "$round")
		code=$(stopped_at $((duration * (round * 1000 + RANDOM % 1000) / KILLS / 600)) KILL \
			didctl port complete 1 -y --change-id "$id")
		[ "$code" -eq 137 ] || [ "$code" -eq 0 ] || fail "exit code $code" "$(cat err)"
		[ "$code" -eq 0 ] || hit=$((hit + 1))
		if whole "$id"; then
			done=$((done + 1))
		else
			[ "$code" -ne 0 ] || fail 'it said 0 and did nothing'
			run_ok didctl port complete 1 -y --change-id "$id"
			whole "$id" || fail 'the same command again did nothing'
		fi
		run_ok didctl undo "$id" -y
	done
	[ "$hit" -gt 0 ] || fail 'no kill came before the end'
	[ "$done" -lt "$KILLS" ] || fail 'every kill came after the COMMIT'
	invariants
}

@test "kill -9 at any moment of a flip: order, numbers, time line and mail all or nothing, and the same command completes it" {
	each_backend killed
}
