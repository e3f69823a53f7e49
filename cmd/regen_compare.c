/* regen: what is to stand in each file against what stands there. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/message.h"
#include "cmd/regen.h"

static bool is_silent(const struct regen *r)
{
	return r->args->check && r->ctx->global.quiet;
}

void regen_refuse(struct regen *r, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!is_silent(r))
		say("refused: %s", text ? text : "(out of memory)");
	free(text);
	r->refused++;
}

void regen_refuse_number(struct regen *r, const char *number, const char *why)
{
	if (!r->args->partial) {
		regen_refuse(r, "'%s' %s", number, why);
		r->has_bad_numbers = true;
		return;
	}
	if (!is_silent(r))
		say("left out: '%s' %s", number, why);
	r->left_out++;
}

static const char *const origin_text[] = {
	[CONTENTS_FOREIGN] = "was not written by didctl", [CONTENTS_OURS] = "differs", [CONTENTS_ALTERED] = "was altered",
};

/* Whether what stands there may be overwritten. */
static void check_origin(struct regen *r, const struct regen_file *file)
{
	const struct regen_args *args = r->args;

	if (!file->is_there || args->force)
		return;
	if (file->origin == CONTENTS_FOREIGN && !args->adopt)
		regen_refuse(r, "%s was not written by didctl: --adopt takes it over, and keeps it as %s%s",
			     file->name, file->name, PLACE_LAST_GOOD);
	else if (file->origin == CONTENTS_ALTERED && !args->adopt)
		regen_refuse(r, "%s was altered since didctl wrote it: --adopt overwrites that, --diff shows it", file->name);
	else if (file->origin != CONTENTS_FOREIGN && file->old_mark.generation > r->generation)
		regen_refuse(r, "%s is of generation %" PRIu64 ", newer than the inventory's %" PRIu64
				": is the target right? --force overwrites it",
			     file->name, file->old_mark.generation, r->generation);
}

/* One change of a route, as a line of the text. */
struct telling {
	struct buf *out;
	const struct names *names;
};

static int tell_change(void *ctx, const struct diff_change *change)
{
	struct telling *t = ctx;

	diff_change_text(t->out, change, t->names);
	if (t->out->len && t->out->data[t->out->len - 1] != '\n')
		buf_putc(t->out, '\n');
	return 0;
}

static int tell_diff(struct regen *r, const struct regen_file *file, const struct diff *diff, const struct names *names)
{
	struct telling telling = {&r->text, names};

	if (!diff->gained && !diff->lost && !diff->moved)
		return 0;
	buf_printf(&r->text, "%s: ", file->name);
	diff_summary(&r->text, diff, names);
	if (r->text.data[r->text.len - 1] != '\n')
		buf_putc(&r->text, '\n');
	return r->args->diff ? diff_tell(diff, tell_change, &telling, &r->ctx->err) : 0;
}

/* What stands in the file now; how it differs is counted, and told. */
static int compare(struct regen *r, struct regen_file *file, int fd, const struct layout *layout, struct names *names,
		   const struct routes *routes)
{
	struct diff diff = {0};
	int rc = diff_count(&diff, fd, layout, names, routes, &r->ctx->err);

	if (!rc) {
		file->is_there = fd >= 0;
		file->origin = diff.old.origin;
		file->old_mark = diff.old.mark;
		file->is_same = file->origin == CONTENTS_OURS && file->old_mark.generation <= r->generation &&
				strcmp(file->mark.sha256, file->old_mark.sha256) == 0;
		rc = tell_diff(r, file, &diff, names);
		if (!file->is_same && file->is_there && !diff.gained && !diff.lost && !diff.moved)
			buf_printf(&r->text, "%s: %s\n", file->name, origin_text[file->origin]);
		if (!file->org || !r->wants_gateway) {
			r->before += diff.before;
			r->after += diff.after;
			r->lost += diff.lost;
		}
	}
	diff_release(&diff);
	if (!rc)
		check_origin(r, file);
	return rc;
}

static struct regen_file *add_file(struct regen *r, struct regen_file file)
{
	GROW(r->files, r->nfiles, r->files_cap);
	r->files[r->nfiles] = file;
	return &r->files[r->nfiles++];
}

int regen_compare_gateway(struct regen *r)
{
	struct context *ctx = r->ctx;
	struct layout layout = gateway_layout(&r->gateway);
	struct place place = PLACE_INIT;
	struct regen_file *file = add_file(r, (struct regen_file){
		.name = r->dispatcher.file, .context = layout.context, .marker = layout.marker,
		.mark = gateway_mark(&r->gateway, r->generation), .extensions = r->gateway.routes.n,
	});
	int rc = place_open(&place, &r->dir, file->name, &ctx->err);

	if (!rc)
		rc = compare(r, file, place.old, &layout, &r->gateway.names, &r->gateway.routes);
	place_end(&place);
	return rc;
}

static int compare_org(struct regen *r, const struct regen_org *org, struct org_file *rendered, int fd, const char *name)
{
	struct arena *arena = &r->ctx->arena;
	struct layout layout = org_file_layout(rendered);
	struct regen_file *file = add_file(r, (struct regen_file){
		.org = org, .name = name, .context = arena_strdup(arena, layout.context),
		.marker = arena_strdup(arena, layout.marker), .mark = org_file_mark(rendered, r->generation),
		.extensions = rendered->entrances.n,
	});

	return compare(r, file, fd, &layout, &rendered->names, &rendered->routes);
}

static int compare_file(struct regen *r, const struct regen_org *org, const char *name)
{
	struct org_file rendered = {0};
	struct place place = PLACE_INIT;
	int rc = place_open(&place, &r->dir, name, &r->ctx->err);

	if (!rc)
		rc = regen_build_org(r, org, &rendered);
	if (!rc)
		rc = compare_org(r, org, &rendered, place.old, name);
	place_end(&place);
	org_file_release(&rendered);
	return rc;
}

int regen_compare_org(struct regen *r, const struct regen_org *org)
{
	struct buf name = {0};
	int rc = 0;

	if (org->n) {
		org_file_name(&name, org->prefix);
		rc = compare_file(r, org, arena_strdup(&r->ctx->arena, buf_str(&name)));
	}
	buf_release(&name);
	return rc;
}

/* The prefix that makes the name of a file; NULL where none does. */
static const char *prefix_of(struct regen *r, const char *name)
{
	static const char before[] = "ext_", behind[] = ".conf";
	size_t len = strlen(name), around = strlen(before) + strlen(behind);
	char *prefix;

	if (len <= around || strncmp(name, before, strlen(before)) != 0 ||
	    strcmp(name + len - strlen(behind), behind) != 0 || !strcmp(name, r->dispatcher.file))
		return NULL;
	prefix = arena_strndup(&r->ctx->arena, name + strlen(before), len - around);
	return dispatch_is_prefix(prefix) ? prefix : NULL;
}

static bool has_file(const struct regen *r, const char *name)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (!strcmp(r->files[i].name, name))
			return true;
	return false;
}

/* Whether it is an organisation's file that we wrote, with numbers in it. */
static int look_at(struct regen *r, const char *name, const struct org_file *as, bool *is_ours)
{
	struct layout layout = org_file_layout(as);
	struct place place = PLACE_INIT;
	struct names names = {0};
	struct contents contents = {0};
	struct err *err = &r->ctx->err;
	int rc = place_open(&place, &r->dir, name, err);

	if (!rc && place.old >= 0)
		rc = contents_read(&contents, place.old, &layout, &names, NULL, err);
	*is_ours = contents.origin != CONTENTS_FOREIGN && contents.routes > 0;
	names_release(&names);
	place_end(&place);
	return rc == ERR_REFUSED ? 0 : rc; /* a link, a directory: not ours */
}

static int compare_abandoned(struct regen *r, const char *prefix, const char *name)
{
	struct regen_org *org = arena_alloc(&r->ctx->arena, sizeof(*org));
	struct org_file empty = {0};
	bool is_ours = false;
	int rc;

	org->prefix = prefix;
	rc = regen_build_org(r, org, &empty);
	if (!rc)
		rc = look_at(r, name, &empty, &is_ours);
	org_file_release(&empty);
	return rc || !is_ours ? rc : compare_file(r, org, arena_strdup(&r->ctx->arena, name));
}

/* Their subroutines have the names of those that are to be called now, and the switch takes the first of a name. */
int regen_compare_abandoned(struct regen *r)
{
	int fd = dup(r->dir.fd), rc = 0;
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!entries) {
		rc = err_set(&r->ctx->err, ERR_FAILED, "cannot read the directory '%s': %s", r->dir.path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rewinddir(entries);
	while (!rc && (entry = readdir(entries))) {
		const char *prefix = prefix_of(r, entry->d_name);

		if (prefix && !has_file(r, entry->d_name))
			rc = compare_abandoned(r, prefix, entry->d_name);
	}
	closedir(entries);
	return rc;
}
