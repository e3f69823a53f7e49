#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/emit.h"
#include "cli/wrap.h"
#include "tests/unit/cli_tables.h"

static void has(const struct buf *text, const char *part)
{
	if (!strstr(buf_str(text), part))
		fail_msg("no '%s' in:\n%s", part, buf_str(text));
}

static void has_not(const struct buf *text, const char *part)
{
	if (strstr(buf_str(text), part))
		fail_msg("'%s' in:\n%s", part, buf_str(text));
}

static struct command_path path_to(const char *first, const char *second)
{
	struct command_path path;

	command_start(&path, &tool);
	assert_true(!first || command_descend(&path, first, NULL) == 1);
	assert_true(!second || command_descend(&path, second, NULL) == 1);
	return path;
}

static void test_wrap(void **state)
{
	struct buf out = {0};

	(void)state;
	wrap_text(&out, "one two\n  kept  as it is\n\nthree", 0, 0);
	assert_string_equal(out.data, "one two\n  kept  as it is\n\nthree\n");
	buf_reset(&out);
	wrap_item(&out, "-x", "a sentence that is long enough to reach the end of a line of eighty columns",
		  20);
	assert_string_equal(
		out.data, "  -x                a sentence that is long enough to reach the end of a line of\n"
			  "                    eighty columns\n");
	buf_reset(&out);
	wrap_item(&out, "--a-long-name-of-an-option", "text", 20);
	assert_string_equal(out.data, "  --a-long-name-of-an-option\n                    text\n");
	buf_release(&out);
}

static void test_synopsis(void **state)
{
	struct command_path paths[] = {path_to(NULL, NULL), path_to("pool", NULL), path_to("pool", "list"),
				       path_to("pool", "mark")};
	static const char *const wanted[] = {
		"didctl [OPTIONS] COMMAND [ARGS]",
		"didctl pool [OPTIONS] COMMAND [ARGS]",
		"didctl pool list [OPTIONS] [NUMBERS...]",
		"didctl pool mark [OPTIONS] SWITCH NUMBERS... ORG",
	};
	struct buf out = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		buf_reset(&out);
		emit_synopsis(&out, &paths[i]);
		assert_string_equal(buf_str(&out), wanted[i]);
	}
	buf_release(&out);
}

static void test_help(void **state)
{
	struct command_path list = path_to("pool", "list"), none = path_to(NULL, NULL);
	struct buf out = {0};

	(void)state;
	emit_help(&out, &list);
	has(&out, "Usage: didctl pool list [OPTIONS] [NUMBERS...]\n\nList numbers.\n");
	has(&out, "  -o, --format FORMAT       how rows are written: table or json\n");
	has(&out, "      --progress, --no-progress\n");
	has(&out, "  -t, --target URL          where\n");
	has(&out, "  number  The number\n");
	has(&out, "  didctl pool list --limit 3\n      Lists three.\n");
	for (const char *line = out.data, *end; (end = strchr(line, '\n')); line = end + 1)
		assert_true(end - line <= WRAP_WIDTH);
	buf_reset(&out);
	emit_help(&out, &none);
	has(&out, "  history  what was changed\n  pool     numbers\n");
	has_not(&out, "__secret");
	buf_release(&out);
}

static void test_man(void **state)
{
	struct buf out = {0};

	(void)state;
	emit_man(&out, &tool, &cmd_pool, ".Sh FILES\nNone.\n");
	has(&out, ".Dt DIDCTL-POOL 1\n");
	has(&out, ".Nm didctl\n.Cm pool mark\n.Op Ar OPTIONS\n.Ar SWITCH\n.Ar NUMBERS ...\n.Ar ORG\n");
	has(&out, ".It Fl o , Fl \\-format Ar FORMAT\nHow rows are written: table or json.\n");
	has(&out, "Lists them.\nIn order.\n.Pp\n.Bd -literal");
	has(&out, ".Ss Listing options\nUnderstood by pool list.\n");
	has(&out, ".Sh FILES\nNone.\n.Sh EXIT STATUS\n");
	has(&out,
	    ".Sh EXAMPLES\nLists three.\n.Dl didctl pool list \\-\\-limit 3\n.Sh SEE ALSO\n.Xr didctl 1\n");
	buf_reset(&out);
	emit_man(&out, &tool, &tool, NULL);
	has(&out, ".Xr didctl-history 1 ,\n.Xr didctl-pool 1\n");
	has_not(&out, "__secret");
	buf_release(&out);
}

static void test_scripts(void **state)
{
	struct buf out = {0};

	(void)state;
	emit_bash(&out, &tool);
	has(&out, "\t'pool list')\n\t\topts=( '-a' '--all'");
	has(&out, "\t'pool list --format' | 'pool list -o')\n\t\tkind='=table,json'\n");
	has(&out, "\t\toperands=( '=on,off' 'number...' 'org')\n");
	has(&out, "\t--target | -t)\n\t\tcontext+=(\"$1\" \"$2\")\n");
	has(&out, "\t*' --target' | *' -t')\n\t\tkind='-'\n");
	has_not(&out, "'__secret'");
	buf_reset(&out);
	emit_zsh(&out, &tool);
	has(&out, "'--text:it'\\''s a text'");
	buf_reset(&out);
	emit_fish(&out, &tool);
	has(&out, "'--text'\\t'it\\'s a text'");
	has_not(&out, "@"); /* every mark was replaced */
	buf_release(&out);
}

static unsigned told;
static char last[512];

static void tell(const char *line)
{
	told++;
	snprintf(last, sizeof(last), "%s", line);
}

/* The faults of a tool whose only command is this one. */
static void faulty(const struct command *cmd, const char *text)
{
	const struct command *const list[] = {cmd, NULL};
	const struct command root = {
		.name = "didctl", .summary = "a tool", .groups = shared_groups, .subcommands = list};

	told = 0;
	assert_int_equal(command_check(&root, tell), 1);
	assert_int_equal(told, 1);
	if (!strstr(last, text))
		fail_msg("'%s', not '%s'", last, text);
}

static void test_check(void **state)
{
	static const struct option same[] = {
		{.name = "quiet", OPT_FLAG(struct own, all), .help = "the same name again"},
	};
	static const struct option bare[] = {
		{.name = "bare", OPT_STRING(struct own, text), .help = "a value that is not named"},
	};
	struct command cmd = cmd_list;

	(void)state;
	assert_int_equal(command_check(&tool, tell), 0);
	cmd.summary = "ends so.";
	faulty(&cmd, "the summary ends with a full stop");
	cmd.summary = "Begins so";
	faulty(&cmd, "the summary begins with a capital");
	cmd = cmd_list;
	cmd.synonyms = (const struct synonym[]){{"text", "note"}, {0}};
	faulty(&cmd, "--text is said for --note, and one of them is no such thing");
	cmd.synonyms = (const struct synonym[]){{"words", "texts"}, {0}};
	faulty(&cmd, "--words is said for --texts, and one of them is no such thing");
	cmd = cmd_list;
	cmd.args[0].listed_by = "didctl lists";
	faulty(&cmd, "NUMBERS is listed by 'didctl lists', which is no command");
	cmd.args[0].listed_by = "list";
	faulty(&cmd, "NUMBERS is listed by 'list', which is no command");
	cmd = cmd_list;
	cmd.default_columns = "number,cost";
	faulty(&cmd, "default column 'cost' is no column");
	cmd = cmd_list;
	cmd.groups = shared_groups;
	faulty(&cmd, "columns, but no --list-columns");
	cmd = cmd_list;
	cmd.run = NULL;
	faulty(&cmd, "neither runs nor has subcommands");
	cmd = cmd_list;
	cmd.flags = 0;
	faulty(&cmd, "does not say what it opens");
	cmd = cmd_list;
	cmd.options = same;
	cmd.noptions = 1;
	faulty(&cmd, "--quiet is there twice");
	cmd.options = bare;
	faulty(&cmd, "a metavar goes with a value");
	cmd = cmd_list;
	cmd.name = "other";
	faulty(&cmd, "does not name the command");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap), cmocka_unit_test(test_synopsis), cmocka_unit_test(test_help),
		cmocka_unit_test(test_man),  cmocka_unit_test(test_scripts),  cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
