#!/usr/bin/env bats
# What didctl port says: questions that name the order, dry runs that do not read as done, hints, and what a sweep did.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run sets output and stderr
load ../lib/common
load ../lib/writes
load ../lib/port

asked() { # QUESTION COMMAND...: on a terminal, answered no
	run_code 6 expect "$BATS_TEST_DIRNAME/answer.exp" $'n\r' "${@:2}"
	[[ $output == *"$1 [y/N]"* ]] || fail "not asked: $1" "$output"
}

@test "a question names the order, or the object by its kind" {
	sqlite_target
	committed
	asked 'cancel port order 1 of 12 numbers?' didctl port cancel 1
	asked 'complete port order 1 of 12 numbers?' didctl port complete 1
	quietly org add Initech
	asked 'delete organisation Initech?' didctl org delete Initech
	done_by port edit 1 --route queue:sales
	asked 'undo the change of port order 1 of 12 numbers?' didctl undo "$CHANGE"
}

@test "a reason is in the time line, and a plan writes ranges as ranges" {
	body() {
		order
		run_ok didctl port attach 1 +442079460103 --remove
		[[ $stderr == *'numbers 442079460100-442079460111 pending -> 442079460100-442079460102 pending; 442079460104-442079460111 pending'* ]]
		[[ $stderr == *$'\ntaken off' ]]
		run_ok didctl port attach 1 +442079460103
		[[ $stderr == *$'\nattached' ]]
		letter
		done_by port document 1 loa.pdf --kind loa
		run_ok didctl port submit 1 -n
		[[ $stderr == *$'\nwould be submitted' ]]
		[ "$(state)" = draft ]
		done_by port submit 1
		run_code 6 didctl port edit 1 --requested-foc 2099-01-01
		[[ $stderr == *'was told its requested FOC'* ]]
		done_by port ack 1
		done_by port foc 1 "$(today)" --reason 'said by telephone' --note 'ref 7' --public
		done_by port cancel 1 --force --reason 'the customer stays'
		run_ok didctl port show 1 -o json
		json '[.[0].events[] | select(.verb == "port foc" or .verb == "port cancel") | "\(.note) \(.public)"] | join("|")' \
			'said by telephone; ref 7 false|the customer stays false'
		run_ok didctl history --limit 2 -c verb,port -o tsv -H
		[ "$output" = $'port cancel\t1\nport foc\t1' ]
		done_by assign 918065978000 ACME
		done_by undo "$CHANGE"
		run_ok didctl history --limit 2 -c verb,port -o tsv -H
		[ "$output" = $'undo\t\\N\nassign\t\\N' ]
	}
	each_backend body
}

@test "hints: the states, a number for an order, the order that is missing" {
	sqlite_target
	order
	run_code 2 didctl port list --state open
	[[ $stderr == *'one of: draft, submitted, acknowledged, foc-set, exception, completed, cancelled'* ]]
	run_code 3 didctl port show 442079460100
	[[ $stderr == *'didctl port list --number 442079460100'* ]]
	run_code 2 didctl port show +442079460100
	[[ $stderr == *'didctl port list --number NUMBER'* ]]
	run_code 3 didctl port ack 442079460100
	[[ $stderr == *'didctl port list --number 442079460100'* ]]
	run_code 2 didctl port show
	[[ $stderr == *'N is missing (the order: its serial number)'* ]]
}

@test "port edit --location takes a label too; undo names a location that has none" {
	body() {
		order
		quietly e911 locations add ACME --label HQ --street '350 Fifth Ave' --city 'New York' --state-code NY --zip 10118
		location=$(sql "SELECT id FROM didctl_locations WHERE label = 'HQ'")
		done_by port edit 1 --location HQ
		run_ok didctl port show 1 -o json
		json '.[0].location' "$location"
		done_by port edit 1 --location "${location^^}"
		json .unchanged 1
		unchanged run_code 3 didctl port edit 1 --location Nowhere
		done_by e911 locations add ACME --street '1 Main St' --city 'New York' --state-code NY --zip 10118
		run_ok didctl undo "$CHANGE" -n
		[[ $stderr =~ 'deletes location '[0-9a-f]{8}- ]] || fail "$stderr"
	}
	each_backend body
}

@test "sweep: what it would do, what it warns of, and how the mail is left" {
	body() {
		export DIDCTL_MAIL_TO=ops@example.net
		unset DIDCTL_SMTP
		didctl init -q --country US
		quietly org add ACME
		done_by port new ACME +14155550100 --losing-carrier X --account 1 --btn +14155550100 --authorised-name N --service-address S
		letter
		done_by port document 1 loa.pdf --kind loa
		done_by port submit 1
		done_by port ack 1
		done_by port foc 1 "$(today)"
		unchanged run_ok didctl port sweep -n
		[[ $output == *'would complete'* && $stderr == *'dry run: nothing was written'* ]]
		[[ $stderr == *'warning: '*'emergency address'* ]]
		run_ok didctl port sweep
		[[ $stderr == *'warning: '*'emergency address'* ]] || fail "$stderr"
		[[ $stderr == *'mail: sent 0, 4 wait, next try at 20'*Z* ]] || fail "$stderr"
		run_ok didctl port sweep -q
		[ -z "$stderr" ] || fail "$stderr"
	}
	each_backend body
}
