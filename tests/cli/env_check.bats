#!/usr/bin/env bats
# didctl env check: what is not wired, as the inventory, the file and the switch tell it. The switch is the real one, or,
# where it has to be in a state that the real one is not in on demand, a scripted one.
# shellcheck disable=SC2154 # output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/pool
load ../lib/switch

setup_file() { switch_start; }
teardown_file() { switch_stop; }

teardown() {
	[ ! -d "$SWITCH" ] || rm -f "$SWITCH"/etc/didctl/{ext_*,.didctl*}
	common_teardown
}

# configure LINE...: the settings that every didctl of the test has
configure() {
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	printf '%s\n' "$@" >"$XDG_CONFIG_HOME/didctl/config"
}

# peer ARGUMENT...: a scripted switch, which is then the one of the settings; it ends with this test
peer() {
	rm -f address
	mkdir -p files
	"$ROOT/tests/lib/ami-peer" --dir "$T/files" "$@" >address 3>&- &
	until [ -s address ]; do sleep .02; done
	(umask 077 && echo s3cret >secret)
	configure "ami = didctl@$(<address)" "ami-secret-file = $T/secret" "asterisk-dir = $T/files"
}

# remark CODE CHECK: "SEVERITY: DETAIL" of the one line that env check has of it, or "none"; it must end with CODE
remark() {
	run_code "$1" didctl env check -o json
	REMARK=$(jq -r --arg check "$2" 'map(select(.check == $check)) | if . == [] then "none" else .[] | "\(.severity): \(.detail)" end' \
		<<<"$output")
	FIX=$(jq -r --arg check "$2" 'map(select(.check == $check)) | .[0].fix' <<<"$output")
}

# says CODE CHECK PATTERN [FIX-PATTERN]
says() {
	remark "$1" "$2"
	# shellcheck disable=SC2053 # a pattern
	[[ $REMARK == $3 ]] || fail "$2: '$REMARK', not '$3'"
	# shellcheck disable=SC2053
	[ $# -lt 4 ] || [[ $FIX == $4 ]] || fail "fix of $2: '$FIX', not '$4'"
}

@test "without a switch in the settings: hints, and never an error" {
	body() {
		stock
		says 0 env-staging 'info: 4 numbers are forwarded to cloud-endpoint-stage, the staging system' \
			'if calls do not arrive*cloud-endpoint-stage must be Avail, the tunnel up*tata_gateway_identify*10.10.10.1'
		[[ $stderr == *'not the switch itself'* ]]
		says 0 env-live none
		says 0 env-switch none
	}
	each_backend body
}

not_live() {
	stock
	done_by assign 918065978000-1 ACME
	says 0 live none
	pbx "INSERT INTO didctl_meta (name, value) SELECT 'live', MAX(seq) FROM didctl_history"
	says 0 live none
	done_by default set 918065978001
	says 0 live none
	done_by env set staging 918065978000
	says 0 live 'warning: 1 change since 20* moved calls and is not live' 'didctl regen'
	done_by release 918065978001
	says 0 live 'warning: 2 changes since 20* moved calls and are not live'
	run_ok didctl doctor live
	[[ $output == *'2 changes since'* ]]
	run_code 3 didctl doctor live --strict
}

@test "what was moved since regen, by doctor and env check" {
	each_backend not_live
}

@test "each change that moves calls says that it is not live yet, no other does" {
	local words

	sqlite_target
	stock
	while read -ra words; do
		run_ok didctl "${words[@]}" -y
		told 'not live yet: .*didctl regen'
	done <<-END
		assign 918065978000-4 ACME
		env set oss 918065978000
		pool edit --route queue:sales 918065978001
		pool mark blocked 918065978002
		release 918065978003
		org edit ACME --unrouted extension:0
		pool add --env staging 918065978040
		pool delete 918065978040 --expect 1
	END
	while read -ra words; do
		run_ok didctl "${words[@]}" -y
		[[ $stderr != *'not live'* ]] || fail "${words[*]}: $stderr"
	done <<-END
		assign 918065978005 ACME -n
		pool edit --note x 918065978001
		pool lock 918065978001
		pool add 918065978041
		org edit ACME --name Acme
		env set oss 918065978000
	END
}

@test "the real switch: from nothing to live, and away from it" {
	needs_switch
	sqlite_target
	mapfile -t settings < <(switch_settings)
	configure "${settings[@]}"
	stock
	done_by assign 918065978000-1 ACME
	says 3 env-live 'error: there is no ext_tata_gateway.conf in *' 'didctl regen'
	says 3 env-staging 'warning: 4 numbers*cloud-endpoint-stage; whether that answers, the switch does not know' 'qualify_frequency*'
	run_ok didctl regen -y
	says 0 env-live 'info: the switch runs what ext_tata_gateway.conf and the inventory say, generation *'
	done_by env set staging 918065978000
	says 0 env-live none
	says 0 live 'warning: 1 change since *' 'didctl regen'
	run_ok didctl regen -y --no-reload
	says 3 env-live 'error: the switch runs gen-*, and * is gen-*: it was not reloaded*' 'didctl regen'
	run_ok didctl regen -y
	says 0 env-live 'info: *'
	says 0 live none
	sed -i 's/918065978001,1,Goto/918065978009,1,Goto/' "$SWITCH/etc/didctl/ext_tata_gateway.conf"
	says 0 env-live 'warning: ext_tata_gateway.conf was altered since didctl wrote it' '*--adopt'
	echo '[from-tata]' >"$SWITCH/etc/didctl/ext_tata_gateway.conf"
	says 0 env-live 'warning: ext_tata_gateway.conf was not written by didctl'
}

@test "the real switch: an endpoint that is not there, and one that leads nowhere" {
	needs_switch
	sqlite_target
	mapfile -t settings < <(switch_settings)
	stock
	configure "${settings[@]}" 'staging-endpoint = elsewhere'
	says 3 env-staging 'error: 4 numbers are forwarded to elsewhere, which the switch does not have' '*pjsip.conf*'
	configure "${settings[@]}" 'staging-endpoint = nowhere'
	says 3 env-staging 'error: *nowhere, which has no contact*'
	# Nobody is sent there: then it does not matter.
	done_by env set prod 918065978021-4
	says 0 env-staging none
}

@test "the contact's state" {
	sqlite_target
	stock
	peer --contact Avail
	says 3 env-staging 'info: *, which is Avail' '*tata_gateway_identify*10.10.10.1'
	peer --contact Unavail
	says 3 env-staging 'error: *, which does not answer' '*tunnel*tata_gateway_identify*10.10.10.1'
	peer --contact ''
	says 3 env-staging 'error: *no contact*'
}

@test "many numbers: how the switch looks them up" {
	sqlite_target
	stock
	run_ok didctl pool add -q -y --env staging 918065960000-9999 --expect 10000
	says 0 env-lookup 'warning: 10004 numbers*' 'extenpatternmatchnew=yes*'
	peer --contact Avail
	says 3 env-lookup 'warning: 10004 numbers are dispatched, and the switch looks them up one by one'
	peer --contact Avail --fast
	says 3 env-lookup none
}

@test "a switch that cannot be asked is a finding" {
	local behaviour

	sqlite_target
	stock
	for behaviour in no-banner not-ami denied; do
		peer "$behaviour"
		run_code 3 didctl env check --timeout 3 -o json
		json '[.[] | select(.severity == "error")] | length > 0' true
		json '[.[] | select(.severity == "error")][0].check' env-switch
	done
	for behaviour in hang:1 denied:1 cut:1; do # after the login
		peer "$behaviour"
		run_code 3 didctl env check --timeout 3 -o json
		json '[.[] | select(.severity == "error")][0].check' env-staging
	done
	configure 'ami = didctl@127.0.0.1:1' "ami-secret-file = $T/secret"
	says 3 env-switch "error: *127.0.0.1:1*"
	configure 'ami = didctl@127.0.0.1:1'
	says 3 env-switch 'error: *ami-secret-file*'
}

@test "the file: a directory that is not there, a symbolic link, a newer generation" {
	sqlite_target
	stock
	done_by assign 918065978000 ACME
	peer --contact Avail
	run_ok didctl regen -y
	says 0 env-live 'info: the switch runs what *'
	pbx "DELETE FROM didctl_meta WHERE name = 'live'"
	done_by env set staging 918065978000
	says 0 env-live 'warning: ext_tata_gateway.conf is of generation *, the inventory of *: what moved since is not live' 'didctl regen'
	mv files/ext_tata_gateway.conf files/other.conf
	ln -s other.conf files/ext_tata_gateway.conf
	says 0 env-live 'warning: what the switch should run is not known: *symbolic link*'
	configure "ami = didctl@$(<address)" "ami-secret-file = $T/secret" "asterisk-dir = $T/gone"
	says 0 env-live 'warning: what the switch should run is not known: *gone*'
	sqlite_target
	stock
	configure "ami = didctl@$(<address)" "ami-secret-file = $T/secret" "asterisk-dir = $T/files"
	mv files/other.conf files/ext_tata_gateway.conf
	says 0 env-live 'warning: *newer than the inventory*'
}
