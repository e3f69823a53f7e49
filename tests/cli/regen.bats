#!/usr/bin/env bats
# didctl regen: from the inventory to the switch's files, and what it refuses.
# shellcheck disable=SC2016,SC2154 # what a switch would expand is not for the shell; output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/pool
load ../lib/regen

regen() { didctl regen --no-reload "$@"; }

seed_loaded() {
	local summary

	wired
	run_ok regen
	[[ $stderr == *"3 files written in $FILES: the switch has not been told (--no-reload)"* ]] || fail "$stderr"
	[[ $stderr == *'1 number of oss is not dispatched here: didctl regen --for oss prints the lines'* ]] || fail "$stderr"
	is_live
	[ "$(routes | wc -l)" -eq 22 ]
	routes | cut -d' ' -f1 | LC_ALL=C sort -rc || fail 'not in the order that the switch loads fast'
	read -r summary < <(sed -n 2p "$FILES/$GATEWAY")
	[ "$summary" = '; numbers: 7 to their organisations, 4 to staging, 1 on the OSS host; not routed: 15 available, 1 pending, 1 blocked, 1 on-hold' ] ||
		fail "$summary"
	grep -B 1 -A 3 '== [A-Z]' "$FILES/$GATEWAY" | grep -q '^exten => 918065978002,1,Goto(org_mnd5khym__incoming,918065978002,1)$'
	[ "$(grep -c '== PROD org_mnd5khym' "$FILES/$GATEWAY")" -ge 1 ]
	grep -qx 'exten => 08065978021,1,Dial(PJSIP/${EXTEN}@cloud-endpoint-stage)' "$FILES/$GATEWAY"
	! grep -q 918065978025 "$FILES/$GATEWAY" || fail 'oss is dispatched'
	grep -q "^; written by didctl: generation $(sql 'SELECT MAX(seq) FROM didctl_history WHERE change_id IN (SELECT id FROM didctl_changes WHERE moves_calls = 1)'), " \
		"$FILES/$GATEWAY" || fail 'generation'
	[ "$(sed -n '/^\[did_918065978002\]$/,/^\[/p' "$FILES/ext_org_mnd5khym.conf" | grep ^exten)" = 'exten => s,1,MixMonitor(918065978002-${UNIQUEID}.wav)
exten => s,n,StackPop()
exten => s,n,Goto(org_mnd5khym__queue,sales,1)' ]
	grep -qx 'exten => 08065978002,1,Gosub(did_918065978002,s,1)' "$FILES/ext_org_mnd5khym.conf"
	run_ok intact regen
	[[ $stderr == *'nothing to write: the files say what the inventory says'* ]] || fail "$stderr"
}

@test "the seed's numbers: both spellings, staging, headings, counts; a second time there is nothing to do" {
	each_backend seed_loaded
}

@test "the same data on either store is the same bytes" {
	render() {
		wired
		regen --stdout >"$BACKEND"
		regen --stdout | cmp - "$BACKEND"
		regen orgs --stdout >"$BACKEND.orgs"
		run_ok regen
		cmp "$FILES/$GATEWAY" "$BACKEND"
	}
	[ -n "${TEST_SERVER-}" ] || skip 'no private MariaDB'
	each_backend render
	cmp sqlite mysql
	diff -rx .didctl.lock files1 files2
	diff <(sort sqlite.orgs) <(sort mysql.orgs) # the organisations come by their ids, which are not the same
}

harmless_edits() {
	wired
	run_ok regen
	run_ok regen --stdout
	before=$output
	quick pool edit 918065978002 --note 'asked for' --tag +vip --price 5 --city Pune
	quick org edit ACME --name 'ACME Ltd'
	quick default set 918065978003
	intact run_ok regen
	run_ok regen --stdout
	[ "$output" = "$before" ] || fail "$(diff <(echo "$before") <(echo "$output"))"
	run_code 0 regen --check
	[ -z "$output$stderr" ] || fail "$output$stderr"
}

@test "notes, tags, prices, names and defaults move no call: not a byte changes, nor the generation" {
	each_backend harmless_edits
}

@test "--for oss prints the other host's lines and touches nothing" {
	body() {
		wired
		intact run_ok didctl regen --for oss
		[ "$(grep -v '^;' <<<"$output")" = "$(printf '%s\n' '[oss-did-route]' \
			'exten => 918065978025,1,Goto(org_q3x8w2pa__incoming,918065978025,1)' \
			'exten => 08065978025,1,Goto(org_q3x8w2pa__incoming,08065978025,1)' \
			'[didctl-meta]' "$(tail -n 1 <<<"$output")")" ] || fail "$output"
		run_code 2 didctl regen --for prod
		run_code 2 didctl regen orgs --for oss
		run_code 2 didctl regen --for oss --dir .
	}
	each_backend body
}

@test "spellings: with plus a carrier that sends it is reached, and fewer can be asked for" {
	sqlite_target
	wired 'spellings = national,international,plus'
	run_ok regen
	routes | cut -d' ' -f1 | LC_ALL=C sort -rc
	[ "$(routes | wc -l)" -eq 33 ]
	grep -qx 'exten => +918065978002,1,Goto(org_mnd5khym__incoming,+918065978002,1)' "$FILES/$GATEWAY"
	grep -qx 'exten => +918065978002,1,Gosub(did_918065978002,s,1)' "$FILES/ext_org_mnd5khym.conf"
	printf 'asterisk-dir = %s\nspellings = international\n' "$FILES" >"$XDG_CONFIG_HOME/didctl/config"
	run_code 6 regen --yes
	run_ok regen --yes --force
	[ "$(routes | wc -l)" -eq 11 ]
}

states() {
	wired
	quick assign 918065978021 ACME --env staging
	quick pool mark blocked 918065978021
	run_ok regen
	is_live
	[ "$(routes | grep -c cloud)" -eq 6 ]
	quick pool mark blocked 918065978000
	run_ok regen -y
	is_live
	[ "$(routes | wc -l)" -eq 18 ]
	quick pool mark assigned 918065978000
	run_ok regen
	is_live
	quick env set staging 918065978001
	quick env set oss 918065978005
	run_ok regen --diff
	[[ $output == *'~ 918065978001: org_mnd5khym -> cloud-endpoint-stage'* ]] || fail "$output"
	[[ $output == *'- 918065978005: org_q3x8w2pa'* ]] || fail "$output"
	[[ $output == "$GATEWAY: 20 routes, now 18: 0 gained, 2 lost, 2 moved"* ]] || fail "$output"
	run_code 6 regen
	run_ok regen -y
	is_live
}

@test "what is blocked, archived, or of another environment goes out of the file, and comes back" {
	each_backend states
}

# refuses_files CODE PATTERN COMMAND...: nothing is written
refuses_files() {
	local pattern=$2

	intact run_code "$1" "${@:3}"
	[[ $stderr == *$pattern* ]] || fail "'$pattern' is not told: $stderr"
}

@test "a file of another program is not overwritten without --adopt, which keeps it" {
	sqlite_target
	wired
	printf '[from-tata]\nexten => 918065978002,1,Goto(org_x__incoming,918065978002,1)\n' >"$FILES/$GATEWAY"
	chmod 640 "$FILES/$GATEWAY"
	chown 65534:65533 "$FILES/$GATEWAY" 2>/dev/null || true
	owner=$(stat -c '%u:%g %a' "$FILES/$GATEWAY")
	cp "$FILES/$GATEWAY" foreign
	refuses_files 6 "$GATEWAY was not written by didctl: --adopt takes it over, and keeps it as $GATEWAY.last-good" regen
	refuses_files 6 'nothing was written: see above' regen --dry-run
	run_code 3 regen --check
	run_ok regen --diff
	[[ $output == *'~ 918065978002: org_x -> org_mnd5khym'* ]] || fail "$output"
	run_ok regen --adopt
	cmp foreign "$FILES/$GATEWAY.last-good"
	[ "$(stat -c '%u:%g %a' "$FILES/$GATEWAY")" = "$owner" ] || fail 'owner and mode are not those of before'
	is_live
	run_ok regen --check
}

@test "a foreign file of an organisation without numbers is left alone; with numbers it is refused" {
	sqlite_target
	wired
	echo '[org_q3x8w2pa__queue]' >"$FILES/ext_org_q3x8w2pa.conf"
	refuses_files 6 'ext_org_q3x8w2pa.conf was not written by didctl' regen
	quick release 918065978005-6
	run_ok regen
	[ "$(<"$FILES/ext_org_q3x8w2pa.conf")" = '[org_q3x8w2pa__queue]' ]
}

@test "a file altered by hand is refused, shown by --diff and --check, and overwritten by --adopt" {
	sqlite_target
	wired
	run_ok regen
	good=$(sha256sum <"$FILES/$GATEWAY")
	for alter in 's/^\(exten => 918065978004,1,Goto(\)org_mnd5khym/\1org_q3x8w2pa/' '/^exten => 918065978003/d' '$d' \
		'$a exten => 123,1,System(id)' 's/^; numbers/;-- numbers/' '1s/generation/generatioN/' \
		'/08065978002/a exten => 08065978002,2,Hangup()'; do
		sed -i "$alter" "$FILES/$GATEWAY"
		refuses_files 6 "$GATEWAY was " regen
		run_code 3 regen --check
		[ -n "$output" ]
		run_code 3 regen --check -q
		[ -z "$output$stderr" ] || fail "not silent: $output$stderr"
		run_ok regen --adopt
		[ "$(sha256sum <"$FILES/$GATEWAY")" = "$good" ] || fail "$alter"
	done
	sed -i 's/sales/support/' "$FILES/ext_org_mnd5khym.conf"
	refuses_files 6 'ext_org_mnd5khym.conf was altered' regen
}

@test "a file of a newer generation is refused without --force" {
	sqlite_target
	wired
	run_ok regen
	sed -i '1s/generation [0-9]*/generation 999999/' "$FILES/$GATEWAY"
	quick pool edit 918065978003 --route queue:7
	refuses_files 6 'newer than the inventory' regen
	[[ $stderr == *'is the target right? --force overwrites it'* ]]
	run_code 3 regen --check
	run_ok regen --force
	is_live
	run_ok regen --check
}

@test "a symbolic link, a directory and a FIFO are refused" {
	sqlite_target
	wired
	ln -s "$T/elsewhere" "$FILES/$GATEWAY"
	refuses_files 6 'symbolic link' regen
	[ ! -e elsewhere ]
	echo >elsewhere
	refuses_files 6 'symbolic link' regen --adopt --force
	[ "$(wc -c <elsewhere)" -eq 1 ]
	rm "$FILES/$GATEWAY"
	mkdir "$FILES/$GATEWAY"
	refuses_files 6 'not a regular file' regen --adopt --force
	rmdir "$FILES/$GATEWAY"
	mkfifo "$FILES/ext_org_mnd5khym.conf"
	refuses_files 6 'not a regular file' timeout 120 didctl regen --no-reload --adopt --force
	rm "$FILES/ext_org_mnd5khym.conf"
	rm -f "$FILES/.didctl.lock"
	ln -s "$T/nowhere" "$FILES/.didctl.lock"
	run_code 1 regen
	[ ! -e nowhere ]
}

@test "many routes lost: refused without --force; a few: asked for, and off a terminal --yes" {
	sqlite_target
	settle
	stock
	quick pool add 918060000000-918060000999
	quick assign 918060000000-918060000999 ACME
	run_ok regen
	quick release 918060000000-918060000050
	refuses_files 6 '102 routes would be lost, more than 100 or one in ten: nothing was written' regen --yes
	[[ $stderr == *'org_mnd5khym: 102 lost'* ]] || fail "which is not told: $stderr"
	quick assign 918060000000 ACME
	refuses_files 6 "'regen' needs --yes: routes would be lost, and there is no terminal to ask on" regen
	refuses_files 6 'needs --yes' regen --dry-run
	intact run_ok regen --yes --dry-run
	run_ok regen --yes
	is_live
	quick release 918060000051-918060000400
	refuses_files 6 'routes would be lost' regen orgs --yes
	run_ok regen --force --yes
	is_live
}

@test "on a terminal a loss is asked for" {
	sqlite_target
	settle
	stock
	quick pool add 918060000000-99
	quick assign 918060000000-99 ACME
	run_ok regen
	quick release 918060000000
	intact run_code 6 expect "$BATS_TEST_DIRNAME/answer.exp" $'n\r' didctl regen --no-reload
	[[ $output == *'write it? [y/N]'* ]] || fail "$output"
	run_ok expect "$BATS_TEST_DIRNAME/answer.exp" $'y\r' didctl regen --no-reload
	is_live
}

nothing_written() {
	wired
	for words in --stdout 'orgs --stdout' --diff '--for oss' --dry-run --check; do
		# shellcheck disable=SC2086 # several words
		intact unchanged run didctl regen $words
		[ ! -e "$FILES/.didctl.lock" ] || fail "regen $words left a lock"
	done
	run_ok regen --dry-run
	[[ $stderr == *'nothing was written (--dry-run)'* ]] || fail "$stderr"
	run_code 3 regen --check
	run_ok regen
	intact run_ok regen --dry-run
	for words in '--stdout --check' '--check --diff' '--diff --dry-run' '--stdout --diff' '--check --dry-run'; do
		# shellcheck disable=SC2086
		run_code 2 didctl regen $words
	done
	run_code 2 didctl regen everything
	run_code 2 didctl regen --frobnicate
}

@test "--stdout, --diff, --check, --for and --dry-run write nothing" {
	each_backend nothing_written
}

parts() {
	wired
	run_ok regen gateway
	[ "$(ls "$FILES")" = "$GATEWAY" ]
	run_ok regen orgs
	[ "$(ls "$FILES")" = "$(printf '%s\n' ext_org_mnd5khym.conf ext_org_q3x8w2pa.conf "$GATEWAY")" ]
	mkdir other
	run_ok regen --dir "$T/other"
	diff -r -x .didctl.lock other "$FILES"
	run_code 4 regen --dir "$T/nowhere"
	run_code 4 regen --dir "$T/address"
	[ "$(ls other)" = "$(ls "$FILES")" ]
	quick pool edit 918065978003 --route extension:1000
	run_ok regen gateway
	[[ $stderr == *'nothing to write'* ]]
	run_code 3 regen --check orgs
	run_ok regen --check gateway
	run_ok regen orgs
	grep -q 'Goto(org_mnd5khym__extension,1000,1)' "$FILES/ext_org_mnd5khym.conf"
	rm -r other
}

@test "gateway, orgs and --dir: one part, and another directory" {
	each_backend parts
}

@test "without a switch in the settings it says so before anything is done" {
	sqlite_target
	wired
	refuses_files 4 "'ami'" didctl regen
	[[ $stderr == *"set 'ami' and 'ami-secret-file' in the profile, or --no-reload writes the files only"* ]] || fail "$stderr"
	refuses_files 4 "'ami'" didctl regen --dry-run --reload || true
	run_ok regen
	run_ok didctl regen --check
}

# What stands in a file of an organisation that there is no more would be called in the place of what is to be called.
moved_organisation() {
	wired
	run_ok regen
	quick org edit ACME --context-prefix acme
	run_ok regen
	is_live
	[ "$(grep -c '^exten => 9' "$FILES/ext_acme.conf")" -eq 5 ]
	! grep -q did_ "$FILES/ext_org_mnd5khym.conf" || fail 'two files have the same subroutines'
	grep -q 'ext_org_mnd5khym.conf: 5 routes, now 0' <<<"$stderr"
	run_ok regen --check
	intact run_ok regen
	quick release 918065978005-6
	run_ok regen -y --force
	! grep -q did_ "$FILES/ext_org_q3x8w2pa.conf"
	cp "$FILES/$GATEWAY" "$FILES/ext_other_gateway.conf"
	printf '[x]\n[did_918065978002]\nexten => s,1,Hangup()\n' >"$FILES/ext_foreign.conf"
	intact run_ok regen
}

@test "a file of ours whose organisation is gone or has another prefix is emptied; others are left alone" {
	each_backend moved_organisation
}

unrouted() {
	wired
	quick org edit ACME --unrouted ivr:main
	run_ok regen
	[ "$(grep -c 'Goto(org_mnd5khym__ivr,main,1)' "$FILES/ext_org_mnd5khym.conf")" -eq 4 ]
	quick org edit ACME --unrouted hangup
	run_ok regen
	[ "$(grep -c 'Hangup(1)' "$FILES/ext_org_mnd5khym.conf")" -eq 4 ]
	for type in extension queue ivr ai_agent; do
		quick pool edit 918065978003 --route "$type:7"
		run_ok regen
		grep -qx "exten => s,n,Goto(org_mnd5khym__$type,7,1)" "$FILES/ext_org_mnd5khym.conf"
	done
}

@test "numbers without a route follow their organisation's; each type has its context" {
	each_backend unrouted
}

@test "the lock: another regen is waited for, and named when --timeout has passed; a dead one holds nothing" {
	sqlite_target
	wired
	echo 12345 >"$FILES/.didctl.lock"
	run_ok regen
	flock "$FILES/.didctl.lock" sh -c 'echo $$ >held; exec sleep 600' 3>&- &
	until [ -s held ]; do sleep .02; done
	echo 4711 >"$FILES/.didctl.lock"
	quick pool edit 918065978003 --route queue:7
	refuses_files 6 "is being written by another didctl, process 4711" regen --timeout 1
	run_ok regen --stdout
	run_code 3 regen --check
	kill "$(<held)"
	wait
	run_ok regen
}

two_owners() {
	wired
	run_ok regen
	sql "INSERT INTO did_numbers (id, number, org_id, pool_status, routing_environment) VALUES
		('00000000-0000-7000-8000-000000000001', '+918065978002', '$GLOBEX', 'assigned', 'prod')"
	refuses_files 6 "'918065978002' leads two ways, " regen
	[ "$(grep -c 'leads two ways' <<<"$stderr")" -eq 1 ] || fail "said more than once: $stderr"
	[[ $stderr == *'org_mnd5khym'*'org_q3x8w2pa'* || $stderr == *'org_q3x8w2pa'*'org_mnd5khym'* ]] || fail "$stderr"
	[[ $stderr == *'--partial leaves out the numbers that are refused'* ]]
	refuses_files 6 'leads two ways' regen orgs
	run_code 6 regen --stdout
	[ -z "$output" ]
	run_code 5 regen --partial -y
	[[ $stderr == *'1 number was left out'* ]] || fail "$stderr"
	! grep -rq 65978002 "$FILES"/*.conf || fail 'it was not left out'
	sql "UPDATE did_numbers SET org_id = '$ACME', routing_type = 'queue', routing_destination = 'other' WHERE number = '+918065978002'"
	refuses_files 6 "'918065978002' has two rows with two routes: didctl pool merge it" regen
	sql "UPDATE did_numbers SET routing_destination = 'sales', recording_enabled = 1 WHERE number = '+918065978002'"
	run_ok regen
	[ "$(grep -c 65978002 "$FILES/$GATEWAY")" -eq 2 ]
}

@test "two rows of one number: with two owners or two routes refused, alike it is one" {
	each_backend two_owners
}

prefixes() {
	wired
	run_ok regen
	sql "UPDATE organizations SET context_prefix = 'org_mnd5khym' WHERE id = '$GLOBEX'"
	refuses_files 6 "'918065978005' has an owner whose context prefix is another organisation's, too" regen
	[ "$(grep -c '^didctl: refused' <<<"$stderr")" -eq 7 ]
	sql "UPDATE organizations SET context_prefix = 'tata_gateway' WHERE id = '$GLOBEX'"
	refuses_files 6 "'918065978005' has an owner whose file would have the name of the dispatcher's" regen
	run_code 5 regen --partial -y --force
	[[ $stderr == *'2 numbers were left out'* ]] || fail "$stderr"
	[ "$(routes | wc -l)" -eq 18 ]
}

@test "two organisations of one prefix, and one with the dispatcher's name, are refused" {
	each_backend prefixes
}
