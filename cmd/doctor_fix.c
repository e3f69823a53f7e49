/* doctor CHECK... --fix: from what is found to one change. */
#include <string.h>

#include "cmd/doctor.h"

void doctor_hint_fixable(struct context *ctx)
{
	struct buf names = {0};

	for (int check = 0; check < CHECK_COUNT; check++)
		if (check_info[check].is_fixable)
			buf_printf(&names, "%s%s", names.len ? ", " : "", check_names[check]);
	err_hint(&ctx->err, "it mends %s", buf_str(&names));
	buf_release(&names);
}

/* What the PBX changed is taken over into the history as it is; everything else changes rows. */
static int check_fixable(struct context *ctx, uint64_t checks)
{
	for (int check = 0; check < CHECK_COUNT; check++) {
		if (!(checks & CHECK_BIT(check)) || check_info[check].is_fixable)
			continue;
		err_set(&ctx->err, ERR_USAGE, "--fix cannot mend '%s'", check_names[check]);
		err_hint(&ctx->err, "'didctl doctor %s' names the command for each finding", check_names[check]);
		return ERR_USAGE;
	}
	if (checks & CHECK_BIT(CHECK_REPLAY) && checks != CHECK_BIT(CHECK_REPLAY))
		return err_set(&ctx->err, ERR_USAGE, "--fix of 'replay' records changes instead of making any: name it alone");
	return 0;
}

/* The numbers that were found, for the change that records what became of them. */
static void select_found(const struct doctor *doctor, struct selection *selection)
{
	for (size_t i = 0; i < doctor->findings.n; i++) {
		const char *number = doctor->findings.at[i].number;
		struct interval interval = {.count = 1};

		if (number && number_parse_stored(&interval.first, number, strlen(number), doctor->ctx->country))
			rangeset_add(&selection->numbers, interval);
	}
	rangeset_normalise(&selection->numbers);
}

static int find_work(struct context *ctx, uint64_t checks, struct change *change)
{
	struct doctor doctor;
	int rc;

	doctor_start(&doctor, ctx, checks, &change->repairs);
	rc = doctor_look(&doctor);
	if (!rc && change->verb == VERB_EXTERNAL)
		select_found(&doctor, &change->selection);
	doctor_release(&doctor);
	return rc;
}

/* Whether anything is left: what was refused, or what another program did meanwhile. */
static int look_again(struct context *ctx, uint64_t checks)
{
	struct doctor doctor;
	size_t left;
	int rc;

	doctor_start(&doctor, ctx, checks, NULL);
	rc = doctor_look(&doctor);
	left = doctor.findings.n;
	if (!rc && left) {
		note(ctx, "%zu finding%s left: 'didctl doctor' with the same checks lists %s", left, left == 1 ? " is" : "s are",
		     left == 1 ? "it" : "them");
		rc = ERR_ABSENT;
	} else if (rc == ERR_INTERRUPTED) {
		rc = err_set(&ctx->err, ERR_FAILED, "interrupted: the change was made, but nobody looked what is left");
	}
	doctor_release(&doctor);
	return rc;
}

int doctor_fix(struct context *ctx, uint64_t checks)
{
	bool is_replay = checks == CHECK_BIT(CHECK_REPLAY), is_recorded;
	struct change change;
	int rc = check_fixable(ctx, checks);

	if (rc)
		return rc;
	rc = change_begin(ctx, &change, is_replay ? VERB_EXTERNAL : VERB_REPAIR);
	change.checks = checks;
	if (!rc)
		rc = find_work(ctx, checks, &change);
	/* There is nothing to ask about where there is nothing to do, but a script gets its object all the same. */
	if (!rc && !change.repairs.n && !change.selection.numbers.n)
		ctx->write.yes = true;
	is_recorded = is_replay && change.selection.numbers.n && !ctx->write.dry_run;
	rc = change_end(ctx, &change, rc);
	if (!rc && is_recorded)
		note(ctx, "it stays as it is, and is on record: 'didctl undo %s' takes it back", change.id);
	return rc || ctx->write.dry_run ? rc : look_again(ctx, checks);
}
