#!/usr/bin/env bats
# What every command does before anything else, whatever it is started with: the environment, the rights of new files, no
# core, the three files that it has to have, the home directory that it may lack.
load ../lib/common

# Started until it waits for its operands: `exec 9>pipe` comes back when it has opened the FIFO.
start_waiting() { # WRAPPER...
	mkfifo pipe
	"$@" didctl pool lock -y @pipe 2>/dev/null &
	WAITING=$!
	exec 9>pipe
}

end_waiting() {
	exec 9>&-
	wait "$WAITING" || true
	rm -f pipe
}

@test "no core, no rights for others, and nobody reads its memory" {
	local -a reader=(env) # as root without the rights to look into every process

	[ "$(id -u)" -ne 0 ] || reader=(setpriv '--bounding-set=-sys_ptrace,-perfmon,-sys_admin')
	sqlite_target
	umask 0
	run_ok didctl init --country IN --demo -q
	[ "$(stat -c %a "$DATABASE")" = 600 ]
	ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -H -c)"
	start_waiting "${reader[@]}"
	grep -qE '^Max core file size +0 +0 ' "/proc/$WAITING/limits" || fail "$(grep core "/proc/$WAITING/limits")"
	grep -q $'^Umask:\t0077$' "/proc/$WAITING/status" || fail "$(grep Umask "/proc/$WAITING/status")"
	"${reader[@]}" sleep 600 3>&- &
	until [ "$(<"/proc/$!/comm")" = sleep ]; do sleep .02; done
	"${reader[@]}" cat "/proc/$!/environ" >/dev/null || fail 'the memory of any process is unreadable here'
	kill $!
	! "${reader[@]}" cat "/proc/$WAITING/environ" >/dev/null 2>&1 || fail 'its memory can be read'
	end_waiting
}

@test "variables that would lead a library astray reach neither it nor a program that didctl starts" {
	local name names=(MYSQL_PWD MYSQL_HOME MARIADB_HOME MARIADB_PLUGIN_DIR LIBMYSQL_PLUGINS LIBMYSQL_PLUGIN_DIR
		MARIADB_TLS_DISABLE_PEER_VERIFICATION SSLKEYLOGFILE http_proxy https_proxy HTTPS_PROXY ALL_PROXY No_Proxy)

	for name in "${names[@]}"; do
		export "$name=$T/evil"
	done
	export MYSQL_PWD_='stays' PROXY='stays'
	printf '[profile lab]\ntarget = mysql://u@/d?socket=%s/none\npassword-command = env >%s/seen; echo x\n' "$T" "$T" >config
	run_code 4 didctl --config config -p lab pool list
	[ "$(grep -c '=stays$' seen)" -eq 2 ]
	! grep "$T/evil" seen || fail 'it was handed on'
	unset "${names[@]}" MYSQL_PWD_ PROXY
}

closed_files() {
	local words="918065978000 -y --region" k=0 closing

	run_ok didctl init --country IN --demo -q
	for closing in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		bash -c "didctl pool edit $words at-$((++k)) $closing" 2>/dev/null || fail "exit code $? with $closing"
		[ "$(sql "SELECT region FROM did_numbers WHERE number = '918065978000'")" = "at-$k" ] || fail "not done with $closing"
		unchanged run_code 2 bash -c "didctl pool edit 0x1F -y --region no $closing"
	done
	unchanged run_code 1 bash -c 'didctl pool lock -y - <&-'
	[[ $stderr == *'standard input'*'Bad file descriptor'* ]] || fail "$stderr"
	invariants
}

@test "closed standard files are never another file: a change is done, and nothing is written into it" {
	each_backend closed_files
}

@test "without HOME and the directories of XDG: all works but what is kept there, which is said" {
	sqlite_target
	bare() { env -u HOME -u XDG_CONFIG_HOME -u XDG_DATA_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR "$@"; }
	run_ok bare didctl init --country IN --demo -q
	run_ok bare didctl assign 918065978000 ACME -y -q
	run_ok bare didctl pool list --state assigned -o tsv -H -c number
	[ "$output" = 918065978000 ]
	run_ok bare didctl config
	run_ok bare didctl doctor -q
	run_ok bare didctl completion bash
	printf '[profile lab]\ntarget = mysql://u@/d?socket=%s/none\npassword-file = ~/secret\n' "$T" >config
	run_code 4 bare didctl --config config -p lab pool list
	echo secret >secret
	chmod 600 secret
	HOME=$T run_code 4 didctl --config config -p lab pool list
	[[ $stderr == *'cannot connect'* ]] || fail "$stderr"
}
