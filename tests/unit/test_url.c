/* The address of an API: what is taken, and that nothing is taken that two readers could read differently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/url.h"

static void takes(const char *text, bool is_tls, const char *host, unsigned port, const char *base)
{
	struct err err = {0};
	struct url url;

	if (url_parse(&url, text, &err))
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(url.is_tls, is_tls);
	assert_string_equal(url.host, host);
	assert_int_equal(url.port, port);
	assert_int_equal(url.base_len, strlen(base));
	assert_memory_equal(url.base, base, strlen(base));
}

static void test_good(void **state)
{
	(void)state;
	takes("https://pbx.example.com/api/v1", true, "pbx.example.com", 443, "/api/v1");
	takes("https://pbx.example.com", true, "pbx.example.com", 443, "");
	takes("https://PBX-1.example.com:8443/api/v1/", true, "PBX-1.example.com", 8443, "/api/v1");
	takes("https://192.0.2.7:1/x", true, "192.0.2.7", 1, "/x");
	takes("https://[2001:db8::1]:65535/", true, "2001:db8::1", 65535, "");
	takes("http://127.0.0.1:8000/api/v1", false, "127.0.0.1", 8000, "/api/v1");
	takes("http://127.9.9.9/api/v1", false, "127.9.9.9", 80, "/api/v1");
	takes("http://localhost:8000/api/v1/", false, "localhost", 8000, "/api/v1");
	takes("http://[::1]:8000", false, "::1", 8000, "");
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"", "https", "https://", "https:///x", "ftp://h/", "HTTPS://h/", " https://h/", "https://:443/", "//h/x",
		"https://h:/x", "https://h:0", "https://h:65536", "https://h:999999999999", "https://h:80x",
		"https://h:+80", "https://h:80:90", "https://u@h/", "https://u:p@h/", "https://h\\@evil/", "https://h/x?y", "https://h/x#y",
		"https://h?x", "https://h/%2e%2e/", "https://h/../x", "https://h/x/..", "https://h/./x", "https://h//x/y", "https://h/x//",
		"https://h/a b", "https://h\n/", "https://h/\x01", "https://h\xc3\xa9/", "https://[::1/", "https://::1/",
		"https://[::1]x/", "https://[1.2.3.4]/", "https://[fe80::1%eth0]/", "https://.h/", "https://a..b/",
		"https://-h/", "https://h_x/",
		/* what some readers take for an address, and others for a name */
		"https://127.1/", "https://0x7f000001/", "https://0177.0.0.1/x", "https://2130706433/",
		"https://1.2.3.4.5/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = {0};
		struct url url;

		if (url_parse(&url, bad[i], &err) != ERR_TARGET)
			fail_msg("taken: %s", bad[i]);
		assert_true(err.text[0] && err.hint[0]);
	}
}

static void test_clear_text_on_loopback_only(void **state)
{
	static const char *const others[] = {
		"http://pbx.example.com/", "http://10.0.0.1/", "http://128.0.0.1/", "http://localhost.example.com/",
		"http://127.0.0.1.example.com/", "http://[::2]/", "http://[::ffff:127.0.0.1]/", "http://LOCALHOST/",
		"http://0.0.0.0/", "http://localhost./",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct err err = {0};
		struct url url;

		if (url_parse(&url, others[i], &err) != ERR_TARGET)
			fail_msg("taken: %s", others[i]);
	}
}

static void test_no_secret_in_the_message(void **state)
{
	struct err err = {0};
	struct url url;

	(void)state;
	assert_int_equal(url_parse(&url, "https://user:geheim@host/x", &err), ERR_TARGET);
	assert_null(strstr(err.text, "geheim"));
	assert_non_null(strstr(err.text, "api-key-file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_clear_text_on_loopback_only),
		cmocka_unit_test(test_no_secret_in_the_message),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
