/* The phases of long work, in words with counts: on a terminal a line that is redrawn, elsewhere a
 * plain line now and then.
 *
 *     cg_phase phase = {.words = "measuring test images", .total = groups};
 *     cg_phase_begin(&phase);
 *     for (size_t i = 0; i < groups; cg_phase_advance(&phase, ++i))
 *         ...
 *     cg_phase_end(&phase);
 *
 * shows "measuring test images 4/10  0:12". A phase that begins within another stands behind the
 * outermost one's words: "judging epoch 2: measuring test images 4/10". Each thread has its own. */
#ifndef CLGAN_BASE_PHASE_H
#define CLGAN_BASE_PHASE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cg_phase {
    const char *words;  /* borrowed */
    size_t done, total; /* total 0: not known */
    double seconds;     /* spent on it before it began, in other phases of the kind */
    /* The rest is cg_phase_begin()'s. */
    struct cg_phase *outer; /* the one that it began in; NULL: none */
    double start;           /* on the clock */
    bool begun;
} cg_phase;

void cg_phase_begin(cg_phase *phase);

/* `done` of the total is done. The total may have grown meanwhile. */
void cg_phase_advance(cg_phase *phase, size_t done);

/* Must be called, also after a failure, before the phase around it ends. Nothing for one that has
 * not begun or has ended. */
void cg_phase_end(cg_phase *phase);

#endif
