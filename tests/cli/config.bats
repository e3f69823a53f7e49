#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2088 # what stands in single quotes is for a file, and '~/' for didctl to expand
# Settings: where each comes from, what is refused, and where secrets go: nowhere.
load ../lib/common

# config LINE...: makes the user's file of these lines.
config() {
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	CONFIG=$XDG_CONFIG_HOME/didctl/config
	printf '%s\n' "$@" >"$CONFIG"
}

# value KEY EXPECTED ORIGIN [OPTION...]: as `didctl config` tells it.
value() {
	local key=$1 want=$2 from=$3

	shift 3
	run_ok didctl config -o json "$@"
	json ".[] | select(.key == \"$key\") | \"\(.value) \(.origin)\"" "$want $from"
}

# refused CODE PATTERN COMMAND...: one message, no data.
refused() {
	local code=$1 pattern=$2

	shift 2
	run_code "$code" didctl "$@" </dev/null
	[ -z "$output" ] || fail "data on stdout: $output"
	grep -qE -- "$pattern" <<<"$stderr" || fail "no match of '$pattern' in: $stderr"
	[ "$(grep -c '^didctl: ' <<<"$stderr")" -eq 1 ] || fail "$stderr"
}

@test "the nearest setting wins: option, environment, profile, file, default" {
	config 'hold-days = 1' 'pending-days = 2' 'default-profile = lab' \
		'[profile lab]' "target = sqlite:$T/lab.db" 'hold-days = 3' \
		'[profile other]' "target = sqlite:$T/other.db" 'hold-days = 4'
	value profile lab "$CONFIG:3"
	value target "sqlite:$T/lab.db" "$CONFIG:5"
	value hold-days 3 "$CONFIG:6"
	value pending-days 2 "$CONFIG:2"
	value routing-types extension,queue,ivr,ai_agent,call_flow default
	value ami null null
	value hold-days 4 "$CONFIG:9" -p other
	value profile other --profile -p other
	DIDCTL_HOLD_DAYS=5 value hold-days 5 DIDCTL_HOLD_DAYS
	DIDCTL_HOLD_DAYS=5 value hold-days 5 DIDCTL_HOLD_DAYS -p other
	DIDCTL_HOLD_DAYS='' value hold-days 3 "$CONFIG:6"
	DIDCTL_RANGE_PROD=918065978000-20 value range.prod 918065978000-20 DIDCTL_RANGE_PROD
	DIDCTL_PROFILE=other value hold-days 4 "$CONFIG:9"
	DIDCTL_PROFILE=other value profile other DIDCTL_PROFILE
	DIDCTL_PROFILE=other value hold-days 3 "$CONFIG:6" -p lab
}

@test "the target: -t, -p, DIDCTL_TARGET, DIDCTL_PROFILE, default-profile, and never a default" {
	config 'default-profile = lab' '[profile lab]' 'target = sqlite:lab.db' '[profile other]' 'target = sqlite:other.db' \
		'[profile bare]' 'hold-days = 9'
	value target sqlite:given.db --target -t sqlite:given.db
	DIDCTL_TARGET=sqlite:env.db value target sqlite:given.db --target -t sqlite:given.db
	DIDCTL_TARGET=sqlite:env.db value target sqlite:other.db "$CONFIG:5" -p other
	DIDCTL_TARGET=sqlite:env.db DIDCTL_PROFILE=other value target sqlite:env.db DIDCTL_TARGET
	DIDCTL_PROFILE=other value target sqlite:other.db "$CONFIG:5"
	value target sqlite:lab.db "$CONFIG:3"
	value target sqlite:given.db --target -t sqlite:given.db -p bare
	refused 2 "'--target' and the profile 'other' each name a target" config -t sqlite:given.db -p other
	refused 2 "each name a target" pool list -t sqlite:given.db -p other
	config
	refused 4 'no target is set' pool list
	[[ $stderr == *"-t URL"*"-p PROFILE"*DIDCTL_TARGET*DIDCTL_PROFILE*default-profile*"$CONFIG"*/etc/didctl/config* ]]
	refused 4 'no target is set' pool lock -y 918065978000
}

@test "the files: HOME, XDG_CONFIG_HOME, --config" {
	mkdir -p home/.config/didctl elsewhere/didctl
	echo 'hold-days = 1' >home/.config/didctl/config
	echo 'hold-days = 2' >elsewhere/didctl/config
	echo 'hold-days = 3' >third
	unset XDG_CONFIG_HOME
	value hold-days 1 "$T/home/.config/didctl/config:1"
	XDG_CONFIG_HOME=$T/elsewhere value hold-days 2 "$T/elsewhere/didctl/config:1"
	XDG_CONFIG_HOME=elsewhere value hold-days 1 "$T/home/.config/didctl/config:1"
	XDG_CONFIG_HOME=$T/elsewhere value hold-days 3 third:1 --config third
	unset HOME
	value hold-days 0 default
	run_ok didctl --version
	HOME=relative value hold-days 0 default
	run_ok didctl config -v
	[[ $stderr == *'configuration: /etc/didctl/config'* ]] || fail "$stderr"
}

@test "a file with a fault: 4, with file and line" {
	local line

	bad() { # PATTERN LINE...
		local pattern=$1

		shift
		printf '%s\n' "$@" >c
		refused 4 "^didctl: c:$#: $pattern" config --config c
		refused 4 "^didctl: c:$#: $pattern" pool lock -y 918065978000 --config c -t sqlite:none.db
	}
	bad "unknown key 'hold-dayz'" '# a comment' '' 'hold-dayz = 1'
	[[ $stderr == *"did you mean 'hold-days'?"* ]]
	for line in password passwd secret pass; do
		bad "unknown key '$line'" "$line = hunter2"
		[[ $stderr == *password-file* && $stderr != *hunter2* ]] || fail "$stderr"
	done
	for line in api-key key token; do
		bad "unknown key '$line'" "$line = hunter2"
		[[ $stderr == *api-key-file* && $stderr != *hunter2* ]] || fail "$stderr"
	done
	bad "'target' belongs into a section" 'target = sqlite:x.db'
	bad "'default-profile' belongs before" '[profile a]' 'default-profile = a'
	bad "'regen' was already set at c:1" 'regen = yes' 'regen = no'
	bad "the profile 'a' was already begun at c:1" '[profile a]' '[profile a]'
	bad "neither 'key = value' nor" 'nonsense'
	bad "'country' has no value" 'country ='
	bad 'a section is written' '[profile a'
	bad "unknown section 'globals'" '[globals]'
	bad "bad name 'a b'" '[profile a b]'
	bad "bad name ''" '[profile]'
	bad "bad value of 'hold-days'" 'hold-days = x'
	bad "bad value of 'hold-days'" 'hold-days = -1'
	bad "bad value of 'hold-days'" 'hold-days = 99999999999999999999'
	bad "bad value of 'regen'" 'regen = maybe'
	bad "bad value of 'tls'" 'tls = off'
	bad "bad value of 'routing-types'" 'routing-types = extension,${SHELL(id)}'
	bad "bad value of 'context-prefix-column'" 'context-prefix-column = a; DROP TABLE x'
	bad "bad value of 'asterisk-dir'" 'asterisk-dir = etc'
	bad "bad value of 'oss-context'" 'oss-context = a]b'
	bad "bad value of 'country': 'XX' is none of IN, US" 'country = XX'
	bad "unknown key '.x1B\]52;c;x'" $'\e]52;c;x = 1'
	bad "bad value of 'target': the URL has a password" '[profile a]' 'target = mysql://u:hunter2@h/d'
	[[ $stderr != *hunter2* ]]
	bad 'the line is not UTF-8' $'actor = \xff'
	bad 'the line is longer than 65536 bytes' "actor = $(head -c 100000 /dev/zero | tr '\0' x)"
	printf 'regen = yes\nactor = a\0b\n' >c
	refused 4 '^didctl: c:2: the line has a NUL byte' config --config c
	head -c 1000000 /dev/zero | tr '\0' x >c
	refused 4 '^didctl: c:1: the line is longer than' config --config c
	[ "${#stderr}" -lt 200 ]
}

@test "what is no file, and what the environment must not say" {
	mkfifo fifo
	refused 4 "cannot open the configuration 'none'" config --config none
	refused 4 "is a directory" config --config .
	refused 4 "is not a regular file" config --config fifo
	refused 4 "no profile 'zz' \(--profile\)" config -p zz
	DIDCTL_PROFILE=zz refused 4 "no profile 'zz' \(DIDCTL_PROFILE\)" pool list
	config '[profile alpha]' 'hold-days = 1'
	refused 4 "did you mean 'alpha'" config -p alhpa
	DIDCTL_HOLD_DAYS=x refused 4 "^didctl: DIDCTL_HOLD_DAYS: bad value of 'hold-days'" config
	DIDCTL_COUNTRY=XX refused 4 "^didctl: DIDCTL_COUNTRY: bad value of 'country'" config
	DIDCTL_TARGET=mysql://u:hunter2@h/d refused 4 '^didctl: DIDCTL_TARGET: bad value' pool list
	[[ $stderr != *hunter2* ]]
	chmod 0 "$CONFIG"
	[ "$(id -u)" -eq 0 ] || refused 4 'Permission denied' config
}

@test "CRLF, blanks, quotes, a leading ~/ and a last line without an end are understood" {
	printf '\r\n # c\r\n; c\n\tactor\t=  "a b "  \r\npassword-file = ~/secret\n[ profile  lab ]\nhold-days=7' >c
	value actor 'a b ' c:4 --config c
	value password-file "$T/home/secret" c:5 --config c
	value hold-days 7 c:7 --config c -p lab
}

@test "secrets are masked wherever they are shown" {
	config '[profile lab]' 'target = sqlite:lab.db' 'password-command = echo hunter2'
	run_ok didctl config -p lab -v
	[[ $output == *'password-command '*'***'* && $output$stderr != *hunter2* ]] || fail "$output"
	run_ok didctl config -p lab -o json
	[[ $output$stderr != *hunter2* ]]
	run_ok didctl init --country IN -p lab -v
	[[ $output$stderr != *hunter2* ]]
	chmod o+w "$CONFIG"
	refused 4 'anyone may change this file, and it has a password-command' config
	[[ $stderr == *"chmod o-w '$CONFIG'"* ]]
}

@test "a profile's password is never used for a target that it does not name" {
	config '[profile lab]' 'target = sqlite:lab.db' 'password-command = touch called; echo x' 'hold-days = 9'
	DIDCTL_PROFILE=lab DIDCTL_TARGET=mysql://root@127.0.0.1:1/d refused 4 'cannot connect' pool list
	[ ! -e called ]
	DIDCTL_PROFILE=lab DIDCTL_TARGET=sqlite:x value hold-days 9 "$CONFIG:4"
	DIDCTL_PROFILE=lab DIDCTL_TARGET=sqlite:x value password-command null null
}

# A user of the private server with a password, and the database as that user's target.
with_password() {
	[ -n "${TEST_SERVER-}" ] || skip 'there is no private server'
	mysql_target
	run_ok didctl init --country IN -q
	unset DIDCTL_TARGET
	DB_USER=u_$DATABASE
	server_sql -e "CREATE OR REPLACE USER $DB_USER@localhost IDENTIFIED BY 'hunter2''x'; GRANT ALL ON $DATABASE.* TO $DB_USER@localhost"
	URL="mysql://$DB_USER@/$DATABASE?socket=$TEST_SERVER/s"
}

without_password() { server_sql -e "DROP USER $DB_USER@localhost"; }

# Reads and writes with the profile, and looks for the password in whatever can be seen from outside.
works() { # OPTION...
	run_ok didctl pool list -v "$@"
	[[ $output$stderr != *hunter2* ]] || fail "$output$stderr"
	run_ok didctl pool add 918065978000 --if-absent -y -v "$@"
	[[ $output$stderr != *hunter2* ]] || fail "$output$stderr"
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -s 4096 -e trace=execve -o argv didctl pool list "$@"
	! grep hunter2 argv || fail 'the password is in an argument or a variable of a program'
}

@test "the password of a database: from a file" {
	with_password
	config '[profile lab]' "target = $URL" 'password-file = ~/password' "[profile none]" "target = $URL"
	echo "hunter2'x" >home/password
	chmod 600 home/password
	works -p lab
	refused 4 'Access denied' pool list -p none
	echo wrong >home/password
	refused 4 'Access denied' pool list -p lab
	[[ $stderr != *wrong* ]]
	echo "hunter2'x" >home/password
	MYSQL_PWD="hunter2'x" refused 4 'Access denied' pool list -p none
	without_password
}

@test "the password of a database: from a command" {
	with_password
	config '[profile lab]' "target = $URL" "password-command = cat ~/password; cat >/dev/null"
	echo "hunter2'x" >home/password
	works -p lab
	config '[profile lab]' "target = $URL" 'password-command = exit 3'
	refused 4 'the password-command failed with exit code 3' pool list -p lab
	config '[profile lab]' "target = $URL" 'password-command = true'
	refused 4 'the password-command gives an empty secret' pool list -p lab
	config '[profile lab]' "target = $URL" 'password-command = yes'
	refused 4 'the password-command gives more than 4096 bytes' pool list -p lab
	config '[profile lab]' "target = $URL" 'password-command = echo hunter2; echo x'
	refused 4 'more than one line' pool list -p lab
	[[ $stderr != *hunter2* ]]
	config '[profile lab]' "target = $URL" 'password-command = true' 'password-file = x'
	refused 4 'both password-file .* and password-command' pool list -p lab
	without_password
}

@test "the password of a database: from a my.cnf" {
	with_password
	config '[profile lab]' "target = ${URL/$DB_USER@/}" 'defaults-file = ~/my.cnf'
	printf '[client]\nuser=%s\npassword="hunter2'\''x"\n' "$DB_USER" >home/my.cnf
	chmod 600 home/my.cnf
	works -p lab
	printf '[client]\nuser=nobody\npassword=wrong\n[didctl]\nuser=%s\npassword="hunter2'\''x"\n' "$DB_USER" >home/my.cnf
	works -p lab
	chmod 644 home/my.cnf
	refused 4 "others may read the password in '$T/home/my.cnf'" pool list -p lab
	[[ $stderr == *"chmod 600 '$T/home/my.cnf'"* ]]
	rm home/my.cnf
	refused 4 "my.cnf" pool list -p lab
	without_password
}

@test "a secret's file: nobody else's, one line, small" {
	config '[profile lab]' "target = mysql://u@/d?socket=$T/none" "password-file = $T/p"
	refused 4 "config:3: the file '$T/p' cannot be opened" pool list -p lab
	echo hunter2 >p
	chmod 644 p
	refused 4 "the file '$T/p' is open to others \(mode 0644\)" pool list -p lab
	[[ $stderr == *"chmod 600 '$T/p'"* ]]
	chmod 660 p
	refused 4 'is open to others \(mode 0660\)' pool list -p lab
	chmod 600 p
	: >p
	refused 4 'gives an empty secret' pool list -p lab
	printf '\n' >p
	refused 4 'gives an empty secret' pool list -p lab
	printf 'hunter2\r\n' >p
	refused 4 'a carriage return' pool list -p lab
	printf 'hunter2\nx\n' >p
	refused 4 'more than one line' pool list -p lab
	printf 'hunter2\0x\n' >p
	refused 4 'gives a NUL byte' pool list -p lab
	head -c 5000 /dev/zero | tr '\0' x >p
	refused 4 'more than 4096 bytes' pool list -p lab
	rm p
	mkdir p
	refused 4 'is not a regular file' pool list -p lab
	rmdir p
	mkfifo p
	chmod 600 p
	refused 4 'is not a regular file' pool list -p lab
	rm p
	printf hunter2 >p
	chmod 600 p
	refused 4 "cannot connect to .*$T/none" pool list -p lab
	[[ $stderr != *hunter2* ]]
}
