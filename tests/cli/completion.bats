#!/usr/bin/env bats
# shellcheck disable=SC2016 # the shell under test expands what stands in single quotes, or must not
# Completion in the real shells. `offers LINE WORD...` holds when each of them offers exactly these at the end of LINE.
load ../lib/common

setup() {
	common_setup
	didctl completion bash >didctl.bash
	mkdir functions
	didctl completion zsh >functions/_didctl
	didctl completion fish >didctl.fish
	cat >bashrc <<'RC'
PS1='ready> '
bind 'set enable-bracketed-paste off'
bind '"\C-x\C-a": insert-completions'
bind -x '"\C-x\C-p": printf "LINE<%s>\n" "$READLINE_LINE"'
[ -z "$WITH_PACKAGE" ] || . /usr/share/bash-completion/bash_completion
. ./didctl.bash
RC
	cat >.zshrc <<'RC'
PS1='ready> '
fpath=($PWD/functions $fpath)
autoload -Uz compinit && compinit -u -C -d "$BATS_FILE_TMPDIR/zcompdump" # reads the thousand functions of zsh once
all() { _main_complete; compstate[insert]=all; }
report() { print -r -- "LINE<$BUFFER>"; }
zle -C all complete-word all
zle -N report
bindkey '^X^A' all
bindkey '^X^P' report
RC
}

# Offers are printed one a line, sorted; line: what is typed. The part that they replace is the last word, or what
# stands behind the last of $2 in it.
in_bash() { # LINE [BREAKS]
	"$BATS_TEST_DIRNAME/complete.exp" "$1" bash --noprofile --rcfile bashrc -i | offered "$1"
}

in_zsh() {
	ZDOTDIR=$PWD "$BATS_TEST_DIRNAME/complete.exp" "$1" zsh -d -i | offered "$1"
}

in_fish() {
	fish --no-config -c 'source didctl.fish; complete -C $argv[1]' "$1" | cut -f 1 | sort
}

# From "didctl pool list lock", where "didctl pool l" was typed, to "list" and "lock".
offered() {
	local whole

	read -r whole
	whole=${whole%$'\r'}
	whole=${whole#"${1% *} "}
	printf '%s\n' "$whole" | sed 's/[ ,]*$//; s/\([^\\]\) /\1\n/g' | sed 's/^ *//' | sort
}

offers() { # LINE WORD...
	local line=$1 wanted shell got

	shift
	wanted=$(printf '%s\n' "$@" | sort)
	for shell in bash zsh fish; do
		got=$("in_$shell" "$line")
		[ "$got" = "$wanted" ] || { echo "$shell: '$line' offers:" "$got"; return 1; }
	done
}

offers_nothing() { # LINE: it stays as it is
	local got shell

	for shell in bash zsh; do
		got=$("in_$shell" "$1")
		[ "$got" = "${1##* }" ] || { echo "$shell: '$1' offers:" "$got"; return 1; }
	done
	[ -z "$(in_fish "$1")" ]
}

# A program in place of didctl that answers __complete and keeps what it was asked.
answering() { # LINE-OF-ANSWER...
	printf '%s\n' "$@" >answers
	mkdir -p "$T/bin"
	cat >"$T/bin/didctl" <<'PROGRAM'
#!/bin/sh
printf '<%s>' "$@" >asked
echo 'this must not be seen' >&2
cat answers
PROGRAM
	chmod +x "$T/bin/didctl"
}

asked() { # WORD...: the last question
	[ "$(cat asked)" = "$(printf '<%s>' "$@")" ] || { echo "asked: $(cat asked)"; return 1; }
}

@test "commands and subcommands" {
	offers 'didctl comp' completion
	offers 'didctl pool lo' lock
	offers 'didctl pool requ' request requests
	offers 'didctl help poo' pool
	offers 'didctl help pool unl' unlock
	offers 'didctl completion ' bash fish zsh
	offers_nothing 'didctl completion bash z'
}

@test "hidden commands are not offered" {
	offers_nothing 'didctl __'
}

@test "options of the command, wherever it was named" {
	offers 'didctl pool list --li' --limit --list-columns
	offers 'didctl -q pool list --toll' --toll-free
	offers 'didctl -o json -t sqlite:x pool list --toll' --toll-free
	offers 'didctl --output=json pool list --toll' --toll-free
	offers 'didctl -ojson pool list --toll' --toll-free
	offers_nothing 'didctl pool list --zz'
	offers_nothing 'didctl pool list -- --li'
}

@test "choices" {
	offers 'didctl pool list -o js' json
	offers 'didctl pool list -qo t' table tsv
	offers 'didctl pool list --color a' always auto
}

@test "choices behind an equals sign" {
	# bash replaces only what stands behind '=', and so does what it inserts
	[ "$(in_bash 'didctl pool list --output=n')" = --output=ndjson ]
	[ "$(in_zsh 'didctl pool list --output=n')" = --output=ndjson ]
	[ "$(in_fish 'didctl pool list --output=n')" = --output=ndjson ]
}

@test "columns: the last of a list" {
	offers 'didctl pool list -c hold_u' hold_until
	offers 'didctl pool list -c number,hold_u' number,hold_until
	offers 'didctl pool list -c +number,hold_u' +number,hold_until
	offers 'didctl pool list -c al' all
	offers 'didctl pool list -s -number,-pri' -number,-price
	offers 'didctl pool list --sort rate' rate_center
}

@test "states: the last of a list" {
	offers 'didctl pool list --state av' available
	offers 'didctl pool list --state available,on' available,on-hold
}

@test "files" {
	touch unlikely-name
	offers 'didctl --config unlik' unlikely-name
}

@test "live words are asked for at the target on the line" {
	answering $'acme\tAcme Ltd' $'acorn\tAcorn GmbH'
	offers 'didctl -t sqlite:/tmp/a.db --config=f pool list -p x --org ac' acme acorn
	asked -t sqlite:/tmp/a.db --config f -p x __complete -- org ac
	offers 'didctl -tsqlite:a pool list --profile=y --org ac' acme acorn
	asked -t sqlite:a --profile y __complete -- org ac
}

@test "live words with a blank, a colon and nothing typed yet" {
	answering 'Acme Ltd'
	[ "$(in_bash 'didctl pool list --org ')" = 'Acme\ Ltd' ]
	[ "$(in_zsh 'didctl pool list --org ')" = 'Acme\ Ltd' ]
	[ "$(in_fish 'didctl pool list --org ')" = 'Acme Ltd' ]
	asked __complete -- org ''
	answering 'id:0192'
	offers 'didctl pool show id:01' id:0192
	asked __complete -- number id:01
}

@test "time zones, of which a beginning is never all that there is" {
	offers 'didctl port foc 1 2099-12-01 --zone America/New' America/New_York
	offers 'didctl port new ACME 1 --requested-zone U' UTC
	offers_nothing 'didctl port foc 1 2099-12-01 --zone Moon/'
	run_ok didctl __complete -- zone Europe/V
	[[ $output == *$'Europe/Vienna\tAT'* ]]
	run_ok didctl __complete -- zone ''
	[ "${#lines[@]}" -gt 300 ]
	while IFS=$'\t' read -r zone _; do
		[ -e "/usr/share/zoneinfo/$zone" ]
	done <<<"$output"
}

@test "what can be dialled" {
	offers 'didctl explain --outbound 918065978000 --dial ' 911
}

@test "an operand of its place" {
	answering 'something'
	offers 'didctl pool show some' something
	asked __complete -- number some
	rm asked
	offers_nothing 'didctl pool show 1 some'
	[ ! -e asked ]
}

@test "what the line says is never run" {
	answering 'acme'
	in_bash 'didctl -t $(touch ran) pool list --org ac'
	in_bash 'didctl -t `touch ran` pool list --org ac'
	in_zsh 'didctl -t $(touch ran) pool list --org ac'
	in_fish 'didctl -t (touch ran) pool list --org ac'
	[ ! -e ran ]
}

@test "bash: the same with the package bash-completion loaded" {
	[ -e /usr/share/bash-completion/bash_completion ] || skip 'bash-completion is not installed'
	export WITH_PACKAGE=1
	[ "$(in_bash 'didctl pool lo')" = lock ]
	[ "$(in_bash 'didctl pool list --output=n')" = --output=ndjson ]
	[ "$(in_bash 'didctl -t sqlite:x pool list -s -number,-pri')" = -number,-price ]
}

@test "zsh and fish explain what they offer" {
	fish --no-config -c "source didctl.fish; complete -C 'didctl comp'" >got
	grep -q $'^completion\tprint the completion script' got
	grep -q "'completion:print the completion script" functions/_didctl
}

# The demo inventory with a user and a tag, and two profiles.
live() {
	sqlite_target
	didctl init -q --country IN --demo
	didctl user add -q alice --org ACME
	didctl pool edit -q 918065978003 --tag vip
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	printf '[profile lab]\ntarget = sqlite:lab.db\n[profile live]\ntarget = sqlite:live.db\n' \
		>"$XDG_CONFIG_HOME/didctl/config"
}

@test "live: numbers, in the spelling that was begun" {
	live
	offers 'didctl pool show 91806597802' 918065978020 918065978021 918065978022 918065978023 918065978024 918065978025 \
		918065978026 918065978027 918065978028 918065978029
	offers 'didctl release 918065978000 0806597800' 08065978000 08065978001 08065978002 08065978003 08065978004 \
		08065978005 08065978006 08065978007 08065978008 08065978009
	offers 'didctl default set +91806597801' +918065978010 +918065978011 +918065978012 +918065978013 +918065978014 \
		+918065978015 +918065978016 +918065978017 +918065978018 +918065978019
	offers_nothing 'didctl pool show 9180659781'
}

@test "live: organisations, users and tags" {
	live
	offers 'didctl org show ' ACME Globex
	offers 'didctl pool list --org Gl' Globex
	offers 'didctl default clear AC' ACME
	offers 'didctl user show al' alice
	offers 'didctl pool list --tag v' vip
	offers 'didctl pool mark po' ported
}

@test "live: an organisation where numbers may stand too" {
	live
	offers 'didctl assign 918065978000 AC' ACME
	offers 'didctl assign --count 3 AC' ACME
}

@test "live: changes, the last ones" {
	local ids

	live
	mapfile -t ids < <(didctl history -c change_id -o tsv -H)
	offers 'didctl undo ' "${ids[@]}"
	offers "didctl history --change ${ids[0]%??}" "${ids[0]}"
}

@test "live: profiles of the file on the line" {
	live
	offers 'didctl -p l' lab live
	printf '[profile other]\ntarget = sqlite:other.db\n' >config
	offers 'didctl --config config -p o' other
}

@test "a target that is down, missing or not set offers nothing, and says nothing" {
	local target kind

	printf 'no database at all, but long enough to look at\n' >garbage
	for target in '' mysql://127.0.0.1:1/pbx sqlite:missing.db sqlite:garbage nonsense; do
		for kind in number org user change tag; do
			DIDCTL_TARGET=$target run_ok didctl __complete -- "$kind" ''
			[ -z "$output$stderr" ] || fail "$target, $kind: $output$stderr"
		done
	done
	[ ! -e missing.db ]
	export DIDCTL_TARGET=mysql://127.0.0.1:1/pbx
	offers_nothing 'didctl org show AC'
	printf 'nonsense\n' >config
	offers_nothing 'didctl --config config -p l'
}

# How many bytes are read to answer: what didctl reads of its files, and of the database.
bytes_read() { # TYPED
	sh -c 'didctl __complete -- number "$1" >offered 2>&1 && sed -n "s/^rchar: //p" /proc/$$/io' sh "$1"
}

@test "port orders and labels of locations are offered" {
	export DIDCTL_TARGET=sqlite:$T/us.db
	run_ok didctl init --country US --demo -q
	run_ok didctl port new ACME +12135550100-0111 -y -q
	run_ok didctl e911 locations add ACME -q --label HQ --street '5 Elm St' --city Chicago --state-code IL --zip 60601
	offers 'didctl port show ' 1
	offers 'didctl port foc ' 1
	offers 'didctl e911 locations show ' HQ
	offers 'didctl e911 set 12135550100 --location H' HQ
}

@test "among 100,000 numbers a prefix is a range of the index" {
	local typed few many

	sqlite_target
	didctl init -q --country IN
	didctl pool add -q 918060000000-8060000029 --yes
	few=$(bytes_read 91806000)
	didctl pool add -q 918060000000-918060099999 --if-absent --yes --expect 99970
	for typed in '' 9 918060 0806009999 +9180600500 00918060 777; do
		many=$(bytes_read "$typed")
		# the table has megabytes; a few pages more are the depth of the index
		[ "$many" -lt $((few + 200000)) ] || fail "'$typed': $many bytes read, of 30 numbers $few"
	done
	bytes_read 918060050 >/dev/null
	[ "$(wc -l <offered)" -eq 50 ]
	[ "$(head -n 1 offered)" = $'918060050000\tavailable' ]
}
