#include "dialplan/org_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SLUG_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

/* A context of the switch's operator, which need not be a slug of ours. */
static bool is_context(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= DISPATCH_SLUG_MAX && strspn(name, SLUG_CHARS "-") == len;
}

static int check_templates(const struct org_template *templates, size_t n, struct err *err)
{
	char shown[TEXT_SHOWN];

	for (size_t i = 0; i < n; i++)
		if (!is_context(templates[i].context))
			return err_set(err, ERR_TARGET,
				       "the context '%s' may not stand in the switch's files",
				       text_show(shown, templates[i].context, strlen(templates[i].context)));
	return 0;
}

int org_file_init(struct org_file *f, const struct dispatcher *dispatcher, const struct country *country,
		  const struct org_template *templates, size_t templates_n, const char *prefix,
		  struct err *err)
{
	char shown[TEXT_SHOWN];

	*f = (struct org_file){
		.dispatcher = dispatcher,
		.country = country,
		.templates = templates,
		.templates_n = templates_n,
		.prefix = prefix,
	};
	if (!dispatch_is_prefix(prefix))
		return err_set(err, ERR_REFUSED,
			       "the context prefix '%s' may not stand in the switch's files",
			       text_show(shown, prefix ? prefix : "", prefix ? strlen(prefix) : 0));
	buf_printf(&f->context, "%s" DISPATCH_INCOMING, prefix);
	mark_context(&f->marker, prefix);
	return check_templates(templates, templates_n, err);
}

void org_file_release(struct org_file *f)
{
	names_release(&f->names);
	routes_release(&f->routes);
	routes_release(&f->entrances);
	free(f->pushed);
	buf_release(&f->context);
	buf_release(&f->marker);
	buf_release(&f->text);
	*f = (struct org_file){0};
}

void org_file_name(struct buf *out, const char *prefix)
{
	buf_printf(out, "ext_%s.conf", prefix);
}

static void put_context(const struct org_file *f, struct buf *out, const char *type)
{
	for (size_t i = 0; i < f->templates_n; i++)
		if (!strcmp(f->templates[i].type, type)) {
			const char *context = f->templates[i].context;

			buf_join(out, *context == '_' ? f->prefix : "", context, NULL);
			return;
		}
	buf_join(out, f->prefix, "__", type, NULL);
}

static int refuse(struct number n, const struct org_route *route, struct err *err)
{
	char digits[NUMBER_TEXT], type[TEXT_SHOWN], dest[TEXT_SHOWN];
	const char *to = route->dest ? route->dest : "";

	number_format(n, digits);
	err_set(err, ERR_REFUSED, "the route '%s:%s' of %s may not stand in the switch's files",
		text_show(type, route->type, strlen(route->type)), text_show(dest, to, strlen(to)), digits);
	err_hint(err, "pool edit %s --route TYPE:DEST", digits);
	return ERR_REFUSED;
}

/* The last step of the subroutine as its name: Goto with what the switch's own context wants, or Hangup. */
static int name_route(struct org_file *f, struct number n, const struct org_route *route, struct err *err)
{
	struct buf data = {0};
	int rc = 0;

	buf_reset(&f->text);
	if (!route->type) {
		contents_subroutine_name(&f->text, route->is_recorded, "Hangup", "1");
		return 0;
	}
	if (!dispatch_is_destination(route->type, route->dest))
		return refuse(n, route, err);
	put_context(f, &data, route->type);
	if (data.len > DISPATCH_SLUG_MAX)
		rc = refuse(n, route, err);
	buf_join(&data, ",", route->dest, ",1", NULL);
	if (!rc)
		contents_subroutine_name(&f->text, route->is_recorded, "Goto", buf_str(&data));
	buf_release(&data);
	return rc;
}

static int read_keys(const struct org_file *f, struct number n, uint64_t *digits, uint64_t keys[FORMS_MAX],
		     size_t *count, struct err *err)
{
	char spelled[FORMS_MAX][NUMBER_TEXT], text[NUMBER_TEXT];
	size_t len = number_format(n, text);
	bool is_good = dispatch_is_number(text) && route_key(digits, text, len);

	*count = dispatch_spell(f->dispatcher, n, f->country, spelled);
	for (size_t i = 0; i < *count && is_good; i++)
		is_good = dispatch_is_number(spelled[i]) &&
			  route_key(&keys[i], spelled[i], strlen(spelled[i]));
	return is_good ? 0 : err_set(err, ERR_REFUSED, "'%s' may not stand in the switch's files", text);
}

int org_file_push(struct org_file *f, struct number n, const struct org_route *route, struct err *err)
{
	uint64_t digits, keys[FORMS_MAX];
	size_t count, place = f->routes.n;
	int rc = read_keys(f, n, &digits, keys, &count, err);

	if (!rc)
		rc = name_route(f, n, route, err);
	if (rc)
		return rc;
	f->pushed = xgrow(f->pushed, place, &f->pushed_cap, sizeof(*f->pushed));
	f->pushed[place] = digits;
	routes_add(&f->routes, digits, names_add(&f->names, buf_str(&f->text)));
	for (size_t i = 0; i < count; i++)
		routes_add(&f->entrances, keys[i], (uint32_t)place);
	return 0;
}

/* The place of a key in sorted routes; their number where it is not there. */
static size_t find_key(const struct routes *routes, uint64_t key)
{
	size_t low = 0, high = routes->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (routes->at[middle].key > key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < routes->n && routes->at[low].key == key ? low : routes->n;
}

/*
 * From the order of pushing to that of the file; the way into a number that has been left out is left out,
 * too.
 */
static void aim_entrances(struct org_file *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->entrances.n; i++) {
		struct route entrance = f->entrances.at[i];
		size_t place = find_key(&f->routes, f->pushed[entrance.target]);

		if (place < f->routes.n)
			f->entrances.at[kept++] = (struct route){entrance.key, (uint32_t)place};
	}
	f->entrances.n = kept;
}

static size_t drop_clashes(struct routes *routes, struct buf *clashes)
{
	char text[ROUTE_TEXT];
	size_t n;

	routes_sort(routes);
	n = routes_unite(routes);
	for (size_t i = 0; i < routes->n && n > 0; i++)
		if (routes_is_clash(routes, i) && (i == 0 || routes->at[i - 1].key != routes->at[i].key)) {
			route_key_text(routes->at[i].key, text);
			buf_printf(clashes, "%s\n", text);
		}
	routes_drop_clashes(routes);
	return n;
}

size_t org_file_settle(struct org_file *f, struct buf *clashes)
{
	size_t n = drop_clashes(&f->routes, clashes);

	aim_entrances(f);
	return n + drop_clashes(&f->entrances, clashes);
}

struct layout org_file_layout(const struct org_file *f)
{
	return (struct layout){
		.context = buf_str(&f->context),
		.marker = buf_str(&f->marker),
		.has_subroutines = true,
	};
}

struct mark org_file_mark(const struct org_file *f, uint64_t generation)
{
	struct mark mark = {.generation = generation};
	struct mark_hash hash;

	mark_hash_init(&hash);
	mark_hash_section(&hash, buf_str(&f->context));
	for (size_t i = 0; i < f->entrances.n; i++) {
		mark_hash_key(&hash, f->entrances.at[i].key);
		mark_hash_key(&hash, f->routes.at[f->entrances.at[i].target].key);
	}
	if (f->routes.n > 0)
		mark_hash_section(&hash, CONTENTS_SUBROUTINE);
	for (size_t i = 0; i < f->routes.n; i++)
		mark_hash_route(&hash, &f->names, f->routes.at[i]);
	mark_hash_end(&hash, mark.sha256);
	return mark;
}

/* name: "Goto(org_x__queue,support,1), recording on". */
static void put_subroutine(struct buf *out, const char *digits, const char *name)
{
	const char *end = strrchr(name, ',');
	bool is_recorded = !strcmp(end, ", recording on");

	buf_join(out, "[" CONTENTS_SUBROUTINE, digits, "]\nexten => s,1,", NULL);
	contents_recording(out, is_recorded, digits);
	buf_puts(out, "\nexten => s,n," CONTENTS_LEAVE "\nexten => s,n,");
	buf_add(out, name, (size_t)(end - name));
	buf_putc(out, '\n');
}

void org_file_render(const struct org_file *f, const struct mark *mark, struct writer *w)
{
	char exten[ROUTE_TEXT], digits[ROUTE_TEXT];

	mark_head(&w->buf, mark);
	buf_printf(&w->buf, "; numbers: %zu\n[%s]\n", f->routes.n, buf_str(&f->context));
	for (size_t i = 0; i < f->entrances.n; i++) {
		route_key_text(f->entrances.at[i].key, exten);
		route_key_text(f->routes.at[f->entrances.at[i].target].key, digits);
		buf_join(&w->buf, "exten => ", exten, ",1,Gosub(" CONTENTS_SUBROUTINE, digits, ",s,1)\n", NULL);
		writer_spill(w);
	}
	for (size_t i = 0; i < f->routes.n; i++) {
		route_key_text(f->routes.at[i].key, digits);
		put_subroutine(&w->buf, digits, f->names.at[f->routes.at[i].target]);
		writer_spill(w);
	}
	mark_tail(&w->buf, mark, buf_str(&f->marker));
}

int org_file_check(struct org_file *f, const struct mark *mark, int fd, struct err *err)
{
	struct layout layout = org_file_layout(f);

	return contents_check(fd, &layout, &f->names, mark, err);
}
