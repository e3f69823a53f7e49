/* Findings as rows, for doctor and env check: kept until all are there, put in order, printed. */
#ifndef DIDCTL_CMD_FINDING_H
#define DIDCTL_CMD_FINDING_H

#include "base/value.h"
#include "cmd/context.h"
#include "did/check.h"

enum finding_field {
	FINDING_SEVERITY, FINDING_CHECK, FINDING_NUMBER, FINDING_DETAIL, FINDING_FIX, FINDING_FIELDS,
};
extern const struct column finding_columns[FINDING_FIELDS];
#define FINDING_COLUMNS "severity,check,number,detail,fix"

struct findings {
	struct finder finder; /* first: who looks is given this */
	struct arena arena;
	struct finding *at;
	size_t n, cap;
	const char *detail[CHECK_COUNT], *fix[CHECK_COUNT]; /* the check's last ones: most of a million are alike */
	size_t count[SEVERITY_COUNT];
};

void findings_start(struct findings *findings);
/* Errors first, then by check in their order, then by number. */
void findings_sort(struct findings *findings);
void findings_release(struct findings *findings);

/* A cell of a finding's row; and of the row-th finding, for list_kept. */
struct value finding_cell(const char *severity, const char *name, const struct finding *finding, int column);
struct value findings_cell(const void *findings, size_t row, int column);

#endif
