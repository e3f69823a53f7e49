/* What cnam and e911 have in common: numbers in use, and asking a provider. */
#ifndef DIDCTL_SERVICES_CMD_H
#define DIDCTL_SERVICES_CMD_H

#include "cmd/common.h"

/* The numbers named and the filters of a listing; without --state or operands those that organisations hold. */
int select_held(struct context *ctx, struct selection *out);

/* ERR_TARGET where the store has no emergency addresses and no names: not-set would be a guess there. */
int need_services(struct context *ctx);

int run_cnam_sync(struct context *ctx, void *args);
int run_e911_sync(struct context *ctx, void *args);

/* Of both syncs' help. */
#define PROVIDER_PROTOCOL                                                                                                       \
	"It reads a JSON object a line for each number and writes one for each, in any order: {\"number\":...,\"status\":...," \
	"\"text\":...}. "

#endif
