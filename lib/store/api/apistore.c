/* Opening and closing: the address, the key, whom to trust. Nothing is asked of the API before the first query. */
#include "store/api/apistore.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/url.h"

static void api_store_close(struct store *store)
{
	struct api_store *s = (struct api_store *)store;

	http_close(s->http);
	arena_release(&s->arena);
	free(s);
}

static int set_country(struct api_store *s, struct err *err)
{
	const char *origin;
	const char *code = conf_get(s->conf, SET_COUNTRY, &origin);
	char shown[TEXT_SHOWN];

	s->country = code ? country_find(code) : NULL;
	if (s->country || !code)
		return 0;
	err_set(err, ERR_TARGET, "country '%s' (from %s) is not known", text_show(shown, code, strlen(code)), origin);
	err_hint(err, "one of %s", country_list());
	return ERR_TARGET;
}

static int set_origin(struct api_store *s, const char *url, struct err *err)
{
	struct url parts;
	int rc = url_parse(&parts, url, err);

	if (!rc)
		s->origin = arena_strndup(&s->arena, url, (size_t)(parts.base - url));
	return rc;
}

/* The key is in memory only as long as the client has it. */
static int connect_client(struct api_store *s, const char *url, struct err *err)
{
	const char *jobs = conf_get(s->conf, SET_JOBS, NULL);
	struct http_config config = {.base = url, .ca_file = conf_get(s->conf, SET_CA_FILE, NULL),
				     .timeout_s = s->timeout_s, .jobs = (unsigned)strtoul(jobs, NULL, 10)};
	char *key = NULL;
	int rc = conf_api_key(s->conf, &key, err);

	config.key = key;
	if (!rc)
		rc = http_open(&s->http, &config, err);
	secret_free(key);
	return rc;
}

static int open_api(const struct store_ops *ops, struct store **out, const struct conf *conf, const char *url,
		    enum store_access access, int timeout_s, struct err *err)
{
	struct api_store *s = xcalloc(1, sizeof(*s));
	int rc;

	s->store.ops = ops;
	s->conf = conf;
	s->access = access;
	s->timeout_s = timeout_s;
	rc = set_origin(s, url, err);
	if (!rc)
		rc = set_country(s, err);
	if (!rc)
		rc = connect_client(s, url, err);
	if (rc) {
		api_store_close(&s->store);
		return rc;
	}
	*out = &s->store;
	return 0;
}

static int open_https(struct store **out, const struct conf *conf, const char *url, enum store_access access,
		      int timeout_s, struct err *err)
{
	return open_api(&https_store_ops, out, conf, url, access, timeout_s, err);
}

static int open_http(struct store **out, const struct conf *conf, const char *url, enum store_access access,
		     int timeout_s, struct err *err)
{
	return open_api(&http_store_ops, out, conf, url, access, timeout_s, err);
}

static const struct country *api_store_country(const struct store *store)
{
	return ((const struct api_store *)store)->country;
}

/* Asked for one row of the list, once. What else may fail is told by whoever needs the list. */
static bool offers(struct api_store *s, enum api_operation list)
{
	struct err ignored = {0};

	if (s->offers[list] == OFFER_UNKNOWN)
		api_call(s, &(struct api_request){.operation = list, .query = "limit=1"}, NULL, &ignored);
	return s->offers[list] != OFFER_NO;
}

static unsigned api_store_capabilities(struct store *store, unsigned asked)
{
	static const struct {
		enum capability capability;
		enum api_operation list;
	} lists[] = {
		{CAN_LIST_NUMBERS, API_LIST_NUMBERS}, {CAN_LIST_ORGS, API_LIST_ORGS}, {CAN_LIST_USERS, API_LIST_USERS},
		{CAN_KEEP_SERVICES, API_LIST_LOCATIONS}, {CAN_KEEP_PORTS, API_LIST_PORTS},
	};
	unsigned can = CAN_REGENERATE;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (asked & lists[i].capability && offers((struct api_store *)store, lists[i].list))
			can |= lists[i].capability;
	return can;
}

#define API_OPS                                                                                                        \
	.close = api_store_close, .country = api_store_country, .capabilities = api_store_capabilities,                \
	.query = api_store_query, .next = api_store_next, .done = api_store_done,                                      \
	.begin_snapshot = api_store_begin_snapshot, .end_snapshot = api_store_end_snapshot,                            \
	.generation = api_store_generation, .live = api_store_live, .set_live = api_store_set_live, .regenerate = api_store_regenerate,                    \
	.find_org = api_store_find_org, .find_user = api_store_find_user, .apply = api_store_apply,                    \
	.resolve = api_store_resolve, .broken_off = api_store_broken_off, .init = api_store_init, .at = api_store_at, .survey = api_store_survey,          \
	.verify = api_store_verify, .seal = api_store_seal

const struct store_ops https_store_ops = {.scheme = "https://", .open = open_https, API_OPS};
const struct store_ops http_store_ops = {.scheme = "http://", .open = open_http, API_OPS};
