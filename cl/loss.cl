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

/* Writes the gradient of the bias and a step's metrics, from the sums over the whole batch. */
static void write_losses(__global float *dbias, __global cg_metrics *of_step, const float *sums,
                         cg_loss_values v)
{
    const bool centred = sums[CG_LOSS_SIZE_CENTRED] < sums[CG_LOSS_SIZE];
    const float fakes = (float)v.all_fakes, reals = (float)v.all_reals;
    dbias[0] = centred ? sums[CG_LOSS_DB_CENTRED] + v.smoothing : sums[CG_LOSS_DB];
    of_step->loss_d_real = DIVIDE(float, sums[CG_LOSS_ON_REAL], reals);
    of_step->loss_d_fake = DIVIDE(float, sums[CG_LOSS_ON_FAKE], fakes);
    of_step->loss_g = DIVIDE(float, sums[CG_LOSS_OF_G], fakes);
    of_step->d_real = DIVIDE(float, sums[CG_LOSS_OF_D_REAL], reals);
    of_step->d_fake = DIVIDE(float, sums[CG_LOSS_OF_D_FAKE], fakes);
}

/* logits: [v.fakes fakes, then v.reals reals], without the bias on entry, with it on exit.
 * factor_d [fakes + reals], factor_g [fakes]. If the batch is whole, dbias = sum of factor_d and
 * metrics[row] are written, else `part` [CG_LOSS_SUMS].
 * NDRange: one group, of at most CG_LOSS_ITEMS. */
__kernel void loss_logits(__global float *restrict logits, __global float *restrict factor_d,
                          __global float *restrict factor_g, __global float *restrict dbias,
                          __global cg_metrics *restrict metrics, __global float *restrict part,
                          __global const float *restrict bias, uint row, cg_loss_values v)
{
    __local float terms[CG_LOSS_SUMS][CG_LOSS_ITEMS];
    __local kahan sums[CG_LOSS_SUMS];
    const int item = (int)get_local_id(0), items = (int)get_local_size(0);
    const int n_count = v.fakes + v.reals;

    for (int q = item; q < CG_LOSS_SUMS; q += items)
        sums[q].sum = sums[q].lost = 0.0f;
    for (int first = 0; first < n_count; first += CG_LOSS_ITEMS) {
        for (int at = item; at < CG_LOSS_ITEMS; at += items) {
            const int i = first + at;
            for (int q = 0; q < CG_LOSS_SUMS; q++)
                terms[q][at] = 0.0f;
            if (i >= n_count)
                continue;
            const float z = logits[i] + bias[0];
            const float e = EXP(float, -fabs(z)), tail = LOG1P(float, e);
            /* sigmoid(z) and 1 - sigmoid(z) */
            const float yes = DIVIDE(float, z >= 0.0f ? 1.0f : e, 1.0f + e);
            const float no = DIVIDE(float, z >= 0.0f ? e : 1.0f, 1.0f + e);
            const bool fake = i < v.fakes;
            const float count = (float)(fake ? v.all_fakes : v.all_reals);
            const float factor = FLUSH(float, DIVIDE(float, fake ? yes : v.smoothing - no, count));
            const float centred = DIVIDE(float, 0.5f * TANH(float, 0.5f * z), count);
            logits[i] = z;
            factor_d[i] = factor;
            if (fake)
                factor_g[i] = FLUSH(float, DIVIDE(float, -no, count));
            terms[fake ? CG_LOSS_ON_FAKE : CG_LOSS_ON_REAL][at] =
                fmax(fake ? z : -z, 0.0f) + tail + (fake ? 0.0f : v.smoothing * z);
            terms[CG_LOSS_OF_G][at] = fake ? fmax(-z, 0.0f) + tail : 0.0f;
            terms[fake ? CG_LOSS_OF_D_FAKE : CG_LOSS_OF_D_REAL][at] = yes;
            terms[CG_LOSS_DB][at] = factor;
            terms[CG_LOSS_SIZE][at] = fabs(factor);
            terms[CG_LOSS_DB_CENTRED][at] = centred;
            terms[CG_LOSS_SIZE_CENTRED][at] = fabs(centred);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int q = item; q < CG_LOSS_SUMS; q += items)
            for (int k = 0; k < CG_LOSS_ITEMS; k++)
                add(&sums[q], FLUSH(float, terms[q][k]));
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item == 0) {
        float all[CG_LOSS_SUMS];
        for (int q = 0; q < CG_LOSS_SUMS; q++)
            all[q] = sums[q].sum;
        if (v.whole)
            write_losses(dbias, &metrics[row], all, v);
        for (int q = 0; !v.whole && q < CG_LOSS_SUMS; q++)
            part[q] = all[q];
    }
}

/* A whole batch's dbias and metrics[row] are written, from `sums` [CG_LOSS_SUMS], those over its
 * parts. NDRange: (1). */
__kernel void loss_of_sums(__global float *restrict dbias, __global cg_metrics *restrict metrics,
                           __global const float *restrict sums, uint row, cg_loss_values v)
{
    float all[CG_LOSS_SUMS];
    if (get_global_id(0) > 0)
        return;
    for (int q = 0; q < CG_LOSS_SUMS; q++)
        all[q] = sums[q];
    write_losses(dbias, &metrics[row], all, v);
}
