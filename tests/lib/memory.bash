# shellcheck shell=bash
# For tests of how much memory a command takes, after common.

# peak COMMAND...: the memory that it took at most, in KiB; its output is thrown away, what it says is in the file said.
peak() {
	"${MEASURE:?run it through tests/run}" memory "$@" 2>said || { fail "exit code $?: $*" "$(head -c 1000 said)"; return; }
	tail -n 1 memory | cut -d' ' -f2
}

# Memory of the program itself: a sanitizer or valgrind takes many times as much.
is_plain() { [[ ${DIDCTL# } == "$ROOT/didctl" ]]; }
