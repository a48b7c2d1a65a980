/* The lines of a run's log that count, for those who parse them by themselves. */
#ifndef CLGAN_IO_LOG_LINES_H
#define CLGAN_IO_LOG_LINES_H

#include <clgan/status.h>
#include <stddef.h>

/* A line, with a NUL in place of its end; it may have others, and be no record. */
typedef cg_status cg_log_line_visitor(void *user, const char *line, size_t length);

/* Calls visit() for each line that cg_runlog_truncate() looks at: whole ones, but for an evaluation
 * whose write a power cut has torn. It goes on until one is not CG_OK, which is then the result. A
 * missing file has none. CG_ERR_INPUT, CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_log_lines_visit(const char *path, cg_log_line_visitor *visit, void *user);

#endif
