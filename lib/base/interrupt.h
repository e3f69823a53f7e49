/*
 * SIGINT, SIGTERM and SIGHUP. The handler sets a flag and shuts the registered socket down, so that a read from a
 * server that does not answer returns at once; a second signal while a COMMIT is under way ends the process with 7.
 */
#ifndef DIDCTL_INTERRUPT_H
#define DIDCTL_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

void interrupt_install(void);	     /* handlers without SA_RESTART; SIGPIPE and SIGXFSZ ignored: the write fails, and is told */
void interrupt_ignored(sigset_t *out); /* those two: a program that is started gets them as they are by default */
bool interrupt_pending(void);	     /* a signal has arrived */
/*
 * Work that is finished, or a mail server and our record of it say different things: until it is released a signal is not
 * pending and the socket is left alone, and a second one ends the process with 130.
 */
void interrupt_hold(bool holds);
/* Waits until a descriptor has something to read, or its end: false for a signal, also for one that came just before the wait. */
bool interrupt_await_input(int fd);
bool interrupt_arrived(void);	     /* pending, held or not: for work that can end early by itself */
void interrupt_watch(int fd);	     /* the socket to shut down on a signal; -1 for none */
void interrupt_commit(const char *change_id); /* COMMIT begins: the socket is left alone, a second signal names the id */
void interrupt_commit_ended(bool is_done);    /* is_done: the change is there; else it may be */

const char *interrupt_change_done(void);      /* the id of the change that was made last, or NULL */

/*
 * For a process that cannot go on: writes "didctl: WHY" and, as one line, what became of the change whose COMMIT has begun.
 * Returns the exit code for it: 7 where nobody knows, else 1.
 */
int interrupt_last_words(const char *why);

#endif
