# shellcheck shell=bash disable=SC2034,SC2119,SC2120 # for the tests that load it
# For tests of port orders, after common and writes: an order led as far as a test wants it.

quietly() { didctl -q "$@" 2>/dev/null; }

TWELVE=+442079460100-0111

# A draft that lacks nothing but its letter; numbers of another country than the inventory's.
order() {
	stock
	printf '4711' >pin
	chmod 600 pin
	run_ok didctl port new ACME "$TWELVE" --losing-carrier 'Old Telecom' --account 55-1234 --btn +442079460100 \
		--authorised-name 'Zoë Müller-Lüdenscheidt' --service-address '1 High Street, London' --pin-file pin -o json
	json .port 1
}

letter() {
	printf '%%PDF-1.4\n%s\0\377 signed' "${1-}" >"${2-loa.pdf}"
}

state() { didctl port list -c state -o tsv -H; }

# To the day before the flip.
committed() {
	order
	letter
	done_by port document 1 loa.pdf --kind loa
	done_by port submit 1
	done_by port ack 1
	done_by port foc 1 "${1-2099-06-15}" "${@:2}"
}
