#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/cli_tables.h"

#define WORDS_MAX 16

struct call {
	struct command_path path;
	struct parsed parsed;
	struct shared shared;
	struct own own;
	struct err err;
};

static int call_argv(struct call *c, int argc, char **argv)
{
	void *bases[OPTION_GROUPS_MAX] = {&c->own, &c->shared};
	int rc;

	*c = (struct call){0};
	rc = parse_command(&c->path, &tool, argc, argv, &c->err);
	return rc ? rc : parse_options(&c->parsed, &c->path, argc, argv, bases, &c->err);
}

/* line: words parted by blanks; "''" is an empty word. */
static int call(struct call *c, const char *line)
{
	static char text[256]; /* operands and values point into it */
	static char *argv[WORDS_MAX];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	return call_argv(c, argc, argv);
}

static void done(struct call *c)
{
	void *bases[OPTION_GROUPS_MAX] = {&c->own, &c->shared};

	parse_release(&c->parsed, command_of(&c->path), bases);
}

static void refused(const char *line, const char *text, const char *hint)
{
	struct call c;

	assert_int_equal(call(&c, line), ERR_USAGE);
	if (!strstr(c.err.text, text) || !strstr(c.err.hint, hint))
		fail_msg("%s: '%s', hint '%s'", line, c.err.text, c.err.hint);
	done(&c);
}

static void test_command_is_found(void **state)
{
	static const struct {
		const char *line, *name;
	} lines[] = {
		{"didctl", ""},
		{"didctl pool", "pool"},
		{"didctl pool list", "pool list"},
		{"didctl -q pool -t x list", "pool list"},
		{"didctl --limit 3 pool list", "pool list"},
		{"didctl -ql3 --tag=pool pool list", "pool list"},
		{"didctl -- pool list", "pool list"},
		{"didctl history", "history"},
		{"didctl history 123", "history"},
		{"didctl history resolve 7", "history resolve"},
		{"didctl history -- resolve", "history"},
	};
	char name[COMMAND_NAME];
	struct call c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(call(&c, lines[i].line), 0);
		assert_string_equal(command_path_name(&c.path, name), lines[i].name);
		done(&c);
	}
}

static void test_unknown_command(void **state)
{
	(void)state;
	refused("didctl pol", "'pol' is not a command of 'didctl'", "did you mean 'pool'?");
	refused("didctl hist", "'hist'", "did you mean 'history'?");
	refused("didctl pool lst", "'lst' is not a command of 'didctl pool'", "did you mean 'list'?");
	refused("didctl list", "'list'", "there is 'pool list'");
	refused("didctl xyzzy", "'xyzzy'", "'didctl --help' lists the commands");
	refused("didctl __secre", "'__secre'", "'didctl --help'");
	refused("didctl -h pol", "'pol'", "did you mean 'pool'?");
	refused("didctl \x1b[2J", "'\\x1B[2J'", "");
}

static void test_values(void **state)
{
	struct call c;

	(void)state;
	assert_int_equal(
		call(&c,
		     "didctl -qt u pool -al7 list --text=a=b --note= -o json --tag x --tag=y --no-progress"),
		0);
	assert_true(c.shared.quiet && c.own.all && c.own.limit_given && !c.own.progress);
	assert_string_equal(c.shared.target, "u");
	assert_int_equal(c.own.limit, 7);
	assert_string_equal(c.own.text, "a=b");
	assert_string_equal(c.own.note, "");
	assert_int_equal(c.own.format, 1);
	assert_int_equal(c.own.tags.n, 2);
	assert_string_equal(c.own.tags.at[1], "y");
	assert_int_equal(c.parsed.operands.n, 0);
	done(&c);
}

/* An option whose value was forgotten must not swallow the next one: that may be --dry-run. */
static void test_forgotten_values(void **state)
{
	(void)state;
	refused("didctl pool list --text --all", "'--text' needs a value, and '--all' behind it is an option",
		"'--text=--all'");
	refused("didctl pool list --text -a", "'--text' needs a value, and '-a' behind it", "'--text=-a'");
	refused("didctl pool list --tag -qa", "'--tag' needs a value, and '-qa' behind it", "'--tag=-qa'");
	refused("didctl pool list --text --limit=3", "'--text' needs a value, and '--limit=3' behind it", "");
	refused("didctl pool list -qo -a", "'--format' needs a value, and '-a' behind it", "'--format=-a'");
	refused("didctl pool list --note --text x", "'--note' needs a value, and '--text' behind it", "");
	refused("didctl -t --quiet pool list", "'--target' needs a value, and '--quiet' behind it", "");
}

static void test_values_that_begin_with_a_hyphen(void **state)
{
	static const char *const values[] = {"-5", "+x", "-oj", "-", "--", "--alle", "---all", "-z", "--limits=3"};
	char line[64];
	struct call c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(line, sizeof(line), "didctl pool list --text %s", values[i]);
		assert_int_equal(call(&c, line), 0);
		assert_string_equal(c.own.text, values[i]);
		done(&c);
	}
	assert_int_equal(call(&c, "didctl pool list --text=--all --note=-q -t--all"), 0);
	assert_string_equal(c.own.text, "--all");
	assert_string_equal(c.own.note, "-q");
	assert_string_equal(c.shared.target, "--all");
	assert_false(c.own.all || c.shared.quiet);
	done(&c);
}

static void test_operands(void **state)
{
	struct call c;

	(void)state;
	assert_int_equal(call(&c, "didctl pool list 1 - -a 2 -- -5 -- --all"), 0);
	assert_int_equal(c.parsed.operands.n, 6);
	assert_string_equal(c.parsed.operands.at[1], "-");
	assert_string_equal(c.parsed.operands.at[3], "-5");
	assert_string_equal(c.parsed.operands.at[4], "--");
	assert_string_equal(c.parsed.operands.at[5], "--all");
	assert_true(c.own.all);
	done(&c);
	assert_int_equal(call(&c, "didctl __secret org ''"), 0); /* for scripts: nothing typed yet */
	assert_int_equal(c.parsed.operands.n, 2);
	done(&c);
}

static void test_refused_options(void **state)
{
	(void)state;
	refused("didctl pool list --limt 3", "unknown option '--limt'", "did you mean '--limit'?");
	refused("didctl pool list --lim 3", "unknown option '--lim'", "did you mean '--limit'?");
	refused("didctl pool mark on 1 o --at=x", "unknown option '--at'", "did you mean '--target'?");
	refused("didctl pool list --zzz=3", "unknown option '--zzz'", "see 'didctl pool list --help'");
	refused("didctl pool list -5", "unknown option '-5'", "go after '--'");
	refused("didctl pool list -qz", "unknown option '-qz'", "go after '--'");
	refused("didctl --bogus", "unknown option '--bogus'", "see 'didctl --help'");
	refused("didctl pool mark on 1 o --limit 3", "'--limit' makes no sense with 'didctl pool mark'", "");
	refused("didctl pool list --limit", "'--limit' needs a value", "");
	refused("didctl pool list --limit=", "'--limit' may not be empty", "");
	refused("didctl pool list --text ''", "'--text' may not be empty", "");
	refused("didctl pool list --all=yes", "'--all' takes no value", "");
	refused("didctl pool list --format jsn", "takes table or json, not 'jsn'", "did you mean 'json'?");
	refused("didctl pool list --limit 3 --limit 4", "given twice with different values", "");
	refused("didctl pool list -q --verbose", "'--verbose' and '--quiet' exclude each other", "");
}

static void test_refused_counts(void **state)
{
	static const char *const values[] = {"0",  "101", "1e2", "0x10",
					     "+5", "5x",  "1_0", "99999999999999999999"};
	char line[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(line, sizeof(line), "didctl pool list --limit %s", values[i]);
		refused(line, "takes a number from 1 to 100, not", "");
	}
}

static void test_refused_operands(void **state)
{
	(void)state;
	refused("didctl pool mark", "SWITCH is missing", "see 'didctl pool mark --help'");
	refused("didctl pool mark on 1", "ORG is missing", "see 'didctl pool mark --help'");
	refused("didctl history resolve", "ID is missing (the change)",
		"'didctl history' lists them; see 'didctl history resolve --help'");
	refused("didctl pool mark of 1 o", "'of' is no SWITCH", "did you mean 'off'?");
	refused("didctl pool mark on '' o", "operand 2 (NUMBERS) is empty", "");
	refused("didctl history resolve 1 2", "one operand too many: '2'", "");
}

static void test_repeated_values_that_agree(void **state)
{
	struct call c;

	(void)state;
	assert_int_equal(call(&c, "didctl -q pool list -q -l 3 --limit=3 -o json -o json"), 0);
	done(&c);
}

static void test_help_wins(void **state)
{
	static const char *const lines[] = {
		"didctl pool mark --bogus -h",
		"didctl pool list --limit x --help",
		"didctl pool list --text --help",
		"didctl pool mark -qh",
		"didctl pool -h",
	};
	struct call c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(call(&c, lines[i]), 0);
		assert_true(c.parsed.help);
		done(&c);
	}
	assert_int_equal(call(&c, "didctl pool list --text=-h -- -h"), 0);
	assert_false(c.parsed.help); /* once a value, once an operand */
	done(&c);
	assert_int_equal(call(&c, "didctl -V"), 0);
	assert_true(c.parsed.version);
	done(&c);
}

/* 100,000 operands and as many list options, in well under a second. */
static void test_many_words(void **state)
{
	enum { N = 100000 };
	char **argv = xcalloc(2 * N + 3, sizeof(*argv));
	char didctl[] = "didctl", pool[] = "pool", list[] = "list", tag[] = "--tag=x",
	     number[] = "918065978000";
	clock_t start = clock();
	struct call c;

	(void)state;
	argv[0] = didctl;
	argv[1] = pool;
	argv[2] = list;
	for (size_t i = 0; i < N; i++) {
		argv[3 + 2 * i] = tag;
		argv[4 + 2 * i] = number;
	}
	assert_int_equal(call_argv(&c, 2 * N + 3, argv), 0);
	assert_int_equal(c.parsed.operands.n, N);
	assert_int_equal(c.own.tags.n, N);
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	done(&c);
	free(argv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_is_found), cmocka_unit_test(test_unknown_command),
		cmocka_unit_test(test_values),		 cmocka_unit_test(test_forgotten_values),
		cmocka_unit_test(test_values_that_begin_with_a_hyphen),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_refused_options),	 cmocka_unit_test(test_refused_counts),
		cmocka_unit_test(test_refused_operands), cmocka_unit_test(test_repeated_values_that_agree),
		cmocka_unit_test(test_help_wins),	 cmocka_unit_test(test_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
