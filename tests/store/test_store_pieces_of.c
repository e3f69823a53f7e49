/* What may be changed in pieces and what may not, and what each kind of change keeps of its numbers until it goes on. */
#include "tests/store/pieces.h"

#define US_TEN "+14155550100-0109"

#define ADDRESS(label)                                                                                                 \
	[LOCATION_LABEL] = (label), [LOCATION_COUNTRY] = "US", [LOCATION_STREET] = "1 Market St",                       \
	[LOCATION_CITY] = "San Francisco", [LOCATION_STATE_CODE] = "CA", [LOCATION_ZIP] = "94103"

static const char *const address[LOCATION_STORED] = {ADDRESS("HQ")}, *const other_label[LOCATION_STORED] = {ADDRESS("Annex")};

static void put_address(struct change *c, const char *const *fields)
{
	for (int k = 0; k < LOCATION_STORED; k++) {
		c->object_value[k] = fields[k];
		c->object_is_set[k] = fields[k] != NULL;
	}
}

/* ACME's, with a name that they show. */
static void put_us_numbers(struct fixture *f)
{
	put_rows(f);
	for (int i = 0; i < 10; i++)
		seed(f, arena_printf(&f->arena, "+1415555010%d", i), STATE_ASSIGNED, "o-acme");
}

static struct change set_name(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_CNAM_SET, US_TEN, NULL);

	c.value[DID_CNAM] = "ACME SALES";
	c.is_set[DID_CNAM] = true;
	return c;
}

static struct change neighbours(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_ASSIGN, NULL, "ACME");

	c.pick = (struct pick){.count = 4, .is_contiguous = true};
	return c;
}

static struct change by_id(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_LOCK, A "-8003", NULL);

	selection_add_id(&c.selection, "row-918065978005");
	return c;
}

static struct change new_address(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_E911_SET, US_TEN, NULL);

	put_address(&c, address);
	return c;
}

static struct change of_an_organisation(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_E911_SET, NULL, "ACME");

	put_address(&c, address);
	return c;
}

static struct change what_a_provider_says(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_CNAM_SYNC, US_TEN, NULL);

	c.value[DID_CNAM_STATUS] = "synced";
	c.is_set[DID_CNAM_STATUS] = true;
	c.seen_name = "ACME SALES";
	return c;
}

static struct change undo_in_pieces(struct fixture *f)
{
	return pieces_of(f, VERB_UNDO, NULL, NULL);
}

static const struct {
	struct change (*make)(struct fixture *f);
	const char *text;
} indivisible[] = {
	{neighbours, "'assign' cannot be made in pieces: numbers in a row are taken together"},
	{by_id, "'pool lock' cannot be made in pieces: rows named by their id are changed together"},
	{new_address, "'e911 set' cannot be made in pieces: each piece would make the location anew"},
	{of_an_organisation, "'e911 set' cannot be made in pieces: what it does hangs together"},
	{what_a_provider_says, "'cnam sync' cannot be made in pieces: what it does hangs together"},
	{undo_in_pieces, "'undo' cannot be made in pieces: the change that it takes back was one transaction"},
};

static void test_what_hangs_together(void **state)
{
	struct fixture *f = *state;
	const char *before;
	struct change c;

	put_us_numbers(f);
	c = set_name(f);
	c.chunk = 0;
	done(f, c);
	before = dump(f, true);
	for (size_t i = 0; i < ARRAY_SIZE(indivisible); i++) {
		c = indivisible[i].make(f);
		if (c.verb != VERB_UNDO)
			assert_int_equal(uuid_make(c.id, &f->err), 0);
		refused(f, c, ERR_USAGE, indivisible[i].text);
		assert_string_equal(f->err.hint, "without --chunk it is one transaction, whatever its size");
	}
	assert_string_equal(dump(f, true), before);
	assert_string_equal(ask(f, "SELECT id, total FROM didctl_changes"), ID "|-\n");
}

/* An address that is there is no reason against pieces; what each piece has to say of it is said once. */
static void test_address(void **state)
{
	struct fixture *f = *state;
	struct change c;

	put_us_numbers(f);
	c = change_of(f, VERB_LOCATION_ADD, NULL, "ACME");
	put_address(&c, address);
	done(f, c);
	c = pieces_of(f, VERB_E911_SET, US_TEN, NULL);
	put_address(&c, other_label);
	done(f, c);
	assert_int_equal(pieces_made(f, ID), 4);
	assert_string_equal(ask(f, "SELECT COUNT(*), COUNT(DISTINCT location) FROM didctl_details WHERE location = '%s'",
				f->plan.location), "10|1\n");
	assert_int_equal(f->plan.warnings.n, 1);
	assert_true(says(&f->plan.warnings, "the address is there already, labelled HQ"));
	assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_locations"), 1);
}

static struct change picked(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_ASSIGN, NULL, "ACME");

	c.pick.count = 7;
	return c;
}

static void test_pick(void **state)
{
	struct fixture *f = *state;

	put_rows(f);
	assert_int_equal(interrupted_after(f, picked, 1, false), ERR_PARTIAL);
	assert_non_null(strstr(f->err.text, "3 of 7 numbers are done"));
	assigned(f, 3, "interrupted");
	done(f, picked(f));
	assert_int_equal(f->plan.changed, 7);
	assert_int_equal(pieces_made(f, ID), 3);
	assigned(f, 7, "gone on");
	done(f, picked(f));
	assert_true(f->plan.is_replay);
	assert_int_equal(f->plan.changed, 7);
	assigned(f, 7, "replayed");
}

/* By what they are and not by name, one in a spelling of its own, and one that is no number at all. */
static struct change with_provider(struct fixture *f)
{
	struct change c = pieces_of(f, VERB_EDIT, NULL, NULL);

	selection_add_filter(&c.selection, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_AVAILABLE);
	c.value[DID_PROVIDER] = "Tata";
	c.is_set[DID_PROVIDER] = true;
	c.partial = true;
	return c;
}

static void test_odd_rows(void **state)
{
	struct fixture *f = *state;

	put_rows(f);
	pbx(f, "UPDATE did_numbers SET number = '(91) 80-6597.8004' WHERE number = '918065978004'");
	seed(f, "garbage", STATE_AVAILABLE, NULL);
	assert_int_equal(interrupted_after(f, with_provider, 1, false), ERR_PARTIAL);
	assert_int_equal(number_of(f, "SELECT COUNT(*) FROM did_numbers WHERE provider = 'Tata'"), 3);
	for (int k = 0; k < 2; k++) {
		refused(f, with_provider(f), ERR_PARTIAL, "1 number was refused");
		assert_int_equal(f->plan.is_replay, k);
		assert_int_equal(f->plan.changed, 10);
		assert_string_equal(f->plan.runs[0].literal, "garbage");
		assert_string_equal(numbers_in(f, "provider IS NULL OR provider <> 'Tata'"), "garbage\n");
	}
	assert_int_equal(pieces_made(f, ID), 4);
	silent(f, "done");
}

/* What is decided as a whole is decided before anything is written; what fits into a piece is no change in pieces. */
static void test_before_it_begins(void **state)
{
	struct fixture *f = *state;
	struct change c;

	put_rows(f);
	c = assign(f);
	c.dry_run = true;
	done(f, c);
	assert_true(says(&f->plan.follows, "it is made in 4 pieces, each a transaction of its own"));
	c = assign(f);
	c.chunk = 10;
	c.dry_run = true;
	done(f, c);
	assert_false(says(&f->plan.follows, "pieces"));
	c = assign(f);
	c.expect = 9;
	refused(f, c, ERR_REFUSED, "9 numbers were expected to change, 10 would");
	pbx(f, "UPDATE did_numbers SET pool_status = 'reserved' WHERE number = '918065978009'");
	refused(f, assign(f), ERR_REFUSED, "1 number may not change");
	assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_changes"), 0);
	pbx(f, "UPDATE did_numbers SET pool_status = 'available' WHERE number = '918065978009'");
	c = assign(f);
	c.chunk = 10;
	done(f, c);
	assert_false(f->plan.is_pieced);
	assert_string_equal(ask(f, "SELECT id, total FROM didctl_changes"), ID "|-\n");
}

/* Of a large one it has to be said how large it is, whatever its pieces. */
static void test_large(void **state)
{
	struct fixture *f = *state;
	struct change c = pieces_of(f, VERB_ADD, "918060000000-918060010000", NULL);

	c.chunk = 5000;
	refused(f, c, ERR_USAGE, "a change of 10001 numbers, more than 10000, needs --expect N");
	assert_int_equal(number_of(f, "SELECT COUNT(*) FROM didctl_changes"), 0);
}

static void test_look_at_its_undo(void **state)
{
	struct fixture *f = *state;
	struct change c;

	put_rows(f);
	done(f, assign(f));
	c = take_back(f);
	c.dry_run = true;
	done(f, c);
	assert_true(says(&f->plan.follows, "it is made in 4 pieces, each a transaction of its own"));
	assigned(f, 10, "looked at");
}

struct signaller {
	struct progress progress;
	uint64_t at; /* so many numbers are done */
};

static void signal_at(struct progress *progress, const char *doing, uint64_t done, uint64_t all)
{
	if (strcmp(doing, "changing numbers") == 0 && all == 10 && done == ((struct signaller *)progress)->at)
		interrupt_hold(false);
}

static void test_signal_between_pieces(void **state)
{
	struct signaller signaller = {{signal_at}, 6};
	struct fixture *f = *state;
	struct change c;

	put_rows(f);
	c = assign(f);
	c.progress = &signaller.progress;
	assert_int_equal(apply(f, &c), ERR_PARTIAL);
	interrupt_hold(true);
	change_release(&c);
	assert_string_equal(f->err.text, "6 of 10 numbers are done, the others as they were: interrupted");
	assigned(f, 6, "interrupted");
}

/* A number that may not change any more stops it; with --partial it is left out. */
static void test_refused_on_the_way(void **state)
{
	struct fixture *f = *state;
	struct change c;

	put_rows(f);
	assert_int_equal(interrupted_after(f, assign, 1, false), ERR_PARTIAL);
	pbx(f, "UPDATE did_numbers SET pool_status = 'reserved' WHERE number = '918065978007'");
	for (int k = 0; k < 2; k++) {
		refused(f, assign(f), ERR_PARTIAL, "6 of 10 numbers are done, the others as they were: 1 number may not change");
		assert_string_equal(plan_text(f), "918065978000+1 changed none>none\n918065978001+2 changed none>none\n"
						  "918065978003+3 changed none>none\n918065978007+1 refused state\n");
		assigned(f, 6, "stopped");
	}
	c = assign(f);
	c.partial = true;
	refused(f, c, ERR_PARTIAL, "1 number was refused");
	assert_string_equal(numbers_in(f, "org_id IS NULL"), "918065978007\n");
	assert_int_equal(pieces_made(f, ID), 4);
	silent(f, "left out");
}

/* What is kept of the change or of a piece was written over: told, and nothing is done on top of it. */
static void test_what_cannot_be_read(void **state)
{
	static const char *const where[] = {"id = '" ID "'", "part_of = '" ID "'"};
	struct fixture *f = *state;
	const char *before;

	put_rows(f);
	assert_int_equal(interrupted_after(f, assign, 1, false), ERR_PARTIAL);
	before = dump(f, true);
	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		const char *kept = ask(f, "SELECT runs FROM didctl_changes WHERE %s", where[i]);

		pbx(f, "UPDATE didctl_changes SET runs = 'x' WHERE %s", where[i]);
		refused(f, assign(f), ERR_FAILED, "what the history keeps of change '" ID "' cannot be read");
		assert_string_equal(dump(f, true), before);
		pbx(f, "UPDATE didctl_changes SET runs = '%.*s' WHERE %s", (int)strlen(kept) - 1, kept, where[i]);
	}
	done(f, assign(f));
	assigned(f, 10, "gone on");
}

static void test_without_tables(void **state)
{
	struct fixture *f = *state;

	seed(f, A, STATE_AVAILABLE, NULL);
	refused(f, assign(f), ERR_TARGET, "--chunk needs didctl's own tables");
	assert_string_equal(numbers_in(f, "org_id IS NULL"), A "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_what_hangs_together),	  CASE(test_address),
		CASE(test_pick),		  CASE(test_odd_rows),
		CASE(test_before_it_begins),	  CASE(test_refused_on_the_way),
		CASE(test_what_cannot_be_read),	  CASE_PBX(test_without_tables),
		CASE(test_large),		  CASE(test_look_at_its_undo),
		CASE(test_signal_between_pieces),
	};

	interrupt_at_will();
	return run_suites(tests, ARRAY_SIZE(tests));
}
