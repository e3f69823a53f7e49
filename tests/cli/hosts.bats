#!/usr/bin/env bats
# Targets with several hosts: the next one where one refuses, is gone or is a node that is not ready; the error names each.
load ../lib/common
load ../lib/writes

setup() {
	common_setup
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private MariaDB'
	mysql_target
	stock
	DOORS=()
}

teardown() {
	[ ${#DOORS[@]} -eq 0 ] || kill "${DOORS[@]}" 2>/dev/null || true # one may have gone
	common_teardown
}

# door NAME KIND [FROM TO]: opens it; its host is in $NAME.
door() {
	local name=$1

	shift
	"$ROOT/tests/lib/door" "$T/$name.port" "$@" </dev/null >/dev/null 2>&1 3>&- &
	DOORS+=("$!")
	until [ -s "$T/$name.port" ]; do sleep .01; done
	printf -v "$name" '127.0.0.1:%s' "$(cat "$T/$name.port")"
}

# A port where nobody listens: nobody may without root.
NOBODY=127.0.0.1:1

hosts() { local IFS=,; export DIDCTL_TARGET="mysql://root@$*/$DATABASE"; }

@test "several hosts: one that refuses, one that hangs up, one that says nothing are passed over" {
	door good "$TEST_SERVER/s"
	door gone gone
	door shut shut
	hosts "$NOBODY" "$gone" "$good"
	run_ok didctl assign 918065978000 ACME
	hosts "$shut" "$good"
	run_ok didctl release 918065978000 -y --timeout 6
	hosts "$good" "$NOBODY"
	run_ok didctl pool show 918065978000
}

@test "several hosts: -v and doctor say which one is used, and which were passed over and why" {
	door good "$TEST_SERVER/s"
	hosts "$NOBODY" "$good"
	run_ok didctl -v pool list --limit 1
	told "store: works with host $good; passed over $NOBODY: Can't connect"
	run_ok didctl doctor server -o json
	json '.[] | select(.detail | startswith("works with host")) | .severity' warning
	[[ $output == *"works with host $good, others are passed over: $NOBODY: Can't connect"* ]] || fail "$output"
	hosts "$good" "$NOBODY"
	run_ok didctl -v pool list --limit 1
	told "store: works with host $good\$"
	run_ok didctl doctor server -o json
	[[ $output != *'passed over'* ]] || fail "$output"
}

@test "several hosts: a node that is not ready is passed over, for reading too" {
	door good "$TEST_SERVER/s"
	door node "$TEST_SERVER/s" @@wsrep_on "'ON'"
	hosts "$node" "$good"
	run_ok didctl assign 918065978000 ACME
	run_ok didctl pool list --state assigned
	hosts "$node"
	unchanged run_code 4 didctl release 918065978000 -y
	told "$node/$DATABASE': this node of the cluster is not ready: wsrep_ready is OFF"
}

@test "several hosts: one that goes while its tables are looked at" {
	door good "$TEST_SERVER/s"
	door goes "$TEST_SERVER/s" 'SELECT name, value FROM didctl_meta'
	hosts "$goes" "$good"
	run_ok didctl assign 918065978000 ACME
	timeout 120 tail --pid="${DOORS[1]}" -f /dev/null || fail 'the host has never gone'
}

@test "several hosts: one that lets in, and refuses once its tables are looked at, is tried last from then on" {
	local refuses="SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 1047, MESSAGE_TEXT = 'WSREP has not yet prepared node'"

	door good "$TEST_SERVER/s"
	door node "$TEST_SERVER/s" 'SELECT name, value FROM didctl_meta' "$refuses"
	door other "$TEST_SERVER/s" 'SELECT name, value FROM didctl_meta' "$refuses"
	hosts "$node" "$other" "$good"
	run_ok didctl -v assign 918065978000 ACME
	told "store: works with host $good; passed over $node: let in, and then refused; $other: let in"
	hosts "$node" "$other"
	unchanged run_code 4 didctl release 918065978000 -y --timeout 4
	told 'WSREP has not yet prepared node'
}

@test "several hosts: a server that takes no writes is used for reading, and for writing only where no other is left" {
	door good "$TEST_SERVER/s"
	door copy "$TEST_SERVER/s" '@@global.read_only' "'ON'"
	hosts "$copy" "$good"
	run_ok didctl pool list --limit 1
	run_ok didctl -v assign 918065978000 ACME
	told "store: works with host $good; passed over $copy: it takes no writes"
	hosts "$copy" "$NOBODY"
	run_ok didctl release 918065978000 -y
}

@test "several hosts: when none is left each is named with its reason, and nothing is changed" {
	door node "$TEST_SERVER/s" @@wsrep_on "'ON'"
	door gone gone
	hosts "$NOBODY" "$node" "$gone"
	unchanged run_code 4 didctl assign 918065978000 ACME
	told "no host of 'mysql://root@$NOBODY,$node,$gone/$DATABASE' can be used: $NOBODY: Can't connect" \
		"; $node: this node of the cluster is not ready: wsrep_ready is OFF; $gone: Lost connection"
	[ "$(grep -c ^didctl: <<<"$stderr")" -eq 1 ]
}

@test "several hosts: what is an answer is not asked elsewhere" {
	door good "$TEST_SERVER/s"
	hosts "$good" "$NOBODY"
	DIDCTL_TARGET+=_none run_code 4 didctl pool list
	told "127.0.0.1:.*Unknown database"
	! grep -q "$NOBODY" <<<"$stderr" || fail "$stderr"
}

@test "several hosts: the connection that is lost in a change is made again to one that is left" {
	local pid

	door first "$TEST_SERVER/s"
	door second "$TEST_SERVER/s"
	hosts "$first" "$second"
	mkfifo go
	{ echo 'BEGIN; UPDATE did_numbers SET region = region; SELECT 1;'; cat go; } |
		mariadb --no-defaults -uroot -S"$TEST_SERVER/s" -n -N "$DATABASE" >held 3>&- &
	exec 9>go
	until [ -s held ]; do sleep .01; done
	didctl assign 918065978000-9 ACME -y >out 2>err 3>&- 9>&- &
	pid=$!
	until [ "$(server_sql -N -e "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '$DATABASE' AND time_ms > 50 AND
		command NOT IN ('Sleep')")" -ge 1 ]; do sleep .01; done
	kill "${DOORS[0]}"
	DOORS=("${DOORS[1]}")
	exec 9>&-
	wait "$pid" || fail "exit code $?" "$(cat err)"
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE pool_status = 'assigned'")" -eq 10 ]
	[ "$(sql "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'assign'")" -eq 1 ]
	DIDCTL_TARGET="mysql://root@/$DATABASE?socket=$TEST_SERVER/s" invariants
}
