#!/usr/bin/env bats
# didctl-cnam(1): the program of the page is the one that is run, and what stands there is what happens.
load ../lib/common
load ../lib/page

# The program as the session shows it.
program() {
	session didctl-cnam.in 'WORKED EXAMPLE' |
		awk '/^[$] / { inside = $0 == "$ cat cnam-provider"; next } inside' >cnam-provider
	chmod +x cnam-provider
}

@test "the worked example does what the page says" {
	export DIDCTL_TARGET=sqlite:pbx.db
	didctl init -q --country US
	didctl org add -q ACME
	didctl pool add -q -y 14155550100-0103
	didctl assign -q -y 14155550100-0103 ACME
	program
	plays didctl-cnam.in 'WORKED EXAMPLE'
}
