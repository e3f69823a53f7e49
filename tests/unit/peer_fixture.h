/* A peer, a client of it, and a directory, for each case. */
#ifndef DIDCTL_TESTS_PEER_FIXTURE_H
#define DIDCTL_TESTS_PEER_FIXTURE_H

#include "tests/unit/peer.h"

#include "base/buf.h"
#include "base/mem.h"
#include "dialplan/ami.h"

#define QUICK_MS   200	  /* for what will not come */
#define PATIENT_MS 60000 /* for what will, on a machine that has much to do */

struct fixture {
	struct peer peer;
	struct ami *ami;
	struct err err;
	char dir[64], log[96];
	struct buf seen; /* "KEY=VALUE|" of each line of an answer */
};

static inline int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/didctl-ami-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->log, sizeof(f->log), "%s/log", f->dir);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	int rc;

	ami_close(f->ami);
	peer_stop(&f->peer);
	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	rc = system(command);
	buf_release(&f->seen);
	free(f);
	return rc;
}

static inline void stop(struct fixture *f)
{
	ami_close(f->ami);
	f->ami = NULL;
	peer_stop(&f->peer);
}

static inline void begin(struct fixture *f, const char *behaviour)
{
	const char *const args[] = {"--log", f->log, behaviour, NULL};

	stop(f);
	peer_start(&f->peer, args, 1);
}

static inline void read_log(const struct fixture *f, char out[4096])
{
	FILE *file = fopen(f->log, "r");
	size_t n;

	assert_non_null(file);
	n = fread(out, 1, 4095, file);
	out[n] = '\0';
	fclose(file);
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
