/* e911, cnam: numbers in use without an address or a name that is known where it has to be. */
#include <string.h>

#include "base/clock.h"
#include "cmd/doctor.h"
#include "did/cnam.h"
#include "did/e911.h"

enum { AT_NUMBER, AT_STATUS, AT_SINCE, AT_NOTE, AT_NAME, AT_ADDRESS = AT_NAME };

/* Whether it has waited longer than it may. A time that cannot be read tells nothing. */
static bool is_late(struct value since, int64_t limit_ms)
{
	struct err ignored = {0};
	int64_t at;

	return since.s && !clock_parse(&at, since.s, &ignored) && clock_now_ms() - at > limit_ms;
}

static bool is(struct value v, const char *text)
{
	return v.s && strcmp(v.s, text) == 0;
}

static void say_note(struct doctor *doctor, struct value note)
{
	if (note.s)
		buf_printf(&doctor->detail, ": %s", note.s);
}

/* A location that is named and not there was deleted by somebody else. */
static int see_address(struct doctor *doctor, const struct value *row)
{
	struct number n;

	if (is(row[AT_STATUS], "failed")) {
		buf_puts(&doctor->detail, "its emergency address was refused by the provider");
		say_note(doctor, row[AT_NOTE]);
		buf_printf(&doctor->fix, "didctl e911 show %s", row[AT_NUMBER].s);
	} else if (row[AT_STATUS].s && !is(row[AT_STATUS], "not-set") && !row[AT_ADDRESS].s) {
		buf_printf(&doctor->detail, "its emergency address is %s, and is not there", row[AT_STATUS].s);
		buf_printf(&doctor->fix, "didctl e911 set %s --location LOCATION", row[AT_NUMBER].s);
	} else if (is(row[AT_STATUS], "pending") && is_late(row[AT_SINCE], E911_PENDING_MAX_MS)) {
		buf_printf(&doctor->detail, "its emergency address has waited for the provider since %s", row[AT_SINCE].s);
		buf_puts(&doctor->fix, "didctl e911 sync");
	} else if (is(row[AT_STATUS], "not-set") &&
		   number_parse_stored(&n, row[AT_NUMBER].s, row[AT_NUMBER].len, doctor->ctx->country) &&
		   e911_need(n) == E911_NEEDED) {
		buf_puts(&doctor->detail, "is in use and has no emergency address; put for LOCATION one of 'didctl e911 locations "
					  "list'");
		buf_printf(&doctor->fix, "didctl e911 set %s --location LOCATION", row[AT_NUMBER].s);
	} else {
		return 0;
	}
	return doctor_found(doctor, CHECK_E911, row[AT_NUMBER].s);
}

static int see_name(struct doctor *doctor, const struct value *row)
{
	if (!row[AT_NAME].s)
		return 0;
	if (is(row[AT_STATUS], "failed")) {
		buf_printf(&doctor->detail, "its CNAM '%s' was refused by the provider", row[AT_NAME].s);
		say_note(doctor, row[AT_NOTE]);
		buf_printf(&doctor->fix, "didctl cnam show %s", row[AT_NUMBER].s);
	} else if (is(row[AT_STATUS], "pending") && is_late(row[AT_SINCE], CNAM_PENDING_MAX_MS)) {
		buf_printf(&doctor->detail, "its CNAM '%s' has waited for the provider since %s", row[AT_NAME].s, row[AT_SINCE].s);
		buf_puts(&doctor->fix, "didctl cnam sync");
	} else {
		return 0;
	}
	return doctor_found(doctor, CHECK_CNAM, row[AT_NUMBER].s);
}

static int look(struct doctor *doctor, const int *columns, size_t n, struct selection *selection,
		int (*see)(struct doctor *doctor, const struct value *row))
{
	struct context *ctx = doctor->ctx;
	const struct query query = {.listing = LIST_NUMBERS, .columns = columns, .ncolumns = n, .selection = selection};
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = see(doctor, row);
		if (!rc)
			rc = check_interrupt(ctx);
	}
	store_done(ctx->store);
	selection_release(selection);
	return rc;
}

int services_look(struct doctor *doctor)
{
	static const int address[] = {DID_NUMBER, DID_E911, DID_E911_SINCE, DID_E911_NOTE, DID_ADDRESS};
	static const int name[] = {DID_NUMBER, DID_CNAM_STATUS, DID_CNAM_SINCE, DID_CNAM_NOTE, DID_CNAM};
	struct selection in_use = {0}, waiting = {0};
	struct filter *filter;
	int rc = 0;

	if (doctor_wants(doctor, CHECK_BIT(CHECK_E911))) {
		selection_add_filter(&in_use, FILTER_STATE, DID_STATE)->states = STATE_BIT(STATE_ASSIGNED);
		rc = look(doctor, address, ARRAY_SIZE(address), &in_use, see_address);
	}
	if (!rc && doctor_wants(doctor, CHECK_BIT(CHECK_CNAM))) {
		filter = selection_add_filter(&waiting, FILTER_EQUAL, DID_CNAM_STATUS);
		filter_add_value(filter, "pending");
		filter_add_value(filter, "failed");
		rc = look(doctor, name, ARRAY_SIZE(name), &waiting, see_name);
	}
	return rc;
}
