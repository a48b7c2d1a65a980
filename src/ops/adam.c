/* Adam: the bias corrections are in the rates, computed here in double. */
#include "ops/adam.h"

#include "ocl/launch.h"

#include <math.h>

double cg_adam_decay(const cg_adam *adam, uint64_t t)
{
    return fmin(adam->average, (1 + (double)t) / (10 + (double)t));
}

/* base^t by multiplications alone, which are rounded in one way everywhere; pow() is not. */
static double power(double base, uint64_t t)
{
    double result = 1;
    for (; t; t >>= 1, base *= base)
        if (t & 1)
            result *= base;
    return result;
}

cg_status cg_adam_step(cg_runtime *rt, const cg_adam_arrays *a, const cg_adam *adam, uint64_t t)
{
    double decay1 = rt->strict ? power(adam->beta1, t) : pow(adam->beta1, (double)t);
    double decay2 = rt->strict ? power(adam->beta2, t) : pow(adam->beta2, (double)t);
    double correction = sqrt(1 - decay2) / (1 - decay1);
    double follow = a->average ? 1 - cg_adam_decay(adam, t) : 0;
    size_t end = a->end ? a->end : a->count;
    cg_launch launch = {
        .file = "step.cl", .kernel = "adam_step", .global = {(end - a->begin) / rt->vec}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(a->p), cg_arg_buffer(a->m), cg_arg_buffer(a->v),
                     cg_arg_buffer(a->average), cg_arg_buffer(a->g), cg_arg_int(a->begin),
                     cg_arg_int(end), cg_arg_int(a->first),
                     cg_arg_float((float)(adam->rate * correction)),
                     cg_arg_float((float)(adam->rate_d * correction)),
                     cg_arg_float((float)(1 - adam->beta1)), cg_arg_float((float)(1 - adam->beta2)),
                     cg_arg_float((float)adam->epsilon), cg_arg_float((float)follow));
}
