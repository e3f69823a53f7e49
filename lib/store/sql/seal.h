/* Inside the SQL store: didctl_seals, a chain over the hashes of the changes. */
#ifndef DIDCTL_SEAL_H
#define DIDCTL_SEAL_H

#include "store/sql/changes.h"
#include "store/sql/digest.h"

struct seal {
	uint64_t number, n;   /* 1, 2, 3 ...; how many changes are under it */
	const char *at;	      /* when it was made */
	const char *previous; /* the hash of the seal before; NULL: it is the first */
	char at_text[CLOCK_STAMP], hash[DIGEST_TEXT];
};

/* Begins its hash; then come the id and the hash of each change under it as digest_cells, in order of id. */
void seal_begin(const struct seal *seal, SHA2_CTX *sha);

#endif
