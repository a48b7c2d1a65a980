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
 * smoothing is added. One work-group does it all: a few hundred logits, CG_LOSS_ITEMS at a
 * time, each sum with compensation in their order. The group may have any size, which changes no
 * bit.
 */
#include "common.clh"

/* Adds to a sum and keeps what was lost: Kahan 1965. */
typedef struct {
    float sum, lost;
} kahan;

static void add(__local kahan *k, float value)
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
 * NDRange: one group, of at most CG_LOSS_ITEMS. */
__kernel void loss_logits(__global float *restrict logits, __global float *restrict factor_d,
                          __global float *restrict factor_g, __global float *restrict dbias,
                          __global cg_metrics *restrict metrics,
                          __global const float *restrict bias, int fake_count, int real_count,
                          float smoothing, int row)
{
    __local float terms[SUMS][CG_LOSS_ITEMS];
    __local kahan sums[SUMS];
    const int item = (int)get_local_id(0), items = (int)get_local_size(0);
    const int n_count = fake_count + real_count;

    for (int q = item; q < SUMS; q += items)
        sums[q].sum = sums[q].lost = 0.0f;
    for (int first = 0; first < n_count; first += CG_LOSS_ITEMS) {
        for (int at = item; at < CG_LOSS_ITEMS; at += items) {
            const int i = first + at;
            for (int q = 0; q < SUMS; q++)
                terms[q][at] = 0.0f;
            if (i >= n_count)
                continue;
            const float z = logits[i] + bias[0];
            const float e = EXP(float, -fabs(z)), tail = LOG1P(float, e);
            /* sigmoid(z) and 1 - sigmoid(z) */
            const float yes = DIVIDE(float, z >= 0.0f ? 1.0f : e, 1.0f + e);
            const float no = DIVIDE(float, z >= 0.0f ? e : 1.0f, 1.0f + e);
            const bool fake = i < fake_count;
            const float count = (float)(fake ? fake_count : real_count);
            const float factor = FLUSH(float, DIVIDE(float, fake ? yes : smoothing - no, count));
            const float centred = DIVIDE(float, 0.5f * TANH(float, 0.5f * z), count);
            logits[i] = z;
            factor_d[i] = factor;
            if (fake)
                factor_g[i] = FLUSH(float, DIVIDE(float, -no, count));
            terms[fake ? ON_FAKE : ON_REAL][at] =
                fmax(fake ? z : -z, 0.0f) + tail + (fake ? 0.0f : smoothing * z);
            terms[OF_G][at] = fake ? fmax(-z, 0.0f) + tail : 0.0f;
            terms[fake ? D_FAKE : D_REAL][at] = yes;
            terms[DB][at] = factor;
            terms[SIZE][at] = fabs(factor);
            terms[DB_CENTRED][at] = centred;
            terms[SIZE_CENTRED][at] = fabs(centred);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int q = item; q < SUMS; q += items)
            for (int k = 0; k < CG_LOSS_ITEMS; k++)
                add(&sums[q], FLUSH(float, terms[q][k]));
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item == 0) {
        const bool centred = sums[SIZE_CENTRED].sum < sums[SIZE].sum;
        dbias[0] = centred ? sums[DB_CENTRED].sum + smoothing : sums[DB].sum;
        metrics[row].loss_d_real = DIVIDE(float, sums[ON_REAL].sum, (float)real_count);
        metrics[row].loss_d_fake = DIVIDE(float, sums[ON_FAKE].sum, (float)fake_count);
        metrics[row].loss_g = DIVIDE(float, sums[OF_G].sum, (float)fake_count);
        metrics[row].d_real = DIVIDE(float, sums[D_REAL].sum, (float)real_count);
        metrics[row].d_fake = DIVIDE(float, sums[D_FAKE].sum, (float)fake_count);
    }
}
