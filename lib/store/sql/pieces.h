/*
 * Inside the SQL store: changes in pieces (--chunk N). The change itself is a row of didctl_changes that says what was asked
 * for and of which numbers; it is written once, before the first piece. Each piece is a change of its own, with its own
 * history and hash, in one transaction; its id follows from the change's id and its place, so that whoever makes it makes
 * it once. How far the change is, is which pieces are there.
 */
#ifndef DIDCTL_PIECES_H
#define DIDCTL_PIECES_H

#include "store/sql/sqlstore.h"

/* Of a piece, in its transaction: the change has not been undone meanwhile, and is not until COMMIT. 0 for any other change. */
int pieces_admit(struct sql_store *s, const struct change *change, struct err *err);

#endif
