/*
 * Inside the SQL store: what makes a falsified history show. The hash of a change is a SHA-256 over its row of
 * didctl_changes (all but the columns hash and seal) and over its rows of didctl_history in order of seq, as they are read
 * back from the database. The hash of a seal is one over the hashes of the changes under it and of the seal before.
 */
#ifndef DIDCTL_DIGEST_H
#define DIDCTL_DIGEST_H

#include <sha2.h>

#include "store/sql/sqlstore.h"

#define DIGEST_TEXT 65 /* hex, with NUL */

/* Cells one after the other, each with its length, so that nothing can be moved from one to the next; NULL is no "". */
void digest_cells(SHA2_CTX *sha, const struct value *cells, size_t n);

/* Writes the hash of a change that is complete, in the transaction that made it. */
int digest_write(struct sql_store *s, const char *change_id, struct err *err);

/* A change as it is found. */
struct digested {
	const char *id, *stored;   /* its column hash, or NULL */
	char hash[DIGEST_TEXT];	   /* what it ought to be */
	uint64_t n;		   /* its column n */
	uint64_t numbers, objects; /* what its history rows sum up to: numbers; organisations and users */
};

/* Tells of every change, in order of id, with no result open: found may run statements of its own. */
struct digest_walk {
	struct sql_store *s;
	struct progress *progress;
	int (*found)(struct digest_walk *walk, const struct digested *change, struct err *err);
};
int digest_walk(struct digest_walk *walk, struct err *err);

/* Hashes the changes that have no hash: those that were made before there was one. */
int digest_fill(struct sql_store *s, struct err *err);

#endif
