#!/usr/bin/env bats
# Progress: on a terminal only, after a second, erased at the end. So the first write has to take longer than that.
load ../lib/common

export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look
LATE='strace -qq -o /dev/null -e trace=write -e inject=write:delay_enter=2000000:when=1'

# on_terminal TERM COMMAND...: what the command writes with a terminal as its standard error, controls made visible.
on_terminal() {
	local type=$1

	shift
	TERM=$type script -qec "$*" /dev/null </dev/null | cat -v
}

@test "a long listing into a file tells on a terminal how far it is, and erases that" {
	sqlite_target
	didctl -q init --country IN
	sqlite3 "$DATABASE" "WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 49999)
		INSERT INTO did_numbers (id, number) SELECT printf('0190c0de-0000-7000-8000-%012d', i), 918065000000 + i FROM k"
	output=$(on_terminal xterm "$LATE didctl pool list -c all -o csv >rows")
	[[ $output == *'^M^[[Krows: '*'^M^[[K' ]] || fail "$output"
	[ "$(wc -l <rows)" -eq 50001 ]
	output=$(on_terminal xterm "$LATE didctl pool list --no-progress -c all -o csv >rows")
	[[ $output != *rows:* ]] || fail "--no-progress: $output"
	$LATE didctl pool list -c all -o csv >rows 2>messages
	[ ! -s messages ]
}
