/* Secrets from a file that nobody else may read, or from a command: behind conf_password and conf_api_key. */
#ifndef DIDCTL_SECRET_H
#define DIDCTL_SECRET_H

#include "base/err.h"

#define SECRET_MAX 4096

/*
 * Both fill *out with memory for secret_free(). origin ("/etc/didctl/config:3") begins the messages; neither
 * the secret nor the command, which may hold one, is ever in them. ERR_TARGET; ERR_INTERRUPTED if a signal
 * came while the command ran.
 */
int secret_from_file(char **out, const char *path, const char *origin, struct err *err);
int secret_from_command(char **out, const char *command, const char *origin, struct err *err);

#endif
