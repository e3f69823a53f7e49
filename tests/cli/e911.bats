#!/usr/bin/env bats
# didctl e911: where the responders are sent for a call to 911.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

# Twenty numbers and a toll-free one of ACME, one of Globex, some in stock.
america() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl org add Globex
	run_ok didctl pool add 14155550100-0149 18005550100 -y
	run_ok didctl assign 14155550100-0119 18005550100 ACME -y
	run_ok didctl assign 14155550120 Globex
}

HQ=(--street '350 Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118 --label HQ)

# with CHANGE...: the address with some of its options replaced: NAME VALUE
with() {
	local -A o=([street]='350 Fifth Ave' [city]='New York' [state-code]=NY [zip]=10118)
	local name

	while [ $# -gt 0 ]; do
		o[$1]=$2
		shift 2
	done
	ADDRESS=()
	for name in "${!o[@]}"; do
		[ "${o[$name]}" = - ] || ADDRESS+=("--$name" "${o[$name]}")
	done
}

many() {
	america
	done_by e911 set 14155550100-0119 "${HQ[@]}"
	json '.changed' 20
	[ "$(sql 'SELECT COUNT(*) FROM didctl_changes WHERE verb = '"'e911 set'")" = 1 ]
	LOCATION=$(jq -r .location <<<"$output")
	field 14155550119 location "$LOCATION"
	field 14155550119 e911 pending
	field 14155550119 address '350 Fifth Ave, floor 21, New York, NY 10118, US'
	run_ok didctl e911 list -c number -o tsv -H
	[ "$(wc -l <<<"$output")" -eq 21 ] # without the toll-free one
	# the same address again is the same location, and nothing changes
	run_ok didctl e911 set 14155550100-0119 "${HQ[@]}" -y -o json
	json '.changed, .unchanged, .location' $'0\n20\n'"$LOCATION"
	[ "$(sql 'SELECT COUNT(*) FROM didctl_locations')" = 1 ]
	# all of it comes back, and the location goes
	run_ok didctl undo "$CHANGE" -y
	field 14155550100 e911 not-set
	field 14155550100 location null
	[ "$(sql 'SELECT COUNT(*) FROM didctl_locations')" = 0 ]
	invariants
}
@test "one address for twenty numbers, in one change, and undone exactly" { each_backend many; }

of_org() {
	america
	run_ok didctl e911 locations add ACME "${HQ[@]}"
	unchanged run_code 6 didctl e911 set --org ACME --location HQ # no terminal, no --yes
	run_ok didctl e911 set --org ACME --location HQ -y -o json
	json '.changed, .unchanged' $'20\n1'
	field 18005550100 e911 not-set
	refused_by 6 rule e911 set 18005550100 --location HQ
	refused_by 6 owner e911 set 14155550120 --location HQ
	refused_by 6 state e911 set 14155550130 --location HQ
	refused_by 3 not-found e911 set 14155550199 --location HQ
	unchanged run_code 6 didctl e911 set 14155550100 14155550120 "${HQ[@]}" -y # two organisations
	unchanged run_code 3 didctl e911 set 14155550100 --location Nowhere
	unchanged run_code 2 didctl e911 set 14155550100
	unchanged run_code 2 didctl e911 set "${HQ[@]}"
	unchanged run_code 2 didctl e911 set 14155550100 --org ACME --location HQ
	unchanged run_code 2 didctl e911 set 14155550100 --location HQ --street '1 Main St'
	run_ok didctl e911 set 14155550100 14155550120 18005550100 --location HQ --partial -y -o json || [ "$status" -eq 5 ]
	invariants
}
@test "--org means all numbers of an organisation but toll-free ones, which carry none" { each_backend of_org; }

bad() {
	local case

	america
	for case in 'street|PO Box 12' 'street|P.O. Box 12' 'street|12 Main St PO Box 4' 'street|Broadway' 'street|12 Main; rm' \
		'street|12 主街' 'state-code|XX' 'state-code|ON' 'state-code|New York' 'zip|ABCDE' 'zip|1011' 'zip|10118-01' \
		'city|12' 'city|-' 'street|-' 'zip|-' 'state-code|-' 'country|MX' 'country|CA' 'floor|123456789012345678901' \
		'civic|XYZ=1' 'civic|PRD' $'street|12 Main\n[globals]' $'city|\xff' 'city| '; do
		with "${case%%|*}" "${case#*|}"
		unchanged run_code 2 didctl e911 set 14155550100 "${ADDRESS[@]}"
		unchanged run_code 2 didctl e911 locations add ACME "${ADDRESS[@]}"
	done
	with country ca state-code on zip m5v3l9
	run_ok didctl e911 set 14155550100 "${ADDRESS[@]}"
	field 14155550100 address '350 Fifth Ave, New York, ON M5V 3L9, CA'
	invariants
}
@test "what is no dispatchable location is refused: boxes, states, ZIP codes, characters" { each_backend bad; }

listed() {
	america
	run_code 3 didctl e911 list --e911 not-set,failed -c number -o tsv -H
	[ "$(wc -l <<<"$output")" -eq 21 ]
	run_ok didctl e911 set --org ACME "${HQ[@]}" -y
	run_ok didctl e911 set 14155550120 "${HQ[@]}"
	run_ok didctl e911 list --e911 not-set,failed -o json
	json length 0
	run_ok didctl e911 list --e911 pending -c number -o tsv -H
	[ "$(wc -l <<<"$output")" -eq 21 ]
	run_code 2 didctl e911 list --e911 nonsense
	run_ok didctl pool list --e911 pending -c number -o tsv -H
	[ "$(wc -l <<<"$output")" -eq 21 ]
	run_ok didctl e911 show 14155550105 -o json
	json '.[0] | .["e911"], .street, .floor, .zip, .label' $'pending\n350 Fifth Ave\n21\n10118\nHQ'
	run_ok didctl pool show 14155550105
	[[ $output == *'350 Fifth Ave, floor 21, New York, NY 10118, US'* ]]
}
@test "list and show; exit code 3 when numbers have no address" { each_backend listed; }

places() {
	america
	run_ok didctl e911 set --org ACME "${HQ[@]}" -y
	past_status registered
	run_ok didctl e911 locations edit HQ --label Home -y # another name is no other place
	field 14155550100 e911 registered
	run_ok didctl e911 locations edit Home --label HQ -y -o json
	json '.changed' 0
	done_by e911 locations edit HQ --room 7 --civic PRD=N
	json '.changed' 20
	field 14155550100 e911 pending
	run_ok didctl e911 locations show HQ -o json
	json '.[0] | .room, .civic, .numbers' $'7\nPRD=N\n20'
	run_ok didctl undo "$CHANGE" -y
	field 14155550100 e911 pending # the provider may have been told of the room
	run_ok didctl e911 locations show HQ -o json
	json '.[0].room' null
	unchanged run_code 2 didctl e911 locations edit HQ --zip ABCDE -y
	unchanged run_code 2 didctl e911 locations edit HQ
	unchanged run_code 2 didctl e911 locations edit HQ --country CA -y # the state is none there
	unchanged run_code 6 didctl e911 locations delete HQ -y
	unchanged run_code 3 didctl e911 locations delete Nowhere -y
	run_code 2 didctl e911 locations lst
	told "^hint: did you mean 'list'?"
	run_ok didctl e911 clear 14155550100-0119 -y
	done_by e911 locations delete HQ
	run_ok didctl e911 locations list -o json
	json length 0
	run_ok didctl undo "$CHANGE" -y
	run_ok didctl e911 locations list --org ACME -o json
	[ "$(didctl e911 locations --org ACME -o json)" = "$output" ] # listed without a verb, too
	json '.[0].label' HQ
	unchanged run_code 6 didctl org delete ACME -y
	run_ok didctl e911 locations add Globex "${HQ[@]}"
	unchanged run_code 6 didctl e911 locations show HQ
	told 'names 2 locations'
	unchanged run_code 6 didctl e911 set 14155550100 --location HQ
	invariants
}
past_status() { sql "UPDATE didctl_details SET e911 = '$1'"; }
@test "locations: added, edited for all their numbers at once, not deleted while in use, undone" { each_backend places; }

life() {
	america
	run_ok didctl assign 14155550130-0132 Globex -y
	told 'warning: 3 numbers from 14155550130 on without an emergency address'
	run_ok didctl e911 set 14155550130-0132 "${HQ[@]}" -y
	run_ok didctl release 14155550130 -y
	field 14155550130 location null
	field 14155550130 e911 not-set
	run_ok didctl release 14155550131 --keep e911 -y
	field 14155550131 e911 pending
	run_ok didctl assign 14155550132 ACME --transfer -y
	field 14155550132 location null
	told 'warning: 14155550132 without an emergency address'
	run_ok didctl pool add +918065978000
	run_ok didctl assign +918065978000 ACME
	[[ $stderr != *'emergency address'* ]]
	run_ok didctl e911 set +918065978000 "${HQ[@]}"
	told 'warning: 918065978000: no number of the United States or Canada'
	invariants
}
@test "an assignment without an address is warned of; release and transfer clear it" { each_backend life; }

prepared() {
	local id

	america
	run_ok didctl e911 locations add ACME "${HQ[@]}"
	id=$(sql "SELECT id FROM didctl_locations")
	run_ok didctl port new ACME +14155550300 --losing-carrier Old --location "$id"
	unchanged run_code 6 didctl e911 locations delete HQ -y
	told "location 'HQ' is prepared for the numbers of 1 port order" 'didctl port list'
	unchanged run_code 6 didctl org delete ACME -y
	run_ok didctl port cancel 1 --reason 'not needed' -y
	run_ok didctl e911 locations delete HQ -y
	# a location that came with a change goes with its undo, unless an order has it by now
	done_by e911 set 14155550100 "${HQ[@]}"
	id=$(sql "SELECT id FROM didctl_locations")
	run_ok didctl port new ACME +14155550301 --losing-carrier Old --location "$id"
	unchanged run_code 6 didctl undo "$CHANGE" -y
	run_ok didctl port edit 2 --location ''
	run_ok didctl undo "$CHANGE" -y
	[ "$(sql 'SELECT COUNT(*) FROM didctl_locations')" = 0 ]
	invariants
}
@test "a location that an open port order has for its numbers is not deleted, nor undone away" { each_backend prepared; }

# finds RULE STATEMENT UNDO: the invariants find a fault that is planted; it is taken away again
finds() {
	sql "$2"
	run "$ROOT/tests/lib/invariants" "$DIDCTL_TARGET"
	[ "$status" -eq 1 ] || fail "not found: $2"
	grep -q "^$1" <<<"$output" || fail "not found: $2" "$output"
	sql "$3"
}

planted() {
	local name value

	america
	run_ok didctl e911 set 14155550100 "${HQ[@]}"
	run_ok didctl cnam set 14155550100 'Acme & Sons'
	run_ok didctl cnam default ACME Acme -y
	DIDCTL_E911_COMMAND="'$ROOT/tests/lib/provider' good" run_ok didctl e911 sync
	field 14155550100 e911 registered
	invariants
	for name in street zip country; do
		finds '17 ' "UPDATE didctl_locations SET $name = ''" "UPDATE didctl_locations SET $name = '${HQ_STORED[$name]}'"
	done
	finds '17 ' "UPDATE didctl_details SET location = '01a20000-0000-7000-8000-00000000dead' WHERE number = '14155550100'" \
		"UPDATE didctl_details SET location = (SELECT id FROM didctl_locations)"
	finds '17 ' "UPDATE didctl_details SET location = NULL" "UPDATE didctl_details SET location = (SELECT id FROM didctl_locations)"
	for value in 'acme' '123' 'ÄCME' ''; do
		finds '18 ' "UPDATE didctl_details SET cnam = '$value' WHERE number = '14155550100'" \
			"UPDATE didctl_details SET cnam = 'ACME & SONS' WHERE number = '14155550100'"
	done
	finds '18 ' "UPDATE didctl_orgs SET cnam = 'ACME?'" "UPDATE didctl_orgs SET cnam = 'ACME'"
	invariants
}
declare -gA HQ_STORED=([street]='350 Fifth Ave' [zip]=10118 [country]=US)
@test "the invariants find a registered number without an address, and a name that is none" { each_backend planted; }

older() {
	run_ok didctl init --country US
	sql 'DROP TABLE didctl_locations'
	sql "UPDATE didctl_meta SET value = '2' WHERE name = 'schema'"
	run_code 4 didctl e911 locations list
	told "didctl's own tables of version"
	run_ok didctl init
	run_ok didctl e911 locations list
}
@test "tables of an older version are upgraded by init" { each_backend older; }

twins() {
	run_ok didctl init --country US
	run_ok didctl pool add -q 14155500001
	sql "INSERT INTO did_numbers (id, number) VALUES ('twin', '+14155500001')"
	run_ok didctl e911 show 14155500001 -o json
	json 'map(.number) | sort | join(",")' '+14155500001,14155500001'
}
@test "show of a number that is stored twice: one list of both rows" { each_backend twins; }
