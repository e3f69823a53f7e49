#!/usr/bin/env bats
# didctl-e911(1): its worked example is what happens, with the program that stands in it.
# shellcheck disable=SC2034 # BACKEND and DATABASE are read by common.bash
load ../lib/common
load ../lib/page

# The location that the page deletes is the one of this run without numbers.
here() { # LINE
	local id

	id=$(didctl e911 locations list -o json | jq -r '[.[] | select(.numbers == 0).id] | first // ""')
	sed -E "s/(locations delete) [0-9a-f-]{36}/\\1 $id/" <<<"$1"
}

@test "the worked example of the page is what happens" {
	export DIDCTL_TARGET=sqlite:pbx.db DIDCTL_ACTOR=ops DIDCTL_E911_COMMAND=./provider
	BACKEND=sqlite DATABASE=pbx.db
	didctl -q init --country US
	didctl -q org add ACME
	didctl -q pool add 14155550100-0103 -y
	didctl -q assign 14155550100-0103 ACME -y
	session didctl-e911.in 'THE PROGRAM' | sed -n '/^#!/,$p' >provider
	chmod +x provider
	plays didctl-e911.in 'WORKED EXAMPLE'
	didctl e911 export 14155550100 >location.xml
	xmllint --nonet --noout --schema "$ROOT/tests/data/pidf-lo/pidf.xsd" location.xml
	invariants
}
