/* Kernels of the check of commands (src/verify/commands.c): what they compute is of no use but to
 * show which launches ran, in which order, with which arguments. All numbers are whole.
 */
#include "common.clh"

/* state[i] = CG_COMMAND_FACTOR state[i] + given[i % CG_COMMAND_WORDS] + term + i, modulo 2^32: the
 * state depends on every launch before, and on their order. NDRange: (count). */
__kernel void command_step(__global uint *restrict state, __global const uint *restrict given,
                           uint term, int count)
{
    const int i = (int)get_global_id(0); /* 0 .. count - 1 */
    if (i >= count)
        return;
    state[i] = CG_COMMAND_FACTOR * state[i] + given[i % CG_COMMAND_WORDS] + term + (uint)i;
}

/* out[z][y][x] = where the work-item is, by its group and its place in it.
 * NDRange: (width, height, depth). */
__kernel void command_place(__global uint *restrict out, int width, int height, int depth)
{
    const uint x = (uint)(GROUP_ID(0) * get_local_size(0) + get_local_id(0));
    const uint y = (uint)(GROUP_ID(1) * get_local_size(1) + get_local_id(1));
    const uint z = (uint)(GROUP_ID(2) * get_local_size(2) + get_local_id(2));

    if (x >= (uint)width || y >= (uint)height || z >= (uint)depth)
        return;
    out[(get_global_id(2) * (size_t)height + get_global_id(1)) * (size_t)width +
        get_global_id(0)] = (z << 20) + (y << 10) + x;
}

/* Each group's words in reverse, by way of two arrays in local memory, which must not overlap:
 * out[i] = in[j] + CG_COMMAND_FACTOR in[i]. The global size is whole groups.
 * NDRange: (count); local memory: a word for each work-item in both. */
__kernel void command_reverse(__global uint *restrict out, __global const uint *restrict in,
                              __local uint *here, __local uint *there)
{
    const size_t i = get_global_id(0), own = get_local_id(0);
    const size_t last = get_local_size(0) - 1;

    here[own] = in[i];
    there[last - own] = in[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    out[i] = there[own] + CG_COMMAND_FACTOR * here[own];
}
