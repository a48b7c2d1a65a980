/* Launches (cl/kernel_distance.cl, cl/neighbours.cl). */
#include "eval/kernels.h"

#include "base/memory.h"
#include "ocl/launch.h"

cg_status cg_kernel_distance_sum(cg_runtime *rt, cg_buffer *partial, const cg_buffer *products,
                                 size_t rows, size_t columns, size_t d, bool same)
{
    cg_launch launch = {.file = "kernel_distance.cl",
                        .kernel = "kernel_distance_sum",
                        .global = {columns / rt->vec, cg_ceil_div(rows, CG_KERNEL_DISTANCE_CHUNK)}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(partial), cg_arg_buffer(products), cg_arg_int(rows),
                     cg_arg_int(columns), cg_arg_float(1 / (float)d), cg_arg_int(same));
}

#define PAIRS(pairs)                                                         \
    cg_arg_buffer((pairs)->products), cg_arg_buffer((pairs)->query_squares), \
        cg_arg_buffer((pairs)->point_squares), cg_arg_int((pairs)->queries), \
        cg_arg_int((pairs)->points)

cg_status cg_neighbours_find(cg_runtime *rt, cg_buffer *nearest, cg_buffer *index, size_t count,
                             const cg_pairs *pairs, size_t first)
{
    cg_build_options options = {0};
    cg_launch launch = {.file = "neighbours.cl",
                        .kernel = "neighbours_find",
                        .options = &options,
                        .global = {pairs->queries / rt->vec}};
    cg_build_options_add(&options, "-D COUNT=%zu", count);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(nearest), cg_arg_buffer(index), PAIRS(pairs),
                     cg_arg_int(first));
}

cg_status cg_neighbours_count(cg_runtime *rt, cg_buffer *inside, cg_buffer *around,
                              const cg_pairs *pairs)
{
    cg_build_options options = {0}; /* of the search before: a program less */
    cg_launch launch = {.file = "neighbours.cl",
                        .kernel = "neighbours_count",
                        .options = &options,
                        .global = {pairs->queries / rt->vec}};
    cg_build_options_add(&options, "-D COUNT=%d", CG_NEIGHBOURS + 1);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(inside), cg_arg_buffer(around), PAIRS(pairs),
                     cg_arg_buffer(pairs->query_radii), cg_arg_buffer(pairs->point_radii));
}
