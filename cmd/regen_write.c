/* regen: files into their places, the switch told, and all of it undone where the switch did not take it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/message.h"
#include "cmd/regen.h"
#include "dialplan/reload.h"
#include "dialplan/running.h"

#define LIMIT_MS    INT64_C(30000) /* for a reload, and a millisecond for every so many routes; or --timeout */
#define ROUTES_A_MS 50

static int rewind_file(int fd, struct err *err)
{
	return lseek(fd, 0, SEEK_SET) == 0 ? 0 : err_set(err, ERR_FAILED, "cannot read back what was written");
}

/* Rendered, then read back with the switch's rules, before anybody else sees it. */
int regen_prepare_gateway(struct regen *r)
{
	struct regen_file *file = &r->files[0];
	struct place *place = &r->gateway_place;
	struct err *err = &r->ctx->err;
	struct writer writer;
	int rc = place_open(place, &r->dir, file->name, err);

	if (!rc)
		rc = place_create(place, err);
	if (rc)
		return rc;
	writer_init(&writer, place->fd);
	gateway_render(&r->gateway, &file->mark, &writer);
	rc = writer_finish(&writer, file->name, err);
	if (!rc)
		rc = rewind_file(place->fd, err);
	return rc ? rc : gateway_check(&r->gateway, &file->mark, place->fd, err);
}

static int render_org(struct regen *r, const struct regen_file *file, struct place *place)
{
	struct org_file rendered = {0};
	struct err *err = &r->ctx->err;
	struct writer writer;
	int rc = regen_build_org(r, file->org, &rendered);

	if (!rc) {
		writer_init(&writer, place->fd);
		org_file_render(&rendered, &file->mark, &writer);
		rc = writer_finish(&writer, file->name, err);
	}
	if (!rc)
		rc = rewind_file(place->fd, err);
	if (!rc)
		rc = org_file_check(&rendered, &file->mark, place->fd, err);
	org_file_release(&rendered);
	return rc;
}

/* A file may stand in its place although it failed: where the directory could not be brought to the disk. */
static int commit(struct place *place, struct regen_file *file, struct err *err)
{
	int rc = place_commit(place, err);

	file->is_committed = !place->temporary;
	if (!rc && fstat(place->fd, &file->committed) < 0)
		rc = err_set(err, ERR_FAILED, "cannot look at '%s': %s", file->name, strerror(errno));
	return rc;
}

static int write_org(struct regen *r, struct regen_file *file)
{
	struct place place = PLACE_INIT;
	struct err *err = &r->ctx->err;
	int rc = place_open(&place, &r->dir, file->name, err);

	if (!rc)
		rc = place_create(&place, err);
	if (!rc)
		rc = render_org(r, file, &place);
	if (!rc)
		rc = commit(&place, file, err);
	place_end(&place);
	return rc;
}

/* The latest first, so that the dispatcher never leads to what is gone. */
static int take_back(struct regen *r)
{
	struct err err = {0};
	int rc = 0;

	for (size_t i = 0; i < r->nfiles; i++) {
		struct regen_file *file = &r->files[i];

		if (!file->is_committed)
			continue;
		file->is_committed = false;
		if (place_roll_back(&r->dir, file->name, file->is_there, &err)) {
			say_error(&err);
			rc = err.code;
		}
	}
	return rc;
}

int regen_write(struct regen *r)
{
	struct err *err = &r->ctx->err;
	size_t first = r->wants_gateway ? 1 : 0;
	int rc = 0;

	for (size_t i = first; !rc && i < r->nfiles; i++)
		if (!r->files[i].is_same)
			rc = write_org(r, &r->files[i]);
	if (!rc && r->wants_gateway && !r->files[0].is_same)
		rc = commit(&r->gateway_place, &r->files[0], err);
	if (rc && !take_back(r))
		err_hint(err, "the files of before stand again");
	return rc;
}

static size_t count_committed(const struct regen *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nfiles; i++)
		n += r->files[i].is_committed;
	return n;
}

static void digits_of(const struct mark *mark, char out[GENERATION_TEXT])
{
	memcpy(out, mark->sha256, GENERATION_TEXT - 1);
	out[GENERATION_TEXT - 1] = '\0';
}

/* What the switch must be found to run: a reload loads all files, also those that an earlier regen wrote and could not load. */
static struct written *list_written(const struct regen *r)
{
	struct written *out = xcalloc(r->nfiles + 1, sizeof(*out));

	for (size_t i = 0; i < r->nfiles; i++) {
		const struct regen_file *file = &r->files[i];

		out[i] = (struct written){file->context, file->name, file->extensions, file->extensions, file->marker, ""};
		digits_of(&file->mark, out[i].generation);
	}
	return out;
}

static int64_t limit_of(const struct regen *r)
{
	uint64_t routes = 0;

	if (r->ctx->target.timeout_given)
		return regen_timeout(r->ctx);
	for (size_t i = 0; i < r->nfiles; i++)
		routes += r->files[i].extensions;
	return LIMIT_MS + (int64_t)(routes / ROUTES_A_MS);
}

/* The first file that was written, or the first of all, is waited for by its marker. */
static const struct regen_file *proof_of(const struct regen *r)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (r->files[i].is_committed)
			return &r->files[i];
	return r->nfiles ? &r->files[0] : NULL;
}

static int prove(struct regen *r, int (*how)(struct ami *, const struct reload *, struct err *), struct err *err)
{
	const struct regen_file *proof = proof_of(r);
	struct reload reload = {.nwritten = r->nfiles, .limit_ms = limit_of(r)};
	char digits[GENERATION_TEXT];
	struct written *written;
	int rc;

	if (!proof)
		return 0;
	digits_of(&proof->mark, digits);
	reload.meta_context = proof->marker;
	reload.generation = digits;
	written = list_written(r);
	reload.written = written;
	rc = how(r->ami, &reload, err);
	free(written);
	return rc;
}

static bool still_stands(const struct regen *r, const struct regen_file *file)
{
	struct stat now;

	return fstatat(r->dir.fd, file->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       place_is_same_file(&now, &file->committed);
}

/* A file that somebody wrote to between the rename and the reload may have been loaded with that. */
static int check_untouched(const struct regen *r, struct err *err)
{
	for (size_t i = 0; i < r->nfiles; i++)
		if (r->files[i].is_committed && !still_stands(r, &r->files[i]))
			return err_set(err, ERR_FAILED, "'%s/%s' was changed by somebody else while the switch loaded it",
				       r->dir.path, r->files[i].name);
	return 0;
}

/* The switch is to run the files of before again: of ours that is proved, others are only loaded. */
static int reload_old(struct regen *r, const struct regen_file *proof, struct err *err)
{
	struct reload reload = {.meta_context = proof->marker, .limit_ms = limit_of(r)};
	struct ami_answer answer;
	char digits[GENERATION_TEXT];

	if (regen_connect(r, err))
		return err->code;
	if (!proof->is_there || proof->origin != CONTENTS_OURS)
		return ami_command(r->ami, "dialplan reload", NULL, &answer, err);
	digits_of(&proof->old_mark, digits);
	reload.generation = digits;
	return reload_and_prove(r->ami, &reload, err);
}

/* The connection on which it failed is done with: the old files are loaded over a new one. */
static int give_up(struct regen *r)
{
	const struct regen_file proof = *proof_of(r);
	struct err *why = &r->ctx->err, old = {0};

	if (why->code != ERR_INTERRUPTED)
		why->code = ERR_FAILED;
	if (take_back(r)) {
		err_hint(why, "not every file of before could be put back: see above");
		return why->code;
	}
	ami_close(r->ami);
	r->ami = NULL;
	if (reload_old(r, &proof, &old))
		err_hint(why, "the files of before stand again, but the switch did not take them either (%s): once it "
			      "answers, didctl regen; what it was given is kept as NAME" PLACE_REJECTED,
			 old.text);
	else
		err_hint(why, "the files of before stand and run again; what the switch did not take is kept as "
			      "NAME" PLACE_REJECTED);
	return why->code;
}

int regen_reload(struct regen *r)
{
	struct err *err = &r->ctx->err, ignored = {0};
	int rc;

	if (!count_committed(r) && !prove(r, reload_prove, &ignored))
		return 0; /* it runs already what the files say */
	rc = prove(r, reload_and_prove, err);
	if (!rc)
		rc = check_untouched(r, err);
	return rc && count_committed(r) ? give_up(r) : rc;
}

int64_t regen_timeout(const struct context *ctx)
{
	return ctx->target.timeout_given ? ctx->target.timeout * INT64_C(1000) : 0;
}

int regen_connect(struct regen *r, struct err *err)
{
	return ami_open_configured(&r->ami, r->ctx->conf, regen_timeout(r->ctx), 0, err);
}

int regen_compare_running(struct regen *r, bool *is_same)
{
	struct err err = {0};
	int rc = prove(r, reload_prove, &err);

	*is_same = !rc;
	if (rc == ERR_ABSENT) {
		buf_printf(&r->text, "%s\n", err.text);
		return 0;
	}
	if (rc)
		r->ctx->err = err;
	return rc;
}
