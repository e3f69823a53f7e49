#!/usr/bin/env bats
# make install: what it puts where, units that are not enabled and work with the rights that they leave themselves, and the
# lines for cron.
# shellcheck disable=SC2154 # run sets output, stderr, lines
load ../lib/common
load ../lib/writes

installed() { make -s -C "$ROOT" "$@" DESTDIR="$T/root" PREFIX=/usr >/dev/null; }

# An inventory with everything in it that sweeps and syncs want, in /etc/didctl/config's place.
inventory() {
	sqlite_target
	stock
	done_by org edit ACME --mail noc@acme.example
	mkdir asterisk
	printf '%s\n' 'default-profile = pbx' "e911-command = $ROOT/tests/lib/provider good" \
		"cnam-command = $ROOT/tests/lib/provider good" 'sendmail = /bin/cat' 'mail-from = ports@op.example' \
		'[profile pbx]' "target = $DIDCTL_TARGET" "asterisk-dir = $T/asterisk" \
		'[profile prod]' "target = $DIDCTL_TARGET" >config
	mkdir -p "$XDG_CONFIG_HOME/didctl"
	mv config "$XDG_CONFIG_HOME/didctl/config"
	unset DIDCTL_TARGET
}

# service_setting UNIT KEY
service_setting() { sed -n "s/^$2=//p" "$T/root/usr/lib/systemd/system/$1"; }

@test "install puts the program, its pages, completions and units, enables none; uninstall takes all away again" {
	installed install
	[ "$(root/usr/bin/didctl --version)" = "$(didctl --version)" ]
	for page in "$ROOT"/man/*.[157]; do
		cmp "$page" "root/usr/share/man/man${page##*.}/${page##*/}"
	done
	for job in pool-sweep port-sweep e911-sync cnam-sync; do
		timer=root/usr/lib/systemd/system/didctl-$job.timer
		[ "$(service_setting "didctl-$job.service" ExecStart)" = "/usr/bin/didctl ${job/-/ }" ]
		grep -q '^OnCalendar=' "$timer"
		grep -qx 'WantedBy=timers.target' "$timer"
	done
	run ! grep -r '@BINDIR@' root
	[ -z "$(find root -type l -o -name '*.wants')" ]
	for file in bash-completion/completions/didctl zsh/site-functions/_didctl fish/vendor_completions.d/didctl.fish; do
		[ -s "root/usr/share/$file" ]
	done
	installed uninstall
	[ -z "$(find root -type f)" ]
}

@test "each service does its work with the capabilities that its unit leaves, on an inventory of somebody else's" {
	setpriv --bounding-set=-all true || skip 'wants to be root, and to drop capabilities'
	installed install
	inventory
	chown -R nobody: "$T"
	chmod 700 "$T"
	chown root: "$XDG_CONFIG_HOME/didctl/config"
	for unit in pool-sweep port-sweep e911-sync cnam-sync; do
		unit=didctl-$unit.service
		capabilities=$(service_setting "$unit" CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
		[ "$(service_setting "$unit" NoNewPrivileges)" = yes ]
		read -ra words < <(service_setting "$unit" ExecStart)
		run_ok setpriv --no-new-privs --bounding-set="-all,$capabilities" didctl "${words[@]:1}"
	done
	[ "$(stat -c %U "$DATABASE")" = nobody ]
}

# The fields of crontab(5) that the lines use: *, */N and N.
fits() { # FIELD FIRST LAST
	case $1 in
	'*') ;;
	'*/'*) [ "${1#*/}" -gt 0 ] && [ "${1#*/}" -le "$3" ] ;;
	*-*) [ "${1%-*}" -ge "$2" ] && [ "${1#*-}" -le "$3" ] ;;
	*) [ "$1" -ge "$2" ] && [ "$1" -le "$3" ] ;;
	esac
}

@test "each line for cron, of the README and of the pages: its times are times, and its command runs" {
	inventory
	for page in "$ROOT"/man/*.[157]; do
		mandoc -Tutf8 -O width=200 "$page" | sed 's/.\x08//g'
	done | cat "$ROOT/README.md" - | grep -E '^ *[0-9*][0-9*/-]*( +[0-9*/-]+){4} .*didctl' | sort -u >lines
	for job in 'pool sweep' 'port sweep' 'e911 sync' 'cnam sync'; do
		[ "$(grep -c "didctl.* $job" lines)" -gt 0 ] || fail "no line for $job"
	done
	set -f
	while read -r minute hour day month weekday line; do
		if ! fits "$minute" 0 59 || ! fits "$hour" 0 23 || ! fits "$day" 1 31 || ! fits "$month" 1 12 || ! fits "$weekday" 0 7; then
			fail "no times: $minute $hour $day $month $weekday $line"
		fi
		case $line in *%*) fail "to cron a % is the end of the line: $line" ;; esac
		line=${line#root } line=${line%% 2>&1 |*} line=${line%% ||*} line=${line%%>*}
		code=0
		bash -euc "$line" >out 2>&1 </dev/null || code=$?
		case $code:$line in
		0:* | [34]:*'regen --check'* | 4:*'regen -q'* | 3:*'port due'* | 3:*doctor*) ;;
		*) fail "ended with $code: $line" "$(<out)" ;;
		esac
	done <lines
}

@test "the settings of didctl-mail(7) are settings" {
	sed -n '/^default\\-profile/,/^[.]Ed/{/^[.]/d;s/\\-/-/g;p}' "$ROOT/man/didctl-mail.7" >config
	run_ok didctl --config config -p pbx config -o tsv -H
	[[ $output == *$'mail-to\tporting@operator.example, noc@operator.example'* ]] || fail "$output"
	[[ $output == *$'smtp\tsmtp://mail.example.net:587'* ]]
}
