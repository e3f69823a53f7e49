/* Errors: library functions return 0 (or a count) or one of these codes and fill a struct err. They never print. */
#ifndef DIDCTL_ERR_H
#define DIDCTL_ERR_H

#include <stddef.h>

/* The negated code is the process's exit code (cli.md). */
enum err_code {
	ERR_FAILED = -1,	/* input or output, internal */
	ERR_USAGE = -2,		/* usage or bad input */
	ERR_ABSENT = -3,	/* what was asked for is not there; a check found something */
	ERR_TARGET = -4,	/* connection, authentication, configuration; nothing changed */
	ERR_PARTIAL = -5,	/* partly done */
	ERR_REFUSED = -6,	/* state, lock, confirmation, race, duplicate; nothing changed */
	ERR_UNKNOWN = -7,	/* the outcome of a change is not known */
	ERR_INTERRUPTED = -130, /* SIGINT, SIGTERM or SIGHUP; rolled back */
	ERR_PIPE = -141,	/* the reader of stdout went away: quiet */
};

#define ERR_TEXT_MAX 1024
#define ERR_HINT_MAX 512

struct err {
	int code;		 /* 0, or one of enum err_code */
	char text[ERR_TEXT_MAX]; /* lower case, no full stop, subject in single quotes, no secret */
	char hint[ERR_HINT_MAX]; /* what to do next, or empty */
};

/* Fills err (which may be NULL) and returns code, so that a caller can write: return err_set(err, ERR_USAGE, "..."). */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds what to do next to an error that is set. */
void err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts text in front of an error's message ("FILE:3: "), keeping its code; returns the code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
