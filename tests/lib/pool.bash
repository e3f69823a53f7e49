# shellcheck shell=bash disable=SC2154 # output is set by bats' run
# For tests of didctl pool, after common.bash.

# Thirty numbers, 918065978000 to 8029, and the organisations ACME and Globex.
inventory() { didctl -q init --country IN --demo; }

# quietly COMMAND...: a step on the way to what is tested; what it says is shown if it fails.
quietly() {
	local said

	said=$(didctl -q "$@" 2>&1) || fail "$said" "on the way: didctl $*"
}

# writes CODE ARGUMENT...: didctl with these must end with CODE, and the data's rules must hold afterwards.
writes() {
	local code=$1

	shift
	run_code "$code" didctl "$@"
	invariants
}

# refuses CODE ARGUMENT...: the same where not one byte of the target may change.
refuses() {
	local code=$1

	shift
	unchanged run_code "$code" didctl "$@"
}

# cells COLUMNS NUMBER...: of these numbers, as "a|b|c", a line each; "-" is what is absent.
cells() {
	local columns=$1

	shift
	didctl pool list "$@" -c "$columns" -o tsv -H | sed 's/\\N/-/g; s/\t/|/g'
}

# is COLUMNS NUMBER EXPECTED
is() {
	local got

	got=$(cells "$1" "$2")
	[ "$got" = "$3" ] || fail "$1 of $2: '$got', not '$3'"
}

# listed ARGUMENT...: the numbers that pool list finds, in one line, without what all of them begin with.
listed() { didctl -q pool list "$@" -c number -o tsv -H | sed 's/^91806597//' | paste -sd' '; }

# finds EXPECTED ARGUMENT...
finds() {
	local want=$1 got

	shift
	got=$(listed "$@")
	[ "$got" = "$want" ] || fail "pool list $*: '$got', not '$want'"
}

# An SQL statement as another program would write, behind didctl's back: until didctl has noticed, the table is not what
# the history says (rule 9).
pbx() {
	export PBX_WROTE=1
	sql "$1"
}

# past COLUMN NUMBERS: a date of the numbers' details is long gone by.
past() { pbx "UPDATE didctl_details SET $1 = '2020-01-01T00:00:00Z' WHERE number IN ($2)"; }
