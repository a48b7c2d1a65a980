/* Random choices of the measures, on the host: Philox's words, one after the other. */
#ifndef CLGAN_EVAL_RANDOM_H
#define CLGAN_EVAL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The purpose of a stream: it is the layer within CG_STREAM_EVAL. */
typedef enum cg_eval_random_purpose {
    CG_EVAL_RANDOM_GROUPS,    /* the Frechet distance: which points make a group */
    CG_EVAL_RANDOM_BOOTSTRAP, /* which groups make a redrawn set; step = the draw */
    CG_EVAL_RANDOM_SUBSETS /* the kernel distance: which points make a subset; step = the subset */
} cg_eval_random_purpose;

typedef struct cg_eval_random {
    uint32_t key[2], counter[4], words[4];
} cg_eval_random;

void cg_eval_random_init(cg_eval_random *draw, uint64_t seed, cg_eval_random_purpose purpose,
                         uint32_t step);

/* A whole number below n, each as likely; 0 < n < 2^32. */
size_t cg_eval_random_below(cg_eval_random *draw, size_t n);

/* Swaps elements of order [n] so that its first `count` are a random choice of all, in random
 * order. */
void cg_eval_random_choose(cg_eval_random *draw, size_t *order, size_t n, size_t count);

#endif
