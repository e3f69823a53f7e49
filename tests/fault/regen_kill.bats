#!/usr/bin/env bats
# didctl regen that is killed, or whose system calls fail, at any of them; many at once. Whatever happens, each file is the
# old or the new one, whole, and the next regen goes through. KILLS (40) system calls a store; 200 or more: all of them.
# shellcheck disable=SC2154 # output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/regen

: "${KILLS:=40}"
export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look

# traced WORD...: regen under strace with these words, and no shell between. Its exit code is left in $CODE.
traced() {
	CODE=0
	# shellcheck disable=SC2086 # words
	timeout 60 strace -f -qq -o trace "$@" $DIDCTL regen --force -y >out 2>err 3>&- || CODE=$?
}

# Old files, and new ones that a switch has loaded: beside each other in old/ and new/.
two_states() {
	wired
	peer
	run_ok didctl regen
	cp -a "$FILES" old
	quick pool edit 918065978003 --route queue:7
	quick assign 918065978010 ACME
	quick assign 918065978011 Globex
	traced
	[ "$CODE" -eq 0 ] || fail "$(<err)"
	cp trace usual
	cp -a "$FILES" new
}

reset() {
	rm -rf "$FILES"
	cp -a old "$FILES"
}

# whole WHAT: no file is mixed or missing, whatever happened
whole() {
	local file name

	for file in new/*.conf; do
		name=${file##*/}
		cmp -s "$file" "$FILES/$name" || cmp -s "old/$name" "$FILES/$name" || fail "$name is neither old nor new after $1"
		[ "$(stat -c %a "$FILES/$name")" = "$(stat -c %a "old/$name")" ] || fail "mode of $name after $1"
	done
	for file in "$FILES"/*.last-good; do
		name=${file##*/}
		[ ! -e "$file" ] || cmp -s "$file" "old/${name%.last-good}" || fail "$name is not the old one after $1"
	done
}

# finishes WHAT: the next regen goes through and leaves nothing but what it makes
finishes() {
	local file

	traced
	[ "$CODE" -eq 0 ] || fail "the next regen after $1" "$(<err)"
	for file in new/*.conf; do
		cmp "$file" "$FILES/${file##*/}" || fail "after $1"
	done
	[ -z "$(find "$FILES" ! -type d ! -name '*.conf' ! -name '*.last-good' ! -name '*.rejected' ! -name .didctl.lock)" ] ||
		fail "litter after $1: $(ls -A "$FILES")"
}

# The system calls of a usual run, one a line as "name n": the n-th of its name. strace counts each name by itself.
moments() { sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' usual | grep -vE '^(execve|exit_group|exit)$' | awk '{ print $1, ++n[$1] }'; }

# A slice that covers them evenly, or all.
slice() {
	if [ "$KILLS" -ge 200 ]; then
		cat
	else
		shuf --random-source=<(yes) | head -n "$KILLS"
	fi
}

killed() {
	local name n done=0 tried=0

	two_states
	while read -r name n; do
		reset
		traced -e "inject=$name:signal=KILL:when=$n"
		[ "$CODE" -eq 137 ] || [ "$CODE" -eq 0 ] || fail "exit code $CODE, not killed at $name $n" "$(<err)"
		whole "a kill at $name $n"
		tried=$((tried + 1))
		[ "$CODE" -ne 137 ] || done=$((done + 1))
		finishes "a kill at $name $n"
	done < <(moments | slice)
	[ "$done" -gt $((tried / 2)) ] || fail "$done of $tried kills only"
	rm -rf old new
}

@test "kill -9 at a system call: each file is the old or the new one, and the next regen goes through" {
	each_backend killed
}

# Those that touch the files, from the lock on.
file_moments() {
	sed -n '/\.didctl\.lock/,$p' usual | sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' >after
	moments >all
	awk 'FNR == NR { seen[$1]++; next } { total[$1]++; line[FNR] = $0; name[FNR] = $1; at[FNR] = $2 }
		END { for (i = 1; i in line; i++) if (at[i] > total[name[i]] - seen[name[i]]) print line[i] }' after all |
		grep -E '^(openat|write|pwrite64|fsync|renameat|linkat|unlinkat|fchmod|newfstatat|lseek|read|flock|ftruncate|getdents64|close) '
}

# What each may fail with, and must be told: the disk full, too many open files, a file system that became read-only.
error_of() {
	case $1 in
	openat) echo EMFILE ;;
	write | pwrite64 | ftruncate) echo ENOSPC ;;
	renameat | linkat | unlinkat | fchmod) echo EROFS ;;
	flock) echo ENOLCK ;;
	*) echo EIO ;;
	esac
}

failing() {
	local name n what refused=0

	two_states
	while read -r name n; do
		reset
		what="$(error_of "$name") from $name $n"
		traced -e "inject=$name:error=$(error_of "$name"):when=$n"
		case $CODE in
		0) ;; # one that does not matter: the lock's owner, a copy where no link can be made, closing
		1 | 4) refused=$((refused + 1)) ;;
		*) fail "exit code $CODE for $what" "$(<err)" ;;
		esac
		[ "$CODE" -eq 0 ] || grep -q ^didctl: err || fail "no message for $what"
		whole "$what"
		finishes "$what"
	done < <(file_moments | slice)
	[ "$refused" -gt 10 ] || fail "only $refused were refused"
	rm -rf old new
}

@test "ENOSPC, EROFS, EMFILE and EIO at a system call: said, no file mixed or missing, and the next regen goes through" {
	sqlite_target
	failing
}

@test "a full disk at every write: nothing is replaced, and nothing is left" {
	sqlite_target
	two_states
	reset
	# The lock's owner and messages are written, too: only what is written from the first new file on counts.
	traced -e 'inject=fsync:error=ENOSPC'
	[ "$CODE" -eq 1 ] || fail "exit code $CODE" "$(<err)"
	grep -q "cannot write '.*No space left on device" err || fail "$(<err)"
	[ "$(contents old)" = "$(contents)" ] || fail "$(diff <(contents old) <(contents))"
}

# Whoever reads a file sees one that is whole: its last line belongs to its first.
watch() {
	local first last

	while [ -d "$FILES" ] && [ ! -e stop ]; do
		{ read -r first && last=$(tail -n 1); } <"$FILES/$GATEWAY"
		first=${first##*sha256 }
		[ "$last" = "exten => gen-${first:0:16},1,NoOp()" ] || echo "first: $first, last: $last" >>torn
	done
}

at_once() {
	local watcher jobs=() failed=0 i job

	wired
	run_ok didctl regen --no-reload
	rm -f stop torn
	watch 3>&- &
	watcher=$!
	for i in {00..31}; do
		(
			[ $((10#$i % 4)) -ne 0 ] || didctl -q assign "9180659780$((10#$i / 4 + 10))" ACME --timeout 60
			didctl -q regen --no-reload --force -y --timeout 120
		) >"job$i" 2>&1 3>&- &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || failed=1
	done
	touch stop
	wait "$watcher"
	[ "$failed" -eq 0 ] || fail "$(cat job*)"
	[ ! -e torn ] || fail "$(<torn)"
	is_live
	[ "$(routes | wc -l)" -eq 38 ]
	run_ok didctl regen --check
	[ -z "$(find "$FILES" -name '*.didctl-*')" ]
	invariants
}

@test "32 at once with changes in between: the newest generation stands, and nobody saw a file that was not whole" {
	each_backend at_once
}
