/* Messages to a person, on stderr, or where the program wants them. A line is "clgan: LEVEL: text";
 * info lines carry no level.
 *
 *     cg_log_set_level(CG_LOG_DEBUG);
 *     cg_log(CG_LOG_WARNING, "%d of %d images are blank", 3, 16);
 *
 * Level, handler, prefix, cg_log_catch_drivers() and cg_terminal_set_program() are for the whole
 * process.
 *
 * Threads: any thread may log, several at once; these five are set before that. */
#ifndef CLGAN_LOG_H
#define CLGAN_LOG_H

#include <clgan/status.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cg_log_level { CG_LOG_ERROR, CG_LOG_WARNING, CG_LOG_INFO, CG_LOG_DEBUG } cg_log_level;

/* Messages above `level` are dropped; what is being done is shown from CG_LOG_INFO on. The default
 * is CG_LOG_INFO. */
CG_API void cg_log_set_level(cg_log_level level);
CG_API cg_log_level cg_log_get_level(void);

/* Hands messages to `handler` from now on, instead of printing them; NULL: prints them again. The
 * thread that logs calls it, with `user`. `line` has no prefix and no line end, and lives until the
 * handler returns. */
CG_API void cg_log_set_handler(void (*handler)(void *user, cg_log_level level, const char *line),
                               void *user);

/* This stands before each line's text from now on: "rank 1: ", up to 63 bytes; NULL: nothing. For
 * processes whose lines come out in one place. */
CG_API void cg_log_set_prefix(const char *prefix);

/* Formats are those of C11 everywhere. To gcc "printf" is the system's own, which on Windows lacks
 * some; clang knows no other word. */
#if defined(__clang__)
#define CG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#elif defined(__GNUC__)
#define CG_PRINTF(fmt, args) __attribute__((format(gnu_printf, fmt, args)))
#else
#define CG_PRINTF(fmt, args)
#endif

/* Prints one line; control characters in it (from file names, drivers) come out as '?'. On a
 * terminal the words "error" and "warning" have colours (clgan/terminal.h). */
CG_API void cg_log(cg_log_level level, const char *format, ...) CG_PRINTF(2, 3);

/* Logs the sentence as an error and returns `status`: `return cg_fail(CG_ERR_INPUT, ...)`. */
CG_API cg_status cg_fail(cg_status status, const char *format, ...) CG_PRINTF(2, 3);

/* Catches what drivers' compilers write past the log, straight to descriptor 2, while programs are
 * built; it becomes debug messages, and is written as it is where a driver aborts. Off at first, as
 * the whole process' descriptor goes elsewhere meanwhile, and SIGABRT has a handler. */
CG_API void cg_log_catch_drivers(bool caught);

#ifdef __cplusplus
}
#endif
#endif
