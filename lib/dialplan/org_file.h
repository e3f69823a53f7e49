/*
 * The file of one organisation (dialplan.md): where its calls come in, and for each number a subroutine that
 * records or not and sends the call on. Numbers are pushed in any order, then settled once, then rendered.
 */
#ifndef DIDCTL_ORG_FILE_H
#define DIDCTL_ORG_FILE_H

#include "base/err.h"
#include "dialplan/dispatch.h"
#include "dialplan/routes.h"
#include "dialplan/contents.h"
#include "base/writer.h"

/*
 * Which context takes the calls of a routing type. One that starts with '_' is put behind the organisation's
 * prefix. A type that is not listed goes to "__TYPE".
 */
struct org_template {
	const char *type, *context;
};

/* Zero-initialise, org_file_init, org_file_release. */
struct org_file {
	const struct dispatcher *dispatcher;
	const struct country *country;
	const struct org_template *templates;
	size_t templates_n;
	const char *prefix;
	struct names names;	 /* what is done with a call */
	struct routes routes;	 /* number to name: the subroutines */
	struct routes entrances; /* spelling to the number's place in pushed; in routes once settled */
	uint64_t *pushed;	 /* keys of the numbers as they came */
	size_t pushed_cap;
	struct buf context, marker, text;
};

/* A number's way within its organisation. */
struct org_route {
	bool is_recorded;
	const char *type, *dest; /* the number's, else the organisation's for those without; NULL: hang up */
};

/*
 * All pointers must outlive it; country may be NULL. ERR_REFUSED where the prefix, ERR_TARGET where a
 * template may not stand in a file.
 */
int org_file_init(struct org_file *f, const struct dispatcher *dispatcher, const struct country *country,
		  const struct org_template *templates, size_t templates_n, const char *prefix,
		  struct err *err);
void org_file_release(struct org_file *f);

/*
 * ERR_REFUSED where type or destination may not stand in a file; the number is left out, and others may
 * follow.
 */
int org_file_push(struct org_file *f, struct number n, const struct org_route *route, struct err *err);

/*
 * After the last push: how many numbers have two routes, or spellings lead to two numbers. They are left out
 * of the file, and appended to clashes, one a line.
 */
size_t org_file_settle(struct org_file *f, struct buf *clashes);

struct layout org_file_layout(const struct org_file *f);
struct mark org_file_mark(const struct org_file *f, uint64_t generation);
void org_file_render(const struct org_file *f, const struct mark *mark, struct writer *w);
/* As gateway_check. */
int org_file_check(struct org_file *f, const struct mark *mark, int fd, struct err *err);

/* "ext_org_mnd5khym.conf", as the PBX names it. */
void org_file_name(struct buf *out, const char *prefix);

#endif
