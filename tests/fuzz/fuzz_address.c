/*
 * Lines of text as the fields of a dispatchable location and its civic elements: what is taken is taken again as it is
 * stored, an element is found as it was given, and of a whole location a well-formed document is made.
 */
#include "did/e911.h"
#include "service/pidf.h"
#include "fuzz.h"

struct form {
	struct arena arena;
	const char *v[LOCATION_STORED];
	struct buf civic;
};

static void check_same(enum location_field field, const char *stored, const char *country, struct arena *arena)
{
	const char *again;

	must(*stored);
	must_show(stored);
	must(!location_read(field, stored, country, arena, &again, NULL) && strcmp(stored, again) == 0);
}

static void read_field(struct form *form, enum location_field field, const char *text)
{
	struct err err = {0};
	const char *stored;
	int rc = location_read(field, text, form->v[LOCATION_COUNTRY], &form->arena, &stored, &err);

	if (rc) {
		must_refuse(rc, &err);
		return;
	}
	check_same(field, stored, form->v[LOCATION_COUNTRY], &form->arena);
	form->v[field] = stored;
}

static void read_element(struct form *form, const char *pair)
{
	const char *equals = strchr(pair, '='), *found;
	struct err err = {0};
	size_t len;
	int rc = civic_add(&form->civic, pair, &err);

	if (rc) {
		must_refuse(rc, &err);
		return;
	}
	must(equals);
	found = civic_get(form->civic.data, arena_strndup(&form->arena, pair, (size_t)(equals - pair)), &len);
	must(found && len == strlen(equals + 1) && memcmp(found, equals + 1, len) == 0);
	must(civic_add(&form->civic, pair, NULL) == ERR_USAGE); /* twice */
	form->v[LOCATION_CIVIC] = form->civic.data;
}

static void write_document(struct buf *out, const struct form *form)
{
	struct pidf_tuple tuple = {.e164 = "14155550100"};

	memcpy(tuple.location, form->v, sizeof(tuple.location));
	pidf_open(out, "tel:+14155550100");
	pidf_add(out, &tuple);
	pidf_close(out);
	must(text_is_utf8(out->data, out->len));
}

static void check_whole(const struct form *form)
{
	struct err err = {0};
	struct buf out = {0};
	int rc = location_check(form->v, &err);

	location_line(&out, form->v);
	must_show(buf_str(&out));
	buf_reset(&out);
	if (rc)
		must_refuse(rc, &err);
	else
		write_document(&out, form);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The country first: the rest is read by its rules. */
	static const enum location_field fields[] = {
		LOCATION_COUNTRY, LOCATION_STATE_CODE, LOCATION_ZIP, LOCATION_STREET, LOCATION_CITY, LOCATION_UNIT,
		LOCATION_BUILDING, LOCATION_FLOOR, LOCATION_ROOM, LOCATION_LABEL, LOCATION_CONTACT,
	};
	char *text = fuzz_text(data, size), *rest = text;
	struct form form = {0};

	for (size_t i = 0; rest; i++) {
		const char *line = strsep(&rest, "\n");

		if (i < ARRAY_SIZE(fields))
			read_field(&form, fields[i], line);
		else
			read_element(&form, line);
	}
	check_whole(&form);
	buf_release(&form.civic);
	arena_release(&form.arena);
	free(text);
	return 0;
}
