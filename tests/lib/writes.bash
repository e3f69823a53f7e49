# shellcheck shell=bash disable=SC2034,SC2154 # for the tests that load it; status, output and stderr are set by bats' run
# For tests of the writing verbs, after common: an inventory to start from, and changes with what is expected of them.

# The 30 numbers of the demo (000-020 prod, 021-024 staging, 025-029 oss; all available) and its two organisations.
stock() {
	run_ok didctl init --country IN --demo
	ACME=$(sql "SELECT id FROM organizations WHERE name = 'ACME'")
	GLOBEX=$(sql "SELECT id FROM organizations WHERE name = 'Globex'")
}

# The rows of the PBX's three tables, in no order of their own: an undone delete puts its row at the end of SQLite's file.
pbx_rows() {
	local table

	for table in did_numbers organizations users; do
		sql "SELECT * FROM $table" | sort
	done
}

# done_by COMMAND...: a change that must succeed; its id is left in $CHANGE.
done_by() {
	run_ok didctl "$@" -y -o json
	CHANGE=$(jq -r .change_id <<<"$output")
}

# refused_by CODE WORD COMMAND...: the change is refused with the exit code and each refused number with the word of
# cli.md, and nothing is written.
refused_by() {
	local code=$1 word=$2

	shift 2
	unchanged run_code "$code" didctl "$@" -y -o json
	json '.changed' 0
	[ "$(jq -r '[.numbers[] | select(.result == "refused") | .code] | unique | join(",")' <<<"$output")" = "$word" ] ||
		fail "refused for another reason: $output"
}

# told PATTERN...: each stands on stderr of the last run.
told() {
	local pattern

	for pattern; do
		grep -q -- "$pattern" <<<"$stderr" || fail "'$pattern' is not told: $stderr"
	done
}

# field NUMBER KEY EXPECTED
field() {
	local got

	got=$(didctl pool list "$1" -o json -c "$2" | jq -r --arg key "$2" '.[0][$key]')
	[ "$got" = "$3" ] || fail "$2 of $1 is '$got', not '$3'"
}
