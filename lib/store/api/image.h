/* Inside the REST store: what a row of the API holds, whatever kind of row it is, field by field. */
#ifndef DIDCTL_API_IMAGE_H
#define DIDCTL_API_IMAGE_H

#include "base/json.h"
#include "did/plan.h"
#include "store/api/apistore.h"

enum row_kind { ROW_NUMBER, ROW_ORG, ROW_USER, ROW_LOCATION, ROW_PORT, ROW_KINDS };

/* A row's own fields, and the objects inside it that have operations of their own. */
enum row_part { PART_OWN, PART_CNAM, PART_E911, ROW_PARTS };
extern const char *const row_part_names[ROW_PARTS]; /* the member of the row; NULL: the row itself */

/* The contract's operations on a kind of row; edit and clear: of its parts, those that there are. */
struct row_operations {
	enum api_operation list, get, add, delete, edit[ROW_PARTS], clear[ROW_PARTS];
};
extern const struct row_operations row_operations[ROW_KINDS];

enum row_kind row_kind_of(enum object_kind kind); /* of one that the API has */
enum object_kind object_kind_of(enum row_kind kind); /* of any but ROW_NUMBER */
/* "number", or the word for the kind of object that the history's blocks begin with; the journal names its ops so. */
const char *row_kind_name(enum row_kind kind);

/* Which part an operation edits or clears; false: it is none of these. */
bool row_part_of(enum row_kind kind, enum api_operation operation, enum row_part *out);

#define IMAGE_FIELDS 24

/* Places of a number's fields that something looks at by itself. */
enum { IMAGE_POOL_STATUS, IMAGE_STATUS, IMAGE_ORG, IMAGE_DEFAULT, IMAGE_ROUTE_TYPE, IMAGE_ROUTE_DEST, IMAGE_ENV };

/* The same of a port order; its commitment is three fields, its exception two. */
enum {
	IMAGE_PORT_STATE = 0, IMAGE_PORT_PIN = 5, IMAGE_PORT_FOC = 13, IMAGE_PORT_CODE = 16, IMAGE_PORT_NUMBERS = 22,
	IMAGE_PORT_DOCUMENTS = 23,
};

/* What is neither a text nor a boolean in JSON, and a text here. */
struct api_shape {
	void (*put)(struct buf *out, const char *value); /* NULL: there is none */
	bool (*read)(const char **out, const struct json *member, struct arena *arena); /* false: it is no such thing */
};

/*
 * A field of the contract's object, and where didctl keeps it: a did_field, or a place in object_keys. Here and in the
 * journal all fields of a row are side by side; member is what a field of a part is called inside it.
 */
struct api_field {
	const char *key;
	int field;
	bool is_bool; /* "0" or "1" here, and absent is "0" */
	bool is_new;  /* may be named when the row is made */
	bool is_acted; /* the contract's actions set it too */
	enum row_part part;
	const char *member;
	const struct api_shape *shape; /* or NULL */
};

/* Of one kind of row; ended by a NULL key. */
extern const struct api_field *const api_fields[ROW_KINDS];

/* The fields of a row, by their place in api_fields; NULL is absent. */
struct image {
	bool is_there;
	const char *id, *number, *etag; /* etag may be NULL */
	const char *v[IMAGE_FIELDS];
};

/* The records of numbers have more fields than the API; these are the ones that it has. */
uint64_t image_number_fields(void);

struct image image_of_record(const struct record *record); /* NULL: of no row */
/* The side of an object before or after a change. */
struct image image_of_object(const struct object *object, bool after);

/*
 * The text of a field of a row, in the arena, or NULL where it is absent: of a name only the number's own. False: it is
 * not of its type.
 */
bool image_read_field(const char **out, const struct api_field *field, const struct json *row, struct arena *arena);

/* Whether field i is the same in both; of a boolean, absent is false. */
bool image_same(enum row_kind kind, const struct image *a, const struct image *b, int i);

/*
 * Reads the API's JSON object; texts are copied to the arena. False where it is no such object: then *what says why, for
 * api_broken.
 */
bool image_read(struct image *out, enum row_kind kind, const struct json *object, struct arena *arena,
		const char **what);
void image_to_record(const struct image *image, struct recordset *records, struct record *out);

/* Appends an object of the fields of a mask, by their place, or null where the row is not there. */
void image_to_json(struct buf *out, enum row_kind kind, const struct image *image, uint64_t fields);
/* The same of an object, as the history has it: by object_keys, all of it texts. */
void image_to_history(struct buf *out, enum row_kind kind, const struct image *image, uint64_t fields);
/* Whether a part has anything in it, and the same as the body of its edit. */
bool image_has_part(enum row_kind kind, const struct image *image, enum row_part part);
void image_put_part(struct buf *out, enum row_kind kind, const struct image *image, enum row_part part);
/* Appends a member of a JSON object: "key":value. */
void image_put(struct buf *out, enum row_kind kind, const struct image *image, int i);

#endif
