#include "base/address.h"

#include <string.h>

#include "base/text.h"

#define LOCAL_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define ATEXT ALNUM "!#$%&'*+-/=?^_`{|}~" /* RFC 5322, 3.2.3 */

/* Words of some characters, joined by dots: no dot at an end, no two beside each other. */
static bool is_dotted(const char *s, size_t len, const char *characters, size_t word_max)
{
	size_t word = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' ? word == 0 : !s[i] || !strchr(characters, s[i]) || word == word_max)
			return false;
		word = s[i] == '.' ? 0 : word + 1;
	}
	return word > 0;
}

bool address_is_valid(const char *s, size_t len)
{
	const char *at = memchr(s, '@', len);
	size_t local = at ? (size_t)(at - s) : 0;

	return at && len <= ADDRESS_MAX && local <= LOCAL_MAX && *s != '-' && at[1] != '-' &&
	       is_dotted(s, local, ATEXT, LOCAL_MAX) && is_dotted(at + 1, len - local - 1, ALNUM "-", LABEL_MAX);
}

const char *address_next(const char **list, size_t *len)
{
	const char *start = *list, *end;

	if (!start)
		return NULL;
	end = start + strcspn(start, ",");
	*list = *end ? end + 1 : NULL;
	start += strspn(start, " ");
	while (end > start && end[-1] == ' ')
		end--;
	*len = (size_t)(end - start);
	return start;
}

int address_check(const char *list, size_t most, struct err *err)
{
	const char *address;
	char shown[TEXT_SHOWN];
	size_t len, n = 0;

	while ((address = address_next(&list, &len))) {
		if (!address_is_valid(address, len))
			return err_set(err, ERR_USAGE, "'%s' is not a mail address LOCAL@DOMAIN",
				       text_show(shown, address, len));
		if (++n == most && list)
			return err_set(err, ERR_USAGE, "it has more than %zu address%s", most, most > 1 ? "es" : "");
	}
	return 0;
}
