#include "did/cnam.h"

#include <string.h>

#include "base/text.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define OTHERS	"0123456789 .,&'-"

const char *const cnam_statuses[] = {"pending", "synced", "failed", NULL};

const char *cnam_fault(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || strspn(text, " ") == len)
		return "it is blank";
	if (text[strspn(text, LETTERS OTHERS)])
		return "it may have letters without accents, digits, blanks and . , & ' -";
	if (len > CNAM_MAX)
		return "it has more than 15 characters";
	if (*text == ' ' || text[len - 1] == ' ')
		return "it begins or ends with a blank";
	if (!strpbrk(text, LETTERS))
		return "it has no letter";
	return NULL;
}

void cnam_fold(const char *text, char out[CNAM_MAX + 1])
{
	size_t i = 0;

	for (; text[i] && i < CNAM_MAX; i++)
		out[i] = text_capital(text[i]);
	out[i] = '\0';
}

const char *cnam_unshown(struct number n)
{
	if (!number_is_nanp(n))
		return "outside North America";
	return number_is_toll_free(n) ? "toll-free" : NULL;
}
