/*
 * Any bytes as a dialplan: read the same from memory and from a file, and never taken for ours unless a
 * renderer made them. And any bytes as numbers and organisations: what the dispatcher's renderer takes reads
 * back as the same routes.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dialplan/diff.h"
#include "dialplan/gateway.h"
#include "dialplan/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static const struct dispatcher dispatcher = {
	.context = "from-tata",
	.oss_context = "oss-did-route",
	.staging_endpoint = "cloud-endpoint-stage",
	.forms = FORM_NATIONAL | FORM_INTERNATIONAL | FORM_PLUS,
};

static int tell_entry(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry)
{
	struct buf again = {0};

	must(strlen(entry->exten) <= DIALPLAN_NAME_MAX && strlen(entry->context) <= DIALPLAN_NAME_MAX);
	must(*entry->exten && entry->priority >= 0 && line->len <= DIALPLAN_LINE_MAX);
	buf_printf(&again, "exten => %s,%s,%s(%s)", entry->exten, entry->priority_text, entry->application,
		   entry->data);
	if (entry->is_plain)
		must(again.len == line->len && memcmp(again.data, line->text, line->len) == 0);
	buf_printf(ctx, "%lu %s %s\n", line->number, entry->context, again.data);
	buf_release(&again);
	return 0;
}

static int tell_fault(void *ctx, const struct dialplan_line *line, enum dialplan_fault fault)
{
	must(fault < DIALPLAN_FAULTS && dialplan_fault_text[fault]);
	buf_printf(ctx, "%lu %d\n", line->number, fault);
	return 0;
}

static void read_both_ways(int fd, const char *text, size_t len)
{
	static const struct dialplan_events events = {.entry = tell_entry, .fault = tell_fault};
	struct buf from_memory = {0}, from_file = {0};

	must(!dialplan_read_text(text, len, &events, &from_memory));
	must(!dialplan_read(fd, &events, &from_file, NULL));
	must(from_memory.len == from_file.len &&
	     !memcmp(buf_str(&from_memory), buf_str(&from_file), from_file.len));
	buf_release(&from_memory);
	buf_release(&from_file);
}

static int keep_change(void *ctx, const struct diff_change *change)
{
	size_t *n = ctx;

	must(change->n > 0 && change->first <= change->last);
	*n += change->n;
	return 0;
}

/* Against routes: whatever is in the file, the counts are those of what is told. */
static void compare(struct gateway *g, int fd)
{
	struct layout layout = gateway_layout(g);
	struct diff d;
	struct buf out = {0};
	size_t told = 0;

	must(!diff_count(&d, fd, &layout, &g->names, &g->routes, NULL));
	must(d.before + d.gained - d.lost == d.after && d.after == g->routes.n);
	must(!diff_tell(&d, keep_change, &told, NULL));
	must(told == d.gained + d.lost + d.moved);
	diff_summary(&out, &d, &g->names);
	buf_release(&out);
	diff_release(&d);
}

/*
 * Records of the input: a byte for the width and the way, eight for the value, then a prefix up to a zero
 * byte.
 */
static void push_records(struct gateway *g, const uint8_t *data, size_t size)
{
	while (size > 9) {
		struct number n = {.width = data[0] & 31};
		enum dispatch way = (enum dispatch)(data[0] >> 5 & 3);
		const char *prefix = (const char *)data + 9;
		size_t len = strnlen(prefix, size - 9);
		char *copy = xstrndup(prefix, len);

		memcpy(&n.value, data + 1, sizeof(n.value));
		if (n.width >= 1 && n.width <= NUMBER_MAX_DIGITS && n.value <= number_max_value(n.width))
			gateway_push(g, n, (enum did_state)(n.value % STATE_COUNT), way, copy, NULL);
		free(copy);
		size -= 9 + len < size ? 9 + len + 1 : size;
		data += 9 + len + 1;
	}
}

static void render_and_read(struct gateway *g)
{
	int fd = memfd_create("rendered", MFD_CLOEXEC);
	struct mark mark;
	struct writer w;

	gateway_settle(g);
	gateway_drop_clashes(g);
	mark = gateway_mark(g, g->routes.n);
	writer_init(&w, fd);
	gateway_render(g, &mark, &w);
	must(!writer_finish(&w, "it", NULL) && !lseek(fd, 0, SEEK_SET));
	must(!gateway_check(g, &mark, fd, NULL));
	compare(g, fd);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("any", MFD_CLOEXEC);
	struct gateway g = {0};

	must(fd >= 0 && (size == 0 || write(fd, data, size) == (ssize_t)size) && !lseek(fd, 0, SEEK_SET));
	read_both_ways(fd, size ? (const char *)data : "", size);
	must(!gateway_init(&g, &dispatcher, country_find("IN"), size % 2, NULL));
	push_records(&g, data, size);
	render_and_read(&g);
	compare(&g, fd);
	gateway_release(&g);
	close(fd);
	return 0;
}
