/* One message as RFC 5322 has it: headers of ours, and a text in UTF-8 as quoted-printable (RFC 2045, 6.7). */
#ifndef DIDCTL_MIME_H
#define DIDCTL_MIME_H

#include "base/buf.h"
#include "did/outgoing.h"

/*
 * Appends it, lines ended by CR LF, all of it ASCII. Two attempts are equal byte for byte, Message-ID and Date too: they
 * come from the row. Addresses are valid ones; a control character in the subject becomes a blank, so that it begins no
 * header, and broken UTF-8 U+FFFD.
 */
void mime_render(struct buf *out, const struct outgoing *message, const char *from);

#endif
