/*
 * Putting a file in the place of another so that whoever looks sees the old one or the new one, whole,
 * whatever happens in between (safety.md, "Files written"): a lock, a temporary file beside it, fsync, the
 * old one kept as FILE.last-good, rename, fsync of the directory.
 */
#ifndef DIDCTL_PLACE_H
#define DIDCTL_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

#define PLACE_LOCK	".didctl.lock"
#define PLACE_LAST_GOOD ".last-good" /* behind the name: what stood there before */
#define PLACE_REJECTED	".rejected"  /* what a roll-back has taken away */

/*
 * A directory of the switch. Initialise with PLACE_DIR_INIT; place_dir_close frees, and gives the lock back.
 */
struct place_dir {
	char *path;
	int fd, lock;
};
#define PLACE_DIR_INIT \
	{ \
		.fd = -1, .lock = -1 \
	}

/* ERR_TARGET where it cannot be opened. */
int place_dir_open(struct place_dir *dir, const char *path, struct err *err);
/*
 * One writer at a time: waits for another one, who is named when wait_ms have passed (ERR_REFUSED). One that
 * has died holds nothing: the kernel gave its lock back; what it left half-written is removed.
 * ERR_INTERRUPTED by a signal.
 */
int place_dir_lock(struct place_dir *dir, int64_t wait_ms, struct err *err);
void place_dir_close(struct place_dir *dir);

/*
 * One file in it. Initialise with PLACE_INIT; place_end frees, and removes a temporary file that was not
 * committed.
 */
struct place {
	const struct place_dir *dir;
	const char *name;
	int old; /* what stands there, open for reading; -1: nothing */
	int fd;	 /* the temporary file, open for reading and writing, once place_create has made it */
	struct stat was;
	char *temporary;
};
#define PLACE_INIT \
	{ \
		.old = -1, .fd = -1 \
	}

/*
 * Opens what stands there. name must outlive it. ERR_REFUSED where it is a symbolic link or no regular file,
 * ERR_TARGET where name is no plain file name or the file cannot be opened.
 */
int place_open(struct place *p, const struct place_dir *dir, const char *name, struct err *err);
/*
 * Under the lock: a new file beside it, with the mode and owner of the old one; of none, 0644 and the
 * directory's.
 */
int place_create(struct place *p, struct err *err);
/*
 * Puts the new file in its place. On ERR_REFUSED (somebody has touched the old one since place_open) and
 * ERR_FAILED the old one stands there still, unless the message says "stands, but".
 */
int place_commit(struct place *p, struct err *err);
void place_end(struct place *p);

/* Whether a file is still what it was: the same one, and nobody has written to it. */
bool place_is_same_file(const struct stat *a, const struct stat *b);

/*
 * Under the lock: NAME.last-good stands in the place again (and is kept); where there was nothing, nothing.
 * What stood there becomes NAME.rejected. had_file: whether something stood there before the commit that is
 * to be undone.
 */
int place_roll_back(const struct place_dir *dir, const char *name, bool had_file, struct err *err);

#endif
