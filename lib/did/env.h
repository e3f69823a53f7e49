/* The environments that a number can belong to (product.md): where its inbound calls land. */
#ifndef DIDCTL_DID_ENV_H
#define DIDCTL_DID_ENV_H

enum env { ENV_PROD, ENV_STAGING, ENV_OSS, ENV_COUNT };

extern const char *const env_names[]; /* as they are stored; NULL-terminated, for choices */
int env_find(const char *name);	      /* -1 for NULL and for none that is known */

#endif
