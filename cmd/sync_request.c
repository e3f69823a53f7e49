/* cnam sync and e911 sync: what the provider's program is told about a number. */
#include <string.h>

#include "base/text.h"
#include "cmd/address.h"
#include "cmd/sync.h"
#include "did/cnam.h"
#include "did/e911.h"

static void put_member(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, ",\"%s\":", key);
	if (value)
		text_json(out, value, strlen(value));
	else
		buf_puts(out, "null");
}

static int describe_name(struct sync *sync, const struct sync_item *item, struct buf *out, struct err *err)
{
	(void)sync;
	(void)err;
	put_member(out, "cnam", item->subject);
	return 0;
}

static int load_address(struct sync *sync, const char *id, struct buf *out, struct err *err)
{
	struct value v[LOCATION_FIELDS];
	int rc = address_load(sync->ctx, id, v);

	buf_reset(out);
	if (rc < 0)
		return *err = sync->ctx->err, rc;
	buf_puts(out, ",\"location\":{\"id\":");
	text_json(out, id, strlen(id));
	for (int f = LOCATION_LABEL; f < LOCATION_STORED; f++)
		if (f != LOCATION_ORG_ID)
			put_member(out, location_columns[f].key, v[f].s);
	buf_putc(out, '}');
	return 0;
}

static int describe_address(struct sync *sync, const struct sync_item *item, struct buf *out, struct err *err)
{
	int rc = 0;

	if (sync->described != item->subject)
		rc = load_address(sync, item->subject, &sync->description, err);
	sync->described = rc == 0 ? item->subject : NULL;
	buf_add(out, sync->description.data, sync->description.len);
	return rc;
}

const struct sync_kind sync_names = {
	VERB_CNAM_SYNC, SET_CNAM_COMMAND, cnam_statuses, DID_CNAM, DID_CNAM_STATUS, DID_CNAM_SINCE, DID_CNAM_NOTE, describe_name,
};

const struct sync_kind sync_addresses = {
	VERB_E911_SYNC, SET_E911_COMMAND, e911_statuses, DID_LOCATION, DID_E911, DID_E911_SINCE, DID_E911_NOTE, describe_address,
};

int sync_put_request(struct provider_client *client, size_t i, struct buf *out, struct err *err)
{
	struct sync *sync = (struct sync *)client;
	const struct sync_item *item = &sync->items[i];
	int rc;

	buf_puts(out, "{\"number\":");
	text_json(out, item->number, strlen(item->number));
	put_member(out, "e164", item->e164);
	put_member(out, "org", item->org);
	rc = sync->kind->describe(sync, item, out, err);
	buf_putc(out, '}');
	sync->is_broken |= rc < 0;
	return rc;
}
