/* env check, of the switch itself: what the inventory alone cannot tell, asked over AMI. */
#include <inttypes.h>
#include <string.h>

#include "cmd/env.h"
#include "dialplan/contents.h"
#include "dialplan/place.h"
#include "dialplan/running.h"

#define ALL_ANSWERS_MS 30000 /* an operator waits for it */

/* A question without an answer is a remark; only a signal ends the command. */
static int remark_unanswered(struct env_look *look, const char *name, const struct err *err)
{
	if (err->code == ERR_INTERRUPTED) {
		look->ctx->err = *err;
		return err->code;
	}
	env_remark(look, ENV_ERROR, name, *err->hint ? arena_strdup(&look->ctx->arena, err->hint) : "didctl env check", "%s",
		   err->text);
	return 0;
}

/* ---- staging: what stands behind the endpoint is the other system's, of which only hints can be given */

#define IDENTIFY "tata_gateway_identify on staging must match 10.10.10.1"

static const struct {
	const char *severity, *state, *fix;
} endpoints[] = {
	[ENDPOINT_ABSENT] = {ENV_ERROR, ", which the switch does not have",
			     "make this endpoint in pjsip.conf, or set staging-endpoint to the one that is there"},
	[ENDPOINT_NO_CONTACT] = {ENV_ERROR, ", which has no contact: they end there",
				 "give the endpoint's aor a contact in pjsip.conf: the staging system's address in the tunnel"},
	[ENDPOINT_UNAVAILABLE] = {ENV_ERROR, ", which does not answer", "see whether the tunnel is up; " IDENTIFY},
	[ENDPOINT_UNQUALIFIED] = {ENV_WARNING, "; whether that answers, the switch does not know",
				  "qualify_frequency=60 in the endpoint's aor in pjsip.conf"},
	[ENDPOINT_AVAILABLE] = {ENV_INFO, ", which is Avail", "if calls do not arrive there: " IDENTIFY},
};

static int ask_staging(struct env_look *look, struct ami *ami)
{
	enum endpoint_state state;
	struct err err = {0};

	if (!look->doctor.staging)
		return 0;
	if (running_endpoint(ami, look->doctor.dispatcher.staging_endpoint, &state, &err))
		return remark_unanswered(look, "env-staging", &err);
	env_remark_staging(look, endpoints[state].severity, endpoints[state].state, endpoints[state].fix);
	return 0;
}

/* ---- look-up */

static int ask_lookup(struct env_look *look, struct ami *ami)
{
	struct err err = {0};
	bool is_fast;

	if (!env_has_many(look))
		return 0;
	if (running_has_fast_match(ami, &is_fast, &err) == ERR_INTERRUPTED)
		return remark_unanswered(look, "env-lookup", &err);
	if (err.code)
		env_remark_lookup(look, arena_printf(&look->ctx->arena, ", unless it is told otherwise: %s", err.text));
	else if (!is_fast)
		env_remark_lookup(look, "");
	return 0;
}

/* ---- what runs, against the dispatcher's file and the inventory */

struct dispatcher_file {
	bool is_there;
	struct contents contents;
};

static int read_file(const struct dispatcher *dispatcher, struct dispatcher_file *out, struct err *err)
{
	const struct layout layout = {.context = dispatcher->context, .marker = MARK_CONTEXT};
	struct place_dir dir = PLACE_DIR_INIT;
	struct place place = PLACE_INIT;
	struct names names = {0};
	int rc = place_dir_open(&dir, dispatcher->dir, err);

	if (!rc)
		rc = place_open(&place, &dir, dispatcher->file, err);
	out->is_there = !rc && place.old >= 0;
	if (out->is_there)
		rc = contents_read(&out->contents, place.old, &layout, &names, NULL, err);
	place_end(&place);
	place_dir_close(&dir);
	names_release(&names);
	return rc;
}

static bool has_found(const struct doctor *doctor, enum check check)
{
	for (size_t i = 0; i < doctor->findings.n; i++)
		if (doctor->findings.at[i].check == check)
			return true;
	return false;
}

/* The file is what runs; whether it is what the inventory says, regen has noted, or the generations tell. */
static int compare_inventory(struct env_look *look, uint64_t written)
{
	struct context *ctx = look->ctx;
	const char *file = look->doctor.dispatcher.file;
	uint64_t now = 0, live = 0;
	int rc = store_generation(ctx->store, &now, &ctx->err);

	if (!rc)
		rc = store_live(ctx->store, &live, &ctx->err);
	if (rc || has_found(&look->doctor, CHECK_LIVE))
		return rc;
	if (written > now)
		env_remark(look, ENV_WARNING, "env-live", "didctl regen --diff",
			   "%s is of generation %" PRIu64 ", newer than the inventory's %" PRIu64 ": is the target right?", file,
			   written, now);
	else if (now > written && now > live)
		env_remark(look, ENV_WARNING, "env-live", "didctl regen",
			   "%s is of generation %" PRIu64 ", the inventory of %" PRIu64 ": what moved since is not live", file,
			   written, now);
	else
		env_remark(look, ENV_INFO, "env-live", NULL, "the switch runs what %s and the inventory say, generation %" PRIu64,
			   file, written);
	return 0;
}

static int ask_running(struct env_look *look, struct ami *ami, const struct mark *mark)
{
	const struct dispatcher *dispatcher = &look->doctor.dispatcher;
	char runs[GENERATION_TEXT];
	struct err err = {0};
	int rc = running_generation(ami, MARK_CONTEXT, runs, &err);

	if (rc == ERR_ABSENT)
		env_remark(look, ENV_ERROR, "env-live",
			   arena_printf(&look->ctx->arena, "#include \"%s\" in extensions.conf, then didctl regen", dispatcher->file),
			   "%s", err.text);
	else if (rc)
		return remark_unanswered(look, "env-live", &err);
	else if (strncmp(runs, mark->sha256, GENERATION_TEXT - 1) != 0)
		env_remark(look, ENV_ERROR, "env-live", "didctl regen",
			   "the switch runs gen-%s, and %s/%s is gen-%.*s: it was not reloaded, or reads another file", runs,
			   dispatcher->dir, dispatcher->file, GENERATION_TEXT - 1, mark->sha256);
	else
		return compare_inventory(look, mark->generation);
	return 0;
}

static int ask_live(struct env_look *look, struct ami *ami)
{
	static const char *const not_ours[] = {
		[CONTENTS_FOREIGN] = "was not written by didctl", [CONTENTS_ALTERED] = "was altered since didctl wrote it",
	};
	const struct dispatcher *dispatcher = &look->doctor.dispatcher;
	struct dispatcher_file file = {0};
	struct err err = {0};

	if (read_file(dispatcher, &file, &err))
		env_remark(look, ENV_WARNING, "env-live", "set asterisk-dir, or ask where the switch's files are",
			   "what the switch should run is not known: %s", err.text);
	else if (!file.is_there && look->doctor.dispatched)
		env_remark(look, ENV_ERROR, "env-live", "didctl regen", "there is no %s in %s, and no number is dispatched by it",
			   dispatcher->file, dispatcher->dir);
	else if (file.is_there && file.contents.origin != CONTENTS_OURS)
		env_remark(look, ENV_WARNING, "env-live", "didctl regen --diff; then didctl regen --adopt", "%s %s",
			   dispatcher->file, not_ours[file.contents.origin]);
	else if (file.is_there)
		return ask_running(look, ami, &file.contents.mark);
	return 0;
}

int env_ask_switch(struct env_look *look)
{
	const struct target_options *options = &look->ctx->target;
	int64_t timeout_ms = options->timeout_given ? options->timeout * INT64_C(1000) : 0;
	struct err err = {0};
	struct ami *ami = NULL;
	int rc;

	if (ami_open_configured(&ami, look->ctx->conf, timeout_ms, ALL_ANSWERS_MS, &err))
		return remark_unanswered(look, "env-switch", &err);
	rc = ask_staging(look, ami);
	if (!rc)
		rc = ask_lookup(look, ami);
	if (!rc)
		rc = ask_live(look, ami);
	ami_close(ami);
	return rc;
}
