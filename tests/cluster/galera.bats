#!/usr/bin/env bats
# A real three-node Galera cluster on loopback: targets of several hosts, nodes that die, and changes in pieces. make cluster
load ../lib/common
load ../lib/writes

GALERA=$ROOT/tests/lib/galera

setup_file() {
	CLUSTER=$(mktemp -d /tmp/didctl-galera.XXXXXX) # not below the directory of the tests: the servers of root are nobody's
	export CLUSTER
	"$ROOT/tests/lib/galera" fetch >/dev/null || skip "Galera cannot be fetched"
	"$ROOT/tests/lib/galera" start "$CLUSTER" >&2
}

teardown_file() { "$ROOT/tests/lib/galera" wipe "$CLUSTER"; }

# Any node that is up answers for all.
node_sql() { "$GALERA" sql "$CLUSTER" "$1" --batch --skip-column-names pbx -e "$2"; }

setup() {
	common_setup
	"$GALERA" start "$CLUSTER"
	"$GALERA" sql "$CLUSTER" 1 -e 'DROP DATABASE IF EXISTS pbx; CREATE DATABASE pbx CHARACTER SET utf8mb4'
	"$GALERA" sql "$CLUSTER" 1 pbx <"$ROOT/tests/data/pbx.sql"
	DIDCTL_TARGET=$("$GALERA" url "$CLUSTER" pbx)
	export DIDCTL_TARGET
	run_ok didctl init --country IN
	run_ok didctl pool add 918060000000-9999 -y
	run_ok didctl org add Big
}

one() { echo "mysql://${2-root}@127.0.0.1:$("$GALERA" port "$CLUSTER" "$1")/pbx"; }

# All nodes hold the same, and each says that its history is true.
same_everywhere() {
	local i sums=

	"$GALERA" synced "$CLUSTER"
	for i in 1 2 3; do
		sums+=$(node_sql "$i" 'CHECKSUM TABLE did_numbers, didctl_history, didctl_changes, didctl_details' | md5sum)$'\n'
		DIDCTL_TARGET=$(one "$i") run_ok didctl doctor history replay
	done
	[ "$(sort -u <<<"${sums%$'\n'}" | wc -l)" -eq 1 ] || fail "the nodes differ: $sums"
}

@test "Galera: a node that was killed is passed over" {
	"$GALERA" kill "$CLUSTER" 1
	run_ok didctl assign 918060000000-99 Big -y
	DIDCTL_TARGET=$(one 1) run_code 4 didctl pool stats
	"$GALERA" node "$CLUSTER" 1
	same_everywhere
}

@test "Galera: a node without a majority is passed over, and refuses by itself" {
	"$GALERA" cut "$CLUSTER" 1
	run_ok didctl assign 918060000000-99 Big -y
	run_ok didctl pool list --state assigned
	[ "$(wc -l <<<"$output")" -eq 101 ]
	DIDCTL_TARGET=$(one 1) run_code 4 didctl release 918060000000-9 -y
	told 'wsrep_ready is OFF'
	"$GALERA" heal "$CLUSTER" 1
	same_everywhere
}

@test "Galera: a node that is told to reject statements is passed over, and one that is read only" {
	"$GALERA" sql "$CLUSTER" 1 -e "CREATE USER ops@'%'; GRANT ALL ON pbx.* TO ops@'%'; SET GLOBAL wsrep_reject_queries = ALL"
	run_ok didctl assign 918060000000-9 Big -y -v
	told 'wsrep_reject_queries is not NONE'
	DIDCTL_TARGET=$(one 1) run_code 4 didctl pool stats
	told 'this node of the cluster takes no statements'
	"$GALERA" sql "$CLUSTER" 1 -e 'SET GLOBAL wsrep_reject_queries = NONE, GLOBAL read_only = ON'
	DIDCTL_TARGET=${DIDCTL_TARGET/root/ops} run_ok didctl assign 918060000010-19 Big -y -v
	told 'it takes no writes'
	DIDCTL_TARGET=$(one 1 ops) run_ok didctl pool list 918060000019
	"$GALERA" sql "$CLUSTER" 1 -e 'SET GLOBAL read_only = OFF; DROP USER ops'
	same_everywhere
}

@test "Galera: a change that resolve calls not there never comes, whichever node had it on its way" {
	local ID=00000000-0000-7000-8000-000000000001

	printf 'DIDCTL_TARGET=%s didctl history resolve %s >told; echo $? >code\n' "$(one 1)" "$ID" >asks
	printf 'BEGIN; INSERT INTO didctl_changes (id, at, verb) VALUES ("%s", "x", "x");\n\\! . ./asks\nCOMMIT;\n' "$ID" >script
	run "$GALERA" sql "$CLUSTER" 3 pbx <script
	[ "$(cat code)" -eq 3 ]
	[[ $status -ne 0 && $output == *'ERROR 1213'* ]] || fail "it was committed: $output"
	run_code 3 didctl history resolve "$ID"
	same_everywhere
}

@test "Galera: a change over the limits is told, with what to do, and is done in pieces" {
	local limit

	for limit in 'wsrep_max_ws_rows = 3000' 'wsrep_max_ws_size = 65536'; do
		for i in 1 2 3; do "$GALERA" sql "$CLUSTER" "$i" -e "SET GLOBAL $limit"; done
		run_code 4 didctl pool edit 918060000000-9999 --region "${limit%% *}" -y
		told 'a transaction may not be as large as this one' '--chunk N makes a large change in pieces'
		[ "$(node_sql 1 "SELECT COUNT(*) FROM did_numbers WHERE region LIKE 'wsrep%'")" -eq 0 ]
	done
	for i in 1 2 3; do "$GALERA" sql "$CLUSTER" "$i" -e 'SET GLOBAL wsrep_max_ws_rows = 3000, GLOBAL wsrep_max_ws_size = 2147483647'; done
	run_ok didctl pool edit 918060000000-9999 --region Pune -y --chunk 1000
	for i in 1 2 3; do "$GALERA" sql "$CLUSTER" "$i" -e 'SET GLOBAL wsrep_max_ws_rows = 0'; done
	[ "$(node_sql 2 "SELECT COUNT(*) FROM did_numbers WHERE region = 'Pune'")" -eq 10000 ]
	same_everywhere
}

# The node that is written to dies in the middle: the change goes on at another one, in the same command.
@test "Galera: the node that a change in pieces writes to is killed, three times, and the change is made" {
	local pid i round=0 ID

	for i in 1 2 1; do
		printf -v ID '00000000-0000-7000-8000-%012d' $((++round))
		DIDCTL_TARGET=mysql://root@127.0.0.1:$("$GALERA" port "$CLUSTER" "$i"),127.0.0.1:$("$GALERA" port "$CLUSTER" 3)/pbx
		didctl pool edit 918060000000-9999 --region "R$i$RANDOM" -y --chunk 200 --change-id "$ID" >out 2>err 3>&- &
		pid=$!
		until [ "$(node_sql 3 "SELECT COUNT(*) FROM didctl_changes WHERE part_of = '$ID'")" -ge 5 ]; do sleep .05; done
		"$GALERA" kill "$CLUSTER" "$i"
		wait "$pid" || fail "exit code $?" "$(cat err)"
		[ "$(node_sql 3 "SELECT COUNT(*) FROM didctl_changes WHERE part_of = '$ID'")" -eq 50 ]
		"$GALERA" node "$CLUSTER" "$i"
	done
	same_everywhere
}
