/*
 * Inside the REST store: what a change through the API has done so far, on this machine. One file a change, in
 * $XDG_STATE_HOME/didctl, of lines that are only ever added: the head (what was asked for), the ops, "planned" (only then
 * is the first request sent), a line for each op that is done, and "end". A line that was cut off does not count. What
 * is done and not in the journal is found by reading the row, so it is brought to the disk where something else depends
 * on it: before the first request, between the waves, and before anything is reported.
 */
#ifndef DIDCTL_API_JOURNAL_H
#define DIDCTL_API_JOURNAL_H

#include "store/api/ops.h"

struct journal {
	int fd; /* -1: not open */
	char *path;
	struct buf text; /* of lines that are not written yet */
	int failed;	 /* errno of a write; told by journal_sync */
};

/* What a journal says of its change; texts in the arena. */
struct journal_head {
	const char *id, *at, *actor, *host, *target, *verb, *hash, *org_id, *org_text, *reason, *undo_of;
	bool moves_calls;
	bool is_planned, is_ended; /* the ops are all there; nothing is left to do */
	uint64_t changed, unchanged, refused;
	uint64_t planned, done; /* ops */
	char *runs; /* runs_to_text: as planned or, at the end, as it ended */
	const char *numbers; /* numbers_to_text */
};

enum journal_open { JOURNAL_READ, JOURNAL_WRITE };

/*
 * Opens the journal of a change and, for writing, locks it. 1: it is there; 0: it is not (for writing it was made, and is
 * locked); ERR_REFUSED: another process is writing it; ERR_TARGET: nowhere to keep it; ERR_FAILED. For reading a
 * lock that somebody holds is told in *is_busy, which may be NULL.
 */
int journal_open(struct journal *journal, const char *id, enum journal_open how, bool *is_busy, struct err *err);
void journal_close(struct journal *journal);  /* also when it was never opened */
void journal_forget(struct journal *journal); /* nothing was done: takes it away */

/*
 * Reads what is there. ops may be NULL; their records and objects are added to the plan. For writing, a line that was cut
 * off is taken away. ERR_FAILED: it cannot be read.
 */
int journal_load(struct journal *journal, const struct country *country, struct journal_head *head, struct ops *ops,
		 struct plan *plan, struct arena *arena, struct err *err);

/* Starts it anew with the head and the ops, and brings it to the disk. */
int journal_plan(struct journal *journal, const struct change *change, const struct plan *plan, const struct ops *ops,
		 struct err *err);
void journal_done(struct journal *journal, size_t op);
/* What an op leads to is another than was planned, by what became of those before it. */
void journal_amend(struct journal *journal, size_t index, const struct op *op, const struct plan *plan);
int journal_end(struct journal *journal, const struct plan *plan, struct err *err);
int journal_sync(struct journal *journal, struct err *err);

/* The ids of all changes that there are journals of, by time; none where there is no directory. */
int journal_list(struct strlist *ids, struct arena *arena, struct err *err);

#endif
