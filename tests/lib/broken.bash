# shellcheck shell=bash
# For tests of the tests: what looks for faults must notice a program that has one.

# break_program TREE FILE SED [FILE SED]...: in TREE the program with each SED done to its FILE. Prints why not, where it cannot be made.
break_program() {
	local tree=$1

	shift
	rm -rf "${tree:?}"/*
	cp -a Makefile didctl.c cmd lib build didctl "$tree"
	while [ $# -gt 0 ]; do
		sed -i -E "$2" "$tree/$1"
		! cmp -s "$1" "$tree/$1" || { echo "$1 does not have what is to be broken"; return 1; }
		shift 2
	done
	make -s -C "$tree" WARN= all >"$tree/log" 2>&1 || { cat "$tree/log"; return 1; }
}
