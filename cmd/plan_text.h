/* The parts that the text of a plan is made of, for the files that write it: keys and ids are said in words. */
#ifndef DIDCTL_PLAN_TEXT_H
#define DIDCTL_PLAN_TEXT_H

#include "did/field.h"
#include "did/plan.h"

/* A value of data, escaped and cut where it is long; NULL is '-'. */
void plan_add_value(struct buf *out, const char *value);

/* ", CNAM status ": a column in front of its value, and the separator for the next one. */
void plan_add_word(struct buf *out, const char **separator, const struct column *column);

/* "  changes user Ann: outbound number - -> 918065978001\n" */
void plan_add_object(struct buf *out, const struct plan *plan, const struct object *object);

#endif
