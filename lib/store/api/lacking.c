/* What an API has no data for: it is said in one line, and where it can be had. */
#include "store/api/apistore.h"

int api_lacks(const struct api_store *s, const char *what, struct err *err)
{
	err_set(err, ERR_TARGET, "%s cannot be had through the API at '%s'", what, s->origin);
	err_hint(err, "use the database itself: --target mysql://...; didctl-api(7) has what an API can do");
	return ERR_TARGET;
}

static int lacks(const struct store *store, const char *what, struct err *err)
{
	return api_lacks((const struct api_store *)store, what, err);
}

int api_store_init(struct store *store, const struct init_options *options, struct init_report *report,
		   struct err *err)
{
	(void)options;
	(void)report;
	return lacks(store, "didctl's own tables", err);
}

int api_store_at(struct store *store, const struct selection *selection, const char *time,
		 struct value row[DID_FIELDS], struct arena *arena, struct err *err)
{
	(void)selection;
	(void)time;
	(void)row;
	(void)arena;
	return lacks(store, "the state of a number at an earlier time", err);
}

int api_store_begin_snapshot(struct store *store, struct err *err)
{
	return lacks(store, "an inventory as of one moment, which the switch's files need,", err);
}

void api_store_end_snapshot(struct store *store)
{
	(void)store;
}

int api_store_generation(struct store *store, uint64_t *out, struct err *err)
{
	(void)out;
	return lacks(store, "the generation of the inventory", err);
}

int api_store_live(struct store *store, uint64_t *out, struct err *err)
{
	(void)out;
	return lacks(store, "what the switch was brought to", err);
}

int api_store_set_live(struct store *store, uint64_t generation, struct err *err)
{
	(void)generation;
	return lacks(store, "a note of what the switch was brought to", err);
}

int api_store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err)
{
	(void)checks;
	(void)finder;
	return lacks(store, "tables, rights and settings of the database", err);
}

int api_store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		     struct err *err)
{
	(void)checks;
	(void)finder;
	(void)progress;
	return lacks(store, "the history", err);
}

int api_store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err)
{
	(void)report;
	(void)progress;
	return lacks(store, "the history", err);
}
