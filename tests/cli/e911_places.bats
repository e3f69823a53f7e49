#!/usr/bin/env bats
# One address is one location, and one label too: what is written again, or otherwise, makes no second one.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

ELM=(--street '5 Elm St' --city 'New York' --state-code NY --zip 10001)
OAK=(--street '9 Oak St' --city 'New York' --state-code NY --zip 10001)

office() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl org add Globex
	run_ok didctl pool add 14155550100-0109 -y
	run_ok didctl assign 14155550100-0104 ACME -y
	run_ok didctl assign 14155550105 Globex -y
	run_ok didctl e911 set --org ACME "${ELM[@]}" --label HQ -y
	export DIDCTL_E911_COMMAND="exec '$ROOT/tests/lib/provider' good"
	run_ok didctl e911 sync
}

labels() { didctl e911 locations list -c label,street,numbers -s id -o tsv -H | tr '\t' '|' | sed 's/\\N/-/' | paste -sd,; }

again() {
	office
	unchanged run_ok didctl e911 set 14155550100 "${ELM[@]}"
	unchanged run_ok didctl e911 set 14155550100 --street '5 ELM st' --city 'new york' --state-code ny --zip 10001 --label Other
	field 14155550100 e911 registered
	run_ok didctl e911 clear 14155550104 -y
	run_ok didctl e911 set 14155550104 "${ELM[@]}" --label Other
	told 'the address is there already, labelled HQ: didctl e911 locations edit'
	run_ok didctl e911 locations add ACME "${ELM[@]}" -o json
	json .changed 0
	[ "$(labels)" = 'HQ|5 Elm St|5' ]
	# another floor is another place, and another organisation has its own
	run_ok didctl e911 set 14155550100 "${ELM[@]}" --floor 2
	run_ok didctl e911 set 14155550105 "${ELM[@]}" --label HQ
	[ "$(labels)" = 'HQ|5 Elm St|4,-|5 Elm St|1,HQ|5 Elm St|1' ]
	invariants
}
@test "the same address is the same location without its label, and in another case" { each_backend again; }

one_label() {
	local moved

	office
	unchanged run_code 6 didctl e911 set 14155550100 "${OAK[@]}" --label HQ
	told "another location of the organisation is labelled 'HQ'"
	unchanged run_code 6 didctl e911 locations add ACME "${OAK[@]}" --label HQ
	run_ok didctl e911 locations add ACME "${OAK[@]}" --label Oak
	unchanged run_code 6 didctl e911 locations edit Oak --label HQ -y
	run_ok didctl e911 locations delete Oak -y
	# all of its numbers leave: the label goes with them, and comes back
	done_by e911 set 14155550100-0104 "${OAK[@]}" --label HQ
	moved=$CHANGE
	[ "$(labels)" = '-|5 Elm St|0,HQ|9 Oak St|5' ]
	done_by undo "$moved"
	[ "$(labels)" = 'HQ|5 Elm St|5' ]
	# nor does an undo make two
	done_by e911 locations edit HQ --label Elm
	moved=$CHANGE
	run_ok didctl e911 locations add ACME "${OAK[@]}" --label HQ
	unchanged run_code 6 didctl undo "$moved" -y
	invariants
}
@test "a label names one location of its organisation, whoever sets it" { each_backend one_label; }

chosen() {
	office
	run_ok didctl e911 locations edit HQ --floor 99 -y
	run_ok didctl e911 sync
	run_ok didctl e911 set 14155550100 --choose 2 -y # the others stay: it gets no label
	[ "$(labels)" = 'HQ|5 Elm St|4,-|20 W 34th St|1' ]
	run_ok didctl e911 set 14155550101-0104 --choose 1 -y # all the rest
	[ "$(labels | tr , '\n' | grep -c '^HQ|')" = 1 ]
	run_ok didctl e911 set 14155550105 "${ELM[@]}" --floor 99 --label HQ
	run_ok didctl e911 sync
	run_ok didctl e911 set 14155550105 --choose 2
	[ "$(labels)" = '-|5 Elm St|0,-|20 W 34th St|1,HQ|5 Elm St|4,-|5 Elm St|0,HQ|20 W 34th St|1' ]
	invariants
}
@test "--choose takes the label along only where nobody stays behind" { each_backend chosen; }

shown() {
	office
	run_ok didctl e911 locations edit HQ --room 1 -y
	run_ok didctl e911 locations edit HQ --room 2 -y # they were waiting
	told '14155550100.* its address is another one: waits for the provider anew'
}
@test "an edit says what it does to numbers that wait already" { sqlite_target && shown; }
