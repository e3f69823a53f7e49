# Names and emergency addresses through the REST API: the same session as on a database says and does the same; what ends in
# the middle is finished and taken back; what this API does not offer, or answers with OK and ignores, is told.
load ../lib/common
load ../lib/api

setup_file() { api_start; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no DIDCTL_COUNTRY=US DIDCTL_CNAM_COMMAND="$PWD/names" DIDCTL_E911_COMMAND="$PWD/places"
	ID=019aa7c2-5b1e-7c3d-9e4f-2a6b8c0d1e2f
	# Each refuses what ends in 1; the other one offers an address instead.
	provider names synced ''
	provider places registered ',"candidates":[{"street":"1 Main St","city":"Albany","state_code":"NY","zip":"12207"}]'
}

teardown() { api_teardown; }

provider() { # FILE STATUS CANDIDATES
	cat >"$1" <<-EOF
		#!/bin/sh
		jq -c '.number as \$n | if (\$n | endswith("1")) then {number: \$n, status: "failed", text: "not this one"$(
		sed 's/"candidates":/candidates: /' <<<"${3-}" | sed 's/^,/, /')} else {number: \$n, status: "$2"} end'
	EOF
	chmod +x "$1"
}

# Ids, times and where it is are other ones each time. Since when a name counts is in the history of all changes.
plainly() {
	sed -E -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' \
		-e 's/\<org-[ab]\>/ID/g' \
		-e '/^target /d' -e '/^Counts since /d' -e '/^didctl: not live yet/d'
}

said() { # COMMAND...: what it says, and how it ends
	local code=0

	echo "\$ $*"
	didctl "$@" 2>&1 | plainly
	code=${PIPESTATUS[0]}
	echo "= $code"
}

# Four numbers of Acme's, one of them toll-free, and one for sale.
stocked() {
	didctl -q pool add 14155550100-103 18005550199 -y
	didctl -q assign 14155550100-102 Acme -y
	didctl -q assign 18005550199 Acme -y
}

session() {
	stocked
	while read -r line; do
		eval "said $line"
	done <<-'EOF'
		cnam list
		cnam default Acme 'Acme Corp' -n
		cnam default Acme 'Acme Corp' -y
		cnam set 14155550101-102 'Acme Sales' -y
		cnam set 14155550101 'Acme Sales' -y
		cnam set 14155550103 Nobody -y
		cnam set 14155550102 14155550103 Some -y --partial
		cnam set 14155550100 'Much too long a name' -y
		cnam list
		cnam list -c number,cnam_since,cnam_note -o json
		cnam sync -n
		cnam sync
		cnam list --cnam failed
		cnam show 14155550101
		cnam clear 14155550102 -y
		assign 14155550103 Acme -y
		cnam list
		cnam default Acme --clear -y
		cnam list
		e911 list
		e911 set 14155550100-101 --street '350 Fifth Ave' --city 'New York' --state-code ny --zip 10118 --floor 21 --label HQ -y
		e911 set 14155550100 --street '350 Fifth Ave' --city 'New York' --state-code ny --zip 10118 --floor 21 --label HQ -y
		e911 set 18005550199 --location HQ -y
		e911 set 14155550102 --location Nowhere -y
		e911 set --org Acme --location HQ -y
		e911 set --org Bolt --location HQ -y
		e911 set 14155550102 --street x --city y --state-code zz --zip 10118 -y
		e911 sync
		e911 list
		e911 show 14155550101
		e911 set 14155550101 --choose 1 --label Albany -y
		e911 locations list
		e911 locations show Albany
		e911 locations add Bolt --street '1 Broadway' --city Boston --state-code MA --zip 02110 --label Bolt --civic PRD=N
		e911 locations add Bolt --street '1 Broadway' --city Boston --state-code MA --zip 02110 --label Bolt --civic PRD=N
		e911 locations edit HQ --floor 22 -y
		e911 locations edit HQ --label Tower -y
		e911 locations delete Tower -y
		e911 list --e911 pending
		e911 list --e911 not-set,failed
		org delete Bolt -y
		e911 locations delete Bolt -y
		e911 clear 14155550102 -y
		release 14155550102 -y
		release 14155550100 --keep e911 -y
		pool list -c number,state,org,cnam,cnam_source,cnam_status,e911,address
		pool list --e911 pending
		pool list --cnam pending
		explain --outbound 14155550101 --dial 911
		explain --outbound 14155550103 --dial 911
		doctor e911
		e911 locations list
	EOF
	didctl e911 export 14155550101 | plainly
}

@test "a session through the API is that on a database: plans, messages, exit codes and rows" {
	local there here

	here=$(session)
	DIDCTL_TARGET=sqlite:$PWD/own.db
	didctl -q init
	didctl -q org add Acme --context-prefix org_acme
	didctl -q org add Bolt --context-prefix org_bolt
	there=$(session)
	diff <(echo "$there") <(echo "$here") || fail "the API is another"
	[ "$(grep -c '^\$ ' <<<"$here")" = 52 ]
}

# ---- what is left where it ends in the middle

inventory() {
	stocked
	didctl -q e911 locations add Acme --street '350 Fifth Ave' --city 'New York' --state-code NY --zip 10118 --label HQ
}

status() { didctl pool list -c number,cnam,cnam_status,e911 -o tsv --no-header; }

@test "a change that ends in the middle is told, finished by the same command, and taken back" {
	inventory
	before=$(didctl pool list -o json -c all)
	rules '{"method":"PUT","path":"/cnam$","skip":2,"status":500}'
	run_code 5 didctl cnam default Acme 'Acme Corp' -y --change-id $ID --jobs 1
	api switch '{}'
	[ "$(status | grep -c pending)" = 2 ]
	run_code 0 didctl cnam default Acme 'Acme Corp' -y --change-id $ID
	[ "$(status | grep -c 'ACME CORP.*pending')" = 4 ]
	run_code 0 didctl cnam default Acme 'Acme Corp' -y --change-id $ID -o json
	[ "$(jq .changed <<<"$output")" = 4 ]
	run_code 0 didctl undo $ID -y
	[ "$(didctl pool list -o json -c all)" = "$before" ]
}

@test "a new address of which only some numbers are told is finished, and undone with its location" {
	inventory
	set -- e911 set 14155550100-102 --street '1 Main St' --city Albany --state-code NY --zip 12207 --label Main -y --change-id $ID
	rules '{"method":"PUT","path":"/e911$","skip":1,"drop":true}' '{"method":"GET","path":"/did-pool/admin/","status":500}'
	run_code 7 didctl "$@" --jobs 1
	api switch '{}'
	run_code 5 didctl history resolve $ID
	run_code 0 didctl "$@"
	[ "$(status | grep -c pending)" = 3 ]
	[ "$(didctl e911 locations list -c label,numbers -o tsv --no-header)" = $'HQ\t0\nMain\t3' ]
	run_code 0 didctl undo $ID -y
	[ "$(didctl e911 locations list -c label,numbers -o tsv --no-header)" = $'HQ\t0' ]
	[ "$(status | grep -c pending)" = 0 ]
}

@test "an answer that the API refuses to store: 5, 6 where it is all of them, and the number goes on waiting" {
	inventory
	didctl -q e911 set 14155550100 14155550102 --location HQ -y
	didctl -q cnam set 14155550100 14155550102 ACME -y
	rules '{"method":"PUT","path":"/e911$","skip":1,"status":409}' '{"method":"PUT","path":"/cnam$","status":409}'
	run_code 5 didctl e911 sync -o json
	[ "$(jq length <<<"$output")" = 2 ]
	grep -q '^refused 1415555010[02]: ' <<<"$stderr" || fail "$stderr"
	grep -q '^didctl: 1 of 2 answers could not be stored$' <<<"$stderr" || fail "$stderr"
	[[ $stderr != *overtaken* ]] || fail "$stderr"
	[ "$(didctl pool list --e911 registered -o tsv -H | wc -l)" = 1 ]
	run_code 6 didctl cnam sync
	grep -q '^didctl: 2 of 2 answers could not be stored$' <<<"$stderr" || fail "$stderr"
	[ "$(didctl pool list --cnam pending -o tsv -H | wc -l)" = 2 ]
	rules '{"method":"PUT","path":"/cnam$","skip":1,"status":500}'
	run_code 5 didctl cnam sync
	[[ $stderr != *overtaken* ]] || fail "$stderr"
	api switch '{}'
	run_ok didctl e911 sync
	run_ok didctl cnam sync
	[ "$(didctl pool list --cnam synced --e911 registered -o tsv -H | wc -l)" = 2 ]
}

# ---- an API that lacks it, or says that it has done it

@test "what this API does not offer ends with 4 and one line, by 404 and by 405" {
	inventory
	before=$(status)
	for absent in 404 405; do
		api switch "{\"off_status\":$absent,\"off\":[\"listLocations\",\"setCnam\",\"setE911\",\"setDefaultCnam\"]}"
		for line in 'cnam list' 'cnam show 14155550100' 'cnam set 14155550100 X1' 'cnam default Acme X1 -y' 'cnam sync' \
			'e911 list' 'e911 show 14155550100' 'e911 clear 14155550100 -y' 'e911 sync' 'e911 locations list' \
			'e911 set 14155550100 --location HQ -y' 'pool list --e911 not-set' 'pool list --cnam pending' \
			'e911 locations delete HQ -y' 'explain --outbound 14155550100 --dial 911'; do
			# shellcheck disable=SC2086 # words
			run_code 4 didctl $line
			grep -q '^didctl: .*does not offer emergency addresses and caller names' <<<"$stderr" || fail "$line: $stderr"
		done
		api switch "{\"off_status\":$absent,\"off\":[\"setCnam\",\"setE911\"]}"
		run_code 4 didctl cnam set 14155550100 X1
		grep -q "^didctl: .*does not offer to set a number's caller name" <<<"$stderr"
		run_code 4 didctl e911 set 14155550100 --location HQ -y
		grep -q '^didctl: .*does not offer to set an emergency address' <<<"$stderr"
	done
	api switch '{}'
	[ "$(status)" = "$before" ]
}

@test "a field that the API ignores is a refusal that names it" {
	inventory
	rules '{"method":"PUT","path":"/cnam$","ignore":["updated_at"]}' '{"method":"PUT","path":"/e911$","ignore":["updated_at"]}'
	run_code 5 didctl cnam set 14155550100 Acme -y
	grep -q "which ignored 'cnam_since'" <<<"$stderr"
	run_code 5 didctl e911 set 14155550101 --location HQ -y
	grep -q "which ignored 'e911_since'" <<<"$stderr"
	run_code 5 didctl cnam default Acme Acme -y
	grep -q "which ignored 'cnam_since'" <<<"$stderr"
}
