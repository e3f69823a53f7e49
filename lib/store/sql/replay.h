/*
 * Inside the SQL store: what the history says that the rows are. Many blocks are read by one statement, and what is known
 * of consecutive numbers alike is kept as one: a million numbers in a row are a few structs.
 */
#ifndef DIDCTL_REPLAY_H
#define DIDCTL_REPLAY_H

#include "store/sql/history.h"

/* The last recorded state of some numbers: a record of which the fields of mask are known. */
struct known {
	struct number first;
	uint64_t count;
	uint32_t record; /* an index of the replay's records; RECORD_NONE: the row is gone */
	uint64_t mask;
};

/* One number of the block that is being replayed. */
struct known_slot {
	uint32_t record;
	uint64_t mask; /* 0: nothing is known */
};

struct replay {
	struct sql_store *s;
	struct recordset *records; /* the caller's */
	struct known *at;	   /* sorted by number, disjoint */
	size_t n, cap;

	char block[BLOCK_TEXT]; /* being replayed; has_block: there is one */
	bool has_block;
	struct number start; /* its first number */
	size_t lo, hi;	     /* which of its slots were touched: [lo, hi) */
	struct known_slot slot[BLOCK_SIZE];

	/* the event that was read last: most are like the one before */
	struct buf after;
	bool was_made, is_parsed;
	struct record fields;
	uint64_t mask;
	struct known_slot old, new;

	char from[BLOCK_TEXT]; /* replay_next: where to go on, behind this block or at it */
	bool is_behind, is_over;
};

/*
 * Replays the blocks that the intervals, each within one block, lie in, at most REPLAY_BLOCKS of them: at[] is then what is
 * known of all the numbers in those blocks. The intervals are in order.
 */
#define REPLAY_BLOCKS 400
int replay_intervals(struct replay *r, const struct interval *in, size_t n, struct err *err);

/* Replays the next blocks of the whole history. 1: at[] is what is known there; 0: there are no more. */
int replay_next(struct replay *r, struct err *err);

void replay_release(struct replay *r); /* not the records */

/* What differs between the history and the rows: consecutive numbers that differ alike. */
struct difference {
	struct number first;
	uint64_t count;
	const struct known *known;
	const struct run *run; /* the row that was found; NULL: none */
	uint64_t fields;       /* that differ; 0: a row is gone that was there, or is there that was gone */
};

struct comparison {
	struct sql_store *s;
	const struct recordset *records; /* of what is known */
	const struct recordset *found;	 /* of the runs */
	const struct run *runs;		 /* sorted; twins refused (twins.h) are left out */
	size_t nruns, next;		 /* first run that may be meant */
	int (*differs)(struct comparison *c, const struct difference *difference, struct err *err);
	struct rangeset odd; /* numbers with a row in a spelling by which none is looked up: they only seem to be gone */
	bool knows_odd;	     /* loaded when the first number seems to be gone */
};

/* Compares numbers of which something is known; of one call to the next they ascend. */
int compare_known(struct comparison *c, const struct known *known, struct interval numbers, struct err *err);
void comparison_release(struct comparison *c); /* not what it was given */

#endif
