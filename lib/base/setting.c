/* The table of settings, and what each takes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/text.h"
#include "base/url.h"

#define DAYS_MAX   3650
#define JOBS_MAX   64
#define SLUG_MAX   63 /* of a context or routing type, safety.md */
#define SLUG_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"
#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_LEN 64
#define MASK	   "***"

/* The password in "scheme://user:PASSWORD@host" within its first len bytes, or NULL. */
static const char *find_password(const char *url, size_t len, size_t *password_len)
{
	const char *at = memrchr(url, '@', len);
	const char *rest = strstr(url, "://");
	const char *colon;

	if (!at || !rest || rest + 3 > at)
		return NULL;
	rest += 3;
	colon = memchr(rest, ':', (size_t)(at - rest));
	if (!colon)
		return NULL;
	*password_len = (size_t)(at - colon) - 1;
	return colon + 1;
}

static int check_target(const char *value, struct err *err)
{
	const char *rest = strstr(value, "://");
	size_t authority = rest ? 3 + strcspn(rest + 3, "/?#") : 0;
	size_t len;

	if (!rest || !find_password(value, (size_t)(rest - value) + authority, &len))
		return 0;
	err_set(err, ERR_TARGET, "the URL has a password in it");
	err_hint(err,
		 "write 'mysql://USER@HOST/DB' and put the password into a file that password-file names");
	return ERR_TARGET;
}

/* The rest of it is looked at by who connects; a password must not even be shown. */
static int check_ami(const char *value, struct err *err)
{
	const char *at = strrchr(value, '@');

	if (!at || !memchr(value, ':', (size_t)(at - value)))
		return 0;
	err_set(err, ERR_TARGET, "it has a password in it");
	err_hint(err, "write USER@HOST[:PORT] and put the secret into a file that ami-secret-file names");
	return ERR_TARGET;
}

static int check_tls(const char *value, struct err *err)
{
	if (!strcmp(value, "verify") || !strcmp(value, "insecure"))
		return 0;
	return err_set(err, ERR_TARGET, "it is neither 'verify' nor 'insecure'");
}

static int check_yes_no(const char *value, struct err *err)
{
	if (!strcmp(value, "yes") || !strcmp(value, "no"))
		return 0;
	return err_set(err, ERR_TARGET, "it is neither 'yes' nor 'no'");
}

static int check_days(const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len > 0 && len <= 4 && strspn(value, "0123456789") == len && strtol(value, NULL, 10) <= DAYS_MAX)
		return 0;
	return err_set(err, ERR_TARGET, "it is not a number of days from 0 to %d", DAYS_MAX);
}

static int check_dates(const char *value, struct err *err)
{
	for (const char *at = value;; at++) {
		size_t len = strcspn(at, ",");
		char date[11] = "";
		int64_t ms;

		if (len == sizeof(date) - 1)
			memcpy(date, at, len);
		if (!*date || clock_parse_date(&ms, date, NULL))
			return err_set(err, ERR_TARGET, "it is not a list of dates 2026-11-26,2026-12-25");
		at += len;
		if (!*at)
			return 0;
	}
}

static bool is_slug(const char *s, size_t len)
{
	return len > 0 && len <= SLUG_MAX && strspn(s, SLUG_CHARS) >= len;
}

/* Of a dialplan that is not ours: a '-' is common there. */
static int check_context(const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len > 0 && len <= SLUG_MAX && strspn(value, SLUG_CHARS "-") == len)
		return 0;
	return err_set(err, ERR_TARGET, "it is not made of 1 to %d of a-z, 0-9, '_' and '-'", SLUG_MAX);
}

static int check_slugs(const char *value, struct err *err)
{
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ",");

		if (!is_slug(p, len))
			return err_set(err, ERR_TARGET,
				       "it is not a list a,b,c of words of a-z, 0-9 and '_'");
		p += len;
		if (!*p)
			return 0;
	}
}

/* The name goes into SQL, so nothing that would need quoting. */
static int check_column(const char *value, struct err *err)
{
	if (!isdigit((unsigned char)*value) && strlen(value) <= SLUG_MAX &&
	    !value[strspn(value, SLUG_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
		return 0;
	return err_set(err, ERR_TARGET, "it is not the name of a column");
}

/* An endpoint's name, or a file's beside others: neither hidden nor an option nor in another directory. */
static int check_name(const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len > 0 && len <= NAME_MAX_LEN && strspn(value, NAME_CHARS) == len && *value != '.' && *value != '-')
		return 0;
	return err_set(err, ERR_TARGET,
		       "it is not a name of 1 to %d letters, digits, '_', '.' and '-', the first neither '.' nor '-'",
		       NAME_MAX_LEN);
}

static int check_spellings(const char *value, struct err *err)
{
	static const char *const words[] = {"national", "international", "plus"};
	const char *at = value;

	for (;; at++) {
		size_t len = strcspn(at, ",");
		bool is_known = false;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			is_known |= strlen(words[i]) == len && strncmp(words[i], at, len) == 0;
		if (!is_known)
			return err_set(err, ERR_TARGET, "it is not a list of national, international and plus");
		at += len;
		if (!*at)
			return 0;
	}
}

static int check_jobs(const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len && len <= 2 && strspn(value, "0123456789") == len && strtoul(value, NULL, 10) - 1 < JOBS_MAX)
		return 0;
	return err_set(err, ERR_TARGET, "it is no whole number from 1 to %d", JOBS_MAX);
}

static int check_smtp(const char *value, struct err *err)
{
	struct url url;

	return url_parse_smtp(&url, value, err);
}

static int check_smtp_tls(const char *value, struct err *err)
{
	if (!strcmp(value, "starttls") || !strcmp(value, "none"))
		return 0;
	return err_set(err, ERR_TARGET, "it is neither 'starttls' nor 'none'");
}

static int check_address(const char *value, struct err *err)
{
	return address_check(value, 1, err) ? (err->code = ERR_TARGET) : 0;
}

static int check_addresses(const char *value, struct err *err)
{
	return address_check(value, 0, err) ? (err->code = ERR_TARGET) : 0;
}

static int check_absolute(const char *value, struct err *err)
{
	if (*value == '/')
		return 0;
	return err_set(err, ERR_TARGET, "it is not an absolute path");
}

/* clang-format off */
const struct setting_info setting_info[SET_COUNT] = {
	[SET_TARGET] = {
		.key = "target", .profile_only = true, .check = check_target,
		.help = "the inventory: sqlite:PATH, mysql://[USER@]HOST[:PORT][,HOST...]/DB, "
			"mysql://[USER@]/DB?socket=PATH or https://HOST[:PORT]/BASE, without a password",
	},
	[SET_PASSWORD_FILE] = {
		.key = "password-file", .is_connection = true, .is_path = true,
		.help = "the file that holds the database password in its one line; it must belong to you or "
			"root and have mode 0600",
	},
	[SET_PASSWORD_COMMAND] = {
		.key = "password-command", .is_secret = true, .is_connection = true,
		.help = "the command, run by /bin/sh, that prints the database password, for instance from a "
			"keyring, instead of password-file",
	},
	[SET_DEFAULTS_FILE] = {
		.key = "defaults-file", .is_connection = true, .is_path = true,
		.help = "the my.cnf whose groups [client] and [didctl] hold the database user and password",
	},
	[SET_TLS] = {
		.key = "tls", .fallback = "verify", .is_connection = true, .check = check_tls,
		.help = "how a server that is neither local nor a socket is trusted: verify, by a certificate "
			"that is valid for its name, or insecure, as it is, in clear text too",
	},
	[SET_CA_FILE] = {
		.key = "ca-file", .is_connection = true, .is_path = true,
		.help = "the PEM file of the authorities that sign the server's certificate, instead of the "
			"system's",
	},
	[SET_API_KEY_FILE] = {
		.key = "api-key-file", .is_connection = true, .is_path = true,
		.help = "the file that holds the key of an https:// target in its one line, kept like "
			"password-file",
	},
	[SET_JOBS] = {
		.key = "jobs", .fallback = "8", .check = check_jobs,
		.help = "how many requests, 1 to 64, are sent to an https:// target at once",
	},
	[SET_COUNTRY] = {
		.key = "country",
		.help = "the country whose national numbers are understood, as two letters such as IN or US, "
			"where the inventory itself does not say; there is no default",
	},
	[SET_HOLD_DAYS] = {
		.key = "hold-days", .fallback = "0", .check = check_days,
		.help = "how many days, 0 to 3650, a released number stays on hold, where neither the "
			"command, the number nor its package says; 0 frees it at once",
	},
	[SET_PENDING_DAYS] = {
		.key = "pending-days", .fallback = "7", .check = check_days,
		.help = "after how many days, 0 to 3650, pool sweep returns a request that nobody has "
			"answered",
	},
	[SET_PORT_HOLIDAYS] = {
		.key = "port-holidays", .check = check_dates,
		.help = "dates from Monday to Friday, 2026-11-26,2026-12-25, that are no business days to the carriers that "
			"port orders go to",
	},
	[SET_RANGE_PROD] = {
		.key = "range.prod",
		.help = "the numbers that by convention are of the environment prod, as ranges joined by "
			"commas; env check warns of others",
	},
	[SET_RANGE_STAGING] = {
		.key = "range.staging",
		.help = "the numbers that by convention are of the environment staging, as ranges joined by "
			"commas",
	},
	[SET_RANGE_OSS] = {
		.key = "range.oss",
		.help = "the numbers that by convention are of the environment oss, as ranges joined by "
			"commas",
	},
	[SET_TRUNK_RANGE] = {
		.key = "trunk-range",
		.help = "the numbers that the trunk lets pass as caller ID, as ranges joined by commas; "
			"without it the trunk is taken to let every number pass",
	},
	[SET_FALLBACK_CALLER_ID] = {
		.key = "fallback-caller-id", .fallback = "+918065978001",
		.help = "the number that the trunk shows for a caller ID outside trunk-range",
	},
	[SET_ROUTING_TYPES] = {
		.key = "routing-types", .check = check_slugs,
		.fallback = "extension,queue,ivr,ai_agent,call_flow",
		.help = "the types that a route may have, joined by commas",
	},
	[SET_CONTEXT_PREFIX_COLUMN] = {
		.key = "context-prefix-column", .fallback = "context_prefix", .check = check_column,
		.help = "the column of the table organizations that holds the context prefix",
	},
	[SET_ACTOR] = {
		.key = "actor",
		.help = "the name that the history records for your changes, instead of the login name",
	},
	[SET_ASTERISK_DIR] = {
		.key = "asterisk-dir", .fallback = "/etc/asterisk", .is_path = true, .check = check_absolute,
		.help = "the directory that regen writes the switch's files to, as an absolute path",
	},
	[SET_AMI] = {
		.key = "ami", .is_connection = true, .check = check_ami,
		.help = "the Asterisk manager interface that reloads the dialplan, as USER@HOST[:PORT], "
			"without a password",
	},
	[SET_AMI_SECRET_FILE] = {
		.key = "ami-secret-file", .is_connection = true, .is_path = true,
		.help = "the file that holds the secret of the user of ami in its one line, kept like "
			"password-file",
	},
	[SET_AMI_CLEAR_TEXT] = {
		.key = "ami-clear-text", .fallback = "no", .is_connection = true, .check = check_yes_no,
		.help = "whether the secret may go to a switch on another machine, yes or no: the manager "
			"interface is not encrypted, so yes only where the network between is yours, such as a "
			"tunnel",
	},
	[SET_REGEN] = {
		.key = "regen", .check = check_yes_no,
		.help = "whether a change that moves calls regenerates the switch's files, yes or no; where "
			"it is not set, yes over the API and no on a database",
	},
	[SET_OSS_CONTEXT] = {
		.key = "oss-context", .fallback = "oss-did-route", .check = check_context,
		.help = "the context in which the OSS host looks up its numbers",
	},
	[SET_GATEWAY_FILE] = {
		.key = "gateway-file", .fallback = "ext_tata_gateway.conf", .check = check_name,
		.help = "the name of the dispatcher's file in asterisk-dir",
	},
	[SET_GATEWAY_CONTEXT] = {
		.key = "gateway-context", .fallback = "from-tata", .check = check_context,
		.help = "the context of the dispatcher's file that calls from the carrier come into",
	},
	[SET_STAGING_ENDPOINT] = {
		.key = "staging-endpoint", .fallback = "cloud-endpoint-stage", .check = check_name,
		.help = "the PJSIP endpoint that calls to numbers of the environment staging are forwarded to",
	},
	[SET_CNAM_COMMAND] = {
		.key = "cnam-command", .is_secret = true,
		.help = "the program, run by /bin/sh, that puts caller names to their provider for 'didctl cnam sync'",
	},
	[SET_E911_COMMAND] = {
		.key = "e911-command", .is_secret = true,
		.help = "the program, run by /bin/sh, that puts emergency addresses to their provider for 'didctl e911 sync'",
	},
	[SET_SPELLINGS] = {
		.key = "spellings", .fallback = "national,international", .check = check_spellings,
		.help = "the spellings under which the carrier sends a number, joined by commas: national "
			"(08065978002), international (918065978002), plus (+918065978002)",
	},
	[SET_SMTP] = {
		.key = "smtp", .is_connection = true, .check = check_smtp,
		.help = "the mail server that is told what becomes of ports: smtp://HOST[:PORT] or "
			"smtps://HOST[:PORT], without a user",
	},
	[SET_SMTP_TLS] = {
		.key = "smtp-tls", .is_connection = true, .check = check_smtp_tls,
		.help = "what an smtp:// server must offer before anything is said to it: starttls, with a "
			"certificate that is valid for its name, or none; by default none on loopback, else starttls",
	},
	[SET_SMTP_USER] = {
		.key = "smtp-user", .is_connection = true,
		.help = "the user at the mail server; without it nobody logs in",
	},
	[SET_SMTP_PASSWORD_FILE] = {
		.key = "smtp-password-file", .is_connection = true, .is_path = true,
		.help = "the file that holds that user's password in its one line, kept like password-file",
	},
	[SET_SMTP_CA_FILE] = {
		.key = "smtp-ca-file", .is_connection = true, .is_path = true,
		.help = "the PEM file of the authorities that sign the mail server's certificate, instead of the "
			"system's",
	},
	[SET_SENDMAIL] = {
		.key = "sendmail", .is_connection = true, .is_path = true, .check = check_absolute,
		.help = "the program that takes mail instead of a server, called as sendmail is: "
			"PROGRAM -i -f FROM -- RECIPIENT",
	},
	[SET_MAIL_FROM] = {
		.key = "mail-from", .is_connection = true, .check = check_address,
		.help = "the address that mail comes from, and that it returns to where it cannot be delivered",
	},
	[SET_MAIL_TO] = {
		.key = "mail-to", .is_connection = true, .check = check_addresses,
		.help = "the operator's addresses, joined by commas, that are told what becomes of all ports",
	},
};
/* clang-format on */

char *setting_variable(enum setting key, char out[SETTING_VARIABLE])
{
	static const char prefix[] = "DIDCTL_";
	const char *from = setting_info[key].key;
	char *to = out + sizeof(prefix) - 1;

	memcpy(out, prefix, sizeof(prefix));
	while (*from && to < out + SETTING_VARIABLE - 1) {
		bool is_letter = *from >= 'a' && *from <= 'z'; /* ASCII, whatever the locale */

		*to++ = *from == '-' || *from == '.' ? '_' : (char)(is_letter ? *from & ~0x20 : *from);
		from++;
	}
	*to = '\0';
	return out;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return true;
	return false;
}

static int check_value(enum setting key, const char *value, struct err *err)
{
	if (!text_is_utf8(value, strlen(value)))
		return err_set(err, ERR_TARGET, "it is not UTF-8");
	if (has_control(value))
		return err_set(err, ERR_TARGET, "it has control characters");
	return setting_info[key].check ? setting_info[key].check(value, err) : 0;
}

int setting_check(enum setting key, const char *value, struct err *err)
{
	int rc = check_value(key, value, err);

	if (rc)
		err_prefix(err, "bad value of '%s': ", setting_info[key].key);
	return rc;
}

void setting_mask(struct buf *out, enum setting key, const char *value)
{
	const char *password;
	size_t len;

	if (setting_info[key].is_secret) {
		buf_puts(out, MASK);
		return;
	}
	/* Rather too much than too little: a password may have '/' in it. */
	password = find_password(value, strcspn(value, "?"), &len);
	if (!password) {
		buf_puts(out, value);
		return;
	}
	buf_add(out, value, (size_t)(password - value));
	buf_puts(out, MASK);
	buf_puts(out, password + len);
}
