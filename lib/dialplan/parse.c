#include "dialplan/parse.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/mem.h"

#define READ_BYTES ((size_t)64 << 10)

/* What the switch does with a byte that is no mere part of a name. */
enum { BYTE_BLANK = 1, BYTE_ODD = 2 };
#define PLAIN "exten => "
static const unsigned char bytes[UCHAR_MAX + 1] = {
	[' '] = BYTE_BLANK | BYTE_ODD,
	['\t'] = BYTE_BLANK | BYTE_ODD,
	['\r'] = BYTE_BLANK,
	['\n'] = BYTE_BLANK,
	['\v'] = BYTE_BLANK,
	['\f'] = BYTE_BLANK,
	['$'] = BYTE_ODD,
	['/'] = BYTE_ODD,
	['"'] = BYTE_ODD,
	['\\'] = BYTE_ODD,
};

/* clang-format off */
const char *const dialplan_fault_text[DIALPLAN_FAULTS] = {
	[DIALPLAN_LONG_LINE] = "a line over 8190 bytes, which the switch leaves out",
	[DIALPLAN_NUL] = "a NUL byte, where the line ends for the switch",
	[DIALPLAN_BLOCK_COMMENT] = "';--', from which on the switch takes everything for a comment",
	[DIALPLAN_CLOSED_COMMENT] = "'--;' without ';--': the switch leaves out the rest, of later files too",
	[DIALPLAN_OPEN_COMMENT] = "no '--;' after a ';--' up to the end of the file",
	[DIALPLAN_OPEN_CONTEXT] = "a context without ']': the switch leaves out the rest of the file",
	[DIALPLAN_NO_CONTEXT] = "a line before the first context: the switch leaves out the rest of the file",
	[DIALPLAN_TEMPLATE] = "a context with options",
	[DIALPLAN_DIRECTIVE] = "a line that starts with '#': another file, or a command that the switch runs",
	[DIALPLAN_NO_VALUE] = "a line without '=', which the switch leaves out",
	[DIALPLAN_OTHER_KEY] = "a line that is neither 'exten' nor 'same'",
	[DIALPLAN_NO_EXTEN] = "a line without an extension, which the switch leaves out",
	[DIALPLAN_LONG_NAME] = "a context or extension over 79 bytes, which the switch cuts off",
	[DIALPLAN_EXTEN] = "an extension in which the switch reads more than a name",
	[DIALPLAN_PRIORITY] = "a priority that the switch does not take",
	[DIALPLAN_FIRST_PRIORITY] = "an extension that starts with priority n: no call reaches it",
	[DIALPLAN_OPEN_ARGUMENTS] = "an application without its ')'",
};
/* clang-format on */

struct parser {
	const struct dialplan_events *events;
	void *ctx;
	struct dialplan_line line;
	unsigned depth; /* of ";--" comments */
	bool is_over;	/* the switch reads no further */
	bool has_context, is_template;
	int priority; /* the last of this context; 0: there is none yet */
	char context[DIALPLAN_NAME_MAX + 1], exten[DIALPLAN_NAME_MAX + 1];
	char work[DIALPLAN_LINE_MAX + 1]; /* the line, to be taken apart */
};

static int tell_fault(struct parser *p, enum dialplan_fault fault)
{
	return p->events->fault ? p->events->fault(p->ctx, &p->line, fault) : 0;
}

static bool is_blank(char c)
{
	return bytes[(unsigned char)c] & BYTE_BLANK;
}

/* As the switch's ast_strip: without the blanks at both ends, in place. */
static char *strip(char *s)
{
	size_t len;

	while (is_blank(*s))
		s++;
	for (len = strlen(s); len > 0 && is_blank(s[len - 1]);)
		s[--len] = '\0';
	return s;
}

/* Whether the switch would read more in an extension than its name. */
static bool is_odd(const char *name)
{
	while (*name && !(bytes[(unsigned char)*name] & BYTE_ODD))
		name++;
	return *name;
}

/* Cut as the switch cuts. */
static int keep_name(struct parser *p, char out[DIALPLAN_NAME_MAX + 1], const char *name)
{
	size_t len = strlen(name);

	if (len <= DIALPLAN_NAME_MAX) {
		memcpy(out, name, len + 1);
		return 0;
	}
	memcpy(out, name, DIALPLAN_NAME_MAX);
	out[DIALPLAN_NAME_MAX] = '\0';
	return tell_fault(p, DIALPLAN_LONG_NAME);
}

static int read_context(struct parser *p, char *text)
{
	char *end = strchr(text, ']');
	int rc = 0;

	if (!end) {
		p->is_over = true;
		return tell_fault(p, DIALPLAN_OPEN_CONTEXT);
	}
	*end++ = '\0';
	p->has_context = true;
	p->is_template = *end == '(' && strchr(end, '!');
	p->priority = 0;
	p->exten[0] = '\0';
	if (*end == '(')
		rc = tell_fault(p, DIALPLAN_TEMPLATE);
	if (!rc)
		rc = keep_name(p, p->context, text + 1);
	if (!rc && p->events->context)
		rc = p->events->context(p->ctx, &p->line, p->context);
	return rc;
}

/* Cuts the next field off at a comma; one within brackets, as in a pattern "_[1,2]X", is part of it. */
static char *next_field(char **rest)
{
	char *field = *rest, *at;
	bool in_brackets = false;

	for (at = field; *at && (*at != ',' || in_brackets); at++) {
		if (*at == '[')
			in_brackets = true;
		else if (*at == ']')
			in_brackets = false;
	}
	*rest = *at ? at + 1 : at;
	*at = '\0';
	return strip(field);
}

/* Not a number: -1. */
static int read_number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return end > text && !*end && n > 0 && n <= INT_MAX ? (int)n : -1;
}

/* The priority that a text stands for: 0 for hint, -1 for what the switch does not take. */
static int read_priority(const struct parser *p, char *text)
{
	text[strcspn(text, "(")] = '\0'; /* n(label) */
	if (!strcmp(text, "n") || !strcmp(text, "next"))
		return p->priority + 1;
	if (!strcmp(text, "s") || !strcmp(text, "same"))
		return p->priority ? p->priority : -1;
	return strcmp(text, "hint") ? read_number(text) : 0;
}

/* "Goto(a,b,1)" into "Goto" and "a,b,1". */
static int read_application(struct parser *p, char *text, struct dialplan_entry *entry)
{
	static const char none[] = "";
	char *open = strchr(text, '('), *close;

	entry->application = text;
	entry->data = none;
	if (!open)
		return 0;
	*open = '\0';
	entry->data = open + 1;
	close = strrchr(open + 1, ')');
	if (!close)
		return tell_fault(p, DIALPLAN_OPEN_ARGUMENTS);
	*close = '\0';
	return 0;
}

static int give_step(struct parser *p, struct dialplan_entry *entry, bool is_first)
{
	int rc;

	entry->context = p->context;
	entry->exten = p->exten;
	if (is_first && *entry->priority_text == 'n') {
		rc = tell_fault(p, DIALPLAN_FIRST_PRIORITY);
		if (rc || p->priority == 0) /* nothing to count from: left out */
			return rc;
	}
	if (entry->priority > 0)
		p->priority = entry->priority;
	if (!p->events->entry || p->is_template)
		return 0;
	return p->events->entry(p->ctx, &p->line, entry);
}

/* What follows the extension: PRIORITY,APPLICATION. */
static int read_step(struct parser *p, char *rest, bool is_first)
{
	struct dialplan_entry entry = {0};
	char *priority = next_field(&rest);
	int rc;

	entry.priority_text = priority;
	entry.priority = read_priority(p, priority);
	if (entry.priority < 0)
		return tell_fault(p, DIALPLAN_PRIORITY);
	rc = read_application(p, strip(rest), &entry);
	return rc ? rc : give_step(p, &entry, is_first);
}

static int read_exten(struct parser *p, char *value)
{
	const char *name = next_field(&value);
	bool is_first = strcmp(name, p->exten) != 0;
	int rc;

	if (!*name)
		return tell_fault(p, DIALPLAN_NO_EXTEN);
	rc = keep_name(p, p->exten, name);
	if (!rc && is_odd(name))
		rc = tell_fault(p, DIALPLAN_EXTEN);
	return rc ? rc : read_step(p, value, is_first);
}

static int read_same(struct parser *p, char *value)
{
	return *p->exten ? read_step(p, value, false) : tell_fault(p, DIALPLAN_NO_EXTEN);
}

static int read_value(struct parser *p, char *text)
{
	char *value = strchr(text, '=');
	const char *key;

	if (!p->has_context) {
		p->is_over = true;
		return tell_fault(p, DIALPLAN_NO_CONTEXT);
	}
	if (!value)
		return tell_fault(p, DIALPLAN_NO_VALUE);
	*value++ = '\0';
	value += *value == '>';
	key = strip(text);
	if (!strcasecmp(key, "exten"))
		return read_exten(p, strip(value));
	if (!strncasecmp(key, "same", strlen("same")))
		return read_same(p, strip(value));
	return tell_fault(p, DIALPLAN_OTHER_KEY);
}

/*
 * Goes over a name up to its end, which it cuts off; NULL if that is something else, or if there is no name.
 */
static char *plain_name(char *at, char end)
{
	char *start = at;

	while ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
	       *at == '+' || *at == '-' || *at == '_')
		at++;
	if (at == start || *at != end)
		return NULL;
	*at = '\0';
	return at + 1;
}

/*
 * The form that our renderers write, in one go: a dispatcher has millions of them. False where the line is
 * another one, or has anything in it that needs a closer look; work is then to be filled again.
 */
static bool take_plain(struct parser *p, struct dialplan_entry *entry, bool *is_first)
{
	char *exten = p->work + strlen(PLAIN);
	char *priority = plain_name(exten, ','), *application = priority ? plain_name(priority, ',') : NULL;
	char *data = application ? plain_name(application, '(') : NULL;
	char *end = p->work + p->line.len - 1;

	if (!data || data > end || *end != ')' || priority - exten > DIALPLAN_NAME_MAX + 1)
		return false;
	entry->priority_text = priority;
	entry->priority = read_priority(p, priority);
	if (entry->priority < 0)
		return false;
	*end = '\0';
	entry->application = application;
	entry->data = data;
	entry->is_plain = true;
	*is_first = strcmp(exten, p->exten) != 0;
	memcpy(p->exten, exten, (size_t)(priority - exten));
	return true;
}

static bool is_opening(const char *semicolon)
{
	return semicolon[1] == '-' && semicolon[2] == '-' && semicolon[3] != '-';
}

/* start: of the line, or what follows its last opening. */
static bool is_closing(const char *semicolon, const char *start)
{
	return semicolon - start >= 2 && semicolon[-1] == '-' && semicolon[-2] == '-';
}

/* What nearly every line is: without any. */
static bool has_comment(const struct parser *p)
{
	return p->depth || memchr(p->line.text, ';', p->line.len);
}

/*
 * Takes the comments out of work, as the switch's config.c does it: "\;" is a semicolon, ";--" opens, "--;"
 * closes, and any other ';' ends the line.
 */
static int drop_comments(struct parser *p)
{
	char *out = p->work, *in = p->work;
	const char *start = in;
	int rc = 0;

	for (; *in && !rc; in++) {
		if (*in != ';') {
			if (!p->depth)
				*out++ = *in;
		} else if (in > p->work && in[-1] == '\\') {
			if (!p->depth)
				out[-1] = ';';
		} else if (is_opening(in)) {
			p->depth++;
			in += 2;
			start = in + 1;
			rc = tell_fault(p, DIALPLAN_BLOCK_COMMENT);
		} else if (p->depth && is_closing(in, start)) {
			p->depth--;
		} else if (!p->depth) {
			if (is_closing(in, start)) {
				p->is_over = true;
				rc = tell_fault(p, DIALPLAN_CLOSED_COMMENT);
			}
			break;
		}
	}
	*out = '\0';
	return rc;
}

static void fill_work(struct parser *p)
{
	memcpy(p->work, p->line.text, p->line.len);
	p->work[p->line.len] = '\0';
}

static int read_any(struct parser *p)
{
	int rc = has_comment(p) ? drop_comments(p) : 0;
	char *text = strip(p->work);

	if (rc)
		return rc;
	if (!*text)
		return p->events->empty ? p->events->empty(p->ctx, &p->line) : 0;
	if (*text == '[')
		return read_context(p, text);
	return *text == '#' ? tell_fault(p, DIALPLAN_DIRECTIVE) : read_value(p, text);
}

static int read_line(struct parser *p)
{
	struct dialplan_entry entry = {0};
	bool is_first;

	fill_work(p);
	if (!p->has_context || strncmp(p->work, PLAIN, strlen(PLAIN)) != 0 || has_comment(p))
		return read_any(p);
	if (take_plain(p, &entry, &is_first))
		return give_step(p, &entry, is_first);
	fill_work(p);
	return read_any(p);
}

/* One line with its end taken off; len is more than the switch takes where it was cut. */
static int take_line(struct parser *p, const char *text, size_t len)
{
	const char *nul = memchr(text, '\0', len);
	int rc;

	p->line.number++;
	if (p->is_over)
		return 0;
	p->line.text = text;
	p->line.len = len;
	if (len > DIALPLAN_LINE_MAX) {
		p->line.len = DIALPLAN_LINE_MAX;
		return tell_fault(p, DIALPLAN_LONG_LINE);
	}
	if (!nul)
		return read_line(p);
	rc = tell_fault(p, DIALPLAN_NUL);
	p->line.len = (size_t)(nul - text);
	return rc ? rc : read_line(p);
}

static int finish(struct parser *p)
{
	return p->depth && !p->is_over ? tell_fault(p, DIALPLAN_OPEN_COMMENT) : 0;
}

/* Takes the whole lines out of what has been read; returns how much that was. */
static int take_lines(struct parser *p, const char *data, size_t len, size_t *taken)
{
	const char *end;
	int rc = 0;

	*taken = 0;
	while (!rc && (end = memchr(data + *taken, '\n', len - *taken))) {
		size_t line = (size_t)(end - data) - *taken;

		rc = take_line(p, data + *taken, line);
		*taken += line + 1;
	}
	return rc;
}

/* A piece of file, and how much of it waits for the rest of its line. */
struct window {
	char data[READ_BYTES];
	size_t len;
	bool is_long; /* the line in it has been told as too long: its end is awaited */
};

static int fill(struct window *w, int fd, struct err *err)
{
	ssize_t n;

	do
		n = read(fd, w->data + w->len, sizeof(w->data) - w->len);
	while (n < 0 && errno == EINTR && !interrupt_pending());
	if (n < 0 && errno == EINTR)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (n < 0)
		return err_set(err, ERR_FAILED, "cannot be read: %s", strerror(errno));
	w->len += (size_t)n;
	return n > 0;
}

/* What is left of a line that is longer than the switch takes: away up to its end. */
static void skip_long(struct window *w)
{
	const char *end = memchr(w->data, '\n', w->len);
	size_t gone = end ? (size_t)(end - w->data) + 1 : w->len;

	memmove(w->data, w->data + gone, w->len - gone);
	w->len -= gone;
	w->is_long = !end;
}

static int take_window(struct parser *p, struct window *w)
{
	size_t taken;
	int rc;

	if (w->is_long)
		skip_long(w);
	rc = take_lines(p, w->data, w->len, &taken);
	memmove(w->data, w->data + taken, w->len - taken);
	w->len -= taken;
	if (rc || w->len <= DIALPLAN_LINE_MAX)
		return rc;
	rc = take_line(p, w->data, w->len);
	w->len = 0;
	w->is_long = true;
	return rc;
}

int dialplan_read(int fd, const struct dialplan_events *events, void *ctx, struct err *err)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	struct window *w = xcalloc(1, sizeof(*w));
	int rc;

	p->events = events;
	p->ctx = ctx;
	while ((rc = fill(w, fd, err)) > 0) {
		rc = take_window(p, w);
		if (rc)
			break;
	}
	if (!rc && w->len > 0)
		rc = take_line(p, w->data, w->len);
	if (!rc)
		rc = finish(p);
	free(w);
	free(p);
	return rc;
}

int dialplan_read_text(const char *text, size_t len, const struct dialplan_events *events, void *ctx)
{
	struct parser *p = xcalloc(1, sizeof(*p));
	size_t taken;
	int rc;

	p->events = events;
	p->ctx = ctx;
	rc = take_lines(p, text, len, &taken);
	if (!rc && taken < len)
		rc = take_line(p, text + taken, len - taken);
	if (!rc)
		rc = finish(p);
	free(p);
	return rc;
}
