/*
 * History that cannot lie: whatever is falsified in it is found by name, what nobody falsified is silent; seals chain the
 * changes, also when two are at it; rows that others changed are found by replaying, and recorded as an external change.
 */
#include "store/sql/digest.h"
#include "tests/store/verified.h"

/* ---- a table as it was, and again */

static void keep(struct fixture *f, const char *table)
{
	pbx(f, "CREATE TABLE kept AS SELECT * FROM %s", table);
}

static void restore(struct fixture *f, const char *table)
{
	pbx(f, "DELETE FROM %s", table);
	pbx(f, "INSERT INTO %s SELECT * FROM kept", table);
}

static void forget(struct fixture *f)
{
	pbx(f, "DROP TABLE kept");
}

/* ---- a history of every kind */

static void make_org(struct fixture *f)
{
	struct change c = change_of(f, VERB_ORG_ADD, NULL, NULL);

	c.object_value[ORG_NAME] = "Initech";
	c.object_value[ORG_CONTEXT_PREFIX] = "org_init";
	c.object_is_set[ORG_NAME] = c.object_is_set[ORG_CONTEXT_PREFIX] = true;
	done(f, c);
	c = change_of(f, VERB_USER_EDIT, NULL, NULL);
	c.user_text = "Ann";
	c.object_value[USER_NAME] = "Anne";
	c.object_is_set[USER_NAME] = true;
	done(f, c);
}

static void make_history(struct fixture *f)
{
	struct change c;

	make_org(f);
	done(f, change_of(f, VERB_ADD, A "-8009", NULL));
	done(f, change_of(f, VERB_ASSIGN, A "-8004", "ACME"));
	c = change_of(f, VERB_DEFAULT_USER, NULL, NULL);
	c.user_text = "Anne";
	c.outbound = B;
	done(f, c);
	c = change_of(f, VERB_EDIT, A "-8001", NULL);
	c.value[DID_NOTES] = "quiet\n\"line\"";
	c.value[DID_PRICE] = "12.50";
	c.is_set[DID_NOTES] = c.is_set[DID_PRICE] = true;
	done(f, c);
	pbx(f, "UPDATE did_numbers SET region = 'Pune' WHERE number = '" B "'");
	done(f, change_of(f, VERB_RELEASE, B, NULL));
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	done(f, change_of(f, VERB_DELETE, "918065978008-8009", NULL));
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	done(f, change_of(f, VERB_DELETE, "918065978009", NULL));
}

static void test_healthy(void **state)
{
	struct fixture *f = *state;
	struct change c;

	assert_int_equal(seal(f, 0), 0);
	silent(f, "an empty inventory");
	make_history(f);
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'external'"), "1");
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes WHERE hash IS NULL"), "0");
	silent(f, "not sealed");
	assert_int_equal(seal(f, 1), 12);
	silent(f, "sealed");
	assert_int_equal(seal(f, 1), 0);
	done(f, change_of(f, VERB_ADD, "918065979000", NULL));
	silent(f, "one behind the seal");
	assert_int_equal(seal(f, 2), 1);
	silent(f, "two seals");
	done(f, change_of(f, VERB_LOCK, A, NULL));
	c = change_of(f, VERB_LOCK, A, NULL);
	c.id_given = true;
	done(f, c);
	assert_string_equal(ask(f, "SELECT n FROM didctl_changes WHERE id = '%s'", f->id), "0\n");
	silent(f, "one that did nothing");
	assert_int_equal(seal(f, 3), 2);
}

/* ---- falsified */

static const struct {
	const char *table, *row; /* one of its rows */
	const char *name;	 /* query for what the finding names */
} falsified[] = {
	{"didctl_changes", "verb = 'assign'", "SELECT 'change ' || id FROM didctl_changes WHERE verb = 'assign'"},
	{"didctl_history", "first = '918065978008' AND `after` IS NULL",
	 "SELECT 'change ' || change_id FROM didctl_history WHERE first = '918065978008' AND `after` IS NULL"},
	{"didctl_seals", "seal = 2", "SELECT 'seal 2'"},
};

/* One byte another one; a number one more; what is absent there. */
static void falsify(struct fixture *f, size_t i, const char *column, bool is_number)
{
	if (is_number)
		pbx(f, "UPDATE %s SET `%s` = COALESCE(`%s`, 0) + 100 WHERE %s", falsified[i].table, column, column,
		    falsified[i].row);
	else
		pbx(f,
		    "UPDATE %s SET `%s` = CASE WHEN COALESCE(`%s`, '') = '' THEN '1' ELSE SUBSTR(`%s`, 1, LENGTH(`%s`) - 1)"
		    " || CASE WHEN SUBSTR(`%s`, LENGTH(`%s`)) = '1' THEN '2' ELSE '1' END END WHERE %s",
		    falsified[i].table, column, column, column, column, column, column, falsified[i].row);
}

static bool is_number_column(const char *column)
{
	static const char *const numbers[] = {"n", "changed", "unchanged", "refused", "moves_calls", "seq", "seal", "total"};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (strcmp(column, numbers[i]) == 0)
			return true;
	return false;
}

/* The columns that the table has by now, not those that this test knows. */
static char *columns_of(struct fixture *f, const char *table)
{
	return arena_strdup(&f->arena, ask(f, is_mysql(f) ? "SELECT column_name FROM information_schema.columns WHERE"
							    " table_schema = DATABASE() AND table_name = '%s'" :
							    "SELECT name FROM pragma_table_info('%s')",
					   table));
}

static void sealed_history(struct fixture *f)
{
	make_history(f);
	seal(f, 1);
	done(f, change_of(f, VERB_ADD, "918065979000-9001", NULL));
	done(f, change_of(f, VERB_ADD, "918065979002-9003", NULL));
	seal(f, 2);
	done(f, change_of(f, VERB_ADD, "918065979004-9005", NULL));
	seal(f, 3);
	silent(f, "before it is falsified");
}

static void test_every_cell(void **state)
{
	struct fixture *f = *state;
	size_t cells = 0;

	sealed_history(f);
	for (size_t i = 0; i < ARRAY_SIZE(falsified); i++) {
		char *columns = columns_of(f, falsified[i].table), *save = NULL;
		const char *name = one(f, falsified[i].name);

		keep(f, falsified[i].table);
		for (char *c = strtok_r(columns, "\n", &save); c; c = strtok_r(NULL, "\n", &save)) {
			bool is_key = strcmp(c, "id") == 0 || strcmp(c, "change_id") == 0;
			bool is_seal = strcmp(c, "seal") == 0 && i == 0;

			falsify(f, i, c, is_number_column(c));
			finds(f, arena_printf(&f->arena, "%s.%s", falsified[i].table, c),
			      is_seal ? "which is gone" : is_key && i == 0 ? strrchr(name, ' ') + 1 : name, "");
			restore(f, falsified[i].table);
			silent(f, c);
			cells++;
		}
		forget(f);
	}
	assert_int_equal(cells, 22 + 9 + 5);
}

/* Each is one statement; %s is the table's copy to take rows from. */
static const struct {
	const char *what, *table, *statement, *finds, *also;
} forged[] = {
	{"a change taken out", "didctl_changes", "DELETE FROM didctl_changes WHERE verb = 'assign'", "is gone", "change"},
	{"a sealed change taken out", "didctl_changes", "DELETE FROM didctl_changes WHERE numbers LIKE '918065979000%'",
	 "seal 2 was put on 2 changes, 1 are there", ""},
	{"a change put in", "didctl_changes", "INSERT INTO didctl_changes (id, at, verb, n) VALUES ('forged', 'x', 'assign', 0)",
	 "change forged", "it has no hash"},
	{"a change that did nothing, with a hash", "didctl_changes",
	 "INSERT INTO didctl_changes (id, at, verb, n, hash) SELECT 'forged', at, verb, n, hash FROM kept WHERE verb = 'pool edit'",
	 "change forged", "the hash differs"},
	{"a history row taken out", "didctl_history", "DELETE FROM didctl_history WHERE first = '918065979000'",
	 "change", "it says that 2 changed, its history holds 0"},
	{"a history row put in", "didctl_history",
	 "INSERT INTO didctl_history (change_id, block, first, last, n, `after`) SELECT change_id, '918065978', '918065978007',"
	 " '918065978007', 1, '{}' FROM kept WHERE first = '918065979000'", "change", "its history holds 3"},
	{"history of no change", "didctl_history",
	 "INSERT INTO didctl_history (change_id, block, first, last, n) VALUES ('forged', 'x', 'x', 'x', 1)",
	 "change forged is gone", ""},
	{"two cells swapped", "didctl_history",
	 "UPDATE didctl_history SET `before` = `after`, `after` = (SELECT k.`before` FROM kept k WHERE k.seq = didctl_history.seq)"
	 " WHERE `before` IS NOT NULL AND `after` IS NOT NULL AND n > 1 AND block NOT LIKE '%:%'", "the hash differs", ""},
	{"two rows swapped", "didctl_history",
	 "UPDATE didctl_history SET seq = 1000000 - seq WHERE change_id = (SELECT id FROM didctl_changes WHERE verb = 'assign')",
	 "the hash differs", ""},
	{"absent made empty", "didctl_changes", "UPDATE didctl_changes SET reason = '' WHERE verb = 'assign'",
	 "the hash differs", ""},
	{"a hash taken away", "didctl_changes", "UPDATE didctl_changes SET hash = NULL WHERE verb = 'assign'",
	 "it has no hash", ""},
	{"a change moved to another seal", "didctl_changes",
	 "UPDATE didctl_changes SET seal = 1 WHERE numbers LIKE '918065979000%'", "seal 1 was put on 12 changes, 13 are there", ""},
	{"and found where it was", "didctl_changes",
	 "UPDATE didctl_changes SET seal = 1 WHERE numbers LIKE '918065979000%'", "seal 2 was put on 2 changes, 1 are there", ""},
	{"two changes that change places", "didctl_changes",
	 "UPDATE didctl_changes SET seal = 5 - seal WHERE numbers LIKE '918065979002%' OR numbers LIKE '918065979004%'",
	 "seal 3 does not hold", ""},
	{"a change taken from under its seal", "didctl_changes",
	 "UPDATE didctl_changes SET seal = NULL WHERE numbers LIKE '918065979000%'", "seal 2 was put on 2 changes, 1 are there", ""},
	{"a seal taken out", "didctl_seals", "DELETE FROM didctl_seals WHERE seal = 2", "seal 2 is gone: the next one is 3", ""},
	{"its changes, then", "didctl_seals", "DELETE FROM didctl_seals WHERE seal = 2", "is under seal 2, which is gone", ""},
	{"the last seal taken out", "didctl_seals", "DELETE FROM didctl_seals WHERE seal = 3", "is under seal 3, which is gone", ""},
	{"the chain cut", "didctl_seals", "UPDATE didctl_seals SET previous = NULL WHERE seal = 2",
	 "seal 2 does not follow the seal before it", ""},
	{"the chain bent", "didctl_seals", "UPDATE didctl_seals SET hash = CASE seal WHEN 1 THEN 'x' ELSE hash END,"
	 " previous = CASE seal WHEN 2 THEN 'x' ELSE previous END", "seal 2 does not hold", ""},
};

static void test_forged(void **state)
{
	struct fixture *f = *state;

	sealed_history(f);
	for (size_t i = 0; i < ARRAY_SIZE(forged); i++) {
		keep(f, forged[i].table);
		pbx(f, "%s", forged[i].statement);
		finds(f, forged[i].what, forged[i].finds, forged[i].also);
		restore(f, forged[i].table);
		silent(f, forged[i].what);
		forget(f);
	}
}

/* Who falsifies a change and reckons its hash anew is found by the seal. */
static void test_hash_reckoned_anew(void **state)
{
	struct fixture *f = *state;

	sealed_history(f);
	pbx(f, "UPDATE didctl_changes SET actor = 'somebody', hash = NULL WHERE numbers LIKE '918065979000%%'");
	assert_int_equal(digest_fill((struct sql_store *)f->store, &f->err), 0);
	assert_string_equal(verified(f, CHECK_BIT(CHECK_HISTORY)),
			    "history - seal 2 does not hold: it, or the hash of a change under it, is not what was written\n");
}

static void allow_recursion(struct fixture *f)
{
	if (is_mysql(f))
		pbx(f, "SET SESSION max_recursive_iterations = 20000");
}

/* More changes than are hashed side by side, and more than go under one seal. */
static void test_many_changes(void **state)
{
	struct fixture *f = *state;

	allow_recursion(f);
	pbx(f, "INSERT INTO didctl_changes (id, at, verb, n) WITH RECURSIVE k(i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM k"
	       " WHERE i < 20499) SELECT 'c' || i, 'x', 'pool add', 1 FROM k");
	pbx(f, "INSERT INTO didctl_history (change_id, block, first, last, n) SELECT id, 'org:x', 'x', 'x', 1 FROM"
	       " didctl_changes ORDER BY id DESC");
	assert_int_equal(digest_fill((struct sql_store *)f->store, &f->err), 0);
	silent(f, "10500 changes");
	assert_int_equal(seal(f, 2), 10500);
	silent(f, "two seals");
	assert_string_equal(ask(f, "SELECT seal, n FROM didctl_seals ORDER BY seal"), "1|10000\n2|500\n");
	pbx(f, "UPDATE didctl_history SET n = 2 WHERE change_id IN ('c10499', 'c10500', 'c20499')");
	finds(f, "the last of a batch", "change c10499", "");
	finds(f, "the first of a batch", "change c10500", "");
	finds(f, "the last of all", "change c20499", "holds 2");
}

/* ---- two sealers, and failing ones */

static void seal_in_between(struct fixture *f)
{
	struct store *mine = f->store;

	f->store = NULL;
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	assert_int_equal(seal(f, 1), 2);
	store_close(f->store);
	f->store = mine;
}

static void test_two_sealers(void **state)
{
	struct faults faults = {.hook_before = "INSERT INTO didctl_seals", .hook = seal_in_between};
	struct fixture *f = *state;

	if (!is_mysql(f)) /* there BEGIN IMMEDIATE lets one in at a time */
		faults.hook_before = NULL;
	done(f, change_of(f, VERB_ADD, A, NULL));
	done(f, change_of(f, VERB_ADD, B, NULL));
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	faults_install(&faults, f);
	assert_int_equal(seal(f, 1), is_mysql(f) ? 0 : 2);
	assert_int_equal(faults.violations, 0);
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	silent(f, "sealed by the other one");
}

/* Wherever it fails, and whatever came of COMMIT: each change is under one seal in the end. */
static void test_sealing_fails(void **state)
{
	static const enum sql_class classes[] = {SQL_LOST, SQL_ROLLED_BACK, SQL_STATEMENT};
	struct fixture *f = *state;
	char number[NUMBER_TEXT];
	uint64_t seals = 0;
	unsigned fired = 1;

	for (unsigned at = 1; fired; at++) {
		struct faults faults = {.at = at, .class = classes[at % 3], .does_it_all_the_same = true};
		struct seal_report report;

		snprintf(number, sizeof(number), "9180659781%02u", at);
		done(f, change_of(f, VERB_ADD, number, NULL));
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		faults_install(&faults, f);
		if (at > 3 && store_seal(f->store, &report, NULL, &f->err) < 0) /* the count before is not tried again */
			assert_true(faults.fired);
		fired = at <= 3 || faults.fired;
		assert_int_equal(faults.violations, 0);
		assert_int_equal(open_store(f, STORE_WRITE), 0);
		silent(f, number);
	}
	assert_int_equal(store_seal(f->store, &(struct seal_report){0}, NULL, &f->err), 0);
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes WHERE seal IS NULL"), "0");
	seals = strtoull(one(f, "SELECT COUNT(*) FROM didctl_seals"), NULL, 10);
	assert_true(seals > 5);
	silent(f, "in the end");
}

/* ---- replay */

static void external(struct fixture *f, const char *numbers, uint64_t changed)
{
	done(f, change_of(f, VERB_EXTERNAL, numbers, NULL));
	assert_int_equal(f->plan.changed, changed);
}

static void test_replay(void **state)
{
	struct fixture *f = *state;
	struct change c;
	const char *before, *id;

	done(f, change_of(f, VERB_ADD, A "-8009", NULL));
	done(f, change_of(f, VERB_ASSIGN, A, "ACME"));
	done(f, change_of(f, VERB_DELETE, "918065978007", NULL));
	seed(f, "918065977000", STATE_AVAILABLE, NULL); /* without any history */
	silent(f, "nobody wrote");
	pbx(f, "UPDATE did_numbers SET status = 'suspended', region = 'Pu\nne' WHERE number = '" A "'");
	pbx(f, "UPDATE did_numbers SET number = '+" B "', is_default = 0, provider = 'x' WHERE number = '" B "'");
	pbx(f, "DELETE FROM did_numbers WHERE number = '918065978005'");
	seed(f, "918065978007", STATE_RESERVED, NULL);
	assert_string_equal(verified(f, BOTH),
			    "replay " A " changed outside didctl: status was 'active', is 'suspended'; region was absent, is"
			    " 'Pu\\nne'\n"
			    "replay +" B " changed outside didctl: provider was absent, is 'x'\n"
			    "replay 918065978005 its row was deleted outside didctl\n"
			    "replay 918065978007 was deleted, and its row was made again outside didctl\n");
	before = dump(f, true);
	c = change_of(f, VERB_EXTERNAL, A "-8001 918065978003 918065978005 918065978007", NULL);
	c.dry_run = true;
	done(f, c);
	assert_string_equal(plan_text(f), A "+1 changed assigned>blocked\n" B "+1 changed available>available\n"
					  "918065978003+1 unchanged available>available\n"
					  "918065978005+1 changed available>none\n918065978007+1 changed none>reserved\n");
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes"), "3");
	external(f, A "-8001 918065978003 918065978005 918065978007", 4);
	id = arena_strdup(&f->arena, f->id);
	assert_string_equal(before, dump(f, true));
	assert_string_equal(ask(f, "SELECT verb, actor, n, changed, unchanged FROM didctl_changes WHERE id = '%s'", id),
			    "external|tester|4|4|1\n");
	silent(f, "recorded");
	external(f, A "-8001", 0);
	c = change_of(f, VERB_EDIT, B, NULL);
	c.value[DID_NOTES] = "noted";
	c.is_set[DID_NOTES] = true;
	done(f, c);
	assert_string_equal(one(f, "SELECT COUNT(*) FROM didctl_changes WHERE verb = 'external'"), "1");
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	assert_int_equal(undo(f, id), 0);
	assert_string_equal(ask(f, "SELECT status, region FROM did_numbers WHERE number = '" A "'"), "active|-\n");
	silent(f, "undone");
	refused(f, change_of(f, VERB_EXTERNAL, "918065976000", NULL), ERR_ABSENT, "may not change");
}

static void test_replay_leaves_twins_out(void **state)
{
	struct fixture *f = *state;

	done(f, change_of(f, VERB_ADD, A, NULL));
	seed(f, "+" A, STATE_RESERVED, NULL);
	pbx(f, "UPDATE did_numbers SET provider = 'x' WHERE number = '" A "'");
	silent(f, "two rows");
	pbx(f, "DELETE FROM did_numbers WHERE number = '" A "'");
	assert_string_equal(verified(f, BOTH), "replay +" A " changed outside didctl: pool_status was 'available', is"
					       " 'reserved'; price was absent, is '100.00'\n");
}

/* More history than one statement gives, in one block and in many; numbers looked up one by one and all at once. */
static void test_long_history(void **state)
{
	static const char numbers[] = "WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 11999)";
	struct fixture *f = *state;

	done(f, change_of(f, VERB_ADD, A "-8002", NULL));
	allow_recursion(f);
	pbx(f, "INSERT INTO didctl_history (change_id, block, first, last, n, `before`, `after`) %s SELECT 'x', '918065978',"
	       " '" A "', '" A "', 1, '{}', '{\"region\":\"' || i || '\"}' FROM k", numbers);
	pbx(f, "UPDATE did_numbers SET region = '11999' WHERE number = '" A "'");
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	pbx(f, "INSERT INTO did_numbers (id, number, pool_status, status, is_default, routing_environment) %s SELECT 'r' || i,"
	       " '' || (917000000000 + i * 1000), 'available', 'active', 0, 'prod' FROM k", numbers);
	pbx(f, "INSERT INTO didctl_history (change_id, block, first, last, n, `before`, `after`) %s SELECT 'y', '' ||"
	       " (917000000 + i), '' || (917000000000 + i * 1000), '' || (917000000000 + i * 1000), 1, '{}',"
	       " '{\"status\":\"active\"}' FROM k", numbers);
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	pbx(f, "UPDATE did_numbers SET status = 'inactive' WHERE number IN ('917000000000', '917009999000', '917010000000',"
	       " '917011999000', '" B "')");
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)),
			    "replay 917000000000 changed outside didctl: status was 'active', is 'inactive'\n"
			    "replay 917009999000 changed outside didctl: status was 'active', is 'inactive'\n"
			    "replay 917010000000 changed outside didctl: status was 'active', is 'inactive'\n"
			    "replay 917011999000 changed outside didctl: status was 'active', is 'inactive'\n"
			    "replay " B " changed outside didctl: status was 'active', is 'inactive'\n");
}

/* A falsified text is no reason to stop: what it says is not known, and the hash tells of it. */
static void test_replay_of_rubbish(void **state)
{
	static const char *const rubbish[][2] = { /* first and last, in the block 918065978 */
		{A, "0"}, {"9180659780000", "9180659780000"}, {A, "9180659780000"}, {"918065977999", A}, {B, A}, {A, "918065979000"},
	};
	struct fixture *f = *state;
	struct change c;

	done(f, change_of(f, VERB_ADD, A "-8002", NULL));
	c = change_of(f, VERB_EDIT, A, NULL);
	c.value[DID_REGION] = "Pune";
	c.is_set[DID_REGION] = true;
	done(f, c);
	pbx(f, "UPDATE didctl_history SET `after` = '{\"region\":' WHERE change_id = '%s'", f->id);
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	pbx(f, "UPDATE didctl_history SET `after` = '{\"region\":'");
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	pbx(f, "UPDATE didctl_history SET first = 'x', last = '999999999999'");
	assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	for (size_t i = 0; i < ARRAY_SIZE(rubbish); i++) {
		pbx(f, "UPDATE didctl_history SET first = '%s', last = '%s', `after` = '{\"region\":\"Goa\"}'", rubbish[i][0], rubbish[i][1]);
		assert_string_equal(verified(f, CHECK_BIT(CHECK_REPLAY)), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_healthy),	     CASE(test_every_cell),   CASE(test_forged),
		CASE(test_hash_reckoned_anew), CASE(test_many_changes), CASE(test_two_sealers),
		CASE(test_sealing_fails),    CASE(test_replay),	      CASE(test_replay_leaves_twins_out),
		CASE(test_long_history),     CASE(test_replay_of_rubbish),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
