#!/usr/bin/env bats
# A change that is killed or interrupted at any moment is there whole or not at all. KILLS (30) moments a store.
load ../lib/common
load ../lib/writes
load ../lib/kill

: "${KILLS:=30}"
RANGE=918060000000-9999 COUNT=10000

many() {
	run_ok didctl init --country IN
	run_ok didctl pool add "$RANGE" -y
	run_ok didctl org add Big
}

assigned() { sql "SELECT COUNT(*) FROM did_numbers WHERE pool_status = 'assigned' AND org_id IS NOT NULL"; }

# whole ID BEFORE AFTER: the numbers that are assigned are as many as before or after it, and the history tells the same.
whole() {
	local now rows

	settled
	now=$(assigned)
	rows=$(sql "SELECT COALESCE(SUM(n), 0) FROM didctl_history WHERE change_id = '$1'")
	case $now:$rows:$(sql "SELECT COUNT(*) FROM didctl_changes WHERE id = '$1'") in
	"$2:0:0" | "$3:$COUNT:1") ;;
	*) fail "$now numbers are assigned, of $2 before and $3 after the change; its history tells of $rows" ;;
	esac
}

# The moments cover the whole duration evenly, each drawn within its share.
killed() {
	local duration before=0 after=$COUNT round id command code hit=0 done=0

	many
	duration=$(microseconds didctl assign "$RANGE" Big -y)
	run_ok didctl release "$RANGE" -y
	for ((round = 0; round < KILLS; round++)); do
		id=$(change_id "$round")
		command=(didctl assign "$RANGE" Big -y --change-id "$id")
		[ "$before" -eq 0 ] || command=(didctl release "$RANGE" -y --change-id "$id")
		code=$(stopped_at $((duration * (round * 1000 + RANDOM % 1000) / KILLS / 1000)) KILL "${command[@]}")
		[ "$code" -eq 137 ] || [ "$code" -eq 0 ] || fail "exit code $code" "$(cat err)"
		[ "$code" -eq 0 ] || hit=$((hit + 1))
		whole "$id" "$before" "$after"
		[ "$code" -ne 0 ] || [ "$(assigned)" -eq "$after" ] || fail 'it said 0 and did nothing'
		[ "$(assigned)" -ne "$after" ] || done=$((done + 1))
		run_ok "${command[@]}"
		[ "$(assigned)" -eq "$after" ] || fail "the same command again: $(assigned) are assigned"
		read -r before after <<<"$after $before"
	done
	[ "$hit" -gt 0 ] || fail "no kill came before the end"
	[ "$done" -lt "$KILLS" ] || fail "every kill came after the COMMIT"
	invariants
}

@test "kill -9 at any moment of a change of 10,000: all or nothing, and the same command again completes it" {
	each_backend killed
}

interrupted() {
	local duration before=0 after=$COUNT round id command code stopped=0 signals=(INT TERM HUP) n=9

	many
	duration=$(microseconds didctl assign "$RANGE" Big -y)
	run_ok didctl release "$RANGE" -y
	for ((round = 0; round < n; round++)); do
		id=$(change_id "$round")
		command=(didctl assign "$RANGE" Big -y --change-id "$id")
		[ "$before" -eq 0 ] || command=(didctl release "$RANGE" -y --change-id "$id")
		code=$(stopped_at $((duration * (round * 1000 + RANDOM % 1000) / n / 1000)) "${signals[round % 3]}" "${command[@]}")
		whole "$id" "$before" "$after"
		case $code:$(assigned) in
		"130:$before") stopped=$((stopped + 1)) ;;
		"129:$before" | "143:$before") ;; # so early that nobody listens yet
		"0:$after") read -r before after <<<"$after $before" ;;
		*) fail "exit code $code, and $(assigned) are assigned" "$(cat err)" ;;
		esac
	done
	[ "$stopped" -gt 0 ] || fail 'no signal was heard'
	invariants
}

@test "INT, TERM and HUP: 130 and nothing changed, or 0 and all" {
	each_backend interrupted
}

# Waits for a lock that another one holds: no signal can come too late.
waiting() {
	local holder pid code=0

	stock
	mkfifo go
	case $BACKEND in
	sqlite) { echo 'BEGIN IMMEDIATE; SELECT 1;'; cat go; } | sqlite3 -batch "$DATABASE" >held 3>&- & ;;
	mysql) { echo 'BEGIN; UPDATE did_numbers SET region = region; SELECT 1;'; cat go; } |
		mariadb --no-defaults -uroot -S"$TEST_SERVER/s" -n -N "$DATABASE" >held 3>&- & ;;
	esac
	holder=$!
	exec 9>go
	until [ -s held ]; do sleep .01; done
	env --default-signal=INT didctl assign 918065978000-9 ACME -y 2>err 3>&- &
	pid=$!
	until grep -q ^change-id: err; do sleep .01; done
	sleep .2
	kill -s INT "$pid"
	wait "$pid" || code=$?
	exec 9>&-
	wait "$holder"
	rm -f go held
	[ "$code" -eq 130 ] || fail "exit code $code" "$(cat err)"
	grep -q 'interrupted: nothing was changed' err || fail "$(cat err)"
	[ "$(assigned)" -eq 0 ]
	run_ok didctl assign 918065978000-9 ACME -y
	invariants
}

@test "INT while it waits for a lock: 130, nothing changed" {
	each_backend waiting
}
