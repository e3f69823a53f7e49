/*
 * Any text behind mysql:// as a database's address: every host has a name and a port, nothing of it is a password, and put
 * together again from its parts it is taken as the same.
 */
#include "store/sql/target.h"
#include "fuzz.h"

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_hosts(const struct sql_host *hosts, const struct sql_host *again)
{
	for (; hosts->name; hosts++, again++) {
		must(*hosts->name && hosts->port >= 1 && hosts->port <= 65535 && !strpbrk(hosts->name, ",/]"));
		must(again->name && strcmp(hosts->name, again->name) == 0 && hosts->port == again->port);
	}
	must(!again->name);
}

static void write_target(struct buf *out, const struct sql_target *target)
{
	buf_printf(out, "mysql://%s%s", target->user ? target->user : "", target->user ? "@" : "");
	for (const struct sql_host *h = target->hosts; h && h->name; h++)
		buf_printf(out, "%s%s%s%s:%u", h == target->hosts ? "" : ",", strchr(h->name, ':') ? "[" : "", h->name,
			   strchr(h->name, ':') ? "]" : "", h->port);
	buf_printf(out, "/%s", target->database);
	if (target->socket)
		buf_printf(out, "?socket=%s", target->socket);
}

static void check_target(const struct sql_target *target, struct arena *arena)
{
	struct sql_target again = {0};
	struct buf text = {0};

	must(*target->database && !target->hosts != !target->socket);
	must(!target->user || (*target->user && !strchr(target->user, ':')));
	write_target(&text, target);
	must(!target_parse_mysql(&again, text.data, arena, NULL));
	must(is_same(target->user, again.user) && is_same(target->socket, again.socket));
	must(is_same(target->database, again.database));
	if (target->hosts)
		check_hosts(target->hosts, again.hosts);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_target target = {0};
	struct arena arena = {0};
	struct err err = {0};
	char *text = fuzz_text(data, size);
	int rc = target_parse_mysql(&target, arena_printf(&arena, "mysql://%s", text), &arena, &err);

	if (rc)
		must_refuse(rc, &err);
	else
		check_target(&target, &arena);
	free(text);
	arena_release(&arena);
	return 0;
}
