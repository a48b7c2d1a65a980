/* The launches of the measures' own kernels. Asynchronous. */
#ifndef CLGAN_EVAL_KERNELS_H
#define CLGAN_EVAL_KERNELS_H

#include "cl/shared.h"
#include "ocl/buffer.h"

#include <stdbool.h>

enum { CG_NEIGHBOURS = 5 }; /* k: which neighbour a ball reaches to, by default */

/* partial [ceil(rows / CG_KERNEL_DISTANCE_CHUNK)][columns] = sums of (s + 1)^3 - 1, s = products /
 * d, over the rows of a chunk; same: without the diagonal. products [rows][columns], columns in
 * multiples of 16. */
cg_status cg_kernel_distance_sum(cg_runtime *rt, cg_buffer *partial, const cg_buffer *products,
                                 size_t rows, size_t columns, size_t d, bool same);

/* Pairs of queries and points: products [points][queries], the squared lengths of both, infinite
 * for what is none, and where they have balls the squared radii. Sizes in multiples of 16. */
typedef struct cg_pairs {
    size_t queries, points;
    const cg_buffer *products;
    const cg_buffer *query_squares, *point_squares;
    const cg_buffer *query_radii, *point_radii;
} cg_pairs;

/* nearest, index [count][queries]: the queries' nearest points of all tiles so far by squared
 * distance, and their numbers; the tile's first point is number `first`. Before the first tile
 * nearest is infinite. */
cg_status cg_neighbours_find(cg_runtime *rt, cg_buffer *nearest, cg_buffer *index, size_t count,
                             const cg_pairs *pairs, size_t first);

/* inside [queries] += the points in a query's ball; around [queries] += the points in whose balls
 * it is. */
cg_status cg_neighbours_count(cg_runtime *rt, cg_buffer *inside, cg_buffer *around,
                              const cg_pairs *pairs);

#endif
