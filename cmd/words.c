#include "cmd/words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "base/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int word_file_open(struct word_file *file, const char *path, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	char shown[TEXT_SHOWN];
	struct stat st;

	*file = (struct word_file){.name = is_stdin ? "standard input" : path};
	file->in = is_stdin ? stdin : fopen(path, "re");
	if (!file->in)
		return err_set(err, ERR_USAGE, "cannot open '%s': %s", text_show(shown, path, strlen(path)),
			       strerror(errno));
	if (!fstat(fileno(file->in), &st) && S_ISDIR(st.st_mode)) {
		word_file_close(file);
		return err_set(err, ERR_USAGE, "'%s' is a directory", text_show(shown, path, strlen(path)));
	}
	return 0;
}

void word_file_close(struct word_file *file)
{
	if (file->in && file->in != stdin)
		fclose(file->in);
	file->in = NULL;
	buf_release(&file->text);
}

static int line_error(const struct word_file *file, int code, const char *what, struct err *err)
{
	char shown[TEXT_SHOWN];

	return err_set(err, code, "%s:%lu: %s", text_show(shown, file->name, strlen(file->name)), file->line,
		       what);
}

/* Reads a line into file->text without its end: 1, 0 at the end of the file, or an error. */
static int read_line(struct word_file *file, struct err *err)
{
	int c;

	buf_reset(&file->text);
	if (file->line++ >= WORD_LINES_MAX)
		return line_error(file, ERR_USAGE, "the file has too many lines", err);
	while ((c = getc_unlocked(file->in)) != EOF && c != '\n') {
		if (c == '\0')
			return line_error(file, ERR_USAGE, "the line has a NUL byte", err);
		if (file->text.len >= WORD_LINE_MAX)
			return line_error(file, ERR_USAGE, "the line is too long", err);
		buf_putc(&file->text, (char)c);
	}
	if (interrupt_pending())
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (ferror(file->in))
		return line_error(file, ERR_FAILED, strerror(errno), err);
	return c == EOF && file->text.len == 0 ? 0 : 1;
}

/* Cuts comment and white space off in place; returns what is left. */
static char *strip(char *line)
{
	char *end = strchr(line, '#');

	if (!end)
		end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

int word_file_next(struct word_file *file, const char **word, struct err *err)
{
	char *text;
	int rc;

	while ((rc = read_line(file, err)) == 1) {
		if (!file->text.data)
			continue;
		text = file->text.data;
		if (file->line == 1 && !strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
			text += strlen(BYTE_ORDER_MARK);
		*word = strip(text);
		if (**word)
			return 1;
	}
	return rc;
}
