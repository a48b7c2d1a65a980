/* Softmax cross-entropy of logits x [blocks][pitch][CG_BLOCK], whose first `classes` lanes are
 * classes; the largest logit is taken off first, so that nothing overflows.
 *     loss[n]  = log sum over c of exp(x[n, c]) - x[n, label]
 *     dx[n, c] = (softmax(x[n])[c] - (c == label)) / n_count,  0 in padding lanes
 */
#include "common.clh"

/* Returns the index of class c of image n. */
static inline size_t lane_of(int pitch, int n, int c)
{
    return row_index(pitch, c / CG_BLOCK, n, c % CG_BLOCK);
}

/* One image a work-item. NDRange: (n_count). */
__kernel void softmax_loss(__global float *restrict dx, __global float *restrict loss,
                           __global const float *restrict x, __global const uchar *restrict labels,
                           int first, int n_count, int classes, int x_pitch,
                           int dx_pitch)
{
    const int n = (int)get_global_id(0); /* 0 .. n_count - 1 */
    if (n >= n_count)
        return;
    const int label = (int)labels[first + n];
    const int lanes = (classes + CG_BLOCK - 1) / CG_BLOCK * CG_BLOCK;
    float largest = x[lane_of(x_pitch, n, 0)], sum = 0.0f;

    for (int c = 1; c < classes; c++)
        largest = fmax(largest, x[lane_of(x_pitch, n, c)]);
    for (int c = 0; c < classes; c++)
        sum += exp(x[lane_of(x_pitch, n, c)] - largest);
    for (int c = 0; c < lanes; c++) {
        const float p = c < classes ? exp(x[lane_of(x_pitch, n, c)] - largest) / sum : 0.0f;
        dx[lane_of(dx_pitch, n, c)] = (p - (c == label ? 1.0f : 0.0f)) / (float)n_count;
    }
    loss[n] = log(sum) - (x[lane_of(x_pitch, n, label)] - largest);
}
