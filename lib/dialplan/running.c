#include "dialplan/running.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define WORD_CHARS	  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+"
#define HEX_CHARS	  "0123456789abcdef"
#define MARKER		  "gen-"
#define OUTPUT		  "Output"

/*
 * A listing of a million numbers under three spellings has 400 MB; it is read line by line, and the time is
 * limited.
 */
#define LISTING_BYTES_MAX (UINT64_C(1) << 34)

static int check_word(const char *what, const char *word, struct err *err)
{
	char shown[TEXT_SHOWN];

	if (*word && !word[strspn(word, WORD_CHARS)])
		return 0;
	return err_set(err, ERR_USAGE, "the %s '%s' is no name that the switch can be asked about", what,
		       text_show(shown, word, strlen(word)));
}

/* Skips what s begins with. */
static bool skip(const char **s, const char *beginning)
{
	size_t len = strlen(beginning);

	if (strncmp(*s, beginning, len) != 0)
		return false;
	*s += len;
	return true;
}

static bool skip_count(const char **s, uint64_t *n)
{
	char *end;

	if (**s < '0' || **s > '9')
		return false;
	*n = strtoull(*s, &end, 10);
	*s = end;
	return true;
}

/* What dialplan show prints last: "-= 60 extensions (60 priorities) in 1 context. =-". */
static bool parse_closing(const char *s, uint64_t *extensions, uint64_t *priorities)
{
	return skip(&s, "-= ") && skip_count(&s, extensions) &&
	       (skip(&s, " extensions (") || skip(&s, " extension (")) && skip_count(&s, priorities) &&
	       (skip(&s, " priorities)") || skip(&s, " priority)")) && skip(&s, " in 1 context. =-");
}

/* What a listing said so far. The closing line counts the foreign and the unreachable extensions as well. */
struct listing {
	const char *file;
	struct running_count count;
	uint64_t unreachable;
	char generation[GENERATION_TEXT];
	unsigned generations;
	bool is_closed, is_absent;
	char said[TEXT_SHOWN]; /* the first line */
};

/* "  '0806...' => 1. Goto(...)     [ext_x.conf:3]": the last column says where a line comes from. */
static bool is_foreign(const char *line, size_t len, const char *file)
{
	const char *open = memrchr(line, '[', len);
	size_t name = file ? strlen(file) : 0;
	const char *colon;

	if (!file || !open || line[len - 1] != ']')
		return false;
	colon = memrchr(open, ':', (size_t)(line + len - open));
	if (!colon) /* [pbx_config]: an include, which is not counted */
		return false;
	return (size_t)(colon - open) - 1 != name || strncmp(open + 1, file, name) != 0;
}

static void take_marker(struct listing *l, const char *name)
{
	if (strspn(name, HEX_CHARS) != GENERATION_TEXT - 1 || name[GENERATION_TEXT - 1] != '\'')
		return;
	memcpy(l->generation, name, GENERATION_TEXT - 1);
	l->generations++;
}

/* "'0806...' => 1. Goto(...)", or a hint, which stands before it. */
static bool has_first_priority(const char *entry)
{
	static const char arrow[] = "' => ";
	const char *s = strstr(entry, arrow);

	if (!s)
		return false;
	s += strlen(arrow);
	s += strspn(s, " ");
	return skip(&s, "1. ") || skip(&s, "hint: ");
}

static void take_entry(struct listing *l, const char *line, size_t len)
{
	const char *s = line;
	bool foreign = is_foreign(line, len, l->file);
	bool begins = skip(&s, "  '");

	l->count.foreign_priorities += foreign;
	l->count.foreign_extensions += foreign && begins;
	l->unreachable += !foreign && begins && !has_first_priority(s);
	if (begins && skip(&s, MARKER))
		take_marker(l, s);
}

static void take_line(void *data, const char *key, const char *line, size_t len)
{
	struct listing *l = data;

	if (strcmp(key, OUTPUT) != 0)
		return;
	if (!*l->said)
		text_show(l->said, line, len);
	if (!strncmp(line, "There is no existence of ", 25))
		l->is_absent = true;
	else if (parse_closing(line, &l->count.extensions, &l->count.priorities))
		l->is_closed = true;
	else if (len > 0)
		take_entry(l, line, len);
}

static int not_understood(struct ami *ami, const char *command, const char *said, struct err *err)
{
	return err_set(err, ERR_TARGET, "the switch at '%s' answers '%s' with '%s', which tells nothing",
		       ami_name(ami), command, said);
}

/* dialplan show WHAT. */
static int list(struct ami *ami, const char *what, int64_t timeout_ms, struct listing *l, struct err *err)
{
	const struct ami_expect expect = {
		.timeout_ms = timeout_ms, .bytes_max = LISTING_BYTES_MAX, .line = take_line, .data = l};
	struct buf command = {0};
	struct ami_answer answer;
	int rc;

	buf_printf(&command, "dialplan show %s", what);
	rc = ami_command(ami, buf_str(&command), &expect, &answer, err);
	if (!rc && !l->is_closed && !l->is_absent)
		rc = not_understood(ami, buf_str(&command), l->said, err);
	buf_release(&command);
	return rc;
}

int running_generation(struct ami *ami, const char *meta_context, char out[GENERATION_TEXT], struct err *err)
{
	struct listing l = {.count = {0}};
	int rc = check_word("context", meta_context, err);

	if (!rc)
		rc = list(ami, meta_context, 0, &l, err);
	if (rc)
		return rc;
	if (!l.generations)
		return err_set(err, ERR_ABSENT,
			       "the switch at '%s' runs no dialplan of didctl's: '%s' has no generation",
			       ami_name(ami), meta_context);
	if (l.generations > 1)
		return err_set(err, ERR_ABSENT,
			       "the switch at '%s' runs %u generations at once: is an old file still "
			       "included?",
			       ami_name(ami), l.generations);
	memcpy(out, l.generation, GENERATION_TEXT);
	return 0;
}

int running_has_generation(struct ami *ami, const char *meta_context, const char *generation, bool *has,
			   struct err *err)
{
	struct listing l = {.count = {0}};
	struct buf what = {0};
	int rc = check_word("context", meta_context, err);

	if (!rc)
		rc = check_word("generation", generation, err);
	buf_printf(&what, MARKER "%s@%s", generation, meta_context);
	if (!rc)
		rc = list(ami, buf_str(&what), 0, &l, err);
	buf_release(&what);
	*has = !rc && !strcmp(l.generation, generation);
	return rc;
}

int running_count(struct ami *ami, const char *context, const char *file, int64_t timeout_ms,
		  struct running_count *out, struct err *err)
{
	struct listing l = {.file = file};
	int rc = check_word("context", context, err);

	if (!rc)
		rc = list(ami, context, timeout_ms, &l, err);
	if (rc)
		return rc;
	*out = l.count;
	out->is_there = !l.is_absent;
	out->extensions -= out->foreign_extensions + l.unreachable;
	out->priorities -= out->foreign_priorities;
	return 0;
}

struct endpoint {
	enum endpoint_state state;
	bool is_known, is_absent;
	char said[TEXT_SHOWN];
};

/*
 * The last word but one of "  Contact:  AOR/URI  HASH  STATUS  RTT": a long URI is cut, but nothing else
 * has blanks.
 */
static enum endpoint_state contact_state(const char *line, size_t len)
{
	static const struct {
		const char *word;
		enum endpoint_state state;
	} states[] = {{"Avail", ENDPOINT_AVAILABLE},
		      {"Reachable", ENDPOINT_AVAILABLE},
		      {"Unavail", ENDPOINT_UNAVAILABLE},
		      {"Unreachable", ENDPOINT_UNAVAILABLE}};
	const char *end = line + len, *word;

	while (end > line && end[-1] == ' ')
		end--;
	while (end > line && end[-1] != ' ')
		end--;
	while (end > line && end[-1] == ' ')
		end--;
	for (word = end; word > line && word[-1] != ' '; word--)
		;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (strlen(states[i].word) == (size_t)(end - word) &&
		    !strncmp(states[i].word, word, (size_t)(end - word)))
			return states[i].state;
	return ENDPOINT_UNQUALIFIED;
}

static void take_endpoint(void *data, const char *key, const char *line, size_t len)
{
	struct endpoint *e = data;
	const char *s = line + strspn(line, " ");
	enum endpoint_state state;

	if (strcmp(key, OUTPUT) != 0)
		return;
	if (!*e->said && *s)
		text_show(e->said, line, len);
	if (skip(&s, "Unable to find object "))
		e->is_absent = true;
	if (skip(&s, "Endpoint:"))
		e->is_known |= s[strspn(s, " ")] != '<'; /* the heading has <...> for each word */
	if (!skip(&s, "Contact:") || s[strspn(s, " ")] == '<')
		return;
	state = contact_state(line, len);
	if (state > e->state)
		e->state = state;
}

int running_endpoint(struct ami *ami, const char *endpoint, enum endpoint_state *out, struct err *err)
{
	struct endpoint e = {.state = ENDPOINT_NO_CONTACT};
	const struct ami_expect expect = {.line = take_endpoint, .data = &e};
	struct buf command = {0};
	struct ami_answer answer;
	int rc = check_word("endpoint", endpoint, err);

	buf_printf(&command, "pjsip show endpoint %s", endpoint);
	if (!rc)
		rc = ami_command(ami, buf_str(&command), &expect, &answer, err);
	if (!rc && !e.is_known && !e.is_absent)
		rc = not_understood(ami, buf_str(&command), e.said, err);
	if (!rc)
		*out = e.is_absent ? ENDPOINT_ABSENT : e.state;
	buf_release(&command);
	return rc;
}

/* What Asterisk takes for yes (its ast_true). */
static bool is_true(const char *s)
{
	static const char *const words[] = {"yes", "true", "y", "t", "1", "on"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(s, words[i]))
			return true;
	return false;
}

/* "Line-000000-000001: extenpatternmatchnew=yes"; the last one counts. */
static void take_setting(void *data, const char *key, const char *line, size_t len)
{
	static const char name[] = "extenpatternmatchnew=";
	bool *has = data;

	(void)len;
	if (!strncmp(key, "Line-", 5) && !strncasecmp(line, name, strlen(name)))
		*has = is_true(line + strlen(name));
}

int running_has_fast_match(struct ami *ami, bool *has, struct err *err)
{
	const struct ami_field fields[] = {{"Filename", "extensions.conf"}, {"Category", "general"}};
	const struct ami_expect expect = {.line = take_setting, .data = has};
	struct ami_answer answer;
	int rc;

	*has = false;
	rc = ami_action(ami, "GetConfig", fields, ARRAY_SIZE(fields), &expect, &answer, err);
	if (rc || answer.is_success)
		return rc;
	err_set(err, ERR_TARGET, "the switch at '%s' does not show its extensions.conf: %s", ami_name(ami),
		answer.message);
	err_hint(err, "in manager.conf the user needs config in 'write'");
	return ERR_TARGET;
}
