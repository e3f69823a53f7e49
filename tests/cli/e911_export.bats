#!/usr/bin/env bats
# didctl e911 export: PIDF-LO, proved against the schemas of RFC 3863, 4119 and 5139 (tests/data/pidf-lo).
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

HQ=(--street '350A Fifth Ave' --floor 21 --city 'New York' --state-code NY --zip 10118-0110 --label HQ)

america() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl org add Globex
	run_ok didctl pool add 14155550100-0149 18005550100 -y
	run_ok didctl assign 14155550100-0119 18005550100 ACME -y
	run_ok didctl assign 14155550120 Globex
	run_ok didctl e911 set 14155550100-0118 "${HQ[@]}" -y
	run_ok didctl e911 set 14155550119 --street "12 1/2 O'Neil & Sons Rd" --building A --unit 'Suite 4' --room 7 \
		--city 'New York' --state-code NY --zip 10001 --civic A2=Kings --civic STS=Rd --civic "LMK=Bob & Ann's #2"
}

is_valid() { # FILE
	run_ok xmllint --nonet --noout --schema "$ROOT/tests/data/pidf-lo/pidf.xsd" "$1"
}

# elements FILE: "name text" of every element that has text, in the order of the document
elements() { xmllint --format "$1" | sed -nE 's|^ *<([^ />]+)[^>]*>([^<]*)</.*|\1 \2|p'; }

exported() {
	america
	run_ok didctl e911 export 14155550119
	printf '%s\n' "$output" >one.xml
	is_valid one.xml
	diff - <(elements one.xml | sed 's/timestamp .*Z$/timestamp/') <<-'END'
		ca:country US
		ca:A1 NY
		ca:A2 Kings
		ca:A3 New York
		ca:RD O'Neil &amp; Sons
		ca:STS Rd
		ca:HNO 12
		ca:HNS 1/2
		ca:LMK Bob &amp; Ann's #2
		ca:PC 10001
		ca:BLD A
		ca:UNIT Suite 4
		ca:ROOM 7
		gbp:retransmission-allowed true
		gp:method Manual
		contact tel:+14155550119
		timestamp
	END
	[ "$(xmllint --xpath 'string(/*/@entity)' one.xml)" = tel:+14155550119 ]
	[ "$(xmllint --xpath 'string(//*[local-name()="tuple"]/@id)' one.xml)" = tel-14155550119 ]
	[ "$(xmllint --xpath 'string(//*[local-name()="timestamp"])' one.xml)" = \
		"$(didctl e911 show 14155550119 -o json | jq -r '.[0].e911_since')" ]
	# all of an organisation, each number once, and the same bytes again
	run_ok didctl e911 export --org ACME
	printf '%s\n' "$output" >all.xml
	is_valid all.xml
	[ "$(xmllint --xpath 'count(//*[local-name()="tuple"])' all.xml)" = 20 ]
	[ "$(xmllint --xpath 'string(/*/@entity)' all.xml)" = "urn:uuid:$(sql "SELECT id FROM organizations WHERE name = 'ACME'")" ]
	run_ok didctl e911 export 14155550110-0119 14155550100-0109
	diff all.xml - <<<"$output"
	run_ok didctl e911 export --e911 pending
	diff all.xml - <<<"$output"
	invariants
}
@test "a number, and all of an organisation, as documents that the schemas take" { each_backend exported; }

incomplete() {
	local words

	america
	for words in 14155550120 14155550100-0120 14155550199 '14155550100 14155550199' 18005550100 --toll-free \
		'--e911 registered' '--org Globex'; do
		# shellcheck disable=SC2086 # words
		run_code 3 didctl e911 export $words
		[ -z "$output" ] || fail "half a document: $output"
	done
	run_code 2 didctl e911 export nonsense
	run_code 2 didctl e911 export 14155550100 -o json
	run_ok didctl e911 set 14155550120 "${HQ[@]}"
	run_code 6 didctl e911 export
	told '14155550120. is of another organisation' --org
	[ -z "$output" ]
	run_code 6 didctl e911 export 14155550119-0120
	run_ok didctl e911 export --org Globex
	sql "INSERT INTO did_numbers (id, number, pool_status, status) VALUES ('01a20000-0000-7000-8000-000000000001',
		'+14155550100', 'available', 'active')"
	sql "INSERT INTO didctl_details (number, location) SELECT '+14155550100', id FROM didctl_locations WHERE label = 'HQ' LIMIT 1"
	run_code 6 didctl e911 export 14155550100
	told 'stands in two rows'
}
@test "a number without an address, of another organisation or in two rows: nothing is written" { each_backend incomplete; }

# What stands in the tables was written by somebody else, perhaps.
hostile() {
	local text id

	america
	id=$(sql "SELECT location FROM didctl_details WHERE number = '14155550119'")
	while IFS= read -r text; do
		sql "UPDATE didctl_locations SET $text WHERE id = '$id'"
		run_code 6 didctl e911 export 14155550119
		[ -z "$output" ]
		told "location '$id' of 14155550119: " "e911 locations edit $id"
		sql "UPDATE didctl_locations SET street = '1 Main St', civic = NULL, zip = '10001', state_code = 'NY' WHERE id = '$id'"
		run_ok didctl e911 export 14155550119
	done <<-'END'
		street = '1 </ca:RD><ca:RD> St'
		street = 'PO Box 7'
		civic = 'LMK=<!ENTITY x>'
		civic = 'PRD=N;XX=1'
		zip = 'ABCDE'
		state_code = 'XX'
	END
}
@test "an address in the tables that is none is refused and named, never exported" { each_backend hostile; }

@test "the schemas would find what is wrong" {
	local change

	sqlite_target
	america
	run_ok didctl e911 export 14155550119
	for change in 's|allowed>true<|allowed>yes<|' 's|<ca:country>US<|<ca:country>usa<|' 's| entity=[^>]*||' 's|tel-1|1|' \
		's|<gp:method>|<gp:mode>|; s|</gp:method>|</gp:mode>|' '/<gp:usage-rules>/,/<.gp:usage-rules>/d' \
		's|ca:RD>|ca:ROAD>|g' '/<ca:A1>/{h;d}; /<ca:A2>/G' 's|<timestamp>2|<timestamp>x|'; do
		sed "$change" <<<"$output" >bad.xml
		! cmp -s bad.xml - <<<"$output" || fail "'$change' changes nothing"
		! xmllint --nonet --noout --schema "$ROOT/tests/data/pidf-lo/pidf.xsd" bad.xml 2>/dev/null || fail "'$change' is valid"
	done
}
