/* Adam, Keras' form (cl/adam.cl). */
#ifndef CLGAN_OPS_ADAM_H
#define CLGAN_OPS_ADAM_H

#include "ocl/runtime.h"

typedef struct cg_adam {
    double rate, beta1, beta2, epsilon;
} cg_adam;

/* One update, the t-th from 1, of `count` parameters p with their moments m and v from gradients g;
 * arrays of floats, count a multiple of 16. One launch; asynchronous. */
cg_status cg_adam_step(cg_runtime *rt, cg_buffer *p, cg_buffer *m, cg_buffer *v, const cg_buffer *g,
                       size_t count, const cg_adam *adam, uint64_t t);

#endif
