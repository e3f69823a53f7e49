#!/usr/bin/env bats
# Every example of the help and the man pages, run as it stands.
# shellcheck disable=SC2016,SC2094 # backticks of the README; fail prints the line that was read, it writes no list
load ../lib/common
load ../lib/page

CHANGE=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f # the one that examples name

# What the examples take for granted: the demo inventory, in which ACME already holds eight numbers and has a user and places,
# and another organisation asks for a number.
prepare() {
	export DIDCTL_TARGET=sqlite:$T/prepared.db
	didctl init -q --country IN --demo
	didctl assign -q --yes --change-id "$CHANGE" 918065978002-8009 ACME
	didctl org add -q Initrode
	didctl pool request -q 918065978020 Initrode
	didctl user add -q alice --org ACME
	didctl e911 set -q 918065978002 --label Toronto --street '290 Bremner Blvd' --city Toronto --state-code ON --country CA \
		--zip 'M5V 3L9'
	didctl e911 locations add -q ACME --label Ottawa --street '111 Wellington St' --city Ottawa --state-code ON --country CA \
		--zip 'K1A 0A9'
	orders
	cp prepared.db honest.db
	sqlite3 prepared.db "UPDATE didctl_changes SET at = '2026-10-01T09:00:00.000Z'" # an example asks what was in November
}

# Port orders: 1 and 2 are drafts that lack nothing, 3 is with the losing carrier, 4 has its day.
orders() {
	local port

	printf '%%PDF-1.4 signed' >loa-signed.pdf
	for port in 1 2 3 4; do
		didctl port new -q ACME "+44207946015$port" --losing-carrier 'Old Telecom' --account 55-1234 --btn +442079460150 \
			--authorised-name 'Ann Other' --service-address '1 High Street, London'
		didctl port document -q $port loa-signed.pdf --kind loa
	done
	didctl port attach -q 1 +442079460112
	didctl port submit -q 3
	didctl port submit -q 4
	didctl port ack -q 4
	didctl port foc -q 4 2099-06-01
}

# On a copy of the inventory, in an empty directory but for the list that an example reads. To doctor a change with
# another date is a falsified one; merging wants a number in two rows, which nothing else does.
works() { # LINE
	rm -rf here
	mkdir here
	case $1 in
	*doctor*) cp honest.db here/target.db ;;
	*) cp prepared.db here/target.db ;;
	esac
	case $1 in
	*'pool merge'*) sqlite3 here/target.db "INSERT INTO did_numbers (id, number) VALUES
		('01a20000-0000-7000-8000-000000000001', '08065978019')" ;;
	esac
	printf '918065978040\n918065978041 # the last of the batch\n' >here/batch.txt
	cp loa-signed.pdf here
	(cd here && DIDCTL_TARGET=sqlite:target.db bash -euc "$1") >out 2>err </dev/null && return
	printf '%s\nended with %d\n' "$1" $? >&2
	cat out err >&2
	return 1
}

@test "every example of the help works" {
	local line failed=0 n=0

	prepare
	didctl __emit examples >examples
	while IFS= read -r line; do
		works "$line" || failed=1
		n=$((n + 1))
	done <examples
	[ "$n" -gt 40 ]
	[ "$failed" -eq 0 ]
}

@test "every command that does something has an example" {
	didctl __emit examples >examples
	for page in $(didctl __emit pages); do
		case $page in didctl | *.[57]) continue ;; esac
		grep -q "^didctl .*${page#didctl-}" examples || fail "no example of ${page#didctl-}"
	done
}

@test "every example is in the help of its command" {
	local line

	didctl __emit examples | grep -v -e ' -t ' -e '^didctl help' >examples
	while IFS= read -r line; do
		read -r _ verb sub third _ <<<"$line"
		{ didctl "$verb" "$sub" "$third" --help || didctl "$verb" "$sub" --help || didctl "$verb" --help; } >help 2>/dev/null
		grep -qF -- "$line" help || fail "not in the help: $line"
	done <examples
}

@test "the session of the README is what happens" {
	local line

	sed -n '/^```$/,/^```$/{/^```$/d;p}' "$ROOT/README.md" >session
	grep '^[$] ' session >lines
	while IFS= read -r line; do
		printf '%s\n' "$line"
		line=${line#\$ }
		case $line in
		'didctl undo '*) line="didctl undo $(didctl -q history --limit 1 -c change_id -o tsv -H) --yes" ;;
		esac
		eval "$line" 2>&1 </dev/null
	done <lines >happened
	diff -u <(steady <session) <(steady <happened)
}
