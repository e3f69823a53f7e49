#include "dialplan/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/text.h"

#define TEMPORARY  ".didctl-" /* ".NAME.didctl-PID": hidden, so that no "#include ext_*.conf" takes it */
#define RETRY_MS   20
#define PID_TEXT   24
#define MODE_NEW   0644
#define MODE_BITS  07777
#define SUFFIX_MAX 48 /* of what is put before and behind a name */

static int fail(struct err *err, const struct place_dir *dir, const char *name, const char *what)
{
	int code = errno;

	err_set(err, ERR_FAILED, "cannot %s '%s/%s': %s", what, dir->path, name, strerror(code));
	if (code == EACCES || code == EPERM)
		err_hint(err, "run it as a user who may write to '%s'", dir->path);
	return ERR_FAILED;
}

/* Waits for no signal: only opening may take long, and only on a file system that is far away. */
static int open_at(int dir, const char *name, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(dir, name, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR && !interrupt_pending());
	return fd;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int place_dir_open(struct place_dir *dir, const char *path, struct err *err)
{
	dir->fd = open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (dir->fd < 0) {
		err_set(err, ERR_TARGET, "cannot open the directory '%s': %s", path, strerror(errno));
		err_hint(err, "it is the one of --dir, else of setting 'asterisk-dir': it must be there, and didctl's user may write to it");
		return ERR_TARGET;
	}
	dir->path = xstrdup(path);
	return 0;
}

void place_dir_close(struct place_dir *dir)
{
	close_fd(&dir->lock);
	close_fd(&dir->fd);
	free(dir->path);
	dir->path = NULL;
}

static int refuse_locked(const struct place_dir *dir, struct err *err)
{
	char owner[PID_TEXT];
	ssize_t n = pread(dir->lock, owner, sizeof(owner) - 1, 0);

	owner[n > 0 ? n : 0] = '\0';
	owner[strspn(owner, "0123456789")] = '\0';
	err_set(err, ERR_REFUSED, "'%s' is being written by another didctl, process %s", dir->path,
		*owner ? owner : "unknown");
	err_hint(err, "wait for it, or give it more time: --timeout");
	return ERR_REFUSED;
}

static int wait_for_lock(const struct place_dir *dir, int64_t wait_ms, struct err *err)
{
	int64_t until = clock_monotonic_ms() + wait_ms;

	while (flock(dir->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(err, dir, PLACE_LOCK, "lock");
		if (interrupt_pending())
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		if (clock_monotonic_ms() >= until)
			return refuse_locked(dir, err);
		clock_sleep_ms(RETRY_MS);
	}
	return 0;
}

/* Who holds the lock, for those who wait. That it cannot be written takes nothing from the lock. */
static void sign_lock(const struct place_dir *dir)
{
	char pid[PID_TEXT];
	int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

	if (ftruncate(dir->lock, 0) == 0)
		(void)!pwrite(dir->lock, pid, (size_t)len, 0);
}

static bool is_temporary(const char *name)
{
	const char *mark = strstr(name, TEMPORARY);
	const char *pid = mark ? mark + strlen(TEMPORARY) : "";

	return *name == '.' && *pid && pid[strspn(pid, "0123456789")] == '\0';
}

/* Whoever made them is dead: living ones hold the lock that is ours now. */
static int remove_left_over(const struct place_dir *dir, struct err *err)
{
	int fd = open_at(dir->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!entries) {
		fail(err, dir, ".", "read");
		close_fd(&fd);
		return ERR_FAILED;
	}
	while ((entry = readdir(entries)))
		if (is_temporary(entry->d_name))
			unlinkat(dir->fd, entry->d_name, 0);
	closedir(entries);
	return 0;
}

int place_dir_lock(struct place_dir *dir, int64_t wait_ms, struct err *err)
{
	int rc;

	dir->lock = open_at(dir->fd, PLACE_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (dir->lock < 0)
		return fail(err, dir, PLACE_LOCK, "open");
	rc = wait_for_lock(dir, wait_ms, err);
	if (rc)
		return rc;
	sign_lock(dir);
	return remove_left_over(dir, err);
}

/* The caller frees. */
static char *temporary_name(const char *name)
{
	struct buf out = {0};

	buf_printf(&out, ".%s" TEMPORARY "%ld", name, (long)getpid());
	return out.data;
}

static bool is_file_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX - SUFFIX_MAX && *name != '.' && !strchr(name, '/');
}

/* Looked at once it is open, so that nothing can be put in its place between the look and the reading. */
static int check_regular(struct place *p, struct err *err)
{
	if (fstat(p->old, &p->was) < 0)
		return fail(err, p->dir, p->name, "look at");
	if (S_ISREG(p->was.st_mode))
		return 0;
	return err_set(err, ERR_REFUSED, "'%s/%s' is not a regular file", p->dir->path, p->name);
}

int place_open(struct place *p, const struct place_dir *dir, const char *name, struct err *err)
{
	char shown[TEXT_SHOWN];

	p->dir = dir;
	p->name = name;
	if (!is_file_name(name))
		return err_set(err, ERR_TARGET, "'%s' is not the name of a file",
			       text_show(shown, name, strlen(name)));
	p->old = open_at(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (p->old >= 0)
		return check_regular(p, err);
	if (errno == ENOENT)
		return 0;
	if (errno == ELOOP)
		return err_set(err, ERR_REFUSED, "'%s/%s' is a symbolic link, which is not written through",
			       dir->path, name);
	return err_set(err, ERR_TARGET, "cannot open '%s/%s': %s", dir->path, name, strerror(errno));
}

/*
 * As the old one was. Of none, the directory's owner is what the switch runs as, most likely; where we may.
 */
static int give_owner(const struct place *p, struct err *err)
{
	struct stat now, dir;
	const struct stat *owner = p->old >= 0 ? &p->was : &dir;
	mode_t mode = p->old >= 0 ? p->was.st_mode & MODE_BITS : MODE_NEW;

	if (fstat(p->fd, &now) < 0 || fstat(p->dir->fd, &dir) < 0)
		return fail(err, p->dir, p->temporary, "look at");
	if ((now.st_uid != owner->st_uid || now.st_gid != owner->st_gid) &&
	    fchown(p->fd, owner->st_uid, owner->st_gid) < 0 && p->old >= 0)
		return fail(err, p->dir, p->name, "keep the owner of");
	return fchmod(p->fd, mode) < 0 ? fail(err, p->dir, p->name, "keep the mode of") : 0;
}

int place_create(struct place *p, struct err *err)
{
	p->temporary = temporary_name(p->name);
	p->fd = open_at(p->dir->fd, p->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (p->fd < 0) {
		fail(err, p->dir, p->temporary, "make");
		free(p->temporary);
		p->temporary = NULL; /* what is there is not ours to remove */
		return ERR_FAILED;
	}
	return give_owner(p, err);
}

static int copy_bytes(int from, int to)
{
	char piece[1 << 16];
	ssize_t n;

	while ((n = read(from, piece, sizeof(piece))) > 0)
		for (ssize_t done = 0, more; done < n; done += more) {
			more = write(to, piece + done, (size_t)(n - done));
			if (more < 0)
				return -1;
		}
	return (int)n;
}

/* Where a file system has no hard links, or does not let us make one of another user's file. */
static int copy_file(int dir, const char *from, const char *to)
{
	int in = open_at(dir, from, O_RDONLY | O_NOFOLLOW, 0);
	int out = in < 0 ? -1 : open_at(dir, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	struct stat st;
	int rc = -1, saved;

	if (out >= 0 && fstat(in, &st) == 0 && copy_bytes(in, out) == 0 &&
	    fchmod(out, st.st_mode & MODE_BITS) == 0 && fsync(out) == 0)
		rc = 0;
	saved = errno;
	close_fd(&in);
	close_fd(&out);
	errno = saved;
	return rc;
}

/*
 * Makes to the same file as from, at once. The temporary name is taken away last: rename leaves it where both
 * names have been one file already.
 */
static int double_file(const struct place_dir *dir, const char *from, const char *to, struct err *err)
{
	char *temporary = temporary_name(to);
	int rc = linkat(dir->fd, from, dir->fd, temporary, 0), saved;

	if (rc < 0 && errno != ENOENT)
		rc = copy_file(dir->fd, from, temporary);
	if (rc == 0)
		rc = renameat(dir->fd, temporary, dir->fd, to);
	saved = errno;
	unlinkat(dir->fd, temporary, 0);
	free(temporary);
	errno = saved;
	return rc < 0 ? fail(err, dir, to, "make") : 0;
}

static char *with_suffix(const char *name, const char *suffix)
{
	struct buf out = {0};

	buf_printf(&out, "%s%s", name, suffix);
	return out.data;
}

static int double_with(const struct place_dir *dir, const char *name, const char *suffix, struct err *err)
{
	char *to = with_suffix(name, suffix);
	int rc = double_file(dir, name, to, err);

	free(to);
	return rc;
}

bool place_is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int check_untouched(const struct place *p, struct err *err)
{
	struct stat now;
	bool is_there = fstatat(p->dir->fd, p->name, &now, AT_SYMLINK_NOFOLLOW) == 0;

	if (!is_there && errno != ENOENT)
		return fail(err, p->dir, p->name, "look at");
	if (is_there ? p->old >= 0 && place_is_same_file(&now, &p->was) : p->old < 0)
		return 0;
	err_set(err, ERR_REFUSED, "'%s/%s' was changed by somebody else just now", p->dir->path, p->name);
	err_hint(err, "look at it, then run the command again");
	return ERR_REFUSED;
}

static int sync_dir(const struct place_dir *dir, const char *name, struct err *err)
{
	if (fsync(dir->fd) == 0)
		return 0;
	return err_set(err, ERR_FAILED, "'%s/%s' stands, but may not after a power failure: %s", dir->path,
		       name, strerror(errno));
}

int place_commit(struct place *p, struct err *err)
{
	int rc;

	if (fsync(p->fd) < 0)
		return fail(err, p->dir, p->temporary, "write");
	rc = check_untouched(p, err);
	if (rc)
		return rc;
	rc = p->old >= 0 ? double_with(p->dir, p->name, PLACE_LAST_GOOD, err) : 0;
	if (rc)
		return rc;
	if (renameat(p->dir->fd, p->temporary, p->dir->fd, p->name) < 0)
		return fail(err, p->dir, p->name, "replace");
	free(p->temporary);
	p->temporary = NULL;
	return sync_dir(p->dir, p->name, err);
}

void place_end(struct place *p)
{
	if (p->temporary)
		unlinkat(p->dir->fd, p->temporary, 0);
	free(p->temporary);
	p->temporary = NULL;
	close_fd(&p->fd);
	close_fd(&p->old);
}

static int take_away(const struct place_dir *dir, const char *name, struct err *err)
{
	char *rejected = with_suffix(name, PLACE_REJECTED);
	int rc = renameat(dir->fd, name, dir->fd, rejected);

	free(rejected);
	return rc < 0 ? fail(err, dir, name, "take away") : 0;
}

int place_roll_back(const struct place_dir *dir, const char *name, bool had_file, struct err *err)
{
	char *last_good;
	int rc;

	if (!had_file) {
		rc = take_away(dir, name, err);
		return rc ? rc : sync_dir(dir, name, err);
	}
	/* Where somebody has taken the file away there is nothing to keep. */
	if (faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		rc = double_with(dir, name, PLACE_REJECTED, err);
		if (rc)
			return rc;
	}
	last_good = with_suffix(name, PLACE_LAST_GOOD);
	rc = double_file(dir, last_good, name, err);
	free(last_good);
	return rc ? rc : sync_dir(dir, name, err);
}
