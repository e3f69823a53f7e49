# shellcheck shell=bash
# For tests with many processes on one inventory at once, after common.

# racers N COMMAND...: N processes at once, each with its number in $RACER; their exit codes, outputs and messages are left
# in the files N.code, N.out and N.err.
racers() {
	local n=$1 pids=() i

	shift
	rm -f -- *.code *.out *.err
	for ((i = 1; i <= n; i++)); do
		(
			code=0
			RACER=$i "$@" >"$i.out" 2>"$i.err" || code=$?
			echo "$code" >"$i.code"
		) 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# codes CODE: how many ended so.
codes() { cat -- *.code | grep -cx "$1" || true; }

# only CODE...: no process ended otherwise.
only() {
	local code

	code=$(cat -- *.code | grep -vx "$(printf '%s\n' "$@")" | head -n 1) || true
	[ -z "$code" ] || fail "one ended with $code" "$(grep -lx "$code" -- *.code | sed 's/code$/err/' | xargs cat)"
}
