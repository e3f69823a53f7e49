/* sendmail, or what is called so: PROGRAM -i -f FROM -- RECIPIENT, and the message on its standard input. */
#ifndef DIDCTL_SENDMAIL_H
#define DIDCTL_SENDMAIL_H

#include "base/buf.h"
#include "did/outgoing.h"

/* text: of lines that end in '\n'. As mailer_send. */
enum outgoing_end sendmail_run(const char *program, const char *from, const char *to, const struct buf *text,
			       int64_t deadline_ms, struct err *why);

#endif
