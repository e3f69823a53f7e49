/* The subcommand of env that is a file of its own, and its parts. */
#ifndef DIDCTL_ENV_H
#define DIDCTL_ENV_H

#include "cli/command.h"
#include "cmd/doctor.h"

extern const struct command env_check;

/* What env check sees beside the checks of doctor. */
struct env_remark {
	const char *severity, *name;
	struct finding finding;
};

struct env_look {
	struct context *ctx;
	struct doctor doctor;
	struct env_remark *remarks;
	size_t n, cap;
	bool has_error;
};

#define ENV_ERROR   "error"
#define ENV_WARNING "warning"
#define ENV_INFO    "info"

/* fix outlives the look; NULL: there is none. */
void env_remark(struct env_look *look, const char *severity, const char *name, const char *fix, const char *detail, ...)
	__attribute__((format(printf, 5, 6)));
void env_remark_staging(struct env_look *look, const char *severity, const char *state, const char *fix);
void env_remark_lookup(struct env_look *look, const char *but);

/* From so many numbers on, it matters how the switch looks one up. */
bool env_has_many(const struct env_look *look);

/*
 * env_switch.c: asks the switch of the setting ami what it has and what it runs. One that cannot be asked is a remark;
 * ERR_INTERRUPTED alone is an error.
 */
int env_ask_switch(struct env_look *look);

#endif
