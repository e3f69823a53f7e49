#!/usr/bin/env bats
# didctl regen and the real switch: what it runs is what the inventory says. Without $TEST_ASTERISK (tests/run fetches it)
# every test says that it was skipped.
# shellcheck disable=SC2016,SC2154 # what the switch expands is not for the shell; output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/switch
load ../lib/regen

setup_file() { switch_start; }
teardown_file() { switch_stop; }

setup() {
	common_setup
	needs_switch
}

teardown() {
	rm -f "$SWITCH"/etc/didctl/{*.rejected,*.last-good,.didctl*,ext_*,test.conf}
	common_teardown
}

# As wired, with the files of the real switch.
running() {
	wired
	FILES=$SWITCH/etc/didctl
	mkdir -p "$FILES"
	rm -f "$FILES"/{ext_*,.didctl*}
	switch_settings >"$XDG_CONFIG_HOME/didctl/config"
}

# "918065978002 org_x": where the dispatcher that runs leads
routes_running() {
	switch_rx dialplan show from-tata | sed -nE \
		"s/^  '([0-9+]+)' => +1\. Goto\((.*)__incoming,\1,1\) .*/\1 \2/p; s/^  '([0-9+]+)' => +1\. Dial\(PJSIP\/\\$\{EXTEN\}@([a-z-]+)\) .*/\1 \2/p"
}

runs() {
	[ "$(routes_running | sort)" = "$(routes_wanted | sort)" ] ||
		fail 'the switch does not run what the inventory says:' "$(diff <(routes_running | sort) <(routes_wanted | sort))"
}

seed_runs() {
	running
	run_ok didctl regen
	[[ $stderr == *"3 files written in $FILES, loaded and verified"* ]] || fail "$stderr"
	[ "$(routes_running | wc -l)" -eq 22 ]
	runs
	grep -B 1 -A 3 '== [A-Z]' "$FILES/$GATEWAY" | grep -q '== PROD org_mnd5khym'
	run_ok didctl regen --check
	[ -z "$output$stderr" ] || fail "$output$stderr"
	intact run_ok didctl regen
	quick pool edit 918065978002 --note 'moves no call'
	run_ok didctl regen --check
	run_ok didctl assign 918065978010 Globex --regen
	runs
	run_ok didctl env set staging 918065978010 --regen -y
	runs
	run_ok didctl undo "$(sql "SELECT id FROM didctl_changes WHERE verb = 'env set' ORDER BY at DESC LIMIT 1")" --regen -y
	runs
	run_ok didctl release 918065978010 --regen -y
	runs
	run_ok didctl regen --check
}

@test "the seed's 30 numbers: dialplan show is the inventory, under both spellings, and stays so with --regen" {
	each_backend seed_runs
}

# call NUMBER: where a call to it ends, as "CONTEXT,EXTENSION"
call() {
	: >"$SWITCH/log/calls"
	switch_rx channel originate "Local/$1@from-tata" application Wait 1 >/dev/null
	for _ in {1..6000}; do
		[ ! -s "$SWITCH/log/calls" ] || break
		sleep .01
	done
	cat "$SWITCH/log/calls"
}

@test "a call to 08065978002 and to 918065978002 ends in the same organisation's context" {
	sqlite_target
	running
	quick pool edit 918065978005 --route extension:1000
	# What stands behind the organisations' contexts: whoever comes in leaves a note of where.
	for context in org_mnd5khym__queue org_q3x8w2pa__extension; do
		printf '[%s]\nexten => _[a-z0-9].,1,System(echo ${CONTEXT},${EXTEN} >>%s)\n same => n,Hangup()\n' "$context" "$SWITCH/log/calls"
	done >"$FILES/test.conf"
	run_ok didctl regen
	[ "$(call 08065978002)" = org_mnd5khym__queue,sales ] || fail "$(tail -n 20 "$SWITCH/log/full")"
	[ "$(call 918065978002)" = org_mnd5khym__queue,sales ]
	[ "$(call 918065978005)" = org_q3x8w2pa__extension,1000 ]
	[ "$(call 08065978005)" = org_q3x8w2pa__extension,1000 ]
	run_ok didctl assign 918065978002 Globex --transfer --regen -y
	[ "$(call 08065978005)" = org_q3x8w2pa__extension,1000 ]
	run_ok didctl pool edit 918065978002 --route extension:1002 --regen
	[ "$(call 08065978002)" = org_q3x8w2pa__extension,1002 ]
	[ "$(call 918065978002)" = org_q3x8w2pa__extension,1002 ]
}

@test "100,000 numbers are reloaded and verified, and each is there" {
	sqlite_target
	running
	quick pool add 918060000000-918060099999 --expect 100000
	quick assign 918060000000-918060049999 ACME --expect 50000
	quick assign 918060050000-918060099999 Globex --expect 50000
	run_ok didctl regen
	[[ $stderr == *'loaded and verified'* ]] || fail "$stderr"
	switch_rx dialplan show from-tata | tail -n 3 | grep -q -- '-= 200022 extensions (200022 priorities) in 1 context. =-'
	switch_rx dialplan show 08060099999@from-tata | grep -q 'Goto(org_q3x8w2pa__incoming,08060099999,1)'
	run_ok didctl regen --check
	run_ok didctl release 918060000000 --regen -y
	switch_rx dialplan show 918060000000@from-tata | grep -q 'no existence'
}

@test "what another file adds to the dispatcher's context does not count, and is told where it shadows" {
	sqlite_target
	running
	printf '[from-tata]\nexten => _X.,1,NoOp(UNROUTED ${EXTEN})\n same => n,Hangup(1)\n' >"$FILES/test.conf"
	run_ok didctl regen
	runs
	run_ok didctl regen --check
}

@test "a file that is not included, or is cut short on the disk: the files of before run, 1" {
	sqlite_target
	running
	run_ok didctl regen
	cp "$FILES/$GATEWAY" good
	quick assign 918065978010 ACME
	# The switch reads the directory in the order of its names: this one swallows what comes after it.
	printf '[x]\nexten => 1,1,NoOp()\n;-- \n' >"$FILES/a.conf"
	run_code 1 didctl regen --timeout 5 # in which each answer has to come
	cmp good "$FILES/$GATEWAY"
	rm "$FILES/a.conf"
	run_ok didctl regen
	runs
	sed -i '/^exten => 9.*8004/,$d' "$FILES/$GATEWAY"
	run_code 3 didctl regen --check
	run_code 6 didctl regen
	run_ok didctl regen --adopt
	runs
	# Drift of the switch alone: it was made to run something else.
	cp "$FILES/$GATEWAY" kept
	sed -i '/918065978004/d' "$FILES/$GATEWAY"
	switch_rx dialplan reload >/dev/null
	cp kept "$FILES/$GATEWAY"
	run_code 3 didctl regen --check
	[[ $output == *'does not run what was written'* ]] || fail "$output"
	run_code 3 didctl regen --check -q
	[ -z "$output$stderr" ]
	run_ok didctl regen
	run_ok didctl regen --check
}

@test "hostile rows: not one of them is run by the switch" {
	sqlite_target
	running
	run_ok didctl regen
	sql "INSERT INTO did_numbers (id, number, org_id, pool_status) VALUES ('x', '\${SHELL(touch $T/ran)}', '$ACME', 'assigned')"
	sql "UPDATE did_numbers SET routing_destination = '1,1)' || char(10) || 'exten => 1,1,System(touch $T/ran)' WHERE number = '918065978002'"
	run_code 6 didctl regen
	run_code 5 didctl regen --partial -y --force
	[ "$(routes_running | wc -l)" -eq 20 ]
	[ ! -e ran ]
	quick pool edit 918065978002 --route queue:sales
	sql "DELETE FROM did_numbers WHERE id = 'x'"
	run_ok didctl regen
	runs
}

@test "the switch dies and comes back: 4 or 1, and the next regen goes through" {
	sqlite_target
	running
	run_ok didctl regen
	quick assign 918065978010 ACME
	"$ROOT/tests/lib/asterisk" stop "$SWITCH"
	intact run_code 4 didctl regen
	"$ROOT/tests/lib/asterisk" start "$SWITCH"
	run_ok didctl regen
	runs
}
