/* The program's process, where operating systems differ: CMake compiles process_posix.c or, for
 * Windows, process_windows.c. The library leaves signals, the environment and the standard streams
 * alone, so this is not in base/platform.h. */
#ifndef CLGAN_CLI_PROCESS_H
#define CLGAN_CLI_PROCESS_H

/* Called once, before anything else: writing beyond a limit of file size is a failed write, and
 * standard output has the same bytes on all systems. */
void cg_process_start(void);

/* PoCL's threads may share a core in short runs unless each is bound to its own. Binding is right
 * only where every processor is ours: there this sets POCL_AFFINITY, unless the user has. */
void cg_process_bind_pocl_threads(void);

/* The shortest name by which a shell starts this program, which was started as `argument`: the bare
 * name where that is found in the PATH, else the argument itself. Lives as long as that. */
const char *cg_process_find_name(const char *argument);

/* Has `handler` called with SIGINT or SIGTERM when the user or the system asks for an end. It may
 * run in a thread of its own; it may use cg_process_say() and cg_process_end(). */
void cg_process_on_stop(void (*handler)(int signal_number));

/* Writes to standard error, in place of a line of progress that stands on a terminal; ends the
 * process: both at once, as a handler may. */
void cg_process_say(const char *message);
void cg_process_end(int exit_status);

#endif
