#include "dialplan/contents.h"

#include <string.h>

#include "dialplan/parse.h"

/* The parts of a file of ours, one after the other. */
enum part { PART_START, PART_HEAD, PART_ENTRANCE, PART_SUBROUTINE, PART_MARKER, PART_END };

struct reader {
	struct contents *out;
	const struct layout *layout;
	const struct contents_events *events;
	struct names *names;
	struct mark_hash hash;
	enum part part;
	uint64_t last;	     /* key of the last route */
	uint64_t subroutine; /* key of the one that is being read */
	unsigned steps;	     /* of it */
	bool is_recorded;
	unsigned long line;
	struct buf text;
};

void contents_name(struct buf *out, const char *application, const char *data, const char *exten)
{
	size_t len;

	buf_puts(out, application);
	buf_putc(out, '(');
	for (const char *at = data; *at; at += len + (at[len] == ',')) {
		len = strcspn(at, ",");
		if (at > data && strlen(exten) == len && strncmp(at, exten, len) == 0)
			buf_puts(out, "${EXTEN}");
		else
			buf_add(out, at, len);
		if (at[len] == ',')
			buf_putc(out, ',');
	}
	buf_putc(out, ')');
}

void contents_recording(struct buf *out, bool is_recorded, const char *digits)
{
	if (is_recorded)
		buf_join(out, "MixMonitor(", digits, "-${UNIQUEID}.wav)", NULL);
	else
		buf_puts(out, "NoOp(recording off)");
}

void contents_subroutine_name(struct buf *out, bool is_recorded, const char *application, const char *data)
{
	buf_join(out, application, "(", data, "), recording ", is_recorded ? "on" : "off", NULL);
}

static void find_fault(struct reader *r, const char *fault)
{
	if (r->out->fault)
		return;
	r->out->fault = fault;
	r->out->fault_line = r->line;
}

static int tell_route(struct reader *r, struct route route)
{
	if (r->out->routes++ > 0 && route.key >= r->last) {
		r->out->is_descending = false;
		find_fault(r, "a route that is not below the one before it");
	}
	r->last = route.key;
	mark_hash_route(&r->hash, r->names, route);
	return r->events->route ? r->events->route(r->events->ctx, route) : 0;
}

/* What has been put together as the name of a route, as its target. */
static struct route name_route(struct reader *r, uint64_t key)
{
	return (struct route){key, names_add(r->names, buf_str(&r->text))};
}

/* The digits of "did_918065978002". */
static bool subroutine_key(uint64_t *key, const char *name, size_t len)
{
	size_t before = strlen(CONTENTS_SUBROUTINE);

	return len > before && strncmp(name, CONTENTS_SUBROUTINE, before) == 0 &&
	       route_key(key, name + before, len - before);
}

/* The order of contexts in a file of ours: the layout's, subroutines where it has them, the marker. */
static enum part part_of(const struct reader *r, const char *name)
{
	uint64_t key;

	if (!strcmp(name, r->layout->context))
		return PART_ENTRANCE;
	if (r->layout->has_subroutines && subroutine_key(&key, name, strlen(name)))
		return PART_SUBROUTINE;
	return strcmp(name, r->layout->marker) ? PART_HEAD : PART_MARKER;
}

static void check_context(struct reader *r, const struct dialplan_line *line, enum part part, size_t name_len)
{
	enum part before = r->part;

	if (part < before || (part == before && part != PART_SUBROUTINE) || before == PART_START)
		find_fault(r, "a context that does not come here");
	if (line->len != name_len + 2 || *line->text != '[')
		find_fault(r, "blanks");
}

static int take_context(void *ctx, const struct dialplan_line *line, const char *name)
{
	struct reader *r = ctx;
	enum part part = part_of(r, name);

	r->line = line->number;
	check_context(r, line, part, strlen(name));
	if (part == PART_ENTRANCE || (part == PART_SUBROUTINE && r->part != PART_SUBROUTINE))
		mark_hash_section(&r->hash, part == PART_ENTRANCE ? name : CONTENTS_SUBROUTINE);
	if (part == PART_SUBROUTINE)
		subroutine_key(&r->subroutine, name, strlen(name));
	r->steps = 0;
	r->part = part;
	return 0;
}

/* Where a call comes in: a route of the dispatcher, or the way into a subroutine. */
static int take_entrance(struct reader *r, const struct dialplan_entry *entry)
{
	size_t len = strcspn(entry->data, ",");
	uint64_t key, subroutine;

	r->out->priorities++;
	r->out->extensions += entry->priority == 1;
	if (entry->priority != 1 || !route_key(&key, entry->exten, strlen(entry->exten))) {
		r->out->others++;
		find_fault(r, "an entry that is no route of a number");
		return 0;
	}
	if (!r->layout->has_subroutines) {
		buf_reset(&r->text);
		contents_name(&r->text, entry->application, entry->data, entry->exten);
		return tell_route(r, name_route(r, key));
	}
	if (strcmp(entry->application, "Gosub") != 0 || strcmp(entry->data + len, ",s,1") != 0 ||
	    !subroutine_key(&subroutine, entry->data, len)) {
		find_fault(r, "an entry that leads to no subroutine");
		return 0;
	}
	mark_hash_key(&r->hash, key);
	mark_hash_key(&r->hash, subroutine);
	return 0;
}

/* Whether the step that was read is the one of ours that records, or the one that does not. */
static bool is_recording(const struct reader *r, bool is_recorded)
{
	char digits[ROUTE_TEXT];
	struct buf want = {0};
	bool is_same;

	route_key_text(r->subroutine, digits);
	contents_recording(&want, is_recorded, digits);
	is_same = !strcmp(buf_str(&want), buf_str(&r->text));
	buf_release(&want);
	return is_same;
}

/* Three steps: recording, leaving Gosub's stack, and where the call goes. */
static int take_step(struct reader *r, const struct dialplan_entry *entry)
{
	bool is_right;

	buf_reset(&r->text);
	buf_join(&r->text, entry->application, "(", entry->data, ")", NULL);
	switch (r->steps++) {
	case 0:
		r->is_recorded = is_recording(r, true);
		is_right = r->is_recorded || is_recording(r, false);
		break;
	case 1: is_right = !strcmp(buf_str(&r->text), CONTENTS_LEAVE); break;
	default: is_right = r->steps == 3; break;
	}
	if (!is_right || strcmp(entry->exten, "s") != 0 || entry->priority != (int)r->steps)
		find_fault(r, "a step of a subroutine that is not ours");
	if (r->steps != 3)
		return 0;
	buf_reset(&r->text);
	contents_subroutine_name(&r->text, r->is_recorded, entry->application, entry->data);
	return tell_route(r, name_route(r, r->subroutine));
}

static int take_marker(struct reader *r, const struct dialplan_entry *entry)
{
	char exten[MARK_EXTEN];

	r->part = PART_END;
	if (strcmp(entry->exten, mark_exten(&r->out->mark, exten)) != 0 || entry->priority != 1 ||
	    strcmp(entry->application, "NoOp") != 0 || *entry->data)
		find_fault(r, "a marker that does not belong to its first line");
	return 0;
}

static int take_entry(void *ctx, const struct dialplan_line *line, const struct dialplan_entry *entry)
{
	struct reader *r = ctx;

	r->line = line->number;
	if (!entry->is_plain)
		find_fault(r, "an entry in another form");
	switch (r->part) {
	case PART_ENTRANCE: return take_entrance(r, entry);
	case PART_SUBROUTINE: return take_step(r, entry);
	case PART_MARKER: return take_marker(r, entry);
	default: find_fault(r, "an entry that does not come here"); return 0;
	}
}

/* What our comments are made of: digits, slugs, and a few words of our own. */
static bool is_comment(const struct dialplan_line *line)
{
	static const char others[] = " _-=:,;()";

	if (line->len < 2 || memcmp(line->text, "; ", 2) != 0)
		return false;
	for (size_t i = 2; i < line->len; i++) {
		char c = line->text[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    !memchr(others, c, sizeof(others) - 1))
			return false;
	}
	return true;
}

/* The first line, the summary behind it, and headings. */
static int take_comment(void *ctx, const struct dialplan_line *line)
{
	struct reader *r = ctx;

	r->line = line->number;
	if (line->number == 1 && mark_read(&r->out->mark, line->text, line->len)) {
		r->out->origin = CONTENTS_OURS;
		r->part = PART_HEAD;
		return 0;
	}
	if (r->part >= PART_MARKER || !is_comment(line))
		find_fault(r, "a comment that is not ours");
	return 0;
}

static int take_fault(void *ctx, const struct dialplan_line *line, enum dialplan_fault fault)
{
	struct reader *r = ctx;

	r->line = line->number;
	find_fault(r, dialplan_fault_text[fault]);
	return 0;
}

/* Ours is what we would write again. */
static void judge(struct reader *r)
{
	char sha256[MARK_SHA256];

	mark_hash_end(&r->hash, sha256);
	if (r->part != PART_END)
		find_fault(r, "its end is missing");
	else if (strcmp(sha256, r->out->mark.sha256) != 0)
		find_fault(r, "its routes are not those of its first line");
	if (r->out->origin == CONTENTS_OURS && r->out->fault)
		r->out->origin = CONTENTS_ALTERED;
}

int contents_read(struct contents *out, int fd, const struct layout *layout, struct names *names,
		  const struct contents_events *events, struct err *err)
{
	static const struct dialplan_events lines = {take_context, take_entry, take_comment, take_fault};
	static const struct contents_events none = {0};
	struct reader r = {.out = out, .layout = layout, .names = names, .events = events ? events : &none};
	int rc;

	*out = (struct contents){.is_descending = true};
	mark_hash_init(&r.hash);
	rc = dialplan_read(fd, &lines, &r, err);
	judge(&r);
	buf_release(&r.text);
	return rc;
}

int contents_check(int fd, const struct layout *layout, struct names *names, const struct mark *mark,
		   struct err *err)
{
	struct err reading = {0};
	struct contents contents;
	int rc = contents_read(&contents, fd, layout, names, NULL, &reading);

	if (rc)
		return err_set(err, rc, "what was written %s", reading.text);
	if (contents.fault)
		return err_set(err, ERR_FAILED,
			       "what was written does not read back as it was meant: line %lu: %s",
			       contents.fault_line, contents.fault);
	if (contents.origin == CONTENTS_OURS && contents.mark.generation == mark->generation &&
	    !strcmp(contents.mark.sha256, mark->sha256))
		return 0;
	return err_set(err, ERR_FAILED, "what was written reads back as another file");
}
