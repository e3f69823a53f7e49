/* From words to a change, and the one way in which a change is carried out. */
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/common.h"
#include "cmd/fields.h"
#include "cmd/mail.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "did/runs.h"

#define HOST_MAX 256

/* From the file, which costs no look at the name service; the C library's crashes where memory is short. */
static const struct passwd *find_user(uid_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;

	while (file && (user = fgetpwent(file)) && user->pw_uid != uid)
		;
	if (file)
		fclose(file);
	return user ? user : getpwuid(uid);
}

/* Who did it, for the history: the setting, else the login name. It is a record, not an authentication. */
static const char *find_actor(struct context *ctx)
{
	const char *actor = conf_get(ctx->conf, SET_ACTOR, NULL);
	const struct passwd *user = actor ? NULL : find_user(getuid());

	if (actor)
		return actor;
	if (user)
		return arena_strdup(&ctx->arena, user->pw_name);
	return arena_printf(&ctx->arena, "uid %ld", (long)getuid());
}

static const char *find_host(struct context *ctx)
{
	char host[HOST_MAX] = "";

	if (gethostname(host, sizeof(host) - 1))
		return "unknown";
	return arena_strdup(&ctx->arena, host);
}

const char *uuid_key(struct context *ctx, const char *uuid)
{
	char *key = arena_strdup(&ctx->arena, uuid);

	for (char *c = key; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c |= 0x20;
	return key;
}

int change_read_id(struct context *ctx, const char *word, const char **out)
{
	char shown[TEXT_SHOWN];

	if (!uuid_is_valid(word)) {
		err_set(&ctx->err, ERR_USAGE, "'%s' is not the id of a change", text_show(shown, word, strlen(word)));
		err_hint(&ctx->err, "'didctl history' lists the changes with their ids, the newest first");
		return ERR_USAGE;
	}
	*out = uuid_key(ctx, word);
	return 0;
}

/* The id by --change-id, or a new one. */
static int choose_id(struct context *ctx, struct change *change)
{
	const char *given = ctx->write.change_id;

	if (!given)
		return uuid_make(change->id, &ctx->err);
	if (!uuid_is_valid(given))
		return err_set(&ctx->err, ERR_USAGE, "the value of --change-id is not a UUID");
	change->id_given = true;
	change_read_id(ctx, given, &given);
	memcpy(change->id, given, sizeof(change->id));
	return 0;
}

int change_begin(struct context *ctx, struct change *change, enum verb verb)
{
	const struct write_options *options = &ctx->write;
	const char *hold_days = conf_get(ctx->conf, SET_HOLD_DAYS, NULL);
	int rc = 0;

	*change = (struct change){
		.verb = verb,
		.actor = find_actor(ctx),
		.host = find_host(ctx),
		.target = conf_get(ctx->conf, SET_TARGET, NULL),
		.to = STATE_UNKNOWN,
		.hold_days = -1,
		.default_hold_days = hold_days ? days_parse(hold_days) : 0,
		.dry_run = options->dry_run,
		.partial = options->partial,
		.chunk = (uint64_t)options->chunk,
		.expect = options->expect_given ? options->expect : -1,
		.now_ms = clock_now_ms(),
	};
	if (options->reason)
		rc = check_text(ctx, "--reason", options->reason, &change->reason);
	return rc ? rc : choose_id(ctx, change);
}

int change_select(struct context *ctx, struct change *change, const char *const *words, size_t n)
{
	struct selection *selection = &change->selection;
	int rc = select_operands(ctx, words, n, false, selection);

	if (!rc)
		rc = select_filters(ctx, selection);
	if (rc)
		return rc;
	if (selection_is_all(selection)) {
		err_set(&ctx->err, ERR_USAGE, "'%s' names no number", verb_info[change->verb].name);
		err_hint(&ctx->err, "name numbers, ranges, @FILE or '-'%s: nothing named never means all of "
				    "them",
			 change->verb == VERB_ADD ? "" : ", or --where KEY=VALUE");
		return ERR_USAGE;
	}
	if (selection->nfilters && change->expect < 0 && !was_done_before(ctx, change)) {
		err_set(&ctx->err, ERR_USAGE, "--where needs --expect N: how many numbers are to change");
		err_hint(&ctx->err, "'--dry-run --expect 0' shows how many there are, and which");
		return ERR_USAGE;
	}
	return 0;
}

bool wants_regen(const struct context *ctx)
{
	const char *setting = conf_get(ctx->conf, SET_REGEN, NULL);

	if (ctx->write.regen || ctx->write.no_regen)
		return ctx->write.regen;
	return setting ? strcmp(setting, "yes") == 0 : store_can(ctx->store, CAN_REGENERATE);
}

/* What the words alone tell, before the target is asked for anything. */
static int check_words(struct context *ctx, const struct change *change)
{
	uint64_t named =
		rangeset_count(&change->selection.numbers) + change->selection.nids + change->pick.count;

	if (named > CHANGE_EXPECT_ABOVE && change->expect < 0 && !was_done_before(ctx, change))
		return runs_want_expect(named, &ctx->err);
	if (wants_regen(ctx) && verb_info[change->verb].moves_calls && !store_can(ctx->store, CAN_REGENERATE) &&
	    !conf_get(ctx->conf, SET_AMI, NULL)) {
		err_set(&ctx->err, ERR_TARGET, "no switch is set to regenerate files for");
		err_hint(&ctx->err, "set 'ami' and 'ami-secret-file' in the profile; --no-regen changes the inventory alone");
		return ERR_TARGET;
	}
	return 0;
}

/*
 * The change is done whatever becomes of the switch's files, and the same command again makes up for it. One that was itself
 * broken off has an error already, whose hint says how to go on with it, and with that the files are written, too.
 */
int change_regen(struct context *ctx, uint64_t numbers, int rc)
{
	const struct err own = ctx->err;
	char hint[ERR_HINT_MAX];

	if (!regen_after_change(ctx, numbers))
		return rc;
	if (rc && own.text[0]) {
		err_prefix(&ctx->err, "%s; and the switch was not changed: ", own.text);
		err_hint(&ctx->err, "%s", own.hint);
	} else {
		err_prefix(&ctx->err, "the inventory was changed, but the switch was not: ");
		snprintf(hint, sizeof(hint), "%s", ctx->err.hint);
		err_hint(&ctx->err, "%s%sdidctl regen", hint, hint[0] ? "; then: " : "once that is mended: ");
	}
	return ctx->err.code = ERR_PARTIAL;
}

static int apply(struct context *ctx, struct change *change, struct plan *plan)
{
	int rc;

	/* Also with -q: whoever loses the answer can look it up by this. */
	if (!change->dry_run && !change->is_idle)
		fprintf(stderr, "change-id: %s\n", change->id);
	rc = apply_with_progress(ctx, change, plan);
	if (!change->dry_run && change->is_idle && (rc || plan->changed))
		fprintf(stderr, "change-id: %s\n", change->id);
	return rc;
}

int change_run(struct context *ctx, struct change *change)
{
	struct plan plan = {0};
	struct shown shown = {0};
	bool moves_calls, has_mail;
	uint64_t changed;
	int rc = check_words(ctx, change);

	if (!rc)
		rc = ask_change(ctx, change, &plan, &shown);
	if (!rc)
		rc = apply(ctx, change, &plan);
	rc = report_change(ctx, change, &plan, &shown, rc);
	strlist_release(&shown.warnings);
	moves_calls = (plan.moves_calls || plan.is_replay) && !change->dry_run;
	changed = plan.changed;
	has_mail = plan.is_recorded && plan.messages.n;
	plan_release(&plan);
	change_release(change);
	if (rc && rc != ERR_PARTIAL)
		return rc;
	if (moves_calls && wants_regen(ctx))
		rc = change_regen(ctx, changed, rc);
	if (has_mail) /* after the switch's files: a mail server that is slow keeps no calls from moving */
		mail_send_after_change(ctx);
	return rc;
}

int change_end(struct context *ctx, struct change *change, int rc)
{
	if (!rc)
		return change_run(ctx, change);
	change_release(change);
	return rc;
}

int change_numbers(struct context *ctx, enum verb verb)
{
	struct change change;
	int rc = change_begin(ctx, &change, verb);

	if (!rc)
		rc = change_select(ctx, &change, ctx->operands.at, ctx->operands.n);
	return change_end(ctx, &change, rc);
}
