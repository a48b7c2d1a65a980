/* Adam: the bias corrections are in the rate, computed here in double. */
#include "ops/adam.h"

#include <math.h>

cg_status cg_adam_step(cg_runtime *rt, cg_buffer *p, cg_buffer *m, cg_buffer *v, const cg_buffer *g,
                       size_t count, const cg_adam *adam, uint64_t t)
{
    double rate =
        adam->rate * sqrt(1 - pow(adam->beta2, (double)t)) / (1 - pow(adam->beta1, (double)t));
    cg_launch launch = {.file = "step.cl", .kernel = "adam_step", .global = {count / rt->vec}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(p), cg_arg_buffer(m), cg_arg_buffer(v),
                     cg_arg_buffer(g), cg_arg_int(count), cg_arg_float((float)rate),
                     cg_arg_float((float)(1 - adam->beta1)), cg_arg_float((float)(1 - adam->beta2)),
                     cg_arg_float((float)adam->epsilon));
}
