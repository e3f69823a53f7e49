#include "dialplan/ami.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/tcp.h"
#include "base/text.h"

#define BANNER	 "Asterisk Call Manager/"
#define ID_TEXT	 32
#define HOST_MAX 255 /* RFC 1035 */

struct ami {
	struct tcp tcp;
	char *name, *user; /* fit to be shown */
	int64_t timeout_ms, end_ms;
	uint64_t actions;
	bool is_broken;
};

/* USER@HOST[:PORT] in its parts. */
struct address {
	char *user, *host, *port;
};

static void address_release(struct address *address)
{
	free(address->user);
	free(address->host);
	free(address->port);
}

static int bad_address(const char *where, const char *what, struct err *err)
{
	char shown[TEXT_SHOWN];

	err_set(err, ERR_TARGET, "setting 'ami': '%s' %s", text_show(shown, where, strlen(where)), what);
	err_hint(err, "ami = USER@HOST[:PORT], such as didctl@localhost:" AMI_PORT " or didctl@[::1]");
	return ERR_TARGET;
}

static bool is_port(const char *s)
{
	size_t len = strlen(s);
	long n = len <= 5 && strspn(s, "0123456789") == len ? strtol(s, NULL, 10) : 0;

	return n >= 1 && n <= 65535;
}

static int parse_address(struct address *out, const char *where, struct err *err)
{
	const char *at = strrchr(where, '@');
	const char *host = at ? at + 1 : where;
	bool has_brackets = *host == '[';
	size_t len = strcspn(host + has_brackets, has_brackets ? "]" : ":");
	const char *rest = host + has_brackets + len;

	if (!at || at == where)
		return bad_address(where, "names no user", err);
	if (len == 0 || len > HOST_MAX)
		return bad_address(where, "names no host", err);
	if (has_brackets && *rest++ != ']')
		return bad_address(where, "lacks the ']' of its address", err);
	if (*rest && (*rest != ':' || !is_port(rest + 1)))
		return bad_address(where, "has no port from 1 to 65535 behind its host", err);
	out->user = xstrndup(where, (size_t)(at - where));
	out->host = xstrndup(host + has_brackets, len);
	out->port = xstrdup(*rest ? rest + 1 : AMI_PORT);
	return 0;
}

static char *shown_copy(const char *s, size_t len)
{
	char shown[TEXT_SHOWN];

	return xstrdup(text_show(shown, s, len));
}

/* Puts the subject in front of what went wrong with the connection, which then is of no more use. */
static int broken(struct ami *ami, int rc, struct err *err)
{
	ami->is_broken = true;
	tcp_close(&ami->tcp);
	if (rc == ERR_INTERRUPTED)
		return err_set(err, rc, "interrupted while waiting for the switch at '%s'", ami->name);
	err_prefix(err, "the switch's manager interface at '%s' ", ami->name);
	if (err && !err->hint[0])
		err_hint(err, "is it the switch that listens there, and does it run? on its host: asterisk -rx 'manager show settings'");
	return rc;
}

static int unexpected(struct ami *ami, const char *what, const char *line, size_t len, struct err *err)
{
	char shown[TEXT_SHOWN];

	return broken(ami, err_set(err, ERR_TARGET, "%s: '%s'", what, text_show(shown, line, len)), err);
}

/* Anyone could put a line of an action of their own into a value with a line's end. */
static int check_field(const struct ami_field *field, struct err *err)
{
	if (strpbrk(field->value, "\r\n"))
		return err_set(err, ERR_TARGET, "the value of '%s' for the switch has a line's end in it",
			       field->key);
	if (strlen(field->value) > AMI_VALUE_MAX)
		return err_set(err, ERR_TARGET, "the value of '%s' for the switch has more than %d bytes",
			       field->key, AMI_VALUE_MAX);
	return 0;
}

static int64_t deadline(const struct ami *ami, int64_t timeout_ms)
{
	int64_t end = clock_monotonic_ms() + (timeout_ms ? timeout_ms : ami->timeout_ms);

	return ami->end_ms && ami->end_ms < end ? ami->end_ms : end;
}

static size_t fields_size(const struct ami_field *fields, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += strlen(fields[i].key) + strlen(fields[i].value) + strlen(": \r\n");
	return size;
}

static void add_fields(struct buf *request, const struct ami_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(request, fields[i].key);
		buf_puts(request, ": ");
		buf_puts(request, fields[i].value);
		buf_puts(request, "\r\n");
	}
}

static int send_action(struct ami *ami, const char *action, const char *id, const struct ami_field *fields,
		       size_t nfields, int64_t deadline_ms, struct err *err)
{
	const struct ami_field head[] = {{"Action", action}, {"ActionID", id}};
	size_t size = fields_size(head, ARRAY_SIZE(head)) + fields_size(fields, nfields) + sizeof("\r\n");
	/* All the room at once: growing would leave a copy of a secret behind. */
	struct buf request = {.data = xcalloc(1, size), .cap = size};
	int rc;

	add_fields(&request, head, ARRAY_SIZE(head));
	add_fields(&request, fields, nfields);
	buf_puts(&request, "\r\n");
	rc = tcp_write(&ami->tcp, request.data, request.len, deadline_ms, err);
	explicit_bzero(request.data, request.cap);
	buf_release(&request);
	return rc ? broken(ami, rc, err) : 0;
}

/* Where in a message the reader is, and what of it counts. */
struct message {
	const char *id; /* of the action */
	const struct ami_expect *expect;
	struct ami_answer *answer;
	int64_t deadline_ms;
	uint64_t bytes_left;
	bool is_event, has_response, has_id;
};

/*
 * "Key: value" into its parts: Output lines may begin with blanks of their own, so only one belongs to the
 * colon.
 */
static bool split(char *line, char **value)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return false;
	*colon = '\0';
	*value = colon + 1 + (colon[1] == ' ');
	return true;
}

static int take_response(struct ami *ami, struct message *m, const char *value, size_t len, struct err *err)
{
	m->has_response = true;
	m->answer->is_success = !strcmp(value, "Success");
	if (m->answer->is_success || !strcmp(value, "Error"))
		return 0;
	if (strcmp(value, "Follows") != 0)
		return unexpected(ami, "gives an answer of no known kind", value, len, err);
	return broken(ami, err_set(err, ERR_TARGET, "is of an Asterisk before 14, which speaks otherwise"),
		      err);
}

static int take_field(struct ami *ami, struct message *m, const char *key, const char *value, size_t len,
		      struct err *err)
{
	if (!strcmp(key, "Event") && !m->has_response)
		m->is_event = true;
	if (m->is_event)
		return 0;
	if (!strcmp(key, "Response") && !m->has_response)
		return take_response(ami, m, value, len, err);
	if (!strcmp(key, "ActionID")) {
		m->has_id = !strcmp(value, m->id);
		return m->has_id ? 0 : unexpected(ami, "answers another action", value, len, err);
	}
	if (!m->has_response)
		return unexpected(ami, "does not begin its answer with a response", key, strlen(key), err);
	if (!strcmp(key, "Message"))
		text_show(m->answer->message, value, len);
	else if (m->expect->line)
		m->expect->line(m->expect->data, key, value, len);
	return 0;
}

static int read_line(struct ami *ami, struct message *m, char **line, size_t *len, struct err *err)
{
	int rc = tcp_line(&ami->tcp, line, len, m->deadline_ms, err);

	if (rc)
		return broken(ami, rc, err);
	if (*len >= m->bytes_left)
		return broken(ami, err_set(err, ERR_TARGET, "does not end its answer"), err);
	m->bytes_left -= *len + 1;
	return 0;
}

/* Up to the empty line behind it. */
static int read_message(struct ami *ami, struct message *m, struct err *err)
{
	m->is_event = m->has_response = m->has_id = false;
	for (;;) {
		char *line, *value;
		size_t len;
		int rc = read_line(ami, m, &line, &len, err);

		if (rc || len == 0)
			return rc;
		if (!split(line, &value)) {
			if (m->has_response) /* GetConfig: "No categories found" */
				continue;
			return unexpected(ami, "sent what is no line of its protocol", line, len, err);
		}
		rc = take_field(ami, m, line, value, len - (size_t)(value - line), err);
		if (rc)
			return rc;
	}
}

/* Some events come whatever the login asked for. */
static int read_answer(struct ami *ami, struct message *m, struct err *err)
{
	do {
		int rc = read_message(ami, m, err);

		if (rc)
			return rc;
	} while (m->is_event);
	if (m->has_response && m->has_id)
		return 0;
	return broken(ami, err_set(err, ERR_TARGET, "sent an answer without a response or an ActionID"), err);
}

int ami_action(struct ami *ami, const char *action, const struct ami_field *fields, size_t nfields,
	       const struct ami_expect *expect, struct ami_answer *answer, struct err *err)
{
	static const struct ami_expect usual = {0};
	char id[ID_TEXT];
	struct message m = {.id = id, .expect = expect ? expect : &usual, .answer = answer};
	int rc = 0;

	*answer = (struct ami_answer){.is_success = false};
	if (ami->is_broken)
		return err_set(err, ERR_TARGET,
			       "the switch's manager interface at '%s' is not connected any more", ami->name);
	snprintf(id, sizeof(id), "didctl-%" PRIu64, ++ami->actions);
	for (size_t i = 0; i < nfields && !rc; i++)
		rc = check_field(&fields[i], err);
	if (rc)
		return rc;
	m.deadline_ms = deadline(ami, m.expect->timeout_ms);
	m.bytes_left = m.expect->bytes_max ? m.expect->bytes_max : AMI_BYTES_MAX;
	rc = send_action(ami, action, id, fields, nfields, m.deadline_ms, err);
	return rc ? rc : read_answer(ami, &m, err);
}

/* Error is also what a command answers that found nothing: only one that was not run has no output. */
int ami_command(struct ami *ami, const char *command, const struct ami_expect *expect,
		struct ami_answer *answer, struct err *err)
{
	const struct ami_field field = {"Command", command};
	int rc = ami_action(ami, "Command", &field, 1, expect, answer, err);

	if (rc || answer->is_success || !strcmp(answer->message, "Command output follows"))
		return rc;
	err_set(err, ERR_TARGET, "the switch at '%s' did not run '%s': %s", ami->name, command,
		answer->message);
	err_hint(err, "in manager.conf the user '%s' needs command in 'write'", ami->user);
	return ERR_TARGET;
}

/* What does not say that it is one gets no secret. */
static int read_banner(struct ami *ami, struct err *err)
{
	char *line;
	size_t len;
	int rc = tcp_line(&ami->tcp, &line, &len, deadline(ami, 0), err);

	if (rc)
		return broken(ami, rc, err);
	if (!strncmp(line, BANNER, strlen(BANNER)))
		return 0;
	rc = unexpected(ami, "is not one: it begins with", line, len, err);
	err_hint(err, "setting 'ami' must name the port of manager.conf, which is " AMI_PORT
		      " there if none is set");
	return rc;
}

static int check_clear_text(struct ami *ami, const struct ami_login *login, struct err *err)
{
	int rc;

	if (login->clear_text || tcp_is_loopback(&ami->tcp))
		return 0;
	rc = err_set(err, ERR_TARGET, "is on another machine, and would get the secret in clear text");
	broken(ami, rc, err);
	err_hint(err, "tunnel it (ssh -L 5038:localhost:5038 HOST) and name localhost, or set ami-clear-text "
		      "= yes if the network between is yours");
	return rc;
}

static int log_in(struct ami *ami, const char *user, const char *secret, struct err *err)
{
	const struct ami_field fields[] = {{"Username", user}, {"Secret", secret}, {"Events", "off"}};
	struct ami_answer answer;
	int rc = ami_action(ami, "Login", fields, ARRAY_SIZE(fields), NULL, &answer, err);

	if (rc || answer.is_success)
		return rc;
	err_set(err, ERR_TARGET, "the switch at '%s' refuses the login of '%s': %s", ami->name, ami->user,
		answer.message);
	err_hint(err, "compare setting 'ami' and the secret in ami-secret-file with manager.conf, its deny and "
		      "permit too");
	return ERR_TARGET;
}

static int connect_to(struct ami *ami, const struct address *address, const struct ami_login *login,
		      struct err *err)
{
	int rc = tcp_open(&ami->tcp, address->host, address->port, deadline(ami, 0), err);

	if (rc) {
		broken(ami, rc, err);
		if (rc == ERR_TARGET)
			err_hint(err, "is Asterisk running there, with enabled = yes in manager.conf, and "
				      "does setting 'ami' name its port");
		return rc;
	}
	rc = check_clear_text(ami, login, err);
	if (!rc)
		rc = read_banner(ami, err);
	return rc ? rc : log_in(ami, address->user, login->secret, err);
}

int ami_open(struct ami **out, const struct ami_login *login, struct err *err)
{
	struct address address = {0};
	struct buf name = {0};
	struct ami *ami;
	int rc = parse_address(&address, login->where, err);

	*out = NULL;
	if (rc)
		return rc;
	ami = xcalloc(1, sizeof(*ami));
	ami->tcp.fd = -1;
	ami->timeout_ms = login->timeout_ms ? login->timeout_ms : AMI_TIMEOUT_MS;
	ami->end_ms = login->total_ms ? clock_monotonic_ms() + login->total_ms : 0;
	buf_printf(&name, strchr(address.host, ':') ? "[%s]:%s" : "%s:%s", address.host, address.port);
	ami->name = shown_copy(name.data, name.len);
	ami->user = shown_copy(address.user, strlen(address.user));
	rc = connect_to(ami, &address, login, err);
	if (rc)
		ami_close(ami);
	else
		*out = ami;
	buf_release(&name);
	address_release(&address);
	return rc;
}

int ami_open_configured(struct ami **out, const struct conf *conf, int64_t timeout_ms, int64_t total_ms,
			struct err *err)
{
	const char *clear_text = conf_get(conf, SET_AMI_CLEAR_TEXT, NULL);
	struct ami_login login = {
		.where = conf_get(conf, SET_AMI, NULL),
		.clear_text = !strcmp(clear_text, "yes"),
		.timeout_ms = timeout_ms,
		.total_ms = total_ms,
	};
	char *secret = NULL;
	int rc;

	*out = NULL;
	if (!login.where) {
		err_set(err, ERR_TARGET, "no switch is configured: setting 'ami' is not set");
		err_hint(err, "ami = USER@HOST[:PORT] in the configuration, the user of manager.conf");
		return ERR_TARGET;
	}
	rc = conf_ami_secret(conf, &secret, err);
	if (!rc && !secret) {
		rc = err_set(err, ERR_TARGET, "setting 'ami' is set, but ami-secret-file is not");
		err_hint(err, "put the user's secret into a file of mode 0600 that ami-secret-file names");
	}
	login.secret = secret;
	if (!rc)
		rc = ami_open(out, &login, err);
	secret_free(secret);
	return rc;
}

const char *ami_name(const struct ami *ami)
{
	return ami->name;
}

/* Without a Logoff: its answer would be one more thing to wait for, and the switch takes the end as well. */
void ami_close(struct ami *ami)
{
	if (!ami)
		return;
	tcp_close(&ami->tcp);
	free(ami->name);
	free(ami->user);
	free(ami);
}
