#!/usr/bin/env bats
# Many processes on one inventory at once: what each was told is what there is.
load ../lib/common
load ../lib/writes
load ../lib/race

pool_of_300() {
	run_ok didctl init --country IN --demo
	run_ok didctl pool delete 918065978000-29 -y --expect 30
	run_ok didctl pool add 918065980000-918065980299 -y
	run_ok didctl org add Initech
	racers 16 take_25
	only 0 6
	[ "$(codes 0)" -eq 12 ] || fail "$(codes 0) winners, not 12" "$(cat -- *.err)"
	for i in {1..16}; do
		case $(cat "$i.code") in
		0) [ "$(wc -l <"$i.out")" -eq 25 ] || fail "a winner with $(wc -l <"$i.out") numbers" ;;
		6) [ ! -s "$i.out" ] || fail 'a loser with numbers' ;;
		esac
	done
	[ "$(sort -- *.out | uniq -d | wc -l)" -eq 0 ] || fail 'a number was told to two'
	[ "$(cat -- *.out | sort)" = "$(sql "SELECT number FROM did_numbers WHERE pool_status = 'assigned'" | sort)" ]
	[ "$(sql "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'assign' AND n = 25")" = 12 ]
	invariants
}

take_25() {
	local orgs=(ACME Globex Initech)

	didctl assign --count 25 "${orgs[RACER % 3]}" --yes
}

@test "16 take 25 each of 300: 12 get 25, 4 get none, and no number goes twice" {
	each_backend pool_of_300
}

# A few steps, drawn by the process's number: the same in every run but for the order in which they meet.
steps() {
	local orgs=(ACME Globex) number code last='' i

	RANDOM=$RACER
	for i in {1..10}; do
		number=9180659780$((RANDOM % 20 + 10))
		code=0
		case $((RANDOM % 6)) in
		0 | 1) didctl assign "$number" "${orgs[RANDOM % 2]}" 2>"err.$RACER" || code=$? ;;
		2) didctl release "$number" -y 2>"err.$RACER" || code=$? ;;
		3) didctl default set "$number" 2>"err.$RACER" || code=$? ;;
		4) didctl assign "$number" "${orgs[RANDOM % 2]}" --transfer -y 2>"err.$RACER" || code=$? ;;
		5) [ -z "$last" ] || didctl undo "$last" -y 2>"err.$RACER" || code=$? ;;
		esac
		case $code in
		0) last=$(sed -n 's/^change-id: //p' "err.$RACER"); echo "$last" ;;
		3) last= ;; # the undo of what changed nothing
		6) ;;
		*) cat "err.$RACER" >&2; return "$code" ;;
		esac
	done
}

mixed() {
	stock
	racers 8 steps
	only 0
	[ "$(cat -- *.out | grep -c .)" -gt 8 ] || fail 'hardly anything was done'
	invariants
}

@test "8 assign, release, transfer, set defaults and undo on 20 numbers" {
	each_backend mixed
}

spell() {
	local spellings=(918065979000 08065979000 +918065979000 8065979000)

	didctl pool add "${spellings[RACER % 4]}"
}

same_number() {
	stock
	racers 4 spell
	only 0 6
	[ "$(codes 0)" -eq 1 ] || fail "$(codes 0) made it" "$(cat -- *.err)"
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE number LIKE '%8065979000'")" = 1 ]
	invariants
}

@test "one number made by several at once, each in its spelling: one makes it" {
	each_backend same_number
}

first_of_one() { didctl assign "91806597800$RACER" ACME; }

first_assignment() {
	stock
	racers 8 first_of_one
	only 0
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE is_default = 1")" = 1 ]
	[ "$(sql "SELECT COUNT(*) FROM did_numbers WHERE org_id = '$ACME'")" = 8 ]
	invariants
}

@test "several first assignments of one organisation: one default" {
	each_backend first_assignment
}

same_change() { didctl assign 918065978000-4 ACME -y -o json --change-id 00000000-0000-7000-8000-000000000001; }

replayed() {
	stock
	racers 6 same_change
	only 0
	[ "$(sort -u -- *.out | wc -l)" -eq 1 ] || fail "different answers: $(cat -- *.out)"
	[ "$(sql "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'assign'")" = 1 ]
	invariants
}

@test "one change id by several at once: done once, one answer for all" {
	each_backend replayed
}

gives_or_goes() {
	case $RACER in
	1 | 2) didctl org delete Initech -y ;;
	*) didctl assign "91806597800$RACER" Initech ;;
	esac
}

owner_goes() {
	stock
	for _ in {1..5}; do
		run_ok didctl org add Initech
		racers 5 gives_or_goes
		only 0 3 6
		invariants
		if [ "$(sql "SELECT COUNT(*) FROM organizations WHERE name = 'Initech'")" = 1 ]; then
			didctl release 918065978003-5 -y --partial || true
			run_ok didctl org delete Initech -y
		fi
	done
}

@test "an organisation deleted while it gets a number: the one or the other" {
	each_backend owner_goes
}

inits() { didctl init --country IN --demo; }

initialised() {
	racers 4 inits
	only 0
	made=$(sql "SELECT COUNT(*) FROM did_numbers; SELECT COUNT(*) FROM organizations" | paste -sd' ')
	[ "$made" = '30 2' ] || fail "numbers and organisations: $made" "$(cat -- *.err)"
	run_ok didctl init --country IN --demo
	invariants
}

@test "init by several at once" {
	each_backend initialised
}
