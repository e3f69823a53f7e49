/* Where the client of the manager interface connects to: addresses, names, nobody there, and clear text only at home. */
#include "tests/unit/peer_fixture.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/clock.h"

static void addresses(void **state)
{
	static const struct {
		const char *where, *text;
	} cases[] = {
		{"", "names no user"},
		{"localhost", "names no user"},
		{"@localhost", "names no user"},
		{"u@", "names no host"},
		{"u@:5038", "names no host"},
		{"u@[]", "names no host"},
		{"u@[::1", "lacks the ']'"},
		{"u@[::1]5038", "has no port"},
		{"u@localhost:", "has no port"},
		{"u@localhost:0", "has no port"},
		{"u@localhost:65536", "has no port"},
		{"u@localhost:050380", "has no port"},
		{"u@localhost:ami", "has no port"},
		{"u@::1", "names no host"},
		{"u@h\x1b]:x", "\\x1B"},
		{"u@does-not-exist.invalid", "cannot be found"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ami_login login = {.where = cases[i].where, .secret = PEER_SECRET};

		assert_int_equal(ami_open(&f->ami, &login, &f->err), ERR_TARGET);
		assert_has(f->err.text, cases[i].text);
		assert_null(f->ami);
	}
}

static void open_by(struct fixture *f, const char *host)
{
	char where[128];
	const struct ami_login login = {.where = where, .secret = PEER_SECRET};

	snprintf(where, sizeof(where), "didctl@%s%s", host, strrchr(f->peer.where[0], ':'));
	ami_close(f->ami);
	assert_int_equal(ami_open(&f->ami, &login, &f->err), 0);
	assert_string_equal(ami_name(f->ami), where + strlen("didctl@"));
}

static bool has_ipv6(void)
{
	const struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && !bind(fd, (const struct sockaddr *)&address, sizeof(address));

	if (fd >= 0)
		close(fd);
	return has;
}

static void hosts(void **state)
{
	static const char *const v6[] = {"--host", "::1", NULL};
	struct fixture *f = *state;

	begin(f, "normal");
	open_by(f, "127.0.0.1");
	open_by(f, "localhost");
	if (!has_ipv6()) {
		print_message("# no IPv6 on this machine: not tried\n");
		return;
	}
	stop(f);
	peer_start(&f->peer, v6, 1);
	open_by(f, "[::1]");
}

static int listen_on(struct sockaddr_in *address, int backlog)
{
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)address, size), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	snprintf((char *)address->sin_zero, sizeof(address->sin_zero), "%d", ntohs(address->sin_port));
	return fd;
}

static void nobody_there(void **state)
{
	struct fixture *f = *state;
	struct ami_login login = {.secret = PEER_SECRET, .timeout_ms = QUICK_MS};
	struct sockaddr_in address;
	char where[64];
	int fd = listen_on(&address, 0), fillers[8];

	snprintf(where, sizeof(where), "u@127.0.0.1:%s", (char *)address.sin_zero);
	login.where = where;
	/* A queue that is full drops who knocks: connecting takes for ever. */
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
	}
	assert_int_equal(ami_open(&f->ami, &login, &f->err), ERR_TARGET);
	assert_has(f->err.text, "does not answer in time");
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++)
		close(fillers[i]);
	close(fd);
	assert_int_equal(ami_open(&f->ami, &login, &f->err), ERR_TARGET);
	assert_has(f->err.text, "cannot be reached: Connection refused");
	assert_has(f->err.hint, "enabled = yes in manager.conf");
}

/* An address of this machine that is not its loopback, as another machine would have. */
static bool other_address(char out[INET_ADDRSTRLEN])
{
	struct ifaddrs *list = NULL;
	bool found = false;

	assert_int_equal(getifaddrs(&list), 0);
	for (const struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
		const void *address = i->ifa_addr;

		if (!address || i->ifa_addr->sa_family != AF_INET || i->ifa_flags & IFF_LOOPBACK)
			continue;
		found = inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, out,
				  INET_ADDRSTRLEN);
	}
	freeifaddrs(list);
	return found;
}

static void clear_text(void **state)
{
	struct fixture *f = *state;
	char host[INET_ADDRSTRLEN], log[4096];
	const char *const args[] = {"--log", f->log, "--host", host, NULL};
	struct ami_login login = {.where = f->peer.where[0], .secret = PEER_SECRET};

	if (!other_address(host)) {
		print_message("# this machine has no address but its loopback: not tried\n");
		skip();
	}
	peer_start(&f->peer, args, 1);
	assert_int_equal(ami_open(&f->ami, &login, &f->err), ERR_TARGET);
	assert_has(f->err.text, "is on another machine, and would get the secret in clear text");
	assert_has(f->err.hint, "ami-clear-text = yes");
	login.clear_text = true;
	assert_int_equal(ami_open(&f->ami, &login, &f->err), 0);
	read_log(f, log);
	assert_null(strstr(strstr(log, "Secret: ") + 1, "Secret: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(addresses), TEST(hosts), TEST(nobody_there), TEST(clear_text)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
