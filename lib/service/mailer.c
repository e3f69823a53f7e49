#include "service/mailer.h"

#include <stdlib.h>
#include <string.h>

#include "base/libcurl.h"
#include "base/text.h"
#include "base/url.h"
#include "service/mime.h"
#include "service/sendmail.h"

struct mailer {
	struct libcurl *curl; /* NULL: program is used */
	const char *program;
	struct mail_transfer server;
	char *password;
};

/* What does not go together, before anything is sent. */
static int check_smtp(const struct mailer *m, const struct url *url, const char *tls, struct err *err)
{
	if (url->is_tls && tls)
		return err_set(err, ERR_TARGET, "smtp-tls is for smtp:// servers, and smtp names an smtps:// one");
	if (!m->server.user != !m->password)
		return err_set(err, ERR_TARGET, "smtp-user and smtp-password-file go together: one of them is not set");
	if (m->server.user && !url->is_tls && !m->server.wants_starttls && !url->is_loopback)
		return err_set(err, ERR_TARGET, "smtp-tls = none would send the password in clear text to another machine");
	return 0;
}

static int open_smtp(struct mailer *m, const struct conf *conf, struct err *err)
{
	const char *tls = conf_get(conf, SET_SMTP_TLS, NULL);
	struct url url;
	int rc = url_parse_smtp(&url, m->server.url, err);

	if (!rc)
		rc = conf_smtp_password(conf, &m->password, err);
	if (rc)
		return rc;
	m->server.user = conf_get(conf, SET_SMTP_USER, NULL);
	m->server.password = m->password;
	m->server.ca_file = conf_get(conf, SET_SMTP_CA_FILE, NULL);
	m->server.wants_starttls = !url.is_tls && (tls ? strcmp(tls, "starttls") == 0 : !url.is_loopback);
	rc = check_smtp(m, &url, tls, err);
	return rc ? rc : libcurl_open(&m->curl, 1, err);
}

static int set_up(struct mailer *m, const struct conf *conf, struct err *err)
{
	m->program = conf_get(conf, SET_SENDMAIL, NULL);
	m->server.url = conf_get(conf, SET_SMTP, NULL);
	m->server.from = conf_get(conf, SET_MAIL_FROM, NULL);
	if (m->program && m->server.url)
		return err_set(err, ERR_TARGET, "both smtp and sendmail are set: keep one");
	if (!m->program && !m->server.url)
		return err_set(err, ERR_TARGET, "neither smtp nor sendmail is set");
	if (!m->server.from)
		return err_set(err, ERR_TARGET, "mail-from is not set");
	return m->server.url ? open_smtp(m, conf, err) : 0;
}

int mailer_open(struct mailer **out, const struct conf *conf, struct err *err)
{
	struct mailer *m = xcalloc(1, sizeof(*m));
	int rc = set_up(m, conf, err);

	*out = rc ? NULL : m;
	if (rc)
		mailer_close(m);
	return rc;
}

void mailer_close(struct mailer *m)
{
	if (!m)
		return;
	libcurl_close(m->curl);
	secret_free(m->password);
	free(m);
}

/* 421 is of the server and not of the message, whenever it comes (RFC 5321, 3.8). */
static enum outgoing_end end_of_dialogue(const struct mail_end *end)
{
	if (end->is_taken)
		return OUTGOING_SENT;
	if (end->was_sent && end->status == 0)
		return OUTGOING_UNANSWERED;
	if (!end->names_recipient || end->status == 0 || end->status == 421)
		return OUTGOING_STUCK;
	return end->status < 500 ? OUTGOING_LATER : OUTGOING_REFUSED;
}

static enum outgoing_end send_by_smtp(struct mailer *m, const struct outgoing *message, const struct buf *text,
				      int64_t deadline_ms, struct err *why)
{
	struct mail_transfer letter = m->server;
	struct buf shown = {0};
	struct mail_end end;

	letter.to = message->message.recipient;
	letter.text = buf_str(text);
	letter.len = text->len;
	letter.deadline_ms = deadline_ms;
	libcurl_mail(m->curl, &letter, &end);
	text_escape(&shown, end.why, strlen(end.why), sizeof(end.why)); /* what is wrong often stands at its end */
	if (!end.is_taken)
		err_set(why, end.was_interrupted ? ERR_INTERRUPTED : ERR_TARGET, "the mail server %s: %s",
			end.status ? "answers" : end.was_sent ? "gave no answer to a whole message" : "cannot be used",
			buf_str(&shown));
	buf_release(&shown);
	return end_of_dialogue(&end);
}

static void drop_returns(struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != '\r')
			text->data[n++] = text->data[i];
	text->len = n;
}

enum outgoing_end mailer_send(struct mailer *m, const struct outgoing *message, int64_t deadline_ms, struct err *why)
{
	struct buf text = {0};
	enum outgoing_end end;

	mime_render(&text, message, m->server.from);
	if (m->curl) {
		end = send_by_smtp(m, message, &text, deadline_ms, why);
	} else {
		drop_returns(&text);
		end = sendmail_run(m->program, m->server.from, message->message.recipient, &text, deadline_ms, why);
	}
	buf_release(&text);
	return end;
}
