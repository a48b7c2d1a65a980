/* log.jsonl: what happened in a run, one JSON object a line, each with a number "step".
 *
 *     cg_runlog *log;
 *     if (cg_runlog_open(&log, "log.jsonl") == CG_OK)
 *         status = cg_runlog_append(log, "{\"type\": \"note\", \"step\": 7}");
 *     cg_runlog_release(log);
 *
 * Threads: any thread may call these functions, one at a time for each log and each file.
 */
#ifndef CLGAN_RUNLOG_H
#define CLGAN_RUNLOG_H

#include <clgan/status.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_runlog cg_runlog;

/* Opens the file for appending, creating it if need be; for cg_runlog_release().
 * To go on with an old log, call cg_runlog_truncate() first. CG_ERR_WRITE; *log is then NULL. */
CG_API cg_status cg_runlog_open(cg_runlog **log, const char *path);

/* Appends one record: a JSON object with a number "step", on one line, without a line end; or
 * several, with line ends between them, of which a program that is killed leaves all or none. When
 * this returns, they are with the operating system. A file that was removed or replaced since it
 * was opened is warned of, and they go to the one that is at its path now. CG_ERR_ARGUMENT when one
 * is no such object (a NaN is not JSON); CG_ERR_WRITE. */
CG_API cg_status cg_runlog_append(cg_runlog *log, const char *json_lines);

/* When this returns, what was appended is on the disk. CG_ERR_WRITE. */
CG_API cg_status cg_runlog_sync(cg_runlog *log);

/* NULL is fine. */
CG_API void cg_runlog_release(cg_runlog *log);

/* The step that a log is to end at, and how the program that wrote it last went about it. */
typedef struct cg_runlog_end {
    uint64_t step;  /* the last one whose records stay                         */
    uint64_t first; /* step after which that program began ...                 */
    uint64_t every; /* ... to write a record of type "step" every this many steps */
} cg_runlog_end;

/* Takes the log back to end->step, for a resume: rewrites the file with only those lines that are
 * complete records with "step" <= end->step. Records of type "step" after end->first that are no
 * multiple of end->every are removed, too: they were written because the program stopped there, and
 * a run that was never stopped has none of them. Lines that are no records are counted in a
 * warning, but for a last one without an end, of a write that was cut short; a record of type
 * "evaluation" that belongs to that write goes with it, and what follows it. A missing file is
 * fine. CG_ERR_INPUT when it cannot be read, CG_ERR_WRITE. */
CG_API cg_status cg_runlog_truncate(const char *path, const cg_runlog_end *end);

/* Calls visit(user, line) for each complete record that cg_runlog_truncate() would keep at the last
 * step, without its line end, until one is not CG_OK, which is then the result. A missing file is
 * fine. CG_ERR_INPUT when it cannot be read. */
CG_API cg_status cg_runlog_read(const char *path, cg_status (*visit)(void *user, const char *line),
                                void *user);

#ifdef __cplusplus
}
#endif
#endif
