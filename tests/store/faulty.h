/*
 * A driver round the real one that fails on demand, as a server would: the transaction is gone, the connection is dead, or
 * COMMIT did its work and its answer was lost. Whatever the store then sends without having rolled back or connected
 * again is counted: a real server would have committed it by itself.
 */
#ifndef DIDCTL_TEST_FAULTY_H
#define DIDCTL_TEST_FAULTY_H

#include "tests/store/fixture.h"

struct faults {
	enum sql_class why; /* target.why points here: that is how open finds its faults */
	const struct sql_driver *inner;
	unsigned at;	      /* which call fails: begin, exec, query, fetch and commit count, from 1; 0: none */
	bool again;	      /* and so does every one after it, or each write after at_write */
	const char *fail_before; /* the statement that starts so fails instead */
	unsigned fail_passes;	 /* after so many of them */
	bool in_commit;	      /* the next COMMIT fails instead */
	bool does_it_all_the_same; /* COMMIT's answer alone is lost */
	unsigned at_write;    /* which write that counts its rows meets others than were read; from 1; 0: none */
	bool is_duplicate;    /* and it is a row that is there already */
	enum sql_class class;
	bool then_fails;      /* after the first fault every call does */
	enum sql_class then;  /* for this reason */
	bool forever_closed;	   /* no new connection after the fault */
	const char *hook_before;   /* what a statement starts with before which the hook runs, once; "BEGIN" and "OPEN" are some */
	unsigned hook_passes;	   /* how many such statements go by before */
	void (*hook)(struct fixture *f);
	struct fixture *fixture;

	unsigned calls, writes, fired, violations;
	bool has_committed, fired_after_commit;
	struct sql_driver driver;
};

struct sql {
	struct faults *faults;
	struct sql *inner;
	enum sql_class class;
	bool has_failed;  /* only rollback, done and close may follow */
	bool is_dead;	  /* only close may follow */
};

static inline bool kills_connection(enum sql_class class)
{
	return class == SQL_LOST || class == SQL_NODE || class == SQL_NEVER_STARTED;
}

static inline int faulty_fail(struct sql *sql, struct err *err)
{
	struct faults *faults = sql->faults;

	sql->class = faults->then_fails && faults->fired ? faults->then : faults->class;
	sql->has_failed = true;
	faults->fired++;
	faults->fired_after_commit = faults->has_committed;
	if (sql->class == SQL_ROLLED_BACK || kills_connection(sql->class))
		faults->inner->rollback(sql->inner);
	sql->is_dead = kills_connection(sql->class);
	return err_set(err, ERR_FAILED, "injected");
}

/* Whether the statement is the one that fails. */
static inline bool faulty_meets(struct faults *faults, const char *text)
{
	return faults->fail_before && !faults->fired && strncmp(text, faults->fail_before, strlen(faults->fail_before)) == 0 &&
	       !faults->fail_passes--;
}

/* Before each call: has the store gone on after an error, and is this the call that fails? */
static inline bool faulty_fires(struct sql *sql)
{
	struct faults *faults = sql->faults;

	if (sql->has_failed)
		faults->violations++;
	faults->calls++;
	return faults->calls == faults->at || (faults->again && faults->at && faults->calls > faults->at) ||
	       (faults->then_fails && faults->fired);
}

/* What makes a row, or gives one another number. */
static inline bool may_be_duplicate(const char *text)
{
	return strncmp(text, "INSERT", 6) == 0 || strstr(text, " SET number = ");
}

/* Others were faster: it is there already, or the write finds one row more than there ought to be. */
static inline int faulty_race(struct sql *sql, uint64_t *affected, struct err *err)
{
	struct faults *faults = sql->faults;

	sql->has_failed = true;
	faults->fired++;
	if (!faults->is_duplicate) {
		++*affected;
		return 0;
	}
	sql->class = SQL_DUPLICATE;
	return err_set(err, ERR_FAILED, "injected: it is there already");
}

static inline void faulty_hook(struct faults *faults, const char *text)
{
	if (!faults->hook_before || strncmp(text, faults->hook_before, strlen(faults->hook_before)) != 0)
		return;
	if (faults->hook_passes) {
		faults->hook_passes--;
		return;
	}
	faults->hook_before = NULL;
	faults->hook(faults->fixture);
}

static inline int faulty_open(struct sql **out, const struct sql_target *target, struct err *err)
{
	struct faults *faults = (struct faults *)(void *)((char *)target->why - offsetof(struct faults, why));
	struct sql *sql;

	*out = NULL;
	faulty_hook(faults, "OPEN");
	if (faults->forever_closed && faults->fired)
		return err_set(err, ERR_TARGET, "injected: no connection");
	sql = xcalloc(1, sizeof(*sql));
	sql->faults = faults;
	if (faults->inner->open(&sql->inner, target, err) < 0) {
		free(sql);
		return ERR_TARGET;
	}
	*out = sql;
	return 0;
}

static inline void faulty_close(struct sql *sql)
{
	if (sql)
		sql->faults->inner->close(sql->inner);
	free(sql);
}

static inline int faulty_result(struct sql *sql, int rc)
{
	if (rc < 0)
		sql->class = sql->faults->inner->error_class(sql->inner);
	return rc;
}

static inline int faulty_begin(struct sql *sql, bool write, struct err *err)
{
	faulty_hook(sql->faults, "BEGIN");
	if (faulty_fires(sql))
		return faulty_fail(sql, err);
	return faulty_result(sql, sql->faults->inner->begin(sql->inner, write, err));
}

static inline int faulty_commit(struct sql *sql, struct err *err)
{
	struct faults *faults = sql->faults;

	if (!faulty_fires(sql) && !(faults->in_commit && !faults->fired)) {
		faults->has_committed = true;
		return faulty_result(sql, faults->inner->commit(sql->inner, err));
	}
	if (faults->does_it_all_the_same && faults->inner->commit(sql->inner, err) < 0)
		fail_msg("%s", err->text);
	return faulty_fail(sql, err);
}

static inline void faulty_rollback(struct sql *sql)
{
	if (!sql)
		return;
	sql->has_failed = sql->is_dead;
	sql->faults->inner->rollback(sql->inner);
}

static inline int faulty_exec(struct sql *sql, const char *text, const struct value *params, size_t n,
			      uint64_t *affected, struct err *err)
{
	int rc;

	faulty_hook(sql->faults, text);
	if (faulty_fires(sql) || faulty_meets(sql->faults, text))
		return faulty_fail(sql, err);
	rc = faulty_result(sql, sql->faults->inner->exec(sql->inner, text, params, n, affected, err));
	if (rc < 0 || !affected || !sql->faults->at_write || (sql->faults->is_duplicate && !may_be_duplicate(text)))
		return rc;
	if (++sql->faults->writes < sql->faults->at_write)
		return rc;
	return sql->faults->writes == sql->faults->at_write || sql->faults->again ? faulty_race(sql, affected, err) : rc;
}

static inline int faulty_query(struct sql *sql, const char *text, const struct value *params, size_t n, struct err *err)
{
	faulty_hook(sql->faults, text);
	if (faulty_fires(sql) || faulty_meets(sql->faults, text))
		return faulty_fail(sql, err);
	return faulty_result(sql, sql->faults->inner->query(sql->inner, text, params, n, err));
}

static inline int faulty_fetch(struct sql *sql, const struct value **row, struct err *err)
{
	if (faulty_fires(sql)) {
		sql->faults->inner->done(sql->inner);
		return faulty_fail(sql, err);
	}
	return faulty_result(sql, sql->faults->inner->fetch(sql->inner, row, err));
}

static inline void faulty_done(struct sql *sql)
{
	if (sql)
		sql->faults->inner->done(sql->inner);
}

static inline void faulty_set_timeout(struct sql *sql, int seconds)
{
	sql->faults->inner->set_timeout(sql->inner, seconds);
}

static inline enum sql_class faulty_class(const struct sql *sql)
{
	return sql ? sql->class : SQL_NEVER_STARTED;
}

static inline unsigned faulty_columns(const struct sql *sql)
{
	return sql->faults->inner->columns(sql->inner);
}

/*
 * Every second call, and on a server, which is slower, each eighth: what becomes of an error is decided above the drivers,
 * and most calls of one verb are those of others. CALL_STEP=1 takes them all.
 */
static inline unsigned call_step(const struct fixture *f)
{
	const char *step = getenv("CALL_STEP");

	return step && *step ? (unsigned)strtoul(step, NULL, 10) : is_mysql(f) ? 8 : 2;
}

/* Puts the wrapper under an open store; faults must outlive it. */
static inline void faults_install(struct faults *faults, struct fixture *f)
{
	struct sql_store *s = (struct sql_store *)f->store;
	struct sql *sql = xcalloc(1, sizeof(*sql));

	faults->fixture = f;
	faults->inner = s->driver;
	faults->driver = (struct sql_driver){
		.name = s->driver->name,
		.dialect = s->driver->dialect,
		.open = faulty_open,
		.close = faulty_close,
		.set_timeout = faulty_set_timeout,
		.begin = faulty_begin,
		.commit = faulty_commit,
		.rollback = faulty_rollback,
		.exec = faulty_exec,
		.query = faulty_query,
		.fetch = faulty_fetch,
		.done = faulty_done,
		.error_class = faulty_class,
		.columns = faulty_columns,
	};
	*sql = (struct sql){.faults = faults, .inner = s->db};
	s->driver = &faults->driver;
	s->db = sql;
	s->target.why = &faults->why;
}

#endif
