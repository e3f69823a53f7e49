#!/usr/bin/env bats
# What undo says of names and addresses: never that a provider has what it may have been told to replace.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

HQ=(--street '350 5th Ave' --city 'New York' --state-code NY --zip 10118)
MAIN=(--street '1 Main St' --city 'New York' --state-code NY --zip 10001)

# Three numbers of ACME; the provider has an address and a name of each.
registered() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl pool add 14155550100-0109 -y
	run_ok didctl assign 14155550100-0102 ACME -y
	run_ok didctl e911 set --org ACME "${HQ[@]}" --label HQ -y
	run_ok didctl cnam default ACME 'Old Name' -y
	provider good
	run_ok didctl e911 sync
	run_ok didctl cnam sync
	field 14155550100 e911 registered
	field 14155550100 cnam_status synced
}

provider() { export DIDCTL_E911_COMMAND="exec '$ROOT/tests/lib/provider' $*" DIDCTL_CNAM_COMMAND="exec '$ROOT/tests/lib/provider' $*"; }

last_change() { didctl history --limit 1 -o json | jq -r '.[0].change_id'; }

# pending NUMBER: as new as the undo that wrote it, so that no answer to an older question fits
pending() {
	field "$1" e911 pending
	[[ $(didctl e911 show "$1" -o json | jq -r '.[0].e911_since') > $SINCE ]] || fail "$1 has waited since before the undo"
}

taken_back() {
	local set

	registered
	SINCE=$(date -u +%FT%T.%3NZ)
	# the provider took it and has not decided: it may have the new address all the same
	done_by e911 set 14155550100 "${MAIN[@]}"
	set=$CHANGE
	provider later
	run_ok didctl e911 sync
	field 14155550100 e911 pending
	done_by undo "$set"
	field 14155550100 address '350 5th Ave, New York, NY 10118, US'
	pending 14155550100
	run_ok didctl explain --outbound 14155550100 --dial 911
	[[ $output != *'It may call 911;'* ]]
	field 14155550101 e911 registered
	# it has the new address, and both are undone, the answer first
	done_by e911 set 14155550101 "${MAIN[@]}"
	set=$CHANGE
	provider good
	run_ok didctl e911 sync
	done_by undo "$(last_change)"
	SINCE=$(date -u +%FT%T.%3NZ)
	done_by undo "$set"
	pending 14155550101
	# nor does an undone answer come back by another undo
	done_by undo "$CHANGE"
	field 14155550101 address '1 Main St, New York, NY 10001, US'
	field 14155550101 e911 pending
	invariants
}
@test "an address that comes back waits for the provider, whatever it had said" { each_backend taken_back; }

edited() {
	local edit

	registered
	done_by e911 locations edit HQ --street '2 Main St'
	edit=$CHANGE
	run_ok didctl assign 14155550103 ACME
	run_ok didctl e911 set 14155550103 --location HQ # came to it since, and is told to the provider
	export DIDCTL_E911_COMMAND='jq -c "select(.number == \"14155550103\") | {number, status: \"registered\"}"'
	run_code 5 didctl e911 sync
	field 14155550103 e911 registered
	SINCE=$(date -u +%FT%T.%3NZ)
	done_by undo "$edit"
	json '.changed' 4
	field 14155550103 address '350 5th Ave, New York, NY 10118, US'
	pending 14155550100
	pending 14155550103
	# another label is no other place
	provider good
	run_ok didctl e911 sync
	done_by e911 locations edit HQ --label Home
	done_by undo "$CHANGE"
	field 14155550103 e911 registered
	invariants
}
@test "an edit of a location undone: all that are there wait, also who came since" { each_backend edited; }

named() {
	registered
	done_by cnam set 14155550100 'New Name'
	provider later
	run_ok didctl cnam sync
	done_by undo "$CHANGE"
	field 14155550100 cnam 'OLD NAME'
	field 14155550100 cnam_status pending
	done_by cnam default ACME 'New Name'
	run_ok didctl cnam sync
	done_by undo "$CHANGE"
	field 14155550101 cnam 'OLD NAME'
	field 14155550101 cnam_status pending
	# what the provider refused is told as it was: that is no claim
	run_ok didctl cnam set 14155550102 Bad
	provider good
	run_ok didctl cnam sync
	field 14155550102 cnam_status failed
	done_by cnam set 14155550102 'New Name'
	done_by undo "$CHANGE"
	field 14155550102 cnam_status failed
	field 14155550102 cnam BAD
	invariants
}
@test "a name that comes back waits for the provider too, an inherited one included" { each_backend named; }
