/*
 * What the tests of changes in pieces (--chunk) share: ten free numbers that ACME gets in pieces of three, what takes them back,
 * and what ends either on the way.
 */
#ifndef DIDCTL_TEST_PIECES_H
#define DIDCTL_TEST_PIECES_H

#include <signal.h>

#include "base/interrupt.h"
#include "tests/store/verified.h"

#define TEN A "-8009"
#define CHUNK 3
#define ID "00000000-0000-7000-8000-000000000001"
#define UNDO_ID "00000000-0000-7000-8000-000000000002"

static inline void put_rows(struct fixture *f)
{
	static const char *const emptied[] = {"didctl_history", "didctl_changes", "didctl_details", "didctl_guards",
					      "did_numbers"};

	for (size_t i = 0; i < ARRAY_SIZE(emptied); i++)
		pbx(f, "DELETE FROM %s", emptied[i]);
	for (int i = 0; i < 10; i++)
		seed(f, arena_printf(&f->arena, "91806597800%d", i), STATE_AVAILABLE, NULL);
}

static inline struct change pieces_of(struct fixture *f, enum verb verb, const char *numbers, const char *org)
{
	struct change c = change_of(f, verb, numbers, org);

	snprintf(c.id, sizeof(c.id), "%s", verb == VERB_UNDO ? UNDO_ID : ID);
	c.id_given = true;
	c.chunk = CHUNK;
	c.undo_of = verb == VERB_UNDO ? ID : NULL;
	return c;
}

static inline struct change assign(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_ASSIGN, TEN, "ACME");

	c.make_default = true;
	return c;
}

static inline struct change take_back(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_UNDO, NULL, NULL);

	c.chunk = 0;
	return c;
}

static inline unsigned number_of(struct fixture *f, const char *query)
{
	return (unsigned)strtoul(ask(f, "%s", query), NULL, 10);
}

static inline unsigned pieces_made(struct fixture *f, const char *id)
{
	return number_of(f, arena_printf(&f->arena, "SELECT COUNT(*) FROM didctl_changes WHERE part_of = '%s'", id));
}

static inline const char *numbers_in(struct fixture *f, const char *where)
{
	return ask(f, "SELECT number FROM did_numbers WHERE %s ORDER BY number", where);
}

/* The first n numbers are the organisation's, the first of them its default, and the others are free. */
static inline void assigned(struct fixture *f, unsigned n, const char *when)
{
	struct buf want = {0};

	for (unsigned i = 0; i < n; i++)
		buf_printf(&want, "91806597800%u\n", i);
	if (strcmp(numbers_in(f, "org_id = 'o-acme' AND pool_status = 'assigned'"), buf_str(&want)) != 0)
		fail_msg("%s: not the first %u numbers are assigned, but %s", when, n, numbers_in(f, "org_id = 'o-acme'"));
	if (strcmp(numbers_in(f, "org_id = 'o-acme' AND is_default = 1"), n ? A "\n" : "") != 0)
		fail_msg("%s: the default is %s", when, numbers_in(f, "is_default = 1"));
	buf_release(&want);
}

/* Applies it on a connection of its own. */
static inline int with_faults(struct fixture *f, struct change (*make)(struct fixture *f), struct faults *faults)
{
	struct change c;
	int rc;

	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(&f->store, f->conf, STORE_WRITE, 1, &f->err), 0);
	faults_install(faults, f);
	c = make(f);
	rc = apply(f, &c);
	change_release(&c);
	store_close(f->store);
	f->store = NULL;
	if (faults->violations)
		fail_msg("call %u: %u calls after the error", faults->at, faults->violations);
	return rc;
}

static inline void let_go(struct fixture *f)
{
	(void)f;
	interrupt_hold(false);
}

/* Interrupted when so many pieces are made: a look and the beginning come before them, and where it goes on neither does. */
static inline int interrupted_after(struct fixture *f, struct change (*make)(struct fixture *f), unsigned made, bool goes_on)
{
	struct faults faults = {.hook_before = "BEGIN", .hook_passes = made + (goes_on ? 0 : 2), .hook = let_go};
	int rc = with_faults(f, make, &faults);
	struct err told = f->err;

	interrupt_hold(true);
	assert_null(faults.hook_before);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	f->err = told;
	return rc;
}

/* From now on a signal is there whenever it is not held. */
static inline void interrupt_at_will(void)
{
	interrupt_install();
	interrupt_hold(true);
	raise(SIGINT);
}

#endif
