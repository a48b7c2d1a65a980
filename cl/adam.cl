/* Adam over a whole arena of parameters, Keras' form: the bias correction is in the rate,
 *     m += (1 - beta1) (g - m),  v += (1 - beta2) (g^2 - v),  p -= rate m / (sqrt(v) + epsilon),
 * with one rate for the first network's parameters and one for the second's; and the moving average
 * of the first's, average += follow (p - average). follow = 0: there is none.
 * Padding has g = 0 and so stays 0. VEC elements a work-item. Source: Kingma and Ba 2015.
 */
#include "common.clh"

/* Moments below these are zero in strict programs: squares of gradients are smaller than they. */
#define LEAST_M 0x1p-80f
#define LEAST_V 0x1p-100f

/* The elements from `begin` to `end` - 1. NDRange: ((end - begin) / VEC); they and first are
 * multiples of VEC. */
__kernel void adam_step(__global float *restrict p, __global float *restrict m,
                        __global float *restrict v, __global float *restrict average,
                        __global const float *restrict g, int begin, int end, int first, float rate,
                        float rate_d, float one_minus_beta1, float one_minus_beta2, float epsilon,
                        float follow)
{
    const int i = begin + (int)get_global_id(0) * VEC; /* begin .. end - 1 */
    if (i >= end)
        return;
    const vfloat grad = FLUSH(vfloat, VLOAD(g, i));
    vfloat m1 = VLOAD(m, i), v1 = VLOAD(v, i);
    m1 = FLUSH_TO(vfloat, MAD(vfloat, one_minus_beta1, grad - m1, m1), LEAST_M);
    v1 = FLUSH_TO(vfloat, MAD(vfloat, one_minus_beta2, MAD(vfloat, grad, grad, -v1), v1), LEAST_V);
    VSTORE(m1, m, i);
    VSTORE(v1, v, i);
    const vfloat change =
        DIVIDE(vfloat, (i < first ? rate : rate_d) * m1, SQRT(vfloat, v1) + epsilon);
    const vfloat p1 = FLUSH(vfloat, VLOAD(p, i) - change);
    VSTORE(p1, p, i);
    if (follow > 0.0f && i < first)
        VSTORE(FLUSH(vfloat, MAD(vfloat, follow, p1 - VLOAD(average, i), VLOAD(average, i))),
               average, i);
}
