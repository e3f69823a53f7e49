/*
 * Changes that name rows and not numbers: pool merge, doctor --fix, pool delete id:ROW. A number has
 * one row, or by mistake two or more under several spellings; here one of them may go while the number stays, and rows that
 * no forward verb accepts are mended.
 */
#ifndef DIDCTL_DID_ROWS_H
#define DIDCTL_DID_ROWS_H

#include "did/decide.h"
#include "did/facts.h"

/* A row of the inventory, and what is to become of it. */
struct row {
	const char *id, *text;
	struct number key; /* width 0: text is no number */
	uint32_t record;   /* RECORD_NONE until it was read */
	uint8_t spelling;
	bool is_named;	   /* the change is about it; else it stands beside one that is */
	bool is_dropped;   /* it is to go, and another row of its number stays */
	uint64_t checks;   /* doctor --fix: CHECK_BITs of what to mend */
	const char *keep_row, *keep_default; /* the ids of rows that have to be there: a twin, a default */
	struct decision decision;
	const char *respelled; /* the text that it gets, or NULL */
};

struct rows {
	struct row *at; /* sorted by key, then text: all rows of the numbers that the change is about */
	size_t n, cap;
	const struct row **by_id;
	struct arena *arena; /* the plan's */
};

bool rows_are_named(const struct change *change);

/*
 * Finds the rows that the change names and the other rows of their numbers. Adds to numbers what is to be guarded, and to
 * texts the spellings that no look-up by number finds. ERR_ABSENT where a row that an operator named is not there.
 */
int rows_find(struct facts *facts, const struct change *change, struct plan *plan, struct rows *rows,
	      struct rangeset *numbers, struct strlist *texts, struct err *err);
struct row *rows_by_id(const struct rows *rows, const char *id); /* NULL if it is none of them; id may be NULL */
struct row *rows_by_text(const struct rows *rows, struct number key, const char *text);
void rows_release(struct rows *rows);

/*
 * rows_decide.c: reads the rows of sel (the numbers and texts that were found) and decides each that is named: fills the
 * plan's runs, and its objects with the users whose outbound number is mended.
 */
int rows_decide(struct facts *facts, const struct change *change, struct plan *plan, struct rows *rows,
		const struct selection *sel, struct err *err);

#endif
