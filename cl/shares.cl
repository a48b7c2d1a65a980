/* Sums of partial results, in a fixed order. */

/* y[i] = partial[0][i] + partial[1][i] + ..., i < count. NDRange: (count). */
__kernel void sum_shares(__global float *restrict y, __global const float *restrict partial,
                         int count, int shares)
{
    const int i = (int)get_global_id(0); /* 0 .. count - 1 */
    float sum = 0.0f;

    if (i >= count)
        return;
    for (int s = 0; s < shares; s++)
        sum += partial[(size_t)s * (size_t)count + (size_t)i];
    y[i] = sum;
}
