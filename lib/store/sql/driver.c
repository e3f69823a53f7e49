#include "store/sql/driver_shared.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/text.h"

#define SERVER_TEXT_MAX 400

const struct sql_dialect mysql_dialect = {
	.name = "mysql",
	.upsert = " ON DUPLICATE KEY UPDATE ",
	.length = "CHAR_LENGTH",
	.null_safe_eq = "<=>",
};

const struct sql_dialect sqlite_dialect = {
	.name = "sqlite",
	.upsert = " ON CONFLICT DO UPDATE SET ",
	.length = "length",
	.null_safe_eq = "IS",
};

static uint64_t hash_text(const char *s)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211u;
	return hash;
}

void *stmt_cache_find(struct stmt_cache *cache, const char *text)
{
	uint64_t hash = hash_text(text);

	for (struct stmt_slot *slot = cache->slots; slot < cache->slots + STMT_CACHE_SIZE; slot++) {
		if (slot->text && slot->hash == hash && !strcmp(slot->text, text)) {
			slot->used = ++cache->clock;
			return slot->stmt;
		}
	}
	return NULL;
}

static void slot_release(struct stmt_cache *cache, struct stmt_slot *slot)
{
	if (slot->text)
		cache->free(slot->stmt);
	free(slot->text);
	*slot = (struct stmt_slot){0};
}

void stmt_cache_add(struct stmt_cache *cache, const char *text, void *stmt)
{
	struct stmt_slot *oldest = cache->slots; /* an empty slot was used at 0 */

	for (struct stmt_slot *slot = cache->slots; slot < cache->slots + STMT_CACHE_SIZE; slot++)
		if (slot->used < oldest->used)
			oldest = slot;
	slot_release(cache, oldest);
	*oldest = (struct stmt_slot){xstrdup(text), stmt, hash_text(text), ++cache->clock};
}

void stmt_cache_clear(struct stmt_cache *cache)
{
	for (struct stmt_slot *slot = cache->slots; slot < cache->slots + STMT_CACHE_SIZE; slot++)
		slot_release(cache, slot);
}

const struct sql_code *code_find(const struct sql_code *table, size_t n, unsigned code, const char *text)
{
	for (const struct sql_code *c = table; c < table + n; c++)
		if (c->code == code && (!c->text || strstr(text, c->text)))
			return c;
	return NULL;
}

void driver_set_columns(struct driver_state *s, unsigned columns)
{
	if (columns > s->row_cap) {
		s->row = xrealloc(s->row, columns, sizeof(*s->row));
		s->row_cap = columns;
	}
	s->columns = columns;
}

void driver_state_release(struct driver_state *s)
{
	stmt_cache_clear(&s->stmts);
	free(s->row);
}

int driver_failed(struct driver_state *s, enum sql_class class, unsigned code, const char *text,
		  struct err *err)
{
	static const struct {
		int code;
		const char *what;
	} told[] = {
		[SQL_FATAL] = {ERR_FAILED, "a statement failed on"},
		[SQL_NEVER_STARTED] = {ERR_TARGET, "cannot connect to"},
		[SQL_ROLLED_BACK] = {ERR_FAILED, "the transaction was rolled back by"},
		[SQL_STATEMENT] = {ERR_FAILED, "a statement was stopped by"},
		[SQL_NODE] = {ERR_TARGET, "refused for now by"},
		[SQL_LOST] = {ERR_TARGET, "no connection or no answer any more from"},
		[SQL_DUPLICATE] = {ERR_FAILED, "it exists already in"},
		[SQL_UNFIT] = {ERR_TARGET, "a column cannot hold this text on"},
		[SQL_NO_OBJECT] = {ERR_TARGET, "a table or column is missing in"},
		[SQL_RULE] = {ERR_TARGET, "a rule of the table itself refuses this on"},
		[SQL_TOO_LARGE] = {ERR_TARGET, "a transaction may not be as large as this one on"},
		[SQL_FULL] = {ERR_FAILED, "no room is left on the disk of"},
		[SQL_DENIED] = {ERR_TARGET, "no right for this on"},
		[SQL_STORAGE] = {ERR_FAILED, "the storage failed under"},
		[SQL_TORN] = {ERR_FAILED, "the storage failed during COMMIT under"},
	};
	struct buf shown = {0};

	text_escape(&shown, text, strlen(text), SERVER_TEXT_MAX);
	if (code)
		buf_printf(&shown, " (%u)", code);
	err_set(err, told[class].code, "%s '%s': %s", told[class].what, s->url, buf_str(&shown));
	if (class == SQL_NO_OBJECT || class == SQL_RULE)
		err_hint(err, "didctl doctor says how the tables differ from what is needed, and what mends them");
	if (class == SQL_FULL)
		err_hint(err, "make room there, then repeat the command");
	if (class == SQL_TOO_LARGE)
		err_hint(err, "--chunk N makes a large change in pieces of N numbers, each a transaction; try a tenth of them");
	buf_release(&shown);
	s->class = class;
	s->is_doomed |= s->in_transaction && (class == SQL_ROLLED_BACK || class == SQL_LOST);
	return told[class].code;
}

int driver_interrupted(struct driver_state *s, struct err *err)
{
	s->class = SQL_FATAL;
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

int driver_check(struct driver_state *s, struct err *err)
{
	if (interrupt_pending())
		return driver_interrupted(s, err);
	return s->is_doomed ? driver_failed(s, SQL_ROLLED_BACK, 0, "it has ended before this statement", err)
			    : 0;
}

enum sql_class driver_class(const struct sql *sql)
{
	return ((const struct driver_state *)sql)->class;
}

unsigned driver_columns(const struct sql *sql)
{
	return ((const struct driver_state *)sql)->columns;
}
