/* Sends what waits in the outbox. */
#ifndef DIDCTL_MAIL_H
#define DIDCTL_MAIL_H

#include "cmd/common.h"

/*
 * Sends what is due, oldest first, at most limit messages; 0: all (port sweep). change_run does so after a change that
 * causes mail. A message that cannot be sent stays and is tried again later: a line on stderr says so, and it fails no
 * command. Negative for what the store itself cannot do, and ERR_INTERRUPTED. A store without an outbox (an API sends its
 * own mail) has nothing to do.
 */
int mail_send_waiting(struct context *ctx, unsigned limit);

#endif
