#include "did/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sha2.h>

#include "did/canonical.h"

static void put_count(struct buf *out, const char *name, long long value)
{
	buf_printf(out, "%s=%lld\n", name, value);
}

static void put_fields(struct buf *out, const struct change *change)
{
	for (size_t f = 0; f < DID_FIELDS; f++)
		if (change->is_set[f])
			canonical_text(out, did_columns[f].key, change->value[f]);
}

/* Columns by their place: the verb, which is in the text, says of which kind of object. */
static void put_object(struct buf *out, const struct change *change)
{
	for (size_t f = 0; f < ARRAY_SIZE(change->object_value); f++) {
		if (!change->object_is_set[f])
			continue;
		buf_printf(out, "object %zu ", f);
		canonical_text(out, "value", change->object_value[f]);
	}
}

/* In a copy of the list, so that the change itself stays as it was typed. */
static void put_tags(struct buf *out, const char *name, const struct strlist *tags)
{
	struct strlist copy = {0};

	for (size_t i = 0; i < tags->n; i++)
		strlist_add(&copy, tags->at[i]);
	canonical_set(out, name, &copy);
	strlist_release(&copy);
}

static void put_pick(struct buf *out, const struct pick *pick)
{
	struct selection pattern = {0};

	if (!pick->count)
		return;
	put_count(out, "pick", (long long)pick->count);
	put_count(out, "contiguous", pick->is_contiguous);
	put_count(out, "prefer-aged", pick->prefer_aged);
	if (pick->pattern)
		selection_add_pattern(&pattern, *pick->pattern);
	selection_to_text(out, &pattern);
	selection_release(&pattern);
}

/* In any order: which rows, what is wrong with each, and which stay. Other verbs name none, and hash as they did before. */
static void put_rows(struct buf *out, const struct change *change)
{
	struct strlist repairs = {0};
	struct arena arena = {0};

	if (change->keep_id)
		canonical_text(out, "keep-id", change->keep_id);
	if (!change->repairs.n || change->checks)
		return;
	for (size_t i = 0; i < change->repairs.n; i++) {
		const struct repair *r = &change->repairs.at[i];

		strlist_add(&repairs, arena_printf(&arena, "%s %s %s", check_info[r->check].name, r->id,
						   r->keep ? r->keep : "-"));
	}
	canonical_set(out, "repairs", &repairs);
	strlist_release(&repairs);
	arena_release(&arena);
}

/* By name, since their numbers are of this version only. */
static void put_checks(struct buf *out, uint64_t checks)
{
	for (int check = 0; check < CHECK_COUNT; check++)
		if (checks & CHECK_BIT(check))
			canonical_text(out, "check", check_names[check]);
}

/* Other verbs name none of these, and hash as they did before. */
static void put_services(struct buf *out, const struct change *change)
{
	if (change->location_text)
		canonical_text(out, "location", change->location_text);
	if (change->seen_name)
		canonical_text(out, "seen-name", change->seen_name);
	if (change->seen_location)
		canonical_text(out, "seen-location", change->seen_location);
}

/* What is secret is left out, and so is what only says whether it may be done. */
static void put_port(struct buf *out, const struct port_request *port)
{
	if (!port)
		return;
	canonical_text(out, "port", port->serial);
	for (int f = 0; f < PORT_OWN_FIELDS; f++)
		if (port->is_set[f] && f != PORT_PIN)
			canonical_text(out, port_columns[f].key, port->value[f]);
	put_count(out, "pin", port->is_set[PORT_PIN]);
	put_count(out, "removes", port->removes);
	canonical_text(out, "note", port->note);
	if (!port->document)
		return;
	canonical_text(out, "kind", port->document->kind);
	canonical_text(out, "name", port->document->name);
	canonical_text(out, "sha256", port->document->sha256);
}

/* Without the points in time that were reckoned from the clock: a replay has another one. */
static void put_request(struct buf *out, const struct change *change)
{
	canonical_text(out, "verb", verb_info[change->verb].name);
	put_checks(out, change->checks);
	if (!change->checks)
		selection_to_text(out, &change->selection);
	put_pick(out, &change->pick);
	put_fields(out, change);
	put_tags(out, "tags+", &change->tags_add);
	put_tags(out, "tags-", &change->tags_remove);
	canonical_text(out, "to", state_info[change->to].name);
	put_count(out, "hold-days", change->hold_days);
	canonical_text(out, "hold", change->hold_text);
	put_count(out, "keep", change->keep);
	put_count(out, "transfer", change->is_transfer);
	put_count(out, "allow-reserved", change->allow_reserved);
	put_count(out, "override-hold", change->override_hold);
	put_count(out, "default", change->make_default);
	put_count(out, "if-absent", change->if_absent);
	canonical_text(out, "undo-of", change->undo_of);
	canonical_text(out, "user", change->user_text);
	canonical_text(out, "outbound", change->outbound);
	put_object(out, change);
	put_services(out, change);
	put_rows(out, change);
	put_port(out, change->port);
}

void change_request_hash(const struct change *change, char out[65])
{
	struct buf text = {0};

	put_request(&text, change->part_of ? change->part_of : change);
	SHA256Data((const uint8_t *)text.data, text.len, out);
	buf_release(&text);
}

/* A UUID of version 8 (RFC 9562): the time of the change's id, so that the pieces lie near it, then bits of a hash. */
void change_part_id(const char *id, uint64_t k, char out[UUID_TEXT])
{
	char text[UUID_TEXT + 24], hash[65];
	int len = snprintf(text, sizeof(text), "%s/%llu", id, (unsigned long long)k);

	SHA256Data((const uint8_t *)text, (size_t)len, hash);
	snprintf(out, UUID_TEXT, "%.14s8%.3s-%c%.3s-%.12s", id, hash, "89ab"[hash[3] & 3], hash + 4, hash + 7);
}

static bool is_text(const char *kept, const char *text)
{
	return kept && text && strcmp(kept, text) == 0;
}

bool change_is_same(const struct change *c, const struct org *org, const char *kept, const char *org_id,
		    const char *org_text)
{
	char hash[65];

	change_request_hash(c, hash);
	if (!is_text(kept, hash))
		return false;
	if (!c->org_text)
		return !org_text;
	return is_text(org_text, c->org_text) || is_text(org_id, c->org_text) || (org && is_text(org_id, org->id));
}

int change_refuse_other(const struct change *c, struct err *err)
{
	err_set(err, ERR_REFUSED, "change id '%s' was used for another request", c->id);
	err_hint(err, "didctl history --change %s shows it; a new command needs a new id", c->id);
	return ERR_REFUSED;
}

void change_release(struct change *change)
{
	selection_release(&change->selection);
	strlist_release(&change->tags_add);
	strlist_release(&change->tags_remove);
	free(change->repairs.at);
}
