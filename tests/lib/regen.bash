# shellcheck shell=bash disable=SC2119,SC2120,SC2154 # status, output and stderr are set by bats' run; arguments are the tests'
# For tests of didctl regen, after common and writes: files of a switch in $FILES, and a scripted switch where one is wanted.

GATEWAY=ext_tata_gateway.conf

# settle LINE...: the settings of every didctl from now on, with a directory of files that is still empty.
settle() {
	FILES=$T/files$TARGETS
	mkdir -p "$FILES" "$XDG_CONFIG_HOME/didctl"
	printf '%s\n' "asterisk-dir = $FILES" "$@" >"$XDG_CONFIG_HOME/didctl/config"
}

# The seed's 30 numbers: 000-004 of ACME, of which 002 has a route and is recorded, and 005-006 of Globex on prod; 021-024
# on staging; 025-029 of oss, 025 of Globex; 007 blocked, 008 on hold, 009 pending, the others available.
wired() {
	settle "$@"
	stock
	quick assign 918065978000-4 ACME
	quick assign 918065978005-6 Globex
	quick assign 918065978025 Globex
	quick pool edit 918065978002 --route queue:sales --record on
	quick assign 918065978007-8 Globex
	quick pool mark blocked 918065978007
	quick release 918065978008 --hold 30
	quick pool request 918065978009 ACME
}

# quick COMMAND...: a step on the way
quick() {
	local said

	said=$(didctl -q "$@" -y 2>&1) || fail "on the way: didctl $*" "$said"
}

# A directory's files and what they hold, to compare before and after; without the lock, which stays.
contents() { (cd "${1-$FILES}" && find . ! -name .didctl.lock -printf '%P %y %m %l\n' | sort && find . -type f ! -name .didctl.lock -exec sha256sum {} + | sort); }

# intact COMMAND...: fails when the command changes a file of the switch.
intact() {
	local before

	before=$(contents)
	"$@"
	[ "$before" = "$(contents)" ] || fail "the files were changed by: $*" "$(diff <(echo "$before") <(contents))"
}

# "918065978002 org_x": where the dispatcher's file leads, in its order
routes() {
	sed -nE 's/^exten => ([0-9+]+),1,Goto\((.*)__incoming,\1,1\)$/\1 \2/p; s/^exten => ([0-9+]+),1,Dial\(PJSIP\/\$\{EXTEN\}@(.*)\)$/\1 \2/p' \
		"${1-$FILES/$GATEWAY}"
}

# The same as the inventory has it, in any order, under the spellings of India.
routes_wanted() {
	didctl -q pool list -o json -c number,state,env,org_id | jq -r '.[] | "\(.number) \(.state) \(.env) \(.org_id)"' |
		while read -r number state env org; do
			case $env:$state in
			prod:assigned) target=$(sql "SELECT context_prefix FROM organizations WHERE id = '$org'") ;;
			staging:blocked | staging:archived | staging:ported) continue ;;
			staging:*) target=cloud-endpoint-stage ;;
			*) continue ;;
			esac
			echo "$number $target"
			echo "0${number#91} $target"
		done
}

is_live() {
	[ "$(routes | sort)" = "$(routes_wanted | sort)" ] ||
		fail "the file is not as the inventory:" "$(diff <(routes | sort) <(routes_wanted | sort))"
}

# peer ARGUMENT...: a scripted switch that reads $FILES (tests/lib/ami-peer); its HOST:PORT is left in $PEER, what it was
# sent in the file "heard". It ends with the test.
peer() {
	rm -f address
	"$ROOT/tests/lib/ami-peer" --dir "$FILES" --log heard "$@" >address 3>&- &
	until [ -s address ]; do sleep .02; done
	PEER=$(<address)
	(umask 077 && echo s3cret >secret)
	settle "ami = didctl@$PEER" "ami-secret-file = $T/secret"
}
