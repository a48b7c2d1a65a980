/* Checksums of device memory, for what must not have changed: whole numbers, so that the host and
 * every device have the same ones, in any order of summation.
 */
#include "common.clh"

/* sums[slot] += the sum over i < count of checksum_term(words[first + i], i), modulo 2^32.
 * A work-item takes `each` neighbours on CPUs; on GPUs neighbours take neighbours.
 * NDRange: (items), items * each >= count. */
__kernel void checksum_add(__global uint *restrict sums, __global const uint *restrict words,
                           int slot, int first, int count, int each, int items)
{
    const int item = (int)get_global_id(0); /* 0 .. items - 1 */
    uint sum = 0u;

    if (item >= items)
        return;
#if VEC == 1
    for (int i = item; i < count; i += items)
#else
    for (int i = item * each; i < min(count, (item + 1) * each); i++)
#endif
        sum += cg_checksum_term(words[first + i], (uint)i);
    atomic_add(&sums[slot], sum);
}
