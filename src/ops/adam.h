/* Adam, Keras' form, for two networks that lie side by side (cl/adam.cl). */
#ifndef CLGAN_OPS_ADAM_H
#define CLGAN_OPS_ADAM_H

#include "ocl/buffer.h"

typedef struct cg_adam {
    double rate;   /* of the first network */
    double rate_d; /* of the second        */
    double beta1, beta2, epsilon;
    double average; /* decay of the moving average of the first network's parameters */
} cg_adam;

/* Arrays of `count` floats, of which the first network has `first`; both multiples of 16. */
typedef struct cg_adam_arrays {
    cg_buffer *p, *m, *v; /* parameters and their moments          */
    const cg_buffer *g;   /* gradients                             */
    cg_buffer *average;   /* [first]; NULL: no average is kept     */
    size_t count, first;
    size_t begin, end; /* of the elements to update, multiples of 16; end 0: all of them */
} cg_adam_arrays;

/* One update, the t-th from 1: of p, m and v, and of
 *     average += (1 - decay) (p - average),   decay = min(adam->average, (1 + t) / (10 + t)),
 * which follows the young network closely. One launch; asynchronous. */
cg_status cg_adam_step(cg_runtime *rt, const cg_adam_arrays *arrays, const cg_adam *adam,
                       uint64_t t);

/* The decay of the t-th update. */
double cg_adam_decay(const cg_adam *adam, uint64_t t);

#endif
