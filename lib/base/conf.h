/*
 * Settings: command line, environment, profile, user file, system file, default: the first that is set wins,
 * and each value knows where it came from. The list of settings is one table; an unknown key is ERR_TARGET
 * with file and line.
 */
#ifndef DIDCTL_CONF_H
#define DIDCTL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* clang-format off */
enum setting {
	SET_TARGET, SET_PASSWORD_FILE, SET_PASSWORD_COMMAND, SET_DEFAULTS_FILE, SET_TLS, SET_CA_FILE,
	SET_API_KEY_FILE, SET_JOBS, SET_COUNTRY, SET_HOLD_DAYS, SET_PENDING_DAYS, SET_RANGE_PROD, SET_RANGE_STAGING,
	SET_RANGE_OSS, SET_TRUNK_RANGE, SET_FALLBACK_CALLER_ID, SET_ROUTING_TYPES, SET_CONTEXT_PREFIX_COLUMN,
	SET_ACTOR, SET_ASTERISK_DIR, SET_AMI, SET_AMI_SECRET_FILE, SET_AMI_CLEAR_TEXT, SET_REGEN, SET_OSS_CONTEXT,
	SET_GATEWAY_FILE, SET_PORT_HOLIDAYS, SET_GATEWAY_CONTEXT, SET_STAGING_ENDPOINT, SET_SPELLINGS, SET_SMTP, SET_SMTP_TLS,
	SET_CNAM_COMMAND, SET_E911_COMMAND, SET_SMTP_USER, SET_SMTP_PASSWORD_FILE, SET_SMTP_CA_FILE, SET_SENDMAIL, SET_MAIL_FROM, SET_MAIL_TO,
	SET_COUNT
};
/* clang-format on */

struct setting_info {
	const char *key; /* "hold-days" in files; the variable is DIDCTL_HOLD_DAYS ('.' becomes '_' too) */
	const char *fallback; /* the default, or NULL */
	const char *help;     /* one sentence for didctl-config(5), lower case, no full stop */
	bool is_secret;	      /* its value is masked when printed */
	bool profile_only;    /* may not stand outside a [profile NAME] section */
	bool is_connection;   /* belongs to the target of its profile: never used to reach another one */
	bool is_path;	      /* a leading "~/" in a file means $HOME/ */
	int (*check)(const char *value, struct err *err); /* or NULL: checked by whoever uses it */
};

extern const struct setting_info setting_info[SET_COUNT];

/* The environment variable of a setting, "DIDCTL_HOLD_DAYS". */
#define SETTING_VARIABLE 40
char *setting_variable(enum setting key, char out[SETTING_VARIABLE]);

/*
 * ERR_TARGET if the value is not UTF-8, has control characters, or is not what the setting takes. Never
 * shows it.
 */
int setting_check(enum setting key, const char *value, struct err *err);

/* Appends a value as it may be shown: of a secret, or of a password in a URL, only "***". */
void setting_mask(struct buf *out, enum setting key, const char *value);

struct conf;

/*
 * Reads the files (file: what --config named, then only that one is read and must exist; else the user's and
 * the system's, which may be missing) and picks the profile: the argument, else DIDCTL_PROFILE, else
 * default-profile. ERR_TARGET: unreadable, a directory, unknown key or section, bad line or value, duplicate
 * key or profile, line over 64 KiB, no such profile. A NULL profile with nothing set is no error: then only
 * the global keys count.
 */
int conf_load(struct conf **out, const char *file, const char *profile, struct err *err);
/* The same once the paths are known (either may be NULL): must_exist is for the user's. */
int conf_load_paths(struct conf **out, const char *user, const char *system, bool must_exist,
		    const char *profile, struct err *err);
void conf_free(struct conf *conf);

/*
 * The value or NULL. origin, if not NULL, gets "--target", "DIDCTL_TARGET", "/etc/didctl/config:3",
 * "default" or "". The target of a profile that -p named goes before DIDCTL_TARGET; everything else of a
 * profile after the environment. How to reach a target (is_connection) is not taken from a profile that
 * names another target.
 */
const char *conf_get(const struct conf *conf, enum setting key, const char **origin);
/* Sets a value from the command line; the strings must outlive conf. */
void conf_override(struct conf *conf, enum setting key, const char *value, const char *option);

/*
 * The profile in use, or NULL; where it was named ("--profile", "DIDCTL_PROFILE", "FILE:LINE", ""); its
 * own target.
 */
const char *conf_profile(const struct conf *conf);
const char *conf_profile_origin(const struct conf *conf);
const char *conf_profile_target(const struct conf *conf);

size_t conf_profiles(const struct conf *conf, const char *const **names); /* all profiles, sorted */
const char *conf_files(const struct conf *conf); /* the files that were looked for, "a, b", for messages */

/*
 * Reads the secret of a file or command setting (SET_PASSWORD_FILE and SET_PASSWORD_COMMAND, of which the
 * one that was set nearer counts, or SET_API_KEY_FILE) into memory that secret_free wipes. The file must be
 * a regular file of ours (or root's) that group and others may not touch (checked on the open descriptor;
 * the hint has the chmod to run). One trailing newline is dropped; empty, over 4 KiB, or with CR, LF or NUL
 * inside: ERR_TARGET. *out is NULL when none of them is set. A command runs with /bin/sh -c and must exit 0.
 */
int conf_password(const struct conf *conf, char **out, struct err *err);
int conf_api_key(const struct conf *conf, char **out, struct err *err);
int conf_ami_secret(const struct conf *conf, char **out, struct err *err); /* SET_AMI_SECRET_FILE, likewise */
int conf_smtp_password(const struct conf *conf, char **out, struct err *err); /* SET_SMTP_PASSWORD_FILE, likewise */
void secret_free(char *secret);

#endif
