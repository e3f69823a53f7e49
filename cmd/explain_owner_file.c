/* The file of the organisation that a call is dispatched to: whether it has what regen would write for the number. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/explain.h"
#include "dialplan/diff.h"
#include "dialplan/org_file.h"

/* As if it were its organisation's only number. ERR_REFUSED as by regen: the row has that problem already. */
static int build(struct explanation *e, const struct inbound *in, struct org_file *out, struct err *err)
{
	const struct value recording = e->rows.at[e->obeyed].v[DID_RECORDING];
	const char *colon = in->destination ? strchr(in->destination, ':') : NULL;
	struct org_route route = {.is_recorded = recording.s && *recording.s == '1'};
	int rc = org_file_init(out, &e->dispatcher, e->ctx->country, NULL, 0, in->owner.context_prefix, err);

	if (colon) {
		route.type = arena_strndup(&e->ctx->arena, in->destination,
					   (size_t)(colon - in->destination));
		route.dest = colon + 1;
	}
	return rc ? rc : org_file_push(out, in->key, &route, err);
}

/* Beside one number's route those of all others are lost; what is gained or moved is its own. */
static int compare_route(struct explanation *e, struct org_file *wanted, const char *path, struct err *err)
{
	struct layout layout = org_file_layout(wanted);
	struct diff diff = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc;

	if (fd < 0)
		return ERR_ABSENT; /* it was there a moment ago */
	rc = diff_count(&diff, fd, &layout, &wanted->names, &wanted->routes, err);
	if (!rc && diff.gained + diff.moved)
		e->owner_differs = arena_printf(&e->ctx->arena, "has no '%s' for it",
						wanted->names.at[wanted->routes.at[0].target]);
	diff_release(&diff);
	close(fd);
	return rc;
}

static int compare(struct explanation *e, struct org_file *wanted, const char *path, struct err *err)
{
	struct number_lines lines;
	int rc = lines_find(&lines, path, buf_str(&wanted->context), (const char(*)[NUMBER_TEXT])e->spelled,
			    e->nspelled, &e->ctx->arena, err);

	if (!rc && lines.n < e->nspelled)
		e->owner_differs = "lacks a line for one of its spellings";
	return rc || e->owner_differs ? rc : compare_route(e, wanted, path, err);
}

/* A file that is not there is no error, as with the dispatcher's; organisations' files are nothing to an API. */
int explain_owner_file(struct explanation *e)
{
	const struct inbound *in = e->obeyed < 0 ? NULL : &e->in[e->obeyed];
	struct arena *arena = &e->ctx->arena;
	struct org_file wanted = {0};
	struct buf path = {0};
	struct err err = {0};
	int rc;

	if (!in || in->way != DISPATCH_ORG || (!in->destination && !in->hangs_up) ||
	    store_can(e->ctx->store, CAN_REGENERATE))
		return 0;
	buf_join(&path, e->dispatcher.dir, "/", NULL);
	org_file_name(&path, in->owner.context_prefix);
	rc = build(e, in, &wanted, &err);
	if (!rc)
		rc = compare(e, &wanted, buf_str(&path), &err);
	if (e->owner_differs)
		e->owner_differs = arena_printf(arena, "%s %s", strrchr(buf_str(&path), '/') + 1, e->owner_differs);
	if (e->owner_differs)
		problem_add(&e->problems, "file", arena_printf(arena, "not live yet: %s", e->owner_differs),
			    "didctl regen orgs");
	else if (rc == ERR_FAILED)
		problem_add(&e->problems, "file", arena_strdup(arena, err.text), "didctl regen orgs --check");
	if (rc == ERR_INTERRUPTED)
		e->ctx->err = err;
	org_file_release(&wanted);
	buf_release(&path);
	return rc == ERR_INTERRUPTED ? rc : 0;
}
