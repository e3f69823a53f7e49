#include "store/store.h"

#include <string.h>

#include "base/text.h"

static const struct store_ops *const backends[] = {&sqlite_store_ops, &mysql_store_ops, &https_store_ops,
						 &http_store_ops};

static const struct store_ops *backend_find(const char *url)
{
	for (size_t i = 0; i < ARRAY_SIZE(backends); i++)
		if (strncmp(url, backends[i]->scheme, strlen(backends[i]->scheme)) == 0)
			return backends[i];
	return NULL;
}

int store_open(struct store **out, const struct conf *conf, enum store_access access, int timeout_s, struct err *err)
{
	const char *url = conf_get(conf, SET_TARGET, NULL);
	const struct store_ops *ops;
	struct buf masked = {0};
	char shown[TEXT_SHOWN];

	*out = NULL;
	if (!url) {
		err_set(err, ERR_TARGET, "no target is set");
		err_hint(err, "name one with -t URL, -p PROFILE, DIDCTL_TARGET, DIDCTL_PROFILE, or default-profile in %s",
			 conf_files(conf));
		return ERR_TARGET;
	}
	ops = backend_find(url);
	if (!ops) {
		setting_mask(&masked, SET_TARGET, url);
		err_set(err, ERR_TARGET, "target '%s' is of no kind that this didctl knows",
			text_show(shown, masked.data, masked.len));
		buf_release(&masked);
		err_hint(err, "sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST...]/DB, mysql://[USER@]/DB?socket=PATH or "
			      "https://HOST[:PORT]/BASE");
		return ERR_TARGET;
	}
	return ops->open(out, conf, url, access, timeout_s, err);
}

void store_close(struct store *store)
{
	if (store)
		store->ops->close(store);
}

const char *store_host(const struct store *store, const char **passed)
{
	*passed = NULL;
	return store->ops->host ? store->ops->host(store, passed) : NULL;
}

const struct country *store_country(const struct store *store)
{
	return store->ops->country(store);
}

bool store_can(struct store *store, unsigned capabilities)
{
	return (store->ops->capabilities(store, capabilities) & capabilities) == capabilities;
}

int store_query(struct store *store, const struct query *query, struct err *err)
{
	return store->ops->query(store, query, err);
}

int store_next(struct store *store, const struct value **row, struct err *err)
{
	return store->ops->next(store, row, err);
}

void store_done(struct store *store)
{
	store->ops->done(store);
}

int store_begin_snapshot(struct store *store, struct err *err)
{
	return store->ops->begin_snapshot(store, err);
}

void store_end_snapshot(struct store *store)
{
	store->ops->end_snapshot(store);
}

int store_generation(struct store *store, uint64_t *out, struct err *err)
{
	return store->ops->generation(store, out, err);
}

int store_live(struct store *store, uint64_t *out, struct err *err)
{
	return store->ops->live(store, out, err);
}

int store_set_live(struct store *store, uint64_t generation, struct err *err)
{
	return store->ops->set_live(store, generation, err);
}

int store_regenerate(struct store *store, uint64_t *routes, struct err *err)
{
	return store->ops->regenerate(store, routes, err);
}

int store_find_org(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	return store->ops->find_org(store, text, out, arena, err);
}

int store_find_user(struct store *store, const char *text, struct user *out, struct arena *arena, struct err *err)
{
	return store->ops->find_user(store, text, out, arena, err);
}

int store_apply(struct store *store, const struct change *change, struct plan *plan, struct err *err)
{
	return store->ops->apply(store, change, plan, err);
}

int store_outbox_claim(struct store *store, struct outgoing *out, struct arena *arena, struct err *err)
{
	return store->ops->outbox_claim ? store->ops->outbox_claim(store, out, arena, err) : 0;
}

int store_outbox_resend(struct store *store, uint64_t *n, struct err *err)
{
	*n = 0;
	return store->ops->outbox_resend ? store->ops->outbox_resend(store, n, err) : 0;
}

int store_outbox_settle(struct store *store, const struct outgoing *out, enum outgoing_end end, const char *error,
			struct err *err)
{
	return store->ops->outbox_settle(store, out, end, error, err);
}

int store_broken_off(struct store *store, const struct change *change, char id[UUID_TEXT], struct err *err)
{
	return store->ops->broken_off ? store->ops->broken_off(store, change, id, err) : 0;
}

int store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err)
{
	return store->ops->resolve(store, change_id, out, err);
}

int store_init(struct store *store, const struct init_options *options, struct init_report *report, struct err *err)
{
	return store->ops->init(store, options, report, err);
}

int store_at(struct store *store, const struct selection *selection, const char *time, struct value row[DID_FIELDS],
	     struct arena *arena, struct err *err)
{
	return store->ops->at(store, selection, time, row, arena, err);
}

int store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err)
{
	return store->ops->survey(store, checks, finder, err);
}

int store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress, struct err *err)
{
	return store->ops->verify(store, checks, finder, progress, err);
}

int store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err)
{
	return store->ops->seal(store, report, progress, err);
}
