/*
 * What every store does with the runs of a plan, whatever is behind it: fills them up, decides them, and says whether that
 * will do. Pure.
 */
#ifndef DIDCTL_RUNS_H
#define DIDCTL_RUNS_H

#include "did/decide.h"

struct facts;

/* A row that was named by its id and is not there: refused as not found. */
void runs_add_absent(struct plan *plan, const char *id);
/* Numbers that were named and have no row: refused as not found, or made by pool add. Sorts the runs. */
void runs_add_missing(struct plan *plan, const struct rangeset *numbers);

/* Refuses each number that stands in two rows, once. The runs are sorted. */
void runs_refuse_twins(struct plan *plan);

/* Names the rows and owners behind refusals as twin or duplicate, the first ones number by number. */
int runs_name_twins(struct facts *facts, struct plan *plan, struct err *err);

/* Once per distinct record: a million numbers alike are one decision. What is refused already stays so. */
void runs_decide(const struct change *change, struct plan *plan);

/*
 * What speaks against doing it, once the runs are counted: something is refused (ERR_ABSENT where all of that is not
 * there, else ERR_REFUSED; 0 with --partial if anything is left), or --expect says another number.
 */
int runs_check_refused(const struct change *change, const struct plan *plan, struct err *err);
int runs_check_expect(const struct change *change, const struct plan *plan, struct err *err);
int runs_want_expect(uint64_t n, struct err *err); /* ERR_USAGE: a change of n numbers was not told how many */
/* " --expect N" behind the advice to undo n numbers, or "": what is advised has to work as it stands. */
#define RUNS_OPTION 32
const char *runs_undo_option(char out[RUNS_OPTION], uint64_t n);
/* --expect alone, of what is counted elsewhere: n entries or numbers, in the words of the message. */
int runs_check_count(const struct change *change, uint64_t n, const char *what, struct err *err);

/* How a change that is done ends: 0, or with --partial ERR_PARTIAL or ERR_REFUSED for what was refused. */
int runs_finish(const struct change *change, const struct plan *plan, struct err *err);

int runs_interrupted(struct err *err); /* ERR_INTERRUPTED, before anything was changed */

/*
 * What the found rows are known by: their numbers are added to numbers, which is normalised, the stored text of those under no
 * spelling of the country to texts (the plan's). A row that is no number becomes a run of the plan, without a record.
 */
void runs_take_keys(struct plan *plan, const struct plan *found, struct rangeset *numbers, struct strlist *texts);

/* The numbers that the plan touches, consequences included. */
void runs_changed(const struct plan *plan, struct rangeset *out);

/*
 * As lines, and back: results and reasons, without the records. The text is cut up, and the runs point into it. False:
 * it is not what runs_to_text writes, and no run was added; what keeps it is open to others, and a run that is no number
 * could not be shown.
 */
void runs_to_text(struct buf *out, const struct plan *plan);
bool runs_from_text(struct plan *plan, char *text);

/* "918065978000-918065978009,918065978012", as much as fits: what a listing of changes shows. */
void numbers_to_text(struct buf *out, const struct rangeset *numbers);

/* ---- assign --count */

/* Free numbers as they come by, and the first answer that is long enough. Begins with change, exclude and out. */
struct picker {
	const struct change *change;
	const struct rangeset *exclude;
	struct rangeset *out;
	struct number last; /* --contiguous: the row of neighbours that is growing ends here */
	uint64_t in_row;
	uint64_t taken;
};

bool picker_offer(struct picker *picker, struct number n); /* whether the pick is complete */
int picker_finish(struct picker *picker, struct err *err); /* ERR_REFUSED when the pool is too small */

/* Numbers that were picked and may not be taken are left out of the next pick; whether there are any. */
bool runs_exclude_refused(const struct plan *plan, struct rangeset *exclude);

#endif
