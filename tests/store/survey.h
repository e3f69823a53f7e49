/* What the tests of a survey share: the findings, and tables that are made anew for each case. */
#ifndef DIDCTL_TEST_SURVEY_H
#define DIDCTL_TEST_SURVEY_H

#include <fcntl.h>
#include <sys/stat.h>

#include "store/sql/layout.h"
#include "tests/store/fixture.h"

#define TARGET_CHECKS \
	(CHECK_BIT(CHECK_TABLES) | CHECK_BIT(CHECK_COLUMNS) | CHECK_BIT(CHECK_INTEGRITY) | \
	 CHECK_BIT(CHECK_SETUP) | CHECK_BIT(CHECK_RIGHTS) | CHECK_BIT(CHECK_CHARSET) | \
	 CHECK_BIT(CHECK_SERVER))
/* The server of the tests is fast instead of safe, and says so. */
#define HEALTHY_CHECKS(f) (TARGET_CHECKS & (is_mysql(f) ? ~CHECK_BIT(CHECK_SERVER) : UINT64_MAX))

/* ---- findings */

struct findings {
	struct finder finder;
	struct fixture *f;
	struct strlist lines; /* "check: detail" */
	struct strlist fixes;
	int answer;
};

static inline int found(struct finder *finder, const struct finding *finding, struct err *err)
{
	struct findings *all = (struct findings *)finder;

	assert_null(finding->number);
	assert_non_null(finding->fix);
	strlist_add(&all->lines,
		    arena_printf(&all->f->arena, "%s: %s", check_info[finding->check].name, finding->detail));
	strlist_add(&all->fixes, arena_strdup(&all->f->arena, finding->fix));
	return all->answer < 0 ? err_set(err, all->answer, "enough") : 0;
}

static inline void forget(struct findings *all)
{
	strlist_release(&all->lines);
	strlist_release(&all->fixes);
}

static inline struct findings survey_open(struct fixture *f, uint64_t checks)
{
	struct findings all = {.finder = {found}, .f = f};

	if (store_survey(f->store, checks, &all.finder, &f->err))
		fail_msg("survey: %s", f->err.text);
	return all;
}

static inline struct findings survey(struct fixture *f, uint64_t checks)
{
	if (open_store(f, STORE_READ))
		fail_msg("open: %s", f->err.text);
	return survey_open(f, checks);
}

static inline void assert_silent(struct fixture *f, uint64_t checks, const char *when)
{
	struct findings all = survey(f, checks);

	if (all.lines.n)
		fail_msg("%s: %s (%s)", when, all.lines.at[0], all.fixes.at[0]);
	forget(&all);
}

/* The fix of the finding that says this. */
static const char *fix_of(const struct findings *all, const char *detail)
{
	for (size_t i = 0; i < all->lines.n; i++)
		if (strstr(all->lines.at[i], detail))
			return all->fixes.at[i];
	for (size_t i = 0; i < all->lines.n; i++)
		print_message("# %s\n", all->lines.at[i]);
	fail_msg("nobody says '%s'", detail);
	return NULL;
}

/* What a person would paste: into didctl, or the statement without the remark behind it. */
static inline void mend(struct fixture *f, const char *fix)
{
	if (strncmp(fix, "didctl init", strlen("didctl init")) == 0)
		init_store(f);
	else
		pbx(f, "%.*s", (int)strcspn(fix, ";"), fix);
}

/* ---- made anew for each case, which leaves the tables as it likes */

static inline void end_store(struct fixture *f)
{
	store_close(f->store); /* SQLite alters no table that another connection reads */
	f->store = NULL;
}

/* SQLite: the file as init made it, beside the one in use. */
static const char *kept_file(struct fixture *f)
{
	return arena_printf(&f->arena, "%s.kept", f->path);
}

static inline void copy_file(const char *from, const char *to)
{
	char data[1 << 16];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	assert_true(in && out);
	while ((n = fread(data, 1, sizeof(data), in)))
		assert_int_equal(fwrite(data, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static inline void renew_file(struct fixture *f)
{
	end_store(f);
	f->driver->close(f->pbx);
	f->pbx = NULL;
	unlink(arena_printf(&f->arena, "%s-wal", f->path));
	unlink(arena_printf(&f->arena, "%s-shm", f->path));
	copy_file(kept_file(f), f->path);
	connect_pbx(f);
}

static inline void drop(struct fixture *f, const char *table)
{
	if (strcmp(ask(f,
		       "SELECT table_type FROM information_schema.tables WHERE table_schema = DATABASE()"
		       " AND table_name = '%s'",
		       table),
		   "VIEW\n") == 0)
		pbx(f, "DROP VIEW %s", table);
	pbx(f, "DROP TABLE IF EXISTS %s", table);
}

/* MariaDB: the tables that the statements name; without statements all. */
static inline void renew_tables(struct fixture *f, const char *touched)
{
	bool own = !touched || strstr(touched, "didctl_");

	end_store(f);
	drop(f, "renamed");
	for (size_t i = 0; i < ARRAY_SIZE(pbx_names); i++) {
		if (touched && !strstr(touched, pbx_names[i]))
			continue;
		drop(f, pbx_names[i]);
		pbx(f, "CREATE TABLE %s LIKE kept_%s", pbx_names[i], pbx_names[i]);
	}
	for (size_t i = 0; own && i < ARRAY_SIZE(own_tables); i++)
		drop(f, own_tables[i]);
	if (own)
		init_store(f);
}

static inline void renew_touched(struct fixture *f, const char *touched)
{
	if (is_mysql(f))
		renew_tables(f, touched);
	else
		renew_file(f);
}

static inline void renew(struct fixture *f)
{
	renew_touched(f, NULL);
}

static inline int set_up_survey(void **state)
{
	struct fixture *f = *state;

	set_up(state);
	end_store(f);
	if (!is_mysql(f))
		copy_file(f->path, kept_file(f));
	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(pbx_names); i++) {
		pbx(f, "DROP TABLE IF EXISTS kept_%s", pbx_names[i]);
		pbx(f, "CREATE TABLE kept_%s LIKE %s", pbx_names[i], pbx_names[i]);
	}
	return 0;
}

static inline int tear_down_survey(void **state)
{
	struct fixture *f = *state;

	conf_override(f->conf, SET_TARGET, f->url, "test");
	renew(f);
	for (size_t i = 0; is_mysql(f) && i < ARRAY_SIZE(pbx_names); i++)
		pbx(f, "DROP TABLE IF EXISTS kept_%s", pbx_names[i]);
	if (!is_mysql(f))
		unlink(kept_file(f));
	return tear_down(state);
}

#define CASE_SURVEY(test) \
	{ \
#test, test, set_up_survey, tear_down_survey, NULL \
	}

enum where { SQLITE = 1, MYSQL = 2, BOTH = 3 };

#endif
