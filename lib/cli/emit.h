/* What is generated from the tables: help, man pages, completions. All append to a buffer. */
#ifndef DIDCTL_EMIT_H
#define DIDCTL_EMIT_H

#include "base/buf.h"
#include "cli/parse.h"

/* Of the whole tool when path->n is 0. */
void emit_help(struct buf *out, const struct command_path *path);

/* "didctl pool list [OPTIONS] [NUMBERS...]" */
void emit_synopsis(struct buf *out, const struct command_path *path);

/*
 * The mdoc page of a top-level command with all its subcommands, or of the tool (root). prose: the text of
 * man/NAME.in, mdoc sections put in before EXAMPLES; may be NULL.
 */
void emit_man(struct buf *out, const struct command *root, const struct command *cmd, const char *prose);

/* Text as roff takes it, but for what is special at the beginning of a line. */
void mdoc_chars(struct buf *out, const char *s, size_t len);
/* A line of text, each sentence on a line of its own as mdoc wants it. */
void mdoc_line(struct buf *out, const char *line, size_t len);
/* A phrase of the tables as a sentence. */
void mdoc_sentence(struct buf *out, const char *phrase);

void emit_bash(struct buf *out, const struct command *root);
void emit_zsh(struct buf *out, const struct command *root);
void emit_fish(struct buf *out, const struct command *root);

#endif
