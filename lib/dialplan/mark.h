/*
 * By what a file of the switch is known as ours: its first line, and at its end an extension that nobody
 * calls, which the running switch is asked for as proof that it has loaded this very file (dialplan.md).
 */
#ifndef DIDCTL_MARK_H
#define DIDCTL_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sha2.h>

#include "base/buf.h"
#include "dialplan/routes.h"

#define MARK_SHA256  65
#define MARK_EXTEN   24
#define MARK_CONTEXT "didctl-meta"

struct mark {
	uint64_t generation; /* the sequence of the last change that moved calls */
	char sha256[MARK_SHA256];
};

/* "; written by didctl: generation 42, sha256 9f...; changes made here are overwritten" and a newline. */
void mark_head(struct buf *out, const struct mark *mark);
/* Reads that line, without its newline; false unless it is exactly what mark_head writes. */
bool mark_read(struct mark *out, const char *line, size_t len);

/* "gen-" and the first 16 digits of the hash. */
char *mark_exten(const struct mark *mark, char out[MARK_EXTEN]);
/*
 * The last two lines: the context, and the marker in it. context: MARK_CONTEXT, or what mark_context gives.
 */
void mark_tail(struct buf *out, const struct mark *mark, const char *context);
/* The context of an organisation's marker, "didctl-meta-org_mnd5khym": all in one would load slowly. */
void mark_context(struct buf *out, const char *prefix);

/*
 * The hash: over the routes and not the bytes, which are six times as many. Each section (a context) adds its
 * name and a newline. Each route adds its target's name and a newline where that is new, four bytes with how
 * many came before that name, and the eight bytes of its key; numbers highest byte first.
 */
struct mark_hash {
	SHA2_CTX sha;
	uint32_t *ordinals; /* by target: how many names it took until this one came; 0: it has not come */
	size_t n;
	uint32_t count;
};

void mark_hash_init(struct mark_hash *hash);
void mark_hash_section(struct mark_hash *hash, const char *name);
void mark_hash_route(struct mark_hash *hash, const struct names *names, struct route route);
void mark_hash_key(struct mark_hash *hash, uint64_t key);	   /* a key by itself */
void mark_hash_end(struct mark_hash *hash, char out[MARK_SHA256]); /* frees, too: to be called in any case */

#endif
