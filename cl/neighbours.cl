/* Nearest neighbours: squared distances |q|^2 + |p|^2 - 2 q.p between queries and points, from a
 * tile of their products [points][queries]. Distances are computed where they are used, and never
 * written.
 *
 * A work-item owns VEC queries, whose products with a point lie side by side, and goes through the
 * tile's points; what it knows of its queries stays from tile to tile in state [...][queries].
 * Padding has an infinite square, and so is far from every point. The distance of a pair is the
 * same number whichever of the two is the query. The sizes of a tile are whole vectors.
 */
#include "common.clh"

#ifndef COUNT /* neighbours that are kept for a query */
#define COUNT 1
#endif
#if COUNT < 1
#error "COUNT must be 1 or more"
#endif

static vfloat distance_of(vfloat query_square, float point_square, vfloat product)
{
    return fmax(query_square + point_square - 2.0f * product, (vfloat)(0.0f));
}

/* nearest[i][q], index[i][q] = the i-th smallest squared distance from q and whose it is, of all
 * points so d, i < COUNT; the tile's points are first, first + 1, ... Starts from infinity.
 * NDRange: (queries / VEC). */
__kernel void neighbours_find(__global float *restrict nearest, __global int *restrict index,
                                 __global const float *restrict products,
                                 __global const float *restrict query_squares,
                                 __global const float *restrict point_squares, int queries,
                                 int points, int first)
{
    const int q = (int)get_global_id(0) * VEC; /* 0 .. queries - 1 */
    vfloat best[COUNT];
    vint who[COUNT];

    if (q >= queries)
        return;
    const vfloat square = VLOAD(query_squares, q);
    UNROLL for (int i = 0; i < COUNT; i++)
    {
        best[i] = VLOAD(nearest, i * queries + q);
        who[i] = *(__global const vint *)(index + i * queries + q);
    }
    for (int p = 0; p < points; p++) {
        vfloat d = distance_of(square, point_squares[p],
                                 VLOAD(products, (size_t)p * (size_t)queries + (size_t)q));
        vint who_d = (vint)(first + p);
        UNROLL for (int i = 0; i < COUNT; i++) /* the nearer one stays, the other one goes on */
        {
            const vint nearer = d < best[i];
            const vfloat best_i = best[i];
            const vint who_i = who[i];
            best[i] = select(best_i, d, nearer);
            who[i] = select(who_i, who_d, nearer);
            d = select(d, best_i, nearer);
            who_d = select(who_d, who_i, nearer);
        }
    }
    UNROLL for (int i = 0; i < COUNT; i++)
    {
        VSTORE(best[i], nearest, i * queries + q);
        *(__global vint *)(index + i * queries + q) = who[i];
    }
}

/* Around each query and each point lies a ball; radii are squared, and the edge is outside.
 * inside[q] += points in q's ball; around[q] += points in whose balls q is. Starts from 0.
 * NDRange: (queries / VEC). */
__kernel void neighbours_count(__global int *restrict inside, __global int *restrict around,
                               __global const float *restrict products,
                               __global const float *restrict query_squares,
                               __global const float *restrict point_squares,
                               int queries, int points, __global const float *restrict query_radii,
                               __global const float *restrict point_radii)
{
    const int q = (int)get_global_id(0) * VEC; /* 0 .. queries - 1 */

    if (q >= queries)
        return;
    const vfloat square = VLOAD(query_squares, q), radius = VLOAD(query_radii, q);
    vint in = *(__global const vint *)(inside + q), over = *(__global const vint *)(around + q);
    for (int p = 0; p < points; p++) {
        const vfloat d = distance_of(square, point_squares[p],
                                     VLOAD(products, (size_t)p * (size_t)queries + (size_t)q));
        in += select((vint)(0), (vint)(1), d < radius);
        over += select((vint)(0), (vint)(1), d < (vfloat)(point_radii[p]));
    }
    *(__global vint *)(inside + q) = in;
    *(__global vint *)(around + q) = over;
}
