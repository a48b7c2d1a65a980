/* Waits that may take long, entered where they begin, for another thread to tell of.
 *
 *     cg_wait wait;
 *     cg_wait_begin(&wait, CG_WAIT_USUAL, "reading %zu bytes from %s", bytes, name);
 *     error = clEnqueueReadBuffer(...);
 *     cg_wait_end(&wait);
 *
 * Waits of a thread lie within each other. The innermost one that has a patience of its own is
 * judged, and told of with what the innermost of all is; while it lasts, those around it have
 * their time stopped. One that was told of, and begins again at once with the same words, is told
 * of again where it takes twice as long, as if it had not ended. Any thread may call these. */
#ifndef CLGAN_BASE_WAITING_H
#define CLGAN_BASE_WAITING_H

#include <clgan/log.h>
#include <clgan/waiting.h>

enum {
    CG_WAIT_USUAL = 0, /* no patience of its own within a wait that has one, else this: */
    CG_WAIT_SECONDS = 60,
    CG_WAIT_LEAST = 10, /* seconds; a busy machine makes less than that of nothing */
    CG_WAIT_STEPS = 30, /* of the usual time of a step */
    CG_WAIT_WORDS = 200
};

typedef struct cg_wait {
    char words[CG_WAIT_WORDS]; /* what is done: "compiling adam" */
    double patience;           /* seconds, 0: that of the wait around it */
    double since;              /* on the clock, later by what was stopped */
    double next;               /* it is told of after this many seconds */
    bool told;
    struct cg_wait *outer;                     /* of the same thread; NULL: none */
    struct cg_wait *next_thread, *last_thread; /* a list of the innermost ones of threads */
} cg_wait;

/* `patience`: seconds, or CG_WAIT_USUAL. The format is what is done, as in "still ... after 1:02".
 */
void cg_wait_begin(cg_wait *wait, double patience, const char *format, ...) CG_PRINTF(3, 4);
void cg_wait_end(cg_wait *wait);

/* cg_waiting_look() at that time on the clock. */
bool cg_waiting_look_at(cg_waiting_line *line, double now);

#endif
