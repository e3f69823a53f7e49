/* The commands, one file each in cmd/; didctl.c lists them in its table. */
#ifndef DIDCTL_COMMANDS_H
#define DIDCTL_COMMANDS_H

#include "cli/command.h"

extern const struct command cmd_assign;
extern const struct command cmd_check_tables;
extern const struct command cmd_cnam;
extern const struct command cmd_complete;
extern const struct command cmd_completion;
extern const struct command cmd_config;
extern const struct command cmd_default;
extern const struct command cmd_doctor;
extern const struct command cmd_e911;
extern const struct command cmd_emit;
extern const struct command cmd_env;
extern const struct command cmd_explain;
extern const struct command cmd_help;
extern const struct command cmd_history;
extern const struct command cmd_init;
extern const struct command cmd_org;
extern const struct command cmd_pool;
extern const struct command cmd_port;
extern const struct command cmd_regen;
extern const struct command cmd_release;
extern const struct command cmd_undo;
extern const struct command cmd_user;
extern const struct command cmd_version;

#endif
