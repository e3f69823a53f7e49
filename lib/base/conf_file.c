/* INI files: strict, so that a slip of the pen never means another database. */
#include "base/conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/text.h"

#define PROFILE_NAME_MAX 63
#define BLANKS		 " \t\r"

struct parser {
	struct conf_file *file;
	const char *name;
	unsigned line;
	struct err *err;
};

/* Where people look for a place to put a secret. */
static const struct {
	const char *key, *instead;
} secret_keys[] = {
	{"password", "password-file"}, {"passwd", "password-file"}, {"pass", "password-file"},
	{"secret", "password-file"},   {"api-key", "api-key-file"}, {"apikey", "api-key-file"},
	{"api_key", "api-key-file"},   {"key", "api-key-file"},	    {"token", "api-key-file"},
	{"ami-secret", "ami-secret-file"},
};

static struct conf_section *add_section(struct conf_file *file, const char *name, unsigned line)
{
	struct conf_section *section;

	GROW(file->sections, file->n, file->cap);
	section = &file->sections[file->n++];
	*section = (struct conf_section){.name = name, .line = line};
	return section;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, BLANKS);
	for (len = strlen(s); len > 0 && strchr(BLANKS, s[len - 1]); len--)
		;
	s[len] = '\0';
	return s;
}

static bool is_profile_name(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= PROFILE_NAME_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

/* "[profile NAME]" */
static int parse_section(struct parser *p, char *s)
{
	char *close = strchr(s, ']');
	char shown[TEXT_SHOWN];

	if (!close || close[1])
		return err_set(p->err, ERR_TARGET,
			       "a section is written '[profile NAME]', alone on its line");
	*close = '\0';
	s = trim(s + 1);
	if (strncmp(s, "profile", 7) != 0 || (s[7] && !strchr(BLANKS, s[7]))) {
		err_set(p->err, ERR_TARGET, "unknown section '%s'", text_show(shown, s, strlen(s)));
		err_hint(p->err, "a section is written '[profile NAME]'");
		return ERR_TARGET;
	}
	s = trim(s + 7);
	if (!is_profile_name(s))
		return err_set(p->err, ERR_TARGET,
			       "bad name '%s' of a profile: 1 to %d letters, digits, '.', '_' or '-'",
			       text_show(shown, s, strlen(s)), PROFILE_NAME_MAX);
	add_section(p->file, arena_strdup(&p->file->arena, s), p->line);
	return 0;
}

static int unknown_key(struct parser *p, const char *key)
{
	const char *keys[SET_COUNT + 1];
	const char *near;
	char shown[TEXT_SHOWN];

	err_set(p->err, ERR_TARGET, "unknown key '%s'", text_show(shown, key, strlen(key)));
	for (size_t i = 0; i < ARRAY_SIZE(secret_keys); i++) {
		if (!strcasecmp(key, secret_keys[i].key)) {
			err_hint(p->err, "secrets stand in files of their own: name it with %s",
				 secret_keys[i].instead);
			return ERR_TARGET;
		}
	}
	for (size_t i = 0; i < SET_COUNT; i++)
		keys[i] = setting_info[i].key;
	keys[SET_COUNT] = "default-profile";
	near = nearest_word(key, keys, ARRAY_SIZE(keys));
	if (near)
		err_hint(p->err, "did you mean '%s'?", near);
	else
		err_hint(p->err, "'didctl config' lists all keys");
	return ERR_TARGET;
}

/* Where a key's value goes in the section that is open, or NULL after an error. */
static struct conf_entry *find_entry(struct parser *p, const char *key, enum setting *setting)
{
	struct conf_section *section = &p->file->sections[p->file->n - 1];
	bool is_global = p->file->n == 1;

	*setting = SET_COUNT;
	if (!strcmp(key, "default-profile")) {
		if (is_global)
			return &p->file->default_profile;
		err_set(p->err, ERR_TARGET, "'default-profile' belongs before the first section");
		return NULL;
	}
	for (size_t i = 0; i < SET_COUNT; i++) {
		if (strcmp(key, setting_info[i].key) != 0)
			continue;
		*setting = (enum setting)i;
		if (!is_global || !setting_info[i].profile_only)
			return &section->entries[i];
		err_set(p->err, ERR_TARGET, "'%s' belongs into a section '[profile NAME]'", key);
		return NULL;
	}
	unknown_key(p, key);
	return NULL;
}

/* Takes surrounding double quotes off; anything in between that could be read in two ways is refused. */
static int unquote(struct parser *p, char **value)
{
	char *s = *value;
	char *close;

	if (*s != '"')
		return 0;
	close = strchr(s + 1, '"');
	if (!close || close[1])
		return err_set(p->err, ERR_TARGET, "a value that begins with '\"' ends with the next one");
	*close = '\0';
	*value = s + 1;
	return 0;
}

static const char *store_value(struct parser *p, enum setting setting, const char *value)
{
	const char *home = getenv("HOME");

	if (setting < SET_COUNT && setting_info[setting].is_path && !strncmp(value, "~/", 2) && home && *home)
		return arena_printf(&p->file->arena, "%s%s", home, value + 1);
	return arena_strdup(&p->file->arena, value);
}

static int check_entry(struct parser *p, enum setting setting, const char *value)
{
	char shown[TEXT_SHOWN];

	if (setting < SET_COUNT)
		return setting_check(setting, value, p->err);
	if (!is_profile_name(value))
		return err_set(p->err, ERR_TARGET, "'%s' is not a name of a profile",
			       text_show(shown, value, strlen(value)));
	return 0;
}

/* "key = value" */
static int parse_entry(struct parser *p, char *s)
{
	char *value = strchr(s, '=');
	struct conf_entry *entry;
	enum setting setting;
	char *key;
	int rc;

	if (!value)
		return err_set(p->err, ERR_TARGET, "neither 'key = value' nor '[profile NAME]'");
	*value++ = '\0';
	key = trim(s);
	value = trim(value);
	entry = find_entry(p, key, &setting);
	if (!entry)
		return ERR_TARGET;
	if (entry->value)
		return err_set(p->err, ERR_TARGET, "'%s' was already set at %s", key, entry->origin);
	rc = unquote(p, &value);
	if (rc)
		return rc;
	if (!*value)
		return err_set(p->err, ERR_TARGET, "'%s' has no value", key);
	rc = check_entry(p, setting, value);
	if (rc)
		return rc;
	entry->value = store_value(p, setting, value);
	entry->origin = arena_printf(&p->file->arena, "%s:%u", p->name, p->line);
	return 0;
}

static int parse_line(struct parser *p, const char *text, size_t len)
{
	char *line, *s;
	int rc = 0;

	if (len > CONF_LINE_MAX)
		return err_set(p->err, ERR_TARGET, "the line is longer than %u bytes", CONF_LINE_MAX);
	if (memchr(text, '\0', len))
		return err_set(p->err, ERR_TARGET, "the line has a NUL byte");
	if (!text_is_utf8(text, len))
		return err_set(p->err, ERR_TARGET, "the line is not UTF-8");
	line = xstrndup(text, len);
	s = trim(line);
	if (*s == '[')
		rc = parse_section(p, s);
	else if (*s && *s != '#' && *s != ';')
		rc = parse_entry(p, s);
	free(line);
	return rc;
}

static int compare_sections(const void *a, const void *b)
{
	const struct conf_section *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Sorts the profiles; the same one twice is an error, because nobody sees which of the two counts. */
static int sort_sections(struct parser *p)
{
	struct conf_section *sections = p->file->sections;

	qsort(sections + 1, p->file->n - 1, sizeof(*sections), compare_sections);
	for (size_t i = 2; i < p->file->n; i++) {
		if (strcmp(sections[i].name, sections[i - 1].name) != 0)
			continue;
		p->line = sections[i].line;
		return err_set(p->err, ERR_TARGET, "the profile '%s' was already begun at %s:%u",
			       sections[i].name, p->name, sections[i - 1].line);
	}
	return 0;
}

int conf_file_parse(struct conf_file *file, const char *name, const char *text, size_t len, struct err *err)
{
	struct parser p = {.file = file, .name = name, .err = err};
	const char *end = text + len;
	int rc = 0;

	add_section(file, "", 0);
	for (const char *at = text; !rc && at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		p.line++;
		rc = parse_line(&p, at, (size_t)(stop - at));
		at = newline ? newline + 1 : end;
	}
	if (!rc)
		rc = sort_sections(&p);
	if (rc)
		err_prefix(err, "%s:%u: ", name, p.line);
	return rc;
}

void conf_file_release(struct conf_file *file)
{
	free(file->sections);
	arena_release(&file->arena);
	*file = (struct conf_file){0};
}

const struct conf_section *conf_file_profile(const struct conf_file *file, const char *name)
{
	for (size_t i = 1; i < file->n; i++)
		if (!strcmp(file->sections[i].name, name))
			return &file->sections[i];
	return NULL;
}

static int slurp(int fd, struct buf *text)
{
	char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_add(text, block, (size_t)n);
		if (text->len > CONF_FILE_MAX)
			break;
	}
	return 0;
}

/* A command that anyone may put into the file would run as whoever runs didctl. */
static int check_writers(const struct conf_file *file, const struct stat *st, const char *name,
			 struct err *err)
{
	if (!S_ISREG(st->st_mode) || !(st->st_mode & S_IWOTH))
		return 0;
	for (size_t i = 0; i < file->n; i++) {
		if (!file->sections[i].entries[SET_PASSWORD_COMMAND].value)
			continue;
		err_set(err, ERR_TARGET, "%s: anyone may change this file, and it has a password-command",
			file->sections[i].entries[SET_PASSWORD_COMMAND].origin);
		err_hint(err, "chmod o-w '%s'", name);
		return ERR_TARGET;
	}
	return 0;
}

static bool is_readable_kind(const struct stat *st)
{
	bool is_null = S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3); /* "--config /dev/null": none */

	return S_ISREG(st->st_mode) || is_null;
}

static int read_open_file(struct conf_file *file, int fd, const char *name, struct err *err)
{
	struct buf text = {0};
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_TARGET, "cannot look at the configuration '%s': %s", name,
			       strerror(errno));
	if (!is_readable_kind(&st))
		return err_set(err, ERR_TARGET, "the configuration '%s' is %s", name,
			       S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	if (slurp(fd, &text) < 0)
		rc = err_set(err, ERR_TARGET, "cannot read the configuration '%s': %s", name,
			     strerror(errno));
	else if (text.len > CONF_FILE_MAX)
		rc = err_set(err, ERR_TARGET, "the configuration '%s' is larger than %u bytes", name,
			     CONF_FILE_MAX);
	else
		rc = conf_file_parse(file, name, buf_str(&text), text.len, err);
	buf_release(&text);
	return rc ? rc : check_writers(file, &st, name, err);
}

static int open_and_read(struct conf_file *file, const char *path, const char *name, bool must_exist,
			 struct err *err)
{
	/* Without O_NONBLOCK the open of a FIFO would wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0) {
		if (!must_exist && (errno == ENOENT || errno == ENOTDIR))
			return conf_file_parse(file, name, "", 0, err);
		return err_set(err, ERR_TARGET, "cannot open the configuration '%s': %s", name,
			       strerror(errno));
	}
	rc = read_open_file(file, fd, name, err);
	close(fd);
	return rc;
}

int conf_file_read(struct conf_file *file, const char *path, bool must_exist, struct err *err)
{
	struct buf name = {0};
	int rc;

	text_escape(&name, path, strlen(path), 0);
	rc = open_and_read(file, path, buf_str(&name), must_exist, err);
	buf_release(&name);
	return rc;
}
