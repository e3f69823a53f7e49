#include "cmd/finding.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common.h"

const struct column finding_columns[FINDING_FIELDS] = {
	[FINDING_SEVERITY] = {"severity", "Severity", "error, warning or info", COL_ID},
	[FINDING_CHECK] = {"check", "Check", "name of what was looked at", COL_ID},
	[FINDING_NUMBER] = {"number", "Number", "the number as it is stored; absent where it is about all", COL_NUMBER},
	[FINDING_DETAIL] = {"detail", "Detail", "what was found", COL_TEXT},
	[FINDING_FIX] = {"fix", "Fix", "the command that mends it", COL_TEXT},
};

/* The text, or the last one of its kind where it is the same. */
static const char *keep(struct findings *findings, const char **last, const char *text)
{
	if (!text || (*last && strcmp(*last, text) == 0))
		return text ? *last : NULL;
	return *last = arena_strdup(&findings->arena, text);
}

static int add(struct finder *finder, const struct finding *finding, struct err *err)
{
	struct findings *findings = (struct findings *)finder;
	enum check check = finding->check;
	struct finding *to;

	(void)err;
	GROW(findings->at, findings->n, findings->cap);
	to = &findings->at[findings->n++];
	*to = (struct finding){
		.check = check,
		.number = finding->number ? arena_strdup(&findings->arena, finding->number) : NULL,
		.detail = keep(findings, &findings->detail[check], finding->detail),
		.fix = keep(findings, &findings->fix[check], finding->fix),
	};
	findings->count[check_info[check].severity]++;
	return 0;
}

void findings_start(struct findings *findings)
{
	*findings = (struct findings){.finder = {add}};
}

static int compare_texts(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int order = (int)a->check - (int)b->check; /* in which errors come first */

	if (!order)
		order = compare_texts(a->number, b->number);
	return order ? order : compare_texts(a->detail, b->detail);
}

void findings_sort(struct findings *findings)
{
	if (findings->n)
		qsort(findings->at, findings->n, sizeof(*findings->at), compare);
}

void findings_release(struct findings *findings)
{
	free(findings->at);
	arena_release(&findings->arena);
}

int findings_open(struct context *ctx, struct sink **out)
{
	static const struct column *const columns[FINDING_FIELDS] = {
		&finding_columns[FINDING_SEVERITY], &finding_columns[FINDING_CHECK], &finding_columns[FINDING_NUMBER],
		&finding_columns[FINDING_DETAIL], &finding_columns[FINDING_FIX],
	};

	return rows_open(ctx, columns, FINDING_FIELDS, out);
}

int finding_put(struct sink *sink, const char *severity, const char *name, const struct finding *finding,
		struct err *err)
{
	const struct value row[FINDING_FIELDS] = {
		[FINDING_SEVERITY] = value_str(severity),
		[FINDING_CHECK] = value_str(name),
		[FINDING_NUMBER] = value_str(finding->number),
		[FINDING_DETAIL] = value_str(finding->detail),
		[FINDING_FIX] = value_str(finding->fix),
	};

	return sink_row(sink, row, err);
}

int findings_put(struct context *ctx, struct sink *sink, const struct findings *findings)
{
	int rc = 0;

	for (size_t i = 0; i < findings->n && !rc; i++) {
		const struct check_info *info = &check_info[findings->at[i].check];

		rc = finding_put(sink, severity_names[info->severity], info->name, &findings->at[i], &ctx->err);
		if (!rc)
			rc = check_interrupt(ctx);
	}
	return rc;
}
