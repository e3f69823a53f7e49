#!/usr/bin/env bats
# didctl cnam: the names that called parties see.
# shellcheck disable=SC2119,SC2154 # field takes what it is given; status, output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

names() { didctl cnam list -c number,cnam,cnam_source,cnam_status -o tsv -H | sed 's/^91806597//; s/\\N/-/g; s/\t/|/g'; }

held() {
	stock
	run_ok didctl assign -q 918065978000-8004 ACME -y
}

rules() {
	held
	run_ok didctl cnam set 918065978000 "O'Neil & Co., 1"
	field 918065978000 cnam "O'NEIL & CO., 1"
	field 918065978000 cnam_source number
	field 918065978000 cnam_status pending
	for bad in 'sixteen letters!' '1234567890123456' '12345' '' ' A' 'ACME😀' 'ÄRZTE' "' OR 1=1 --" $'A\nB'; do
		unchanged run_code 2 didctl cnam set 918065978000 "$bad"
		unchanged run_code 2 didctl cnam default ACME "$bad"
	done
	refused_by 6 state cnam set 918065978010 Acme
	refused_by 3 not-found cnam set 918065978099 Acme
	unchanged run_code 3 didctl cnam default Nobody Acme
	unchanged run_code 2 didctl cnam default ACME
	unchanged run_code 2 didctl cnam default ACME Acme --clear
	unchanged run_code 6 didctl cnam set 918065978000-8001 Acme # no terminal, no --yes
	unchanged run_code 6 didctl cnam clear 918065978000
	run_ok didctl cnam set 918065978000 "o'neil & co., 1" -y -o json
	json '.changed, .unchanged' $'0\n1'
	invariants
}
@test "a name has 1 to 15 characters and a letter, and is stored in capital letters" { each_backend rules; }

inherits() {
	held
	run_ok didctl cnam set 918065978001 Sales
	done_by cnam default ACME 'Acme Corp'
	json '.changed, .unchanged' $'4\n1'
	[ "$(names)" = "8000|ACME CORP|org|pending
8001|SALES|number|pending
8002|ACME CORP|org|pending
8003|ACME CORP|org|pending
8004|ACME CORP|org|pending" ]
	run_ok didctl org list -c name,cnam -o tsv -H
	[ "$output" = $'ACME\tACME CORP\nGlobex\t\\N' ]
	run_ok didctl cnam show 918065978001 -o json
	json '.[0] | .cnam, .cnam_source, .org_cnam' $'SALES\nnumber\nACME CORP'
	# what comes later inherits too, and what leaves does not
	run_ok didctl assign -q 918065978005 ACME
	field 918065978005 cnam 'ACME CORP'
	field 918065978005 cnam_status pending
	run_ok didctl release 918065978005 -y
	field 918065978005 cnam null
	field 918065978005 cnam_status null
	run_ok didctl assign 918065978001 Globex --transfer -y
	field 918065978001 cnam null
	# the number's own gone, the default counts again
	run_ok didctl cnam set 918065978002 Two
	run_ok didctl cnam clear 918065978002 -y
	field 918065978002 cnam 'ACME CORP'
	field 918065978002 cnam_status pending
	invariants
}
@test "a number without a name of its own has its organisation's, which waits for the provider" { each_backend inherits; }

changed_default() {
	held
	run_ok didctl cnam default ACME Acme -y
	pbx_like "UPDATE didctl_details SET cnam_status = 'synced'"
	done_by cnam default ACME Other
	[ "$(names | cut -d'|' -f4 | sort -u)" = pending ]
	json '.changed' 5
	done_by undo "$CHANGE"
	[ "$(names | cut -d'|' -f2,4 | sort -u)" = 'ACME|pending' ] # as the provider may have been told the other name
	run_ok didctl cnam default ACME --clear -y
	[ "$(names | cut -d'|' -f2,4 | sort -u)" = '-|-' ]
	run_ok didctl cnam default ACME --clear -y -o json
	json '.change_id' null
}
# As a sync would have left it; the history hears of it as of anything that is done behind didctl's back.
pbx_like() { sql "$1"; }
@test "a changed default makes all that inherit it wait again, in one change, and undo is exact" { each_backend changed_default; }

tells() {
	run_ok didctl init --country US
	run_ok didctl org add ACME
	run_ok didctl pool add 14155550100 18005550100 -y
	run_ok didctl assign 14155550100 18005550100 ACME -y
	run_ok didctl pool add +918065978000
	run_ok didctl assign +918065978000 ACME
	run_ok didctl cnam set 14155550100 Acme
	[[ $stderr != *warning:* ]]
	run_ok didctl cnam set 18005550100 Acme
	told 'warning: 18005550100: toll-free, so that carriers will not show a name'
	run_ok didctl cnam set +918065978000 Acme
	told 'warning: 918065978000: outside North America'
	run_ok didctl cnam set 14155550100 Other -n
	field 14155550100 cnam ACME
}
@test "toll-free and foreign numbers: it is said that carriers will not show a name" { each_backend tells; }

undone() {
	local default

	held
	done_by cnam default ACME Acme
	default=$CHANGE
	run_ok didctl assign -q 918065978005-8006 ACME -y
	run_ok didctl cnam set 918065978006 Own
	# who came since inherits what is there afterwards, in the same change; a name of its own is left alone
	done_by undo "$default"
	json '.changed' 6
	[ "$(names | cut -d'|' -f1,2,4 | paste -sd' ')" = '8000|-|- 8001|-|- 8002|-|- 8003|-|- 8004|-|- 8005|-|- 8006|OWN|pending' ]
	field 918065978005 cnam_since null
	done_by undo "$CHANGE"
	[ "$(names | cut -d'|' -f2,4 | sort | uniq -c | paste -sd' ' | tr -s ' ')" = ' 6 ACME|pending 1 OWN|pending' ]
	# a cleared default that comes back is waited for also by who came meanwhile
	pbx_like "UPDATE didctl_details SET cnam_status = 'synced'"
	done_by cnam default ACME --clear
	default=$CHANGE
	run_ok didctl assign -q 918065978007 ACME
	done_by undo "$default"
	[ "$(names | cut -d'|' -f1,2,4 | grep -c 'ACME|pending')" = 7 ]
	field 918065978007 cnam_status pending
	# what comes back with a number is of the default that counted then: another one has to wait
	done_by release 918065978000
	default=$CHANGE
	run_ok didctl cnam default ACME Other -y
	done_by undo "$default"
	field 918065978000 cnam OTHER
	field 918065978000 cnam_status pending
	done_by release 918065978000
	default=$CHANGE
	run_ok didctl cnam default ACME --clear -y
	done_by undo "$default"
	field 918065978000 cnam_status null
	invariants
}
@test "undo of a default, and of what hid one: the status of every number is about the name it shows" { each_backend undone; }

kept() {
	held
	run_ok didctl cnam set 918065978003 Three
	run_ok didctl release 918065978003 --keep cnam -y
	field 918065978003 cnam THREE
	done_by cnam set 918065978000-8002 Same
	run_ok didctl undo "$CHANGE" -y
	field 918065978000 cnam null
	field 918065978000 cnam_since null
	run_ok didctl history 918065978000 -o json
	json '.[-1].verb' undo
}
@test "release --keep keeps the name; history and undo know it" { each_backend kept; }
