/*
 * What the switch runs now, asked over AMI. Its answers were seen on Asterisk 16 and 22; one that cannot be
 * read is ERR_TARGET, as are its own refusals. Names go into its command line: one with anything but
 * letters, digits and "_-.+" is ERR_USAGE.
 */
#ifndef DIDCTL_RUNNING_H
#define DIDCTL_RUNNING_H

#include <stdbool.h>
#include <stdint.h>

#include "dialplan/ami.h"

/*
 * A generation is named by 16 hexadecimal digits: gen-9f3c... in the dispatcher's meta context
 * (dialplan.md).
 */
#define GENERATION_TEXT 17

/*
 * The generation that runs. ERR_ABSENT: none. More than one, which no single file of ours makes, is
 * ERR_ABSENT too.
 */
int running_generation(struct ami *ami, const char *meta_context, char out[GENERATION_TEXT], struct err *err);

/* Whether that generation's marker is there. */
int running_has_generation(struct ami *ami, const char *meta_context, const char *generation, bool *has,
			   struct err *err);

/*
 * What the switch has of a context. An extension without a first priority, where every call begins, is
 * none. Entries that files other than ours add are counted apart.
 */
struct running_count {
	bool is_there;
	uint64_t extensions, priorities;
	uint64_t foreign_extensions, foreign_priorities;
};

/*
 * file: the name of our file, without its directory; NULL: all files are ours. timeout_ms: about 0.4 s for
 * 100,000 numbers and 4 s for a million; 0 as in ami.h.
 */
int running_count(struct ami *ami, const char *context, const char *file, int64_t timeout_ms,
		  struct running_count *out, struct err *err);

enum endpoint_state {
	ENDPOINT_ABSENT,      /* no such endpoint */
	ENDPOINT_NO_CONTACT,  /* nowhere to send a call to */
	ENDPOINT_UNAVAILABLE, /* its contacts do not answer */
	ENDPOINT_UNQUALIFIED, /* it has one, but has not asked whether it answers (qualify_frequency) */
	ENDPOINT_AVAILABLE,
};

/* The best of a PJSIP endpoint's contacts. */
int running_endpoint(struct ami *ami, const char *endpoint, enum endpoint_state *out, struct err *err);

/*
 * Whether extensions.conf has extenpatternmatchnew=yes, as it is on the switch's disk. The user needs
 * system or config in 'write' of manager.conf for this one.
 */
int running_has_fast_match(struct ami *ami, bool *has, struct err *err);

#endif
