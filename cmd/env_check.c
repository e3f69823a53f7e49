/* env check: whether each number is wired as its environment says, by the inventory, and by the switch where it can be asked. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/env.h"
#include "cmd/options.h"

#define MANY_NUMBERS 10000 /* the switch looks a number up line by line (measured: 25 ms at 100,000) */

#define ENV_CHECKS \
	(CHECK_BIT(CHECK_ENV) | CHECK_BIT(CHECK_ENV_RANGE) | CHECK_BIT(CHECK_ENV_OSS) | CHECK_BIT(CHECK_LIVE))

static void add_remark(struct env_look *look, const char *severity, const char *name, const char *detail, const char *fix)
{
	GROW(look->remarks, look->n, look->cap);
	look->remarks[look->n++] = (struct env_remark){severity, name, {.detail = detail, .fix = fix}};
	look->has_error |= strcmp(severity, ENV_ERROR) == 0;
}

void env_remark(struct env_look *look, const char *severity, const char *name, const char *fix, const char *detail, ...)
{
	char text[ERR_TEXT_MAX + 128];
	va_list args;

	va_start(args, detail);
	vsnprintf(text, sizeof(text), detail, args);
	va_end(args);
	add_remark(look, severity, name, arena_strdup(&look->ctx->arena, text), fix);
}

void env_remark_staging(struct env_look *look, const char *severity, const char *state, const char *fix)
{
	const struct doctor *doctor = &look->doctor;

	if (doctor->staging)
		env_remark(look, severity, "env-staging", fix, "%" PRIu64 " number%s forwarded to %s%s", doctor->staging,
			   doctor->staging == 1 ? " is" : "s are", doctor->dispatcher.staging_endpoint, state);
}

void env_remark_lookup(struct env_look *look, const char *but)
{
	env_remark(look, ENV_WARNING, "env-lookup", "extenpatternmatchnew=yes in [general] of extensions.conf",
		   "%" PRIu64 " numbers are dispatched, and the switch looks them up one by one%s", look->doctor.dispatched,
		   but);
}

bool env_has_many(const struct env_look *look)
{
	return look->doctor.dispatched >= MANY_NUMBERS;
}

/* Where the switch is not asked, what there is to be looked at is said. */
static void remark_unasked(struct env_look *look)
{
	const char *endpoint = look->doctor.dispatcher.staging_endpoint;

	env_remark_staging(look, ENV_INFO, ", the staging system",
			   arena_printf(&look->ctx->arena,
					"if calls do not arrive there: %s must be Avail, the tunnel up, and "
					"tata_gateway_identify on staging must match 10.10.10.1", endpoint));
	if (env_has_many(look))
		env_remark_lookup(look, "");
}

static size_t count_errors(const struct env_look *look)
{
	size_t n = 0;

	for (size_t i = 0; i < look->n; i++)
		n += strcmp(look->remarks[i].severity, ENV_ERROR) == 0;
	return n;
}

/* The n-th remark, errors first. */
static const struct env_remark *find_remark(const struct env_look *look, size_t n)
{
	static const char *const order[] = {ENV_ERROR, ENV_WARNING, ENV_INFO};

	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (size_t i = 0; i < look->n; i++)
			if (strcmp(look->remarks[i].severity, order[k]) == 0 && !n--)
				return &look->remarks[i];
	return NULL;
}

/* Errors first: of the checks, none finds more than a warning. */
static struct value cell(const void *of, size_t row, int column)
{
	const struct env_look *look = of;
	const struct findings *findings = &look->doctor.findings;
	size_t errors = count_errors(look);
	const struct env_remark *remark;

	if (row >= errors && row < errors + findings->n)
		return findings_cell(findings, row - errors, column);
	remark = find_remark(look, row < errors ? row : row - findings->n);
	return finding_cell(remark->severity, remark->name, &remark->finding, column);
}

static int run_check(struct context *ctx, void *args)
{
	struct env_look look = {.ctx = ctx};
	bool is_asked = conf_get(ctx->conf, SET_AMI, NULL) != NULL;
	struct listing_plan plan;
	int rc = listing_choose(ctx, &plan);

	(void)args;
	if (rc)
		return rc;
	doctor_start(&look.doctor, ctx, ENV_CHECKS, NULL);
	rc = doctor_look(&look.doctor);
	if (!rc && is_asked)
		rc = env_ask_switch(&look);
	else if (!rc)
		remark_unasked(&look);
	if (!rc)
		rc = list_kept(ctx, &plan, &(struct kept_rows){&look, look.n + look.doctor.findings.n, cell});
	if (!rc && !is_asked)
		note(ctx, "only the inventory was looked at, not the switch itself: no 'ami' is set");
	if (!rc && look.has_error)
		rc = ERR_ABSENT;
	doctor_release(&look.doctor);
	free(look.remarks);
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
		 "range.staging, range.oss), prints the lines that the OSS host needs, and says what was moved "
		 "but is not live. With ami set it asks the switch, too: whether it has the staging endpoint and "
		 "reaches it, whether it runs the dispatcher that the file and the inventory say, and how it looks "
		 "numbers up. Exit status 3 when there are errors; warnings do not count. 'didctl doctor env "
		 "env-range env-oss live' finds for a script what the inventory tells.",
	.groups = groups_list,
	.columns = finding_columns,
	.ncolumns = FINDING_FIELDS,
	.default_columns = FINDING_COLUMNS,
	.flags = COMMAND_READS,
	.run = run_check,
	.examples = check_examples,
};
