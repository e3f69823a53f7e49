/* Hands messages over: to a mail server by SMTP, or to a program that is called as sendmail is. */
#ifndef DIDCTL_MAILER_H
#define DIDCTL_MAILER_H

#include "base/conf.h"
#include "did/outgoing.h"

struct mailer;

/*
 * By the settings smtp, smtp-tls, smtp-user, smtp-password-file, smtp-ca-file and mail-from, or sendmail and mail-from;
 * connects to nobody yet. ERR_TARGET names what is missing or does not go together: among others, a password is never
 * sent in clear text to another machine.
 */
int mailer_open(struct mailer **out, const struct conf *conf, struct err *err);
void mailer_close(struct mailer *mailer); /* NULL is allowed */

/*
 * One attempt. deadline_ms, by the monotonic clock, is for all until the last byte of the message is out; its answer has as
 * long as RFC 5321 wants. why tells of all but OUTGOING_SENT, in words that may be shown and have no secret; ERR_INTERRUPTED
 * in it: a signal came before the message was out, and it was not sent. A signal after that is not heard until the answer
 * is there.
 */
enum outgoing_end mailer_send(struct mailer *mailer, const struct outgoing *message, int64_t deadline_ms, struct err *why);

#endif
