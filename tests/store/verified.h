/* What the tests of the history share: what its verification finds, a line each: "history - change ...". */
#ifndef DIDCTL_TEST_VERIFIED_H
#define DIDCTL_TEST_VERIFIED_H

#include "tests/store/faulty.h"

#define A "918065978000"
#define B "918065978001"
#define C "918065978002"
#define BOTH (CHECK_BIT(CHECK_HISTORY) | CHECK_BIT(CHECK_REPLAY))

struct collector {
	struct finder finder;
	struct buf out;
};

static inline int collect(struct finder *finder, const struct finding *found, struct err *err)
{
	struct collector *c = (struct collector *)finder;

	(void)err;
	assert_non_null(found->fix);
	buf_printf(&c->out, "%s %s %s\n", check_info[found->check].name, found->number ? found->number : "-",
		   found->detail);
	return 0;
}

static const char *verified(struct fixture *f, uint64_t checks)
{
	struct collector c = {.finder = {collect}};
	const char *result;

	if (store_verify(f->store, checks, &c.finder, NULL, &f->err) < 0)
		fail_msg("verify: %s", f->err.text);
	result = arena_strdup(&f->arena, buf_str(&c.out));
	buf_release(&c.out);
	return result;
}

static inline void silent(struct fixture *f, const char *when)
{
	const char *found = verified(f, BOTH);

	if (*found)
		fail_msg("%s: %s", when, found);
}

/* One of the findings has both texts. */
static inline void finds(struct fixture *f, const char *what, const char *a, const char *b)
{
	const char *found = verified(f, CHECK_BIT(CHECK_HISTORY));
	size_t len;

	for (const char *line = found; *line; line += len + 1) {
		const char *one = arena_strndup(&f->arena, line, len = strcspn(line, "\n"));

		if (strstr(one, a) && strstr(one, b))
			return;
	}
	fail_msg("%s: '%s' with '%s' is not found, but: %s", what, a, b, *found ? found : "nothing");
}

static const char *one(struct fixture *f, const char *query)
{
	const char *text = ask(f, "%s", query);

	return arena_strndup(&f->arena, text, strcspn(text, "\n"));
}

static inline uint64_t seal(struct fixture *f, uint64_t seals)
{
	struct seal_report report;

	if (store_seal(f->store, &report, NULL, &f->err) < 0)
		fail_msg("seal: %s", f->err.text);
	assert_int_equal(report.seals, seals);
	if (seals)
		assert_string_equal(report.head, one(f, "SELECT hash FROM didctl_seals ORDER BY seal DESC LIMIT 1"));
	else
		assert_string_equal(report.head, "");
	return report.changes;
}

#endif
