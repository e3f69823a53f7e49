/* Inside the REST store: one HTTP client, and the operations of openapi.yaml. Only the files of lib/store/api include this. */
#ifndef DIDCTL_APISTORE_H
#define DIDCTL_APISTORE_H

#include "base/http.h"
#include "base/json.h"
#include "store/store.h"

/* The operations of openapi.yaml that didctl uses; call.c has them as a table. */
enum api_operation {
	API_LIST_AVAILABLE, API_LIST_NUMBERS, API_GET_NUMBER, API_ADD_NUMBER, API_EDIT_NUMBER, API_DELETE_NUMBER,
	API_REQUEST_NUMBER, API_APPROVE_NUMBER, API_REJECT_NUMBER, API_ASSIGN_NUMBER, API_RELEASE_NUMBER,
	API_REGENERATE,
	API_LIST_ORGS, API_GET_ORG, API_ADD_ORG, API_EDIT_ORG, API_DELETE_ORG,
	API_LIST_USERS, API_GET_USER, API_ADD_USER, API_EDIT_USER, API_DELETE_USER,
	API_LIST_LOCATIONS, API_GET_LOCATION, API_ADD_LOCATION, API_EDIT_LOCATION, API_DELETE_LOCATION,
	API_SET_E911, API_CLEAR_E911, API_SET_CNAM, API_CLEAR_CNAM, API_SET_DEFAULT_CNAM, API_CLEAR_DEFAULT_CNAM,
	API_LIST_PORTS, API_GET_PORT, API_ADD_PORT, API_EDIT_PORT, API_DELETE_PORT, API_MOVE_PORT, API_ADD_PORT_DOCUMENT,
	API_GET_PORT_DOCUMENT,
	API_OPERATIONS,
};

/* What is known so far of an operation that the system's documents do not name. */
enum api_offer { OFFER_UNKNOWN, OFFER_YES, OFFER_NO };

struct api_store {
	struct store store;
	const struct conf *conf;
	enum store_access access;
	struct http_client *http;
	char *origin; /* "https://HOST[:PORT]", for messages */
	int timeout_s; /* --timeout; 0: not given */
	const struct country *country; /* the settings': the API does not say */
	enum api_offer offers[API_OPERATIONS];
	bool has_services; /* a row of a number has said what its name and emergency address are */
	struct arena arena;
	struct api_cursor *cursor; /* of the open query */
};

/* ---- call.c: one request, its answer checked */

struct api_request {
	enum api_operation operation;
	const char *id;		     /* of the row, where the path has one; escaped here */
	const char *query;	     /* "limit=1000&...", escaped; or NULL */
	const char *body;	     /* JSON, or NULL */
	const char *idempotency_key; /* or NULL */
	const char *etag;	     /* or NULL */
};

#define API_CODE_MAX 32

struct api_answer {
	struct json *body;	    /* of a success; NULL where there is none; for json_free */
	int status;		    /* 0: no whole answer came */
	bool was_replayed;	    /* an earlier request with this key did the work */
	char code[API_CODE_MAX];    /* the contract's word for a refusal: "state", "owner"; or empty */
};

/* How long one request has been put off so far; zero-initialise. */
struct api_patience {
	unsigned tries;
	int64_t waited_ms;
};

/*
 * Sends and waits; asks again where that is safe: after 429 and 503 (nothing was done), as their Retry-After says and within
 * the time limit, and a read whose answer was cut. Only while nothing is in flight. out may be NULL; on an error its
 * body is NULL, and status and code say what came.
 *
 * ERR_TARGET: 401, 403, a redirect, an answer that is no JSON, a server that fails, what this API does not offer;
 * ERR_ABSENT: 404 of a row; ERR_REFUSED: 409, 412, 422, in the server's words; ERR_UNKNOWN: a write that may have been
 * done; ERR_INTERRUPTED.
 */
int api_call(struct api_store *s, const struct api_request *request, struct api_answer *out, struct err *err);

/* The same for a read that api_send has sent and that alone is in flight. */
int api_await(struct api_store *s, const struct api_request *request, struct api_answer *out, struct err *err);

/* The parts of it, for many at once over http_next; index comes back with the answer. */
int api_send(struct api_store *s, const struct api_request *request, size_t index, struct err *err);
/* Whether there is patience left for *wait_ms more: as long as the server asks for, or 0, longer each time. */
bool api_may_wait(const struct api_store *s, struct api_patience *patience, long long asked_s, int64_t *wait_ms);
/* Whether to send the same again after *wait_ms: after 429 and 503. */
bool api_is_put_off(const struct api_store *s, const struct http_answer *answer, struct api_patience *patience,
		    int64_t *wait_ms);
int api_judge(struct api_store *s, enum api_operation operation, const struct http_answer *answer,
	      struct api_answer *out, struct err *err);

/* Whether a text can be an id in a path (the contract's Id). */
bool api_is_id(const char *text);
/* ERR_TARGET: this API does not offer it, and where it can be had. */
int api_not_offered(const struct api_store *s, enum api_operation operation, struct err *err);
/* ERR_TARGET: an answer came that is not what the contract says; what: "a number has no id". */
int api_broken(const struct api_store *s, enum api_operation operation, const char *what, struct err *err);
/* Appends "&name=value" ("name=value" to an empty query), the value escaped. */
void api_query_add(struct buf *query, const char *name, const char *value);

/* The rest of the operations, by file. */
int api_store_query(struct store *store, const struct query *query, struct err *err); /* list.c */
int api_store_next(struct store *store, const struct value **row, struct err *err);
void api_store_done(struct store *store);
int api_store_find_org(struct store *store, const char *text, struct org *out, struct arena *arena,
		       struct err *err); /* find.c */
int api_store_find_user(struct store *store, const char *text, struct user *out, struct arena *arena,
			struct err *err);
int api_store_apply(struct store *store, const struct change *change, struct plan *plan, struct err *err); /* apply.c */
int api_store_resolve(struct store *store, const char *change_id, enum outcome *out, struct err *err);
int api_store_broken_off(struct store *store, const struct change *change, char id[UUID_TEXT],
			 struct err *err); /* history.c */
int api_store_init(struct store *store, const struct init_options *options, struct init_report *report,
		   struct err *err); /* lacking.c */
int api_store_at(struct store *store, const struct selection *selection, const char *time,
		 struct value row[DID_FIELDS], struct arena *arena, struct err *err);
int api_store_begin_snapshot(struct store *store, struct err *err);
void api_store_end_snapshot(struct store *store);
int api_store_generation(struct store *store, uint64_t *out, struct err *err);
int api_store_live(struct store *store, uint64_t *out, struct err *err);
int api_store_regenerate(struct store *store, uint64_t *routes, struct err *err); /* regenerate.c */
int api_store_set_live(struct store *store, uint64_t generation, struct err *err);
int api_store_survey(struct store *store, uint64_t checks, struct finder *finder, struct err *err);
int api_store_verify(struct store *store, uint64_t checks, struct finder *finder, struct progress *progress,
		     struct err *err);
int api_store_seal(struct store *store, struct seal_report *report, struct progress *progress, struct err *err);

#endif
