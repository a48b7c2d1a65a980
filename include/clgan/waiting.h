/* Words for what this process waits for unusually long: a driver that compiles, a device, a disk.
 * The thread that waits cannot say so; another one asks about once a second:
 *
 *     cg_waiting_line line;
 *     for (;; sleep(1))
 *         if (cg_waiting_look(&line) && line.due)
 *             fprintf(stderr, "%s\n", line.text);
 *
 * It calls no OpenCL.
 *
 * Threads: any thread may call it, one at a time.
 */
#ifndef CLGAN_WAITING_H
#define CLGAN_WAITING_H

#include <clgan/status.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CG_WAITING_TEXT = 640 };

typedef struct cg_waiting_line {
    char text[CG_WAITING_TEXT]; /* "still compiling adam of step.cl after 1:02" */
    bool due; /* it is time to say so: at first, and then after twice as long each time */
} cg_waiting_line;

/* *line = the longest of the waits that are unusual: of 60 s, for a training step of 10 s
 * and of 30 usual ones. False where there is none. A line that is drawn on the terminal's last line
 * is taken away when the wait ends, if progress is shown there. */
CG_API bool cg_waiting_look(cg_waiting_line *line);

#ifdef __cplusplus
}
#endif
#endif
