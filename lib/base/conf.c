/* The layers of the configuration, and which of them a value comes from. */
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf_file.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/secret.h"
#include "base/text.h"

#define SYSTEM_FILE "/etc/didctl/config"

/* From the nearest to the farthest; the defaults stand behind all of them. */
enum layer {
	LAYER_OPTION,
	LAYER_ENVIRONMENT,
	LAYER_PROFILE,	      /* of the user's file */
	LAYER_PROFILE_SYSTEM, /* of the system's */
	LAYER_USER,
	LAYER_SYSTEM,
	LAYER_COUNT
};

enum { FILE_USER, FILE_SYSTEM, FILE_COUNT };

struct conf {
	struct conf_file files[FILE_COUNT];
	struct conf_entry options[SET_COUNT], environment[SET_COUNT];
	const struct conf_entry *layers[LAYER_COUNT]; /* SET_COUNT entries each; NULL: no such section */
	const char *profile, *profile_origin;
	bool profile_is_named; /* on the command line */
	const char **profiles;
	size_t nprofiles;
	struct buf looked_for;
	struct arena arena;
};

static const struct conf_entry *find_target(const struct conf *conf, enum layer *layer)
{
	static const enum layer named[] = {LAYER_OPTION, LAYER_PROFILE, LAYER_PROFILE_SYSTEM,
					   LAYER_ENVIRONMENT};
	static const enum layer usual[] = {LAYER_OPTION, LAYER_ENVIRONMENT, LAYER_PROFILE,
					   LAYER_PROFILE_SYSTEM};
	const enum layer *order = conf->profile_is_named ? named : usual;

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		const struct conf_entry *entries = conf->layers[order[i]];

		*layer = order[i];
		if (entries && entries[SET_TARGET].value)
			return &entries[SET_TARGET];
	}
	return NULL;
}

static bool is_profile_layer(enum layer layer)
{
	return layer == LAYER_PROFILE || layer == LAYER_PROFILE_SYSTEM;
}

/* A password must not go to a server that it was not meant for, just because -t named that one. */
static bool profile_is_for_another_target(const struct conf *conf)
{
	enum layer layer;

	return conf_profile_target(conf) && find_target(conf, &layer) && !is_profile_layer(layer);
}

static const struct conf_entry *find(const struct conf *conf, enum setting key, enum layer *layer)
{
	bool no_profile;

	if (key == SET_TARGET)
		return find_target(conf, layer);
	no_profile = setting_info[key].is_connection && profile_is_for_another_target(conf);
	for (int i = 0; i < LAYER_COUNT; i++) {
		const struct conf_entry *entries = conf->layers[i];

		*layer = (enum layer)i;
		if (!entries || !entries[key].value || (no_profile && is_profile_layer(*layer)))
			continue;
		return &entries[key];
	}
	return NULL;
}

const char *conf_get(const struct conf *conf, enum setting key, const char **origin)
{
	enum layer layer;
	const struct conf_entry *entry = find(conf, key, &layer);
	const char *fallback = setting_info[key].fallback;

	if (origin)
		*origin = entry ? entry->origin : fallback ? "default" : "";
	return entry ? entry->value : fallback;
}

void conf_override(struct conf *conf, enum setting key, const char *value, const char *option)
{
	conf->options[key] = (struct conf_entry){value, option};
}

const char *conf_profile(const struct conf *conf)
{
	return conf->profile;
}

const char *conf_profile_origin(const struct conf *conf)
{
	return conf->profile_origin;
}

const char *conf_profile_target(const struct conf *conf)
{
	for (int i = LAYER_PROFILE; i <= LAYER_PROFILE_SYSTEM; i++)
		if (conf->layers[i] && conf->layers[i][SET_TARGET].value)
			return conf->layers[i][SET_TARGET].value;
	return NULL;
}

size_t conf_profiles(const struct conf *conf, const char *const **names)
{
	*names = (const char *const *)conf->profiles;
	return conf->nprofiles;
}

const char *conf_files(const struct conf *conf)
{
	return buf_str(&conf->looked_for);
}

/* An empty variable is as good as none: that is how a script takes one back. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static int load_environment(struct conf *conf, struct err *err)
{
	for (int i = 0; i < SET_COUNT; i++) {
		enum setting key = (enum setting)i;
		char name[SETTING_VARIABLE];
		const char *value = variable(setting_variable(key, name));

		if (!value)
			continue;
		if (setting_check(key, value, err))
			return err_prefix(err, "%s: ", name);
		conf->environment[i] = (struct conf_entry){arena_strdup(&conf->arena, value),
							   arena_strdup(&conf->arena, name)};
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_profiles(struct conf *conf)
{
	size_t n = 0, kept = 0;

	conf->profiles =
		xcalloc(conf->files[FILE_USER].n + conf->files[FILE_SYSTEM].n, sizeof(*conf->profiles));
	for (int i = 0; i < FILE_COUNT; i++)
		for (size_t j = 1; j < conf->files[i].n; j++)
			conf->profiles[n++] = conf->files[i].sections[j].name;
	qsort(conf->profiles, n, sizeof(*conf->profiles), compare_names);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(conf->profiles[kept - 1], conf->profiles[i]) != 0)
			conf->profiles[kept++] = conf->profiles[i];
	conf->nprofiles = kept;
}

static void choose_profile(struct conf *conf, const char *named)
{
	const struct conf_entry candidates[] = {
		{named, "--profile"},
		{variable("DIDCTL_PROFILE"), "DIDCTL_PROFILE"},
		conf->files[FILE_USER].default_profile,
		conf->files[FILE_SYSTEM].default_profile,
	};

	conf->profile_is_named = named;
	conf->profile_origin = "";
	for (size_t i = 0; i < ARRAY_SIZE(candidates) && !conf->profile; i++) {
		if (!candidates[i].value)
			continue;
		conf->profile = arena_strdup(&conf->arena, candidates[i].value);
		conf->profile_origin = candidates[i].origin;
	}
}

static int no_such_profile(const struct conf *conf, struct err *err)
{
	const char *near = nearest_word(conf->profile, conf->profiles, conf->nprofiles);
	struct buf list = {0};
	char shown[TEXT_SHOWN];

	err_set(err, ERR_TARGET, "no profile '%s' (%s) in %s",
		text_show(shown, conf->profile, strlen(conf->profile)), conf->profile_origin,
		*conf_files(conf) ? conf_files(conf) : "any file, as HOME is not set");
	for (size_t i = 0; i < conf->nprofiles; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", conf->profiles[i]);
	if (near)
		err_hint(err, "did you mean '%s'? the profiles are: %s", near, buf_str(&list));
	else if (list.len)
		err_hint(err, "the profiles are: %s", buf_str(&list));
	else
		err_hint(err, "a profile is a section '[profile NAME]'");
	buf_release(&list);
	return ERR_TARGET;
}

static const struct conf_entry *section_entries(const struct conf_section *section)
{
	return section ? section->entries : NULL;
}

static int lay_over(struct conf *conf, struct err *err)
{
	const struct conf_section *sections[FILE_COUNT] = {0};

	conf->layers[LAYER_OPTION] = conf->options;
	conf->layers[LAYER_ENVIRONMENT] = conf->environment;
	conf->layers[LAYER_USER] = section_entries(conf->files[FILE_USER].sections);
	conf->layers[LAYER_SYSTEM] = section_entries(conf->files[FILE_SYSTEM].sections);
	if (!conf->profile)
		return 0;
	for (int i = 0; i < FILE_COUNT; i++)
		sections[i] = conf_file_profile(&conf->files[i], conf->profile);
	if (!sections[FILE_USER] && !sections[FILE_SYSTEM])
		return no_such_profile(conf, err);
	conf->layers[LAYER_PROFILE] = section_entries(sections[FILE_USER]);
	conf->layers[LAYER_PROFILE_SYSTEM] = section_entries(sections[FILE_SYSTEM]);
	return 0;
}

static int read_file(struct conf *conf, int which, const char *path, bool must_exist, struct err *err)
{
	if (!path)
		return 0;
	if (conf->looked_for.len)
		buf_puts(&conf->looked_for, ", ");
	text_escape(&conf->looked_for, path, strlen(path), 0);
	return conf_file_read(&conf->files[which], path, must_exist, err);
}

int conf_load_paths(struct conf **out, const char *user, const char *system, bool must_exist,
		    const char *profile, struct err *err)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));
	int rc;

	*out = NULL;
	rc = read_file(conf, FILE_USER, user, must_exist, err);
	if (!rc)
		rc = read_file(conf, FILE_SYSTEM, system, false, err);
	if (!rc)
		rc = load_environment(conf, err);
	if (!rc) {
		list_profiles(conf);
		choose_profile(conf, profile);
		rc = lay_over(conf, err);
	}
	if (rc)
		conf_free(conf);
	else
		*out = conf;
	return rc;
}

/*
 * The user's file after the XDG Base Directory Specification, which says that a relative path does not
 * count.
 */
static bool user_file(struct buf *path)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		buf_printf(path, "%s/didctl/config", xdg);
	else if (home && *home == '/')
		buf_printf(path, "%s/.config/didctl/config", home);
	return path->len > 0;
}

int conf_load(struct conf **out, const char *file, const char *profile, struct err *err)
{
	struct buf path = {0};
	int rc;

	if (file)
		return conf_load_paths(out, file, NULL, true, profile, err);
	rc = conf_load_paths(out, user_file(&path) ? buf_str(&path) : NULL, SYSTEM_FILE, false, profile, err);
	buf_release(&path);
	return rc;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (int i = 0; i < FILE_COUNT; i++)
		conf_file_release(&conf->files[i]);
	free(conf->profiles);
	buf_release(&conf->looked_for);
	arena_release(&conf->arena);
	free(conf);
}

int conf_password(const struct conf *conf, char **out, struct err *err)
{
	enum layer file_layer = LAYER_COUNT, command_layer = LAYER_COUNT;
	const struct conf_entry *file = find(conf, SET_PASSWORD_FILE, &file_layer);
	const struct conf_entry *command = find(conf, SET_PASSWORD_COMMAND, &command_layer);

	*out = NULL;
	if (file && command && file_layer == command_layer)
		return err_set(err, ERR_TARGET,
			       "both password-file (%s) and password-command (%s) are set: keep one",
			       file->origin, command->origin);
	if (file && (!command || file_layer < command_layer))
		return secret_from_file(out, file->value, file->origin, err);
	return command ? secret_from_command(out, command->value, command->origin, err) : 0;
}

static int secret_of(const struct conf *conf, enum setting key, char **out, struct err *err)
{
	enum layer layer;
	const struct conf_entry *file = find(conf, key, &layer);

	*out = NULL;
	return file ? secret_from_file(out, file->value, file->origin, err) : 0;
}

int conf_api_key(const struct conf *conf, char **out, struct err *err)
{
	return secret_of(conf, SET_API_KEY_FILE, out, err);
}

int conf_smtp_password(const struct conf *conf, char **out, struct err *err)
{
	return secret_of(conf, SET_SMTP_PASSWORD_FILE, out, err);
}

int conf_ami_secret(const struct conf *conf, char **out, struct err *err)
{
	return secret_of(conf, SET_AMI_SECRET_FILE, out, err);
}
