/* Batch normalisation in training, over maps seen as [blocks][samples][groups][BLOCK].
 *
 * groups = 1: a feature is a channel, samples = n*h*w. groups = h*w: a feature is a channel at a
 * position (batchnorm after a dense layer), samples = n. Arrays of features are
 * [blocks][groups][BLOCK]. Sums run over chunks of CHUNK samples, whose results are merged in their
 * order: the order depends on the shape alone. One work-item owns VEC features.
 * Sources: Ioffe and Szegedy 2015; merging of (n, mean, M2): Chan, Golub and LeVeque 1979.
 */
#include "common.clh"

#ifndef CHUNK /* samples summed by one work-item */
#define CHUNK 128
#endif
#define APPLY 32 /* samples that one work-item changes */

/* The index of sample 0 of the VEC features that start at feature f; samples lie groups * BLOCK
 * apart. */
static size_t first_sample(int f, int samples, int groups)
{
    const int block = f / (groups * BLOCK), within = f % (groups * BLOCK);
    return (size_t)block * (size_t)samples * (size_t)(groups * BLOCK) + (size_t)within;
}

/* moments[chunk][0][f] = samples, [1] = their mean, [2] = sum of squared differences from it.
 * NDRange: (features / VEC, chunks). */
__kernel void batchnorm_moments(__global float *restrict moments, __global const float *restrict x,
                                int samples, int groups, int features)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* 0 .. chunks - 1   */
    const int count = min(CHUNK, samples - chunk * CHUNK);
    const size_t step = (size_t)(groups * BLOCK);
    vfloat sum = (vfloat)(0.0f), squares = (vfloat)(0.0f);

    if (f >= features)
        return;
    const size_t from = first_sample(f, samples, groups) + (size_t)(chunk * CHUNK) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++)
        sum += VLOAD(x, from + (size_t)i * step);
    const vfloat mean = sum / (float)count;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        const vfloat d = VLOAD(x, from + (size_t)i * step) - mean;
        squares += d * d;
    }
    VSTORE((vfloat)((float)count), moments, 3 * chunk * features + f);
    VSTORE(mean, moments, (3 * chunk + 1) * features + f);
    VSTORE(squares, moments, (3 * chunk + 2) * features + f);
}

/* Merges the shares of samples, some of which may be empty; writes mean, 1/std, and the layer as
 * scale and shift: y = scale x + shift. The moving statistics move towards the batch's (biased)
 * ones. NDRange: (features / VEC). */
__kernel void batchnorm_merge(__global float *restrict mean_out, __global float *restrict inv_std,
                              __global float *restrict scale, __global float *restrict shift,
                              __global float *restrict moving_mean,
                              __global float *restrict moving_variance,
                              __global const float *restrict moments,
                              __global const float *restrict gamma,
                              __global const float *restrict beta, int shares, int features,
                              float momentum, float epsilon)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    vfloat mean = (vfloat)(0.0f), squares = (vfloat)(0.0f), samples = (vfloat)(0.0f);

    if (f >= features)
        return;
    UNROLL_LOADS for (int share = 0; share < shares; share++) {
        const vfloat count = VLOAD(moments, 3 * share * features + f);
        const vfloat d = VLOAD(moments, (3 * share + 1) * features + f) - mean;
        const vfloat part = count / max(samples + count, 1.0f);
        mean += d * part;
        squares += VLOAD(moments, (3 * share + 2) * features + f) + d * d * (samples * part);
        samples += count;
    }
    const vfloat variance = squares / samples;
    const vfloat inverse = 1.0f / sqrt(variance + epsilon);
    const vfloat factor = VLOAD(gamma, f) * inverse;
    VSTORE(mean, mean_out, f);
    VSTORE(inverse, inv_std, f);
    VSTORE(factor, scale, f);
    VSTORE(VLOAD(beta, f) - mean * factor, shift, f);
    VSTORE(VLOAD(moving_mean, f) * momentum + mean * (1.0f - momentum), moving_mean, f);
    VSTORE(VLOAD(moving_variance, f) * momentum + variance * (1.0f - momentum), moving_variance, f);
}

/* scale and shift from the moving statistics, for inference. NDRange: (features / VEC). */
__kernel void batchnorm_inference(__global float *restrict scale, __global float *restrict shift,
                                  __global const float *restrict moving_mean,
                                  __global const float *restrict moving_variance,
                                  __global const float *restrict gamma,
                                  __global const float *restrict beta, int features, float epsilon)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    if (f >= features)
        return;
    const vfloat factor = VLOAD(gamma, f) / sqrt(VLOAD(moving_variance, f) + epsilon);
    VSTORE(factor, scale, f);
    VSTORE(VLOAD(beta, f) - VLOAD(moving_mean, f) * factor, shift, f);
}

/* With g the gradient after LeakyReLU times its slope, and xhat the normalised x:
 * partial[chunk][0][f] = sum of g, partial[chunk][1][f] = sum of g xhat.
 * NDRange: (features / VEC, chunks). */
__kernel void batchnorm_bwd_reduce(__global float *restrict partial,
                                   __global const float *restrict dy,
                                   __global const float *restrict x,
                                   __global const float *restrict mean,
                                   __global const float *restrict inv_std,
                                   __global const float *restrict scale,
                                   __global const float *restrict shift, int samples, int groups,
                                   int features, float slope)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* 0 .. chunks - 1   */
    const int count = min(CHUNK, samples - chunk * CHUNK);
    const size_t step = (size_t)(groups * BLOCK);
    vfloat sum = (vfloat)(0.0f), product = (vfloat)(0.0f);

    if (f >= features)
        return;
    const vfloat a = VLOAD(scale, f), b = VLOAD(shift, f);
    const vfloat m = VLOAD(mean, f), s = VLOAD(inv_std, f);
    const size_t from = first_sample(f, samples, groups) + (size_t)(chunk * CHUNK) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        const vfloat value = VLOAD(x, from + (size_t)i * step);
        const vfloat g = LEAKY_GRAD(VLOAD(dy, from + (size_t)i * step), a * value + b, slope);
        sum += g;
        product += g * ((value - m) * s);
    }
    VSTORE(sum, partial, 2 * chunk * features + f);
    VSTORE(product, partial, (2 * chunk + 1) * features + f);
}

/* dgamma, dbeta = the chunks' sums, added in their order. NDRange: (features / VEC). */
__kernel void batchnorm_bwd_merge(__global float *restrict dgamma, __global float *restrict dbeta,
                                  __global const float *restrict partial, int chunks, int features)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    vfloat sum = (vfloat)(0.0f), product = (vfloat)(0.0f);

    if (f >= features)
        return;
    UNROLL_LOADS for (int chunk = 0; chunk < chunks; chunk++) {
        sum += VLOAD(partial, 2 * chunk * features + f);
        product += VLOAD(partial, (2 * chunk + 1) * features + f);
    }
    VSTORE(product, dgamma, f);
    VSTORE(sum, dbeta, f);
}

/* dy becomes dx = scale (g - (dbeta + xhat dgamma) / samples).
 * NDRange: (features / VEC, samples / APPLY). */
__kernel void batchnorm_bwd_apply(__global float *restrict dy, __global const float *restrict x,
                                  __global const float *restrict mean,
                                  __global const float *restrict inv_std,
                                  __global const float *restrict scale,
                                  __global const float *restrict shift,
                                  __global const float *restrict dgamma,
                                  __global const float *restrict dbeta, int samples, int groups,
                                  int features, float slope)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* of APPLY samples */
    const int count = min(APPLY, samples - chunk * APPLY);
    const size_t step = (size_t)(groups * BLOCK);

    if (f >= features)
        return;
    const vfloat a = VLOAD(scale, f), b = VLOAD(shift, f);
    const vfloat m = VLOAD(mean, f), s = VLOAD(inv_std, f);
    const vfloat mean_g = VLOAD(dbeta, f) / (float)samples;
    const vfloat mean_gx = VLOAD(dgamma, f) / (float)samples;
    const size_t from = first_sample(f, samples, groups) + (size_t)(chunk * APPLY) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        const size_t at = from + (size_t)i * step;
        const vfloat value = VLOAD(x, at);
        const vfloat g = LEAKY_GRAD(VLOAD(dy, at), a * value + b, slope);
        VSTORE(a * (g - mean_g - (value - m) * s * mean_gx), dy, at);
    }
}
