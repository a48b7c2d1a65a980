/* mpirun, which `--ranks N` starts and waits for, where operating systems differ: CMake
 * compiles launcher_posix.c or launcher_windows.c.
 *
 * A terminal's signals are for all processes of its foreground, and mpirun kills its processes soon
 * after one. So it is in a group of its own, and a signal goes from here to rank 0 alone, as a byte
 * on its standard input, which every mpirun hands to rank 0; rank 0 ends the others, and so mpirun.
 * The end of that input tells rank 0 that this process is gone. */
#ifndef CLGAN_CLI_LAUNCHER_H
#define CLGAN_CLI_LAUNCHER_H

#include "cli/process.h"

#include <stdbool.h>

/* Starts the program with its arguments, `words` up to a NULL, and waits for its end. *exit_status
 * is what a shell would say. False, with errno, where it cannot be started: ENOENT when no such
 * program is in the PATH. */
bool cg_launcher_run(const char *const words[], int *exit_status);

/* The first signal that was handed to rank 0; 0: none was. */
int cg_launcher_signal(void);

/* True in a rank that cg_launcher_run() started, or a process that such a rank started. */
bool cg_launcher_is_above(void);

/* For rank 0 there. The first, which comes before anything else, sends its messages to the terminal
 * that those of the process above go to, if they do; the second has `handler` called for each
 * order. */
void cg_launcher_join_terminal(void);
void cg_launcher_obey(cg_stop_handler handler);

#endif
