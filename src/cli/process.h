/* The program's process, where operating systems differ: CMake compiles process_posix.c or, for
 * Windows, process_windows.c. The library leaves signals, the environment and the standard streams
 * alone, so this is not in base/platform.h. */
#ifndef CLGAN_CLI_PROCESS_H
#define CLGAN_CLI_PROCESS_H

#include <stdbool.h>

/* Is called with SIGHUP, SIGINT or SIGTERM when the user or the system asks for an end; `again`: it
 * was asked for before, and this is somebody who does not want to wait. It runs in a thread of its
 * own, so it may call anything that any thread may; one call ends before the next. */
typedef void (*cg_stop_handler)(int signal_number, bool again);

/* Called once, before anything else. Descriptors 0 to 2 are open from here on, so that no file of a
 * run takes the place of a closed standard stream; writing beyond a limit of file size, or to a
 * pipe that nobody reads any more, is a failed write; standard output has the same bytes on all
 * systems; and `handler` is called instead of the process ending. `continue_asks`: SIGCONT asks for
 * an end as SIGTERM does, unless it ends a halt. */
void cg_process_start(cg_stop_handler handler, bool continue_asks);

/* From now on this one is called. */
void cg_process_on_stop(cg_stop_handler handler);

/* The shortest name by which a shell starts this program, which was started as `argument`: the bare
 * name where that is found in the PATH, else the argument itself. Lives as long as that. */
const char *cg_process_find_name(const char *argument);

/* False when standard output is a pipe whose reader has gone: it wanted no more. */
bool cg_process_has_reader(void);

/* True when both paths lead to one file that is there. */
bool cg_process_is_same_file(const char *one, const char *other);

/* A thread of its own makes the call about once a second until the process ends. Nothing where no
 * thread can be had. */
void cg_process_each_second(void (*call)(void));

/* Seconds of a clock that nobody sets. */
double cg_process_seconds(void);

/* On a terminal the line, as much of it as fits, takes the place of that of progress until that is
 * drawn again; false where standard error goes elsewhere. */
bool cg_process_show(const char *line);

/* Writes to standard error, in place of a line of progress that stands on a terminal; ends the
 * process: both at once. */
void cg_process_say(const char *message);
void cg_process_end(int exit_status);

#endif
