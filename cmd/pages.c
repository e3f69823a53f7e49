#include "cmd/pages.h"

#include <string.h>

#include "base/conf.h"
#include "base/mem.h"
#include "cli/emit.h"
#include "did/check.h"
#include "did/state.h"

const char *const page_names[] = {"didctl-api.7", "didctl-cluster.7", "didctl-config.5", "didctl-data.7", "didctl-mail.7",
				   "didctl-troubleshooting.7", NULL};

static void put_settings(struct buf *out)
{
	char variable[SETTING_VARIABLE];

	buf_puts(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < SET_COUNT; i++) {
		const struct setting_info *info = &setting_info[i];

		buf_puts(out, ".It Ic ");
		mdoc_chars(out, info->key, strlen(info->key));
		buf_printf(out, " Pq Ev %s\n", setting_variable((enum setting)i, variable));
		mdoc_sentence(out, info->help);
		if (info->profile_only)
			buf_puts(out, "It stands in a profile only.\n");
		if (info->fallback)
			buf_printf(out, "Default:\n.Ql %s .\n", info->fallback);
	}
	buf_puts(out, ".El\n");
}

static void put_states(struct buf *out)
{
	buf_puts(out, ".Bl -column \"available\" \"pool_status\" \"suspended\" \"cooling down\"\n"
		      ".It Sy State Ta Sy pool_status Ta Sy status Ta Sy Meaning\n");
	for (int i = 0; i < STATE_COUNT; i++) {
		const struct state_info *info = &state_info[i];

		buf_printf(out, ".It Cm %s Ta %s Ta %s Ta\n", info->name,
			   info->pool_status ? info->pool_status : "\\(en", info->status ? info->status : "\\(en");
		mdoc_sentence(out, info->help);
	}
	buf_puts(out, ".El\n");
}

static const char *const needs[] = {
	[NEED_NOTHING] = "",
	[NEED_TRANSFER] = "to another organisation with --transfer",
	[NEED_ALLOW_RESERVED] = "with --allow-reserved",
	[NEED_OVERRIDE_HOLD] = "with --override-hold and --reason",
	[NEED_HOLD_DATE] = "with --for or --until",
	[NEED_DUE] = "once it is due",
};

/* A row for each step: cells of more than one line come out ragged. */
static void put_step(struct buf *out, const struct transition *step, enum did_state from, enum did_state to)
{
	const char *need = needs[step->need];

	buf_printf(out, ".It %s Ta %s Ta\n.Cm %s\n", state_info[from].name, state_info[to].name,
		   verb_info[step->verb].name);
	mdoc_line(out, need, strlen(need));
}

static void put_steps(struct buf *out, enum did_state from, enum verb verb)
{
	for (int to = 0; to < STATE_COUNT; to++) {
		const struct transition *step = transition_find(verb, from, (enum did_state)to);

		if (step)
			put_step(out, step, from, (enum did_state)to);
	}
}

static void put_transitions(struct buf *out)
{
	buf_puts(out, ".Bl -column \"available\" \"available\" \"pool mark with --override-hold and --reason\"\n"
		      ".It Sy From Ta Sy To Ta Sy By\n");
	for (int from = 0; from < STATE_COUNT; from++)
		for (int verb = 0; verb < VERB_COUNT; verb++)
			put_steps(out, (enum did_state)from, (enum verb)verb);
	buf_puts(out, ".El\n");
}

static void put_checks(struct buf *out)
{
	buf_puts(out, ".Bl -column \"owner-missing\" \"severity\" \"fix\" \"what it finds and says of it\"\n"
		      ".It Sy Check Ta Sy Severity Ta Sy \\-\\-fix Ta Sy Finds\n");
	for (int i = 0; i < CHECK_COUNT; i++) {
		const struct check_info *info = &check_info[i];

		buf_printf(out, ".It Cm %s Ta %s Ta %s Ta\n", info->name, severity_names[info->severity],
			   info->is_fixable ? "mends" : "\\(en");
		mdoc_sentence(out, info->help);
	}
	buf_puts(out, ".El\n");
}

static const struct {
	const char *line;
	void (*put)(struct buf *out);
} tables[] = {
	{"@settings\n", put_settings},
	{"@states\n", put_states},
	{"@transitions\n", put_transitions},
	{"@checks\n", put_checks},
};

void page_emit(struct buf *out, const char *prose)
{
	while (*prose) {
		size_t len = strcspn(prose, "\n"), i;

		len += prose[len] == '\n';
		for (i = 0; i < ARRAY_SIZE(tables) && strncmp(prose, tables[i].line, len) != 0; i++)
			;
		if (i < ARRAY_SIZE(tables))
			tables[i].put(out);
		else
			buf_add(out, prose, len);
		prose += len;
	}
}
