/* The program's process, where operating systems differ: CMake compiles process_posix.c or, for
 * Windows, process_windows.c. The library leaves signals, the environment and the standard streams
 * alone, so this is not in base/platform.h. */
#ifndef CLGAN_CLI_PROCESS_H
#define CLGAN_CLI_PROCESS_H

#include "cli/lines.h"

#include <stdbool.h>
#include <stddef.h>

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

/* PoCL's threads may share a core in short runs unless each is bound to its own. PoCL binds its
 * i-th thread to processor i, and ends the process where it may not. Binding is right only where
 * every processor is ours and no thread is left over: there this sets POCL_AFFINITY, unless the
 * user has. With several ranks on this machine, `ranks` of them, none is bound, and each rank has
 * its part of the processors as threads, unless the user has said how many. */
void cg_process_set_pocl_threads(size_t ranks);

/* Takes back what that has set, before this process starts others that share the processors: they
 * would inherit it, and each bind its first thread to processor 0. */
void cg_process_unset_pocl_threads(void);

/* The shortest name by which a shell starts this program, which was started as `argument`: the bare
 * name where that is found in the PATH, else the argument itself. Lives as long as that, and is by
 * what children are started (cg_child_start). */
const char *cg_process_find_name(const char *argument);

/* PoCL lists no device where it cannot write its folder of compiled kernels: then this sets
 * POCL_CACHE_DIR to one of the user's own among the temporary files. */
void cg_process_find_pocl_cache(void);

/* False when standard output is a pipe whose reader has gone: it wanted no more. */
bool cg_process_has_reader(void);

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

/* ---- this program once more ------------------------------------------------------------------ */

/* A process that runs this program, whose output comes here by lines. A terminal's signals do not
 * reach it, so that each comes once, by cg_child_signal(); where this process ends without having
 * seen its end, it is asked for one, on Linux. One thread starts and watches all of them. */
typedef struct cg_child cg_child;

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
