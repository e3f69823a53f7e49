/* Inside the survey of a target: what each part asks, and how it tells what it found. */
#ifndef DIDCTL_SURVEY_H
#define DIDCTL_SURVEY_H

#include "store/sql/layout.h"

struct survey {
	struct sql_store *s;
	struct finder *finder;
	struct layout layout;
	struct arena arena; /* of the findings' texts */
	bool has_layout;
	bool is_over; /* the finder wants no more */
};

/* One finding. Returns what the finder does. */
int survey_tell(struct survey *v, enum check check, const char *fix, struct err *err, const char *detail, ...)
	__attribute__((format(printf, 5, 6)));
/* Fills v->layout, once. */
int survey_layout(struct survey *v, struct err *err);
/* What can be typed to look at a table, where no statement mends it. */
const char *survey_look(struct survey *v, const char *table);
/* For a shell: 'PATH'. */
const char *survey_quoted(struct survey *v, const char *path);
/* A name as an identifier that can be pasted: `name`. */
const char *survey_name(struct survey *v, const char *name);

/* One part each of the survey. survey_words and survey_own are of the check setup. */
int survey_tables(struct survey *v, struct err *err); /* survey_columns.c */
int survey_columns(struct survey *v, struct err *err);
int survey_charset(struct survey *v, struct err *err);
int survey_words(struct survey *v, struct err *err);
int survey_own(struct survey *v, struct err *err);	 /* survey_own.c: didctl's own tables */
int survey_integrity(struct survey *v, struct err *err); /* survey_server.c */
int survey_rights(struct survey *v, struct err *err);	 /* survey_rights.c */
int survey_server(struct survey *v, struct err *err);	 /* survey_server.c */
int survey_live(struct survey *v, struct err *err);	 /* generation.c */
int survey_mail(struct survey *v, struct err *err);	 /* outbox.c */

#endif
