/* Base64: the vectors of RFC 4648 both ways, every byte, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

static const struct {
	const char *bytes, *text;
} vectors[] = {
	{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
};

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct buf text = {0}, bytes = {0};

		base64_encode(&text, vectors[i].bytes, strlen(vectors[i].bytes));
		assert_string_equal(buf_str(&text), vectors[i].text);
		assert_true(base64_decode(&bytes, vectors[i].text, strlen(vectors[i].text)));
		assert_string_equal(buf_str(&bytes), vectors[i].bytes);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void test_every_byte(void **state)
{
	unsigned char all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)(255 - i);
	for (size_t len = 250; len <= sizeof(all); len++) {
		struct buf text = {0}, bytes = {0};

		base64_encode(&text, all, len);
		assert_true(base64_decode(&bytes, text.data, text.len));
		assert_int_equal(bytes.len, len);
		assert_memory_equal(bytes.data, all, len);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void test_what_is_none(void **state)
{
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm 9v", "Zm9-", "Zm9v=",
					  "=m9v", "Z\377==", "Zg=v"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct buf bytes = {0};

		if (base64_decode(&bytes, bad[i], strlen(bad[i])))
			fail_msg("'%s' was taken for Base64", bad[i]);
		buf_release(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
