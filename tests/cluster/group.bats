#!/usr/bin/env bats
# Group Replication that loses its majority in the middle of a COMMIT, which then is never answered: what is told, and what is
# true when the members are back. make cluster
load ../lib/common
load ../lib/writes

MYSQL9=$ROOT/tests/lib/mysql9
ID=00000000-0000-7000-8000-00000000000

setup_file() {
	CLUSTER=$(mktemp -d)
	export CLUSTER
	"$ROOT/tests/lib/mysql9" fetch >/dev/null || skip "MySQL 9 cannot be fetched"
	"$ROOT/tests/lib/mysql9" group "$CLUSTER" >&2
	# An operator who may not look into the group: for him a member is like any other server.
	"$ROOT/tests/lib/mysql9" sql "$CLUSTER/n1" -e "CREATE USER ops@'%'; GRANT ALL ON pbx.* TO ops@'%'"
}

teardown_file() { "$ROOT/tests/lib/mysql9" wipe "$CLUSTER"; }

setup() {
	common_setup
	"$MYSQL9" group "$CLUSTER"
	member_sql 3 -e 'DROP DATABASE IF EXISTS pbx; CREATE DATABASE pbx CHARACTER SET utf8mb4'
	member_sql 3 pbx <"$ROOT/tests/data/pbx.sql"
	ALL=$("$MYSQL9" url "$CLUSTER" pbx)
	DIDCTL_TARGET=$(one 3)
	export DIDCTL_TARGET
	run_ok didctl init --country IN
	run_ok didctl pool add 918060000000-99 -y
	run_ok didctl org add Big
	"$MYSQL9" synced "$CLUSTER"
}

teardown() {
	for i in 1 2 3; do
		"$MYSQL9" wake "$CLUSTER/n$i" || true
	done
	common_teardown
}

member_sql() { local i=$1; shift; "$MYSQL9" sql "$CLUSTER/n$i" "$@"; }
one() { echo "mysql://${2-root}@127.0.0.1:$("$MYSQL9" port "$CLUSTER/n$1")/pbx"; }

# What member 3 knows of the other two.
sees() { # STATE
	until [ "$(member_sql 3 -Ne "SELECT COUNT(*) FROM performance_schema.replication_group_members
		WHERE member_state = '$1'")" -eq 2 ]; do sleep .1; done
}

# The command of all these tests.
assigning() { didctl assign 918060000000-9 Big -y --change-id "$1" "${@:2}"; }

# unanswered ID SECONDS VERB: the command on member 3; when it waits for a row, `mysql9 VERB` is done to the other two, and then
# it gets the row and comes to its COMMIT.
unanswered() {
	local pid waits="SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"

	coproc HOLDER { member_sql 3 pbx -N --unbuffered; }
	echo 'BEGIN; SELECT number FROM did_numbers WHERE number = "918060000005" FOR UPDATE;' >&"${HOLDER[1]}"
	read -r <&"${HOLDER[0]}"
	timeout 60 didctl assign 918060000000-9 Big -y --change-id "$1" --timeout "$2" >out 2>err 3>&- &
	pid=$!
	until [ "$(member_sql 3 -Ne "$waits")" -gt 0 ]; do sleep .1; done
	for i in 1 2; do "$MYSQL9" "$3" "$CLUSTER/n$i"; done
	echo 'ROLLBACK; QUIT' >&"${HOLDER[1]}"
	status=0
	wait "$pid" || status=$?
	stderr=$(cat err)
	[ "$status" -eq 7 ] || fail "exit code $status" "$stderr"
	told "the outcome of change $1 is unknown" "hint: didctl history resolve $1"
}
# What `history resolve` says of the change is what each member holds; then the same command makes it, and each number has it once.
true_and_once() { # ID [EXPECTED]
	local i code n

	"$MYSQL9" synced "$CLUSTER"
	run didctl history resolve "$1"
	code=$status
	[ "$code" -eq "${2-$code}" ] || fail "resolve ends with $code: $output"
	for i in 1 2 3; do
		n=$(member_sql "$i" pbx -Ne "SELECT COUNT(*) FROM did_numbers WHERE org_id IS NOT NULL")
		case $code in
		0) [ "$n" -eq 10 ] ;;
		3) [ "$n" -eq 0 ] ;;
		*) false ;;
		esac || fail "resolve ends with $code, and member $i has $n numbers assigned"
	done
	run_ok assigning "$1"
	"$MYSQL9" synced "$CLUSTER"
	for i in 1 2 3; do
		[ "$(member_sql "$i" pbx -Ne 'SELECT COUNT(*), SUM(org_id IS NOT NULL) FROM did_numbers')" = $'100\t10' ]
		DIDCTL_TARGET=$(one "$i") run_ok didctl doctor history replay
		DIDCTL_TARGET=$(one "$i") run_ok didctl history 918060000000-9 -o json
		json '[.[] | select(.verb == "assign") | .number] | "\(length) \(unique | length)"' '10 10'
	done
}

@test "Group Replication: two of three stand still, and go on" {
	unanswered "${ID}1" 5 stun
	DIDCTL_TARGET=$(one 3 ops) run_code 7 didctl history resolve "${ID}1" --timeout 2
	[[ $output == *'is still open'* ]]
	sees UNREACHABLE
	run_code 4 didctl history resolve "${ID}1"
	told 'does not reach a majority'
	run_code 4 assigning "${ID}2"
	told 'does not reach a majority'
	# What the only host knows may be read.
	run_ok didctl pool stats -o json
	json '.[0].count' 100
	run_code 4 didctl doctor server --strict --timeout 3 -t "$ALL"
	told 'does not reach a majority' 'each was tried in turn'
	run_code 3 didctl doctor server --strict
	[[ $output == *'does not reach a majority of it: it takes no changes'* ]]
	for i in 1 2; do "$MYSQL9" wake "$CLUSTER/n$i"; done
	"$MYSQL9" group "$CLUSTER"
	true_and_once "${ID}1"
	run_code 3 didctl history resolve "${ID}2"
}

@test "Group Replication: two of three are killed, and the third is told to go on alone" {
	unanswered "${ID}1" 5 kill
	sees UNREACHABLE
	member_sql 3 -e "SET GLOBAL group_replication_force_members = '127.0.0.1:$(cat "$CLUSTER/n3/group-port")';
		SET GLOBAL group_replication_force_members = ''"
	run_ok didctl history resolve "${ID}1"
	DIDCTL_TARGET=$ALL run_ok didctl pool list 918060000000 -H -c state
	[ "$output" = assigned ]
	"$MYSQL9" group "$CLUSTER"
	true_and_once "${ID}1" 0
}

@test "Group Replication: all three are killed with the change on its way in one of them" {
	unanswered "${ID}1" 5 kill
	"$MYSQL9" kill "$CLUSTER/n3"
	"$MYSQL9" group "$CLUSTER"
	true_and_once "${ID}1" 3
}

# Then COMMIT ends with 3100, "Error on observer": the others may have got the change all the same.
@test "Group Replication: a member that leaves in the middle of a COMMIT" {
	member_sql 3 -e 'SET GLOBAL group_replication_unreachable_majority_timeout = 2'
	unanswered "${ID}1" 15 stun
	[ "$(member_sql 3 -Ne 'SELECT member_state FROM performance_schema.replication_group_members
		WHERE member_id = @@server_uuid')" = ERROR ]
	run_code 3 didctl doctor server --strict
	[[ $output == *'is not online in it: it takes no changes'* ]]
	for i in 1 2; do "$MYSQL9" wake "$CLUSTER/n$i"; done
	sleep 1
	"$MYSQL9" group "$CLUSTER"
	true_and_once "${ID}1"
	member_sql 3 -e 'SET GLOBAL group_replication_unreachable_majority_timeout = 0'
}

@test "Group Replication: a change that resolve calls not there never comes, whichever member had it on its way" {
	printf 'DIDCTL_TARGET=%s didctl history resolve %s >told; echo $? >code\n' "$(one 1)" "${ID}1" >asks
	printf 'BEGIN; INSERT INTO didctl_changes (id, at, verb) VALUES ("%s", "x", "x");\n\\! . ./asks\nCOMMIT;\n' "${ID}1" >script
	run member_sql 3 pbx <script
	[ "$(cat code)" -eq 3 ]
	[[ $status -ne 0 && $output =~ ERROR\ (1180|1213|3101) ]] || fail "it was committed: $output"
	run_code 3 didctl history resolve "${ID}1"
}

@test "Group Replication: a member in offline mode is passed over, and the right to look into the group is asked for" {
	member_sql 1 -e 'SET GLOBAL offline_mode = ON'
	DIDCTL_TARGET=${ALL/root/ops} run_ok assigning "${ID}1"
	DIDCTL_TARGET=$(one 1 ops) run_code 4 didctl pool stats
	told 'offline mode'
	member_sql 1 -e 'SET GLOBAL offline_mode = OFF'
	DIDCTL_TARGET=$(one 3 ops) run_code 3 didctl doctor rights --strict -o json
	json '.[0].fix' "GRANT SELECT ON \`performance_schema\`.\`replication_group_members\` TO 'ops'@'%';"
	run_ok didctl doctor rights --strict
}
