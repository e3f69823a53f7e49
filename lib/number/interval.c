/* Range expressions: "111-222", "918065978000-8029", "08065978000-08065978009". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "number/rangeset.h"
#include "number/read.h"

#define BLOCK 10000 /* no plan's rules look at the last four digits */

/* A range as it was written, and read so far. */
struct range {
	const char *text, *right;
	size_t len, left_len, right_len;
	struct number first, last;
	const struct country *country;
};

/* Where the '-' of a range is: exactly one, and no other separator; NULL for anything else. */
static const char *find_hyphen(const char *text, size_t len)
{
	const char *hyphen = memchr(text, '-', len);
	size_t rest = hyphen ? len - (size_t)(hyphen - text) - 1 : 0;

	if (!hyphen || read_is_tel(text, len) || memchr(hyphen + 1, '-', rest))
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (strchr(".() ", text[i]))
			return NULL;
	}
	return hyphen;
}

static int report(struct err *err, const struct range *range, const char *why)
{
	char shown[TEXT_SHOWN];

	return err_set(err, ERR_USAGE, "'%s' is not a range: %s", text_show(shown, range->text, range->len),
		       why);
}

/* Whether the text without its '-' is one number, as in "080-65978002". */
static bool is_single(const struct range *range)
{
	char joined[READ_MAX + 1];
	struct number n;

	if (range->len - 1 > sizeof(joined))
		return false;
	memcpy(joined, range->text, range->left_len);
	memcpy(joined + range->left_len, range->right, range->right_len);
	return !number_parse(&n, joined, range->len - 1, range->country, NULL);
}

static int within(struct err *err, const struct range *range)
{
	char shown[TEXT_SHOWN];

	if (is_single(range))
		return report(err, range, "if it is one number, leave out its '-', which makes it a range");
	return err_prefix(err, "range '%s': ", text_show(shown, range->text, range->len));
}

static size_t count_digits(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] >= '0' && text[i] <= '9';
	return n;
}

/*
 * The first number with its last digits replaced by the right side; false if that has other bytes or is
 * longer.
 */
static bool replace_tail(struct number *out, const struct range *range)
{
	uint64_t scale = 1, tail = 0;

	if (count_digits(range->right, range->right_len) != range->right_len ||
	    range->right_len > range->first.width)
		return false;
	for (size_t i = 0; i < range->right_len; i++) {
		scale *= 10;
		tail = tail * 10 + (uint64_t)(range->right[i] - '0');
	}
	*out = (struct number){range->first.value - range->first.value % scale + tail, range->first.width};
	return true;
}

/* A right side as long as a left one that has a '+' is spelt like it. */
static int read_full(struct range *range, struct number *out, struct err *err)
{
	char with_plus[NUMBER_TEXT];
	int n;

	if (range->text[0] != '+' || range->right[0] == '+' || range->right_len + 1 != range->left_len ||
	    range->right_len > READ_MAX)
		return number_parse(out, range->right, range->right_len, range->country, err);
	n = snprintf(with_plus, sizeof(with_plus), "+%.*s", (int)range->right_len, range->right);
	return number_parse(out, with_plus, (size_t)n, range->country, err);
}

/*
 * A shorter right side replaces the last digits. Where that would run backwards it may still be a number in a
 * shorter spelling than the left one: "918065978000-08065978029".
 */
static int read_last(struct range *range, struct err *err)
{
	bool is_shorter = range->right_len < count_digits(range->text, range->left_len);
	struct number full;

	if (!is_shorter || !replace_tail(&range->last, range))
		return read_full(range, &range->last, err) ? within(err, range) : 0;
	if (range->last.value < range->first.value && !read_full(range, &full, NULL) && full.width == range->first.width)
		range->last = full;
	return 0;
}

/* Digits, with a '+' where they would not be read without it. */
static int report_reversed(struct err *err, const struct range *range)
{
	char shown[TEXT_SHOWN], first[NUMBER_TEXT], last[NUMBER_TEXT];
	struct number same;
	const char *plus = "";

	number_format(range->first, first);
	number_format(range->last, last);
	if (number_parse(&same, last, range->last.width, range->country, NULL) ||
	    !number_eq(same, range->last))
		plus = "+";
	return err_set(err, ERR_USAGE, "range '%s' runs backwards: write %s%s-%s%s",
		       text_show(shown, range->text, range->len), plus, last, plus, first);
}

static int report_width(struct err *err, const struct range *range)
{
	char shown[TEXT_SHOWN];

	return err_set(err, ERR_USAGE, "range '%s' goes from %u digits to %u: both ends need the same length",
		       text_show(shown, range->text, range->len), range->first.width, range->last.width);
}

static enum fault check_number(struct number n, const struct numbering_plan **plan)
{
	char digits[NUMBER_TEXT];

	number_format(n, digits);
	*plan = plan_of(digits, n.width);
	return plan_check(digits, n.width);
}

/* The ends are numbers; what lies between them must be too, and of the same country code. */
static int check_between(const struct range *range, struct err *err)
{
	const struct numbering_plan *first, *plan;
	char shown[TEXT_SHOWN], text[NUMBER_TEXT];
	struct number n = range->first;

	if (n.width <= NUMBER_MAX_SHORT)
		return 0;
	for (check_number(n, &first); n.value <= range->last.value; n.value += BLOCK - n.value % BLOCK) {
		if (!check_number(n, &plan) && plan == first)
			continue;
		number_format(n, text);
		return err_set(
			err, ERR_USAGE,
			"range '%s' runs over +%s, which is no number of that country: write two ranges",
			text_show(shown, range->text, range->len), text);
	}
	return 0;
}

static int check_range(const struct range *range, struct err *err)
{
	char shown[TEXT_SHOWN];
	uint64_t count;

	if (range->first.width != range->last.width)
		return report_width(err, range);
	if (range->last.value < range->first.value)
		return report_reversed(err, range);
	count = range->last.value - range->first.value + 1;
	if (count > RANGESET_MAX)
		return err_set(err, ERR_USAGE,
			       "range '%s' has %" PRIu64 " numbers: at most %" PRIu64 " in one command",
			       text_show(shown, range->text, range->len), count, RANGESET_MAX);
	return check_between(range, err);
}

static int read_range(struct interval *out, struct range *range, struct err *err)
{
	int rc;

	if (!range->left_len)
		return report(err, range, "nothing stands on the left of its '-'");
	if (!range->right_len)
		return report(err, range, "nothing stands on the right of its '-'");
	if (number_parse(&range->first, range->text, range->left_len, range->country, err))
		return within(err, range);
	rc = read_last(range, err);
	if (!rc)
		rc = check_range(range, err);
	if (!rc)
		*out = (struct interval){range->first, range->last.value - range->first.value + 1};
	return rc;
}

int interval_parse(struct interval *out, const char *text, const struct country *country, struct err *err)
{
	struct range range = {.text = text, .len = strlen(text), .country = country};
	const char *hyphen;

	read_trim(&range.text, &range.len);
	hyphen = find_hyphen(range.text, range.len);
	if (!hyphen) {
		out->count = 1;
		return number_parse(&out->first, range.text, range.len, country, err);
	}
	range.left_len = (size_t)(hyphen - range.text);
	range.right = hyphen + 1;
	range.right_len = range.len - range.left_len - 1;
	return read_range(out, &range, err);
}
