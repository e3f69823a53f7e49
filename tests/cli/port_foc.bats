#!/usr/bin/env bats
# didctl port: commitments said again, and completions that are taken back.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run sets output and stderr
load ../lib/common
load ../lib/writes
load ../lib/port

foc() { didctl port list -c actual_foc,foc_time,foc_zone -o tsv -H; }

@test "a commitment said again keeps its time and zone, and says when it is due in UTC" {
	body() {
		committed 2099-06-15 --time 10:30 --zone America/New_York
		[[ $stderr == *'port order 1 is due at 2099-06-15T14:30:00Z'* ]]
		done_by port foc 1 2099-12-15
		[ "$(foc)" = $'2099-12-15\t10:30\tAmerica/New_York' ]
		[[ $stderr == *'port order 1 is due at 2099-12-15T15:30:00Z (2099-12-15 10:30 America/New_York)'* ]]
		done_by port foc 1 2099-12-15 --time 11:00
		[ "$(foc)" = $'2099-12-15\t11:00\tAmerica/New_York' ]
		done_by port foc 1 2099-12-15 --zone UTC --time ''
		[ "$(foc)" = $'2099-12-15\t\\N\tUTC' ]
		[[ $stderr == *'due at 2099-12-15T00:00:00Z'* ]]
		# a day that is over in UTC, and not yet where the numbers move
		day=$(today Etc/GMT+12)
		done_by port foc 1 "$day" --zone Etc/GMT+12
		done_by port foc 1 "$day" --note again
		unchanged run_code 2 didctl port foc 1 "$day" --zone Etc/GMT+12 --time 00:00
		unchanged run_code 2 didctl port foc 1 2026-01-01
		done_by port reject 1 --code 8A --reason 'no such account'
		done_by port submit 1
		done_by port ack 1
		done_by port foc 1 2099-06-15
		[ "$(foc)" = $'2099-06-15\t\\N\t\\N' ]
		invariants
	}
	each_backend body
}

@test "a commitment that was told to others is not undone" {
	body() {
		committed 2099-06-15
		done_by port foc 1 2099-06-20 --zone America/New_York
		unchanged run_code 6 didctl undo "$CHANGE" -y
		[[ $stderr == *'others were told'*'port foc 1 DATE'* ]]
		[ "$(foc)" = $'2099-06-20\t\\N\tAmerica/New_York' ]
		done_by port foc 1 2099-06-20 --time 08:00
		unchanged run_code 6 didctl undo "$CHANGE" -y
	}
	each_backend body
}

@test "a completion that was undone is not completed again until a commitment is said" {
	body() {
		committed "$(today)"
		run_ok didctl port sweep -o json
		flip=$(jq -r '.[0].change_id' <<<"$output")
		done_by undo "$flip"
		[[ $stderr == *'follows: port sweep leaves port order 1 alone until its day is said again: didctl port foc 1 DATE'* ]]
		unchanged run_ok didctl port sweep -o json
		json length 0
		[[ $stderr == *'port order 1 is left out: its completion was undone; didctl port foc 1 DATE'* ]]
		run_code 3 didctl port due -o json
		json '.[0].what' FOC
		done_by port edit 1 --route queue:sales
		done_by undo "$CHANGE"
		unchanged run_ok didctl port sweep -q
		done_by port foc 1 "$(today)" --note 'once more'
		done_by port edit 1 --route queue:support
		done_by undo "$CHANGE" # of something else: no obstacle
		[[ $stderr != *'leaves port order'* ]]
		run_ok didctl port sweep -o json
		json '.[0].result' completed
		invariants
	}
	each_backend body
}

@test "a completion of a part that was undone is left out too" {
	body() {
		committed "$(today)"
		done_by pool add +442079460105
		run_code 5 didctl port sweep --partial -o json
		done_by undo "$(jq -r '.[0].change_id' <<<"$output")"
		done_by pool delete +442079460105 --expect 1
		unchanged run_ok didctl port sweep
		[[ $stderr == *'port order 1 is left out'* ]]
		done_by port complete 1
		[ "$(state)" = completed ]
		done_by undo "$CHANGE"
		done_by undo "$CHANGE"
		[ "$(state)" = completed ]
		done_by undo "$CHANGE"
		unchanged run_ok didctl port sweep
		[[ $stderr == *'port order 1 is left out'* ]]
		invariants
	}
	each_backend body
}

@test "a sweep that breaks off: what is completed moves its calls, is told, and the next sweep goes on" {
	sqlite_target
	committed "$(today)"
	done_by port new Globex +442079460200 --losing-carrier X --account 1 --btn +442079460200 --authorised-name N --service-address S
	done_by port document 2 loa.pdf --kind loa
	done_by port submit 2
	done_by port ack 2
	done_by port foc 2 "$(today)"
	sql "CREATE TRIGGER broken BEFORE INSERT ON did_numbers WHEN NEW.number LIKE '%0200' BEGIN SELECT RAISE(ABORT, 'broken'); END"
	run_code 5 didctl port sweep -o json
	json '[.[] | "\(.port) \(.result)"] | join(",")' '1 completed'
	told '^didctl: 1 port order is completed, and then: ' '^hint: the next sweep goes on with the others' \
		'not live yet: didctl regen brings it to the switch'
	unchanged run_code 4 didctl port sweep -o json # of none that was completed
	sql 'DROP TRIGGER broken'
	sql "CREATE TRIGGER broken BEFORE UPDATE ON didctl_outbox BEGIN SELECT RAISE(ABORT, 'broken'); END"
	DIDCTL_MAIL_TO=ops@op.example run_code 5 didctl port sweep -o json
	json '[.[] | "\(.port) \(.result)"] | join(",")' '2 completed'
	told '^didctl: 1 port order is completed, and then: ' '^hint: the next sweep sends the mail that waits'
	sql 'DROP TRIGGER broken'
	run_ok didctl port sweep
	invariants
}
