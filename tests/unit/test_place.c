/*
 * Files that are replaced. Where a test has to die or to meet an error at a certain system call, it runs this
 * program once more, under strace: "test_place replace DIR" and "test_place roll-back DIR".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialplan/place.h"
#include "base/writer.h"

#define NAME "ext_tata_gateway.conf"
#define OLD  "[old]\n"
#define NEW  "[new]\nexten => 111,1,NoOp()\n"
#define WAIT 120000

/* ---- what is tested, as regen would do it */

static int write_new(struct place *p, const char *text, struct err *err)
{
	struct writer w;

	writer_init(&w, p->fd);
	buf_puts(&w.buf, text);
	return writer_finish(&w, NAME, err);
}

static int replace(const char *path, const char *text, struct err *err)
{
	struct place_dir dir = PLACE_DIR_INIT;
	struct place p = PLACE_INIT;
	int rc = place_dir_open(&dir, path, err);

	if (!rc)
		rc = place_dir_lock(&dir, WAIT, err);
	if (!rc)
		rc = place_open(&p, &dir, NAME, err);
	if (!rc)
		rc = place_create(&p, err);
	if (!rc)
		rc = write_new(&p, text, err);
	if (!rc)
		rc = place_commit(&p, err);
	place_end(&p);
	place_dir_close(&dir);
	return rc;
}

static int roll_back(const char *path, bool had_file, struct err *err)
{
	struct place_dir dir = PLACE_DIR_INIT;
	int rc = place_dir_open(&dir, path, err);

	if (!rc)
		rc = place_dir_lock(&dir, WAIT, err);
	if (!rc)
		rc = place_roll_back(&dir, NAME, had_file, err);
	place_dir_close(&dir);
	return rc;
}

/* ---- a directory to do it in */

struct site {
	char dir[64];
	char path[PATH_MAX]; /* of the last name that was asked for */
};

static const char *path_of(struct site *site, const char *name)
{
	snprintf(site->path, sizeof(site->path), "%s/%s", site->dir, name);
	return site->path;
}

static void put(struct site *site, const char *name, const char *text)
{
	int fd = open(path_of(site, name), O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* "" where there is none. */
static const char *get(struct site *site, const char *name, char out[256])
{
	int fd = open(path_of(site, name), O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 255);

	assert_true(n >= 0);
	out[n] = '\0';
	if (fd >= 0)
		close(fd);
	return out;
}

static void assert_has(struct site *site, const char *name, const char *text)
{
	char got[256];

	assert_string_equal(get(site, name, got), text);
}

/* Each entry is visited; the lock file is not counted. */
static size_t count_entries(struct site *site, bool remove)
{
	DIR *dir = opendir(site->dir);
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		n += strcmp(entry->d_name, PLACE_LOCK) != 0;
		if (remove && unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR), 0);
	}
	closedir(dir);
	return n;
}

static int set_up(void **state)
{
	struct site *site = xcalloc(1, sizeof(*site));

	snprintf(site->dir, sizeof(site->dir), "/tmp/didctl-place-XXXXXX");
	*state = site;
	return mkdtemp(site->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct site *site = *state;

	char log[sizeof(site->dir) + 8];

	count_entries(site, true);
	rmdir(site->dir);
	snprintf(log, sizeof(log), "%s.log", site->dir);
	unlink(log);
	free(site);
	return 0;
}

/* ---- tests */

static void replaces_and_keeps_the_last_good(void **state)
{
	struct site *site = *state;
	struct stat st;
	struct err err;

	assert_int_equal(replace(site->dir, OLD, &err), 0);
	assert_has(site, NAME, OLD);
	assert_int_equal(count_entries(site, false), 1);
	assert_int_equal(stat(path_of(site, NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(chmod(site->path, 0604), 0);
	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_has(site, NAME, NEW);
	assert_has(site, NAME PLACE_LAST_GOOD, OLD);
	assert_int_equal(count_entries(site, false), 2);
	assert_int_equal(stat(path_of(site, NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(replace(site->dir, OLD, &err), 0);
	assert_has(site, NAME PLACE_LAST_GOOD, NEW);
}

static void keeps_the_owner(void **state)
{
	struct site *site = *state;
	struct stat st;
	struct err err;

	if (geteuid() != 0)
		skip();
	put(site, NAME, OLD);
	assert_int_equal(chown(path_of(site, NAME), 12345, 23456), 0);
	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_int_equal(stat(path_of(site, NAME), &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
}

static void rolls_back(void **state)
{
	struct site *site = *state;
	struct err err;

	put(site, NAME, OLD);
	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_int_equal(roll_back(site->dir, true, &err), 0);
	assert_has(site, NAME, OLD);
	assert_has(site, NAME PLACE_LAST_GOOD, OLD);
	assert_has(site, NAME PLACE_REJECTED, NEW);
	assert_int_equal(count_entries(site, false), 3);
	/* Once more, when both names are one file; and what comes after it is replaced as ever. */
	assert_int_equal(roll_back(site->dir, true, &err), 0);
	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_has(site, NAME, NEW);
	assert_has(site, NAME PLACE_LAST_GOOD, OLD);
	assert_int_equal(count_entries(site, false), 3);
	assert_int_equal(unlink(path_of(site, NAME)), 0);
	assert_int_equal(roll_back(site->dir, true, &err), 0);
	assert_has(site, NAME, OLD);
}

static void rolls_back_to_nothing(void **state)
{
	struct site *site = *state;
	struct err err;

	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_int_equal(roll_back(site->dir, false, &err), 0);
	assert_has(site, NAME PLACE_REJECTED, NEW);
	assert_int_equal(count_entries(site, false), 1);
	assert_int_equal(roll_back(site->dir, true, &err), ERR_FAILED);
}

static void refuses_what_is_no_file(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "../x", ".hidden"};
	struct site *site = *state;
	struct place_dir dir = PLACE_DIR_INIT;
	struct err err = {0};

	put(site, "other", OLD);
	assert_int_equal(symlink("other", path_of(site, NAME)), 0);
	assert_int_equal(replace(site->dir, NEW, &err), ERR_REFUSED);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_has(site, "other", OLD);
	unlink(path_of(site, NAME));
	assert_int_equal(symlink("nowhere", path_of(site, NAME)), 0);
	assert_int_equal(replace(site->dir, NEW, &err), ERR_REFUSED);
	unlink(path_of(site, NAME));
	assert_int_equal(mkdir(path_of(site, NAME), 0755), 0);
	assert_int_equal(replace(site->dir, NEW, &err), ERR_REFUSED);
	rmdir(path_of(site, NAME));
	assert_int_equal(mkfifo(path_of(site, NAME), 0644), 0);
	assert_int_equal(replace(site->dir, NEW, &err), ERR_REFUSED);
	unlink(path_of(site, NAME));
	assert_int_equal(place_dir_open(&dir, site->dir, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct place p = PLACE_INIT;

		assert_int_equal(place_open(&p, &dir, names[i], &err), ERR_TARGET);
		place_end(&p);
	}
	place_dir_close(&dir);
	assert_int_equal(place_dir_open(&dir, path_of(site, "none"), &err), ERR_TARGET);
	assert_int_equal(place_dir_open(&dir, path_of(site, "other"), &err), ERR_TARGET);
	place_dir_close(&dir);
	/* A lock that is a link would be made wherever it leads to. */
	unlink(path_of(site, PLACE_LOCK));
	assert_int_equal(symlink("victim", path_of(site, PLACE_LOCK)), 0);
	assert_int_equal(replace(site->dir, NEW, &err), ERR_FAILED);
	assert_int_not_equal(access(path_of(site, "victim"), F_OK), 0);
}

/* Somebody edits, replaces, removes or makes the file while ours is being written. */
static void sees_what_others_do(void **state)
{
	struct site *site = *state;

	for (int way = 0; way < 4; way++) {
		struct place_dir dir = PLACE_DIR_INIT;
		struct place p = PLACE_INIT;
		struct err err = {0};

		unlink(path_of(site, NAME));
		if (way < 3)
			put(site, NAME, OLD);
		assert_int_equal(place_dir_open(&dir, site->dir, &err), 0);
		assert_int_equal(place_dir_lock(&dir, 0, &err), 0);
		assert_int_equal(place_open(&p, &dir, NAME, &err), 0);
		assert_int_equal(place_create(&p, &err), 0);
		assert_int_equal(write_new(&p, NEW, &err), 0);
		if (way == 1 || way == 2)
			unlink(path_of(site, NAME));
		if (way != 2)
			put(site, NAME, way == 1 ? OLD : OLD OLD);
		assert_int_equal(place_commit(&p, &err), ERR_REFUSED);
		place_end(&p);
		place_dir_close(&dir);
		assert_has(site, NAME, way == 2 ? "" : way == 1 ? OLD : OLD OLD);
		assert_int_equal(count_entries(site, false), way != 2);
	}
}

static void takes_what_the_dead_left_away(void **state)
{
	struct site *site = *state;
	struct err err;

	put(site, "." NAME ".didctl-4711", "half");
	put(site, "." NAME ".last-good.didctl-4711", "half");
	put(site, "." NAME ".didctl-", "not ours");
	put(site, "x.didctl-1", "not ours");
	put(site, PLACE_LOCK, "4711\n");
	assert_int_equal(replace(site->dir, NEW, &err), 0);
	assert_has(site, NAME, NEW);
	assert_has(site, "x.didctl-1", "not ours");
	assert_int_equal(count_entries(site, false), 3);
}

static void names_who_holds_the_lock(void **state)
{
	struct site *site = *state;
	struct place_dir dir = PLACE_DIR_INIT, again = PLACE_DIR_INIT;
	struct err err = {0};
	char want[32];

	assert_int_equal(place_dir_open(&dir, site->dir, &err), 0);
	assert_int_equal(place_dir_lock(&dir, 0, &err), 0);
	assert_int_equal(place_dir_open(&again, site->dir, &err), 0);
	assert_int_equal(place_dir_lock(&again, 50, &err), ERR_REFUSED);
	snprintf(want, sizeof(want), "process %ld", (long)getpid());
	assert_non_null(strstr(err.text, want));
	place_dir_close(&dir);
	assert_int_equal(place_dir_lock(&again, 0, &err), 0);
	place_dir_close(&again);
}

/* Of many that replace at once, each writes whole files and none is in another's way. */
static void lets_one_write_at_a_time(void **state)
{
	struct site *site = *state;
	char got[256];

	for (int i = 0; i < 16; i++)
		if (fork() == 0) {
			struct err err;

			_exit(replace(site->dir, i % 2 ? NEW : OLD, &err) ? 1 : 0);
		}
	for (int i = 0; i < 16; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	get(site, NAME, got);
	assert_true(!strcmp(got, NEW) || !strcmp(got, OLD));
	assert_int_equal(count_entries(site, false), 2);
}

/* ---- under strace */

static int status_of(pid_t pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * Runs this program with a fault injected ("fsync:error=EIO:when=1"); its exit code, or 128 and the signal.
 * With in_dir only calls count that name something in the directory: not those of the loader.
 */
static int run_with(struct site *site, const char *inject, bool in_dir, const char *verb)
{
	char self[PATH_MAX], option[128], log[sizeof(site->dir) + 8];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	pid_t pid;

	assert_true(n > 0);
	self[n] = '\0';
	snprintf(option, sizeof(option), "inject=?%s", inject);
	snprintf(log, sizeof(log), "%s.log", site->dir);
	pid = fork();
	if (pid == 0) {
		if (in_dir)
			execlp("strace", "strace", "-qq", "-o", log, "-e", option, "-P", site->dir, self,
			       verb, site->dir, NULL);
		else
			execlp("strace", "strace", "-qq", "-o", log, "-e", option, self, verb, site->dir,
			       NULL);
		_exit(126);
	}
	return status_of(pid);
}

/* Whether the last run met its fault. */
static bool was_hit(const struct site *site)
{
	char log[sizeof(site->dir) + 8], text[1 << 16];
	int fd;
	ssize_t n;

	snprintf(log, sizeof(log), "%s.log", site->dir);
	fd = open(log, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
	unlink(log);
	return strstr(text, "INJECTED") || strstr(text, "SIGKILL");
}

static void need_strace(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("strace", "strace", "-qq", "-o", "/dev/null", "true", NULL);
		_exit(126);
	}
	if (status_of(pid) != 0)
		skip();
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* which a traced process cannot do */
}

/* Every call by which the directory or a file in it is looked at or changed. */
static const struct {
	const char *name;
	bool in_dir; /* the loader makes it, too */
} calls[] = {
	{"openat", true},   {"newfstatat", true}, {"close", true},     {"getdents64", true},
	{"unlinkat", true}, {"linkat", true},	  {"renameat", true},  {"faccessat2", true},
	{"flock", false},   {"ftruncate", false}, {"pwrite64", false}, {"write", false},
	{"fchmod", false},  {"fsync", false},
};

/* The file is old or new, never anything else; and the next one that comes finds nothing in its way. */
static void assert_whole(struct site *site, const char *before, const char *after)
{
	char got[256];
	struct err err;

	get(site, NAME, got);
	if (strcmp(got, before) != 0 && strcmp(got, after) != 0)
		fail_msg("neither old nor new: '%s'", got);
	if (replace(site->dir, after, &err))
		fail_msg("the next one fails: %s", err.text);
	assert_has(site, NAME, after);
}

static void start_over(struct site *site, const char *before, const char *last_good)
{
	count_entries(site, true);
	put(site, NAME, before);
	if (last_good)
		put(site, NAME PLACE_LAST_GOOD, last_good);
}

static void dies_at_every_call(struct site *site, const char *verb, const char *before, const char *after)
{
	unsigned deaths = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (int when = 1, code = 1; code != 0; when++) {
			char inject[64];

			start_over(site, before, after);
			snprintf(inject, sizeof(inject), "%s:signal=KILL:when=%d", calls[i].name, when);
			code = run_with(site, inject, calls[i].in_dir, verb);
			assert_int_equal(was_hit(site), code != 0);
			assert_true(code == 0 || code == 128 + SIGKILL);
			deaths += code != 0;
			assert_whole(site, before, after);
			assert_true(count_entries(site, false) <= 3);
		}
	assert_true(deaths > 15);
}

static void is_old_or_new_wherever_it_dies(void **state)
{
	need_strace();
	dies_at_every_call(*state, "replace", OLD, NEW);
}

static void rolls_back_wherever_it_dies(void **state)
{
	need_strace();
	dies_at_every_call(*state, "roll-back", NEW, OLD);
}

/* Any error at any call: it says so and the old file stands, or it did without and the new one stands. */
static void survives_every_error(void **state)
{
	static const char *const errors[] = {"EIO", "ENOSPC", "EINTR", "EMFILE", "EROFS"};
	struct site *site = *state;
	bool is_hit = true;

	need_strace();
	for (size_t i = 0; i < ARRAY_SIZE(calls) * ARRAY_SIZE(errors); i++) {
		const char *call = calls[i / ARRAY_SIZE(errors)].name,
			   *error = errors[i % ARRAY_SIZE(errors)];
		bool in_dir = calls[i / ARRAY_SIZE(errors)].in_dir;
		char inject[64], got[256];

		for (int when = 1; when == 1 || is_hit; when++) {
			int code;

			start_over(site, OLD, NULL);
			snprintf(inject, sizeof(inject), "%s:error=%s:when=%d", call, error, when);
			code = run_with(site, inject, in_dir, "replace");
			is_hit = was_hit(site);
			get(site, NAME, got);
			/* An fsync of the directory fails when the new file stands there. */
			if (code == 0 ? strcmp(got, NEW) != 0
				      : strcmp(got, OLD) != 0 && strcmp(call, "fsync") != 0)
				fail_msg("%s: exit code %d, and there is '%s'", inject, code, got);
			assert_true(is_hit || code == 0);
			assert_whole(site, OLD, NEW);
		}
	}
}

/* Where the file system has no hard links the old file is copied. */
static void does_without_links(void **state)
{
	struct site *site = *state;

	need_strace();
	put(site, NAME, OLD);
	assert_int_equal(run_with(site, "linkat:error=EPERM", true, "replace"), 0);
	assert_has(site, NAME, NEW);
	assert_has(site, NAME PLACE_LAST_GOOD, OLD);
	assert_int_equal(run_with(site, "linkat:error=EPERM", true, "roll-back"), 0);
	assert_has(site, NAME, OLD);
	assert_has(site, NAME PLACE_REJECTED, NEW);
	assert_int_equal(count_entries(site, false), 3);
}

/* An fsync that fails is never tried again: what it could not write is gone from memory, too. */
static void gives_up_when_fsync_fails(void **state)
{
	struct site *site = *state;

	need_strace();
	put(site, NAME, OLD);
	assert_int_equal(run_with(site, "fsync:error=EIO:when=1", false, "replace"), 1);
	assert_has(site, NAME, OLD);
	assert_int_equal(count_entries(site, false), 1);
	assert_int_equal(run_with(site, "fsync:error=EINTR:when=1", false, "replace"), 1);
	assert_has(site, NAME, OLD);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replaces_and_keeps_the_last_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_the_owner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rolls_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rolls_back_to_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sees_what_others_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_what_the_dead_left_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_who_holds_the_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lets_one_write_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(is_old_or_new_wherever_it_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rolls_back_wherever_it_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(survives_every_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(does_without_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gives_up_when_fsync_fails, set_up, tear_down),
	};
	struct err err;

	if (argc == 3 && !strcmp(argv[1], "replace"))
		return replace(argv[2], NEW, &err) ? 1 : 0;
	if (argc == 3 && !strcmp(argv[1], "roll-back"))
		return roll_back(argv[2], true, &err) ? 1 : 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
