# shellcheck shell=bash disable=SC2034 # what is set here is read by the tests
# For bats: load ../lib/common
#
# Each test gets an empty directory ($T, also the working directory and HOME), no didctl settings but its own, and `didctl`
# in PATH as the program under test: $DIDCTL, words that may name a wrapper; else the one that make left.
# $TEST_SERVER is the directory of a private MariaDB that tests/run started.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${DIDCTL:=$ROOT/didctl}"

setup() { common_setup; }
teardown() { common_teardown; }

common_setup() {
	T=$BATS_TEST_TMPDIR/t
	mkdir -p "$T/home" "$T/run"
	chmod 700 "$T/run"
	unset "${!DIDCTL_@}"
	export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config XDG_DATA_HOME=$T/home/.local/share
	export XDG_STATE_HOME=$T/home/.local/state XDG_CACHE_HOME=$T/home/.cache XDG_RUNTIME_DIR=$T/run
	export TZ=UTC LC_ALL=C.UTF-8
	[ -d "$BATS_FILE_TMPDIR/bin" ] || programs "$BATS_FILE_TMPDIR/bin"
	PATH=$T/bin:$BATS_FILE_TMPDIR/bin:$PATH
	TARGETS=0 DATABASES=()
	cd "$T" || return 1
}

# programs DIR: what every test of a file finds in PATH; a program and not a function, so that xargs, timeout, expect and bash -c
# find it, too.
programs() {
	mkdir "$1"
	if [ -x "$DIDCTL" ]; then
		ln -s "$DIDCTL" "$1/didctl"
	else
		printf '#!/bin/sh\nexec %s "$@"\n' "$DIDCTL" >"$1/didctl"
		chmod +x "$1/didctl"
	fi
}

common_teardown() {
	[ ${#DATABASES[@]} -eq 0 ] || server_sql -e "$(printf 'DROP DATABASE IF EXISTS %s;' "${DATABASES[@]}")"
}

server_sql() {
	mariadb --no-defaults --default-character-set=utf8mb4 -uroot \
		-S"${TEST_SERVER:?no private MariaDB: run it through tests/run}/s" "$@"
}

# A fresh embedded target; the file is not there yet: `didctl init` makes it.
sqlite_target() {
	BACKEND=sqlite DATABASE=$T/inventory$((++TARGETS)).db
	export DIDCTL_TARGET=sqlite:$DATABASE
}

# A fresh database with the PBX's three empty tables.
mysql_target() {
	BACKEND=mysql DATABASE=t_$$_${BATS_SUITE_TEST_NUMBER}_$((++TARGETS))
	DATABASES+=("$DATABASE")
	server_sql -e "CREATE DATABASE $DATABASE CHARACTER SET utf8mb4; USE $DATABASE; $(<"$ROOT/tests/data/pbx.sql")"
	export DIDCTL_TARGET="mysql://root@/$DATABASE?socket=$TEST_SERVER/s"
}

# each_backend COMMAND...: the same body on a fresh target of either store; without a server loudly on SQLite alone.
each_backend() {
	sqlite_target
	echo "on $BACKEND:"
	"$@"
	if [ -z "${TEST_SERVER-}" ]; then
		echo "# $BATS_TEST_DESCRIPTION: not run on MariaDB, there is no private server" >&3
		return
	fi
	mysql_target
	echo "on $BACKEND:"
	"$@"
}

# sql STATEMENT...: on the current target; rows as tab-separated values without a heading.
sql() {
	case $BACKEND in
	sqlite) sqlite3 -batch -noheader -separator $'\t' "$DATABASE" "$@" ;;
	mysql) server_sql --batch --skip-column-names "$DATABASE" -e "$*" ;;
	esac
}

# All that the current target holds, to compare before and after. Counters that a rolled-back insert may move are left out.
# A dump that fails is a failure: two that are empty for that reason would be alike.
dump() (
	set -o pipefail
	case $BACKEND in
	sqlite) [ ! -e "$DATABASE" ] || sqlite3 -batch "$DATABASE" .dump ;;
	mysql) mariadb-dump --no-defaults -uroot -S"$TEST_SERVER/s" --compact --order-by-primary --hex-blob "$DATABASE" |
		sed 's/ AUTO_INCREMENT=[0-9]*//' ;;
	esac
)

checksum() (
	set -o pipefail
	dump | sha256sum
)

# unchanged COMMAND...: fails when the command changes the target.
unchanged() {
	local before

	before=$(checksum)
	"$@"
	[ "$before" = "$(checksum)" ] || fail "the target was changed by: $*"
}

# today [ZONE]: which day it is there; not in its last half minute, lest it is over when the next command comes.
today() {
	while [[ $(TZ=${1-UTC} date +%T) > 23:59:30 ]]; do
		sleep 1
	done
	TZ=${1-UTC} date +%F
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# run_code N COMMAND...: what bats' run --separate-stderr does, with a third of its processes, and the exit code must be N.
# Leaves $status, $output (stdout), $stderr and $lines.
run_code() {
	local flags=$- code

	set +eET # no trap of bats for each line of what follows
	ran "$@"
	code=$?
	set "-$flags"
	return "$code"
}

ran() { # N COMMAND...
	local told=$BATS_TEST_TMPDIR/stderr.$BASHPID

	output=$("${@:2}" 2>"$told")
	status=$?
	IFS= read -rd '' stderr <"$told"
	stderr=${stderr%$'\n'}
	IFS=$'\n' read -rd '' -a lines <<<"$output"
	[ "$status" -eq "$1" ] || fail "exit code $status, not $1: ${*:2}" "stdout: $output" "stderr: $stderr"
}

run_ok() { run_code 0 "$@"; }

# In a tenth of the time: the jq of Debian 12 compiles its library at each start. What a page says of jq is jq's.
! type -P gojq >/dev/null || jq() { gojq "$@"; }

# json FILTER [EXPECTED]: what jq finds in the last $output; with EXPECTED it has to be that.
json() {
	local got

	got=$(jq -r "$1" <<<"$output") || fail "no JSON: $output"
	[ $# -gt 1 ] || { printf '%s\n' "$got"; return; }
	[ "$got" = "$2" ] || fail "$1 is '$got', not '$2', in: $output"
}

# in_order KEYS: so those of the last $output begin, as they stand there; gojq would sort them.
in_order() {
	local keys

	keys=$(grep -o '"[a-z_]*":' <<<"$output" | tr -d '":' | paste -sd,)
	[[ $keys, == "$1",* ]] || fail "the keys are not $1: $keys"
}

# The rules of the data that must hold whatever was done (tests/lib/invariants).
invariants() { "$ROOT/tests/lib/invariants" "$DIDCTL_TARGET"; }
