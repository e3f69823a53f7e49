/*
 * wire SOCKET: a proxy on loopback before the MySQL or MariaDB server at SOCKET, which reads packet headers and does what
 * a bad network or a bad server does, at the packet or command that it is told. Lines on stdin:
 *   pass                            nothing; also ends all connections, as every rule does, and counts from 0 again
 *   cut K before|after rst|fin|silence once|always
 *                                   at the K-th packet, whichever way it goes; always: nobody connects afterwards
 *   answer K WHAT CODE once|twice|always  to the K-th command (0: the greeting, 1: the login; header: in the K-th result)
 *   report                          prints what was seen: fired packets commands results leaked
 * Prints its port first, and a line for each line read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEADER	    4
#define CONNECTIONS 16
#define CLIENT_DEPRECATE_EOF (1u << 24)
#define COM_QUERY   3
#define COM_PING    14

enum answer {
	NOTHING,
	CUT_BEFORE,
	CUT_AFTER,
	INSTEAD, /* an error, and the server hears nothing */
	UNDONE,	 /* an error, and the transaction is gone: the server is told ROLLBACK */
	GONE,	 /* an error, and the connection goes */
	DONE,	 /* the server does it, and an error is answered */
	HEADER_THEN_ERROR, /* of a result; and the transaction is gone */
	INFILE,	 /* the rogue server asks for the file /etc/passwd, and says that all is well */
	LIE,	 /* lies[CODE], then the end */
};

static const struct {
	const char *name;
	enum answer answer;
} answers[] = {
	{"instead", INSTEAD}, {"undone", UNDONE},	    {"gone", GONE},	{"done", DONE},
	{"header", HEADER_THEN_ERROR}, {"infile", INFILE}, {"lie", LIE},
};

/* Payloads and whole streams that no server would send. raw: with headers of its own. */
#define BYTES(s) s, sizeof(s) - 1
static const struct {
	const char *bytes;
	size_t len;
	bool raw;
} lies[] = {
	{BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff\xff"), false},	  /* 2^64 - 1 columns */
	{BYTES("\xfd\xff\xff\xff"), false},			  /* 16 million */
	{BYTES("\xfc\xff\xff"), false},				  /* 65,535, of which none comes */
	{BYTES("\x00"), false},					  /* OK, and no more */
	{BYTES("\x00\xfe\xff\xff"), false},			  /* OK with a length that is cut */
	{BYTES("\xff"), false},					  /* an error without a code */
	{BYTES("\xff\x00\x00#"), false},			  /* error 0 */
	{BYTES("\xff\xbd\x04"), false},				  /* 1213 without a text */
	{BYTES("\xff\xff\xff#HY000\x1b]52;c;eA==\x07%s%n\xc3\r\n"), false}, /* a text for the terminal */
	{BYTES(""), false},					  /* an empty packet */
	{BYTES("\xff\xff\xff\x01"), true},			  /* 16 MB are promised */
	{BYTES("\x05\x00\x00\x2a\x00\x00\x00\x02\x00"), true},	  /* out of sequence */
	{BYTES("\x01\x00\x00\x01\x01\x04\x00\x00\x02\x03""def"), true}, /* a column that ends too early */
	{BYTES("\x01\x00\x00\x01\x01\x09\x00\x00\x02\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"), true}, /* of 2^63 bytes */
	{BYTES("\x0c\x00\x00\x01\x00\x01\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00"), true}, /* prepared: 65,535 of each */
	/* a row whose cell is longer than its packet */
	{BYTES("\x01\x00\x00\x01\x01"
	       "\x17\x00\x00\x02\x03""def\0\0\0\x01""a\x01""a\x0c\x21\x00\x04\x00\x00\x00\xfd\x00\x00\x00\x00\x00"
	       "\x05\x00\x00\x03\xfe\x00\x00\x02\x00"
	       "\x04\x00\x00\x04\xfd\xff\xff\xff"
	       "\x05\x00\x00\x05\xfe\x00\x00\x02\x00"), true},
};

struct rule {
	enum answer what;
	unsigned long at;
	unsigned code; /* of the error, or which lie */
	enum { RST, FIN, SILENCE } how;
	bool always, twice;
};

/* One direction: what has come and is no whole packet yet. */
struct flow {
	int from, to;
	unsigned char *data;
	size_t len, cap;
};

struct connection {
	struct flow up, down; /* to the server, to the client */
	bool is_open, is_silent, no_eof;
	unsigned logins;      /* client packets of the login that came */
	bool swallows;	      /* the rest of this answer */
	unsigned own;	      /* commands of ours whose answers are to come */
	bool is_stale;	      /* what is left of an answer may still come: a command of ours shows where it ends */
	bool is_over;	      /* after a lie: the next packet ends it */
	bool was_asked;	      /* for a file */
	enum answer pending;  /* at the first packet of the answer */
	unsigned long skips;  /* packets of a result until its first row */
};

struct wire {
	const char *server;
	int listener;
	struct rule rule;
	bool has_fired, refuses;
	unsigned long packets, commands, results, leaked;
	struct connection connections[CONNECTIONS];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void close_hard(int fd)
{
	const struct linger now = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void end(struct connection *c, bool hard)
{
	if (!c->is_open)
		return;
	close(c->up.to);
	if (hard)
		close_hard(c->up.from);
	else
		close(c->up.from);
	free(c->up.data);
	free(c->down.data);
	*c = (struct connection){0};
}

static bool send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_packet(int fd, unsigned seq, const void *payload, size_t len)
{
	unsigned char header[HEADER] = {len & 0xff, len >> 8 & 0xff, len >> 16 & 0xff, seq & 0xff};

	return send_all(fd, header, HEADER) && send_all(fd, payload, len);
}

static size_t payload_of(const unsigned char *packet)
{
	return packet[0] | (size_t)packet[1] << 8 | (size_t)packet[2] << 16;
}

static void fire(struct wire *w)
{
	w->has_fired = true;
	w->refuses = w->rule.always;
}

/* The client hears what it asked of the file; nothing may come but an empty packet. */
static void ask_for_file(struct connection *c)
{
	static const char request[] = "\xfb/etc/passwd";

	c->was_asked = true;
	send_packet(c->down.to, 1, request, sizeof(request) - 1);
}

static void send_error(struct connection *c, unsigned seq, unsigned code)
{
	/* 1180 means a deadlock only where its text has error 149 */
	const char *text = code == 1180 ? "HY000Got error 149 during COMMIT" : "HY000injected";
	char payload[64];
	int n = snprintf(payload + 3, sizeof(payload) - 3, "#%s", text);

	payload[0] = '\xff';
	payload[1] = (char)(code & 0xff);
	payload[2] = (char)(code >> 8);
	send_packet(c->down.to, seq, payload, (size_t)n + 3);
}

static void send_lie(struct wire *w, struct connection *c, unsigned seq)
{
	size_t i = w->rule.code % (sizeof(lies) / sizeof(lies[0]));

	if (lies[i].raw)
		send_all(c->down.to, lies[i].bytes, lies[i].len);
	else
		send_packet(c->down.to, seq, lies[i].bytes, lies[i].len);
	shutdown(c->down.to, SHUT_WR);
	c->is_over = true;
}

static void tell_server(struct connection *c, const char *command, size_t len)
{
	send_packet(c->up.to, 0, command, len);
	c->own++;
}

#define ROLLBACK "\3ROLLBACK"
#define PING	 "\16"

/* In place of the answer to what is not passed on. False: the connection has ended. */
static bool answer_instead(struct wire *w, struct connection *c, unsigned seq)
{
	fire(w);
	switch (w->rule.what) {
	case UNDONE:
		tell_server(c, ROLLBACK, sizeof(ROLLBACK) - 1);
		send_error(c, seq, w->rule.code);
		return true;
	case INFILE:
		ask_for_file(c);
		return true;
	case LIE:
		send_lie(w, c, seq);
		return true;
	case GONE:
		send_error(c, seq, w->rule.code);
		end(c, false);
		return false;
	default:
		send_error(c, seq, w->rule.code);
		return true;
	}
}

/* Whether something else happens to the k-th command; twice: and to the one after it, which may be a ROLLBACK. */
static bool is_due(const struct wire *w, unsigned long k)
{
	return (k == w->rule.at && !w->has_fired) || (w->rule.twice && w->has_fired && k == w->rule.at + 1);
}

/* False: this packet is not passed on. */
static bool on_command(struct wire *w, struct connection *c, const unsigned char *packet)
{
	unsigned long k = ++w->commands;

	c->swallows = false;
	if (c->is_stale) {
		tell_server(c, PING, sizeof(PING) - 1);
		c->is_stale = false;
	}
	c->pending = HEADER_THEN_ERROR; /* those are counted by themselves */
	if (!is_due(w, k) || w->rule.what < INSTEAD || w->rule.what == HEADER_THEN_ERROR)
		return true;
	if (w->rule.what == DONE) {
		c->pending = DONE;
		return true;
	}
	answer_instead(w, c, packet[3] + 1u);
	return false;
}

/* What the client says after it was asked for a file. */
static void on_file(struct wire *w, struct connection *c, const unsigned char *packet)
{
	static const char ok[] = "\0\0\0\2\0\0\0";

	w->leaked += payload_of(packet);
	if (payload_of(packet))
		return;
	c->was_asked = false;
	send_packet(c->down.to, packet[3] + 1u, ok, sizeof(ok) - 1);
}

static bool from_client(struct wire *w, struct connection *c, const unsigned char *packet)
{
	if (c->is_over) {
		end(c, false);
		return false;
	}
	if (c->was_asked) {
		on_file(w, c, packet);
		return false;
	}
	if (!c->logins++) {
		c->no_eof = payload_of(packet) >= 4 && packet[HEADER + 3] & CLIENT_DEPRECATE_EOF >> 24;
		return on_command(w, c, packet);
	}
	return packet[3] || on_command(w, c, packet);
}

/* Whether it begins a result: a number of columns. */
static bool is_result(const unsigned char *packet)
{
	unsigned char first = packet[HEADER];

	return payload_of(packet) == 1 && first && first < 0xfb;
}

static bool from_server(struct wire *w, struct connection *c, const unsigned char *packet)
{
	if (c->own) {
		c->own -= packet[3] == 1 && packet[HEADER] == 0 && payload_of(packet) >= 7;
		return false;
	}
	if (!c->up.len && !c->logins && w->rule.what >= INSTEAD && !w->rule.at && !w->has_fired) {
		answer_instead(w, c, 0);
		return false;
	}
	if (c->swallows)
		return false;
	if (c->skips && --c->skips == 0) {
		fire(w);
		send_error(c, packet[3], w->rule.code);
		tell_server(c, ROLLBACK, sizeof(ROLLBACK) - 1);
		return false;
	}
	if (c->pending == DONE) {
		fire(w);
		send_error(c, packet[3], w->rule.code);
		c->swallows = c->is_stale = true;
		c->pending = NOTHING;
		return false;
	}
	if (c->pending == HEADER_THEN_ERROR && is_result(packet) && ++w->results == w->rule.at &&
	    w->rule.what == HEADER_THEN_ERROR)
		c->skips = packet[HEADER] + (c->no_eof ? 1ul : 2ul);
	c->pending = NOTHING;
	return true;
}

static void cut(struct wire *w, struct connection *c)
{
	fire(w);
	if (w->rule.how == SILENCE)
		c->is_silent = true;
	else
		end(c, w->rule.how == RST);
}

/* One whole packet; false: the connection has ended. */
static bool pass_packet(struct wire *w, struct connection *c, struct flow *flow, const unsigned char *packet)
{
	bool is_here, passes;

	w->packets++;
	is_here = w->packets == w->rule.at && !w->has_fired;
	if (c->is_silent)
		return true;
	if (is_here && w->rule.what == CUT_BEFORE) {
		cut(w, c);
		return c->is_open;
	}
	passes = flow == &c->up ? from_client(w, c, packet) : from_server(w, c, packet);
	if (!c->is_open)
		return false;
	if (passes && !send_all(flow->to, packet, HEADER + payload_of(packet))) {
		end(c, false);
		return false;
	}
	if (is_here && w->rule.what == CUT_AFTER)
		cut(w, c);
	return c->is_open;
}

static void pump(struct wire *w, struct connection *c, struct flow *flow)
{
	size_t used = 0, size;
	ssize_t n;

	if (flow->cap - flow->len < 65536) {
		flow->cap = flow->len + 131072;
		flow->data = realloc(flow->data, flow->cap);
		if (!flow->data)
			die("realloc");
	}
	n = recv(flow->from, flow->data + flow->len, flow->cap - flow->len, 0);
	if (n <= 0) {
		end(c, false);
		return;
	}
	flow->len += (size_t)n;
	while (flow->len - used >= HEADER) {
		size = HEADER + payload_of(flow->data + used);
		if (flow->len - used < size)
			break;
		if (!pass_packet(w, c, flow, flow->data + used))
			return;
		used += size;
	}
	memmove(flow->data, flow->data + used, flow->len - used);
	flow->len -= used;
}

static int connect_server(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die(path);
	return fd;
}

static void welcome(struct wire *w)
{
	int client = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC), on = 1;
	struct connection *c = w->connections;

	if (client < 0)
		return;
	while (c < w->connections + CONNECTIONS && c->is_open)
		c++;
	if (w->refuses || c == w->connections + CONNECTIONS) {
		close_hard(client);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*c = (struct connection){.is_open = true};
	c->up.from = c->down.to = client;
	c->up.to = c->down.from = connect_server(w->server);
}

static void set_cut(struct rule *rule, const char *when, const char *how)
{
	rule->what = strcmp(when, "before") == 0 ? CUT_BEFORE : CUT_AFTER;
	rule->how = strcmp(how, "rst") == 0 ? RST : strcmp(how, "fin") == 0 ? FIN : SILENCE;
}

static void set_answer(struct rule *rule, const char *what, const char *code)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(answers[i].name, what) == 0)
			rule->what = answers[i].answer;
	rule->code = (unsigned)strtoul(code, NULL, 10);
}

static void on_line(struct wire *w, char *line)
{
	char verb[16] = "", a[16] = "", b[16] = "", how_often[16] = "";
	unsigned long at = 0;

	sscanf(line, "%15s %lu %15s %15s %15s", verb, &at, a, b, how_often);
	if (strcmp(verb, "report") == 0) {
		printf("%d %lu %lu %lu %lu\n", w->has_fired, w->packets, w->commands, w->results, w->leaked);
		return;
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		end(&w->connections[i], false);
	w->packets = w->commands = w->results = w->leaked = 0;
	w->has_fired = w->refuses = false;
	w->rule = (struct rule){.at = at, .always = strcmp(how_often, "always") == 0,
				.twice = strcmp(how_often, "twice") == 0};
	if (strcmp(verb, "cut") == 0)
		set_cut(&w->rule, a, b);
	else if (strcmp(verb, "answer") == 0)
		set_answer(&w->rule, a, b);
	puts("ready");
}

static void serve(struct wire *w)
{
	struct pollfd fds[2 + 2 * CONNECTIONS];
	char line[128];

	for (;;) {
		fds[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		fds[1] = (struct pollfd){.fd = w->listener, .events = POLLIN};
		for (size_t i = 0; i < CONNECTIONS; i++) {
			const struct connection *c = &w->connections[i];

			fds[2 + 2 * i] = (struct pollfd){.fd = c->is_open ? c->up.from : -1, .events = POLLIN};
			fds[3 + 2 * i] = (struct pollfd){.fd = c->is_open ? c->down.from : -1, .events = POLLIN};
		}
		if (poll(fds, sizeof(fds) / sizeof(fds[0]), -1) < 0)
			die("poll");
		for (size_t i = 0; i < CONNECTIONS; i++) {
			struct connection *c = &w->connections[i];

			if (c->is_open && fds[2 + 2 * i].revents)
				pump(w, c, &c->up);
			if (c->is_open && fds[3 + 2 * i].revents)
				pump(w, c, &c->down);
		}
		if (fds[1].revents)
			welcome(w);
		if (fds[0].revents) {
			if (!fgets(line, sizeof(line), stdin))
				return;
			on_line(w, line);
		}
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	struct wire w = {.server = argc > 1 ? argv[1] : ""};

	setvbuf(stdout, NULL, _IOLBF, 0);
	w.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w.listener < 0 || bind(w.listener, (struct sockaddr *)&at, len) < 0 || listen(w.listener, 64) < 0 ||
	    getsockname(w.listener, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	printf("%d\n", ntohs(at.sin_port));
	serve(&w);
	for (size_t i = 0; i < CONNECTIONS; i++)
		end(&w.connections[i], false);
	return 0;
}
