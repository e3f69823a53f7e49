/* What an API has no data for: it is said in one line, and where it can be had. */
#include "store/api/lacking.h"


const char *const api_lack_text[API_LACKS] = {
	[LACK_TABLES] = "didctl's own tables",
	[LACK_PAST] = "the state of a number at an earlier time",
	[LACK_HISTORY] = "the history of all changes, whoever made them,",
	[LACK_SURVEY] = "tables, rights and settings of the database",
	[LACK_SNAPSHOT] = "an inventory as of one moment, which the switch's files need,",
	[LACK_DETAILS] = "a hold, lock, note, tag or market field",
	[LACK_DUE] = "holds and the age of requests",
	[LACK_AGE] = "since when a number has been free",
	[LACK_ORG] = "the unrouted calls and mail addresses of an organisation",
	[LACK_SPELLING] = "a new or another spelling of a number, outside of its country's list,",
	[LACK_FAULT] = "a row that breaks the inventory's rules, as it was before it was mended,",
};

int api_lacks(const struct api_store *s, enum api_lack lack, struct err *err)
{
	err_set(err, ERR_TARGET, "%s cannot be had through the API at '%s'", api_lack_text[lack], s->origin);
	err_hint(err, "use the database itself: --target mysql://...; didctl-api(7) has what an API can do");
	return ERR_TARGET;
}

/* ---- what is asked of a change */

static enum api_lack lack_of_verb(enum verb verb)
{
	static const struct {
		enum verb verb;
		enum api_lack lack;
	} lacks[] = {
		{VERB_LOCK, LACK_DETAILS}, {VERB_UNLOCK, LACK_DETAILS}, {VERB_SWEEP, LACK_DUE},
		{VERB_EXTERNAL, LACK_HISTORY}, {VERB_DEMO, LACK_TABLES},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		if (lacks[i].verb == verb)
			return lacks[i].lack;
	return LACK_NOTHING;
}

enum api_lack api_lack_of_fields(uint64_t fields)
{
	/* Of these the decision makes notes by itself, and does without them. */
	static const uint64_t noted = FIELD_BIT(DID_PREVIOUS_ORG_ID) | FIELD_BIT(DID_REQUESTED_AT);
	uint64_t lost = fields & ~(image_number_fields() | noted);

	return lost ? LACK_DETAILS : LACK_NOTHING;
}

static bool wants_hold(const struct change *c)
{
	return c->hold_days > 0 || c->hold_until || (c->verb == VERB_MARK && c->to == STATE_ON_HOLD);
}

static bool wants_org_field(const struct change *c)
{
	bool is_org = c->verb == VERB_ORG_ADD || c->verb == VERB_ORG_EDIT;

	return is_org && (c->object_is_set[ORG_UNROUTED] || c->object_is_set[ORG_MAIL]);
}

enum api_lack api_lack_of_change(const struct change *c)
{
	enum api_lack lack = lack_of_verb(c->verb);
	uint64_t fields = 0;

	for (int f = 0; f < DID_FIELDS; f++)
		if (c->is_set[f])
			fields |= FIELD_BIT(f);
	if (lack == LACK_NOTHING)
		lack = api_lack_of_fields(fields);
	if (lack != LACK_NOTHING)
		return lack;
	if (c->tags_add.n || c->tags_remove.n || wants_hold(c))
		return LACK_DETAILS;
	if (c->pick.prefer_aged)
		return LACK_AGE;
	return wants_org_field(c) ? LACK_ORG : LACK_NOTHING;
}

/* ---- what is asked of the store */

static int lacks(const struct store *store, enum api_lack lack, struct err *err)
{
	return api_lacks((const struct api_store *)store, lack, err);
}

int api_store_init(struct store *store, const struct init_options *options, struct init_report *report,
		   struct err *err)
{
	(void)options;
	(void)report;
	return lacks(store, LACK_TABLES, err);
}

int api_store_at(struct store *store, const struct selection *selection, const char *time,
		 struct value row[DID_FIELDS], struct arena *arena, struct err *err)
{
	(void)selection;
	(void)time;
	(void)row;
	(void)arena;
	return lacks(store, LACK_PAST, err);
}

int api_store_begin_snapshot(struct store *store, struct err *err)
{
	return lacks(store, LACK_SNAPSHOT, err);
}

void api_store_end_snapshot(struct store *store)
{
	(void)store;
}

int api_store_generation(struct store *store, uint64_t *out, struct err *err)
{
	(void)out;
	return lacks(store, LACK_SNAPSHOT, err);
}

int api_store_live(struct store *store, uint64_t *out, struct err *err)
{
	(void)out;
	return lacks(store, LACK_SNAPSHOT, err);
}

int api_store_set_live(struct store *store, uint64_t generation, struct err *err)
{
	(void)generation;
	return lacks(store, LACK_SNAPSHOT, err);
}

int api_store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err)
{
	(void)checks;
	(void)finder;
	return lacks(store, LACK_SURVEY, err);
}

int api_store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		     struct err *err)
{
	(void)checks;
	(void)finder;
	(void)progress;
	return lacks(store, LACK_HISTORY, err);
}

int api_store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err)
{
	(void)report;
	(void)progress;
	return lacks(store, LACK_HISTORY, err);
}
