#!/usr/bin/env bats
# didctl-troubleshooting(7): the seed's symptoms. Each section's fault is planted, and its sessions must be what happens.
# shellcheck disable=SC2034 # BACKEND and DATABASE are read by sql of common.bash
load ../lib/common
load ../lib/writes
load ../lib/page

# The inventory that the page begins with, and what is wrong in a section.
prepare() { # SECTION
	rm -f pbx.db
	export DIDCTL_TARGET=sqlite:pbx.db DIDCTL_ACTOR=ops
	BACKEND=sqlite DATABASE=pbx.db
	didctl init -q --country IN --demo
	didctl assign -q -y 918065978002-8004 ACME --route queue:sales
	didctl assign -q -y 918065978005 Globex --route queue:desk
	didctl user add -q alice --org ACME
	case $1 in
	*'WRONG ORGANISATION') sql "INSERT INTO did_numbers (id, number, org_id, pool_status, routing_environment, is_default,
		status, routing_type, routing_destination) SELECT '7d1f3c2a-4b5e-4f60-8a9b-0c1d2e3f4a5b', '08065978002', id,
		'assigned', 'prod', 0, 'active', 'extension', '1001' FROM organizations WHERE name = 'Globex'" ;;
	*'SHOWS 918065978001') sql "UPDATE users SET outbound_did = '918065978005' WHERE name = 'alice'" ;;
	*'OSS NUMBER'*) didctl assign -q -y 918065978025 ACME --route queue:sales ;;
	'A CHANGED ENVIRONMENT'* | 'A STAGING NUMBER'* | 'EVERY NIGHT') ;; # nothing is wrong in the inventory
	*) fail "no fault is known for the section '$1'" ;;
	esac 2>prepared
}

# An id that a command of the page names is that of another run: the row of the same number here.
here() { # LINE
	local line=$1 id

	if [[ $line == *' --keep '* ]]; then
		id=$(sql "SELECT id FROM did_numbers WHERE number = '918065978002'")
		line=$(sed -E "s/--keep [0-9a-f-]{36}/--keep $id/" <<<"$line")
	fi
	printf '%s\n' "$line"
}

@test "each symptom is reproduced, and answered as the page says" {
	local section n=0 failed=0

	grep '^\.Sh ' "$ROOT/man/didctl-troubleshooting.7.in" | sed 's/^\.Sh //' >sections
	while IFS= read -r section; do
		case $section in NAME | DESCRIPTION | 'SEE ALSO') continue ;; esac
		prepare "$section"
		plays didctl-troubleshooting.7.in "$section" || { echo "section: $section" >&2; failed=1; }
		n=$((n + 1))
	done <sections
	[ "$n" -ge 6 ]
	[ "$failed" -eq 0 ]
}
