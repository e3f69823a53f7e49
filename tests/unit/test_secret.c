/* Secrets: only from where nobody else can read them, and never in a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/secret.h"

struct fixture {
	char dir[64], path[96];
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/didctl-secret-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/pw", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	int rc;

	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	rc = system(command);
	free(f);
	return rc;
}

static void write_secret(struct fixture *f, const char *text, size_t len, mode_t mode)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(f->path, mode), 0);
}

static void good_files(void **state)
{
	static const struct {
		const char *text, *secret;
	} cases[] = {{"geheim", "geheim"},
		     {"geheim\n", "geheim"},
		     {" a b\t\n", " a b\t"},
		     {"g\xc3\xbc", "g\xc3\xbc"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *secret = NULL;

		write_secret(f, cases[i].text, strlen(cases[i].text), i % 2 ? 0600 : 0400);
		assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), 0);
		assert_string_equal(secret, cases[i].secret);
		secret_free(secret);
	}
	secret_free(NULL);
}

static void bad_contents(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *says;
	} cases[] = {
		{"", 0, "empty"},
		{"\n", 1, "empty"},
		{"geheim\r\n", 8, "carriage return"},
		{"geheim\n\n", 8, "more than one line"},
		{"geheim\nx", 8, "more than one line"},
		{"ge\0heim", 7, "NUL byte"},
	};
	struct fixture *f = *state;
	char *secret = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_secret(f, cases[i].text, cases[i].len, 0600);
		assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
		assert_null(secret);
		assert_non_null(strstr(f->err.text, cases[i].says));
		assert_null(strstr(f->err.text, "heim"));
		assert_int_equal(strncmp(f->err.text, "x:1: the file '/tmp/", 20), 0);
	}
}

static void length(void **state)
{
	struct fixture *f = *state;
	char text[SECRET_MAX + 3];
	char *secret = NULL;

	memset(text, 'a', sizeof(text));
	text[SECRET_MAX] = '\n';
	write_secret(f, text, SECRET_MAX + 1, 0600);
	assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), 0);
	assert_int_equal(strlen(secret), SECRET_MAX);
	secret_free(secret);
	secret = NULL;
	text[SECRET_MAX] = 'a';
	for (size_t len = SECRET_MAX + 1; len <= sizeof(text); len++) {
		write_secret(f, text, len, 0600);
		assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
		assert_non_null(strstr(f->err.text, "more than 4096 bytes"));
	}
}

static void modes(void **state)
{
	static const mode_t bad[] = {0644, 0640, 0604, 0660, 0620, 0602, 0666};
	struct fixture *f = *state;
	char hint[128];
	char *secret = NULL;

	snprintf(hint, sizeof(hint), "chmod 600 '%s'", f->path);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		write_secret(f, "geheim", 6, bad[i]);
		assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
		assert_non_null(strstr(f->err.text, "is open to others (mode 06"));
		assert_string_equal(f->err.hint, hint);
	}
}

static void other_owner(void **state)
{
	struct fixture *f = *state;
	char *secret = NULL;

	if (geteuid() != 0)
		skip();
	write_secret(f, "geheim", 6, 0600);
	assert_int_equal(chown(f->path, 12345, 12345), 0);
	assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "belongs to another user (uid 12345)"));
}

static void no_file(void **state)
{
	struct fixture *f = *state;
	char *secret = NULL;

	assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "cannot be opened: No such file"));
	assert_int_equal(secret_from_file(&secret, f->dir, "x:1", &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "is not a regular file"));
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_int_equal(secret_from_file(&secret, f->path, "x:1", &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "is not a regular file"));
	assert_int_equal(secret_from_file(&secret, "/\x1b[2J", "x:1", &f->err), ERR_TARGET);
	assert_null(strchr(f->err.text, '\x1b'));
}

static void commands(void **state)
{
	static const struct {
		const char *command, *secret, *says;
	} cases[] = {
		{"echo geheim", "geheim", NULL},
		{"printf %s \"$0\"", "sh", NULL},
		{"cat; printf x", "x", NULL}, /* nothing on its stdin */
		{"echo geheim; exit 3", NULL, "x:1: the password-command failed with exit code 3"},
		{"kill -9 $$", NULL, "x:1: the password-command was ended by signal 9"},
		{"true", NULL, "x:1: the password-command gives an empty secret"},
		{"no-such-command-geheim 2>/dev/null", NULL,
		 "x:1: the password-command failed with exit code 127"},
		{"yes geheim", NULL, "x:1: the password-command gives more than 4096 bytes"},
		{"echo geheim; echo", NULL, "x:1: the password-command gives more than one line"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *secret = NULL;
		int rc = secret_from_command(&secret, cases[i].command, "x:1", &f->err);

		assert_int_equal(rc, cases[i].secret ? 0 : ERR_TARGET);
		if (cases[i].secret)
			assert_string_equal(secret, cases[i].secret);
		else if (strncmp(f->err.text, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("'%s' does not begin with '%s'", f->err.text, cases[i].says);
		assert_null(strstr(f->err.text, "geheim"));
		secret_free(secret);
	}
}

static void the_nearer_of_two(void **state)
{
	struct fixture *f = *state;
	struct conf *conf;
	char *secret;

	write_secret(f, "from-file", 9, 0600);
	unsetenv("DIDCTL_PROFILE");
	setenv("DIDCTL_PASSWORD_COMMAND", "echo from-command", 1);
	assert_int_equal(conf_load(&conf, "/dev/null", NULL, &f->err), 0);
	assert_int_equal(conf_password(conf, &secret, &f->err), 0);
	assert_string_equal(secret, "from-command");
	secret_free(secret);
	conf_override(conf, SET_PASSWORD_FILE, f->path, "--password-file");
	assert_int_equal(conf_password(conf, &secret, &f->err), 0);
	assert_string_equal(secret, "from-file");
	secret_free(secret);
	conf_override(conf, SET_PASSWORD_COMMAND, "echo x", "--password-command");
	assert_int_equal(conf_password(conf, &secret, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "keep one"));
	assert_int_equal(conf_api_key(conf, &secret, &f->err), 0);
	assert_null(secret);
	conf_override(conf, SET_API_KEY_FILE, f->path, "--api-key-file");
	assert_int_equal(conf_api_key(conf, &secret, &f->err), 0);
	assert_string_equal(secret, "from-file");
	secret_free(secret);
	conf_free(conf);
	unsetenv("DIDCTL_PASSWORD_COMMAND");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(good_files),  CASE(bad_contents), CASE(length),   CASE(modes),
		CASE(other_owner), CASE(no_file),      CASE(commands), CASE(the_nearer_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
