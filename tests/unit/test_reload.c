/* The proof that the switch runs what was written, against a peer that reads the files of a directory. */
#include "tests/unit/peer_fixture.h"

#include "base/clock.h"
#include "dialplan/reload.h"
#include "dialplan/running.h"

#define OLD  "1111111111111111"
#define NEW  "2222222222222222"
#define META "didctl-meta"

static FILE *create(const struct fixture *f, const char *name)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

/* A dispatcher of n numbers, and the marker of its generation. */
static void write_dispatcher(const struct fixture *f, int n, const char *generation)
{
	FILE *file = create(f, "gateway.conf");

	fprintf(file, "[from-tata]\n");
	while (n-- > 0)
		fprintf(file, "exten => 91806597%04d,1,Goto(org_x__incoming,91806597%04d,1)\n", n, n);
	fprintf(file, "[%s]\nexten => gen-%s,1,NoOp()\n", META, generation);
	assert_int_equal(fclose(file), 0);
}

/* An organisation's file: n contexts of two priorities each. */
static void write_orgs(const struct fixture *f, int n)
{
	FILE *file = create(f, "orgs.conf");

	for (int i = 0; i < n; i++)
		fprintf(file, "[did_%d]\nexten => s,1,Set(a=b)\n same => n,Goto(org_x__queue,100,1)\n", i);
	assert_int_equal(fclose(file), 0);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	FILE *file = create(f, name);

	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Up to two more arguments of the peer. */
static void start(struct fixture *f, const char *first, const char *second)
{
	const char *const args[] = {"--dir", f->dir, first, second, NULL};
	struct ami_login login = {.secret = PEER_SECRET};

	ami_close(f->ami);
	peer_stop(&f->peer);
	peer_start(&f->peer, args, 1);
	login.where = f->peer.where[0];
	if (ami_open(&f->ami, &login, &f->err))
		fail_msg("%s", f->err.text);
}

static const struct written written[] = {
	{"from-tata", "gateway.conf", 30, 30, NULL, ""},
	{"did_0", "orgs.conf", 1, 2, NULL, ""},
};
static const struct reload thirty = {META, NEW, written, ARRAY_SIZE(written), PATIENT_MS};

/* The switch runs an old dialplan; the files are already those of the new one. */
static int reload_under(struct fixture *f, const char *behaviour)
{
	write_dispatcher(f, 5, OLD);
	write_orgs(f, 1);
	start(f, behaviour, NULL);
	write_dispatcher(f, 30, NEW);
	return reload_and_prove(f->ami, &thirty, &f->err);
}

static void proved(void **state)
{
	struct fixture *f = *state;
	char running[GENERATION_TEXT];

	if (reload_under(f, "normal"))
		fail_msg("%s", f->err.text);
	assert_int_equal(running_generation(f->ami, META, running, &f->err), 0);
	assert_string_equal(running, NEW);
	assert_int_equal(reload_prove(f->ami, &thirty, &f->err), 0);
}

/* The answer comes before the reload has ended. */
static void awaited(void **state)
{
	struct fixture *f = *state;

	if (reload_under(f, "late"))
		fail_msg("%s", f->err.text);
}

static void never_comes(void **state)
{
	struct fixture *f = *state;
	struct reload quick = thirty;
	int64_t began;

	quick.limit_ms = 3000; /* in which each answer has to come, too */
	write_dispatcher(f, 5, OLD);
	write_orgs(f, 1);
	start(f, "stuck", NULL);
	write_dispatcher(f, 30, NEW);
	began = clock_monotonic_ms();
	assert_int_equal(reload_and_prove(f->ami, &quick, &f->err), ERR_ABSENT);
	assert_in_range(clock_monotonic_ms() - began, quick.limit_ms, PATIENT_MS);
	assert_has(f->err.text, "runs generation " OLD ", not " NEW " that was written");
	assert_has(f->err.hint, "is the file included by extensions.conf");
	assert_int_equal(reload_prove(f->ami, &quick, &f->err), ERR_ABSENT);
	/* The next reload may well work: then all is in order. */
	start(f, "stuck-once", NULL);
	write_dispatcher(f, 30, NEW);
	assert_int_equal(reload_prove(f->ami, &quick, &f->err), 0);
}

/* "Dialplan reloaded." is said, and the marker is there, but lines are not. */
static void lines_lost(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(reload_under(f, "losing"), ERR_ABSENT);
	assert_has(f->err.text,
		   "does not run what was written: context 'from-tata' has 26 extensions and 26 priorities, "
		   "not 30 and 30");
	assert_null(strstr(f->err.text, "did_0"));
}

/* Whoever takes away what another wrote is named, and so is how much is wrong in all. */
static void differences(void **state)
{
	static const struct written all[] = {
		{"did_0", "orgs.conf", 1, 2, NULL, ""},	  {"did_1", "orgs.conf", 1, 3, NULL, ""},
		{"did_2", "orgs.conf", 2, 2, NULL, ""},	  {"nowhere", "orgs.conf", 0, 0, NULL, ""},
		{"did_3", "orgs.conf", 0, 0, NULL, ""},	  {"did_4", "orgs.conf", 9, 9, NULL, ""},
	};
	const struct reload r = {META, NEW, all, ARRAY_SIZE(all), PATIENT_MS};
	struct fixture *f = *state;

	write_dispatcher(f, 1, NEW);
	write_orgs(f, 5);
	start(f, "normal", NULL);
	assert_int_equal(reload_prove(f->ami, &r, &f->err), ERR_ABSENT);
	assert_has(
		f->err.text,
		": context 'did_1' has 1 extensions and 2 priorities, not 1 and 3; context 'did_2' has 1 "
		"extensions and 2 priorities, not 2 and 2; it lacks context 'nowhere'; and 2 contexts more");
}

/* An operator's own catch-all in our context is none of our numbers, and no reason to roll back. */
static void other_files(void **state)
{
	struct fixture *f = *state;
	struct running_count count;

	write_dispatcher(f, 30, NEW);
	write_orgs(f, 1);
	write_file(f, "own.conf",
		   "[from-tata]\nexten => _X.,1,NoOp([gateway.conf:3])\n same => n,Hangup(1)\n");
	start(f, "normal", NULL);
	assert_int_equal(reload_and_prove(f->ami, &thirty, &f->err), 0);
	assert_int_equal(running_count(f->ami, "from-tata", "gateway.conf", 0, &count, &f->err), 0);
	assert_int_equal(count.extensions, 30);
	assert_int_equal(count.foreign_extensions, 1);
	assert_int_equal(count.foreign_priorities, 2);
	assert_int_equal(running_count(f->ami, "from-tata", NULL, 0, &count, &f->err), 0);
	assert_int_equal(count.extensions, 31);
	assert_int_equal(count.priorities, 32);
	/* But one of ours that is missing does not go unseen because of it. */
	write_dispatcher(f, 29, NEW);
	assert_int_equal(reload_and_prove(f->ami, &thirty, &f->err), ERR_ABSENT);
	assert_has(f->err.text,
		   "has 29 extensions and 29 priorities, not 30 and 30, besides 2 of other files");
}

static void no_reload(void **state)
{
	static const struct {
		const char *behaviour, *text, *hint;
	} cases[] = {
		{"no-reload:1", "does not reload its dialplan: No such command 'dialplan reload'",
		 "module load pbx_config.so"},
		{"denied:1", "did not run 'dialplan reload': Permission denied", "needs command in 'write'"},
		{"silent:2", "answers 'dialplan show gen-" NEW "@" META "' with '', which tells nothing", ""},
		{"close:1", "closed the connection", ""},
		{"close:3", "closed the connection", ""},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(reload_under(f, cases[i].behaviour), ERR_TARGET);
		assert_has(f->err.text, cases[i].text);
		assert_has(f->err.hint, cases[i].hint);
	}
}

static void generations(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "has no generation"},
		{"[" META "]\nexten => other,1,NoOp()\n", "has no generation"},
		{"[" META "]\nexten => gen-" OLD "0,1,NoOp()\nexten => gen-12,1,NoOp()\nexten => gen-" NEW
		 "-x,1,NoOp()\n",
		 "has no generation"},
		{"[" META "]\nexten => gen-" OLD ",1,NoOp()\nexten => gen-" NEW ",1,NoOp()\n",
		 "runs 2 generations at once"},
	};
	struct fixture *f = *state;
	char running[GENERATION_TEXT] = "";
	struct ami_answer answer;
	bool has;

	start(f, "normal", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_file(f, "a.conf", cases[i].text);
		assert_int_equal(ami_command(f->ami, "dialplan reload", NULL, &answer, &f->err), 0);
		assert_int_equal(running_generation(f->ami, META, running, &f->err), ERR_ABSENT);
		assert_has(f->err.text, cases[i].message);
		assert_string_equal(running, "");
	}
	assert_int_equal(running_has_generation(f->ami, META, OLD, &has, &f->err), 0);
	assert_true(has);
	assert_int_equal(running_has_generation(f->ami, META, "3333333333333333", &has, &f->err), 0);
	assert_false(has);
}

/* What is no plain word would say more to the switch's command line than a name. */
static void names_refused(void **state)
{
	static const char *const bad[] = {"", "a b", "a;b", "a@b", "a\nb", "a\"", "\xc3\xbc", "${X}"};
	struct fixture *f = *state;
	char running[GENERATION_TEXT];
	enum endpoint_state endpoint;
	struct running_count count;
	bool has;

	start(f, "normal", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(running_generation(f->ami, bad[i], running, &f->err), ERR_USAGE);
		assert_int_equal(running_has_generation(f->ami, META, bad[i], &has, &f->err), ERR_USAGE);
		assert_int_equal(running_has_generation(f->ami, bad[i], OLD, &has, &f->err), ERR_USAGE);
		assert_int_equal(running_count(f->ami, bad[i], NULL, 0, &count, &f->err), ERR_USAGE);
		assert_int_equal(running_endpoint(f->ami, bad[i], &endpoint, &f->err), ERR_USAGE);
		assert_has(f->err.text, "is no name that the switch can be asked about");
	}
}

static void endpoints(void **state)
{
	static const struct {
		const char *contact;
		enum endpoint_state state;
	} cases[] = {
		{"--contact=Avail", ENDPOINT_AVAILABLE},
		{"--contact=Reachable", ENDPOINT_AVAILABLE},
		{"--contact=Unavail", ENDPOINT_UNAVAILABLE},
		{"--contact=NonQual", ENDPOINT_UNQUALIFIED},
		{"--contact=Unknown", ENDPOINT_UNQUALIFIED},
		{"--contact=", ENDPOINT_NO_CONTACT},
		{"--contact=Unavail,Avail,Unavail", ENDPOINT_AVAILABLE},
	};
	struct fixture *f = *state;
	enum endpoint_state endpoint;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start(f, cases[i].contact, NULL);
		assert_int_equal(running_endpoint(f->ami, "cloud-endpoint-stage", &endpoint, &f->err), 0);
		assert_int_equal(endpoint, cases[i].state);
	}
	assert_int_equal(running_endpoint(f->ami, "nope", &endpoint, &f->err), 0);
	assert_int_equal(endpoint, ENDPOINT_ABSENT);
	start(f, "no-reload:1", NULL); /* as a switch without PJSIP says it */
	assert_int_equal(running_endpoint(f->ami, "nope", &endpoint, &f->err), ERR_TARGET);
	assert_has(f->err.text, "with 'No such command");
}

static void fast_match(void **state)
{
	struct fixture *f = *state;
	bool has;

	start(f, "normal", NULL);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_false(has);
	start(f, "--fast", NULL);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), 0);
	assert_true(has);
	start(f, "denied:1", NULL);
	assert_int_equal(running_has_fast_match(f->ami, &has, &f->err), ERR_TARGET);
	assert_has(f->err.hint, "needs config in 'write'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(proved),	     TEST(awaited),	TEST(never_comes), TEST(lines_lost),
		TEST(differences),   TEST(other_files), TEST(no_reload),   TEST(generations),
		TEST(names_refused), TEST(endpoints),	TEST(fast_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
