/* This program once more, as processes that it starts of itself and reads, where operating systems
 * differ: CMake compiles child_posix.c or child_windows.c. */
#ifndef CLGAN_CLI_CHILD_H
#define CLGAN_CLI_CHILD_H

#include "cli/lines.h"

#include <stdbool.h>
#include <stddef.h>

/* A process that runs this program, whose output comes here by lines. A terminal's signals do not
 * reach it, so that each comes once, by cg_child_signal(); where this process ends without having
 * seen its end, it is asked for one, on Linux. One thread starts and watches all of them. */
typedef struct cg_child cg_child;

/* The name by which this program was started, and its children are; borrowed. Called once before
 * the first of them. */
void cg_child_set_program(const char *name);

/* Starts it with the arguments behind the program's name, up to a NULL. NULL, with errno, where
 * that cannot be. */
cg_child *cg_child_start(const char *const arguments[]);

/* Waits until one of the children (NULL: none in that place) has something to tell, a tenth of a
 * second at most. */
void cg_children_wait(cg_child *const children[], size_t count);

/* Hands over the lines that it has printed, on stdout to `result`, on stderr to `message`. True
 * when it has ended and all of them are handed over: *exit_status is then what a shell would say,
 * 128 + n after signal n. */
bool cg_child_read(cg_child *child, cg_line_reader *result, cg_line_reader *message, void *user,
                   int *exit_status);

/* Asks for its end as that signal does; ends it. */
void cg_child_signal(const cg_child *child, int signal_number);
void cg_child_kill(const cg_child *child);

/* The child has ended, or is NULL. */
void cg_child_release(cg_child *child);

#endif
