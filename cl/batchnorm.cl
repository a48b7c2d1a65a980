/* Batch normalisation in training, over maps seen as [blocks][samples][groups][BLOCK].
 *
 * groups = 1: a feature is a channel, samples = n*h*w. groups = h*w: a feature is a channel at a
 * position (batchnorm after a dense layer), samples = n. Arrays of features are
 * [blocks][groups][BLOCK]. Sums run over chunks of CHUNK samples, whose results are merged in their
 * order: the order depends on the shape alone. A work-item owns OWN features where it goes through
 * samples, else VEC.
 * Sources: Ioffe and Szegedy 2015; merging of (n, mean, M2): Chan, Golub and LeVeque 1979.
 */
#include "common.clh"

#ifndef CHUNK /* samples summed by one work-item */
#define CHUNK 128
#endif
#define APPLY 32 /* samples that one work-item changes */
#define AHEAD 8  /* samples that are asked for early */
#define OWN   (VEC > 1 ? BLOCK : 1) /* so that a CPU's work-item reads whole rows of a block */
#define OWNED (OWN / VEC)           /* vectors */

/* For each vector v that a work-item owns. */
#define EACH_OWNED UNROLL for (int v = 0; v < OWNED; v++)

/* The index of sample 0 of the features that start at feature f; samples lie groups * BLOCK
 * apart. */
static size_t first_sample(int f, int samples, int groups)
{
    const int block = f / (groups * BLOCK), within = f % (groups * BLOCK);
    return (size_t)block * (size_t)samples * (size_t)(groups * BLOCK) + (size_t)within;
}

/* moments[chunk][0][f] = samples, [1] = their mean, [2] = sum of squared differences from it.
 * NDRange: (features / OWN, chunks). */
__kernel void batchnorm_moments(__global float *restrict moments, __global const float *restrict x,
                                int samples, int groups, int features)
{
    const int f = (int)get_global_id(0) * OWN; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* 0 .. chunks - 1   */
    const int count = min(CHUNK, samples - chunk * CHUNK);
    const size_t step = (size_t)(groups * BLOCK);
    vfloat mean[OWNED], squares[OWNED];

    if (f >= features)
        return;
    x += first_sample(f, samples, groups) + (size_t)(chunk * CHUNK) * step;
    EACH_OWNED mean[v] = squares[v] = (vfloat)(0.0f);
    UNROLL_LOADS for (int i = 0; i < count; i++)
        EACH_OWNED mean[v] += VLOAD(x, (size_t)i * step + (size_t)(v * VEC));
    EACH_OWNED mean[v] /= (float)count;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        EACH_OWNED {
            const vfloat d = VLOAD(x, (size_t)i * step + (size_t)(v * VEC)) - mean[v];
            squares[v] += d * d;
        }
    }
    moments += 3 * chunk * features + f;
    EACH_OWNED {
        VSTORE((vfloat)((float)count), moments, v * VEC);
        VSTORE(mean[v], moments, features + v * VEC);
        VSTORE(squares[v], moments, 2 * features + v * VEC);
    }
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
 * NDRange: (features / OWN, chunks). */
__kernel void batchnorm_bwd_reduce(__global float *restrict partial,
                                   __global const float *restrict dy,
                                   __global const float *restrict x,
                                   __global const float *restrict mean,
                                   __global const float *restrict inv_std,
                                   __global const float *restrict scale,
                                   __global const float *restrict shift, int samples, int groups,
                                   int features, float slope)
{
    const int f = (int)get_global_id(0) * OWN; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* 0 .. chunks - 1   */
    const int count = min(CHUNK, samples - chunk * CHUNK);
    const size_t step = (size_t)(groups * BLOCK);
    vfloat sum[OWNED], product[OWNED];

    if (f >= features)
        return;
    EACH_OWNED sum[v] = product[v] = (vfloat)(0.0f);
    const size_t first = first_sample(f, samples, groups) + (size_t)(chunk * CHUNK) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        EACH_OWNED {
            const size_t at = first + (size_t)i * step + (size_t)(v * VEC);
            const int w = f + v * VEC;
            PREFETCH(x + at + AHEAD * step);
            PREFETCH(dy + at + AHEAD * step);
            const vfloat value = VLOAD(x, at);
            const vfloat y = VLOAD(scale, w) * value + VLOAD(shift, w);
            const vfloat g = LEAKY_GRAD(VLOAD(dy, at), y, slope);
            sum[v] += g;
            product[v] += g * ((value - VLOAD(mean, w)) * VLOAD(inv_std, w));
        }
    }
    partial += 2 * chunk * features + f;
    EACH_OWNED {
        VSTORE(sum[v], partial, v * VEC);
        VSTORE(product[v], partial, features + v * VEC);
    }
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
 * NDRange: (features / OWN, samples / APPLY). */
__kernel void batchnorm_bwd_apply(__global float *restrict dy, __global const float *restrict x,
                                  __global const float *restrict mean,
                                  __global const float *restrict inv_std,
                                  __global const float *restrict scale,
                                  __global const float *restrict shift,
                                  __global const float *restrict dgamma,
                                  __global const float *restrict dbeta, int samples, int groups,
                                  int features, float slope)
{
    const int f = (int)get_global_id(0) * OWN; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* of APPLY samples */
    const int count = min(APPLY, samples - chunk * APPLY);
    const size_t step = (size_t)(groups * BLOCK);
    vfloat mean_g[OWNED], mean_gx[OWNED];

    if (f >= features)
        return;
    EACH_OWNED {
        mean_g[v] = VLOAD(dbeta, f + v * VEC) / (float)samples;
        mean_gx[v] = VLOAD(dgamma, f + v * VEC) / (float)samples;
    }
    const size_t first = first_sample(f, samples, groups) + (size_t)(chunk * APPLY) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++) {
        EACH_OWNED {
            const size_t at = first + (size_t)i * step + (size_t)(v * VEC);
            const int w = f + v * VEC;
            const vfloat a = VLOAD(scale, w), value = VLOAD(x, at);
            const vfloat g = LEAKY_GRAD(VLOAD(dy, at), a * value + VLOAD(shift, w), slope);
            const vfloat xhat = (value - VLOAD(mean, w)) * VLOAD(inv_std, w);
            VSTORE(a * (g - mean_g[v] - xhat * mean_gx[v]), dy, at);
        }
    }
}
