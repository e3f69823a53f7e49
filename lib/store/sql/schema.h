/* Inside the SQL store: didctl's own tables, and how they come to be. */
#ifndef DIDCTL_SCHEMA_H
#define DIDCTL_SCHEMA_H

#define SCHEMA_VERSION 1

#endif
