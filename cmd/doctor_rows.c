/* The pass over the numbers: what one row says by itself, and everybody else's turn to look at it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "cmd/fields.h"
#include "cmd/progress.h"

#define ROWS_A_LOOK 4096 /* rows between two looks at the clock */
#define DAY_MS INT64_C(86400000)

/* What only the rows of organisations, or of users, can tell. */
#define NEED_ORGS                                                                                            \
	(CHECK_BIT(CHECK_OWNER_MISSING) | CHECK_BIT(CHECK_TWO_DEFAULTS) | CHECK_BIT(CHECK_NO_DEFAULT) |      \
	 CHECK_BIT(CHECK_CONTEXT))
/* And these name them, or follow them. */
#define USE_ORGS (NEED_ORGS | CHECK_BIT(CHECK_TWIN) | CHECK_BIT(CHECK_ENV_OSS) | CHECK_BIT(CHECK_ROUTE) | \
		  CHECK_BIT(CHECK_OUTBOUND))
#define DUE (CHECK_BIT(CHECK_PENDING) | CHECK_BIT(CHECK_HOLD))
#define SERVICES (CHECK_BIT(CHECK_E911) | CHECK_BIT(CHECK_CNAM)) /* in passes of their own */
#define PORTS (CHECK_BIT(CHECK_PORT_LATE) | CHECK_BIT(CHECK_PORT_DUE)) /* of orders, not of numbers */

void doctor_start(struct doctor *doctor, struct context *ctx, uint64_t checks, struct repairs *repairs)
{
	*doctor = (struct doctor){.ctx = ctx, .checks = checks, .repairs = repairs};
	findings_start(&doctor->findings);
	dispatcher_load(&doctor->dispatcher, ctx->conf);
}

void doctor_release(struct doctor *doctor)
{
	findings_release(&doctor->findings);
	arena_release(&doctor->arena);
	buf_release(&doctor->detail);
	buf_release(&doctor->fix);
	holders_release(&doctor->holders);
	keys_release(&doctor->keys);
	free(doctor->shows.at);
	for (size_t i = 0; i < ENV_COUNT; i++)
		rangeset_release(&doctor->ranges[i]);
}

int doctor_found(struct doctor *doctor, enum check check, const char *number)
{
	const struct finding finding = {
		.check = check,
		.number = number,
		.detail = buf_str(&doctor->detail),
		.fix = doctor->fix.len ? doctor->fix.data : NULL,
	};
	struct finder *finder = &doctor->findings.finder;
	int rc = finder->found(finder, &finding, &doctor->ctx->err);

	buf_reset(&doctor->detail);
	buf_reset(&doctor->fix);
	return rc;
}

void doctor_offer(struct doctor *doctor, enum check check)
{
	buf_printf(&doctor->fix, "didctl doctor %s --fix", check_info[check].name);
}

void doctor_mend(struct doctor *doctor, enum check check, const char *id, const char *keep)
{
	struct repairs *repairs = doctor->repairs;
	struct arena *arena = &doctor->ctx->arena; /* the change outlives the doctor */

	if (!repairs || !id)
		return;
	GROW(repairs->at, repairs->n, repairs->cap);
	repairs->at[repairs->n++] = (struct repair){
		.check = check, .id = arena_strdup(arena, id), .keep = keep ? arena_strdup(arena, keep) : NULL,
	};
}

void doctor_operand(struct buf *out, const struct doctor_row *row)
{
	struct buf id = {0};

	if (row->is_listed) {
		text_shell(out, row->stored.s);
		return;
	}
	buf_printf(&id, "id:%s", row->id ? row->id : "");
	text_shell(out, id.data);
	buf_release(&id);
}

/* No verb takes a row whose number is none, so there is no command to offer. */
static int find_number(struct doctor *doctor, const struct doctor_row *row)
{
	buf_printf(&doctor->detail, "is no telephone number, so no call and no command reaches its row (id %s): correct or "
				    "delete it where it was written, in the PBX", row->id ? row->id : "-");
	return doctor_found(doctor, CHECK_NUMBER, row->stored.s);
}

static int find_spelling(struct doctor *doctor, const struct doctor_row *row)
{
	char digits[NUMBER_TEXT];

	number_format(row->key, digits);
	buf_printf(&doctor->detail, "is %s in a spelling under which look-ups do not find it", digits);
	doctor_offer(doctor, CHECK_SPELLING);
	doctor_mend(doctor, CHECK_SPELLING, row->id, NULL);
	return doctor_found(doctor, CHECK_SPELLING, row->stored.s);
}

static int see_number(struct doctor *doctor, const struct doctor_row *row)
{
	if (!row->key.width)
		return doctor_wants(doctor, CHECK_BIT(CHECK_NUMBER)) ? find_number(doctor, row) : 0;
	if (!row->is_listed && doctor_wants(doctor, CHECK_BIT(CHECK_SPELLING)))
		return find_spelling(doctor, row);
	return 0;
}

static int find_broken(struct doctor *doctor, const struct doctor_row *row, enum check check)
{
	check_say(&doctor->detail, check, &row->record);
	if (check_info[check].is_fixable) {
		doctor_offer(doctor, check);
		doctor_mend(doctor, check, row->id, NULL);
	} else {
		buf_puts(&doctor->fix, "didctl env set ENV ");
		doctor_operand(&doctor->fix, row);
		buf_puts(&doctor->detail, ": put one of these for ENV");
	}
	return doctor_found(doctor, check, row->stored.s);
}

static int see_record(struct doctor *doctor, const struct doctor_row *row)
{
	uint64_t broken = check_broken(&row->record) & doctor->checks;
	int rc = 0;

	for (int check = 0; broken >> check && !rc; check++)
		if (broken & CHECK_BIT(check))
			rc = find_broken(doctor, row, (enum check)check);
	return rc;
}

static int see(struct doctor *doctor, const struct doctor_row *row)
{
	int rc = see_number(doctor, row);

	if (!rc)
		rc = see_record(doctor, row);
	if (!rc)
		rc = holders_see(doctor, row);
	if (!rc)
		rc = switch_see(doctor, row);
	if (row->key.width && doctor_wants(doctor, CHECK_BIT(CHECK_TWIN)))
		keys_add(&doctor->keys, row->key);
	if (row->key.width)
		shows_see(doctor, row);
	return rc;
}

/* The columns of the pass, and where each goes in a record. */
static const int columns[] = {
	DID_ID, DID_NUMBER, DID_POOL_STATUS, DID_STATUS, DID_ORG_ID, DID_ENV, DID_DEFAULT, DID_ROUTE_TYPE,
	DID_ROUTE_DEST,
};
enum { AT_ID, AT_NUMBER, AT_RECORD };

static void fill_row(const struct doctor *doctor, const struct value *values, struct doctor_row *row)
{
	uint64_t broken;

	row->id = values[AT_ID].s;
	row->stored = values[AT_NUMBER];
	for (size_t i = AT_RECORD; i < ARRAY_SIZE(columns); i++)
		row->record.v[columns[i]] = values[i].s;
	broken = check_number(&row->key, row->stored, doctor->ctx->country);
	if (broken & CHECK_BIT(CHECK_NUMBER))
		row->key = (struct number){0};
	row->is_listed = !broken;
	/* A row on hold passes for one in reserve, which nothing here tells apart. */
	row->state = record_state(&row->record);
	row->owner = holders_find(&doctor->holders, row->record.v[DID_ORG_ID]);
}

int doctor_rows(struct doctor *doctor, int (*see_row)(struct doctor *doctor, const struct doctor_row *row))
{
	const struct selection all = {0};
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns), .selection = &all,
	};
	struct context *ctx = doctor->ctx;
	struct doctor_row row = {0};
	struct progress_line line;
	struct progress *progress = progress_start(&line, ctx);
	const struct value *values;
	int rc = store_query(ctx->store, &query, &ctx->err);

	if (rc)
		return rc;
	doctor->rows = 0;
	while (!rc && (rc = store_next(ctx->store, &values, &ctx->err)) == 1) {
		if (doctor->rows++ % ROWS_A_LOOK == 0)
			progress_step(progress, "looking at numbers", doctor->rows, 0);
		fill_row(doctor, values, &row);
		rc = see_row(doctor, &row);
		if (!rc)
			rc = check_interrupt(ctx);
	}
	progress_end(&line);
	store_done(ctx->store);
	return rc;
}

/* What pool sweep would end: a hold past its day, or a request older than pending-days. */
static int find_due(struct doctor *doctor, const struct value *row)
{
	bool is_hold = row[1].s && !strcmp(row[1].s, state_info[STATE_ON_HOLD].name);
	enum check check = is_hold ? CHECK_HOLD : CHECK_PENDING;
	const char *days = conf_get(doctor->ctx->conf, SET_PENDING_DAYS, NULL);

	if (!doctor_wants(doctor, CHECK_BIT(check)))
		return 0;
	if (is_hold)
		buf_printf(&doctor->detail, "its hold ended on %.10s", row[2].s ? row[2].s : "");
	else
		buf_printf(&doctor->detail, "was requested on %.10s and has no answer after %s days", row[3].s ? row[3].s : "",
			   days);
	buf_puts(&doctor->fix, "didctl pool sweep");
	return doctor_found(doctor, check, row[0].s);
}

static int see_due(struct doctor *doctor)
{
	static const int due_columns[] = {DID_NUMBER, DID_STATE, DID_HOLD_UNTIL, DID_REQUESTED_AT};
	struct context *ctx = doctor->ctx;
	struct selection selection = {0};
	struct filter *due = selection_add_filter(&selection, FILTER_DUE, DID_HOLD_UNTIL);
	const struct query query = {
		.listing = LIST_NUMBERS, .columns = due_columns, .ncolumns = ARRAY_SIZE(due_columns),
		.selection = &selection,
	};
	const int64_t now = clock_now_ms();
	const struct value *row;
	int rc;

	filter_add_value(due, time_text(ctx, now));
	filter_add_value(due, time_text(ctx, now - days_parse(conf_get(ctx->conf, SET_PENDING_DAYS, NULL)) * DAY_MS));
	rc = store_query(ctx->store, &query, &ctx->err);
	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1)
		rc = find_due(doctor, row);
	store_done(ctx->store);
	selection_release(&selection);
	return rc;
}

static int load(struct doctor *doctor)
{
	bool has_orgs = store_can(doctor->ctx->store, CAN_LIST_ORGS);
	int rc = ranges_load(doctor);

	if (!rc && has_orgs && doctor_wants(doctor, USE_ORGS))
		rc = holders_load(doctor);
	if (!rc && doctor_wants(doctor, CHECK_BIT(CHECK_OUTBOUND)))
		rc = shows_load(doctor);
	return rc;
}

static int scan(struct doctor *doctor)
{
	int rc = load(doctor);

	if (!rc && doctor_wants(doctor, ~(DUE | PORTS | SERVICES)))
		rc = doctor_rows(doctor, see);
	if (!rc)
		rc = holders_judge(doctor);
	if (!rc)
		rc = shows_judge(doctor);
	if (!rc)
		rc = keys_judge(doctor);
	keys_release(&doctor->keys); /* a million of them make room for sorting the findings */
	if (!rc && doctor_wants(doctor, DUE))
		rc = see_due(doctor);
	if (!rc && doctor_wants(doctor, PORTS))
		rc = ports_look(doctor);
	if (!rc && doctor_wants(doctor, SERVICES))
		rc = services_look(doctor);
	return rc;
}

int doctor_scan(struct doctor *doctor)
{
	struct context *ctx = doctor->ctx;
	int rc;

	doctor->checks &= check_scope_mask(SCOPE_ROWS);
	doctor_drop(doctor, CAN_LIST_NUMBERS, doctor->checks, "numbers");
	doctor_drop(doctor, CAN_LIST_ORGS, NEED_ORGS, "organisations");
	doctor_drop(doctor, CAN_LIST_USERS, CHECK_BIT(CHECK_OUTBOUND), "users");
	doctor_drop(doctor, CAN_KEEP_HISTORY, DUE, "tables of didctl's own");
	doctor_drop(doctor, CAN_KEEP_PORTS, PORTS, "port orders");
	doctor_drop(doctor, CAN_KEEP_SERVICES, SERVICES, "emergency addresses and names");
	if (!doctor->checks)
		return 0;
	/* What users show, who owns it and what the row says have to be of one moment, where there is such a thing. */
	if (!store_can(ctx->store, CAN_ROLL_BACK))
		return scan(doctor);
	rc = store_begin_snapshot(ctx->store, &ctx->err);
	if (rc)
		return rc;
	rc = scan(doctor);
	store_end_snapshot(ctx->store);
	return rc;
}
