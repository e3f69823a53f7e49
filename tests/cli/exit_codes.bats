#!/usr/bin/env bats
# Each exit code of the contract, produced once, with what is promised beside it.
load ../lib/common

setup() {
	common_setup
	sqlite_target
	run_ok didctl init --country IN --demo -q
}

# What is held back for a test goes on, also after one that failed.
teardown() {
	exec 9>&-
	[ -z "${DOOR-}" ] || kill "$DOOR"
	common_teardown
}

@test "0: done, nothing to do, an empty list" {
	run_ok didctl assign -y 918065978000 ACME
	run_ok didctl assign -y 918065978000 ACME -o json
	json .unchanged 1
	run_ok didctl pool list --provider none -o json
	[ "$(jq -c . <<<"$output")" = '[]' ]
	run_ok didctl --help
	run_ok didctl -t nonsense --version
}

@test "1: output that cannot be written" {
	run_code 1 bash -c 'didctl pool list >/dev/full'
	[[ $stderr == *'cannot write to standard output: No space left on device'* ]]
}

@test "2: usage and bad input" {
	unchanged run_code 2 didctl
	unchanged run_code 2 didctl pool
	unchanged run_code 2 didctl pool list --nonsense
	unchanged run_code 2 didctl pool lock -y 0x1F
}

@test "3: not there, or a check found something" {
	unchanged run_code 3 didctl pool show 918065979999
	unchanged run_code 3 didctl pool lock -y 918065978000 918065979999
	unchanged run_code 3 didctl assign -y 918065978000 Nobody
	unchanged run_code 3 didctl history resolve 00000000-0000-4000-8000-000000000000
	run_code 3 didctl init --check -t "sqlite:$T/none.db"
	[ ! -e none.db ]
}

@test "4: the target or the configuration" {
	run_code 4 didctl pool list -t "sqlite:$T/none.db"
	run_code 4 didctl pool list --config none
	run_code 4 env -u DIDCTL_TARGET didctl pool list
}

@test "5: partly done" {
	run_ok didctl pool lock -y 918065978001
	run_ok didctl assign -y 918065978000-01 ACME
	run_code 5 didctl release -y --partial 918065978000-01 -o json
	json '"\(.changed) \(.refused)"' '1 1'
	json '.numbers[] | select(.result == "refused") | "\(.number) \(.code)"' '918065978001 locked'
	run_code 6 didctl release -y --partial 918065978001
}

@test "6: refused by state, lock, confirmation, duplicate" {
	run_ok didctl pool lock -y 918065978001
	run_ok didctl assign -y 918065978000-01 ACME
	unchanged run_code 6 didctl assign -y 918065978000 Globex
	unchanged run_code 6 didctl release -y 918065978001
	unchanged run_code 6 didctl release 918065978000 </dev/null
	unchanged run_code 6 didctl pool lock 918065978002-05 </dev/null
	unchanged run_code 6 didctl pool lock -y 918065978002-05 --expect 3
	unchanged run_code 6 didctl pool add -y 918065978000
	unchanged run_code 6 didctl pool add -y +918065978000
}

@test "6: rows that another session holds for longer than --timeout" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	run_ok didctl init --country IN --demo -q
	mkfifo go
	{ echo 'BEGIN; SELECT id FROM did_numbers FOR UPDATE;'; cat go; } | server_sql -n -N "$DATABASE" >held 3>&- &
	exec 9>go
	until [ -s held ]; do sleep .01; done
	run_code 6 didctl assign -y 918065978000 ACME --timeout 3
	[[ $stderr == *'Lock wait timeout exceeded'*'hint: nothing was changed: '*'SHOW FULL PROCESSLIST'* ]]
	exec 9>&-
	wait
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE org_id IS NOT NULL")" = 0 ]
	run_ok didctl assign -y 918065978000 ACME
}

# committing NUMBER: its assignment, whose COMMIT is held back on the way to the server until go_on: the server itself would
# have to hold those of all other tests, too. Its process is $PID, its change $ID.
committing() {
	[ -z "${DOOR-}" ] || kill "$DOOR"
	rm -f door door.*
	"$ROOT/tests/lib/door" "$T/door" "$TEST_SERVER/s" COMMIT --hold </dev/null >/dev/null 2>&1 3>&- &
	DOOR=$!
	until [ -s door ]; do sleep .01; done
	env --default-signal=INT didctl assign -y "$1" ACME -t "mysql://root@127.0.0.1:$(<door)/$DATABASE" >out 2>err 3>&- &
	PID=$!
	until [ -e door.held ]; do sleep .01; done
	ID=$(sed -n 's/^change-id: //p' err)
}

go_on() { touch door.go; }

@test "7: a second signal during COMMIT; the first one waits for the answer, which is 0" {
	local code=0

	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	run_ok didctl init --country IN --demo -q
	committing 918065978000
	kill -s INT "$PID"
	sleep .2
	kill -0 "$PID" # it still waits
	go_on
	wait "$PID" || code=$?
	[ "$code" -eq 0 ] || fail "exit code $code" "$(cat err)"
	run_ok didctl history resolve "$ID"

	committing 918065978001
	kill -s INT "$PID"
	sleep .2
	kill -s TERM "$PID"
	timeout 120 tail --pid="$PID" -f /dev/null || fail 'the second signal did not end it'
	wait "$PID" || code=$?
	go_on
	[ "$code" -eq 7 ] || fail "exit code $code" "$(cat err)"
	grep -q "^didctl: interrupted during COMMIT: the outcome is unknown: didctl history resolve $ID$" err || fail "$(cat err)"
	# What it was is told once the server has ended it, one way or the other.
	run --separate-stderr didctl history resolve "$ID"
	[ "$status" -eq "$([ "$(didctl pool list 918065978001 -o tsv -H -c state)" = assigned ] && echo 0 || echo 3)" ] ||
		fail "exit code $status of resolve"
	invariants
}

@test "1: what failed after the change was made says that it was" {
	local n id=00000000-0000-7000-8000-000000000001

	export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
	sql "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978026'"
	cp "$DATABASE" before.db
	# shellcheck disable=SC2086 # words
	strace -f -qq -o calls -e trace=pread64 $DIDCTL doctor default-state --fix -y --change-id "$id"
	n=$(grep -c pread64 calls) # the last is of the look at what is left
	cp before.db "$DATABASE"
	# shellcheck disable=SC2086
	run_code 1 strace -f -qq -o calls -e inject=pread64:error=EIO:when="$n" $DIDCTL doctor default-state --fix -y --change-id "$id"
	grep -q "^hint: the change was made all the same: didctl history resolve $id$" <<<"$stderr" || fail "$stderr"
	run_ok didctl history resolve "$id"
	run_ok didctl doctor default-state
}

# cannot_close WORD...: stdout is closed last, and a network's disk says then that it is full.
cannot_close() {
	local fault=()

	cp "$DATABASE" before.db
	for _ in count fail; do
		cp before.db "$DATABASE"
		rm -rf files && mkdir files
		# shellcheck disable=SC2086 # words
		run strace -qq -o calls -e trace=close "${fault[@]}" $DIDCTL "$@"
		fault=(-e "inject=close:error=ENOSPC:when=$(sed -n '/^close(1)/=' calls)")
	done
	[ "$status" -eq 1 ]
	[[ $output == *'cannot write to standard output: No space left on device'* ]]
}

@test "1: what was done before stdout could not be closed is told as done" {
	local id=00000000-0000-7000-8000-000000000001

	export ASAN_OPTIONS=detect_leaks=0 DIDCTL_ASTERISK_DIR=$T/files # under strace it cannot look
	cannot_close pool list
	[[ $output != *hint:* ]]
	cannot_close pool lock 918065978000 -y --change-id "$id"
	grep -q "^hint: the change was made all the same: didctl history resolve $id$" <<<"$output"
	cannot_close regen -q --no-reload
	grep -q "^hint: the switch's files were written all the same$" <<<"$output"
}

# ended_by SIGNAL: it comes as soon as didctl listens.
ended_by() {
	local pid

	env --default-signal=INT didctl pool lock -y - <&9 3>&- &
	pid=$!
	until [ "$(<"/proc/$pid/comm")" != bash ] && (($(sed -n 's/^SigCgt:\t/0x/p' "/proc/$pid/status") & 1)); do
		sleep .01 # 1 is HUP's, the last to be caught
	done
	kill -s "$1" "$pid"
	wait "$pid"
}

@test "130: interrupted, and rolled back" {
	local signal

	export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
	mkfifo pipe
	exec 9<>pipe # it never ends
	for signal in INT TERM HUP; do
		echo 918065978000 >&9
		unchanged run_code 130 ended_by "$signal"
		[ -z "$output" ]
		# one that comes when it is about to wait
		# shellcheck disable=SC2086 # words
		unchanged run_code 130 timeout 60 strace -f -qq -o calls -P "$T/pipe" -e "inject=?fstat,?newfstatat:signal=$signal:when=1" \
			$DIDCTL pool lock -y - <&9
		grep -q "SIG$signal" calls || fail "$(cat calls)"
	done
	exec 9>&-
}

@test "141: the reader has gone away, quietly" {
	local format

	run_ok didctl pool add -q -y 918065000000-2999 --expect 3000
	for format in table tsv csv json ndjson; do
		run --separate-stderr bash -c "didctl pool list -o $format | head -1; exit \${PIPESTATUS[0]}"
		[ "$status" -eq 141 ] || fail "$status with $format"
		[ -z "$stderr" ] || fail "$stderr"
		[ "${#lines[@]}" -eq 1 ]
	done
}
