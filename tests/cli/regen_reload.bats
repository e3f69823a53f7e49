#!/usr/bin/env bats
# didctl regen and the switch: loaded and proved, or the files of before stand and run again. The switch is a scripted one
# (tests/lib/ami-peer), for what the real one does not do on demand; regen_switch.bats has the real one.
# shellcheck disable=SC2154 # output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/regen

QUICK=3 # seconds for what will not come, in which each answer before it has to

# connected BEHAVIOUR...: an inventory whose files were loaded by a switch that behaves, then a change that moves calls and is
# not live, and from now on a switch of this behaviour.
connected() {
	sqlite_target
	wired
	peer
	run_ok didctl regen
	[[ $stderr == *"3 files written in $FILES, loaded and verified"* ]] || fail "$stderr"
	is_live
	quick pool edit 918065978003 --route queue:7
	quick assign 918065978010 ACME
	cp -r "$FILES" old
	didctl regen --stdout >new
	peer "$@"
}

live() { sql "SELECT value FROM didctl_meta WHERE name = 'live'"; }

# Every file of the switch as it was before, and what it did not take beside it.
rolled_back() {
	local file before

	for file in old/*.conf; do
		cmp "$file" "$FILES/${file##*/}" || fail "$file does not stand again"
		[ "$(stat -c '%a %u %g' "$file")" = "$(stat -c '%a %u %g' "$FILES/${file##*/}")" ] || fail "mode or owner of $file"
	done
	cmp new "$FILES/$GATEWAY.rejected"
	cmp "old/$GATEWAY" "$FILES/$GATEWAY.last-good"
	[ -z "$(find "$FILES" -name '*.didctl-*')" ] || fail "litter: $(ls -A "$FILES")"
	# The next one, with a switch that behaves, goes through.
	before=$(live)
	peer
	run_ok didctl regen
	is_live
	[ "$(live)" -gt "$before" ]
}

# fails_with BEHAVIOUR PATTERN [AGAIN]: the reload fails for this, and whether the old files are proved to run again
fails_with() {
	local before

	connected "$1"
	before=$(live)
	run_code 1 didctl regen --timeout "$QUICK"
	[[ $stderr == *$2* ]] || fail "'$2' is not told: $stderr"
	case ${3-} in
	again) [[ $stderr == *'hint: the files of before stand and run again; what the switch did not take is kept as NAME.rejected'* ]] ||
		fail "$stderr" ;;
	*) [[ $stderr == *'hint: the files of before stand again, but the switch did not take them either ('*'): once it answers, didctl regen'* ]] ||
		fail "$stderr" ;;
	esac
	[ "$(live)" = "$before" ] || fail 'it is noted as live'
	rolled_back
}

@test "a reload that hangs" { fails_with hang:1 'does not answer in time'; }
@test "a connection that closes at the reload" { fails_with close:1 closed; }
@test "a connection cut in the middle of the answer" { fails_with cut:2 closed; }
@test "the switch goes away at the reload" { fails_with gone:1 closed; }
@test "no permission to reload" { fails_with denied:1 'Permission denied'; }
@test "pbx_config is not loaded" { fails_with no-reload:1 'does not reload its dialplan'; }
@test "answers that are none" { fails_with garbage:1 ''; }
@test "a generation that never comes" { fails_with stuck 'runs generation' again; }
@test "a reload that is not done once, and then is" { fails_with stuck-once 'runs generation' again; }
@test "routes that the switch lost" { fails_with losing-once 'does not run what was written' again; }
@test "files that somebody wrote to between the rename and the reload" {
	connected touched-once
	run_code 1 didctl regen --timeout "$QUICK"
	[[ $stderr == *'was changed by somebody else while the switch loaded it'* ]] || fail "$stderr"
	cmp "old/$GATEWAY" "$FILES/$GATEWAY"
	[ "$(tail -n 1 "$FILES/$GATEWAY.rejected")" = '; touched' ]
}

@test "a reload that is answered before it has ended is waited for" {
	connected late
	run_ok didctl regen --timeout 60
	is_live
}

@test "an answer that dribbles in, and events between, are read" {
	connected bytewise
	run_ok didctl regen
	is_live
	quick assign 918065978011 ACME
	peer events-first
	run_ok didctl regen
	is_live
}

@test "a login that is refused, or nobody there: 4, and nothing is touched" {
	connected
	(umask 077 && echo wrong >secret)
	intact run_code 4 didctl regen
	[[ $stderr == *'Authentication failed'* ]] || fail "$stderr"
	[[ $stderr$output != *wrong* ]] || fail 'the secret is told'
	intact run_code 4 didctl regen --check
	peer no-banner
	intact run_code 4 didctl regen --timeout "$QUICK"
	settle 'ami = didctl@127.0.0.1:1' "ami-secret-file = $T/secret"
	intact run_code 4 didctl regen
}

@test "the first regen of all that fails leaves no file" {
	sqlite_target
	wired
	peer stuck
	run_code 1 didctl regen --timeout "$QUICK"
	[ "$(cd "$FILES" && echo *)" = "$(echo ext_org_{mnd5khym,q3x8w2pa}.conf.rejected "$GATEWAY.rejected")" ] || fail "$(ls "$FILES")"
}

@test "a foreign file that was adopted stands again when the switch did not take ours" {
	sqlite_target
	wired
	peer stuck
	echo '; a hand wrote this' >"$FILES/$GATEWAY"
	run_code 1 didctl regen --adopt --timeout "$QUICK"
	[ "$(<"$FILES/$GATEWAY")" = '; a hand wrote this' ]
	[ ! -e "$FILES/ext_org_mnd5khym.conf" ]
}

@test "interrupted while the switch hangs: 130, and the files of before stand again" {
	connected hang:1
	: >heard
	env --default-signal=INT didctl regen 2>err 3>&- &
	until grep -q 'Command: dialplan reload' heard; do sleep .02; done
	kill -s INT $!
	code=0
	wait $! || code=$?
	[ "$code" -eq 130 ] || fail "exit code $code" "$(cat err)"
	grep -q 'the files of before stand again' err || fail "$(cat err)"
	rolled_back
}

@test "--check asks the running switch: what was written and not loaded is drift, of every file" {
	connected
	run_code 3 didctl regen --check
	[[ $output == *"$GATEWAY: 22 routes, now 24: 2 gained, 0 lost, 0 moved"* ]] || fail "$output"
	run_code 3 didctl regen --check -q
	[ -z "$output$stderr" ] || fail "$output$stderr"
	run_ok didctl regen --no-reload
	run_code 3 didctl regen --check
	[[ $output == *'runs generation'*'not'*'that was written'* ]] || fail "$output"
	run_ok didctl regen --check --no-reload
	run_ok didctl regen
	[[ $stderr == *'nothing to write'* ]]
	run_ok didctl regen --check
	# Only how one number goes on: as many lines as before, in the file of an organisation.
	quick pool edit 918065978003 --route queue:8
	run_ok didctl regen --no-reload
	run_code 3 didctl regen --check
	[[ $output == *"context 'org_mnd5khym__incoming' is not from the 'ext_org_mnd5khym.conf' that stands there"* ]] || fail "$output"
	run_code 3 didctl regen --check orgs
	run_ok didctl regen
	run_ok didctl regen --check
}

# ---- changes that bring it to the switch themselves

@test "assign, env set, release and undo --regen: live after the command, and one object on stdout" {
	connected
	run_ok didctl assign 918065978011 ACME --regen -o json
	json '[.verb, .changed] | join(" ")' 'assign 1'
	is_live
	done_by env set staging 918065978011 --regen
	is_live
	run_ok didctl undo "$CHANGE" --regen -y -o json
	json .verb undo
	is_live
	run_ok didctl release 918065978011 --regen -y
	[ -z "$output" ] || fail "$output"
	is_live
	run_ok didctl regen --check
	run_ok didctl assign 918065978011 ACME
	[[ $stderr == *'not live yet: didctl regen brings it to the switch'* ]] || fail "$stderr"
	run_ok didctl pool edit 918065978011 --route queue:9 --regen
	grep -q 'org_mnd5khym__queue,9,1' "$FILES/ext_org_mnd5khym.conf"
	run_ok didctl org edit ACME --context-prefix acme --regen -y
	is_live
	run_ok didctl org edit ACME --unrouted queue:all --regen -y
	grep -q 'acme__queue,all,1' "$FILES/ext_acme.conf"
	run_ok didctl regen --check
}

@test "regen = yes in the profile, and --no-regen" {
	connected
	settle "ami = didctl@$PEER" "ami-secret-file = $T/secret" 'regen = yes'
	run_ok didctl assign 918065978012 ACME
	is_live
	run_ok didctl assign 918065978013 ACME --no-regen
	[[ $stderr == *'not live yet'* ]] || fail "$stderr"
	! routes | grep -q 918065978013 || fail 'live in spite of --no-regen'
	intact run_ok didctl pool edit 918065978013 --note 'moves no call'
	intact run_ok didctl assign 918065978014 ACME --dry-run
	run_ok didctl assign 918065978015 ACME
	is_live
}

@test "release of many with --regen needs no second word for the routes that they lose" {
	connected
	quick regen
	run_ok didctl release 918065978000-3 --regen -y
	is_live
}

@test "--regen without a switch in the settings: 4, before anything is changed" {
	sqlite_target
	wired
	before=$(contents)
	refused=$(checksum)
	run_code 4 didctl assign 918065978011 ACME --regen
	[[ $stderr == *"no switch is set to regenerate files for"* ]] || fail "$stderr"
	[[ $stderr == *"--no-regen changes the inventory alone"* ]]
	[ "$refused" = "$(checksum)" ] && [ "$before" = "$(contents)" ]
}

@test "a reload that fails after the change: 5, the change stands, and the same command again finishes it" {
	connected hang:1
	id=01900000-0000-7000-8000-000000000001
	run_code 5 didctl assign 918065978011 ACME --regen --change-id "$id" -o json --timeout "$QUICK"
	json .changed 1
	[[ $stderr == *'the inventory was changed, but the switch was not: '* ]] || fail "$stderr"
	field 918065978011 state assigned
	cmp "old/$GATEWAY" "$FILES/$GATEWAY"
	peer
	run_ok didctl assign 918065978011 ACME --regen --change-id "$id" -o json
	json '[.change_id, .changed] | join(" ")' "$id 1"
	is_live
	run_ok didctl regen --check
}

@test "what was refused by the files after the change: 5, and why" {
	connected
	sql "UPDATE organizations SET context_prefix = 'A.B' WHERE id = '$GLOBEX'"
	run_code 5 didctl assign 918065978011 ACME --regen
	[[ $stderr == *"refused: '918065978005' has an owner without a context prefix that a file may hold"* ]] || fail "$stderr"
	[[ $stderr == *'the inventory was changed, but the switch was not: nothing was written: see above'* ]] || fail "$stderr"
}
