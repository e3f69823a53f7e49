/*
 * What a store can do, whatever is behind it: a database (sqlite:, mysql://) or a REST API (https://). Nobody
 * includes a backend: each is one extern const struct store_ops, listed in store.c.
 */
#ifndef DIDCTL_STORE_H
#define DIDCTL_STORE_H

#include "base/conf.h"
#include "did/check.h"
#include "did/plan.h"

struct store;

enum store_access {
	STORE_READ, STORE_WRITE,
	STORE_CREATE, /* may make the SQLite file */
	STORE_CHECK,  /* reads what STORE_CREATE would make something of, if only a file that is not there yet */
	STORE_SURVEY, /* reads a target that is there, whatever it holds */
};

enum capability {
	CAN_KEEP_HISTORY = 1, /* didctl's own tables are there: history, holds, locks, notes, undo */
	CAN_LIST_NUMBERS = 2, CAN_LIST_ORGS = 4, CAN_LIST_USERS = 8, /* the PBX's tables are */
	CAN_VERIFY_HISTORY = 16, /* its own tables are of this version: the history has its hashes */
	CAN_ROLL_BACK = 32, /* a change is one transaction; an API is sent many requests, --jobs at once */
	CAN_SURVEY = 64, /* tables, rights and settings can be looked at */
	CAN_REGENERATE = 128, /* it brings the inventory to the switch itself, where it is asked to */
	CAN_KEEP_SERVICES = 256, /* emergency addresses and names, and what their providers said */
	CAN_KEEP_PORTS = 512, /* port orders */
};

enum listing {
	LIST_NUMBERS, LIST_ORGS, LIST_USERS, LIST_CHANGES, LIST_EVENTS, LIST_LOCATIONS,
	LIST_PORTS, LIST_PORT_NUMBERS, LIST_PORT_DOCUMENTS, LIST_PORT_EVENTS, /* columns of did/port.h */
	LIST_PORT_MAIL, /* the same */
	LIST_PORT_PARTS, /* one column: the bytes of a document, in pieces */
};

struct sort_key {
	int column; /* index in the listing's column table */
	bool is_descending;
};

struct query {
	enum listing listing;
	const int *columns; /* what each row has, in this order: indices in did_columns, org_columns, ... */
	size_t ncolumns;
	const struct selection *selection; /* numbers; events: whose */
	const struct sort_key *sort;
	size_t nsort;
	uint64_t limit; /* 0: none */
	/* changes and events */
	const char *since, *until, *actor, *change_id; /* times as RFC 3339 text; NULL: any */
	/* orgs, users and locations: by id, name (label) or prefix in whole; NULL: all. prefix_of: names that begin so (completion) */
	const char *name, *org, *prefix_of;
	bool newest_first;
	bool is_half_done; /* changes: those in pieces that are not complete, and were not undone */
	/* port orders, their numbers, documents and events: of one order; in one of the states (0: any); with a number */
	const char *port, *number; /* a serial; a key's digits; NULL: any */
	unsigned port_states;
	const char *document; /* parts: its id */
};

struct init_options {
	const char *country; /* or NULL: leave what is there */
	bool demo, check;
};

/* One line per thing that init made or, with check, found missing. */
struct init_report {
	struct strlist lines;
	bool is_complete; /* nothing was missing */
	struct arena arena;
};

/* What sealing the history did (doctor history --seal). */
struct seal_report {
	uint64_t changes; /* that were sealed now */
	uint64_t seals;	  /* that there are now */
	char head[65];	  /* hash of the last seal, hex; empty: nothing was ever sealed */
};

enum outcome {
	OUTCOME_COMMITTED, OUTCOME_NOT_THERE,
	OUTCOME_OPEN,	/* somebody is at it */
	OUTCOME_PARTLY, /* broken off: a change in pieces, or over an API */
};

/*
 * Opens the target of the settings. timeout_s: for each answer; 0: 10 s for reading, 300 s for the statements of a
 * change. ERR_TARGET when there is no target or it cannot be used.
 */
int store_open(struct store **out, const struct conf *conf, enum store_access access, int timeout_s, struct err *err);
void store_close(struct store *store);

/*
 * Of a target with several hosts the one that is used, "HOST:PORT"; *passed gets those before it with the reason of each, or
 * NULL. NULL: there is nothing to choose. Both live as long as the connection.
 */
const char *store_host(const struct store *store, const char **passed);
const struct country *store_country(const struct store *store); /* the inventory's, else the settings', else NULL */
/* All of these; an API is asked for its lists the first time. Not while a query is open. */
bool store_can(struct store *store, unsigned capabilities);

/*
 * Rows, streamed: store_query, then store_next until it gives 0 (1: *row has the query's ncolumns values, valid until the
 * next call), then store_done, which may also come early. One query at a time.
 */
int store_query(struct store *store, const struct query *query, struct err *err);
int store_next(struct store *store, const struct value **row, struct err *err);
void store_done(struct store *store);

/*
 * Between the two every query sees the inventory as it was at the first of them, whatever others commit meanwhile:
 * what regen renders has to be of one moment.
 */
int store_begin_snapshot(struct store *store, struct err *err);
void store_end_snapshot(struct store *store);

/*
 * How far the inventory is, for the switch's files: the sequence of the last change that moved calls; 0: there was none,
 * or no history is kept. Then what regen has brought to the switch: noted, and read; 0: nothing yet.
 */
int store_generation(struct store *store, uint64_t *out, struct err *err);
int store_live(struct store *store, uint64_t *out, struct err *err);
int store_set_live(struct store *store, uint64_t generation, struct err *err); /* wants STORE_WRITE */

/*
 * Only where it can: has the dispatcher written anew and the switch reloaded. *routes: how many lines lead to an
 * organisation. ERR_FAILED: written, but the switch was not reloaded.
 */
int store_regenerate(struct store *store, uint64_t *routes, struct err *err);

/* An organisation by id, name or context prefix in whole. ERR_ABSENT, or ERR_REFUSED when several match (5 named). */
int store_find_org(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err);
/* A user by id or name. */
int store_find_user(struct store *store, const char *text, struct user *out, struct arena *arena, struct err *err);

/*
 * Applies a change, all of it or nothing (with change->partial: all that may change), retrying what may be retried, or
 * with change->dry_run decides only. The plan (empty before) says what was done, also when ERR_REFUSED is returned:
 * then it lists every offender. ERR_UNKNOWN: the outcome is open.
 */
int store_apply(struct store *store, const struct change *change, struct plan *plan, struct err *err);

/*
 * The outbox: the mail that changes have caused. Claiming takes the oldest message that is due, for a time that is longer
 * than any attempt, so that nobody else sends it meanwhile; a message waits while an older one to the same address does. 1:
 * *out, in the arena; 0: nothing is due, or the store has no outbox. Settling notes how the attempt ended; error: why, or
 * NULL. Both want STORE_WRITE.
 */
int store_outbox_claim(struct store *store, struct outgoing *out, struct arena *arena, struct err *err);
int store_outbox_settle(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			struct err *err);
/* Makes what was given up in the last OUTGOING_TOLD_DAYS due again; *n: how many messages that are. */
int store_outbox_resend(struct store *store, uint64_t *n, struct err *err);

int store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err);
/*
 * For a command that takes no change id. 1: a change that asked for just this was broken off, and applied under its id, *id,
 * it goes on; 0: there is none, as always where a change is one transaction.
 */
int store_broken_off(struct store *store, const struct change *change, char id[UUID_TEXT], struct err *err);
int store_init(struct store *store, const struct init_options *options, struct init_report *report, struct err *err);

/* The row of a number as it was at a time (RFC 3339): values by did_field. 1 found, 0 not there then, or an error. */
int store_at(struct store *store, const struct selection *selection, const char *time, struct value row[DID_FIELDS],
	     struct arena *arena, struct err *err);

/*
 * What the target itself is like: tables, columns, rights, settings (the checks of SCOPE_TARGET in the mask of
 * CHECK_BITs). Reads only, and copes with whatever is there.
 */
int store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err);
/*
 * Verifies the history (CHECK_HISTORY: the hash of every change, the seals) and replays it to the rows (CHECK_REPLAY),
 * as the mask says. progress may be NULL.
 */
int store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress, struct err *err);
/* Chains the changes that are not sealed yet to the last seal. Opened with STORE_WRITE. */
int store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err);

struct store_ops {
	const char *scheme; /* "sqlite:", "mysql://" */
	int (*open)(struct store **out, const struct conf *conf, const char *url, enum store_access access, int timeout_s,
		    struct err *err);
	void (*close)(struct store *store);
	const struct country *(*country)(const struct store *store);
	const char *(*host)(const struct store *store, const char **passed); /* NULL: it has no hosts to choose from */
	unsigned (*capabilities)(struct store *store, unsigned asked); /* those that it has, perhaps with others */
	int (*query)(struct store *store, const struct query *query, struct err *err);
	int (*next)(struct store *store, const struct value **row, struct err *err);
	void (*done)(struct store *store);
	int (*begin_snapshot)(struct store *store, struct err *err);
	void (*end_snapshot)(struct store *store);
	int (*generation)(struct store *store, uint64_t *out, struct err *err);
	int (*live)(struct store *store, uint64_t *out, struct err *err);
	int (*set_live)(struct store *store, uint64_t generation, struct err *err);
	int (*regenerate)(struct store *store, uint64_t *routes, struct err *err); /* with CAN_REGENERATE */
	int (*find_org)(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err);
	int (*find_user)(struct store *store, const char *text, struct user *out, struct arena *arena, struct err *err);
	int (*apply)(struct store *store, const struct change *change, struct plan *plan, struct err *err);
	int (*outbox_claim)(struct store *store, struct outgoing *out, struct arena *arena, struct err *err);
	int (*outbox_settle)(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			     struct err *err); /* NULL beside a NULL outbox_claim, and so is the next */
	int (*outbox_resend)(struct store *store, uint64_t *n, struct err *err);
	int (*resolve)(struct store *store, const char *change_id, enum outcome *out, struct err *err);
	int (*broken_off)(struct store *store, const struct change *change, char id[UUID_TEXT], struct err *err); /* or NULL */
	int (*init)(struct store *store, const struct init_options *options, struct init_report *report, struct err *err);
	int (*at)(struct store *store, const struct selection *selection, const char *time, struct value row[DID_FIELDS],
		  struct arena *arena, struct err *err);
	int (*survey)(struct store *store, uint64_t checks, struct finder *finder, struct err *err);
	int (*verify)(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		      struct err *err);
	int (*seal)(struct store *store, struct seal_report *report, struct progress *progress, struct err *err);
};

struct store {
	const struct store_ops *ops;
};

/* The backends; store.c picks one by its scheme. */
extern const struct store_ops sqlite_store_ops, mysql_store_ops, https_store_ops, http_store_ops;

#endif
