/* Sums over the parts of a batch, by a tree (ops/tree.h). A node has the sums, or the moments, of
 * some parts, and two nodes make one. A launch takes up to CG_TREE_FAN nodes of one level, side by
 * side, adds each second one to the one before it, and does so again until one is left: the order
 * of all sums follows from the tree.
 */
#include "common.clh"
#include "moments.clh"

/* y[i] = the nodes' sum of x[i], x[i + pitch], ... for i < count, a multiple of VEC. y may be x.
 * NDRange: (count / VEC). */
__kernel void tree_sum(__global float *y, __global const float *x, int first_y, int first_x,
                       int pitch, int count, int nodes)
{
    const int i = (int)get_global_id(0) * VEC; /* 0 .. count - 1 */
    vfloat v[CG_TREE_FAN];
    if (i >= count)
        return;
    UNROLL for (int n = 0; n < CG_TREE_FAN; n++)
    {
        if (n < nodes)
            v[n] = VLOAD(x, (size_t)(first_x + i) + (size_t)n * (size_t)pitch);
    }
    UNROLL for (int width = 1; width < CG_TREE_FAN; width *= 2)
    {
        UNROLL for (int n = 0; n < CG_TREE_FAN; n += 2 * width)
        {
            if (n + width < nodes)
                v[n] += v[n + width];
        }
    }
    VSTORE(v[0], y, (size_t)(first_y + i));
}

/* The same of moments, [CG_MOMENTS][features] in each node. NDRange: (features / VEC). */
__kernel void tree_moments(__global float *y, __global const float *x, int first_y, int first_x,
                           int pitch, int features, int nodes)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    sample_moments v[CG_TREE_FAN];
    if (f >= features)
        return;
    for (int n = 0; n < nodes; n++)
        load_moments(&v[n], x, (size_t)(first_x + f) + (size_t)n * (size_t)pitch, features);
    for (int width = 1; width < nodes; width *= 2)
        for (int n = 0; n + width < nodes; n += 2 * width)
            v[n] = merge_moments(v[n], v[n + width]);
    store_moments(y, (size_t)(first_y + f), features, v[0]);
}

/* A leaf: y[first ..] = moments [partials][CG_MOMENTS][features], merged in their order.
 * NDRange: (features / VEC). */
__kernel void tree_moments_leaf(__global float *restrict y, __global const float *restrict moments,
                                int first, int partials, int features)
{
    const int f = (int)get_global_id(0) * VEC; /* 0 .. features - 1 */
    sample_moments all = NO_SAMPLES;
    if (f >= features)
        return;
    for (int part = 0; part < partials; part++) {
        sample_moments m;
        load_moments(&m, moments, moments_index(features, part, f), features);
        all = merge_moments(all, m);
    }
    store_moments(y, (size_t)(first + f), features, all);
}
