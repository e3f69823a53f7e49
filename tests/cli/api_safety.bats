# The key of an API, and who may have it: the host that was named, over a connection that is safe, and nobody else, whatever
# that host, the environment or a file says. And libcurl, which only commands that talk to a server load.
load ../lib/common
load ../lib/api

setup_file() { api_start --tls; }
teardown_file() { api_stop; }

setup() {
	api_setup
	export DIDCTL_REGEN=no
	KEY=$(cat "$API/key")
	stock 1
}

teardown() { api_teardown; }

port() { cat "$API/ports/$1"; }
strangers() { api strangers | jq -rs 'map(.headers["x-internal-key"] // "none") | unique | .[]'; }

# One line of an error that has the text, perhaps a hint and the id of a change, nothing else, and not the key.
refused() { # TEXT
	grep -qF -- "$1" <<<"$stderr" || fail "'$1' is not said: $stderr"
	[ "$(grep -vc -e '^hint: ' -e '^change-id: ' <<<"$stderr")" = 1 ] || fail "more than one line: $stderr"
	[[ $output$stderr != *"$KEY"* ]] || fail "the key is shown"
}

# ---- redirects

# Where a redirect may lead: to the trap in the words of another host, or to the right host without TLS.
variants() {
	local trap tls

	trap=$(port trap) tls=$(port trap-tls)
	echo "other-host http://127.0.0.2:$trap/x"
	echo "other-port http://127.0.0.1:$trap/x"
	echo "other-scheme https://127.0.0.1:$tls/x"
	echo "no-scheme //127.0.0.2:$trap/x"
	echo "subdomain http://api.localhost:$trap/x"
	echo "user http://127.0.0.1:$(port http)@127.0.0.2:$trap/x"
	echo "user-and-password http://127.0.0.1:x@127.0.0.1:$trap/x"
	echo "short-address http://127.1:$trap/x"
	echo "address-as-number http://2130706434:$trap/x"
	echo "ipv6 http://[::1]:$trap/x"
}

@test "the trap is one: a client that follows a redirect brings it the key, whatever the host is called" {
	while read -r name location; do
		api forget
		api switch "{\"rules\":[{\"status\":302,\"location\":\"$location\",\"body\":\"none\"}]}"
		curl -qsSkL --location-trusted --noproxy '*' -o body -H "X-Internal-Key: $KEY" "$URL/users" || fail "$name: $location"
		[ "$(strangers)" = "$KEY" ] || fail "$name: $location: nobody came"
	done < <(variants)
}

@test "a redirect is not followed, and the key is seen by the host that was named alone" {
	local n=0

	while read -r name location; do
		for redirect in 301 302 303 307 308; do
			api switch "{\"rules\":[{\"status\":$redirect,\"location\":\"$location\",\"body\":\"none\"}]}"
			run_code 4 didctl pool list
			refused "redirects ($redirect) to"
			[ -z "$output" ] || fail "$name: rows of a redirect: $output"
			n=$((n + 1))
		done
		run_code 4 didctl assign 918065970000 Acme -y
		n=$((n + 1))
	done < <(variants)
	[ -z "$(strangers)" ]
	[ "$(saw true)" = "$n" ] # one request each: nobody asked again either
	[ -z "$(ls -A "$XDG_STATE_HOME/didctl" 2>/dev/null)" ]
}

@test "a write that is redirected is not done, neither here nor there" {
	for redirect in 300 301 302 303 304 305 306 307 308 399; do
		api switch "{\"rules\":[{\"method\":\"POST\",\"status\":$redirect,\"location\":\"http://127.0.0.2:$(port trap)/x\"}]}"
		run_code 4 didctl assign 918065970000 Acme -y
		refused "redirects ($redirect) to"
	done
	for redirect in 300 304 399; do # they need not say where to
		api switch "{\"rules\":[{\"method\":\"POST\",\"status\":$redirect}]}"
		run_code 4 didctl assign 918065970000 Acme -y
		refused "redirects ($redirect) and does not say where to"
	done
	[ -z "$(api strangers)" ]
	[ "$(saw '.method == "POST"')" = 13 ]
	[ "$(api_sql -e 'SELECT pool_status FROM did_numbers')" = available ]
}

@test "from https there is no way to http, not even on the same host" {
	export DIDCTL_CA_FILE=$API/tls/ca.pem DIDCTL_TARGET
	DIDCTL_TARGET=$(api url good)
	for location in "$URL/users" "http://localhost:$(port http)/api/v1/users" "http://127.0.0.1:$(port trap)/x"; do
		for redirect in 301 302 303 307 308; do
			api forget
			api switch "{\"rules\":[{\"status\":$redirect,\"location\":\"$location\"}]}"
			run_code 4 didctl user list
			refused "redirects ($redirect) to '$location'"
			[ "$(saw true)" = 1 ]
			[ -z "$(api strangers)" ]
		done
	done
}

# ---- who is on the other side

@test "a certificate that is not to be trusted is an error, and the key is not sent" {
	export DIDCTL_CA_FILE=$API/tls/ca.pem
	DIDCTL_TARGET=$(api url good) run_code 0 didctl pool list
	DIDCTL_TARGET="https://localhost:$(port good)/api/v1" run_code 0 didctl pool list
	api forget
	while read -r listener words; do
		for line in 'pool list' 'assign 918065970000 Acme -y'; do
			# shellcheck disable=SC2086 # words
			DIDCTL_TARGET=$(api url "$listener") run_code 4 didctl $line
			refused 'cannot be reached'
			refused "$words"
			refused 'hint: the target must name the host as its certificate does'
		done
	done <<-END
		expired expired
		self-signed self-signed
		other-host no alternative certificate subject name matches
	END
	unset DIDCTL_CA_FILE
	DIDCTL_TARGET=$(api url good) run_code 4 didctl pool list
	DIDCTL_TARGET="https://127.0.0.1:$(port http)/api/v1" run_code 4 didctl pool list # speaks no TLS
	[ -z "$(api log)" ]
}

@test "nothing of the environment or of a file at home leads a request elsewhere, adds trust or keeps the secrets of TLS" {
	local proxy

	proxy=http://127.0.0.2:$(port trap)
	printf 'default login user password geheim\n' >"$HOME/.netrc"
	printf 'proxy = "%s"\nlocation\ninsecure\n' "$proxy" >"$HOME/.curlrc"
	chmod 600 "$HOME/.netrc"
	export http_proxy=$proxy HTTP_PROXY=$proxy https_proxy=$proxy HTTPS_PROXY=$proxy all_proxy=$proxy ALL_PROXY=$proxy
	export no_proxy= NO_PROXY=
	run_code 0 didctl pool list
	SSLKEYLOGFILE=$T/keys DIDCTL_CA_FILE=$API/tls/ca.pem DIDCTL_TARGET=$(api url good) run_code 0 didctl pool list
	[ "$(saw '.status == 200')" = 4 ] # the numbers and the organisations, twice
	export SSL_CERT_FILE=$API/tls/ca.pem CURL_CA_BUNDLE=$API/tls/ca.pem SSL_CERT_DIR=$API/tls
	DIDCTL_TARGET=$(api url good) run_code 4 didctl pool list
	refused 'certificate'
	[ -z "$(api strangers)" ]
	[ ! -e keys ]
}

@test "an address that is no safe one is refused before anything is sent" {
	port=$(port http)
	for target in "http://example.com:$port/api/v1" "http://127.0.0.1.example:$port/" "http://user:x@127.0.0.1:$port/" \
		"http://127.0.0.1:$port/api/v1?x=1" 'https://' "http://0x7f.1:$port/" "http://127.0.0.1:$port/../x"; do
		run_code 4 didctl -t "$target" pool list
		[[ $stderr != *example.com:*secret* ]]
	done
	run_code 4 didctl -t http://127.0.0.1:1/api/v1 pool list
	refused 'cannot be reached'
	refused 'hint: is the API running, and is this its host and port?'
	[ -z "$(api log)" ]
}

# ---- where the key comes from, and where it does not go

@test "the key is in no command line, no environment, no message, no verbose output and no journal" {
	local line

	for line in '-v pool list' '-v doctor' '-v assign 918065970000 Acme -y'; do
		api switch '{"rules":[{"hold":true}]}'
		# shellcheck disable=SC2086 # words
		didctl $line >out 2>err &
		until [ "$(saw true)" -gt 0 ]; do sleep .02; done
		tr '\0' '\n' </proc/$!/cmdline >seen
		tr '\0' '\n' </proc/$!/environ >>seen
		grep -qF "DIDCTL_API_KEY_FILE=$API/key" seen
		ps axeww -o args >>seen
		api switch '{}'
		wait $! || [ "$line" = '-v doctor' ] || fail "$(cat err)"
		! grep -F "$KEY" seen out err || fail "$line: the key is shown"
		api forget
	done
	! didctl -v config 2>&1 | grep -F "$KEY"
	[ -n "$(ls "$XDG_STATE_HOME/didctl")" ]
	! grep -rF "$KEY" "$HOME"
}

@test "a server that tells the key again is not quoted with it" {
	for body in json html; do
		for answer in 401 403 404 409 500; do
			api switch "{\"rules\":[{\"status\":$answer,\"body\":\"$body\",\"echo\":\"$KEY\"}]}"
			run --separate-stderr didctl pool list
			refused "'"
		done
	done
	api switch "{\"rules\":[{\"text\":\"html\",\"echo\":\"$KEY\"}]}"
	run_code 4 didctl pool list
	refused 'not JSON'
	api switch "{\"rules\":[{\"status\":302,\"location\":\"http://127.0.0.2/?key=$KEY\"}]}"
	run_code 4 didctl pool list
	refused 'redirects (302)'
}

@test "a key file that others may read or own, an empty one and one with a line too many are refused" {
	printf 'secret\n' >key
	chmod 644 key
	export DIDCTL_API_KEY_FILE=$T/key
	run_code 4 didctl pool list
	grep -q 'chmod 600' <<<"$stderr"
	chmod 600 key
	for text in '' '\n' 'a\nb' 'a\r\n' 'a\r\nX-Other: b' 'a b' 'a\0b' '\303\251'; do
		# shellcheck disable=SC2059 # escapes
		printf "$text" >key
		run_code 4 didctl pool list
		! grep -F X-Other <<<"$stderr" || fail "$text"
	done
	printf 'secret\n' >key
	if [ "$(id -u)" = 0 ]; then
		chown 12345 key
		run_code 4 didctl pool list
	fi
	rm -f key
	run_code 4 didctl pool list
	mkdir key
	run_code 4 didctl pool list
	[ -z "$(api log)" ]
}

# ---- libcurl

# loads COMMAND...: whether the program opens libcurl on its way, by the dynamic linker's own account.
loads() {
	LD_DEBUG=files LD_DEBUG_OUTPUT=$T/linker "$@" >/dev/null 2>&1 </dev/null || true
	local found=1

	grep -qh 'libcurl\.so' "$T"/linker.* && found=0
	rm -f "$T"/linker.*
	return $found
}

@test "libcurl is loaded by a command that talks to an API, and by no other" {
	local line
	loads didctl pool list || fail "an API without libcurl"
	for line in --version --help 'pool --help' 'completion bash' config 'pool list --no-such-option' '__complete command p' \
		"-t $(door) pool list" "-t $(door) assign 918065970000 Acme -y" "-t $(door) doctor" "-t $(door) regen --stdout" \
		"-t sqlite:$T/i.db init" "-t sqlite:$T/i.db pool list"; do
		# shellcheck disable=SC2086 # words
		! loads didctl $line || fail "didctl $line loads libcurl"
	done
}
