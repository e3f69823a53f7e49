/* didctl's own tables: whether they are there, of this version and whole; and what the inventory has to know beside them. */
#include <string.h>

#include "store/sql/survey.h"

static const char *init_command(struct survey *v)
{
	return v->s->country ? "didctl init" : "didctl init --country CC";
}

/*
 * An empty inventory in memory, with the tables that init makes: what the target's are compared with, so that no second
 * list of columns can differ from the first.
 */
static int make_model(struct sql_store *model, const struct sql_store *like, struct err *err)
{
	struct init_report report = {0};
	struct init_options options = {0};
	int rc;

	*model = (struct sql_store){.driver = &sqlite_driver, .conf = like->conf, .access = STORE_CREATE};
	model->target = (struct sql_target){
		.url = "sqlite:", .path = "", .conf = like->conf, .in_memory = true, .timeout_s = 1};
	rc = sqlite_driver.open(&model->db, &model->target, err);
	if (rc == 0)
		rc = sql_inspect(model, err);
	if (rc == 0)
		rc = sql_store_init(&model->store, &options, &report, err);
	strlist_release(&report.lines);
	arena_release(&report.arena);
	return rc;
}

static int tell_missing(struct survey *v, const struct layout_column *want, struct err *err)
{
	/* The longest text is TEXT on SQLite alone. */
	const char *type = sql_is_mysql(v->s) && strcmp(want->type, "TEXT") == 0 ? "LONGTEXT" : want->type;

	return survey_tell(v, CHECK_SETUP,
			   arena_printf(&v->arena, "ALTER TABLE %s ADD COLUMN %s %s;", want->table,
					survey_name(v, want->name), type),
			   err, "column %s of didctl's own table %s is missing", want->name, want->table);
}

static bool has_table(const struct survey *v, const char *name)
{
	const struct layout_table *t = layout_table(&v->layout, name);

	return t && !t->is_view;
}

static int compare(struct survey *v, const struct layout *model, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < model->ntables; i++)
		if (layout_is_own(model->tables[i].name) && !has_table(v, model->tables[i].name))
			rc = survey_tell(v, CHECK_SETUP, init_command(v), err,
					 "didctl's own table %s is missing", model->tables[i].name);
	for (size_t i = 0; rc == 0 && i < model->ncolumns; i++) {
		const struct layout_column *want = &model->columns[i];

		if (layout_is_own(want->table) && has_table(v, want->table) &&
		    !layout_column(&v->layout, want->table, want->name))
			rc = tell_missing(v, want, err);
	}
	return rc;
}

static int look_whether_whole(struct survey *v, struct err *err)
{
	struct layout wanted = {0};
	struct sql_store model;
	int rc = make_model(&model, v->s, err);

	if (rc == 0)
		rc = layout_read_tables(&model, &wanted, err);
	if (rc == 0)
		rc = layout_read_columns(&model, &wanted, err);
	if (rc == 0)
		rc = compare(v, &wanted, err);
	model.driver->close(model.db);
	arena_release(&model.arena);
	layout_release(&wanted);
	return rc;
}

static bool has_any(const struct survey *v)
{
	for (size_t i = 0; i < v->layout.ntables; i++)
		if (layout_is_own(v->layout.tables[i].name))
			return true;
	return false;
}

static int look_at_version(struct survey *v, struct err *err)
{
	if (v->s->schema_version == SCHEMA_VERSION)
		return look_whether_whole(v, err);
	if (!has_any(v))
		return survey_tell(
			v, CHECK_SETUP, init_command(v), err,
			"didctl's own tables are missing: no history, undo, holds, locks, tags and notes");
	if (v->s->schema_version == 0)
		return survey_tell(v, CHECK_SETUP, init_command(v), err,
				   "didctl_meta does not say which version didctl's own tables have");
	return survey_tell(v, CHECK_SETUP, init_command(v), err,
			   "didctl's own tables have version %ld, this didctl needs %d", v->s->schema_version,
			   SCHEMA_VERSION);
}

static int look_at_prefix(struct survey *v, struct err *err)
{
	const char *column = conf_get(v->s->conf, SET_CONTEXT_PREFIX_COLUMN, NULL);

	if (v->s->prefix_column || !v->s->has_orgs)
		return 0;
	column = column ? column : "context_prefix";
	return survey_tell(
		v, CHECK_SETUP,
		arena_printf(&v->arena, "ALTER TABLE organizations ADD COLUMN %s VARCHAR(64);",
			     survey_name(v, column)),
		err,
		"organizations has no column %s: no organisation has a context, and regen has nowhere to send its"
		" calls; if the PBX calls it otherwise, set context-prefix-column",
		column);
}

int survey_own(struct survey *v, struct err *err)
{
	int rc = survey_layout(v, err);

	if (rc == 0)
		rc = look_at_version(v, err);
	if (rc == 0)
		rc = look_at_prefix(v, err);
	if (rc == 0 && !v->s->country)
		rc = survey_tell(v, CHECK_SETUP, "didctl init --country CC", err,
				 "no country is set: numbers in national form are not understood");
	return rc;
}
