/* One configuration file, parsed: what lib/base/conf.c lays over each other. */
#ifndef DIDCTL_CONF_FILE_H
#define DIDCTL_CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/conf.h"
#include "base/mem.h"

#define CONF_LINE_MAX (64u << 10)
#define CONF_FILE_MAX (4u << 20)

struct conf_entry {
	const char *value;  /* NULL: not set */
	const char *origin; /* "/etc/didctl/config:3" */
};

struct conf_section {
	const char *name; /* of the profile; "" for the keys before the first section */
	unsigned line;
	struct conf_entry entries[SET_COUNT];
};

struct conf_file {
	struct conf_section *sections; /* the first is the global one, the others are sorted by name */
	size_t n, cap;
	struct conf_entry default_profile;
	struct arena arena;
};

/*
 * Parses text; name is what messages call it. ERR_TARGET with "NAME:LINE: " for whatever is not right. On an
 * error, too, the file must be released.
 */
int conf_file_parse(struct conf_file *file, const char *name, const char *text, size_t len, struct err *err);

/* Reads and parses a regular file (or /dev/null). One that is missing is empty unless must_exist. */
int conf_file_read(struct conf_file *file, const char *path, bool must_exist, struct err *err);

void conf_file_release(struct conf_file *file);

/* The section of a profile, or NULL. */
const struct conf_section *conf_file_profile(const struct conf_file *file, const char *name);

#endif
