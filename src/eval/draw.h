/* Random choices of the measures, on the host: Philox's words, one after the other. */
#ifndef CLGAN_EVAL_DRAW_H
#define CLGAN_EVAL_DRAW_H

#include <stddef.h>
#include <stdint.h>

/* What is drawn: the layer of CG_STREAM_EVAL. */
typedef enum cg_draw_purpose {
    CG_DRAW_GROUPS,    /* the Frechet distance: which points make a group */
    CG_DRAW_BOOTSTRAP, /* which groups make a redrawn set; step = the draw */
    CG_DRAW_SUBSETS    /* the kernel distance: which points make a subset; step = the subset */
} cg_draw_purpose;

typedef struct cg_draw {
    uint32_t key[2], counter[4], words[4];
} cg_draw;

void cg_draw_init(cg_draw *draw, uint64_t seed, cg_draw_purpose purpose, uint32_t step);

/* A whole number below n, each as likely; 0 < n < 2^32. */
size_t cg_draw_below(cg_draw *draw, size_t n);

/* Swaps elements of order [n] so that its first `count` are a random choice of all, in random
 * order. */
void cg_draw_choose(cg_draw *draw, size_t *order, size_t n, size_t count);

#endif
