#!/usr/bin/env bats
# didctl regen over rows that other programs wrote: what may not stand in a file of the switch never does, whatever the row.
# shellcheck disable=SC2016,SC2154 # what a switch would expand is not for the shell; output is set by bats' run
load ../lib/common
load ../lib/writes
load ../lib/regen

regen() { didctl regen --no-reload "$@"; }

# As an SQL literal, in hexadecimal, so that no quoting stands between the text and the row.
literal() {
	local hex

	hex=$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n')
	case $BACKEND in
	sqlite) echo "CAST(x'$hex' AS TEXT)" ;;
	mysql) echo "CONVERT(x'$hex' USING utf8mb4)" ;;
	esac
}

# plant COLUMN TEXT: a row with a hostile text in a column, else like one of ACME that is on prod
plant() {
	declare -A v=([number]="'918065978020'" [org_id]="'$ACME'" [pool_status]="'assigned'" [routing_environment]="'prod'"
		[status]="'active'" [routing_type]=NULL [routing_destination]=NULL)

	v[$1]=$(literal "$2")
	[ "$1" != routing_destination ] || v[routing_type]="'queue'"
	[ "$1" != routing_type ] || v[routing_destination]="'sales'"
	sql "DELETE FROM did_numbers WHERE id = '00000000-0000-7000-8000-00000000beef' OR number = '918065978020'"
	sql "INSERT INTO did_numbers (id, number, org_id, pool_status, routing_environment, status, routing_type, routing_destination)
		VALUES ('00000000-0000-7000-8000-00000000beef', ${v[number]}, ${v[org_id]}, ${v[pool_status]}, ${v[routing_environment]},
		${v[status]}, ${v[routing_type]}, ${v[routing_destination]})"
}

# Every byte of every file is one that didctl may write, and every line of a form that it writes.
clean() {
	local strange

	strange=$(cat "$FILES"/*.conf | LC_ALL=C grep -nvxE \
		'; written by didctl: generation [0-9]+, sha256 [0-9a-f]{64}; changes made here are overwritten|; numbers: [a-zA-Z0-9 ,:;-]+|; == (PROD [a-z0-9_]+|STAGING|OSS \(not dispatched here\): [0-9]+)|\[[a-z0-9_-]{1,79}\]|exten => [0-9+]{3,20},1,(Goto\([a-z0-9_]+__incoming,[0-9+]{3,20},1\)|Gosub\(did_[0-9]{3,20},s,1\)|Dial\(PJSIP/\$\{EXTEN\}@cloud-endpoint-stage\))|exten => s,1,(NoOp\(recording off\)|MixMonitor\([0-9]+-\$\{UNIQUEID\}\.wav\))|exten => s,n,(StackPop\(\)|Hangup\(1\)|Goto\([a-z0-9_]+__[a-z_]+,[A-Za-z0-9_.-]+,1\))|exten => gen-[0-9a-f]{16},1,NoOp\(\)') || return 0
	fail "strange lines: $strange"
}

# refused_row COLUMN TEXT [WHERE-SHOWN]: refused and listed, escaped, on one line; the old file stays; --partial leaves it out
refused_row() {
	plant "$1" "$2"
	intact run_code 6 regen
	[ "$(grep -c "^didctl: refused: '" <<<"$stderr")" -eq 1 ] || fail "refused in other words, or not once: $1 = $2" "$stderr"
	! LC_ALL=C grep -q '[[:cntrl:]]' <<<"$stderr" || fail "not escaped: $stderr"
	[[ $stderr == *"${3-}"* ]] || fail "'$3' is not shown: $stderr"
	[[ $stderr == *'nothing was written: see above'* ]] || fail "$stderr"
	intact run_code 5 regen --partial
	[[ $stderr == *'1 number was left out'* ]] || fail "$stderr"
	run_code 3 regen --check
}

# As long as the column is, at most.
numbers=('${SHELL(id)}' '91806597;System(x)' '91806,5978002' '918065978002/1000' '_X.' '_91806597XXXX' 's' 'i' 't' 'h' 'o' '#exec x'
	'#include x' $'91806597\n8002' $'918065978002\r' '918065978002,1,n' '99999999999999999999' '12345678901234567890' '0x3B9ACA00' '9.18E+11'
	'-5' '91+80' '++918065978' '' ' ' '९१८०६५९७८००२' $'\x1b]52;c;eA==\a' ';--' '[globals]' "' OR 1=1 --" '%' 'gen-0123456789abcd')

hostile_numbers() {
	wired
	run_ok regen
	for number in "${numbers[@]}"; do
		refused_row number "$number"
	done
	clean
	sql "UPDATE did_numbers SET routing_environment = 'staging', pool_status = 'available', org_id = NULL
		WHERE id = '00000000-0000-7000-8000-00000000beef'"
	intact run_code 6 regen
	sql "UPDATE did_numbers SET routing_environment = 'oss' WHERE id = '00000000-0000-7000-8000-00000000beef'"
	run_ok regen
	run_ok didctl regen --for oss
	sql "UPDATE did_numbers SET pool_status = 'assigned', org_id = '$ACME' WHERE id = '00000000-0000-7000-8000-00000000beef'"
	run_code 6 didctl regen --for oss
	[ -z "$output" ] || fail "$output"
	clean
}

@test "hostile numbers: refused and listed, the old file stays, nothing of them in any file" {
	each_backend hostile_numbers
}

destinations=('1000,1,n,System(rm)' '500&PJSIP/itsp/1' '#exec x' '${SHELL(id)}' '1000)' '1000;x' '' ' ' '100 0' $'1000\nexten => 1,1,System(id)'
	'../../x' '@default' '$[1+1]' '"' "'" $'\\' "$(printf 'x%.0s' {1..65})" 'ü' $'\x01')
types=('queue,1' 'Queue' 'ivr)' '../x' 'a b' $'queue\n' '${x}' ';' '-')

hostile_routes() {
	wired
	run_ok regen
	for destination in "${destinations[@]}"; do
		refused_row routing_destination "$destination" "'918065978020' has a route that a file may not hold"
	done
	for type in "${types[@]}"; do
		refused_row routing_type "$type" "'918065978020' has a route that a file may not hold"
	done
	clean
	run_code 6 regen orgs --stdout
	[ -z "$output" ] || fail "$output"
}

@test "hostile destinations and types: the same" {
	each_backend hostile_routes
}

prefixes=("$(printf 'a%.0s' {1..64})" "$(printf 'a%.0s' {1..55})" ORG_X org.x 'a b' ']' $'x]\n[globals]' '../../etc/x' 'x/y' '${x}' ';--' '' 'x__incoming,1,1)' 'ö'
	$'x\t')

hostile_prefixes() {
	wired
	run_ok regen
	for prefix in "${prefixes[@]}"; do
		sql "UPDATE organizations SET context_prefix = $(literal "$prefix") WHERE id = '$GLOBEX'"
		intact run_code 6 regen
		[ "$(grep -c 'has an owner without a context prefix that a file may hold: didctl org edit ORG --context-prefix PREFIX' <<<"$stderr")" \
			-eq 2 ] || fail "$prefix" "$stderr"
		run_code 6 didctl regen --for oss
		[ -z "$output" ]
	done
	sql "UPDATE organizations SET context_prefix = NULL WHERE id = '$GLOBEX'"
	intact run_code 6 regen
	clean
}

@test "hostile context prefixes: the same" {
	each_backend hostile_prefixes
}

names=('--Acme' $']\n[globals]' ';-- x' '${SHELL(id)}' $'\x1b]52;c;eA==\a' '#include x' "' OR 1=1 --" '%n%s' "$(printf 'x%.0s' {1..255})")

hostile_names() {
	wired
	run_ok regen
	for name in "${names[@]}"; do
		sql "UPDATE organizations SET name = $(literal "$name") WHERE id = '$GLOBEX'"
		intact run_ok regen
		run_ok regen --diff
		run_ok regen --check
	done
	clean
}

@test "names of organisations never reach a file" {
	each_backend hostile_names
}

others() {
	wired
	run_ok regen
	sql "UPDATE did_numbers SET org_id = '00000000-0000-7000-8000-00000000dead' WHERE number = '918065978004'"
	intact run_code 6 regen
	[[ $stderr == *"refused: '918065978004' has an owner that is no organisation: didctl doctor owner-missing"* ]] || fail "$stderr"
	sql "UPDATE did_numbers SET org_id = NULL WHERE number = '918065978004'"
	intact run_code 6 regen
	sql "UPDATE did_numbers SET org_id = '$ACME' WHERE number = '918065978004'"
	sql "UPDATE did_numbers SET region = $(literal $';--\n[globals]'), provider = $(literal '${SHELL(id)}') WHERE number = '918065978003'"
	intact run_ok regen
	clean
}

@test "an owner that is none is refused; free text never reaches a file" {
	each_backend others
}

@test "settings that would stand in a file: refused where they are read" {
	sqlite_target
	for setting in 'gateway-context = from,tata' 'gateway-context = ]' 'gateway-file = ../x.conf' 'gateway-file = /etc/x' 'oss-context = a b' \
		'staging-endpoint = x)' 'staging-endpoint = ${SHELL(id)}' 'spellings = all' 'asterisk-dir = relative'; do
		settle "$setting"
		run_code 4 regen
		[[ $stderr == *"${setting%% =*}"* ]] || fail "$setting: $stderr"
		[ -z "$(ls -A "$FILES")" ]
	done
}
