/* Values that options give to a number: what each may be, checked before the target is asked. */
#ifndef DIDCTL_FIELDS_H
#define DIDCTL_FIELDS_H

#include "cmd/context.h"
#include "did/change.h"
#include "did/env.h"

#define DAYS_MAX 3650
#define NOTES_MAX 2000 /* characters */
#define TEXT_MAX 255   /* characters */

/*
 * Each reads an option's text into its canonical form, in the context's arena. ERR_USAGE names the option.
 */
int check_text(struct context *ctx, const char *option, const char *text, const char **out);
int check_notes(struct context *ctx, const char *option, const char *text, const char **out);
int check_state_code(struct context *ctx, const char *option, const char *text, const char **out); /* "CA" */
int check_price(struct context *ctx, const char *option, const char *text, const char **out); /* "2499.00" */
int check_rate(struct context *ctx, const char *option, const char *text,
	       const char **out); /* up to 6 places */
int check_env(struct context *ctx, const char *option, const char *text, const char **out);
int check_e911(struct context *ctx, const char *option, const char *text, const char **out);
int check_cnam_status(struct context *ctx, const char *option, const char *text, const char **out);
int check_rest_state(struct context *ctx, const char *option, const char *text,
		     const char **out); /* after a hold */
int check_days(struct context *ctx, const char *option, const char *text, const char **out);
int check_record(struct context *ctx, const char *option, const char *text,
		 const char **out); /* on, off: "1", "0" */
int check_route(struct context *ctx, const char *option, const char *text, const char **type,
		const char **dest); /* TYPE:DEST */

/* An option that sets one field: a const char * at offset of a command's args struct. */
struct field_option {
	size_t offset;
	const char *option;
	enum did_field field;
	int (*check)(struct context *ctx, const char *option, const char *text, const char **out);
};

extern const char *const e911_names[];	     /* not-set, pending, registered, failed */
extern const char *const cnam_status_names[];
extern const char *const rest_state_names[]; /* available, reserved, archived */
extern const char *const on_off_names[];

/* A number of days from 0 to DAYS_MAX; -1 for anything else. */
int days_parse(const char *text);

/* Sets the fields whose options were given. may_clear: an empty text clears the field; else it is ERR_USAGE.
 */
int fields_set(struct context *ctx, struct change *change, const void *args,
	       const struct field_option *options, size_t n, bool may_clear);

/* TYPE:DEST of --route; both NULL after an empty text, which clears the route where may_clear. NULL text:
 * nothing. */
int fields_set_route(struct context *ctx, struct change *change, const char *text, bool may_clear);

/* --tag a --tag b,c: the tags that a number has from now on; with may_edit "+x" adds, "-x" removes and ""
 * clears. */
int fields_set_tags(struct context *ctx, struct change *change, const struct strlist *tags, bool may_edit);

void fields_put(struct change *change, enum did_field field, const char *value);

/* RFC 3339 text of a time, in the context's arena. */
const char *time_text(struct context *ctx, int64_t ms);

#endif
