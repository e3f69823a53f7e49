# shellcheck shell=bash disable=SC2034 # for the tests that load it
# For tests of bad input, after common. Without bats' run and without a program for each look: there are hundreds of them.

# What a terminal would act on: controls, C1, and text that reads backwards or is not seen.
ESCAPE=$'\e]52;c;QUFB\a' CONTROL=$'\xc2\x9b31m' BIDI=$'x\xe2\x80\xaey' BROKEN=$'\xff' OVERLONG=$'\xc0\x80' SURROGATE=$'\xed\xa0\x80'

safe_for_terminal() { # TEXT
	local LC_ALL=C

	[[ $1 != *[$'\x01'-$'\x08'$'\x0b'-$'\x1f'$'\x7f']* && $1 != *$'\xc2'[$'\x80'-$'\x9f']* && $1 != *$'\xe2\x80\xae'* ]]
}

# refuses CODE PATTERN COMMAND...: ends with the code, says one line that matches the extended regular expression,
# prints no data and puts nothing that a terminal would act on into the message. Leaves $stderr.
refuses() {
	local code=$1 pattern=$2 line got=0 said=() matched=

	shift 2
	didctl "$@" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	stderr=$(<"$BATS_TEST_TMPDIR/err")
	[ "$got" -eq "$code" ] || fail "exit code $got, not $code: didctl ${*@Q}" "stderr: $stderr"
	[ ! -s "$BATS_TEST_TMPDIR/out" ] || fail "data on stdout: $(<"$BATS_TEST_TMPDIR/out")" "of: didctl ${*@Q}"
	while IFS= read -r line; do
		[[ $line != 'didctl: '* ]] || said+=("$line")
		[[ ! $line =~ $pattern ]] || matched=1
	done <<<"$stderr"
	[ "${#said[@]}" -eq 1 ] || fail "${#said[@]} lines and not one: $stderr" "of: didctl ${*@Q}"
	[ -n "$matched" ] || fail "no match of '$pattern' in: $stderr" "of: didctl ${*@Q}"
	safe_for_terminal "$stderr" || fail "control characters: ${stderr@Q}"
}
