#include "store/api/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/api/journal_text.h"

#define SUFFIX ".journal"
#define FLUSH_AT (64u << 10)
#define JOURNAL_MAX (1u << 30)

/* ---- where it is */

/* After the XDG Base Directory Specification, which says that a relative path does not count. */
static int find_directory(struct buf *out, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/') {
		buf_printf(out, "%s/didctl", state);
		return 0;
	}
	if (home && *home == '/') {
		buf_printf(out, "%s/.local/state/didctl", home);
		return 0;
	}
	err_set(err, ERR_TARGET, "there is nowhere to keep what a change through the API has done");
	err_hint(err, "set XDG_STATE_HOME or HOME");
	return ERR_TARGET;
}

static int failed(struct err *err, const char *what, const char *path)
{
	return err_set(err, ERR_FAILED, "cannot %s '%s': %s", what, path, strerror(errno));
}

/* With all directories above it; the mask of the process makes them 0700. */
static int make_directory(char *path, struct err *err)
{
	for (char *at = path + 1;; at++) {
		char kept = *at;

		if (kept && kept != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return failed(err, "make", path);
		*at = kept;
		if (!kept)
			return 0;
	}
}

/* ---- opening */

static int busy(const char *id, struct err *err)
{
	err_set(err, ERR_REFUSED, "change '%s' is under way in another process", id);
	err_hint(err, "wait for it; didctl history resolve %s tells how it ended", id);
	return ERR_REFUSED;
}

/* Between opening and locking somebody else may have taken the file away. */
static int lock(struct journal *j, const char *id, struct err *err)
{
	struct stat st;

	if (flock(j->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? busy(id, err) : failed(err, "lock", j->path);
	if (fstat(j->fd, &st) < 0)
		return failed(err, "look at", j->path);
	if (st.st_nlink == 0)
		return busy(id, err);
	return st.st_size > 0;
}

static int open_to_write(struct journal *j, const char *id, struct err *err)
{
	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return failed(err, "open", j->path);
	return lock(j, id, err);
}

static int open_to_read(struct journal *j, bool *is_busy, struct err *err)
{
	j->fd = open(j->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (j->fd < 0)
		return errno == ENOENT ? 0 : failed(err, "open", j->path);
	if (is_busy)
		*is_busy = flock(j->fd, LOCK_SH | LOCK_NB) < 0;
	return 1;
}

int journal_open(struct journal *j, const char *id, enum journal_open how, bool *is_busy, struct err *err)
{
	struct buf path = {0};
	int rc = find_directory(&path, err);

	*j = (struct journal){.fd = -1};
	if (rc == 0 && how == JOURNAL_WRITE)
		rc = make_directory(path.data, err);
	if (rc < 0) {
		buf_release(&path);
		return rc;
	}
	buf_printf(&path, "/%s" SUFFIX, id);
	j->path = path.data;
	rc = how == JOURNAL_WRITE ? open_to_write(j, id, err) : open_to_read(j, is_busy, err);
	if (rc < 0)
		journal_close(j);
	return rc;
}

void journal_close(struct journal *j)
{
	if (j->path && j->fd >= 0)
		close(j->fd);
	buf_release(&j->text);
	free(j->path);
	*j = (struct journal){.fd = -1};
}

void journal_forget(struct journal *j)
{
	if (j->path && j->fd >= 0)
		unlink(j->path);
}

/* ---- writing */

static void flush(struct journal *j)
{
	size_t done = 0;

	while (!j->failed && done < j->text.len) {
		ssize_t n = write(j->fd, j->text.data + done, j->text.len - done);

		if (n < 0 && errno != EINTR)
			j->failed = errno;
		done += n > 0 ? (size_t)n : 0;
	}
	buf_reset(&j->text);
}

int journal_sync(struct journal *j, struct err *err)
{
	flush(j);
	if (!j->failed && fdatasync(j->fd) < 0)
		j->failed = errno;
	if (!j->failed)
		return 0;
	return err_set(err, ERR_FAILED, "cannot write '%s': %s", j->path, strerror(j->failed));
}

/* The directory too, or the file may have no name after a crash. */
static int sync_directory(const struct journal *j, struct err *err)
{
	char *path = xstrndup(j->path, (size_t)(strrchr(j->path, '/') - j->path));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = failed(err, "bring to the disk", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

void journal_done(struct journal *j, size_t op)
{
	buf_printf(&j->text, "{\"done\":%zu}\n", op + 1);
	flush(j);
}

void journal_amend(struct journal *j, size_t index, const struct op *op, const struct plan *plan)
{
	journal_put_amended(&j->text, index, op, plan);
	flush(j);
}

int journal_end(struct journal *j, const struct plan *plan, struct err *err)
{
	journal_put_end(&j->text, plan);
	return journal_sync(j, err);
}

int journal_plan(struct journal *j, const struct change *c, const struct plan *plan, const struct ops *ops,
		 struct err *err)
{
	int rc;

	if (ftruncate(j->fd, 0) < 0)
		return failed(err, "empty", j->path);
	journal_put_head(&j->text, c, plan);
	for (size_t i = 0; i < ops->n; i++) {
		journal_put_op(&j->text, &ops->at[i], plan);
		if (j->text.len >= FLUSH_AT)
			flush(j);
	}
	journal_put_planned(&j->text, plan, ops->n);
	rc = journal_sync(j, err);
	return rc < 0 ? rc : sync_directory(j, err);
}

/* ---- reading */

static int read_all(const struct journal *j, struct buf *out, struct err *err)
{
	char chunk[64u << 10];
	ssize_t n;

	for (off_t at = 0; (n = pread(j->fd, chunk, sizeof(chunk), at)) != 0;) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(err, "read", j->path);
		if (at > JOURNAL_MAX)
			return err_set(err, ERR_FAILED, "'%s' is too large", j->path);
		buf_add(out, chunk, (size_t)n);
		at += n;
	}
	return 0;
}

static int read_lines(const struct journal *j, char *text, struct journal_reader *reader, struct err *err)
{
	int rc = 0;

	for (char *line = text, *end; rc == 0 && (end = strchr(line, '\n')); line = end + 1) {
		struct json *json = NULL;

		*end = '\0';
		rc = json_parse(&json, line, (size_t)(end - line), err);
		if (rc == 0)
			rc = journal_read_line(reader, json, err);
		if (rc < 0)
			err_prefix(err, "'%s': ", j->path);
		json_free(json);
	}
	return rc;
}

/* An op may need one that comes after it. */
static int check_needs(const struct journal *j, const struct ops *ops, struct err *err)
{
	for (size_t i = 0; ops && i < ops->n; i++)
		if (ops->at[i].needs > ops->n)
			return err_set(err, ERR_FAILED, "'%s': an op needs one that is not there", j->path);
	return 0;
}

int journal_load(struct journal *j, const struct country *country, struct journal_head *head, struct ops *ops,
		 struct plan *plan, struct arena *arena, struct err *err)
{
	struct journal_reader reader = {.head = head, .ops = ops, .plan = plan, .arena = arena, .country = country};
	struct buf text = {0};
	size_t whole;
	int rc = read_all(j, &text, err);

	*head = (struct journal_head){0};
	for (whole = text.len; whole && text.data[whole - 1] != '\n';)
		whole--;
	if (rc == 0 && whole < text.len && (fcntl(j->fd, F_GETFL) & O_ACCMODE) == O_RDWR &&
	    ftruncate(j->fd, (off_t)whole) < 0)
		rc = failed(err, "mend", j->path);
	if (rc == 0 && whole) {
		text.data[whole] = '\0';
		rc = read_lines(j, text.data, &reader, err);
	}
	if (rc == 0)
		rc = check_needs(j, ops, err);
	buf_release(&text);
	if (ops && head->verb && verb_find(head->verb) >= 0)
		ops->verb = (enum verb)verb_find(head->verb);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_name(struct strlist *ids, const char *name, struct arena *arena)
{
	size_t len = strlen(name), end = strlen(SUFFIX);
	char *id;

	if (len <= end || strcmp(name + len - end, SUFFIX) != 0)
		return;
	id = arena_strndup(arena, name, len - end);
	if (uuid_is_valid(id))
		strlist_add(ids, id);
}

int journal_list(struct strlist *ids, struct arena *arena, struct err *err)
{
	struct buf path = {0};
	const struct dirent *entry;
	DIR *dir = NULL;
	int rc = find_directory(&path, err);

	if (rc == 0 && !(dir = opendir(path.data)) && errno != ENOENT)
		rc = failed(err, "list", path.data);
	while (dir && (entry = readdir(dir)))
		add_name(ids, entry->d_name, arena);
	if (dir)
		closedir(dir);
	if (ids->n)
		qsort(ids->at, ids->n, sizeof(*ids->at), by_id);
	buf_release(&path);
	return rc;
}
