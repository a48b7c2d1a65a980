/* The DCGAN's three losses, binary cross-entropy on logits, and their gradients as factors.
 *
 * D treats each image on its own and has one logit, so one back-pass with unit seeds serves both
 * losses: an image's gradients are those of its logit times a factor,
 *     D's loss:  (sigmoid(z) - t) / real_count for a real image, sigmoid(z) / fake_count for a fake
 *     G's loss:  (sigmoid(z) - 1) / fake_count for a fake image,
 * t = 1 - smoothing: a real image's loss is that for 1, and smoothing z more. While D does not
 * separate fakes from real images, the fakes' factors sum to about 1/2 and the others to -1/2, so
 * that a plain sum for the bias' gradient would be mostly rounding errors. It is summed from
 * sigmoid(z) - 1/2 = tanh(z / 2) / 2: the halves of both sides cancel exactly, and the remainder by
 * smoothing is added. One work-group does it all: a few hundred logits, each sum with compensation
 * in their order.
 */
#include "common.clh"

/* Adds to a sum and keeps what was lost: Kahan 1965. */
typedef struct {
    float sum, lost;
} kahan;

static void add(kahan *k, float value)
{
    const float y = value - k->lost;
    const float t = k->sum + y;
    k->lost = (t - k->sum) - y;
    k->sum = t;
}

/* The sums over the images. */
enum { ON_REAL, ON_FAKE, OF_G, D_REAL, D_FAKE, DB, SIZE, DB_CENTRED, SIZE_CENTRED, SUMS };

/* logits: [fake_count fakes, then real_count reals], without the bias on entry, with it on exit.
 * factor_d [fake_count + real_count], factor_g [fake_count]; dbias = sum of factor_d.
 * metrics[row] is written.
 * NDRange: (CG_LOSS_ITEMS), one group. */
__kernel __attribute__((reqd_work_group_size(CG_LOSS_ITEMS, 1, 1))) void
loss_logits(__global float *restrict logits, __global float *restrict factor_d,
            __global float *restrict factor_g, __global float *restrict dbias,
            __global cg_metrics *restrict metrics, __global const float *restrict bias,
            int fake_count, int real_count, float smoothing, int row)
{
    __local float terms[SUMS][CG_LOSS_ITEMS];
    __local float sums[SUMS];
    const int item = (int)get_local_id(0);
    const int n_count = fake_count + real_count;
    kahan sum = {0.0f, 0.0f}; /* the sum that this work-item adds up, if item < SUMS */

    for (int first = 0; first < n_count; first += CG_LOSS_ITEMS) {
        const int i = first + item;
        for (int q = 0; q < SUMS; q++)
            terms[q][item] = 0.0f;
        if (i < n_count) {
            const float z = logits[i] + bias[0];
            const float e = exp(-fabs(z)), tail = log1p(e);
            const float yes = (z >= 0.0f ? 1.0f : e) / (1.0f + e); /* sigmoid(z)     */
            const float no = (z >= 0.0f ? e : 1.0f) / (1.0f + e);  /* 1 - sigmoid(z) */
            const bool fake = i < fake_count;
            const float count = (float)(fake ? fake_count : real_count);
            const float factor = (fake ? yes : smoothing - no) / count;
            const float centred = 0.5f * tanh(0.5f * z) / count;
            logits[i] = z;
            factor_d[i] = factor;
            if (fake)
                factor_g[i] = -no / count;
            terms[fake ? ON_FAKE : ON_REAL][item] =
                fmax(fake ? z : -z, 0.0f) + tail + (fake ? 0.0f : smoothing * z);
            terms[OF_G][item] = fake ? fmax(-z, 0.0f) + tail : 0.0f;
            terms[fake ? D_FAKE : D_REAL][item] = yes;
            terms[DB][item] = factor;
            terms[SIZE][item] = fabs(factor);
            terms[DB_CENTRED][item] = centred;
            terms[SIZE_CENTRED][item] = fabs(centred);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < SUMS)
            for (int k = 0; k < CG_LOSS_ITEMS; k++)
                add(&sum, terms[item][k]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item < SUMS)
        sums[item] = sum.sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0) {
        dbias[0] = sums[SIZE_CENTRED] < sums[SIZE] ? sums[DB_CENTRED] + smoothing : sums[DB];
        metrics[row].loss_d_real = sums[ON_REAL] / (float)real_count;
        metrics[row].loss_d_fake = sums[ON_FAKE] / (float)fake_count;
        metrics[row].loss_g = sums[OF_G] / (float)fake_count;
        metrics[row].d_real = sums[D_REAL] / (float)real_count;
        metrics[row].d_fake = sums[D_FAKE] / (float)fake_count;
    }
}
