/* An organisation or a user by what was typed. */
#include "base/uuid.h"
#include "did/objects.h"
#include "store/api/facts.h"

/*
 * Where an API tells nothing of organisations, a change takes any text as an id, which the API refuses if it is none. A
 * listing would find nothing, and nobody would hear of it: there it has to look like an id.
 */
static int check_nameless(struct api_store *s, struct org *org, struct err *err)
{
	if (org->name)
		return 0;
	if (s->offers[API_LIST_ORGS] == OFFER_NO && !uuid_is_valid(org->id))
		return api_not_offered(s, API_LIST_ORGS, err);
	org->name = org->id;
	return 0;
}

int api_store_find_org(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	struct api_facts facts;
	int rc;

	api_facts_init(&facts, (struct api_store *)store);
	rc = org_resolve(&facts.facts, text, out, arena, err);
	if (!rc)
		rc = check_nameless((struct api_store *)store, out, err);
	api_facts_release(&facts);
	return rc;
}

int api_store_find_user(struct store *store, const char *text, struct user *out, struct arena *arena, struct err *err)
{
	struct api_facts facts;
	int rc;

	api_facts_init(&facts, (struct api_store *)store);
	rc = user_resolve(&facts.facts, text, out, arena, err);
	api_facts_release(&facts);
	return rc;
}
