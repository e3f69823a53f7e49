/* What a process settles before it looks at its arguments (safety.md, "Environment"). */
#ifndef DIDCTL_PROCESS_H
#define DIDCTL_PROCESS_H

/*
 * * Descriptors 0 to 2 are open afterwards; one that was closed fails when it is used, as it would have
 * before. New files are for their owner only, there are no core dumps, and variables that would send a
 * library to another server, key or plugin are gone. Exits with 1 where a descriptor cannot be opened: then
 * there is nobody to tell.
 */
void process_start(void);

#endif
