/*
 * What is live: each change that the switch would see raises the generation, no other does; and once regen has brought
 * one to the switch, the survey says what is not live.
 */
#include <inttypes.h>

#include "tests/store/fixture.h"

#define A     "918065978000"
#define B     "918065978001"
#define PROD  "918065978000-8001"
#define STAGE "918065978021"

#define SET(field, text) .value = {[field] = (text)}, .is_set = {[field] = true}
#define SET_ORG(field, text) .object_value = {[field] = (text)}, .object_is_set = {[field] = true}

/* One after the other, on what those before have left. */
static const struct step {
	const char *title;
	enum verb verb;
	const char *numbers, *org;
	struct change with; /* what differs from change_of's */
	bool moves;
} steps[] = {
	{"stock is not dispatched", VERB_ADD, PROD, NULL, {0}, false},
	{"but staging gets its stock", VERB_ADD, STAGE, NULL, {SET(DID_ENV, "staging")}, true},
	{"assigned", VERB_ASSIGN, PROD, "ACME", {0}, true},
	{"locked", VERB_LOCK, A, NULL, {0}, false},
	{"unlocked", VERB_UNLOCK, A, NULL, {0}, false},
	{"another default", VERB_DEFAULT_SET, B, NULL, {0}, false},
	{"a note", VERB_EDIT, A, NULL, {SET(DID_NOTES, "x")}, false},
	{"a type of route", VERB_EDIT, A, NULL, {SET(DID_ROUTE_TYPE, "queue")}, true},
	{"a destination", VERB_EDIT, A, NULL, {SET(DID_ROUTE_DEST, "sales")}, true},
	{"recording", VERB_EDIT, A, NULL, {SET(DID_RECORDING, "1")}, true},
	{"what it is already", VERB_EDIT, A, NULL, {SET(DID_RECORDING, "1")}, false},
	{"to staging", VERB_ENV_SET, A, NULL, {SET(DID_ENV, "staging")}, true},
	{"to oss", VERB_ENV_SET, A, NULL, {SET(DID_ENV, "oss")}, true},
	{"transferred", VERB_ASSIGN, A, "Globex", {.is_transfer = true}, true},
	{"another name", VERB_ORG_EDIT, NULL, "Globex", {SET_ORG(ORG_NAME, "Globex Ltd")}, false},
	{"another context", VERB_ORG_EDIT, NULL, "Globex Ltd", {SET_ORG(ORG_CONTEXT_PREFIX, "org_g")}, true},
	{"another way for those without a route", VERB_ORG_EDIT, NULL, "ACME", {SET_ORG(ORG_UNROUTED, "ivr:main")}, true},
	{"blocked", VERB_MARK, B, NULL, {.to = STATE_BLOCKED}, true},
	{"put back", VERB_MARK, B, NULL, {.to = STATE_ASSIGNED}, true},
	{"released", VERB_RELEASE, B, NULL, {0}, true},
	{"requested", VERB_REQUEST, B, "ACME", {0}, false},
	{"approved", VERB_APPROVE, B, NULL, {0}, true},
	{"gone from staging", VERB_DELETE, STAGE, NULL, {0}, true},
};

static struct change change_for(struct fixture *f, const struct step *step)
{
	struct change c = change_of(f, step->verb, step->numbers, step->org);

	memcpy(c.value, step->with.value, sizeof(c.value));
	memcpy(c.is_set, step->with.is_set, sizeof(c.is_set));
	memcpy(c.object_value, step->with.object_value, sizeof(c.object_value));
	memcpy(c.object_is_set, step->with.object_is_set, sizeof(c.object_is_set));
	c.is_transfer = step->with.is_transfer;
	if (step->verb == VERB_MARK)
		c.to = step->with.to;
	return c;
}

static uint64_t generation(struct fixture *f)
{
	uint64_t n = 0;

	if (store_generation(f->store, &n, &f->err))
		fail_msg("%s", f->err.text);
	return n;
}

static void test_moves(void **state)
{
	struct fixture *f = *state;
	uint64_t before = generation(f), now;

	assert_int_equal(before, 0);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++, before = now) {
		done(f, change_for(f, &steps[i]));
		now = generation(f);
		if ((now > before) != steps[i].moves || now < before)
			fail_msg("%s: generation %" PRIu64 " after %" PRIu64, steps[i].title, now, before);
		if (f->plan.moves_calls != steps[i].moves)
			fail_msg("%s: the plan thinks otherwise", steps[i].title);
	}
}

static void test_undo_moves(void **state)
{
	struct fixture *f = *state;
	const char *id;
	uint64_t before;

	seed(f, A, STATE_ASSIGNED, "o-acme");
	done(f, change_for(f, &(struct step){.verb = VERB_ENV_SET, .numbers = A, .with = {SET(DID_ENV, "oss")}}));
	id = arena_strdup(&f->arena, f->id);
	before = generation(f);
	assert_int_equal(undo(f, id), 0);
	assert_true(generation(f) > before);
}

/* What another program has written is noticed by the next change of the number, and may have moved calls. */
static void test_others_move(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	done(f, change_of(f, VERB_ADD, A, NULL));
	before = generation(f);
	pbx(f, "UPDATE did_numbers SET routing_environment = 'staging' WHERE number = '" A "'");
	done(f, change_of(f, VERB_LOCK, A, NULL));
	assert_true(generation(f) > before);
}

struct told {
	struct finder finder;
	struct fixture *f;
	size_t n;
	const char *detail;
};

static int tell(struct finder *finder, const struct finding *finding, struct err *err)
{
	struct told *told = (struct told *)finder;

	(void)err;
	assert_int_equal(finding->check, CHECK_LIVE);
	assert_string_equal(finding->fix, "didctl regen");
	assert_null(finding->number);
	told->detail = arena_strdup(&told->f->arena, finding->detail);
	told->n++;
	return 0;
}

/* What the check says, in another session as doctor has it; NULL: nothing. */
static const char *says_live(struct fixture *f)
{
	struct told told = {.finder = {tell}, .f = f};

	assert_int_equal(open_store(f, STORE_SURVEY), 0);
	if (store_survey(f->store, CHECK_BIT(CHECK_LIVE), &told.finder, &f->err))
		fail_msg("survey: %s", f->err.text);
	assert_true(told.n <= 1);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	return told.detail;
}

static void assert_live(struct fixture *f, uint64_t n)
{
	uint64_t live = 0;

	if (store_set_live(f->store, n, &f->err) || store_live(f->store, &live, &f->err))
		fail_msg("%s", f->err.text);
	assert_int_equal(live, n);
	assert_null(says_live(f));
}

static const char *first_line(struct fixture *f, const char *text)
{
	return arena_strndup(&f->arena, text, strcspn(text, "\n"));
}

static void test_survey(void **state)
{
	struct fixture *f = *state;
	const char *since;

	pbx(f, "DELETE FROM didctl_meta WHERE name = 'live'");
	seed(f, A, STATE_ASSIGNED, "o-acme");
	seed(f, B, STATE_ASSIGNED, "o-acme");
	assert_null(says_live(f)); /* nobody has regenerated here */
	assert_live(f, generation(f)); /* though nothing has ever moved */
	done(f, change_of(f, VERB_LOCK, B, NULL));
	assert_null(says_live(f));
	done(f, change_of(f, VERB_UNLOCK, B, NULL));
	done(f, change_for(f, &(struct step){.verb = VERB_ENV_SET, .numbers = A, .with = {SET(DID_ENV, "oss")}}));
	since = first_line(f, ask(f, "SELECT at FROM didctl_changes WHERE verb = 'env set'"));
	assert_string_equal(says_live(f), arena_printf(&f->arena, "1 change since %s moved calls and is not live", since));
	done(f, change_of(f, VERB_RELEASE, PROD, NULL));
	assert_string_equal(says_live(f),
			    arena_printf(&f->arena, "2 changes since %s moved calls and are not live", since));
	assert_live(f, generation(f));
	pbx(f, "DELETE FROM didctl_meta WHERE name = 'live'");
}

/* Without tables of its own nothing is known, and nothing is said. */
static void test_bare(void **state)
{
	struct fixture *f = *state;
	uint64_t live = 1;

	assert_int_equal(generation(f), 0);
	assert_int_equal(store_live(f->store, &live, &f->err), 0);
	assert_int_equal(live, 0);
	assert_int_equal(store_set_live(f->store, 1, &f->err), ERR_TARGET);
	conf_override(f->conf, SET_COUNTRY, "IN", "test");
	assert_null(says_live(f));
	conf_override(f->conf, SET_COUNTRY, NULL, "test");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_moves), CASE(test_undo_moves), CASE(test_others_move), CASE(test_survey), CASE_PBX(test_bare),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
