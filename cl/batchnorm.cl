/* Batch normalisation in training, over maps seen as [blocks][samples][groups][CG_BLOCK].
 *
 * groups = 1: a feature is a channel, samples = n*h*w. groups = h*w: a feature is a channel at a
 * position (batchnorm after a dense layer), samples = n. Arrays of features are
 * [blocks][groups][CG_BLOCK]. Sums run over chunks of CG_BATCHNORM_CHUNK samples, whose results are
 * merged in their order, which depends on the shape alone. A work-item owns OWN features where it
 * goes through samples, else VEC. On GPUs up to CG_BATCHNORM_SLICES work-items of a group, the
 * second dimension of it, share what one would sum, and their sums are added in their order: there
 * are few features and chunks beside the work-items that hide a GPU's latency.
 * Source: Ioffe and Szegedy 2015. Moments: moments.clh.
 */
#include "common.clh"
#include "batchnorm.clh"
#include "moments.clh"

#define SAMPLES_AHEAD 8 /* samples that are asked for early */
#define OWN           CG_BATCHNORM_OWN(VEC)
#define OWNED         (OWN / VEC) /* vectors */

/* Loops over the vectors v that a work-item owns. */
#define EACH_OWNED UNROLL for (int v = 0; v < OWNED; v++)

/* Do work-items share sums? Their groups divide the features then, and meet at barriers. */
#define IS_SLICED (VEC == 1 && !IS_STRICT)
#if IS_SLICED
#define SLICE_COUNT ((int)get_local_size(1))
#define SLICE       ((int)get_local_id(1))
#else
#define SLICE_COUNT 1
#define SLICE       0
#endif

/* The terms of `count` that come before those of a slice. */
static inline int slice_begin(int slice, int count)
{
    return min(count, slice * ((count + SLICE_COUNT - 1) / SLICE_COUNT));
}

/* Loops over the terms i of a slice. */
#define EACH_OF_SLICE(i, count)                                                                   \
    UNROLL_LOADS for (int i = slice_begin(SLICE, count), i##_end = slice_begin(SLICE + 1, count); \
                      i < i##_end; i++)

/* SHARE_SLICES(type) declares what GATHER_SLICES(mine, add) uses: slice 0 gets a sum of all slices'
 * `mine`, in their order, by mine = add(mine, another). All work-items of a group come there. */
#if IS_SLICED
#define SHARE_SLICES(type) __local type shared[CG_BATCHNORM_SLICES * CG_BLOCK];
#define GATHER_SLICES(mine, add)                            \
    shared[SLICE * CG_BLOCK + (int)get_local_id(0)] = mine; \
    barrier(CLK_LOCAL_MEM_FENCE);                           \
    for (int s = 1; SLICE == 0 && s < SLICE_COUNT; s++)     \
        mine = add(mine, shared[s * CG_BLOCK + (int)get_local_id(0)]);
#else
#define SHARE_SLICES(type)
#define GATHER_SLICES(mine, add)
#endif

/* Sums of g and of g xhat. */
typedef struct {
    vfloat g, gx;
} gradient_sums;

static inline gradient_sums add_gradients(gradient_sums a, gradient_sums b)
{
    a.g += b.g;
    a.gx += b.gx;
    return a;
}

/* The index of sample 0 of the features that start at feature f; samples lie groups * CG_BLOCK
 * apart. */
static size_t first_sample(int f, int samples, int groups)
{
    const int block = f / (groups * CG_BLOCK), within = f % (groups * CG_BLOCK);
    return (size_t)block * (size_t)samples * (size_t)(groups * CG_BLOCK) + (size_t)within;
}

/* moments[chunk][CG_MOMENTS][features] of each chunk's samples.
 * NDRange: (features / OWN, chunks * SLICE_COUNT). */
__kernel void batchnorm_moments(__global float *restrict moments, __global const float *restrict x,
                                int samples, int groups, int features)
{
    SHARE_SLICES(sample_moments)
    const int f = (int)get_global_id(0) * OWN;             /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1) / SLICE_COUNT; /* 0 .. chunks - 1   */
    const int count = min(CG_BATCHNORM_CHUNK, samples - chunk * CG_BATCHNORM_CHUNK);
    const float own_count = (float)(slice_begin(SLICE + 1, count) - slice_begin(SLICE, count));
    const size_t step = (size_t)(groups * CG_BLOCK);
    sample_moments m[OWNED];

    if (!IS_SLICED && f >= features)
        return;
    x += first_sample(f, samples, groups) + (size_t)(chunk * CG_BATCHNORM_CHUNK) * step;
    EACH_OWNED
    {
        m[v].count = (vfloat)(own_count);
        m[v].mean = m[v].squares = (vfloat)(0.0f);
    }
    EACH_OF_SLICE(i, count)
    EACH_OWNED m[v].mean += VLOAD(x, (size_t)i * step + (size_t)(v * VEC));
    EACH_OWNED m[v].mean = FLUSH(vfloat, DIVIDE(vfloat, m[v].mean, max(own_count, 1.0f)));
    EACH_OF_SLICE(i, count)
    {
        EACH_OWNED
        {
            const vfloat d = VLOAD(x, (size_t)i * step + (size_t)(v * VEC)) - m[v].mean;
            m[v].squares = MAD(vfloat, d, d, m[v].squares);
        }
    }
    GATHER_SLICES(m[0], merge_moments)
    if (SLICE > 0)
        return;
    EACH_OWNED store_moments(moments, moments_index(features, chunk, f + v * VEC), features, m[v]);
}

/* Merges the partials of samples, some of which may be empty; writes mean, 1/std, and the layer as
 * scale and shift: y = scale x + shift. The moving statistics move towards the batch's (biased)
 * ones. NDRange: (features / VEC, SLICE_COUNT). */
__kernel void batchnorm_merge(__global float *restrict mean_out, __global float *restrict inv_std,
                              __global float *restrict scale, __global float *restrict shift,
                              __global float *restrict moving_mean,
                              __global float *restrict moving_variance,
                              __global const float *restrict moments,
                              __global const float *restrict gamma,
                              __global const float *restrict beta, int partials, int features,
                              float momentum, float epsilon)
{
    SHARE_SLICES(sample_moments)
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    sample_moments all = NO_SAMPLES;

    if (!IS_SLICED && f >= features)
        return;
    EACH_OF_SLICE(part, partials)
    {
        sample_moments m;
        load_moments(&m, moments, moments_index(features, part, f), features);
        all = merge_moments(all, m);
    }
    GATHER_SLICES(all, merge_moments)
    if (SLICE > 0)
        return;
    const vfloat mean = FLUSH(vfloat, all.mean);
    const vfloat variance = FLUSH(vfloat, DIVIDE(vfloat, all.squares, all.count));
    const vfloat inverse = DIVIDE(vfloat, 1.0f, SQRT(vfloat, variance + epsilon));
    const vfloat factor = FLUSH(vfloat, VLOAD(gamma, f) * inverse);
    VSTORE(mean, mean_out, f);
    VSTORE(inverse, inv_std, f);
    VSTORE(factor, scale, f);
    VSTORE(FLUSH(vfloat, MAD(vfloat, -mean, factor, VLOAD(beta, f))), shift, f);
    VSTORE(FLUSH(vfloat, MAD(vfloat, VLOAD(moving_mean, f), momentum, mean * (1.0f - momentum))),
           moving_mean, f);
    VSTORE(FLUSH(vfloat,
                 MAD(vfloat, VLOAD(moving_variance, f), momentum, variance * (1.0f - momentum))),
           moving_variance, f);
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
    const vfloat factor = FLUSH(
        vfloat, DIVIDE(vfloat, VLOAD(gamma, f), SQRT(vfloat, VLOAD(moving_variance, f) + epsilon)));
    VSTORE(factor, scale, f);
    VSTORE(FLUSH(vfloat, MAD(vfloat, -VLOAD(moving_mean, f), factor, VLOAD(beta, f))), shift, f);
}

/* With g the gradient after LeakyReLU times its slope, and xhat the normalised x:
 * partial[chunk][0][f] = sum of g, partial[chunk][1][f] = sum of g xhat: CG_BATCHNORM_SUMS arrays.
 * NDRange: (features / OWN, chunks * SLICE_COUNT). */
__kernel void batchnorm_bwd_reduce(__global float *restrict partial,
                                   __global const float *restrict dy, NORM_PARAMS, int samples,
                                   int groups, int features)
{
    SHARE_SLICES(gradient_sums)
    const norm_layer layer = NORM_LAYER;
    const int f = (int)get_global_id(0) * OWN;             /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1) / SLICE_COUNT; /* 0 .. chunks - 1   */
    const int count = min(CG_BATCHNORM_CHUNK, samples - chunk * CG_BATCHNORM_CHUNK);
    const size_t step = (size_t)(groups * CG_BLOCK);
    gradient_sums sum[OWNED];

    if (!IS_SLICED && f >= features)
        return;
    EACH_OWNED sum[v].g = sum[v].gx = (vfloat)(0.0f);
    const size_t first =
        first_sample(f, samples, groups) + (size_t)(chunk * CG_BATCHNORM_CHUNK) * step;
    EACH_OF_SLICE(i, count)
    {
        EACH_OWNED
        {
            const size_t at = first + (size_t)i * step + (size_t)(v * VEC);
            const int w = f + v * VEC;
            PREFETCH(x + at + SAMPLES_AHEAD * step);
            PREFETCH(dy + at + SAMPLES_AHEAD * step);
            const norm_element e = norm_read(&layer, VLOAD(dy, at), at, w);
            sum[v].g += e.g;
            sum[v].gx = MAD(vfloat, e.g, e.xhat, sum[v].gx);
        }
    }
    GATHER_SLICES(sum[0], add_gradients)
    if (SLICE > 0)
        return;
    partial += CG_BATCHNORM_SUMS * chunk * features + f;
    EACH_OWNED
    {
        VSTORE(sum[v].g, partial, v * VEC);
        VSTORE(sum[v].gx, partial, features + v * VEC);
    }
}

/* dgamma, dbeta = the chunks' sums, added in their order.
 * NDRange: (features / VEC, SLICE_COUNT). */
__kernel void batchnorm_bwd_merge(__global float *restrict dgamma, __global float *restrict dbeta,
                                  __global const float *restrict partial, int chunks, int features)
{
    SHARE_SLICES(gradient_sums)
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    gradient_sums all = {(vfloat)(0.0f), (vfloat)(0.0f)};

    if (!IS_SLICED && f >= features)
        return;
    EACH_OF_SLICE(chunk, chunks)
    {
        const int at = CG_BATCHNORM_SUMS * chunk * features + f;
        const gradient_sums sums = {VLOAD(partial, at), VLOAD(partial, at + features)};
        all = add_gradients(all, sums);
    }
    GATHER_SLICES(all, add_gradients)
    if (SLICE > 0)
        return;
    VSTORE(all.gx, dgamma, f);
    VSTORE(all.g, dbeta, f);
}

/* dy becomes dx = scale (g - (dbeta + xhat dgamma) / all_samples): the sums run over all of the
 * batch, of which dy may be a part.
 * NDRange: (features / OWN, samples / CG_BATCHNORM_APPLY). */
__kernel void batchnorm_bwd_apply(__global float *restrict dy, NORM_PARAMS,
                                  __global const float *restrict dgamma,
                                  __global const float *restrict dbeta, int samples,
                                  int all_samples, int groups, int features)
{
    const norm_layer layer = NORM_LAYER;
    const int f = (int)get_global_id(0) * OWN; /* 0 .. features - 1 */
    const int chunk = (int)get_global_id(1);   /* of CG_BATCHNORM_APPLY samples */
    const int count = min(CG_BATCHNORM_APPLY, samples - chunk * CG_BATCHNORM_APPLY);
    const size_t step = (size_t)(groups * CG_BLOCK);
    vfloat mean_g[OWNED], mean_gx[OWNED];

    if (f >= features)
        return;
    EACH_OWNED
    {
        mean_g[v] = FLUSH(vfloat, DIVIDE(vfloat, VLOAD(dbeta, f + v * VEC), (float)all_samples));
        mean_gx[v] = FLUSH(vfloat, DIVIDE(vfloat, VLOAD(dgamma, f + v * VEC), (float)all_samples));
    }
    const size_t first =
        first_sample(f, samples, groups) + (size_t)(chunk * CG_BATCHNORM_APPLY) * step;
    UNROLL_LOADS for (int i = 0; i < count; i++)
    {
        EACH_OWNED
        {
            const size_t at = first + (size_t)i * step + (size_t)(v * VEC);
            const int w = f + v * VEC;
            const norm_element e = norm_read(&layer, VLOAD(dy, at), at, w);
            VSTORE(norm_gradient(&layer, e, mean_g[v], mean_gx[v], w), dy, at);
        }
    }
}
