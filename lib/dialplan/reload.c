#include "dialplan/reload.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"

#define POLL_FIRST_MS	10
#define POLL_MAX_MS	500
#define DIFFERENCES_MAX 3 /* that are told one by one */

static void take_first_line(void *data, const char *key, const char *line, size_t len)
{
	char *said = data;

	(void)key;
	if (!*said)
		text_show(said, line, len);
}

static int reload_dialplan(struct ami *ami, int64_t limit_ms, struct err *err)
{
	char said[TEXT_SHOWN] = "";
	const struct ami_expect expect = {.timeout_ms = limit_ms, .line = take_first_line, .data = said};
	struct ami_answer answer;
	int rc = ami_command(ami, "dialplan reload", &expect, &answer, err);

	if (rc || answer.is_success)
		return rc;
	err_set(err, ERR_TARGET, "the switch at '%s' does not reload its dialplan: %s", ami_name(ami), said);
	err_hint(err,
		 "a file that extensions.conf includes and that is missing keeps pbx_config from loading: "
		 "mend that, then: asterisk -rx 'module load pbx_config.so'");
	return ERR_TARGET;
}

/* What runs instead: another generation, or none. */
static int wrong_generation(struct ami *ami, const struct reload *r, struct err *err)
{
	char running[GENERATION_TEXT];
	int rc = running_generation(ami, r->meta_context, running, err);

	if (rc && rc != ERR_ABSENT)
		return rc;
	if (!rc)
		err_set(err, ERR_ABSENT, "the switch at '%s' runs generation %s, not %s that was written",
			ami_name(ami), running, r->generation);
	err_hint(err, "is the file included by extensions.conf, and does the switch read the directory of "
		      "asterisk-dir? its log tells more");
	return ERR_ABSENT;
}

static int check_generation(struct ami *ami, const struct reload *r, bool *has, struct err *err)
{
	return running_has_generation(ami, r->meta_context, r->generation, has, err);
}

/* The answer to the reload may come before it has ended. */
static int await_generation(struct ami *ami, const struct reload *r, struct err *err)
{
	int64_t end = clock_monotonic_ms() + r->limit_ms;
	int64_t pause = POLL_FIRST_MS;
	bool has;
	int rc;

	while (!(rc = check_generation(ami, r, &has, err)) && !has && clock_monotonic_ms() < end) {
		if (interrupt_pending())
			return err_set(err, ERR_INTERRUPTED,
				       "interrupted while waiting for the switch at '%s'", ami_name(ami));
		clock_sleep_ms(pause);
		pause = pause * 2 > POLL_MAX_MS ? POLL_MAX_MS : pause * 2;
	}
	return rc || has ? rc : wrong_generation(ami, r, err);
}

static void tell_difference(struct buf *out, const struct written *w, const struct running_count *c)
{
	buf_puts(out, out->len ? "; " : "");
	if (!c->is_there) {
		buf_printf(out, "it lacks context '%s'", w->context);
		return;
	}
	if (c->extensions == w->extensions && c->priorities == w->priorities) {
		buf_printf(out, "context '%s' is not from the '%s' that stands there", w->context, w->file);
		return;
	}
	buf_printf(out,
		   "context '%s' has %" PRIu64 " extensions and %" PRIu64 " priorities, not %" PRIu64
		   " and %" PRIu64,
		   w->context, c->extensions, c->priorities, w->extensions, w->priorities);
	if (c->foreign_priorities)
		buf_printf(out, ", besides %" PRIu64 " of other files", c->foreign_priorities);
}

static int compare_one(struct ami *ami, const struct reload *r, const struct written *w, struct running_count *c,
		       bool *is_same, struct err *err)
{
	int rc = running_count(ami, w->context, w->file, r->limit_ms, c, err);

	*is_same = !rc && c->is_there && c->extensions == w->extensions && c->priorities == w->priorities;
	if (*is_same && w->meta_context)
		rc = running_has_generation(ami, w->meta_context, w->generation, is_same, err);
	return rc;
}

/* Differences are counted to the end, so that the message says how much is wrong. */
static int compare(struct ami *ami, const struct reload *r, struct buf *text, size_t *ndifferences,
		   struct err *err)
{
	for (size_t i = 0; i < r->nwritten; i++) {
		const struct written *w = &r->written[i];
		struct running_count c = {0};
		bool is_same;
		int rc = compare_one(ami, r, w, &c, &is_same, err);

		if (rc)
			return rc;
		if (!is_same && ++*ndifferences <= DIFFERENCES_MAX)
			tell_difference(text, w, &c);
	}
	return 0;
}

static int prove_counts(struct ami *ami, const struct reload *r, struct err *err)
{
	struct buf text = {0};
	size_t n = 0;
	int rc = compare(ami, r, &text, &n, err);

	if (n > DIFFERENCES_MAX)
		buf_printf(&text, "; and %zu contexts more", n - DIFFERENCES_MAX);
	if (!rc && n) {
		rc = err_set(err, ERR_ABSENT, "the switch at '%s' does not run what was written: %s",
			     ami_name(ami), buf_str(&text));
		err_hint(err, "asterisk -rx 'dialplan show CONTEXT' lists what it has; its log names what it "
			      "refused");
	}
	buf_release(&text);
	return rc;
}

int reload_prove(struct ami *ami, const struct reload *reload, struct err *err)
{
	bool has;
	int rc = check_generation(ami, reload, &has, err);

	if (!rc && !has)
		rc = wrong_generation(ami, reload, err);
	return rc ? rc : prove_counts(ami, reload, err);
}

int reload_and_prove(struct ami *ami, const struct reload *reload, struct err *err)
{
	int rc = reload_dialplan(ami, reload->limit_ms, err);

	if (!rc)
		rc = await_generation(ami, reload, err);
	return rc ? rc : prove_counts(ami, reload, err);
}
