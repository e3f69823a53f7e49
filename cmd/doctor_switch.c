/* What the switch does with a number: whether its environment, its range and its route are such that calls land. */
#include <string.h>

#include "base/text.h"
#include "cmd/doctor.h"
#include "cmd/ranges.h"

static const enum setting range_settings[ENV_COUNT] = {
	[ENV_PROD] = SET_RANGE_PROD, [ENV_STAGING] = SET_RANGE_STAGING, [ENV_OSS] = SET_RANGE_OSS,
};

int ranges_load(struct doctor *doctor)
{
	int rc = 0;

	for (size_t i = 0; i < ENV_COUNT && !rc && doctor_wants(doctor, CHECK_BIT(CHECK_ENV_RANGE)); i++)
		rc = ranges_read(doctor->ctx, range_settings[i], &doctor->ranges[i]);
	return rc;
}

static int find_out_of_range(struct doctor *doctor, const struct doctor_row *row, enum env env)
{
	const char *setting = setting_info[range_settings[env]].key;
	int fitting = 0;

	while (fitting < ENV_COUNT && !rangeset_has(&doctor->ranges[fitting], row->key))
		fitting++;
	buf_printf(&doctor->detail, "is of environment %s, but outside %s", env_names[env], setting);
	if (fitting < ENV_COUNT)
		buf_printf(&doctor->detail, " and inside %s", setting_info[range_settings[fitting]].key);
	else
		buf_puts(&doctor->detail, " and any other range: put an environment for ENV, or widen a range in the "
					  "configuration");
	buf_printf(&doctor->fix, "didctl env set %s ", fitting < ENV_COUNT ? env_names[fitting] : "ENV");
	doctor_operand(&doctor->fix, row);
	return doctor_found(doctor, CHECK_ENV_RANGE, row->stored.s);
}

/* The OSS host is not ours to write: the lines that it needs are told. */
static int find_oss(struct doctor *doctor, const struct doctor_row *row)
{
	const struct dispatcher *dispatcher = &doctor->dispatcher;
	char spelled[FORMS_MAX][NUMBER_TEXT];
	size_t n = dispatch_spell(dispatcher, row->key, doctor->ctx->country, spelled);
	struct buf *detail = &doctor->detail;

	buf_printf(detail, "is not wired by the prod dispatcher: the OSS host needs, in [%s], ", dispatcher->oss_context);
	if (row->owner && row->owner->is_usable) {
		for (size_t i = 0; i < n; i++) {
			buf_puts(detail, i ? " and " : "");
			dispatch_line(detail, dispatcher, DISPATCH_OSS, spelled[i], row->owner->prefix);
		}
	} else {
		buf_puts(detail, "an entry, once its organisation has a context prefix");
	}
	buf_puts(detail, "; or prod answers it");
	buf_puts(&doctor->fix, "didctl env set prod ");
	doctor_operand(&doctor->fix, row);
	return doctor_found(doctor, CHECK_ENV_OSS, row->stored.s);
}

static bool is_known_type(const struct doctor *doctor, const char *type)
{
	const char *types = conf_get(doctor->ctx->conf, SET_ROUTING_TYPES, NULL);
	size_t len = strlen(type);

	for (const char *at = types; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && strncmp(at, type, len) == 0)
			return true;
	return false;
}

static bool is_given(const char *s)
{
	return s && *s;
}

/* Why a call that has come as far as the organisation's context ends there; false: it goes on. */
static bool say_route(struct doctor *doctor, const struct doctor_row *row)
{
	const char *type = row->record.v[DID_ROUTE_TYPE], *dest = row->record.v[DID_ROUTE_DEST];
	struct buf *out = &doctor->detail;

	if (!is_given(type) && !is_given(dest)) {
		if (row->owner && !row->owner->is_unrouted)
			return false;
		buf_puts(out, "has no route, and calls without one are hung up");
	} else if (!is_given(type)) {
		buf_printf(out, "has the destination '%s' without a type", dest);
	} else if (!is_known_type(doctor, type)) {
		buf_printf(out, "has a route of type '%s', which is not among routing-types (%s)", type,
			   conf_get(doctor->ctx->conf, SET_ROUTING_TYPES, NULL));
	} else if (!is_given(dest)) {
		buf_printf(out, "has a route of type '%s' without a destination", type);
	} else if (!dispatch_is_destination(type, dest)) {
		buf_printf(out, "has the destination '%s', which the switch's files may not hold", dest);
	} else {
		return false;
	}
	return true;
}

static int see_route(struct doctor *doctor, const struct doctor_row *row)
{
	if (!say_route(doctor, row))
		return 0;
	buf_puts(&doctor->detail, "; put for example extension:1000 for TYPE:DEST");
	buf_puts(&doctor->fix, "didctl pool edit ");
	doctor_operand(&doctor->fix, row);
	buf_puts(&doctor->fix, " --route TYPE:DEST");
	return doctor_found(doctor, CHECK_ROUTE, row->stored.s);
}

int switch_see(struct doctor *doctor, const struct doctor_row *row)
{
	const char *env_name = row->record.v[DID_ENV];
	enum dispatch way = dispatch_of(row->state, env_name);
	int env = env_find(env_name), rc = 0;

	doctor->staging += way == DISPATCH_STAGING;
	doctor->dispatched += way == DISPATCH_STAGING || way == DISPATCH_ORG;
	if (env < 0 || !row->key.width) /* for the checks env and number to speak of */
		return 0;
	if (doctor->ranges[env].n && !rangeset_has(&doctor->ranges[env], row->key))
		rc = find_out_of_range(doctor, row, (enum env)env);
	if (!rc && way == DISPATCH_OSS && doctor_wants(doctor, CHECK_BIT(CHECK_ENV_OSS)))
		rc = find_oss(doctor, row);
	if (!rc && way == DISPATCH_ORG && doctor_wants(doctor, CHECK_BIT(CHECK_ROUTE)))
		rc = see_route(doctor, row);
	return rc;
}
