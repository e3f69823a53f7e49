#include "base/uuid.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

static int random_bytes(unsigned char *bytes, size_t len, struct err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom(bytes + done, len - done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_FAILED, "cannot read random bytes: %s", strerror(errno));
		done += (size_t)n;
	}
	return 0;
}

/* RFC 9562, 5.7: 48 bits of milliseconds, version 7, 12 random bits, variant 10, 62 random bits. */
int uuid_make(char out[UUID_TEXT], struct err *err)
{
	static const char hex[] = "0123456789abcdef";
	uint64_t ms = (uint64_t)clock_now_ms();
	unsigned char b[16];
	char *p = out;

	if (random_bytes(b + 6, sizeof(b) - 6, err))
		return ERR_FAILED;
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(ms >> (40 - 8 * i));
	b[6] = 0x70 | (b[6] & 0x0f);
	b[8] = 0x80 | (b[8] & 0x3f);
	for (size_t i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[b[i] >> 4];
		*p++ = hex[b[i] & 15];
	}
	*p = '\0';
	return 0;
}

bool uuid_is_valid(const char *s)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	static const char hex[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < UUID_TEXT - 1; i++)
		if (!s[i] || !(shape[i] == 'x' ? strchr(hex, s[i]) != NULL : s[i] == '-'))
			return false;
	return s[UUID_TEXT - 1] == '\0';
}
