/* Any bytes as a configuration file: parsed or refused with a line, never a crash, and no value unchecked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_section(const struct conf_section *section)
{
	struct err err;

	for (int i = 0; i < SET_COUNT; i++) {
		const struct conf_entry *entry = &section->entries[i];
		struct buf shown = {0};

		if (!entry->value)
			continue;
		if (!entry->origin || setting_check((enum setting)i, entry->value, &err))
			abort();
		setting_mask(&shown, (enum setting)i, entry->value);
		buf_release(&shown);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_file file = {0};
	struct err err = {0};
	int rc = conf_file_parse(&file, "fuzz", (const char *)data, size, &err);

	if (rc ? rc != ERR_TARGET || strncmp(err.text, "fuzz:", 5) != 0 : file.n == 0)
		abort();
	for (size_t i = 0; !rc && i < file.n; i++)
		check_section(&file.sections[i]);
	conf_file_release(&file);
	return 0;
}
