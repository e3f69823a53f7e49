# shellcheck shell=bash
# For tests of the sessions in man pages, after common: what stands there is what happens. A line that begins with "$ " is
# typed, the others are the answer.

# Ids, times and hashes differ from run to run.
steady() {
	sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g
		s/[0-9a-f]{64}/HASH/g; s/gen-[0-9a-f]{16}/GEN/g'
}

# The sessions of a section as they are read, without mdoc's escapes.
session() { # PAGE SECTION
	awk -v section=".Sh $2" '/^\.Sh / { here = $0 == section } /^\.Ed/ { inside = 0 } here && inside
		/^\.Bd/ { inside = 1 }' "$ROOT/man/$1" | sed 's/^\\&//; s/\\-/-/g; s/\\e/\\/g'
}

# The command that is typed for a line of the page; a test whose ids differ says what they are here.
here() { # LINE
	printf '%s\n' "$1"
}

plays() { # PAGE SECTION
	local line

	session "$1" "$2" >page
	[ -s page ] || fail "no session in '$2'"
	grep '^[$] ' page >lines
	while IFS= read -r line; do
		printf '%s\n' "$line"
		line=$(here "${line#\$ }")
		eval "$line" 2>&1 </dev/null || :
	done <lines >happened
	diff -u <(steady <page) <(steady <happened)
}
