#include "cmd/ranges.h"

#include <string.h>

int ranges_read(struct context *ctx, enum setting setting, struct rangeset *out)
{
	const char *list = conf_get(ctx->conf, setting, NULL);
	struct interval interval;
	const char *end;

	for (; list; list = *end ? end + 1 : NULL) {
		end = strchrnul(list, ',');
		if (interval_parse(&interval, arena_strndup(&ctx->arena, list, (size_t)(end - list)),
				   ctx->country, &ctx->err)) {
			ctx->err.code = ERR_TARGET;
			err_prefix(&ctx->err, "setting '%s': ", setting_info[setting].key);
			return ERR_TARGET;
		}
		rangeset_add(out, interval);
	}
	rangeset_normalise(out);
	return 0;
}
