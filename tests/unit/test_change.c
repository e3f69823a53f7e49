/* The hash of a request: what a replay of a change id must repeat, and what it need not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "did/change.h"

#define HASH_TEXT 65

static struct change base(void)
{
	struct change change = {.verb = VERB_EDIT, .hold_days = -1, .default_hold_days = 7, .expect = -1};

	rangeset_add(&change.selection.numbers, (struct interval){{918065978000, 12}, 30});
	rangeset_normalise(&change.selection.numbers);
	change.is_set[DID_NOTES] = true;
	change.value[DID_NOTES] = "a";
	strlist_add(&change.tags_add, "gold");
	strlist_add(&change.tags_add, "vip");
	return change;
}

static void set_verb(struct change *c)
{
	c->verb = VERB_ADD;
}

static void widen(struct change *c)
{
	c->selection.numbers.at[0].count++;
}

static void add_id(struct change *c)
{
	selection_add_id(&c->selection, "01890000-0000-7000-8000-00000000000a");
}

static void change_value(struct change *c)
{
	c->value[DID_NOTES] = "b";
}

static void empty_value(struct change *c)
{
	c->value[DID_NOTES] = "";
}

static void clear_value(struct change *c)
{
	c->value[DID_NOTES] = NULL;
}

static void unset_value(struct change *c)
{
	c->is_set[DID_NOTES] = false;
}

static void set_other_field(struct change *c)
{
	c->is_set[DID_CITY] = true;
	c->value[DID_CITY] = "a";
}

static void fake_field(struct change *c)
{
	c->value[DID_NOTES] = "a\ncity=1:a";
}

static void drop_tag(struct change *c)
{
	c->tags_add.n--;
}

static void remove_tag(struct change *c)
{
	strlist_add(&c->tags_remove, "gold");
}

static void set_to(struct change *c)
{
	c->to = STATE_RESERVED;
}

static void set_hold_days(struct change *c)
{
	c->hold_days = 0;
}

static void set_hold_text(struct change *c)
{
	c->hold_text = "30";
}

static void set_keep(struct change *c)
{
	c->keep = KEEP_ROUTE;
}

static void set_transfer(struct change *c)
{
	c->is_transfer = true;
}

static void set_allow_reserved(struct change *c)
{
	c->allow_reserved = true;
}

static void set_override(struct change *c)
{
	c->override_hold = true;
}

static void set_default(struct change *c)
{
	c->make_default = true;
}

static void set_if_absent(struct change *c)
{
	c->if_absent = true;
}

static void set_pick(struct change *c)
{
	c->pick.count = 3;
}

static void set_pick_aged(struct change *c)
{
	c->pick = (struct pick){.count = 3, .prefer_aged = true};
}

static void set_pick_contiguous(struct change *c)
{
	c->pick = (struct pick){.count = 3, .is_contiguous = true};
}

static void set_pick_pattern(struct change *c)
{
	static const struct pattern pattern = {.digit = {1, PATTERN_ANY}, .width = 2};

	c->pick = (struct pick){.count = 3, .pattern = &pattern};
}

static void set_undo(struct change *c)
{
	c->undo_of = "01890000-0000-7000-8000-00000000000a";
}

static void set_user(struct change *c)
{
	c->user_text = "a";
}

static void set_outbound(struct change *c)
{
	c->outbound = "a";
}

static void set_object(struct change *c)
{
	c->object_is_set[ORG_NAME] = true;
	c->object_value[ORG_NAME] = "a";
}

static void set_other_object(struct change *c)
{
	c->object_is_set[ORG_UNROUTED] = true;
	c->object_value[ORG_UNROUTED] = "a";
}

static void clear_object(struct change *c)
{
	c->object_is_set[ORG_UNROUTED] = true;
}

/* Each makes another request, different from all the others too. */
static void (*const other_requests[])(struct change *) = {
	set_verb, widen, add_id, change_value, empty_value, clear_value, unset_value, set_other_field,
	fake_field, drop_tag, remove_tag, set_to, set_hold_days, set_hold_text, set_keep, set_transfer,
	set_allow_reserved, set_override, set_default, set_if_absent, set_pick, set_pick_aged,
	set_pick_contiguous, set_pick_pattern, set_undo, set_user, set_outbound, set_object,
	set_other_object, clear_object,
};

static void hash_of(char out[HASH_TEXT], void (*alter)(struct change *))
{
	struct change change = base();

	if (alter)
		alter(&change);
	change_request_hash(&change, out);
	change_release(&change);
}

static void test_other_requests(void **state)
{
	char hashes[ARRAY_SIZE(other_requests) + 1][HASH_TEXT];

	(void)state;
	hash_of(hashes[ARRAY_SIZE(other_requests)], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(other_requests); i++)
		hash_of(hashes[i], other_requests[i]);
	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(hashes[i], hashes[k]);
}

static void set_what_may_differ(struct change *c)
{
	c->reason = "because";
	c->actor = "someone";
	c->host = "elsewhere";
	c->target = "sqlite:b";
	c->org_text = "Acme";
	c->expect = 30;
	c->dry_run = c->partial = c->id_given = true;
	c->now_ms = 12345;
	c->default_hold_days = 30;
	c->hold_until = "2026-11-21T10:00:00Z";
	c->pending_before = "2026-11-21T10:00:00Z";
	strcpy(c->id, "01890000-0000-7000-8000-00000000000b");
}

static void turn_tags_round(struct change *c)
{
	c->tags_add.at[0] = "vip";
	c->tags_add.at[1] = "gold";
}

static void test_same_request(void **state)
{
	static void (*const same[])(struct change *) = {set_what_may_differ, turn_tags_round};
	char hash[HASH_TEXT], first[HASH_TEXT];

	(void)state;
	hash_of(first, NULL);
	assert_int_equal(strlen(first), 64);
	assert_int_equal(strspn(first, "0123456789abcdef"), 64);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		hash_of(hash, same[i]);
		assert_string_equal(hash, first);
	}
}

/* What doctor --fix finds the second time is not what it found the first time, and yet it is asked for the same. */
static void test_checks_are_the_request(void **state)
{
	struct repair found = {CHECK_STATE, "row-1", NULL};
	struct change change = {.verb = VERB_REPAIR, .checks = CHECK_BIT(CHECK_STATE), .expect = -1};
	char first[HASH_TEXT], hash[HASH_TEXT];

	(void)state;
	change_request_hash(&change, first);
	change.repairs = (struct repairs){&found, 1, 1};
	rangeset_add(&change.selection.numbers, (struct interval){{918065978000, 12}, 1});
	change_request_hash(&change, hash);
	assert_string_equal(hash, first);
	change.checks |= CHECK_BIT(CHECK_OWNER);
	change_request_hash(&change, hash);
	assert_string_not_equal(hash, first);
	change.repairs = (struct repairs){0};
	change_release(&change);
}

/* A change that was kept with its organisation's id and the text it was named by, and the same or another one again. */
static void test_is_same(void **state)
{
	static const struct org acme = {.id = "o-acme", .name = "ACME"};
	static const struct {
		const char *text, *org_id, *org_text;
		const struct org *org; /* what the text means now */
		bool is_same;
	} kept[] = {
		{NULL, NULL, NULL, NULL, true},
		{NULL, "o-acme", "ACME", NULL, false},
		{"ACME", NULL, NULL, NULL, false},
		{"ACME", "o-acme", "ACME", NULL, true},
		{"o-acme", "o-acme", "ACME", NULL, true},
		{"org_acme", "o-acme", "ACME", &acme, true}, /* its prefix */
		{"org_acme", "o-acme", "ACME", NULL, false},
		{"Globex", "o-glob", "Globex Ltd", &acme, false},
		{"Globex", NULL, "Globex Ltd", &acme, false},
	};
	struct change change = base();
	char hash[HASH_TEXT];

	(void)state;
	change_request_hash(&change, hash);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		change.org_text = kept[i].text;
		if (change_is_same(&change, kept[i].org, hash, kept[i].org_id, kept[i].org_text) != kept[i].is_same)
			fail_msg("kept %zu", i);
		assert_false(change_is_same(&change, kept[i].org, NULL, kept[i].org_id, kept[i].org_text));
		assert_false(change_is_same(&change, kept[i].org, "00", kept[i].org_id, kept[i].org_text));
	}
	change_release(&change);
}

/* A piece is the request that it is a piece of, and each has an id of its own that anybody makes again. */
static void test_pieces(void **state)
{
	struct change whole = base(), piece = {.verb = VERB_EDIT, .part_of = &whole, .expect = -1};
	char first[HASH_TEXT], hash[HASH_TEXT], ids[3][UUID_TEXT];

	(void)state;
	change_request_hash(&whole, first);
	change_request_hash(&piece, hash);
	assert_string_equal(hash, first);
	for (uint64_t k = 0; k < ARRAY_SIZE(ids); k++)
		change_part_id("01890000-0000-7000-8000-00000000000a", k % 2, ids[k]);
	assert_true(uuid_is_valid(ids[0]));
	assert_memory_equal(ids[0], "01890000-0000-8", 15);
	assert_string_equal(ids[0], ids[2]);
	assert_string_not_equal(ids[0], ids[1]);
	change_release(&whole);
}

static void test_hashing_changes_nothing(void **state)
{
	struct change change = base();
	char hash[HASH_TEXT];

	(void)state;
	turn_tags_round(&change);
	change_request_hash(&change, hash);
	assert_string_equal(change.tags_add.at[0], "vip");
	change_release(&change);
	assert_int_equal(change.tags_add.n, 0);
	assert_true(selection_is_all(&change.selection));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_requests),
		cmocka_unit_test(test_same_request),
		cmocka_unit_test(test_checks_are_the_request),
		cmocka_unit_test(test_is_same),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_hashing_changes_nothing),
	};

	return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
