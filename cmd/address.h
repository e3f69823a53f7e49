/* The options that say where an emergency address is, and what a location looks like on a sheet. */
#ifndef DIDCTL_ADDRESS_H
#define DIDCTL_ADDRESS_H

#include "cmd/common.h"

struct address_args {
	const char *label, *country, *street, *unit, *building, *floor, *room, *city, *state_code, *zip, *contact;
	struct strlist civic;
};

/* may_clear: an empty text takes the field away (locations edit). */
#define ADDRESS_OPTIONS(S, member, may_clear)                                                                          \
	{.name = "street", OPT_STRING(S, member.street), .metavar = "TEXT",                                            \
	 .help = "house number and street, such as '350 Fifth Ave'; no post office box"},                             \
	{.name = "city", OPT_STRING(S, member.city), .metavar = "TEXT", .help = "city or community"},                  \
	{.name = "state-code", OPT_STRING(S, member.state_code), .metavar = "CODE",                                    \
	 .help = "state or province, two letters"},                                                                   \
	{.name = "zip", OPT_STRING(S, member.zip), .metavar = "CODE", .help = "ZIP (12345, 12345-6789) or postal code"}, \
	{.name = "country", OPT_STRING(S, member.country), .metavar = "CC", .help = "US or CA"},                       \
	{.name = "unit", OPT_STRING(S, member.unit), .metavar = "TEXT", .may_be_empty = (may_clear),                   \
	 .help = "suite, apartment or other unit"},                                                                   \
	{.name = "building", OPT_STRING(S, member.building), .metavar = "TEXT", .may_be_empty = (may_clear),           \
	 .help = "which of several buildings"},                                                                       \
	{.name = "floor", OPT_STRING(S, member.floor), .metavar = "TEXT", .may_be_empty = (may_clear),                 \
	 .help = "floor or storey"},                                                                                  \
	{.name = "room", OPT_STRING(S, member.room), .metavar = "TEXT", .may_be_empty = (may_clear),                   \
	 .help = "room on that floor"},                                                                               \
	{.name = "label", OPT_STRING(S, member.label), .metavar = "TEXT", .may_be_empty = (may_clear),                 \
	 .help = "what people call the location, and find it by"},                                                    \
	{.name = "contact", OPT_STRING(S, member.contact), .metavar = "TEXT", .may_be_empty = (may_clear),             \
	 .help = "who lets the responders in"},                                                                       \
	{.name = "civic", OPT_LIST(S, member.civic), .metavar = "ELEMENT=VALUE",                                       \
	 .help = "another element of RFC 5139, such as PRD=N or LMK='North Gate'; may be repeated"}

/* Whether any of them was given. */
bool address_is_given(const struct address_args *args);

/* Puts those that were given into the change, each checked as far as it can be alone. country: where none is given. */
int address_put(struct context *ctx, struct change *change, const struct address_args *args, const char *country);

/* The country of an address that names none: Canada in a Canadian inventory, else the United States. */
const char *address_country(const struct context *ctx);

/* The location with this id or label: its columns by enum location_field, in the arena. ERR_ABSENT, or ERR_REFUSED. */
int address_load(struct context *ctx, const char *text, struct value out[LOCATION_FIELDS]);

extern const struct command e911_export, e911_locations, e911_set;

#endif
