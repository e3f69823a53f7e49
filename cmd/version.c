#include "cmd/version.h"

#include "cmd/commands.h"
#include "cmd/options.h"

void version_print(void)
{
	puts("didctl " DIDCTL_VERSION);
}

static int run(struct context *ctx, void *args)
{
	(void)ctx;
	(void)args;
	version_print();
	return 0;
}

static const struct example examples[] = {
	{"didctl version", "Prints the version, as --version does."},
	{0},
};

const struct command cmd_version = {
	.name = "version",
	.summary = "print the version",
	.groups = groups_offline,
	.flags = COMMAND_OFFLINE | COMMAND_NO_CONF,
	.run = run,
	.examples = examples,
};
