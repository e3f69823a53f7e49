#include "cmd/words.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int word_file_open(struct word_file *file, const char *path, struct err *err)
{
	bool is_stdin = !strcmp(path, "-");
	char shown[TEXT_SHOWN];
	struct stat st;

	*file = (struct word_file){.name = is_stdin ? "standard input" : path};
	file->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return err_set(err, ERR_USAGE, "cannot open '%s': %s", text_show(shown, path, strlen(path)),
			       strerror(errno));
	if (!fstat(file->fd, &st) && S_ISDIR(st.st_mode)) {
		word_file_close(file);
		return err_set(err, ERR_USAGE, "'%s' is a directory", text_show(shown, path, strlen(path)));
	}
	return 0;
}

void word_file_close(struct word_file *file)
{
	if (file->fd > STDIN_FILENO)
		close(file->fd);
	file->fd = -1;
	buf_release(&file->text);
}

static int line_error(const struct word_file *file, int code, const char *what, struct err *err)
{
	char shown[TEXT_SHOWN];

	return err_set(err, code, "%s:%lu: %s", text_show(shown, file->name, strlen(file->name)), file->line,
		       what);
}

/* Reads on: 1, 0 at the end of the file, or an error. Whoever writes may take as long as he likes, but a signal ends it. */
static int read_ahead(struct word_file *file, struct err *err)
{
	ssize_t n;

	do {
		if (!interrupt_await_input(file->fd))
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		n = read(file->fd, file->ahead, sizeof(file->ahead));
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return line_error(file, ERR_FAILED, strerror(errno), err);
	file->at = 0;
	file->end = (size_t)n;
	file->has_ended = n == 0;
	return n > 0;
}

/* The next byte: 1, 0 at the end of the file, or an error. */
static int next_byte(struct word_file *file, char *c, struct err *err)
{
	if (file->at == file->end) {
		int rc = file->has_ended ? 0 : read_ahead(file, err);

		if (rc <= 0)
			return rc;
	}
	*c = file->ahead[file->at++];
	return 1;
}

/* Reads a line into file->text without its end: 1, 0 at the end of the file, or an error. */
static int read_line(struct word_file *file, struct err *err)
{
	char c;
	int rc;

	buf_reset(&file->text);
	if (file->line++ >= WORD_LINES_MAX)
		return line_error(file, ERR_USAGE, "the file has too many lines", err);
	while ((rc = next_byte(file, &c, err)) == 1 && c != '\n') {
		if (c == '\0')
			return line_error(file, ERR_USAGE, "the line has a NUL byte", err);
		if (file->text.len >= WORD_LINE_MAX)
			return line_error(file, ERR_USAGE, "the line is too long", err);
		buf_putc(&file->text, c);
	}
	return rc == 0 && file->text.len > 0 ? 1 : rc;
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
