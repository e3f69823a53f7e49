/*
 * Lines of text as --where KEY=VALUE[,VALUE]: a list that is taken has no empty value and means what its values mean one by
 * one, in any order.
 */
#include "cmd/common.h"
#include "store/store.h"
#include "fuzz.h"

/* Organisations are looked up in a store; here every text that has no comma is the name of one. */
static int find_org(struct store *store, const char *text, struct org *out, struct arena *arena, struct err *err)
{
	(void)store;
	if (strchr(text, ','))
		return err_set(err, ERR_ABSENT, "there is no such organisation");
	*out = (struct org){.id = arena_printf(arena, "id-%s", text), .name = text};
	return 0;
}

static const struct store_ops ops = {.find_org = find_org};

static void check_filter(const struct filter *filter)
{
	if (filter->kind == FILTER_STATE)
		must(filter->states);
	else
		must(filter->nvalues);
	for (size_t i = 0; i < filter->nvalues; i++)
		must(filter->values[i] && *filter->values[i]);
}

static void check_text(const struct selection *a, const struct selection *b)
{
	struct buf one = {0}, other = {0};

	selection_to_text(&one, a);
	selection_to_text(&other, b);
	must(strcmp(buf_str(&one), buf_str(&other)) == 0);
	buf_release(&one);
	buf_release(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store store = {.ops = &ops};
	struct context ctx = {.store = &store, .country = country_find("US")}, turned = ctx;
	struct selection selection = {0}, same = {0};
	char *text = fuzz_text(data, size), *rest = text;
	int rc;

	while (rest)
		strlist_add(&ctx.filter.where, strsep(&rest, "\n"));
	for (size_t i = ctx.filter.where.n; i-- > 0;)
		strlist_add(&turned.filter.where, ctx.filter.where.at[i]);
	rc = select_filters(&ctx, &selection);
	must(!rc == !select_filters(&turned, &same));
	if (rc)
		must_refuse(rc, &ctx.err);
	for (size_t i = 0; !rc && i < selection.nfilters; i++)
		check_filter(&selection.filters[i]);
	if (!rc)
		check_text(&selection, &same);
	selection_release(&selection);
	selection_release(&same);
	strlist_release(&ctx.filter.where);
	strlist_release(&turned.filter.where);
	arena_release(&ctx.arena);
	arena_release(&turned.arena);
	free(text);
	return 0;
}
