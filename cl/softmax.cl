/* Softmax cross-entropy of logits x [n][CG_BLOCK], of which `classes` lanes are classes; the
 * largest logit is taken off first, so that nothing overflows.
 *     loss[n]  = log sum over c of exp(x[n, c]) - x[n, label]
 *     dx[n, c] = (softmax(x[n])[c] - (c == label)) / n_count,  0 in padding lanes
 */
#include "common.clh"

/* One image a work-item. NDRange: (n_count). */
__kernel void softmax_loss(__global float *restrict dx, __global float *restrict loss,
                           __global const float *restrict x, __global const uchar *restrict labels,
                           int first, int n_count, int classes)
{
    const int n = (int)get_global_id(0); /* 0 .. n_count - 1 */
    if (n >= n_count)
        return;
    __global const float *row = x + (size_t)n * CG_BLOCK;
    __global float *out = dx + (size_t)n * CG_BLOCK;
    const int label = (int)labels[first + n];
    float largest = row[0], sum = 0.0f;

    for (int c = 1; c < classes; c++)
        largest = fmax(largest, row[c]);
    for (int c = 0; c < classes; c++)
        sum += exp(row[c] - largest);
    for (int c = 0; c < CG_BLOCK; c++) {
        const float p = c < classes ? exp(row[c] - largest) / sum : 0.0f;
        out[c] = (p - (c == label ? 1.0f : 0.0f)) / (float)n_count;
    }
    loss[n] = log(sum) - (row[label] - largest);
}
