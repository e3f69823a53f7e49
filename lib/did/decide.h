/*
 * The one place where it is decided what a verb does to a number, or why it may not (product.md, "Life of a number").
 * Pure: from a record to a record, once per distinct record, never once per number.
 */
#ifndef DIDCTL_DECIDE_H
#define DIDCTL_DECIDE_H

#include "did/plan.h"

struct decision {
	enum result result;
	uint32_t after;	     /* index in plan->records when changed; RECORD_NONE: the row goes */
	enum refusal code;
	const char *reason;  /* one sentence about the number, from plan->arena */
};

/*
 * Decides for a row with this record (RECORD_NONE: there is none). change's organisation is plan->org. Verbs of
 * organisations and users and undo are not decided here.
 */
struct decision decide(const struct change *change, struct plan *plan, uint32_t before);

/* The row that undo makes of `now`: the fields of mask as in `was`; refused where one of them differs from `left`. */
struct decision decide_undo(struct plan *plan, uint32_t now, uint32_t left, uint64_t left_mask, uint32_t was,
			    uint64_t was_mask);

/* Undo of a row that came back beside another one; of one that went and left another one, which has gone since. */
struct decision decide_undo_twin(void);
struct decision decide_undo_alone(void);

/*
 * What holds for every row that a change leaves (data.md, invariants 1 to 3 and 16): a broken rule's sentence, or NULL.
 */
const char *decide_broken_rule(const struct record *after);

void record_set_state(struct plan *plan, struct record *record, enum did_state state);
void record_clear_default(struct plan *plan, struct record *record);
void record_back_to_stock(struct plan *plan, struct record *record); /* a request that comes to nothing */

struct decision decide_refuse(enum refusal code, const char *reason);
/* What a verb made of a record: unchanged where that is what it was, refused where it breaks a rule. */
struct decision decide_finish(struct plan *plan, uint32_t before, const struct record *after);

/*
 * decide_services.c: names and addresses that a verb changed wait for their providers from now on, whichever verb it was,
 * and so does the name of a number that gets another owner's default.
 */
struct decision decide_follow(const struct change *change, struct plan *plan, uint32_t before, struct decision decision);
struct decision decide_cnam_set(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_cnam_clear(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_cnam_default(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_cnam_sync(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_e911_set(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_e911_clear(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_e911_sync(const struct change *, struct plan *, uint32_t before, struct record);
struct decision decide_location_edit(const struct change *, struct plan *, uint32_t before, struct record);

/* Whether it is another place now, and not only called otherwise. */
bool location_is_elsewhere(const struct object *location);

/*
 * Undo of a default name or of a location's address, for a number that has it and that the undone change said nothing of:
 * it waits.
 */
struct decision decide_heir(const struct change *change, struct plan *plan, uint32_t before);
/*
 * What of a row (FIELD_BITs) only tells what a provider has answered about a name or address that the undo takes away or
 * replaces: whatever it is by now is no reason to keep what it is about. left and was: the undone change's, was RECORD_NONE
 * for a row that it made; now and left are records.
 */
uint64_t decide_void_answers(const struct plan *plan, uint32_t now, uint32_t left, uint64_t left_mask, uint32_t was,
			     uint64_t was_mask);
/* Whose default a restored row shows, if its name or how far that is becomes another; NULL: nobody's. */
const char *decide_heir_of(const struct plan *plan, uint32_t before, uint32_t after);
/* That row: with `then`, the default that its status is about, it waits for the provider unless that counts again. */
uint32_t decide_restored_name(const struct change *change, struct plan *plan, uint32_t after, const char *then);

/*
 * Of a row that undo restores: what the provider had is nothing that undo can know, so that a status which says it has (synced,
 * registered) is never written, and a name or an address that comes back waits for the provider from now on.
 */
uint32_t decide_restored_services(const struct change *change, struct plan *plan, uint32_t before, uint32_t after);

/* Clears what goes with an owner: the default flag, route, CNAM and E911 link, except what keep says; remembers it. */
void record_leave_owner(struct record *record, unsigned keep);

#endif
