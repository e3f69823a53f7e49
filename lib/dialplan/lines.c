#include "dialplan/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "dialplan/parse.h"

struct finder_of_lines {
	const char *context;
	const char (*spelled)[NUMBER_TEXT];
	size_t n;
	struct arena *arena;
	struct number_lines *out;
};

/* The switch leaves out blanks and '-' when it compares. */
static bool is_extension(const char *text, const char *spelled)
{
	for (; *text; text++) {
		if (*text == '-' || *text == ' ' || *text == '\t')
			continue;
		if (*text != *spelled++)
			return false;
	}
	return !*spelled;
}

static void keep(const struct finder_of_lines *finder, const struct dialplan_line *line,
		 const struct dialplan_entry *entry, size_t spelling)
{
	struct number_lines *out = finder->out;
	struct number_line *kept;
	bool is_first = true;

	if (out->n == NUMBER_LINES_MAX)
		return;
	for (size_t i = 0; i < out->n; i++)
		is_first &= out->at[i].spelling != spelling;
	kept = &out->at[out->n++];
	*kept = (struct number_line){.line = line->number, .spelling = spelling, .is_obeyed = is_first};
	kept->text = arena_strndup(finder->arena, line->text, line->len);
	kept->action = arena_printf(finder->arena, "%s(%s)", entry->application, entry->data);
}

/* A call begins at priority 1 and nowhere else. */
static int look_at(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry)
{
	const struct finder_of_lines *finder = ctx;

	if (strcmp(entry->priority_text, "1") != 0 || strcmp(entry->context, finder->context) != 0)
		return 0;
	for (size_t i = 0; i < finder->n; i++)
		if (is_extension(entry->exten, finder->spelled[i]))
			keep(finder, line, entry, i);
	return 0;
}

/* The descriptor, or an errno as a negative number. A pipe would never end, and a device would not either. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int reason = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		reason = errno;
	else if (!S_ISREG(st.st_mode))
		reason = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (!reason)
		return fd;
	close(fd);
	return -reason;
}

static int cannot_open(const char *path, int reason, struct err *err)
{
	char shown[TEXT_SHOWN];

	text_show(shown, path, strlen(path));
	if (reason == ENOENT || reason == ENOTDIR)
		return err_set(err, ERR_ABSENT, "'%s' is not there", shown);
	return err_set(err, ERR_FAILED, "cannot read '%s': %s", shown,
		       reason == EINVAL ? "it is not a regular file" : strerror(reason));
}

int lines_find(struct number_lines *out, const char *path, const char *context, const char (*spelled)[NUMBER_TEXT],
	       size_t n, struct arena *arena, struct err *err)
{
	static const struct dialplan_events events = {.entry = look_at};
	struct finder_of_lines finder = {context, spelled, n, arena, out};
	int fd = open_file(path), rc;

	out->n = 0;
	if (fd < 0)
		return cannot_open(path, -fd, err);
	rc = dialplan_read(fd, &events, &finder, err);
	close(fd);
	return rc;
}
