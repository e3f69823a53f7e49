/* Users who show a number of their own: whether their organisation has it in use. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doctor.h"

struct show {
	struct number key; /* width 0: what is stored is no number */
	const char *id, *user, *org_id, *outbound;
	const struct holder *owner; /* of the number: the user's organisation's row before any other's */
	enum did_state state;	    /* of that row */
	bool is_known, is_owned;
};

static int compare_shows(const void *left, const void *right)
{
	return number_cmp(((const struct show *)left)->key, ((const struct show *)right)->key);
}

static void add_show(struct doctor *doctor, const struct value *row)
{
	struct shows *shows = &doctor->shows;
	struct show show = {
		.id = doctor_keep(doctor, row[0]),
		.user = doctor_keep(doctor, row[1].s ? row[1] : row[0]),
		.org_id = doctor_keep(doctor, row[2]),
		.outbound = doctor_keep(doctor, row[3]),
	};

	if (!number_parse_stored(&show.key, row[3].s, row[3].len, doctor->ctx->country))
		show.key = (struct number){0};
	GROW(shows->at, shows->n, shows->cap);
	shows->at[shows->n++] = show;
}

int shows_load(struct doctor *doctor)
{
	static const int columns[] = {USER_ID, USER_NAME, USER_ORG_ID, USER_OUTBOUND_DID};
	const struct query query = {.listing = LIST_USERS, .columns = columns, .ncolumns = ARRAY_SIZE(columns)};
	struct context *ctx = doctor->ctx;
	const struct value *row;
	int rc = store_query(ctx->store, &query, &ctx->err);

	while (!rc && (rc = store_next(ctx->store, &row, &ctx->err)) == 1) {
		rc = 0;
		if (row[0].s && row[3].s && row[3].len)
			add_show(doctor, row);
	}
	store_done(ctx->store);
	if (doctor->shows.n)
		qsort(doctor->shows.at, doctor->shows.n, sizeof(*doctor->shows.at), compare_shows);
	return rc;
}

/* The first of the users who show this number. */
static size_t find_first(const struct shows *shows, struct number key)
{
	size_t lo = 0, hi = shows->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (number_cmp(shows->at[middle].key, key) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static bool is_owned(const struct show *show, const struct doctor_row *row)
{
	const char *org_id = row->record.v[DID_ORG_ID];

	return org_id && show->org_id && strcasecmp(org_id, show->org_id) == 0;
}

/* Of two rows of one number the better one counts: that there are two is for another check to say. */
static void see_show(struct show *show, const struct doctor_row *row)
{
	bool owned = is_owned(show, row);

	if (show->is_known && (show->is_owned > owned || (show->is_owned == owned && show->state == STATE_ASSIGNED)))
		return;
	show->is_known = true;
	show->is_owned = owned;
	show->owner = row->owner;
	show->state = row->state;
}

void shows_see(struct doctor *doctor, const struct doctor_row *row)
{
	struct shows *shows = &doctor->shows;

	if (!shows->n)
		return;
	for (size_t i = find_first(shows, row->key); i < shows->n && number_eq(shows->at[i].key, row->key); i++)
		see_show(&shows->at[i], row);
}

static int find_show(struct doctor *doctor, const struct show *show)
{
	struct buf *detail = &doctor->detail;

	buf_printf(detail, "calls of user '%s' show it, but it is ", show->user);
	if (!show->key.width)
		buf_puts(detail, "no telephone number");
	else if (!show->is_known)
		buf_puts(detail, "not in the inventory");
	else if (show->is_owned)
		buf_printf(detail, "%s", state_info[show->state].name);
	else if (show->owner)
		buf_printf(detail, "%s to '%s', not to the user's organisation", state_info[show->state].name,
			   holder_name(show->owner));
	else
		buf_printf(detail, "%s, not assigned to the user's organisation", state_info[show->state].name);
	buf_puts(&doctor->fix, "didctl default user ");
	text_shell(&doctor->fix, show->id);
	buf_puts(&doctor->fix, " none");
	doctor_mend(doctor, CHECK_OUTBOUND, show->id, NULL);
	return doctor_found(doctor, CHECK_OUTBOUND, show->outbound);
}

int shows_judge(struct doctor *doctor)
{
	const struct shows *shows = &doctor->shows;
	int rc = 0;

	for (size_t i = 0; i < shows->n && !rc; i++)
		if (!shows->at[i].is_owned || shows->at[i].state != STATE_ASSIGNED)
			rc = find_show(doctor, &shows->at[i]);
	return rc;
}
