#include "did/env.h"

#include <string.h>

const char *const env_names[] = {[ENV_PROD] = "prod", [ENV_STAGING] = "staging", [ENV_OSS] = "oss", [ENV_COUNT] = NULL};

int env_find(const char *name)
{
	for (int env = 0; name && env < ENV_COUNT; env++)
		if (strcmp(env_names[env], name) == 0)
			return env;
	return -1;
}
