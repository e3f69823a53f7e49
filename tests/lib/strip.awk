# Blanks the comments and the contents of strings of C source, so that rules can be looked for with plain patterns. Lines
# keep their numbers; #include lines are left as they are.

/^[ \t]*#[ \t]*include/ && !comment { print; next }
{
	line = ""
	for (i = 1; i <= length($0); i++) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (comment) {
			if (two == "*/") { comment = 0; i++ }
		} else if (quote != "") {
			if (c == "\\") i++
			else if (c == quote) { quote = ""; line = line c }
		} else if (two == "/*") {
			comment = 1; i++
		} else if (two == "//") {
			break
		} else {
			if (c == "\"" || c == "'") quote = c
			line = line c
		}
	}
	if ($0 !~ /\\$/) quote = ""
	print line
}
