/* env check: whether each number is wired as its environment says, as far as the inventory can tell. */
#include <inttypes.h>

#include "cmd/doctor.h"
#include "cmd/env.h"
#include "cmd/options.h"

#define MANY_NUMBERS 10000 /* the switch looks a number up line by line (measured: 25 ms at 100,000) */

#define ENV_CHECKS (CHECK_BIT(CHECK_ENV) | CHECK_BIT(CHECK_ENV_RANGE) | CHECK_BIT(CHECK_ENV_OSS))

static int put_staging(const struct doctor *doctor, struct sink *sink)
{
	struct finding finding = {
		.fix = "if calls do not arrive there: cloud-endpoint-stage must be Avail, the tunnel up, and "
		       "tata_gateway_identify on staging must match 10.10.10.1",
	};

	if (!doctor->staging)
		return 0;
	finding.detail = arena_printf(&doctor->ctx->arena, "%" PRIu64 " number%s forwarded to the staging system",
				      doctor->staging, doctor->staging == 1 ? " is" : "s are");
	return finding_put(sink, "info", "env-staging", &finding, &doctor->ctx->err);
}

static int put_lookup(const struct doctor *doctor, struct sink *sink)
{
	struct finding finding = {.fix = "extenpatternmatchnew=yes in [general] of extensions.conf"};

	if (doctor->dispatched < MANY_NUMBERS)
		return 0;
	finding.detail = arena_printf(&doctor->ctx->arena,
				      "%" PRIu64 " numbers are dispatched, and the switch looks them up one by one",
				      doctor->dispatched);
	return finding_put(sink, "warning", "env-lookup", &finding, &doctor->ctx->err);
}

static int print(struct context *ctx, const struct doctor *doctor)
{
	struct sink *sink = NULL;
	int rc = findings_open(ctx, &sink);

	if (!rc)
		rc = findings_put(ctx, sink, &doctor->findings);
	if (!rc)
		rc = put_staging(doctor, sink);
	if (!rc)
		rc = put_lookup(doctor, sink);
	return rows_close(ctx, sink, rc);
}

static int run_check(struct context *ctx, void *args)
{
	struct doctor doctor;
	int rc;

	(void)args;
	doctor_start(&doctor, ctx, ENV_CHECKS, NULL);
	rc = doctor_look(&doctor);
	if (!rc)
		rc = print(ctx, &doctor);
	doctor_release(&doctor);
	if (!rc)
		note(ctx, "only the inventory was looked at, not the switch itself");
	return rc;
}

static const struct example check_examples[] = {
	{"didctl env check", "Lists what is not wired as its environment says, and what to do."},
	{0},
};

const struct command env_check = {
	.name = "check",
	.summary = "check whether numbers are wired as their environment says",
	.about = "Compares the environment of each number with the ranges of the configuration (range.prod, "
		 "range.staging, range.oss), prints the lines that the OSS host needs, and says what else is "
		 "to be seen to. What it finds are warnings: the exit status is 0. 'didctl doctor env env-range "
		 "env-oss' finds the same for a script.",
	.groups = groups_show,
	.columns = finding_columns,
	.ncolumns = FINDING_FIELDS,
	.default_columns = FINDING_COLUMNS,
	.flags = COMMAND_READS,
	.run = run_check,
	.examples = check_examples,
};
