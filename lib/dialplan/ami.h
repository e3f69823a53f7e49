/*
 * A client of Asterisk's manager interface (AMI, manager.conf): one connection, one action at a time,
 * events off. It needs Asterisk 14 or later, whose commands answer in "Output:" lines. AMI is clear text:
 * to a host other than this machine the secret only goes with ami-clear-text = yes.
 *
 * Errors are ERR_TARGET, their text begins with the switch's address, and the secret is never in it. After
 * an error of the connection or of what came over it, the connection is done with: every later action fails
 * at once.
 */
#ifndef DIDCTL_AMI_H
#define DIDCTL_AMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"

#define AMI_PORT       "5038"
#define AMI_TIMEOUT_MS 10000
#define AMI_BYTES_MAX  (1 << 20)
#define AMI_VALUE_MAX  900 /* Asterisk takes lines of at most 1,024 bytes */

struct ami;

/* Who logs in where. where and secret only have to live until ami_open returns. */
struct ami_login {
	const char *where; /* setting ami: USER@HOST[:PORT], an IPv6 address in brackets */
	const char *secret;
	bool clear_text;    /* setting ami-clear-text: also to another machine */
	int64_t timeout_ms; /* for connecting and for each answer; 0: AMI_TIMEOUT_MS */
	int64_t total_ms;   /* for all together; 0: no limit */
};

/* Connects and logs in. ERR_TARGET, ERR_INTERRUPTED. */
int ami_open(struct ami **out, const struct ami_login *login, struct err *err);

/* The same by the settings ami, ami-secret-file and ami-clear-text; if one is missing the hint names it. */
int ami_open_configured(struct ami **out, const struct conf *conf, int64_t timeout_ms, int64_t total_ms,
			struct err *err);

void ami_close(struct ami *ami); /* NULL is fine */

const char *ami_name(const struct ami *ami); /* "localhost:5038", fit to be shown */

/* One "Key: value" line. */
struct ami_field {
	const char *key, *value;
};

/* What an action may take, and who gets its answer. Zero: the limits above, and nobody. */
struct ami_expect {
	int64_t timeout_ms;
	uint64_t bytes_max; /* an answer that is longer is an error: it may never end */
	/* Gets all lines but Response, ActionID and Message. value may have NULs inside its len bytes. */
	void (*line)(void *data, const char *key, const char *value, size_t len);
	void *data;
};

struct ami_answer {
	bool is_success;	  /* "Response: Success" */
	char message[TEXT_SHOWN]; /* the "Message:" line as it may be shown, or empty */
};

/*
 * Sends "Action: ACTION" with the fields and an ActionID, and reads the answer to it. 0 whenever the switch
 * answered, also "Response: Error". A field with CR, LF or more than AMI_VALUE_MAX bytes is ERR_TARGET, and
 * nothing is sent.
 */
int ami_action(struct ami *ami, const char *action, const struct ami_field *fields, size_t nfields,
	       const struct ami_expect *expect, struct ami_answer *answer, struct err *err);

/*
 * Action: Command. expect->line gets "Output" lines. answer->is_success is the command's: Asterisk 16 and
 * 22 say Error for one that is unknown or found nothing. ERR_TARGET if the user may not give commands.
 */
int ami_command(struct ami *ami, const char *command, const struct ami_expect *expect,
		struct ami_answer *answer, struct err *err);

#endif
