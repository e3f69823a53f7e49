# The functions of stripped C source in kernel style, one line each: length of the body, file:line, name.

FNR == 1 { start = 0 }
/^[A-Za-z_].*\(/ && !start { head = $0; at = FNR }
/^\{/ && head != "" { start = FNR }
/^\}/ {
	if (start) {
		name = head
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		printf "%d %s:%d %s\n", FNR - start - 1, FILENAME, at, name
	}
	start = 0; head = ""
}
/;[ \t]*$/ && !start { head = "" }
