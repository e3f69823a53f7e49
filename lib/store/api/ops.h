/*
 * Inside the REST store: a change as the rows that it writes, one op each. The API has no transaction: each op is done by
 * one or a few requests of the contract, on its own, and its end is kept in the journal.
 */
#ifndef DIDCTL_API_OPS_H
#define DIDCTL_API_OPS_H

#include "store/api/facts.h"
#include "store/api/image.h"

enum op_state {
	OP_WAITING,
	OP_DONE,
	OP_REFUSED, /* by the server, or because the row is another now: nothing was changed */
	OP_UNKNOWN, /* an answer was lost, and the row could not be read back */
};

/*
 * In which order: what numbers need is there before them, as a new location. Who becomes a default caller ID is before the
 * other numbers, since the API makes the first number that an organisation gets its default; who stops being one after
 * them, since the numbers before it may be refused; then what follows from them.
 */
enum op_wave { WAVE_NEEDED, WAVE_DEFAULT, WAVE_NUMBERS, WAVE_LAST, WAVE_FOLLOWS, WAVES };

struct op {
	uint8_t kind;	 /* enum row_kind */
	uint8_t wave;
	uint8_t state;
	bool must_read;	 /* its row is looked at before it is written */
	bool is_read;	 /* a request to read it is in flight or due, else one to write it */
	bool has_made, has_acted, has_put; /* which of its requests were answered well */
	bool is_doubtful; /* a request may have been done: its answer was lost, or says that the server failed (is_failing) */
	bool is_failing;
	bool is_late;	   /* the server may still be at one of its requests, though the row does not show it */
	bool is_sent;	   /* a request is in flight */
	bool takes_back;   /* with --partial: its row was made and then refused the rest, and goes again before the op ends as refused */
	bool has_checks;   /* the row is read to see whether the request `checks` was done as it was asked for */
	uint8_t checks, operation; /* enum api_operation; operation: what was sent last */
	uint8_t tries;
	uint8_t spelling, code; /* code: enum refusal */
	uint8_t run_kind; /* of a number: RUN_NUMBERS, RUN_DROP or RUN_RESTORE */
	const char *other; /* RUN_DROP: the id of the row that stays as it is, or NULL */
	struct number key; /* of a number */
	const char *text;  /* the number as it is stored; an object's name */
	const char *id, *etag;
	uint32_t before, after; /* of a number: plan->records, or RECORD_NONE */
	size_t object;		/* of another row: plan->objects */
	uint64_t fields;	/* by their place in api_fields: what it is about, and what the actions change too */
	size_t needs;		/* the op without which this one is not done, counted from 1; 0: none */
	const struct image *now; /* as the API told last; NULL: as before */
	const char *reason, *refusal; /* refusal: why it takes back */
	struct api_patience patience;
};

struct ops {
	struct op *at; /* by wave */
	size_t n, cap;
	struct arena arena;
	enum verb verb;
	const struct change *change; /* that they are sent for */
};

/* The ops of a plan that is decided. ERR_TARGET: a field or step that the API does not offer. */
int ops_make(struct ops *ops, struct api_facts *facts, const struct change *change, struct plan *plan, struct err *err);
void ops_release(struct ops *ops);

/* The row as it was before the change, and as it is to be. */
struct image op_before(const struct op *op, const struct plan *plan);
struct image op_after(const struct op *op, const struct plan *plan);

#endif
