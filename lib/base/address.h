/* Mail addresses: LOCAL@DOMAIN of RFC 5321 in ASCII, and lists of them joined by commas. */
#ifndef DIDCTL_ADDRESS_H
#define DIDCTL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ADDRESS_MAX 254 /* RFC 5321, 4.5.3.1.3, without the brackets */

/*
 * Neither quoted local parts nor address literals, which no customer's mailbox has, no character that has a meaning in a
 * header or a command of SMTP, and nothing that a program would take for an option.
 */
bool address_is_valid(const char *s, size_t len);

int address_check(const char *list, size_t most, struct err *err); /* ERR_USAGE names what is none; most: 0 any number */

/* The next address of a list, without the blanks round it, and its length; NULL behind the last and for a NULL list. */
const char *address_next(const char **list, size_t *len);

#endif
