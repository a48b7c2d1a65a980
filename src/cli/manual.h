/* The option tables for others than --help: the manual page and the completions of shells. The
 * build makes these files by `clgan --page FORMAT`; a format is man, bash, zsh or fish. */
#ifndef CLGAN_CLI_MANUAL_H
#define CLGAN_CLI_MANUAL_H

#include "cli/cli.h"

/* Prints a command's part of a page. */
typedef void cg_manual_printer(const cg_command *command, const cg_option *options, size_t count);

/* The printer that the argument "--help=FORMAT" asks for, NULL for any other argument. */
cg_manual_printer *cg_manual_find(const char *argument);

/* Prints the whole page; every command prints its part as it would its help. CG_ERR_ARGUMENT,
 * logged, for an unknown format. */
cg_status cg_manual_write(const char *format, const cg_command *const *commands, size_t count);

#endif
