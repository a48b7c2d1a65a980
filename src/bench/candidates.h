/* The candidates of a tuning, in the order in which they are tried: time may run out. */
#ifndef CLGAN_BENCH_CANDIDATES_H
#define CLGAN_BENCH_CANDIDATES_H

#include "nn/stages.h"

/* An algorithm for a layer or for one of its passes. */
typedef struct cg_candidate {
    size_t layer;         /* its index in the tuner's list        */
    double weight;        /* seconds of the layer                 */
    const cg_stage *only; /* NULL: all stages of the layer        */
    size_t name;          /* its index: cg_choice_name_at()       */
    int promise;          /* cg_candidate_promise()               */
} cg_candidate;

/* The promise of an algorithm where another one is shipped, the smaller the better: 0 for a variant
 * of the shipped one, which is only another size of tiles; 1 for another algorithm, which is the
 * shipped one on other devices or layers; 2 for its variants; 3 for the plain one, which serves
 * everywhere and wins nowhere. */
int cg_candidate_promise(const char *name, const char *shipped);

/* Sorts by promise; those alike, a whole layer before its passes, what takes longer first, and
 * else as they are. */
void cg_candidates_sort(cg_candidate *list, size_t count);

#endif
