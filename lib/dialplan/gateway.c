#include "dialplan/gateway.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define HOLE	   '\x01' /* where the extension stands in a line that serves as a pattern */
#define PIECES	   3	  /* of a line, between the extensions: two at most */

/* How the lines of one target are written: pieces of text, and the extension between them. */
struct gateway_target {
	const char *heading;
	struct piece {
		const char *text;
		size_t len;
	} pieces[PIECES];
	size_t n;
};

/* Settings are checked where they are read; this is for whoever fills a dispatcher without them. */
static int check_name(const char *what, const char *name, struct err *err)
{
	char shown[TEXT_SHOWN];
	size_t len = name ? strlen(name) : 0;

	if (len > 0 && len <= DISPATCH_SLUG_MAX && strspn(name, NAME_CHARS) == len)
		return 0;
	return err_set(err, ERR_TARGET, "the %s '%s' may not stand in the switch's files", what,
		       text_show(shown, name ? name : "", len));
}

int gateway_init(struct gateway *g, const struct dispatcher *dispatcher, const struct country *country,
		 bool for_oss, struct err *err)
{
	int rc = check_name("context", for_oss ? dispatcher->oss_context : dispatcher->context, err);

	*g = (struct gateway){.dispatcher = dispatcher, .country = country, .for_oss = for_oss};
	return rc || for_oss ? rc : check_name("staging endpoint", dispatcher->staging_endpoint, err);
}

void gateway_release(struct gateway *g)
{
	names_release(&g->names);
	names_release(&g->prefixes);
	routes_release(&g->routes);
	free(g->targets);
	arena_release(&g->arena);
	*g = (struct gateway){0};
}

static const char *heading_of(struct gateway *g, enum dispatch way, const char *prefix)
{
	if (way == DISPATCH_STAGING)
		return "; == STAGING\n";
	return arena_printf(&g->arena, "; == %s %s\n", way == DISPATCH_OSS ? "OSS" : "PROD", prefix);
}

/* What the switch does by a line "exten => E,1,Application(data)". */
static void name_line(struct buf *out, const char *line)
{
	char *application = xstrdup(strchr(line, ',') + strlen(",1,"));
	char *data = strchr(application, '(');

	*data++ = '\0';
	data[strlen(data) - 1] = '\0';
	contents_name(out, application, data, (const char[]){HOLE, '\0'});
	free(application);
}

static void cut_pieces(struct gateway_target *target, const char *line)
{
	size_t len;

	for (target->n = 0; target->n < PIECES; line += len + 1) {
		len = strcspn(line, (const char[]){HOLE, '\0'});
		target->pieces[target->n++] = (struct piece){line, len};
		if (!line[len])
			return;
	}
}

static void add_target(struct gateway *g, enum dispatch way, const char *prefix)
{
	struct gateway_target *target;
	struct buf line = {0}, name = {0};

	g->targets = xgrow(g->targets, g->names.n, &g->targets_cap, sizeof(*g->targets));
	target = &g->targets[g->names.n];
	dispatch_line(&line, g->dispatcher, way, (const char[]){HOLE, '\0'}, prefix);
	name_line(&name, buf_str(&line));
	names_add(&g->names, buf_str(&name));
	buf_putc(&line, '\n');
	cut_pieces(target, arena_strdup(&g->arena, buf_str(&line)));
	target->heading = heading_of(g, way, prefix);
	buf_release(&line);
	buf_release(&name);
}

static int refuse(struct number n, const char *prefix, struct err *err)
{
	char digits[NUMBER_TEXT], shown[TEXT_SHOWN];

	number_format(n, digits);
	err_set(err, ERR_REFUSED,
		"the context prefix '%s' of the owner of %s may not stand in the switch's files",
		text_show(shown, prefix ? prefix : "", prefix ? strlen(prefix) : 0), digits);
	err_hint(err, "give the organisation a prefix of a-z, 0-9 and '_': org edit ORG --context-prefix");
	return ERR_REFUSED;
}

/* All spellings, or none: what the switch's files may hold is asked of each. */
static int read_spellings(const struct gateway *g, struct number n, uint64_t keys[FORMS_MAX], size_t *count,
			  struct err *err)
{
	char spelled[FORMS_MAX][NUMBER_TEXT];

	*count = dispatch_spell(g->dispatcher, n, g->country, spelled);
	for (size_t i = 0; i < *count; i++)
		if (!dispatch_is_number(spelled[i]) || !route_key(&keys[i], spelled[i], strlen(spelled[i])))
			return err_set(err, ERR_REFUSED, "'%s' may not stand in the switch's files",
				       spelled[i]);
	return 0;
}

static void count_number(struct gateway *g, enum did_state state, enum dispatch way)
{
	g->ways[way]++;
	if (way == DISPATCH_NOT)
		g->states[state]++;
}

int gateway_push(struct gateway *g, struct number n, enum did_state state, enum dispatch way,
		 const char *prefix, struct err *err)
{
	bool is_here = way != DISPATCH_NOT && (way == DISPATCH_OSS) == g->for_oss;
	uint64_t keys[FORMS_MAX];
	uint32_t target;
	size_t count;
	int rc;

	if (!is_here) {
		count_number(g, state, way);
		return 0;
	}
	if (way != DISPATCH_STAGING && !dispatch_is_prefix(prefix))
		return refuse(n, prefix, err);
	rc = read_spellings(g, n, keys, &count, err);
	if (rc)
		return rc;
	count_number(g, state, way);
	target = names_add(&g->prefixes, way == DISPATCH_STAGING ? "" : prefix);
	if (target == g->names.n)
		add_target(g, way, prefix);
	g->unspelled += count == 0;
	for (size_t i = 0; i < count; i++)
		routes_add(&g->routes, keys[i], target);
	return 0;
}

size_t gateway_settle(struct gateway *g)
{
	routes_sort(&g->routes);
	return routes_unite(&g->routes);
}

bool gateway_clash(const struct gateway *g, size_t *at, struct gateway_clash *out)
{
	const struct routes *routes = &g->routes;
	size_t i = *at;

	while (i < routes->n && !routes_is_clash(routes, i))
		i++;
	*out = (struct gateway_clash){0};
	if (i == routes->n)
		return false;
	route_key_text(routes->at[i].key, out->spelled);
	for (*at = i; *at < routes->n && routes->at[*at].key == routes->at[i].key; ++*at) {
		buf_puts(&out->targets, *at > i ? ", " : "");
		gateway_target_text(&out->targets, g->names.at[routes->at[*at].target]);
	}
	return true;
}

void gateway_drop_clashes(struct gateway *g)
{
	routes_drop_clashes(&g->routes);
}

struct layout gateway_layout(const struct gateway *g)
{
	return (struct layout){
		.context = g->for_oss ? g->dispatcher->oss_context : g->dispatcher->context,
		.marker = MARK_CONTEXT,
	};
}

struct mark gateway_mark(const struct gateway *g, uint64_t generation)
{
	struct mark mark = {.generation = generation};
	struct mark_hash hash;

	mark_hash_init(&hash);
	mark_hash_section(&hash, gateway_layout(g).context);
	for (size_t i = 0; i < g->routes.n; i++)
		mark_hash_route(&hash, &g->names, g->routes.at[i]);
	mark_hash_end(&hash, mark.sha256);
	return mark;
}

/*
 * "; numbers: 21 to their organisations, 4 to staging, 5 on the OSS host; not routed: 3 available, 1 blocked"
 */
static void put_summary(const struct gateway *g, struct buf *out)
{
	const char *between = "; not routed: ";

	buf_printf(out, "; numbers: %zu to their organisations, %zu to staging, %zu on the OSS host",
		   g->ways[DISPATCH_ORG], g->ways[DISPATCH_STAGING], g->ways[DISPATCH_OSS]);
	for (int i = 0; i < STATE_COUNT; i++)
		if (g->states[i] > 0) {
			buf_printf(out, "%s%zu %s", between, g->states[i], state_info[i].name);
			between = ", ";
		}
	if (g->unspelled > 0)
		buf_printf(out, "%s%zu in none of the spellings", between, g->unspelled);
	buf_putc(out, '\n');
}

static void put_line(struct buf *out, const struct gateway_target *target, uint64_t key)
{
	char exten[ROUTE_TEXT];
	size_t len = route_key_text(key, exten);

	for (size_t i = 0; i < target->n; i++) {
		if (i > 0)
			buf_add(out, exten, len);
		buf_add(out, target->pieces[i].text, target->pieces[i].len);
	}
}

/* A heading wherever the target changes: so each stays true, whatever the order of the lines. */
void gateway_render(const struct gateway *g, const struct mark *mark, struct writer *w)
{
	const struct gateway_target *target = NULL;

	mark_head(&w->buf, mark);
	put_summary(g, &w->buf);
	buf_printf(&w->buf, "[%s]\n", gateway_layout(g).context);
	for (size_t i = 0; i < g->routes.n; i++) {
		struct route route = g->routes.at[i];

		if (target != &g->targets[route.target]) {
			target = &g->targets[route.target];
			buf_puts(&w->buf, target->heading);
		}
		put_line(&w->buf, target, route.key);
		writer_spill(w);
	}
	if (g->ways[DISPATCH_OSS] > 0 && !g->for_oss)
		buf_printf(&w->buf, "; == OSS (not dispatched here): %zu\n", g->ways[DISPATCH_OSS]);
	mark_tail(&w->buf, mark, MARK_CONTEXT);
}

int gateway_check(struct gateway *g, const struct mark *mark, int fd, struct err *err)
{
	struct layout layout = gateway_layout(g);

	return contents_check(fd, &layout, &g->names, mark, err);
}

void gateway_target_text(struct buf *out, const char *name)
{
	static const struct {
		const char *before, *after;
	} forms[] = {
		{"Goto(", DISPATCH_INCOMING ",${EXTEN},1)"},
		{"Dial(PJSIP/${EXTEN}@", ")"},
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t before = strlen(forms[i].before), after = strlen(forms[i].after);

		if (len <= before + after || strncmp(name, forms[i].before, before) != 0 ||
		    strcmp(name + len - after, forms[i].after) != 0)
			continue;
		text_escape(out, name + before, len - before - after, 0);
		return;
	}
	text_escape(out, name, len, 0);
}
