/* What is written to those whom an order concerns, when they have to know of a change. */
#ifndef DIDCTL_PORT_MAIL_H
#define DIDCTL_PORT_MAIL_H

#include "did/plan.h"

/*
 * Whether a change of this order is told: its state is another, or of one that has a FOC the date or the numbers. What a
 * draft says is nobody's business yet.
 */
bool port_is_news(const struct object *order);

bool port_is_moved(const struct object *order); /* the commitment, its time or its zone is another */

/*
 * Subject and body. org: the organisation's name. Of a note only a public one; never the account number or the PIN.
 */
void port_mail(const struct change *change, const struct object *order, const char *org, struct buf *subject,
	       struct buf *body);

#endif
