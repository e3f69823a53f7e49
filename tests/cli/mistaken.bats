#!/usr/bin/env bats
# Words in the wrong place: what was meant is said, and nothing is listed that would look like good news.
# shellcheck disable=SC2154 # output and stderr are set by bats' run
load ../lib/common
load ../lib/writes

held() {
	sqlite_target
	run_ok didctl init --country US
	run_ok didctl org add Initech
	run_ok didctl org add "Smith & Sons"
	run_ok didctl pool add 14155550100-0109 -y
	run_ok didctl assign 14155550100-0103 Initech -y
}

# says HINT COMMAND...: a usage error that changes nothing, with the hint
says() {
	unchanged run_code 2 didctl "${@:2}"
	[ -z "$output" ] || fail "listed: $output"
	grep -qF -- "hint: $1" <<<"$stderr" || fail "not told: $1, but: $stderr"
}

@test "a status or an organisation where numbers are listed" {
	held
	says 'did you mean --e911 failed?' e911 list failed
	says 'did you mean --e911 not-set?' e911 list not-set
	says 'did you mean --cnam failed?' cnam list failed
	says 'did you mean --cnam pending?' cnam list pending
	says 'did you mean --state pending?' pool list pending
	says 'did you mean --env prod?' pool list prod
	says 'did you mean --org Initech?' cnam list Initech
	says "did you mean --org 'Smith & Sons'?" e911 list "Smith & Sons"
	run_ok didctl pool list 415-555-XXXX -c number -o tsv -H # a pattern still
	[ "$(wc -l <<<"$output")" -eq 10 ]
	run_ok didctl pool list 1415-OUR-FOOD
	run_ok didctl pool list XXX-OUR-FOOD
}

@test "letters alone are no pattern, and a comma is no blank" {
	held
	says "part of an organisation's name is found by: --match initech" pool list initech
	says "part of an organisation's name is found by: --match yes" pool list --default yes
	says 'several numbers stand with blanks between them' release 14155550100,14155550101 -y
	run_ok didctl pool list --match initech -c number -o tsv -H
	[ "${#lines[@]}" -eq 4 ]
}

@test "an organisation where numbers are to change, and operands the other way round" {
	held
	says 'did you mean --org Initech?' e911 set Initech --location HQ
	says 'did you mean --org Initech?' e911 export Initech
	says 'its numbers are listed by: didctl pool list --org Initech' e911 show Initech
	says 'for all of its numbers: --where org=Initech --expect N' e911 clear Initech -y
	says 'for all of its numbers: --where org=Initech --expect N' cnam set Initech Name -y
	says 'the operands stand in this order: didctl port new ORG NUMBERS' port new +12135550100 Initech
	says 'the operands stand in this order: didctl assign NUMBERS ORG' assign Initech 14155550105
	says 'numbers come first, and the name last: didctl cnam set NUMBERS NAME' cnam set 'A Name' 14155550100
	says 'numbers come first, and the name last: didctl cnam set NUMBERS NAME' cnam set 14155550100
	run_ok didctl cnam set 14155550100 Initech # as a name it is one
}

@test "the state of an address is not the state of a number" {
	held
	says 'did you mean --state-code NY?' cnam list --state NY
	says "did you mean '--state-code'?" e911 set 14155550100 --state NY
	unchanged run_code 2 didctl e911 set 14155550100 --street '1 Main St' --city 'New York' --zip 10001 \
		--state-code 'New York'
	told 'two letters, such as NY'
}

@test "an address of a mail server without its scheme" {
	sqlite_target
	DIDCTL_SMTP=127.0.0.1:2599 run_code 4 didctl config
	told 'hint: .*smtp://HOST'
	[[ $stderr != *https* ]]
}
