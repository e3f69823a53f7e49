/* Messages on stderr, and what the terminal at a descriptor can show. note() and verbose(): context.h. */
#ifndef DIDCTL_MESSAGE_H
#define DIDCTL_MESSAGE_H

#include "cmd/context.h"

/* Prints "didctl: TEXT", whatever -q says. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_error(const struct err *err); /* its text, and its hint on a second line; no text: nothing */

/* --color; auto: a terminal, TERM is not "dumb" or unset, NO_COLOR is unset or empty. */
bool want_colour(const struct context *ctx, int fd);
int terminal_width(int fd); /* columns; 0 if it is no terminal or does not say */

#endif
