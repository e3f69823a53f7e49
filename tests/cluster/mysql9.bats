#!/usr/bin/env bats
# MySQL 9 and its Group Replication, three members on loopback. make cluster
load ../lib/common
load ../lib/writes

MYSQL9=$ROOT/tests/lib/mysql9

setup_file() {
	CLUSTER=$(mktemp -d)
	export CLUSTER
	"$ROOT/tests/lib/mysql9" fetch >/dev/null || skip "MySQL 9 cannot be fetched"
	"$ROOT/tests/lib/mysql9" group "$CLUSTER" >&2
}

teardown_file() { "$ROOT/tests/lib/mysql9" wipe "$CLUSTER"; }

setup() {
	common_setup
	"$MYSQL9" sql "$CLUSTER/n3" -e 'DROP DATABASE IF EXISTS pbx; CREATE DATABASE pbx CHARACTER SET utf8mb4'
	"$MYSQL9" sql "$CLUSTER/n3" pbx <"$ROOT/tests/data/pbx.sql"
	DIDCTL_TARGET=$(one 3)
	export DIDCTL_TARGET
	run_ok didctl init --country IN
	run_ok didctl pool add 918060000000-999 -y
	run_ok didctl org add Big
	DIDCTL_TARGET=$("$MYSQL9" url "$CLUSTER" pbx)
}

one() { echo "mysql://root@127.0.0.1:$("$MYSQL9" port "$CLUSTER/n$1")/pbx"; }

@test "MySQL 9: a change in pieces, its undo, and a history that is true" {
	DIDCTL_TARGET=$(one 3)
	run_ok didctl assign 918060000000-499 Big -y --chunk 150
	run_ok didctl undo "$(didctl history -o json | jq -r '.[0].change_id')" -y
	[ "$(didctl pool list --state assigned -H | wc -l)" -eq 0 ]
	run_ok didctl doctor history replay
}

@test "MySQL 9: a transaction over the limit of the group is told, with what to do" {
	"$MYSQL9" sql "$CLUSTER/n3" -e 'SET GLOBAL group_replication_transaction_size_limit = 20000'
	DIDCTL_TARGET=$(one 3) run_code 4 didctl pool edit 918060000000-999 --region Pune -y
	told 'a transaction may not be as large as this one' '--chunk N makes a large change in pieces'
	DIDCTL_TARGET=$(one 3) run_ok didctl pool edit 918060000000-999 --region Pune -y --chunk 20
	"$MYSQL9" sql "$CLUSTER/n3" -e 'SET GLOBAL group_replication_transaction_size_limit = 150000000'
}

@test "Group Replication: a member that left, and one without a majority, are not worked with" {
	"$MYSQL9" sql "$CLUSTER/n1" -e 'STOP GROUP_REPLICATION; SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF'
	run_ok didctl assign 918060000000-99 Big -y
	DIDCTL_TARGET=$(one 1) run_code 4 didctl release 918060000000-9 -y
	told 'this member of the replication group is not online in it'
	"$MYSQL9" join "$CLUSTER" 1
	"$MYSQL9" kill "$CLUSTER/n1"
	"$MYSQL9" kill "$CLUSTER/n2"
	until "$MYSQL9" sql "$CLUSTER/n3" -Ne 'SELECT COUNT(*) FROM performance_schema.replication_group_members
		WHERE member_state = "UNREACHABLE"' | grep -qx 2; do sleep .1; done
	run_code 4 didctl release 918060000000-9 -y
	told 'does not reach a majority' "$(one 1 | sed 's,.*@\(.*\)/pbx,\1,'): "
}
