#!/usr/bin/env bats
# What an operator stumbled on: each of these once ended in a wrong state or a wrong answer.
# shellcheck disable=SC2154,SC2317 # bodies are called by each_backend; run_ok sets output and stderr
load ../lib/common

ROW=a0000000-0000-7000-8000-000000000001

demo() {
	run_ok didctl init --country IN --demo
}

change_id() { # of the command that was run last
	sed -n 's/^change-id: //p' <<<"$stderr"
}

undone_orgs() {
	local change

	demo
	run_ok didctl org delete ACME -y
	change=$(change_id)
	run_ok didctl org edit Globex --context-prefix org_mnd5khym
	unchanged run_code 6 didctl undo "$change" -y
	run_ok didctl org edit Globex --context-prefix org_other
	run_ok didctl org add ACME
	unchanged run_code 6 didctl undo "$change" -y
}

undone_users() {
	local change

	demo
	run_ok didctl assign 918065978005 Globex -y
	run_ok didctl user add alice --org Globex --outbound-did 918065978005
	run_ok didctl user delete alice -y
	change=$(change_id)
	run_ok didctl release 918065978005 -y
	run_ok didctl assign 918065978005 ACME -y
	unchanged run_code 6 didctl undo "$change" -y
	run_ok didctl assign 918065978005 Globex --transfer -y
	run_ok didctl undo "$change" -y
}

other_spelling() {
	demo
	sql "INSERT INTO did_numbers (id, number) VALUES ('$ROW', '0806-597-7001')"
	run_ok didctl pool edit "id:$ROW" --region R
	run_ok didctl pool edit --where region=R --expect 1 --note seen -y
	run_ok didctl assign "id:$ROW" ACME -y
	run_ok didctl pool list --region R -c number,org,notes -o tsv -H
	[ "$output" = $'0806-597-7001\tACME\tseen' ]
}

way_out_of_a_twin() {
	demo
	run_ok didctl assign 918065978005 ACME -y
	sql "INSERT INTO did_numbers (id, number, pool_status, org_id) SELECT '$ROW', '08065978005', 'assigned', id FROM organizations WHERE name = 'Globex'"
	run_code 6 didctl release 918065978005 -y
	[[ $stderr == *"row $ROW"*'pool merge --keep ROW'* ]]
	run_ok didctl pool delete "id:$ROW" -y --expect 1
	run_ok didctl release 918065978005 -y
}

available_with_an_owner() {
	demo
	sql "UPDATE did_numbers SET org_id = (SELECT id FROM organizations WHERE name = 'Globex') WHERE number = '918065978002'"
	unchanged run_code 6 didctl assign 918065978002 ACME -y
	[[ $stderr == *'belongs to Globex'* ]]
}

two_defaults() {
	demo
	run_ok didctl assign 918065978005-8006 ACME -y
	sql "UPDATE did_numbers SET is_default = 1 WHERE number = '918065978006'"
	run_ok didctl default set 918065978006 -y
	run_ok didctl pool list --default -c number -o tsv -H
	[ "$output" = 918065978006 ]
}

replayed_object() {
	demo
	run_ok didctl org add X --change-id 01a20000-0000-7000-8000-000000000001 -o json
	local first=$output
	run_ok didctl org add X --change-id 01a20000-0000-7000-8000-000000000001 -o json
	[ "$output" = "$first" ]
}

dropped_table() {
	demo
	sql 'DROP TABLE didctl_history'
	run_code 3 didctl init --check
	run_ok didctl init
	run_ok didctl init --check
	run_ok didctl assign 918065978000 ACME
}

large_undo() {
	local change

	demo
	run_ok didctl pool add 918070000000-918070010000 -y --expect 10001
	change=$(change_id)
	unchanged run_code 2 didctl undo "$change" -y
	run_ok didctl undo "$change" -y --expect 10001
}

nothing_to_do_counts() {
	demo
	run_ok didctl assign 918065978010 ACME
	run_ok didctl assign 918065978010 ACME --change-id 01a20000-0000-7000-8000-000000000002
	run_ok didctl release 918065978010 -y
	unchanged run_ok didctl assign 918065978010 ACME --change-id 01a20000-0000-7000-8000-000000000002
}

exact_names() {
	demo
	unchanged run_code 3 didctl assign 918065978006 'ácme'
	unchanged run_code 3 didctl assign 918065978006 'ACME '
}

@test "undo of organisations obeys what add and edit obey" { each_backend undone_orgs; }
@test "undo of a user does not show somebody else's number" { each_backend undone_users; }
@test "a row in another spelling is reached by its id and by --where" { each_backend other_spelling; }
@test "one of two rows of a number can be dropped, held or not" { each_backend way_out_of_a_twin; }
@test "a number that is available and has an owner is not given away" { each_backend available_with_an_owner; }
@test "default set takes the flag from every other number" { each_backend two_defaults; }
@test "a replay of org add prints the same object" { each_backend replayed_object; }
@test "init sees and mends a table that was dropped" { each_backend dropped_table; }
@test "undo of more than 10,000 numbers wants --expect" { each_backend large_undo; }
@test "a change id counts once, also where there was nothing to do" { each_backend nothing_to_do_counts; }
@test "an organisation is named to the byte" { each_backend exact_names; }

next_step() { # what stands behind the hint, whole or its beginning
	[[ $stderr == *$'\nhint: '"$1"* ]] || fail "no hint '$1': $stderr"
}

@test "a server without room, and a user without rights: the cause by its name, that nothing was changed, and what to do" {
	local reader=reader_$$ id=00000000-0000-7000-8000-00000000000a

	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	demo
	server_sql --delimiter=// "$DATABASE" -e "CREATE TRIGGER full BEFORE UPDATE ON did_numbers FOR EACH ROW BEGIN IF OLD.number = '918065978003' THEN
		SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'is full'; END IF; END"
	unchanged run_code 1 didctl env set oss 918065978003
	[[ $stderr == *'no room is left on the disk of '* ]] || fail "$stderr"
	next_step 'nothing was changed: make room there, then repeat the command'
	run_code 5 didctl env set oss 918065978000-3 -y --chunk 2 --change-id $id
	[[ $stderr == *'2 of 4 numbers are done, the others as they were: no room is left on the disk of '* ]] || fail "$stderr"
	next_step "make room there, then repeat the command; the same command with --change-id $id goes on"
	server_sql -e "CREATE USER $reader@localhost; GRANT SELECT ON $DATABASE.* TO $reader@localhost"
	export DIDCTL_TARGET=${DIDCTL_TARGET/root/$reader}
	unchanged run_code 4 didctl env set oss 918065978005
	next_step 'didctl doctor rights says which the user lacks'
	unchanged run_code 4 didctl history resolve ${id%a}b
	next_step "it is not in the history so far; "
	server_sql -e "DROP USER $reader@localhost"
}

@test "whoever looks for help in the wrong place is told the right one" {
	sqlite_target
	demo
	run_code 2 didctl help troubleshooting
	next_step 'it is a manual page: man didctl-troubleshooting'
	run_code 2 didctl history resolv
	next_step "it takes numbers and ranges; see 'didctl history --help'"
	run_code 2 didctl pool lock resolv
	next_step 'patterns are for listings; a change takes numbers'
	run_code 4 didctl regen --no-reload --dir none
	next_step "it is the one of --dir, else of setting 'asterisk-dir': "
}
