/* Configuration: files as people write and break them, and which value wins. */
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
#include "base/conf_file.h"
#include "base/mem.h"
#include "base/nearest.h"

struct fixture {
	char dir[64];
	char user[96], system[96];
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/didctl-conf-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->user, sizeof(f->user), "%s/user", f->dir);
	snprintf(f->system, sizeof(f->system), "%s/system", f->dir);
	for (int i = 0; i < SET_COUNT; i++) {
		char name[SETTING_VARIABLE];

		unsetenv(setting_variable((enum setting)i, name));
	}
	unsetenv("DIDCTL_PROFILE");
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

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static struct conf *load(struct fixture *f, const char *user, const char *system, const char *profile)
{
	struct conf *conf;

	write_file(f->user, user, strlen(user));
	write_file(f->system, system, strlen(system));
	if (conf_load_paths(&conf, f->user, f->system, true, profile, &f->err))
		fail_msg("%s", f->err.text);
	return conf;
}

static void assert_value(const struct conf *conf, enum setting key, const char *value, const char *origin)
{
	const char *from;
	const char *got = conf_get(conf, key, &from);

	assert_string_equal(got ? got : "(none)", value);
	if (*origin == '/')
		from = strrchr(from, '/');
	assert_string_equal(from, origin);
}

static void nothing_set(void **state)
{
	struct conf *conf = load(*state, "", "# nothing\n", NULL);

	assert_value(conf, SET_TARGET, "(none)", "");
	assert_value(conf, SET_HOLD_DAYS, "0", "default");
	assert_null(conf_profile(conf));
	assert_string_equal(conf_profile_origin(conf), "");
	conf_free(conf);
	conf_free(NULL);
}

static void what_is_nearer_wins(void **state)
{
	static const char user[] =
		"country = IN\nactor=user\n\n[profile lab]\n; a comment\n  tls  =  insecure \r\n";
	static const char system[] =
		"country = US\npending-days = 3\nactor = system\n"
		"[profile lab]\ntls = verify\ncountry = CA\ntarget = \"sqlite:a b.db\"\n";
	struct conf *conf;

	setenv("DIDCTL_RANGE_OSS", "1-2", 1);
	setenv("DIDCTL_ACTOR", "", 1);
	setenv("DIDCTL_PENDING_DAYS", "4", 1);
	conf = load(*state, user, system, "lab");
	assert_value(conf, SET_TARGET, "sqlite:a b.db", "/system:7");
	assert_value(conf, SET_TLS, "insecure", "/user:6");
	assert_value(conf, SET_COUNTRY, "CA", "/system:6");
	assert_value(conf, SET_ACTOR, "user", "/user:2");
	assert_value(conf, SET_PENDING_DAYS, "4", "DIDCTL_PENDING_DAYS");
	assert_value(conf, SET_RANGE_OSS, "1-2", "DIDCTL_RANGE_OSS");
	conf_override(conf, SET_PENDING_DAYS, "5", "--pending-days");
	assert_value(conf, SET_PENDING_DAYS, "5", "--pending-days");
	conf_free(conf);
}

static const char two_profiles[] = "default-profile = a\n"
				   "[profile b]\ntarget = sqlite:b\npassword-file = /b\nhold-days = 2\n"
				   "[profile a]\ntarget = sqlite:a\npassword-file = /a\n"
				   "[profile bare]\npassword-file = /c\n";

static void default_profile_is_the_last_resort(void **state)
{
	struct conf *conf = load(*state, two_profiles, "default-profile = b\n", NULL);

	assert_string_equal(conf_profile(conf), "a");
	assert_string_equal(strrchr(conf_profile_origin(conf), '/'), "/user:1");
	assert_value(conf, SET_TARGET, "sqlite:a", "/user:7");
	conf_free(conf);
	setenv("DIDCTL_PROFILE", "b", 1);
	conf = load(*state, two_profiles, "", NULL);
	assert_value(conf, SET_TARGET, "sqlite:b", "/user:3");
	assert_string_equal(conf_profile_origin(conf), "DIDCTL_PROFILE");
	conf_free(conf);
}

static void target_of_the_environment_is_between(void **state)
{
	struct conf *conf;

	setenv("DIDCTL_TARGET", "sqlite:env", 1);
	setenv("DIDCTL_HOLD_DAYS", "9", 1);
	setenv("DIDCTL_PROFILE", "b", 1);
	conf = load(*state, two_profiles, "", NULL);
	assert_value(conf, SET_TARGET, "sqlite:env", "DIDCTL_TARGET");
	conf_free(conf);
	conf = load(*state, two_profiles, "", "b");
	assert_value(conf, SET_TARGET, "sqlite:b", "/user:3");
	assert_value(conf, SET_HOLD_DAYS, "9", "DIDCTL_HOLD_DAYS");
	assert_string_equal(conf_profile_target(conf), "sqlite:b");
	conf_free(conf);
	conf = load(*state, two_profiles, "", "bare");
	assert_null(conf_profile_target(conf));
	assert_value(conf, SET_TARGET, "sqlite:env", "DIDCTL_TARGET");
	conf_free(conf);
}

static void password_stays_with_its_target(void **state)
{
	struct conf *conf = load(*state, two_profiles, "", "b");

	assert_value(conf, SET_PASSWORD_FILE, "/b", "/user:4");
	conf_override(conf, SET_TARGET, "mysql://elsewhere/db", "--target");
	assert_value(conf, SET_PASSWORD_FILE, "(none)", "");
	assert_value(conf, SET_HOLD_DAYS, "2", "/user:5");
	conf_free(conf);
	conf = load(*state, two_profiles, "", "bare");
	conf_override(conf, SET_TARGET, "mysql://elsewhere/db", "--target");
	assert_value(conf, SET_PASSWORD_FILE, "/c", "/user:10");
	conf_free(conf);
}

static void profiles_are_listed(void **state)
{
	struct conf *conf = load(*state, two_profiles, "[profile z]\n[profile b]\ntls = insecure\n", NULL);
	const char *const *names;

	assert_int_equal(conf_profiles(conf, &names), 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_string_equal(names[2], "bare");
	assert_string_equal(names[3], "z");
	assert_non_null(strstr(conf_files(conf), "/user, /"));
	conf_free(conf);
}

static void missing_profile_names_the_others(void **state)
{
	struct fixture *f = *state;
	struct conf *conf;

	write_file(f->user, two_profiles, strlen(two_profiles));
	assert_int_equal(conf_load_paths(&conf, f->user, f->system, false, "bar", &f->err), ERR_TARGET);
	assert_null(conf);
	assert_non_null(strstr(f->err.text, "no profile 'bar' (--profile) in /tmp/"));
	assert_string_equal(f->err.hint, "did you mean 'bare'? the profiles are: a, b, bare");
}

static void home_and_xdg(void **state)
{
	struct fixture *f = *state;
	struct conf *conf;

	setenv("HOME", "relative", 1);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_int_equal(conf_load(&conf, NULL, NULL, &f->err), 0);
	assert_string_equal(conf_files(conf), "/etc/didctl/config");
	conf_free(conf);
	unsetenv("HOME");
	setenv("XDG_CONFIG_HOME", f->dir, 1);
	assert_int_equal(conf_load(&conf, NULL, NULL, &f->err), 0);
	assert_non_null(strstr(conf_files(conf), "/didctl/config, /etc/didctl/config"));
	conf_free(conf);
	setenv("HOME", "/nowhere", 1);
	conf = load(f, "[profile a]\npassword-file = ~/pw\n", "", "a");
	assert_value(conf, SET_PASSWORD_FILE, "/nowhere/pw", "/user:2");
	conf_free(conf);
}

static void paths_that_are_no_files(void **state)
{
	struct fixture *f = *state;
	char fifo[96];
	struct conf *conf;

	assert_int_equal(conf_load(&conf, f->user, NULL, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "cannot open"));
	assert_int_equal(conf_load(&conf, f->dir, NULL, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "is a directory"));
	snprintf(fifo, sizeof(fifo), "%s/fifo", f->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(conf_load(&conf, fifo, NULL, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "is not a regular file"));
	assert_int_equal(conf_load(&conf, "/dev/null", NULL, &f->err), 0);
	conf_free(conf);
}

static void command_in_a_file_of_everyone(void **state)
{
	static const char text[] = "[profile a]\npassword-command = pass show db\n";
	struct fixture *f = *state;
	struct conf *conf;

	write_file(f->user, text, strlen(text));
	assert_int_equal(chmod(f->user, 0666), 0);
	assert_int_equal(conf_load(&conf, f->user, NULL, &f->err), ERR_TARGET);
	assert_non_null(strstr(f->err.text, "anyone may change"));
	assert_int_equal(chmod(f->user, 0644), 0);
	assert_int_equal(conf_load(&conf, f->user, NULL, &f->err), 0);
	conf_free(conf);
}

/* What one inventory has must not reach the switch of another. */
static void switch_stays_with_its_target(void **state)
{
	static const enum setting keys[] = {SET_AMI, SET_AMI_SECRET_FILE};
	struct conf *conf = load(*state, "[profile a]\ntarget = sqlite:a\nami = u@h\nami-secret-file = /s\n", "", "a");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_non_null(conf_get(conf, keys[i], NULL));
	conf_override(conf, SET_TARGET, "sqlite:b", "--target");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_null(conf_get(conf, keys[i], NULL));
	conf_free(conf);
}

static void bad_files(void **state)
{
	static const struct {
		const char *text, *says, *hint;
	} cases[] = {
		{"\n\nhold_days = 1\n", "x:3: unknown key 'hold_days'", "did you mean 'hold-days'?"},
		{"Country = IN\n", "x:1: unknown key 'Country'", "did you mean 'country'?"},
		{"frobnicate-it = 1\n", "x:1: unknown key 'frobnicate-it'", "'didctl config' lists all keys"},
		{"[profile a]\npassword = geheim\n", "x:2: unknown key 'password'", "with password-file"},
		{"ami-secret = geheim\n", "x:1: unknown key 'ami-secret'", "with ami-secret-file"},
		{"ami = u:geheim@h\n", "x:1: bad value of 'ami': it has a password in it", "ami-secret-file"},
		{"ami-clear-text = maybe\n", "x:1: bad value of 'ami-clear-text'", ""},
		{"API-Key = geheim\n", "x:1: unknown key 'API-Key'", "with api-key-file"},
		{"\x1b[31m = 1\n", "x:1: unknown key '\\x1B[31m'", ""},
		{"a\x1b = 1\n", "x:1: unknown key 'a\\x1B'", ""},
		{"country = IN\ncountry = US\n", "x:2: 'country' was already set at x:1", ""},
		{"[profile a]\n[profile b]\n[profile a]\n", "x:3: the profile 'a' was already begun at x:1",
		 ""},
		{"[profile a]\ndefault-profile = a\n", "x:2: 'default-profile' belongs before", ""},
		{"default-profile = [a]\n", "x:1: '[a]' is not a name of a profile", ""},
		{"target = sqlite:a\n", "x:1: 'target' belongs into a section", ""},
		{"[profile a]\ntarget = mysql://u:geheim@h/db\n", "x:2: bad value of 'target'",
		 "password-file"},
		{"country\n", "x:1: neither 'key = value'", ""},
		{"country =\n", "x:1: 'country' has no value", ""},
		{"country = \"\"\n", "x:1: 'country' has no value", ""},
		{"country = \"IN\n", "x:1: a value that begins with '\"'", ""},
		{"country = \"I\"N\"\n", "x:1: a value that begins with '\"'", ""},
		{"actor = a\x01\n", "x:1: bad value of 'actor': it has control characters", ""},
		{"actor = \xff\n", "x:1: the line is not UTF-8", ""},
		{"[profile a\n", "x:1: a section is written", ""},
		{"[profile a] # why\n", "x:1: a section is written", ""},
		{"[profile]\n", "x:1: bad name ''", ""},
		{"[profile a b]\n", "x:1: bad name 'a b'", ""},
		{"[profiles a]\n", "x:1: unknown section 'profiles a'", ""},
		{"hold-days = 3651\n", "x:1: bad value of 'hold-days'", ""},
		{"hold-days = -1\n", "x:1: bad value of 'hold-days'", ""},
		{"hold-days = 0x1\n", "x:1: bad value of 'hold-days'", ""},
		{"pending-days = 99999999999999999999\n", "x:1: bad value of 'pending-days'", ""},
		{"regen = true\n", "x:1: bad value of 'regen'", ""},
		{"tls = off\n", "x:1: bad value of 'tls'", ""},
		{"routing-types = queue,,ivr\n", "x:1: bad value of 'routing-types'", ""},
		{"oss-context = a\\nb\n", "x:1: bad value of 'oss-context'", ""},
		{"gateway-context = A\n", "x:1: bad value of 'gateway-context'", ""},
		{"gateway-file = ../x.conf\n", "x:1: bad value of 'gateway-file'", ""},
		{"gateway-file = .x\n", "x:1: bad value of 'gateway-file'", ""},
		{"staging-endpoint = a)b\n", "x:1: bad value of 'staging-endpoint'", ""},
		{"spellings = national,e164\n", "x:1: bad value of 'spellings'", ""},
		{"spellings = plus,\n", "x:1: bad value of 'spellings'", ""},
		{"context-prefix-column = a`b\n", "x:1: bad value of 'context-prefix-column'", ""},
		{"context-prefix-column = 1a\n", "x:1: bad value of 'context-prefix-column'", ""},
		{"asterisk-dir = etc\n", "x:1: bad value of 'asterisk-dir'", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_file file = {0};
		const char *text = cases[i].text;

		assert_int_equal(conf_file_parse(&file, "x", text, strlen(text), &f->err), ERR_TARGET);
		if (strncmp(f->err.text, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("'%s' does not begin with '%s'", f->err.text, cases[i].says);
		if (!strstr(f->err.hint, cases[i].hint))
			fail_msg("'%s' has no '%s'", f->err.hint, cases[i].hint);
		assert_null(strstr(f->err.text, "geheim"));
		assert_null(strstr(f->err.hint, "geheim"));
		conf_file_release(&file);
	}
}

static void long_lines_and_nul_bytes(void **state)
{
	static const char nul[] = "country = IN\nactor = a\0b\n";
	struct fixture *f = *state;
	size_t len = 1 << 20;
	char *text = xcalloc(len, 1);
	struct conf_file file = {0};

	memset(text, 'a', len);
	assert_int_equal(conf_file_parse(&file, "x", text, len, &f->err), ERR_TARGET);
	assert_string_equal(f->err.text, "x:1: the line is longer than 65536 bytes");
	conf_file_release(&file);
	assert_int_equal(conf_file_parse(&file, "x", nul, sizeof(nul) - 1, &f->err), ERR_TARGET);
	assert_string_equal(f->err.text, "x:2: the line has a NUL byte");
	conf_file_release(&file);
	free(text);
}

static void bad_environment(void **state)
{
	struct fixture *f = *state;
	struct conf *conf;

	setenv("DIDCTL_REGEN", "perhaps", 1);
	assert_int_equal(conf_load_paths(&conf, NULL, NULL, false, NULL, &f->err), ERR_TARGET);
	assert_string_equal(f->err.text, "DIDCTL_REGEN: bad value of 'regen': it is neither 'yes' nor 'no'");
}

static void the_table(void **state)
{
	(void)state;
	for (int i = 0; i < SET_COUNT; i++) {
		const struct setting_info *info = &setting_info[i];
		struct err err;

		assert_non_null(info->key);
		assert_true(strlen(info->key) + sizeof("DIDCTL_") <= SETTING_VARIABLE);
		assert_true(info->help && info->help[strlen(info->help) - 1] != '.');
		if (info->fallback)
			assert_int_equal(setting_check((enum setting)i, info->fallback, &err), 0);
	}
}

static void secrets_are_masked(void **state)
{
	static const struct {
		enum setting key;
		const char *value, *shown;
	} cases[] = {
		{SET_PASSWORD_COMMAND, "echo geheim", "***"},
		{SET_PASSWORD_FILE, "/root/pw", "/root/pw"},
		{SET_TARGET, "sqlite:/a:b@c", "sqlite:/a:b@c"},
		{SET_TARGET, "mysql://u@h:3306/db", "mysql://u@h:3306/db"},
		{SET_TARGET, "mysql://u:p@h/db", "mysql://u:***@h/db"},
		{SET_TARGET, "mysql://u:p/q@r@h/db", "mysql://u:***@h/db"},
		{SET_TARGET, "mysql://u@/db?socket=/a:b@c", "mysql://u@/db?socket=/a:b@c"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf shown = {0};

		setting_mask(&shown, cases[i].key, cases[i].value);
		assert_string_equal(buf_str(&shown), cases[i].shown);
		buf_release(&shown);
	}
}

static void nearest(void **state)
{
	static const char *const words[] = {"pool", "port", "regen", "release"};

	(void)state;
	assert_int_equal(nearest_distance("", ""), 0);
	assert_int_equal(nearest_distance("", "abc"), 3);
	assert_int_equal(nearest_distance("abc", "acb"), 1);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
	assert_string_equal(nearest_word("ploo", words, 0) ? "found" : "none", "none");
	assert_string_equal(nearest_word("opol", words, ARRAY_SIZE(words)), "pool");
	assert_string_equal(nearest_word("relaese", words, ARRAY_SIZE(words)), "release");
	assert_null(nearest_word("frobnicate", words, ARRAY_SIZE(words)));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_set),
		CASE(what_is_nearer_wins),
		CASE(default_profile_is_the_last_resort),
		CASE(target_of_the_environment_is_between),
		CASE(password_stays_with_its_target),
		CASE(switch_stays_with_its_target),
		CASE(profiles_are_listed),
		CASE(missing_profile_names_the_others),
		CASE(home_and_xdg),
		CASE(paths_that_are_no_files),
		CASE(command_in_a_file_of_everyone),
		CASE(bad_files),
		CASE(long_lines_and_nul_bytes),
		CASE(bad_environment),
		CASE(the_table),
		CASE(secrets_are_masked),
		CASE(nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
