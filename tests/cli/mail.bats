#!/usr/bin/env bats
# What a port order tells by mail, from the command to a real mail server (tests/lib/smtp), whatever becomes of either.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC2317 # $DIDCTL is words; run sets output, stderr, lines
load ../lib/common
load ../lib/writes

export ASAN_OPTIONS=detect_leaks=0 # under strace it cannot look

teardown() {
	exec 9>&- # the end of all servers
	common_teardown
}

# listen [OPTION...]: the mail server of this target, from now on with these options.
listen() {
	[ -p "$T/smtp" ] || { mkfifo "$T/smtp"; "$ROOT/tests/lib/smtp" <"$T/smtp" 3>&- & exec 9>"$T/smtp"; }
	MAIL=$T/mail$TARGETS
	mkdir -p "$MAIL"
	rm -f "$MAIL/port"
	printf '%s %s\n' "$MAIL" "$*" >&9
	await "$MAIL/port"
	DIDCTL_SMTP=smtp://localhost:$(<"$MAIL/port")
	export DIDCTL_SMTP DIDCTL_MAIL_FROM=ports@op.example
}

down() {
	printf '%s --stop\n' "$MAIL" >&9
	for _ in {1..6000}; do
		[ -e "$MAIL/port" ] || return 0
		sleep .02
	done
	fail 'the mail server does not end'
}

await() { # FILE
	for _ in {1..6000}; do
		[ ! -e "$1" ] || return 0
		sleep .02
	done
	fail "there is no $1"
}

taken() { find "$MAIL" -name '*.to' | wc -l; }

# The time has come to try again what waits.
later() { sql "UPDATE didctl_outbox SET next_attempt = '2020-01-01T00:00:00Z' WHERE next_attempt IS NOT NULL"; }

# sent_once MAILS: all have been sent, with so many at the server, and a sweep more sends none.
sent_once() {
	[ "$(sql 'SELECT COUNT(*) FROM didctl_outbox WHERE sent_at IS NULL')" -eq 0 ]
	[ "$(taken)" -eq "$1" ] || fail "$(taken) arrived, not $1"
	run_ok didctl port sweep
	[ "$(taken)" -eq "$1" ]
}

# A draft that lacks nothing; those who are told of it.
order() {
	stock
	done_by org edit ACME --mail noc@acme.example
	done_by port new ACME +442079460100-0111 --losing-carrier 'Old Telecom' --account 55 --btn +442079460100 \
		--authorised-name 'Ann Other' --service-address '1 High Street, London'
	printf '%%PDF-1.4 signed' >loa.pdf
	done_by port document 1 loa.pdf --kind loa
}

# What the last message said, decoded by somebody else.
body_of() { # FILE
	/usr/bin/python3 -c 'import email, email.policy, sys
with open(sys.argv[1], "rb") as file:
    sys.stdout.write(email.message_from_binary_file(file, policy=email.policy.default).get_content())' "$1"
}

mail_of_order() { didctl port show 1 -o json | jq -r "[.[0].mail[] | \"$1\"] | join(\",\")"; }

@test "each change of state arrives once, in order, at the organisation's address and the operator's" {
	body() {
		export DIDCTL_MAIL_TO='ops@op.example, boss@op.example'
		order
		listen
		done_by port submit 1
		done_by port ack 1
		done_by port reject 1 --code 8A --reason 'no such account'
		done_by port edit 1 --account 56
		done_by port submit 1
		done_by port ack 1
		done_by port foc 1 2099-06-15
		done_by port foc 1 "$(today)"
		run_ok didctl port sweep
		told="submitted acknowledged exception submitted acknowledged foc-set another FOC completed"
		for address in noc@acme.example ops@op.example boss@op.example; do
			got=
			for ((n = 1; n <= $(taken); n++)); do
				[ "$(<"$MAIL/$n.to")" != "$address" ] || got+="$(sed -n 's/^Subject: Port order 1: \(.*\)\r$/\1/p' "$MAIL/$n") "
			done
			[ "$got" = "$told " ] || fail "$address was told: $got"
		done
		[ "$(cat "$MAIL"/*[0-9] | grep -c '^Message-ID: <.*@op.example>')" -eq 24 ]
		[ "$(cat "$MAIL"/*[0-9] | grep '^Message-ID: ' | sort -u | wc -l)" -eq 24 ]
		sent_once 24
		[ "$(mail_of_order '\(.state)' | tr , '\n' | sort | uniq -c)" = '     24 sent' ]
		run_ok didctl doctor mail
		[ -z "$(didctl doctor mail -o tsv -H)" ]
	}
	each_backend body
}

@test "a server that is down fails no command: the mail waits, doctor tells, a sweep sends it" {
	sqlite_target
	order
	listen
	down
	run_ok didctl port submit 1 -y -o json
	[[ $stderr == *"mail to 'noc@acme.example' is not sent yet: "*connect* ]] || fail "$stderr"
	json .changed 1
	[ "$(mail_of_order '\(.to) \(.state) \(.attempts) \(.sent_at)')" = 'noc@acme.example waiting 1 null' ]
	[[ $(mail_of_order '\(.reason)') == *connect* ]]
	run_ok didctl port show 1
	[[ $output == *noc@acme.example*'Port order 1: submitted'*waiting*connect* ]]
	run_ok didctl doctor mail
	sql "UPDATE didctl_outbox SET created = '2026-01-01T00:00:00Z'"
	run_code 3 didctl doctor mail --strict -o json
	json '.[0] | "\(.severity) \(.fix)"' 'warning didctl port sweep'
	json .[0].detail "$(jq -r .[0].detail <<<"$output" | grep "1 message to 'noc@acme.example'.*connect")"
	listen
	run_ok didctl port ack 1 -y
	told 'older messages to the same address go first'
	run_ok didctl port sweep # not due yet
	[ "$(taken)" -eq 0 ]
	later
	unchanged run_ok didctl port sweep -n
	run_ok didctl port sweep -v
	[[ $stderr == *'sent 2 messages'* ]]
	sent_once 2
	run_ok didctl doctor mail --strict
}

@test "TLS and a log-in: a server that cannot be trusted, or offers none, is told nothing; a good one everything" {
	sqlite_target
	order
	mkdir certificates
	"$ROOT/tests/lib/certificates" "$T/certificates"
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	printf 'hunter2\n' >password
	chmod 600 password
	listen --cert "$T/certificates/good"
	config() { # SETTING...
		printf '%s\n' "smtp = smtp://localhost:$(<"$MAIL/port")" 'mail-from = ports@op.example' 'smtp-user = ann' \
			"smtp-password-file = $T/password" 'smtp-tls = starttls' "$@" >"$XDG_CONFIG_HOME/didctl/config"
		unset DIDCTL_SMTP DIDCTL_MAIL_FROM
	}
	refused() { # CERTIFICATE OPTION REASON
		listen --cert "$T/certificates/$1" --auth ann:hunter2 ${2:+"$2"}
		config "smtp-ca-file = $T/certificates/$1.pem" "${@:4}"
		later
		run_ok didctl port sweep -v
		[[ $stderr == *'is not sent yet'*"$3"* && $stderr != *hunter2* ]] || fail "$1 $2: $stderr"
		[ "$(taken)" -eq 0 ]
	}
	config
	done_by port submit 1
	refused good '' STARTTLS
	refused elsewhere --starttls 'no alternative certificate subject'
	refused expired --starttls expired
	listen --cert "$T/certificates/good" --auth ann:hunter2 --starttls
	config # without smtp-ca-file: signed by nobody whom the system knows
	later
	run_ok didctl port sweep
	[[ $stderr == *'is not sent yet'*certificate* ]] || fail "$stderr"
	config "smtp-ca-file = $T/certificates/good.pem"
	chmod 644 password
	later
	run_ok didctl port sweep
	[[ $stderr == *'is not sent yet'*password*644* ]] || fail "$stderr"
	chmod 600 password
	later
	run_ok didctl port sweep -v
	[[ $stderr == *'sent 1 message'* && $stderr != *hunter2* ]] || fail "$stderr"
	run_ok didctl config
	[[ $output != *hunter2* ]]
	sent_once 1
	[[ $(dump) != *hunter2* ]]
	run_ok didctl port ack 1 -y
	sent_once 2
}

@test "a password goes to another machine under TLS only, and two ways of sending are one too many" {
	sqlite_target
	order
	export DIDCTL_SMTP=smtp://mail.example.net DIDCTL_MAIL_FROM=ports@op.example DIDCTL_SMTP_TLS=none \
		DIDCTL_SMTP_USER=ann DIDCTL_SMTP_PASSWORD_FILE=$T/password
	printf 'hunter2\n' >password
	chmod 600 password
	run_ok didctl port submit 1 -y
	told 'not sent yet: smtp-tls = none would send the password in clear text'
	unset DIDCTL_SMTP_TLS
	later
	DIDCTL_SENDMAIL=/usr/sbin/sendmail run_ok didctl port sweep
	told 'both smtp and sendmail are set'
	for address in $'a@b.example\nBcc: c@d.example' 'a@b.example>' '"a b"@c.example' '-oQ/tmp@b.example'; do
		unchanged run_code 2 didctl org edit ACME --mail "$address" -y
		DIDCTL_MAIL_TO=$address unchanged run_code 4 didctl port ack 1 -y
	done
}

@test "refused: 4xx is tried again, 5xx is given up with its reason; others are not kept by it" {
	sqlite_target
	export DIDCTL_MAIL_TO=ops@op.example
	order
	listen --refuse "'noc@acme.example=550 5.1.1 no such mailbox'" --refuse "'ops@op.example=451 4.7.1 greylisted'"
	run_ok didctl port submit 1 -y
	told "'noc@acme.example' is refused and given up: .*550 5.1.1 no such mailbox" \
		"'ops@op.example' is not sent yet: .*451 4.7.1 greylisted"
	[ "$(mail_of_order '\(.to) \(.state)')" = 'noc@acme.example failed,ops@op.example waiting' ]
	[[ $(mail_of_order '\(.reason)') == *'550 5.1.1 no such mailbox,'*'451 4.7.1 greylisted' ]]
	run_code 3 didctl doctor mail --strict -o json
	json '.[0].fix' 'didctl port sweep --resend'
	json '.[] | select(.detail | test("given up: .*550 5.1.1")) | .severity' warning
	listen
	later
	run_ok didctl port sweep
	[ "$(cat "$MAIL"/*.to)" = ops@op.example ]
	unchanged run_ok didctl port sweep -n --resend
	run_ok didctl port sweep --resend
	told '1 message that had been given up is tried again'
	[ "$(<"$MAIL/2.to")" = noc@acme.example ]
	sent_once 2
	run_ok didctl port sweep --resend
	told '0 messages'
	sent_once 2
}

@test "a server that dies: before the end of a message it comes once, after it perhaps twice, as the same message" {
	sqlite_target
	order
	listen --die 5
	run_ok didctl port submit 1 -y
	told 'is not sent yet: the mail server cannot be used'
	[ "$(taken)" -eq 0 ]
	listen
	later
	run_ok didctl port sweep
	sent_once 1
	listen --die 6
	run_ok didctl port ack 1 -y
	told 'may have been sent, and may be sent again: the mail server gave no answer to a whole message'
	[ "$(taken)" -eq 2 ]
	listen
	later
	run_ok didctl port sweep
	sent_once 3
	cmp "$MAIL/2" "$MAIL/3"
	run ! cmp -s "$MAIL/1" "$MAIL/2"
}

# What is promised: the message is there exactly when the change is, it arrives, and twice only where nobody can know that
# it had arrived.
@test "kill -9 at any system call from the change to the end of its mail loses nothing" {
	sqlite_target
	order
	cp "$DATABASE" draft.db
	unsettled=0 at_draft=0 again=0
	for ((n = 1; n < 200; n++)); do
		cp draft.db "$DATABASE"
		TARGETS=kill$n
		listen
		code=0
		strace -qq -o /dev/null -e trace=fdatasync,unlink,connect,sendto -e "inject=fdatasync,unlink,connect,sendto:signal=KILL:when=$n" \
			$DIDCTL port submit 1 -y >/dev/null 2>&1 || code=$?
		state=$(didctl port list -c state -o tsv -H)
		before=$(taken)
		case $state:$(sql 'SELECT COUNT(*) FROM didctl_outbox') in
		draft:0) [ "$before" -eq 0 ] && at_draft=$((at_draft + 1)) && continue ;;
		submitted:1) ;;
		*) fail "killed at $n: $state, and in the outbox: $(sql 'SELECT * FROM didctl_outbox')" ;;
		esac
		is_sent=$(sql 'SELECT sent_at IS NOT NULL FROM didctl_outbox')
		later
		run_ok didctl port sweep
		[ "$is_sent" -eq 1 ] || [ "$before" -eq 0 ] || again=$((again + 1))
		[ "$is_sent" -eq 1 ] || unsettled=$((unsettled + 1))
		sent_once $((before + 1 - is_sent))
		[ "$(taken)" -eq 1 ] || cmp "$MAIL/1" "$MAIL/2"
		[ "$code" -ne 0 ] || break
	done
	[ "$code" -eq 0 ] && [ "$at_draft" -gt 3 ] && [ "$unsettled" -gt 6 ] && [ "$again" -gt 0 ] && [ "$again" -lt "$unsettled" ]
}

@test "killed while the server thinks: another sweep leaves the message alone until the claim has run out" {
	body() {
		order
		listen --slow DATA=600 --forget
		didctl port submit 1 -y >/dev/null 2>&1 3>&- 9>&- &
		pid=$!
		await "$MAIL/slow"
		run_ok didctl port sweep
		[ "$(sql 'SELECT attempts FROM didctl_outbox')" -eq 1 ]
		pkill -9 -P "$pid" || kill -9 "$pid"
		wait "$pid" || true
		listen
		run_ok didctl port sweep
		[ "$(taken)" -eq 0 ]
		later
		run_ok didctl port sweep
		sent_once 1
	}
	each_backend body
}

# interrupted COMMAND...: exit code of what gets a signal while the server thinks about the recipient.
interrupted() {
	local code=0

	rm -f "$MAIL/slow"
	env --default-signal=INT didctl "$@" >out 2>err 3>&- 9>&- &
	await "$MAIL/slow"
	kill -INT $!
	wait $! || code=$?
	echo "$code"
}

@test "a signal before the message is out: the change stays done, the message waits, and is sent once" {
	sqlite_target
	order
	listen --slow RCPT=600
	[ "$(interrupted port submit 1 -y)" -eq 0 ]
	grep -q 'mail is not sent yet: interrupted' err
	[ "$(mail_of_order '\(.state) \(.attempts)')" = 'waiting 1' ]
	[ "$(sql 'SELECT unanswered FROM didctl_outbox')" -eq 0 ]
	later
	[ "$(interrupted port sweep)" -eq 130 ]
	listen
	later
	run_ok didctl port sweep
	sent_once 1
}

@test "what is run again under its id, or dry, is not told again" {
	sqlite_target
	order
	listen
	change=(didctl port submit 1 --change-id 01a20188-b567-7cee-aede-6e56454f344b)
	run_ok "${change[@]}" -n
	[ "$(sql 'SELECT COUNT(*) FROM didctl_outbox')" -eq 0 ]
	run_ok "${change[@]}"
	run_ok "${change[@]}"
	sent_once 1
}

# SELECT that makes rows from 1 to N.
count_to() {
	echo "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
}

@test "1,000 waiting, two sweeps at once: each arrives once, and in order at each address" {
	if [ -n "${TEST_SERVER-}" ]; then mysql_target; else sqlite_target; fi
	stock
	listen
	select="SELECT i, '01a20000-0000-7000-8000-000000000000', $([ "$BACKEND" = mysql ] && echo "CONCAT('r', i % 10," ||
		echo "('r' || (i % 10) ||") '@acme.example'), i, 'text', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z' FROM n"
	into='INSERT INTO didctl_outbox (id, change_id, recipient, subject, body, created, next_attempt)'
	case $BACKEND in
	mysql) sql "$into $(count_to 1000) $select" ;;
	sqlite) sql "$(count_to 1000) $into $select" ;;
	esac
	didctl port sweep >first 2>&1 3>&- 9>&- &
	pid=$!
	run_ok didctl port sweep
	wait "$pid"
	! grep -v '^didctl: mail: sent [0-9]' first || fail 'a sweep says more than how many it sent'
	[ "$(taken)" -eq 1000 ]
	[ "$(cat "$MAIL"/*[0-9] | sed -n 's/^Subject: \(.*\)\r$/\1/p' | sort -un | wc -l)" -eq 1000 ]
	for r in {0..9}; do
		grep -lx "r$r@acme.example" "$MAIL"/*.to | sed 's/\.to$//' | sort -V | xargs sed -n 's/^Subject: \(.*\)\r$/\1/p' >order
		[ "$(wc -l <order)" -eq 100 ] && sort -nc order || fail "r$r: $(tr '\n' ' ' <order)"
	done
	[ "$(sql 'SELECT MAX(attempts), MAX(unanswered) FROM didctl_outbox')" = $'1\t0' ]
}

@test "whatever names and notes hold: one set of headers, lines that mail may have, and the text as it was written" {
	sqlite_target
	order
	listen
	name=$'Müller & Söhne "株式会社" =?UTF-8?Q?x?= €'
	done_by org edit ACME --name "$name"
	printf -v long '%0.sé' {1..900}
	note=$'.\n..\nBcc: eve@evil.example\n\nState            completed\nFrom here: '$long$'\ttab=3D '
	done_by port submit 1 --public --note "$note"
	[ "$(LC_ALL=C awk '{ sub(/\r$/, ""); if (length($0) > 76) print }' "$MAIL/1" | grep -vc '^Message-ID: ')" -eq 0 ]
	run ! LC_ALL=C grep -q '[^ -~[:cntrl:]]' "$MAIL/1"
	[ "$(sed '/^\r$/q' "$MAIL/1" | sed -n 's/^\([^ :]*\):.*/\1/p' | tr '\n' ' ')" = \
		'Date From To Subject Message-ID Auto-Submitted MIME-Version Content-Type Content-Transfer-Encoding ' ]
	[ "$(grep -c $'\r$' "$MAIL/1")" = "$(wc -l <"$MAIL/1")" ]
	body_of "$MAIL/1" | tr -d '\r' >text
	grep -qxF "Organisation     $name" text
	grep -qxF 'Note             .' text
	grep -qxF '                 Bcc: eve@evil.example' text
	grep -qxF '                 State            completed' text
	grep -qF "From here: $long tab=3D" text
	sent_once 1
}

@test "sendmail in place of a server: its exit codes are its answers; libcurl is loaded by those who need it" {
	sqlite_target
	order
	loads() { # COMMAND...: whether it loads libcurl
		strace -f -qq -o calls -e trace=openat didctl "$@" >/dev/null 2>&1 3>&-
		grep -q 'libcurl.*= [0-9]' calls
	}
	for n in 75 67 0; do
		printf '#!/bin/sh\necho "$@" >%s/args\ncat >%s/text\nexit %d\n' "$T" "$T" "$n" >"sendmail$n"
		chmod +x "sendmail$n"
	done
	export DIDCTL_MAIL_FROM=ports@op.example
	DIDCTL_SENDMAIL=$T/sendmail75 run_ok didctl port submit 1 -y
	told "not sent yet: '$T/sendmail75' ended with exit code 75"
	later
	DIDCTL_SENDMAIL=$T/sendmail67 run_ok didctl port sweep
	told "refused and given up: '$T/sendmail67' ended with exit code 67"
	[ "$(mail_of_order '\(.state)')" = failed ]
	export DIDCTL_SENDMAIL=$T/sendmail0
	run ! loads port sweep --resend
	[ "$(<args)" = '-i -f ports@op.example -- noc@acme.example' ]
	run ! grep -q $'\r' text
	[ "$(mail_of_order '\(.state)')" = sent ]
	unset DIDCTL_SENDMAIL
	listen
	run ! loads port sweep
	run ! loads port list
	loads port ack 1 -y
	sent_once 1
}
