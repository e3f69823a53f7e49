# shellcheck shell=bash disable=SC2154 # BACKEND and DATABASE are common's
# For tests of changes that are stopped at any moment, after common.

microseconds() { # COMMAND...: how long it takes
	local start=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1 || fail "$*"
	echo $((${EPOCHREALTIME/./} - start))
}

# stopped_at MICROSECONDS SIGNAL COMMAND...: exit code of the command, which gets the signal then.
stopped_at() {
	local pid code=0 wait

	printf -v wait '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000))
	env --default-signal=INT "${@:3}" >out 2>err 3>&- &
	pid=$!
	sleep "$wait"
	kill -s "$2" "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || code=$?
	echo "$code"
}

# No connection of a dead process is still at work, so what is read now stays.
settled() {
	[ "$BACKEND" = mysql ] || return 0
	for _ in {1..6000}; do
		[ "$(server_sql -N -e "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '$DATABASE'")" = 0 ] && return
		sleep .01
	done
	fail 'a transaction of a dead client is still open'
}

change_id() { printf '00000000-0000-7000-8000-%012d' "$1"; }
