/* What the two drivers share: statements kept by text, error tables, what an error does. */
#ifndef DIDCTL_DRIVER_SHARED_H
#define DIDCTL_DRIVER_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sql/driver.h"

#define STMT_CACHE_SIZE 64

/* Prepared statements by their text; when it is full, the least recently used one goes. Zero-initialise. */
struct stmt_cache {
	struct stmt_slot {
		char *text;
		void *stmt;
		uint64_t hash, used;
	} slots[STMT_CACHE_SIZE];
	uint64_t clock;
	void (*free)(void *stmt); /* set before the first add */
};

void *stmt_cache_find(struct stmt_cache *cache, const char *text); /* NULL: not there */
void stmt_cache_add(struct stmt_cache *cache, const char *text, void *stmt);
void stmt_cache_clear(struct stmt_cache *cache);

/* One line of an error table. The first line that fits counts; what fits none is SQL_FATAL. */
struct sql_code {
	unsigned code;
	const char *text; /* has to be part of the server's message; NULL: any message */
	enum sql_class class;
	enum sql_class at_commit; /* when COMMIT itself failed so */
};

const struct sql_code *code_find(const struct sql_code *table, size_t n, unsigned code, const char *text);

/* What every connection keeps, whatever the library; the first member of each driver's struct sql. */
struct driver_state {
	const char *url;
	struct stmt_cache stmts;
	struct value *row; /* the current one: columns values */
	unsigned columns, row_cap;
	enum sql_class class;
	bool in_transaction;
	bool is_doomed; /* the server has rolled it back: whatever came next would be committed by itself */
};

void driver_set_columns(struct driver_state *s, unsigned columns); /* of the result that opens */
void driver_state_release(struct driver_state *s);

/*
 * Fills err: what the class means, the target, and the library's text, escaped, with its code if that is not 0.
 * Keeps the class. ERR_TARGET when the target cannot be reached or refuses, else ERR_FAILED; returns that.
 */
int driver_failed(struct driver_state *s, enum sql_class class, unsigned code, const char *text,
		  struct err *err);
int driver_interrupted(struct driver_state *s, struct err *err);

/* The driver's error_class and columns: struct sql begins with its state. */
enum sql_class driver_class(const struct sql *sql);
unsigned driver_columns(const struct sql *sql);

/* May a statement be sent? Not after a signal, and not into a transaction that the server has given up. */
int driver_check(struct driver_state *s, struct err *err);

#endif
