/* Sends what waits in the outbox. */
#ifndef DIDCTL_MAIL_H
#define DIDCTL_MAIL_H

#include "cmd/common.h"

/*
 * Sends what is due, oldest first (port sweep). A message that cannot be sent stays and is tried again later, or is given
 * up: a line on stderr says so, and it fails no command. Negative for what the store itself cannot do, and ERR_INTERRUPTED.
 * A store without an outbox (an API sends its own mail) has nothing to do.
 */
int mail_send_waiting(struct context *ctx);

/*
 * The same after a change that caused mail. It may keep the command for seconds only and changes nothing about how that
 * ended: what is not sent now waits for port sweep.
 */
void mail_send_after_change(struct context *ctx);

#endif
