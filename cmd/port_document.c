/* didctl port document: what comes on paper with an order. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha2.h>

#include "base/text.h"
#include "cmd/fields.h"
#include "cmd/options.h"
#include "cmd/port.h"

struct document_args {
	const char *note;
	int kind;
	bool kind_given, is_public;
};

static int file_error(struct context *ctx, const char *path, int code, const char *what)
{
	char shown[TEXT_SHOWN];

	return err_set(&ctx->err, code, "the file '%s' %s", text_show(shown, path, strlen(path)), what);
}

static int system_error(struct context *ctx, const char *path, int code, const char *done)
{
	return file_error(ctx, path, code, arena_printf(&ctx->arena, "cannot be %s: %s", done, strerror(errno)));
}

/* What was named may be wrong; a disk or a table of files that fails is another thing. */
static int cannot_open(struct context *ctx, const char *path)
{
	static const int of_the_name[] = {ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, ENXIO};
	int code = ERR_FAILED;

	for (size_t i = 0; i < ARRAY_SIZE(of_the_name); i++)
		if (of_the_name[i] == errno)
			code = ERR_USAGE;
	return system_error(ctx, path, code, "opened");
}

/* Exactly the bytes that it had when it was looked at: what somebody still writes is no document yet. */
static int read_all(struct context *ctx, int fd, const char *path, char *bytes, size_t size)
{
	char beyond;

	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, bytes + done, size - done);

		if (n < 0 && errno == EINTR && !check_interrupt(ctx))
			continue;
		if (n < 0)
			return ctx->err.code ? ctx->err.code : system_error(ctx, path, ERR_FAILED, "read");
		if (n == 0)
			return file_error(ctx, path, ERR_FAILED, "shrank while it was read");
		done += (size_t)n;
	}
	return read(fd, &beyond, 1) == 0 ? 0 : file_error(ctx, path, ERR_FAILED, "grew while it was read");
}

/* The size is looked at before anything is read: a file of any size costs nothing. */
static int check_file(struct context *ctx, int fd, const char *path, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st))
		return system_error(ctx, path, ERR_FAILED, "read");
	if (!S_ISREG(st.st_mode))
		return file_error(ctx, path, ERR_USAGE, "is not a regular file");
	if (st.st_size == 0)
		return file_error(ctx, path, ERR_USAGE, "is empty");
	if (st.st_size > PORT_DOCUMENT_MAX)
		return file_error(ctx, path, ERR_USAGE, "is larger than 25 MB");
	*size = (size_t)st.st_size;
	return 0;
}

/* Of the path; what would be no name in a list is an underscore. */
static int name_document(struct context *ctx, const char *path, const char **out)
{
	char *name = arena_strdup(&ctx->arena, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);

	for (char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '_';
	return check_text(ctx, "FILE", name, out);
}

static int read_document(struct context *ctx, const char *path, struct port_document *out, char **bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hold us up */
	char hash[65];
	int rc;

	if (fd < 0)
		return cannot_open(ctx, path);
	rc = check_file(ctx, fd, path, &out->size);
	if (!rc) {
		*bytes = xcalloc(out->size, 1);
		rc = read_all(ctx, fd, path, *bytes, out->size);
	}
	close(fd);
	if (rc)
		return rc;
	out->bytes = *bytes;
	out->type = port_document_type((const unsigned char *)*bytes, out->size);
	if (!out->type)
		return file_error(ctx, path, ERR_USAGE, "is by its content no pdf, png, jpeg or tiff");
	SHA256Data((const uint8_t *)*bytes, out->size, hash);
	out->sha256 = arena_strdup(&ctx->arena, hash);
	return name_document(ctx, path, &out->name);
}

static int run_document(struct context *ctx, void *args)
{
	const struct document_args *own = args;
	struct port_document document = {.kind = port_document_kinds[own->kind]};
	struct port_request request;
	struct change change;
	char *bytes = NULL;
	int rc = port_begin(ctx, &change, &request, VERB_PORT_DOCUMENT);

	request.document = &document;
	if (!rc && !own->kind_given)
		rc = err_set(&ctx->err, ERR_USAGE, "'port document' needs --kind loa, bill or csr");
	if (!rc)
		rc = port_read_note(ctx, &request, own->note, own->is_public);
	if (!rc)
		rc = read_document(ctx, ctx->operands.at[1], &document, &bytes);
	rc = change_end(ctx, &change, rc);
	free(bytes);
	return rc;
}

static const struct option document_options[] = {
	{.name = "kind", OPT_CHOICE(struct document_args, kind, port_document_kinds), .metavar = "KIND",
	 OPT_GIVEN(struct document_args, kind_given), .complete = COMPLETE_CHOICES,
	 .help = "what it is: the signed letter of authorisation, a bill, a customer service record; needed"},
	NOTE_OPTIONS(document_args),
};

static const struct example document_examples[] = {
	{"didctl port document 1 loa-signed.pdf --kind loa", "Keeps the signed letter with its order."},
	{0},
};

const struct command port_document = {
	.name = "document",
	.summary = "keep a document with an order",
	.about = "A PDF, PNG, JPEG or TIFF, by its content, of at most 25 MB; the same bytes are kept once. The history has its "
		 "SHA-256, not its bytes; 'port show N --document K' gives them back.",
	.args = {ONE_PORT,
		 {.metavar = "FILE", .help = "the document", .min = 1, .max = 1, .complete = COMPLETE_FILE}},
	.options = document_options,
	.noptions = ARRAY_SIZE(document_options),
	.groups = groups_write,
	.flags = COMMAND_WRITES,
	.args_size = sizeof(struct document_args),
	.run = run_document,
	.examples = document_examples,
};
