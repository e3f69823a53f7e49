/* The version, here and nowhere else. */
#ifndef DIDCTL_VERSION_H
#define DIDCTL_VERSION_H

#define DIDCTL_VERSION "0.1.0"

void version_print(void);

#endif
