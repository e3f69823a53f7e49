#!/usr/bin/env bats
# --chunk N: a large change in pieces, each a transaction. Whatever ends it, the same command with the same id finishes it, and
# the history is true at every moment. KILLS (4) moments a store; 0: each system call by which it writes.
load ../lib/common
load ../lib/writes

: "${KILLS:=4}"
ID=00000000-0000-7000-8000-000000000001
UNDO=00000000-0000-7000-8000-000000000002

# 60 numbers, an organisation without any, and one with a user who shows a number.
sixty() {
	run_ok didctl init --country IN
	run_ok didctl pool add 918060000000-59 -y
	run_ok didctl org add Big
}

assign() { didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID" "$@"; }
assigned() { sql "SELECT COUNT(*) FROM did_numbers WHERE pool_status = 'assigned'"; }
pieces() { sql "SELECT COUNT(*) FROM didctl_changes WHERE part_of = '$ID'"; }
checked() { run_ok didctl doctor history replay; invariants; }

# at CALL K SIGNAL COMMAND...: the signal comes with the K-th such call. Leaves the exit code in $CODE.
at() {
	CODE=0
	env --default-signal=INT strace -qqq -f -o /dev/null -e trace="$1" -e inject="$1:signal=$3:when=$2" "${@:4}" \
		>out 2>err 3>&- || CODE=$?
}

settled() {
	[ "$BACKEND" = mysql ] || return 0
	until [ "$(server_sql -N -e "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '$DATABASE'")" = 0 ]; do
		sleep .01
	done
}

# ending N: which system call sends the N-th COMMIT of the change: its beginning has the first, behind that of the question
# whether the change is there. SQLite ends one by deleting the journal; on a server it is found in another database.
ending() {
	local target=$DIDCTL_TARGET database=$DATABASE

	if [ "$BACKEND" = sqlite ]; then
		echo "unlink $(($1 + 1))"
		return
	fi
	mysql_target
	sixty
	strace -qqq -f -o calls -e trace=sendto didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID" >out 2>err 3>&-
	export DIDCTL_TARGET=$target
	DATABASE=$database
	echo "sendto $(grep -n COMMIT calls | sed -n "$(($1 + 1))s/:.*//p")"
}

# Dies when N pieces are made.
made() {
	local end

	ending $(($1 + 2)) >ends # no subshell: the database that it makes has to go
	read -ra end <ends
	at "${end[@]}" KILL didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID"
	settled
	[ "$(pieces)" -eq "$1" ] || fail "$(pieces) pieces are made, not $1"
}

as_a_whole() {
	sixty
	run_ok assign --default
	told 'the lowest of these numbers is the default' 'assigned 50, unchanged 0, refused 0'
	[ "$(pieces)" -eq 3 ] || fail "$(pieces) pieces"
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE is_default = 1")" -eq 1 ]
	field 918060000000 default true
	run_ok didctl history -o json -c change_id,count,progress
	json '.[0].change_id' "$ID"
	json '.[0] | "\(.count) \(.progress)"' '50 50/50'
	[ "$(jq length <<<"$output")" -eq 3 ] || fail "the pieces are listed: $output"
	run_ok didctl history --change "$ID" -o json
	json '[.[] | .change_id] | unique | join(",")' "$ID"
	json length 50
	run_ok didctl history resolve "$ID"
	checked
	unchanged run_ok assign --default -o json
	told 'done before'
	json '"\(.changed) \(.numbers | length) \(.change_id)"' "50 50 $ID"
	unchanged run_ok didctl assign 918060000000-49 Big -y --default --change-id "$ID"
	unchanged run_code 6 didctl assign 918060000000-48 Big -y --default --chunk 20 --change-id "$ID"
	told 'belongs to another\|another request'
	unchanged run_code 6 didctl release 918060000000-49 -y --chunk 20 --change-id "$ID"
}

@test "--chunk: done in pieces, told as one change, and a replay answers" {
	each_backend as_a_whole
}

same_rows() {
	local rows

	sixty
	run_ok didctl assign 918060000000-49 Big -y
	rows=$(pbx_rows | cut -f2-)
	run_ok didctl undo "$(sql "SELECT id FROM didctl_changes WHERE verb = 'assign'")" -y
	run_ok didctl assign 918060000000-49 Big -y --chunk 7
	[ "$rows" = "$(pbx_rows | cut -f2-)" ] || fail 'the rows differ from those of one transaction'
	run_ok didctl assign --count 9 Big -y --chunk 2
	[ "$(wc -l <<<"$output")" -eq 9 ] || fail "$output"
	[ "$(assigned)" -eq 59 ]
	run_ok didctl release --where org=Big --expect 59 -y --chunk 50 --hold 0
	[ "$(assigned)" -eq 0 ]
	run_ok didctl pool edit 918060000000-59 --region Pune -y --chunk 61
	run_ok didctl pool edit 918060000000-59 --region Goa -y --chunk 60
	[ "$(sql "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'pool edit' AND total IS NULL AND part_of IS NULL")" -eq 2 ] ||
		fail 'what fits into one piece is no change in pieces'
	checked
}

@test "--chunk: the same rows as in one transaction; picks, --where and what fits into one" {
	each_backend same_rows
}

killed() {
	local call k step calls full

	sixty
	call=$([ "$BACKEND" = sqlite ] && echo pwrite64 || echo sendto)
	strace -qqq -f -o calls -e trace="$call" didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID" 2>err >out 3>&-
	calls=$(wc -l <calls)
	full=$(pbx_rows)
	step=$((KILLS ? (calls + KILLS - 1) / KILLS : 1))
	for ((k = 1 + RANDOM % step; k <= calls; k += step)); do
		run_ok didctl undo "$ID" -y
		[ "$(assigned)" -eq 0 ]
		printf -v ID '00000000-0000-7000-8000-1%011d' "$k"
		at "$call" "$k" KILL didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID"
		settled
		[ "$CODE" -eq 137 ] || [ "$CODE" -eq 0 ] || fail "exit code $CODE at $k of $calls" "$(cat err)"
		case $(assigned):$(pieces) in
		0:0 | 20:1 | 40:2 | 50:3) ;;
		*) fail "killed at $k of $calls: $(assigned) are assigned by $(pieces) pieces" ;;
		esac
		invariants
		run didctl history resolve "$ID"
		case $status:$(pieces) in
		3:0 | 5:[012] | 0:3) ;;
		*) fail "resolve says $status after $(pieces) pieces: $output" ;;
		esac
		run_ok assign
		[ "$(pbx_rows)" = "$full" ] || fail "killed at $k of $calls and finished: the rows differ"
	done
	checked
}

@test "--chunk: kill -9 at any moment, and the same command again finishes it" {
	each_backend killed
}

plan_is_shown() {
	sixty
	run_ok didctl assign 918060000000-49 Big -y --chunk 20
	told "target $DIDCTL_TARGET" 'assign: changes 50 numbers; organisation Big' \
		'918060000001-918060000049 *state available -> assigned' 'assigned 50, unchanged 0, refused 0'
	[ "$(grep -c '^target ' <<<"$stderr")" -eq 1 ] || fail "$stderr"
	run_ok didctl pool edit 918060000000-9 --region Pune -y --chunk 20
	[ "$(grep -c '^target ' <<<"$stderr")" -eq 1 ] || fail "$stderr"
	run_ok didctl pool edit 918060000000-49 --region Goa -y --chunk 20 -q
	! grep -q '^target ' <<<"$stderr" || fail "$stderr"
	run_ok didctl pool mark reserved 918060000055 -y
	run_code 5 didctl assign 918060000040-59 Big -y --chunk 4 --partial
	[ "$(assigned)" -eq 59 ] || fail "$stderr"
}

@test "--chunk: the plan is shown before the first piece, once, and not with -q" {
	each_backend plan_is_shown
}

half_done() {
	local before

	sixty
	before=$(pbx_rows)
	made 1
	run_ok didctl history
	told "half done: change $ID, assign, 20/50 numbers"
	run_code 5 didctl history resolve "$ID"
	unchanged run_code 6 didctl assign 918060000000-49 Big -y --change-id "$ID"
	told '20 of 50 numbers are done' 'with --chunk N it goes on'
	unchanged run_code 6 didctl assign 918060000000-49 Big -y --change-id "$ID" --expect 50
	told '20 of 50 numbers are done' 'with --chunk N it goes on'
	unchanged run_ok didctl assign 918060000000-49 Big -n --chunk 20 --change-id "$ID"
	told "target $DIDCTL_TARGET" '20 of 50 numbers are done: the change goes on with the others'
	unchanged run_code 6 expect "$BATS_TEST_DIRNAME/answer.exp" $'n\r' didctl assign 918060000000-49 Big --chunk 20 --change-id "$ID"
	[[ $output == *'assign the numbers that are left? [y/N]'* ]] || fail "$output"
	run_ok didctl doctor history --seal
	run_ok didctl pool mark reserved 918060000030 -y
	run_code 5 assign -o json
	told '20 of 50 numbers are done, the others as they were: 1 number may not change' 'the same command with --change-id'
	json '"\(.changed) \(.refused) \(.change_id)"' "20 1 $ID"
	json '[.numbers[] | select(.result == "refused") | .number] | join(",")' 918060000030
	run_code 5 assign --partial
	[ "$(assigned)" -eq 49 ]
	unchanged run_code 5 assign --partial
	run_ok didctl pool mark available 918060000030 -y
	checked
	run_ok didctl undo "$ID" -y --change-id "$UNDO"
	[ "$(pbx_rows)" = "$before" ] || fail 'undone, and the rows are not what they were'
	checked
}

@test "--chunk: what is half done is told, waits for what was refused, and stays sealed" {
	each_backend half_done
}

undone() {
	local before full

	sixty
	before=$(pbx_rows)
	made 2
	run_code 6 didctl undo "$ID"
	run_ok didctl undo "$ID" --dry-run -y
	told 'it is made in 2 pieces'
	at "$([ "$BACKEND" = sqlite ] && echo unlink || echo sendto)" "$([ "$BACKEND" = sqlite ] && echo 4 || echo 70)" KILL didctl undo "$ID" -y --change-id "$UNDO"
	settled
	unchanged run_code 6 didctl undo "$ID" -y
	told "the undo of change $ID is half done, by change $UNDO" "with --change-id $UNDO it goes on"
	run_ok didctl undo "$ID" -y --change-id "$UNDO"
	[ "$(pbx_rows)" = "$before" ] || fail 'undone, and the rows are not what they were'
	unchanged run_code 6 assign
	told "change $ID was undone when 40 of 50 numbers were done"
	unchanged run_code 6 assign --expect 50
	told "change $ID was undone when 40 of 50 numbers were done"
	run_ok didctl history -o json -c change_id,count,undo_of
	json '.[0] | "\(.change_id) \(.count) \(.undo_of)"' "$UNDO 40 $ID"
	! grep -q 'half done' <<<"$stderr" || fail "$stderr"
	unchanged run_ok didctl undo "$ID" -y --change-id "$UNDO"
	run_ok didctl undo "$UNDO" -y
	[ "$(assigned)" -eq 40 ]
	checked
}

@test "--chunk: what is half done is undone, in pieces too, and cannot go on then" {
	each_backend undone
}

# How many connections wait for a lock that another one has.
lock_waits() {
	server_sql -N -e "SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist
		ON id = trx_mysql_thread_id WHERE db = '$DATABASE' AND trx_state = 'LOCK WAIT'"
}

# It stands still at a number that somebody holds, until the undo waits for what it holds; so that the undo's turn is before
# its next piece.
undone_meanwhile() {
	local before pid undo holder code=0

	sixty
	before=$(pbx_rows)
	mkfifo go
	{ echo "BEGIN; SELECT id FROM did_numbers WHERE number = '918060000010' FOR UPDATE;"; cat go; } |
		server_sql -n -N "$DATABASE" >held 3>&- &
	holder=$!
	exec 9>go
	until [ -s held ]; do sleep .01; done
	didctl assign 918060000000-49 Big -y --chunk 1 --change-id "$ID" >out 2>err 3>&- 9>&- &
	pid=$!
	until [ "$(pieces):$(lock_waits)" = 10:1 ]; do sleep .1; done
	didctl undo "$ID" -y >out.undo 2>err.undo 3>&- 9>&- &
	undo=$!
	until [ "$(lock_waits)" -eq 2 ]; do sleep .1; done
	exec 9>&-
	wait "$holder"
	wait "$undo" || fail "$(cat err.undo)"
	wait "$pid" || code=$?
	[ "$code" -eq 5 ] || fail "exit code $code" "$(cat err)"
	grep -q 'is being undone' err || fail "$(cat err)"
	[ "$(pbx_rows)" = "$before" ] || fail 'undone, and it went on'
	checked
}

@test "--chunk: a change that is undone while it goes on ends there" {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private MariaDB'
	mysql_target # who waits for SQLite's lock has no place in a queue
	undone_meanwhile
}

# The default moves in the first piece, and its number is changed again in the last.
moved_default() {
	local before

	sixty
	run_ok didctl assign 918060000045 Big -y
	run_ok didctl default set 918060000045
	before=$(pbx_rows)
	run_ok didctl assign 918060000000-49 Big --default --env staging --transfer -y --chunk 10 --change-id "$ID"
	[ "$(sql 'SELECT number FROM did_numbers WHERE is_default = 1')" = 918060000000 ]
	run_ok didctl undo "$ID" -y
	[ "$(pbx_rows)" = "$before" ] || fail "$(diff <(echo "$before") <(pbx_rows))"
	checked
}

@test "--chunk: a number that two pieces change is undone" {
	each_backend moved_default
}

@test "--chunk: INT between the pieces: exit 5 with what to do, and 130 before the first" {
	sqlite_target
	sixty
	at unlink 2 INT didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID"
	[ "$CODE" -eq 130 ] && [ "$(assigned)" -eq 0 ] || fail "exit code $CODE" "$(cat err)"
	at unlink 2 TERM didctl assign 918060000000-49 Big -y --chunk 20 --change-id "$ID"
	[ "$CODE" -eq 5 ] && [ "$(assigned)" -eq 20 ] || fail "exit code $CODE" "$(cat err)"
	grep -q '20 of 50 numbers are done, the others as they were: interrupted' err || fail "$(cat err)"
	grep -q "the same command with --change-id $ID goes on; what is done is taken back by: didctl undo $ID" err || fail "$(cat err)"
	run_ok assign
	checked
}

# What is told to be typed, as it stands: --expect is part of it where undo would ask for it. The plan of an undo that nobody
# told to be made in pieces is shown as well, and a change that was taken back is not said to go on.
@test "--chunk: what is advised for a large change that is half done works as it stands" {
	local undo words

	sqlite_target
	run_ok didctl init --country IN
	run_ok didctl pool add 918061000000-918061011999 --expect 12000 -y
	run_ok didctl org add Big
	at unlink 3 TERM didctl assign 918061000000-918061011999 Big -y --expect 12000 --chunk 11000 --change-id "$ID"
	[ "$CODE" -eq 5 ] || fail "exit code $CODE" "$(cat err)"
	undo=$(sed -n 's/^hint: .*is taken back by: //p' err)
	[ "$undo" = "didctl undo $ID --expect 11000" ] || fail "$(cat err)"
	run_code 5 didctl history resolve "$ID"
	[ "$output" = "change $ID was broken off and is done in part, 11000/12000: the same command with --change-id $ID goes on, $undo takes it back" ] || fail "$output"
	run_ok didctl history
	told "half done: change $ID, assign, 11000/12000 numbers: .*, $undo takes it back"
	run_code 2 didctl undo "$ID" -y
	told 'then add --expect 11000'
	run_code 6 didctl assign 918061000000-918061011999 Big -y --expect 12000
	told '11000 are so already: didctl history tells'
	read -ra words <<<"$undo"
	run_ok "${words[@]}" -y
	told 'undo: changes 11000 numbers' 'state assigned -> available' 'undone 11000'
	run_code 5 didctl history resolve "$ID"
	[ "$output" = "change $ID was broken off and is done in part: what was done has been taken back since" ] || fail "$output"
}

together() {
	local i pids=() codes=

	sixty
	for i in 1 2 3; do
		didctl assign 918060000000-49 Big -y --chunk 3 --change-id "$ID" >"out$i" 2>"err$i" 3>&- &
		pids+=("$!")
	done
	for i in "${pids[@]}"; do
		wait "$i" || codes+=" $?"
	done
	[ -z "$codes" ] || fail "exit codes $codes" "$(cat err?)"
	[ "$(pieces):$(assigned)" = 17:50 ] || fail "$(pieces) pieces, $(assigned) assigned"
	[ "$(grep -c 'assigned 50, unchanged 0, refused 0' err1 err2 err3 | grep -c ':1$')" -eq 3 ] || fail "$(cat err?)"
	checked
}

@test "--chunk: several who finish the same change at once make each piece once" {
	each_backend together
}

@test "--chunk: what hangs together is refused, and changes nothing" {
	local row

	sqlite_target
	sixty
	row=$(sql "SELECT id FROM did_numbers WHERE number = '918060000001'")
	unchanged run_code 2 didctl pool edit "id:$row" 918060000002 --region Goa -y --chunk 1
	unchanged run_code 2 didctl assign --count 5 --contiguous Big -y --chunk 2
	unchanged run_code 2 didctl assign 918060000000-9 Big -y --chunk 0
	run_ok didctl assign 918060000000-9 Big -y --change-id "$ID"
	unchanged run_code 2 didctl undo "$ID" -y --chunk 5
	run_ok didctl undo "$ID" -y --chunk 10
	unchanged run_code 6 didctl assign 918060000000-49 Big -y --chunk 20 --expect 51
	unchanged run_ok didctl assign 918060000000-49 Big -y --chunk 20 --dry-run
	told 'it is made in 3 pieces'
	run_ok didctl pool mark reserved 918060000049 -y
	unchanged run_code 6 didctl assign 918060000000-49 Big -y --chunk 20
}

@test "--chunk: rows in a spelling of their own" {
	sqlite_target
	sixty
	sql "UPDATE did_numbers SET number = '(91) 80-6000.0013' WHERE number = '918060000013'"
	run_ok didctl pool edit --where env=prod --expect 60 --provider Tata -y --chunk 7
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE provider = 'Tata'")" -eq 60 ] || fail 'not all have it'
	run_ok didctl doctor history replay
}
