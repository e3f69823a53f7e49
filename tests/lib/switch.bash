# shellcheck shell=bash
# For bats, after common: the real switch, one for each file of tests, as two would overwrite each other's dialplan.
#   setup_file() { switch_start; }  teardown_file() { switch_stop; }  and `needs_switch` in each test that wants it
# $SWITCH is its directory (tests/lib/asterisk); files for it go to $SWITCH/etc/didctl.

switch_start() {
	export SWITCH=$BATS_FILE_TMPDIR/switch
	[ -z "${TEST_ASTERISK-}" ] || "$BATS_TEST_DIRNAME/../lib/asterisk" start "$SWITCH"
}

switch_stop() { "$BATS_TEST_DIRNAME/../lib/asterisk" stop "$SWITCH"; }

needs_switch() {
	[ -n "${TEST_ASTERISK-}" ] || skip 'no Asterisk (tests/run fetches it)'
}

# The lines of a configuration that reaches it.
switch_settings() {
	printf 'ami = didctl@%s\nami-secret-file = %s\nasterisk-dir = %s\n' "$(cat "$SWITCH/ami")" "$SWITCH/secret" "$SWITCH/etc/didctl"
}

# switch_rx COMMAND: what its command line answers.
switch_rx() { "$ROOT/tests/lib/asterisk" rx "$SWITCH" "$@"; }
