/* A PBX whose tables have fewer columns: what needs none of them goes on, and what does is refused before anything is written. */
#include "tests/store/fixture.h"

#define A "918065978000"
#define B "918065978001"

static const struct {
	const char *table, *column;
} gone[] = {
	{"did_numbers", "is_default"}, {"did_numbers", "routing_environment"}, {"did_numbers", "region"},
	{"organizations", "context_prefix"},
};

/* Under another name a column is not there. */
static void hide(struct fixture *f, bool hidden)
{
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
		pbx(f, "ALTER TABLE %s RENAME COLUMN %s%s TO %s%s", gone[i].table, gone[i].column, hidden ? "" : "_gone",
		    gone[i].column, hidden ? "_gone" : "");
	assert_int_equal(open_store(f, STORE_WRITE), 0);
}

static const char *rows(struct fixture *f)
{
	return ask(f, "SELECT number, org_id, pool_status FROM did_numbers ORDER BY number");
}

static struct change edit(struct fixture *f, enum did_field field, const char *value)
{
	struct change c = change_of(f, VERB_EDIT, A, NULL);

	c.value[field] = value;
	c.is_set[field] = true;
	return c;
}

static struct change org_edit(struct fixture *f, enum org_field field, const char *value)
{
	struct change c = change_of(f, VERB_ORG_EDIT, NULL, "ACME");

	c.object_value[field] = value;
	c.object_is_set[field] = true;
	return c;
}

static void needs(struct fixture *f, struct change c, const char *column)
{
	const char *before = rows(f);

	refused(f, c, ERR_TARGET, arena_printf(&f->arena, "table did_numbers of '%s' lacks a column that this needs: %s", f->url, column));
	assert_string_equal(f->err.hint, "didctl doctor columns");
	assert_string_equal(rows(f), before);
}

static void work_without(struct fixture *f)
{
	struct org org;
	struct change c;

	done(f, change_of(f, VERB_ADD, A "-8003", NULL));
	needs(f, edit(f, DID_REGION, "Pune"), "region");
	done(f, edit(f, DID_PROVIDER, "Jio"));
	needs(f, change_of(f, VERB_ASSIGN, A, "ACME"), "is_default");
	pbx(f, "UPDATE did_numbers SET org_id = 'o-acme', pool_status = 'assigned' WHERE number = '918065978003'");
	c = change_of(f, VERB_ASSIGN, NULL, "ACME"); /* it has a number, so that this one is no default */
	c.pick.count = 2;
	done(f, c);
	assert_string_equal(rows(f), A "|o-acme|assigned\n" B "|o-acme|assigned\n918065978002|-|available\n918065978003|o-acme|assigned\n");
	assert_int_equal(undo(f, arena_strdup(&f->arena, f->id)), 0);
	assert_string_equal(rows(f), A "|-|available\n" B "|-|available\n918065978002|-|available\n918065978003|o-acme|assigned\n");
	refused(f, org_edit(f, ORG_CONTEXT_PREFIX, "org_x"), ERR_TARGET, "context prefix");
	done(f, org_edit(f, ORG_NAME, "Acme"));
	assert_int_equal(store_find_org(f->store, "Acme", &org, &f->arena, &f->err), 0);
	assert_null(org.context_prefix);
}

static void test_lacking_columns(void **state)
{
	struct fixture *f = *state;

	hide(f, true);
	work_without(f);
	hide(f, false);
}

/* A server of which the column takes no text would keep another one. */
static void test_unfit_column(void **state)
{
	struct fixture *f = *state;

	if (!is_mysql(f)) /* there a column takes what it is given */
		return;
	done(f, change_of(f, VERB_ADD, A, NULL));
	pbx(f, "ALTER TABLE did_numbers MODIFY provider INT");
	assert_int_equal(open_store(f, STORE_WRITE), 0);
	refused(f, edit(f, DID_PROVIDER, "Jio"), ERR_TARGET, "has a column of a type that loses this: provider");
	done(f, edit(f, DID_REGION, "Pune"));
	pbx(f, "ALTER TABLE did_numbers MODIFY provider VARCHAR(255)");
}

/* Of the PBX's tables alone an organisation has a name, and nothing that didctl keeps of it. */
static void test_without_tables(void **state)
{
	struct fixture *f = *state;

	refused(f, org_edit(f, ORG_UNROUTED, "ivr:main"), ERR_TARGET, "needs didctl's own tables");
	done(f, org_edit(f, ORG_NAME, "Acme"));
	assert_string_equal(ask(f, "SELECT name FROM organizations WHERE id = 'o-acme'"), "Acme\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_lacking_columns),
		CASE(test_unfit_column),
		CASE_PBX(test_without_tables),
	};

	return run_suites(tests, ARRAY_SIZE(tests));
}
