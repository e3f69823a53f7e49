#!/usr/bin/env bats
# 256 MiB are enough for any command on a million numbers (safety.md). make check measures the same for fewer numbers, each
# with its share of that; make bulk does all of it: MEMORY_NUMBERS.
load ../lib/common
load ../lib/memory

N=${MEMORY_NUMBERS:-20000}
FIRST=918100000000 ALL=$FIRST-$((FIRST + N - 1))
# In KiB: the program with its libraries, a cache of pages and a block of rows are there for few numbers too; the numbers
# have the rest.
FEW=$((11 * 1024)) LIMIT=$((FEW + (256 * 1024 - FEW) * N / 1000000))

# What holds for all numbers at once: in this order, and LAST is the last change.
commands() {
	cat <<'LIST'
pool add ALL -y --provider Tata --tag x
assign ALL ACME -y --route queue:sales
pool edit ALL -y --region Bangalore --tag +y
cnam set ALL Acme -y
assign ALL Globex -y --transfer
pool list
pool list -o json -c all
pool list -o csv -s -price
pool stats
history ALL
doctor
regen --stdout
env check
cnam list -o ndjson
org show Globex
release ALL -y -n -o json
release ALL -y --hold 5
undo LAST -y
LIST
}

within() { # COMMAND...
	local words=("${@//ALL/$ALL}") kib

	words=("${words[@]//LAST/$(didctl history -o tsv -H -c change_id --limit 1 2>/dev/null)}")
	[[ " $* " != *' -y '* ]] || words+=(--expect "$N")
	kib=$(peak didctl -q "${words[@]}")
	[ "$kib" -le "$LIMIT" ] || fail "$* takes $kib KiB for $N numbers, and $LIMIT KiB are its share"
}

budget() {
	local words

	run_ok didctl init --country IN -q
	run_ok didctl org add ACME -q
	run_ok didctl org add Globex -q
	while read -ra words; do
		within "${words[@]}" </dev/null
	done < <(commands)
}

@test "no command takes more than its numbers' share of 256 MiB" {
	is_plain || skip 'only the plain program takes its own memory'
	each_backend budget
}
