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
autoload -Uz compinit && compinit -u -D
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
	printf '%s\n' "$whole" | sed 's/[ ,]*$//; s/\([^\\]\) /\1\n/g' | sort
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
	cat >"$T/bin/didctl" <<'PROGRAM'
#!/bin/sh
printf '<%s>' "$@" >asked
echo 'this must not be seen' >&2
cat answers
PROGRAM
}

asked() { # WORD...: the last question
	[ "$(cat asked)" = "$(printf '<%s>' "$@")" ] || { echo "asked: $(cat asked)"; return 1; }
}

@test "commands and subcommands" {
	offers 'didctl comp' completion
	offers 'didctl pool lo' lock
	offers 'didctl pool requ' request requests
	offers 'didctl help po' pool
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
