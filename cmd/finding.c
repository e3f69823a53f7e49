#include "cmd/finding.h"

#include <stdlib.h>
#include <string.h>

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

struct value finding_cell(const char *severity, const char *name, const struct finding *finding, int column)
{
	const char *const cells[FINDING_FIELDS] = {
		[FINDING_SEVERITY] = severity,
		[FINDING_CHECK] = name,
		[FINDING_NUMBER] = finding->number,
		[FINDING_DETAIL] = finding->detail,
		[FINDING_FIX] = finding->fix,
	};

	return value_str(cells[column]);
}

struct value findings_cell(const void *findings, size_t row, int column)
{
	const struct finding *finding = &((const struct findings *)findings)->at[row];
	const struct check_info *info = &check_info[finding->check];

	return finding_cell(severity_names[info->severity], info->name, finding, column);
}
