/* From words to a selection: numbers, ranges, ids, patterns, @FILE and standard input. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cmd/common.h"
#include "cmd/mistaken.h"
#include "cmd/words.h"

#define TIDY_EVERY \
	(1u << 20) /* intervals, before overlaps are united: bounds the memory of an endless input */
#define ID_PREFIX "id:"
#define IDS_MAX	  10000 /* of rows: meant for single ones, and all of them stand in one statement */

struct reader {
	struct context *ctx;
	struct selection *out;
	bool patterns_allowed;
	bool stdin_used;
	uint64_t words;
	uint64_t overlaps;
};

/* Unites overlaps; refuses more numbers than a command may have. */
static int tidy(struct reader *reader)
{
	struct rangeset *numbers = &reader->out->numbers;

	rangeset_normalise(numbers);
	reader->overlaps += numbers->overlaps;
	numbers->overlaps = 0;
	if (rangeset_count(numbers) <= RANGESET_MAX && reader->words <= RANGESET_MAX)
		return 0;
	return err_set(&reader->ctx->err, ERR_USAGE, "more than %" PRIu64 " numbers in one command",
		       RANGESET_MAX);
}

static int add_id(struct reader *reader, const char *id)
{
	struct context *ctx = reader->ctx;
	char shown[TEXT_SHOWN];

	if (!uuid_is_valid(id))
		return err_set(&ctx->err, ERR_USAGE, "'%s' is not the id of a row",
			       text_show(shown, id, strlen(id)));
	for (size_t i = 0; i < reader->out->nids; i++) {
		if (!strcasecmp(reader->out->ids[i], id)) {
			reader->overlaps++;
			return 0;
		}
	}
	if (reader->out->nids >= IDS_MAX)
		return err_set(&ctx->err, ERR_USAGE, "more than %d rows named by id in one command", IDS_MAX);
	selection_add_id(reader->out, uuid_key(ctx, id));
	return 0;
}

static int add_pattern(struct reader *reader, const char *word)
{
	struct context *ctx = reader->ctx;
	struct pattern pattern;
	char shown[TEXT_SHOWN], path[COMMAND_NAME];
	int rc = reader->patterns_allowed ? mistaken_pattern(ctx, word) : 0;

	if (!rc)
		rc = pattern_parse(&pattern, word, ctx->country, &ctx->err);
	if (rc)
		return rc;
	if (reader->patterns_allowed) {
		selection_add_pattern(reader->out, pattern);
		return 0;
	}
	err_set(&ctx->err, ERR_USAGE, "'%s' is a pattern, not a number or a range of numbers",
		text_show(shown, word, strlen(word)));
	if (command_of(&ctx->path)->flags & COMMAND_WRITES)
		err_hint(&ctx->err, "patterns are for listings; a change takes numbers, ranges or --where KEY=VALUE");
	else
		err_hint(&ctx->err, "it takes numbers and ranges; see 'didctl %s --help'", command_path_name(&ctx->path, path));
	return ERR_USAGE;
}

static int add_word(struct reader *reader, const char *word)
{
	struct interval interval;
	int rc;

	reader->words++;
	if (!strncmp(word, ID_PREFIX, strlen(ID_PREFIX)))
		return add_id(reader, word + strlen(ID_PREFIX));
	if (pattern_looks_like(word)) {
		rc = add_pattern(reader, word);
		return rc ? mistaken_org(reader->ctx, word) : 0;
	}
	rc = interval_parse(&interval, word, reader->ctx->country, &reader->ctx->err);
	if (rc && strchr(word, ','))
		err_hint(&reader->ctx->err, "several numbers stand with blanks between them, or one a line in @FILE");
	if (rc)
		return rc;
	rangeset_add(&reader->out->numbers, interval);
	return reader->words % TIDY_EVERY ? 0 : tidy(reader);
}

/* Every word of a file. One without any is an error: it must never come to mean "all". */
static int add_file(struct reader *reader, const char *path)
{
	struct err *err = &reader->ctx->err;
	uint64_t before = reader->words;
	char shown[TEXT_SHOWN];
	struct word_file file;
	const char *word;
	int rc;

	rc = word_file_open(&file, path, err);
	if (rc)
		return rc;
	while ((rc = word_file_next(&file, &word, err)) == 1) {
		rc = add_word(reader, word);
		if (rc) {
			err_prefix(err, "%s:%lu: ", text_show(shown, file.name, strlen(file.name)),
				   file.line);
			break;
		}
	}
	if (!rc && reader->words == before)
		rc = err_set(err, ERR_USAGE, "'%s' names no number",
			     text_show(shown, file.name, strlen(file.name)));
	word_file_close(&file);
	return rc;
}

static int add_operand(struct reader *reader, const char *word)
{
	struct err *err = &reader->ctx->err;

	if (text_is_blank(word))
		return err_set(err, ERR_USAGE, "an empty operand is not a number");
	if (word[0] == '@')
		return add_file(reader, word + 1);
	if (strcmp(word, "-") != 0)
		return add_word(reader, word);
	if (reader->stdin_used)
		return err_set(err, ERR_USAGE, "'-' may be named only once");
	reader->stdin_used = true;
	return add_file(reader, "-");
}

int select_operands(struct context *ctx, const char *const *words, size_t n, bool patterns_allowed,
		    struct selection *out)
{
	struct reader reader = {.ctx = ctx, .out = out, .patterns_allowed = patterns_allowed};
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		rc = add_operand(&reader, words[i]);
		if (rc && n > 1)
			err_prefix(&ctx->err, "operand %zu: ", i + 1);
	}
	if (!rc)
		rc = tidy(&reader);
	if (!rc && reader.overlaps)
		note(ctx, "%" PRIu64 " %s named more than once and counted once", reader.overlaps,
		     reader.overlaps == 1 ? "number was" : "numbers were");
	return rc;
}

int select_one(struct context *ctx, const char *word, struct selection *out)
{
	char shown[TEXT_SHOWN];
	int rc = select_operands(ctx, &word, 1, false, out);

	if (rc)
		return rc;
	if (rangeset_count(&out->numbers) + out->nids != 1)
		return err_set(&ctx->err, ERR_USAGE, "'%s' is more than one number",
			       text_show(shown, word, strlen(word)));
	return 0;
}
