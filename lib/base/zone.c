/*
 * The C library reads the time zone database, and knows one zone at a time, that of the variable TZ: it is set for as
 * long as it takes to ask and put back as it was. didctl has one thread, and shows every time in UTC.
 */
#include "base/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"

#define DATABASE   "/usr/share/zoneinfo/"
#define ZONES	   DATABASE "zone.tab" /* country, coordinates, name and perhaps a comment, by tabs */
#define MAGIC	   "TZif"
#define ZONE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"

static int no_such_zone(const char *name, struct err *err)
{
	char shown[TEXT_SHOWN];

	err_set(err, ERR_USAGE, "there is no time zone '%s'", text_show(shown, name, strlen(name)));
	err_hint(err, "zones are named as in the IANA database: America/New_York, America/Chicago, UTC");
	return ERR_USAGE;
}

/* Only a name in the database: TZ itself takes paths and rules too. */
static int check_zone(const char *name, struct err *err)
{
	char path[sizeof(DATABASE) + ZONE_NAME_MAX], magic[sizeof(MAGIC)] = "";
	size_t len = strlen(name);
	int reason = ENOENT;
	FILE *file;

	if (!len || len > ZONE_NAME_MAX || strspn(name, ZONE_CHARS) != len || *name == '/')
		return no_such_zone(name, err);
	snprintf(path, sizeof(path), "%s%s", DATABASE, name);
	file = fopen(path, "re");
	if (!file || (fread(magic, 1, sizeof(magic) - 1, file) < sizeof(magic) - 1 && ferror(file)))
		reason = errno;
	if (file)
		fclose(file);
	if (strcmp(magic, MAGIC) == 0)
		return 0;
	if (reason == ENOENT || reason == ENOTDIR || reason == EISDIR)
		return no_such_zone(name, err);
	return err_set(err, ERR_FAILED, "cannot read the time zone '%s': %s", name, strerror(reason));
}

/* How far the clocks of a zone, which TZ names, are ahead of UTC then, in seconds. */
static time_t offset_at(time_t when)
{
	struct tm tm;

	return localtime_r(&when, &tm) ? (time_t)tm.tm_gmtoff : 0;
}

#define DAY_SECONDS (24 * 60 * 60)

/*
 * wall: what the clock shows, as if it were UTC. mktime's answer for a time that is left out or comes twice depends on what
 * it was asked before; here it is what RFC 5545 (3.3.5) says: the offset before the change counts in both cases.
 */
static time_t find_moment(time_t wall)
{
	time_t before = wall - offset_at(wall - DAY_SECONDS), after = wall - offset_at(wall + DAY_SECONDS);

	return before + offset_at(before) != wall && after + offset_at(after) == wall ? after : before;
}

static time_t ask(time_t wall, const char *zone)
{
	const char *now = getenv("TZ");
	char *kept = now ? xstrdup(now) : NULL;
	time_t found;

	setenv("TZ", zone, 1);
	tzset();
	found = find_moment(wall);
	if (kept)
		setenv("TZ", kept, 1);
	else
		unsetenv("TZ");
	tzset();
	free(kept);
	return found;
}

int zone_to_utc(int64_t *ms, int64_t date_ms, int minute, const char *zone, struct err *err)
{
	int rc = check_zone(zone, err);

	if (rc)
		return rc;
	*ms = (int64_t)ask((time_t)(date_ms / 1000) + minute * 60, zone) * 1000;
	return 0;
}

static void visit_line(char *line, void (*visit)(void *to, const char *name, const char *where), void *to)
{
	const char *country = strsep(&line, "\t"), *name, *comment;
	char where[TEXT_SHOWN];

	strsep(&line, "\t");
	name = strsep(&line, "\t");
	comment = strsep(&line, "\t");
	if (*country == '#' || !name)
		return;
	snprintf(where, sizeof(where), "%s%s%s", country, comment ? " " : "", comment ? comment : "");
	visit(to, name, where);
}

int zone_each(void (*visit)(void *to, const char *name, const char *where), void *to, struct err *err)
{
	FILE *file = fopen(ZONES, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return err_set(err, ERR_FAILED, "cannot read the time zones in '%s': %s", ZONES, strerror(errno));
	visit(to, "UTC", "coordinated universal time");
	for (ssize_t len; (len = getline(&line, &size, file)) > 0;) {
		line[strcspn(line, "\n")] = '\0';
		visit_line(line, visit, to);
	}
	free(line);
	fclose(file);
	return 0;
}
