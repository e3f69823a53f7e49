#include "did/e911_call.h"

#include <string.h>

#include "base/text.h"

int e911_read_dial(const char *text, char out[E911_DIAL_MAX + 1], struct err *err)
{
	char shown[TEXT_SHOWN];
	size_t n = 0;

	for (const char *at = text; *at; at++) {
		bool is_digit = *at >= '0' && *at <= '9';

		if ((!is_digit && !strchr("-. ()", *at)) || (is_digit && n == E911_DIAL_MAX)) {
			n = 0;
			break;
		}
		if (is_digit)
			out[n++] = *at;
	}
	out[n] = '\0';
	if (n >= 3 && strcmp(out + n - 3, "911") == 0)
		return 0;
	return err_set(err, ERR_USAGE, "bad value '%s' of '--dial': only a call to 911 can be explained",
		       text_show(shown, text, strlen(text)));
}

static unsigned status_bar(const struct e911_call *call)
{
	static const struct {
		const char *status;
		enum e911_bar bar;
	} bars[] = {{"pending", E911_BAR_PENDING}, {"failed", E911_BAR_FAILED}};
	struct err ignored = {0};

	if (!call->location || !call->status)
		return E911_BAR_NOT_SET;
	for (size_t i = 0; i < ARRAY_SIZE(bars); i++)
		if (strcmp(call->status, bars[i].status) == 0)
			return bars[i].bar;
	if (strcmp(call->status, "registered") != 0)
		return E911_BAR_NOT_SET;
	return location_check(call->location, &ignored) ? E911_BAR_BROKEN : 0;
}

static unsigned address_bar(const struct e911_call *call)
{
	switch (e911_need(call->from)) {
	case E911_TOLL_FREE:
		return E911_BAR_TOLL_FREE;
	case E911_ELSEWHERE:
		return E911_BAR_ELSEWHERE;
	default:
		return call->has_row ? status_bar(call) : 0;
	}
}

unsigned e911_call_bars(const struct e911_call *call)
{
	unsigned bars = strcmp(call->dialled, "911") ? E911_BAR_PREFIX : 0;

	if (!call->has_row)
		return bars | E911_BAR_UNKNOWN | address_bar(call);
	if (call->state != STATE_ASSIGNED)
		bars |= E911_BAR_STATE;
	if (call->org_id && (!call->owner_id || strcmp(call->org_id, call->owner_id) != 0))
		bars |= E911_BAR_OWNER;
	return bars | address_bar(call);
}
