# Changes over the REST API whose answers are lost, cut, late or none: what was done is found in the row, nothing is asked
# for twice that was done, and what nobody can know is told as that.
load ../lib/common
load ../lib/api

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no
	ID=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f
}

teardown() {
	[ -z "${LOCK-}" ] || unlock
	api_teardown
}

# A session that holds the rows, so that the server is at its work for as long as a test wants.
lock_rows() {
	coproc LOCK { api_sql --unbuffered; }
	echo 'BEGIN; SELECT COUNT(*) FROM did_numbers FOR UPDATE;' >&"${LOCK[1]}"
	read -r -t 120 <&"${LOCK[0]}"
}

unlock() {
	local pid=$LOCK_PID

	echo 'ROLLBACK;' >&"${LOCK[1]}"
	eval "exec ${LOCK[1]}>&-"
	wait "$pid" || true
	unset LOCK
}

@test "an answer to a write may be cut at any byte: each is done exactly once, and the report is true" {
	held 800
	rules '{"method":"POST","path":"release","cut":0,"cut_step":1}'
	run_ok didctl release 918065970000-799 -y -o json --expect 800
	json '"\(.changed) \(.refused)"' '800 0'
	[ "$(saw '.operation == "releaseNumber" and .worked')" = 800 ]
	[ "$(saw .replayed)" = 0 ]
	[ "$(count "org_id IS NULL AND pool_status = 'available'")" = 800 ]
	sound
}

@test "an answer to a write that lies about its length or is no answer is not believed: the row is looked at" {
	local rule n=0

	held 40
	for rule in '"length":10' '"length":-10' '"text":"html"' '"text":"empty"' '"text":"cut"' '"text":"trailing"' \
		'"text":"duplicate"' '"text":"deep"' '"text":"latin1"' '"text":"nul"' '"cut":30,"reset":true'; do
		rules "{\"method\":\"POST\",\"path\":\"release\",$rule}"
		run_ok didctl release "$((918065970000 + n))" -y -o json
		json .changed 1
		n=$((n + 1))
	done
	[ "$(saw '.operation == "releaseNumber"')" = "$n" ]
	[ "$(count 'org_id IS NULL')" = "$n" ]
}

@test "a server that fails after the work was done is not believed either" {
	held 2
	rules '{"method":"POST","path":"release","then_status":500}'
	run_ok didctl release 918065970000-1 -y -o json
	json .changed 2
	[ "$(saw '.operation == "releaseNumber"')" = 2 ]
}

@test "a write that the server is still at when the time is over is neither done nor not done" {
	local keeps

	for keeps in true false; do # whether the API knows idempotency keys
		api_reset
		held 1
		api switch "{\"keeps_keys\":$keeps}"
		lock_rows
		run_code 7 didctl release 918065970000 -y --timeout 3 --change-id $ID
		grep -q "didctl history resolve $ID" <<<"$stderr"
		[ "$(count 'org_id IS NULL')" = 0 ]
		unlock
		until [ "$(count 'org_id IS NULL')" = 1 ]; do sleep .02; done
		run_ok didctl history resolve $ID
		run_ok didctl release 918065970000 -y -o json --change-id $ID
		json .changed 1
		[ "$(saw '.operation == "releaseNumber" and .worked')" = 1 ]
		ID=${ID%?}e
	done
}

@test "a write whose connection ends while the server is at it is waited for" {
	held 1
	lock_rows
	rules '{"method":"POST","path":"release","leave_ms":100,"times":1}'
	didctl release 918065970000 -y -o json --change-id $ID >out 2>err &
	until [ "$(saw '.status == 409')" -gt 0 ]; do sleep .02; done # under way, says the contract
	unlock
	wait $! || fail "$(cat err)"
	[ "$(jq .changed out)" = 1 ]
	[ "$(saw '.operation == "releaseNumber" and .worked')" = 1 ]
}

@test "a journal whose end cannot be written: the change is there, and the rows tell so" {
	local n

	export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
	held 2
	# shellcheck disable=SC2086 # words
	strace -f -qq -o calls -e trace=fdatasync $DIDCTL release 918065970000 -y
	n=$(grep -c fdatasync calls)
	# shellcheck disable=SC2086
	run_code 7 strace -f -qq -o calls -e inject=fdatasync:error=EIO:when="$n" $DIDCTL release 918065970001 -y --change-id $ID
	grep -q "cannot write '.*journal'" <<<"$stderr"
	grep -q "didctl history resolve $ID" <<<"$stderr"
	[ "$(count 'org_id IS NULL')" = 2 ]
	run_ok didctl history resolve $ID
	run_ok didctl release 918065970001 -y -o json --change-id $ID
	json .changed 1
}
