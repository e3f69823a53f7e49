/* The switch, which the API itself brings the inventory to. */
#include "store/api/apistore.h"

static int read_report(struct api_store *s, const struct json *body, uint64_t *routes, struct err *err)
{
	unsigned long long n;
	bool is_reloaded;

	if (!json_is_object(body) || !json_count(json_get(body, "routes"), &n) ||
	    !json_bool(json_get(body, "reloaded"), &is_reloaded))
		return api_broken(s, API_REGENERATE, "it does not say how many routes there are, or whether the switch has them",
				  err);
	*routes = n;
	if (!is_reloaded)
		return err_set(err, ERR_FAILED, "the API at '%s' has written the files, but the switch did not reload them",
			       s->origin);
	return 0;
}

/* Without an idempotency key: to do it once more does no harm, and an old answer would say nothing. */
int api_store_regenerate(struct store *store, uint64_t *routes, struct err *err)
{
	struct api_store *s = (struct api_store *)store;
	struct api_answer answer = {0};
	int rc = api_call(s, &(struct api_request){.operation = API_REGENERATE}, &answer, err);

	*routes = 0;
	if (rc == 0)
		rc = read_report(s, answer.body, routes, err);
	json_free(answer.body);
	return rc;
}
