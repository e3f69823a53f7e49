#include "dialplan/mark.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BEFORE "; written by didctl: generation "
#define HEAD_MIDDLE ", sha256 "
#define HEAD_AFTER  "; changes made here are overwritten"
#define HEX_DIGITS  "0123456789abcdef"

void mark_head(struct buf *out, const struct mark *mark)
{
	buf_printf(out, HEAD_BEFORE "%" PRIu64 HEAD_MIDDLE "%s" HEAD_AFTER "\n", mark->generation,
		   mark->sha256);
}

/* Reads loosely, writes what it has read, and compares. */
bool mark_read(struct mark *out, const char *line, size_t len)
{
	struct mark mark = {0};
	struct buf again = {0};
	size_t at = strlen(HEAD_BEFORE);
	bool is_same;

	for (; at < len && line[at] >= '0' && line[at] <= '9' && mark.generation < UINT64_MAX / 10; at++)
		mark.generation = mark.generation * 10 + (uint64_t)(line[at] - '0');
	at += strlen(HEAD_MIDDLE);
	if (at + MARK_SHA256 > len)
		return false;
	memcpy(mark.sha256, line + at, MARK_SHA256 - 1);
	if (strspn(mark.sha256, HEX_DIGITS) != MARK_SHA256 - 1)
		return false;
	mark_head(&again, &mark);
	is_same = again.len == len + 1 && memcmp(again.data, line, len) == 0;
	buf_release(&again);
	if (is_same)
		*out = mark;
	return is_same;
}

char *mark_exten(const struct mark *mark, char out[MARK_EXTEN])
{
	snprintf(out, MARK_EXTEN, "gen-%.16s", mark->sha256);
	return out;
}

void mark_context(struct buf *out, const char *prefix)
{
	buf_printf(out, MARK_CONTEXT "-%s", prefix);
}

void mark_tail(struct buf *out, const struct mark *mark, const char *context)
{
	char exten[MARK_EXTEN];

	buf_printf(out, "[%s]\nexten => %s,1,NoOp()\n", context, mark_exten(mark, exten));
}

void mark_hash_init(struct mark_hash *hash)
{
	*hash = (struct mark_hash){0};
	SHA256Init(&hash->sha);
}

static void add_line(struct mark_hash *hash, const char *text)
{
	SHA256Update(&hash->sha, (const uint8_t *)text, strlen(text));
	SHA256Update(&hash->sha, (const uint8_t *)"\n", 1);
}

void mark_hash_section(struct mark_hash *hash, const char *name)
{
	add_line(hash, name);
}

/* How many names came before this one, plus one. */
static uint32_t ordinal_of(struct mark_hash *hash, const struct names *names, uint32_t target)
{
	size_t had = hash->n;

	if (target >= had) {
		hash->n = names->n * 2;
		hash->ordinals = xrealloc(hash->ordinals, hash->n, sizeof(*hash->ordinals));
		memset(hash->ordinals + had, 0, (hash->n - had) * sizeof(*hash->ordinals));
	}
	if (hash->ordinals[target] == 0) {
		hash->ordinals[target] = ++hash->count;
		add_line(hash, names->at[target]);
	}
	return hash->ordinals[target];
}

void mark_hash_route(struct mark_hash *hash, const struct names *names, struct route route)
{
	uint32_t ordinal = htobe32(ordinal_of(hash, names, route.target) - 1);
	uint64_t key = htobe64(route.key);
	uint8_t bytes[sizeof(ordinal) + sizeof(key)];

	memcpy(bytes, &ordinal, sizeof(ordinal));
	memcpy(bytes + sizeof(ordinal), &key, sizeof(key));
	SHA256Update(&hash->sha, bytes, sizeof(bytes));
}

void mark_hash_key(struct mark_hash *hash, uint64_t key)
{
	uint64_t bytes = htobe64(key);

	SHA256Update(&hash->sha, (const uint8_t *)&bytes, sizeof(bytes));
}

void mark_hash_end(struct mark_hash *hash, char out[MARK_SHA256])
{
	SHA256End(&hash->sha, out);
	free(hash->ordinals);
	hash->ordinals = NULL;
}
