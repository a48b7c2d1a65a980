/* The DCGAN's three losses, binary cross-entropy on logits, and their gradients as factors.
 *
 * D treats each image on its own and has one logit, so one back-pass with unit seeds serves both
 * losses: an image's gradients are those of its logit times a factor,
 *     D's loss:  (sigmoid(z) - 1) / real_count for a real image, sigmoid(z) / fake_count for a fake
 *     G's loss:  (sigmoid(z) - 1) / fake_count for a fake image.
 * Where D cannot tell fakes from real images, the fakes' factors sum to about 1/2 and the others to
 * -1/2, so that the bias' gradient is what their rounding errors leave. There it is summed from
 * sigmoid(z) - 1/2 = tanh(z / 2) / 2: the halves of both sides cancel exactly.
 * One work-item does it all: a few hundred logits, summed with compensation in their order.
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

/* logits: [fake_count fakes, then real_count reals], without the bias on entry, with it on exit.
 * factor_d [fake_count + real_count], factor_g [fake_count]; dbias = sum of factor_d.
 * metrics[5 * row ...] = loss on real, loss on fake, G's loss, mean D(x), mean D(G(z)).
 * NDRange: (1), local size 1. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
loss_logits(__global float *restrict logits, __global float *restrict factor_d,
            __global float *restrict factor_g, __global float *restrict dbias,
            __global float *restrict metrics, __global const float *restrict bias, int fake_count,
            int real_count, int row)
{
    kahan on_real = {0.0f, 0.0f}, on_fake = {0.0f, 0.0f}, of_g = {0.0f, 0.0f};
    kahan d_real = {0.0f, 0.0f}, d_fake = {0.0f, 0.0f};
    kahan db = {0.0f, 0.0f}, size = {0.0f, 0.0f};
    kahan db_centred = {0.0f, 0.0f}, size_centred = {0.0f, 0.0f};

    for (int i = 0; i < fake_count + real_count; i++) {
        const float z = logits[i] + bias[0];
        const float e = exp(-fabs(z)), tail = log1p(e);
        const float yes = (z >= 0.0f ? 1.0f : e) / (1.0f + e); /* sigmoid(z)     */
        const float no = (z >= 0.0f ? e : 1.0f) / (1.0f + e);  /* 1 - sigmoid(z) */
        const bool fake = i < fake_count;
        const float factor = fake ? yes / (float)fake_count : -no / (float)real_count;
        logits[i] = z;
        factor_d[i] = factor;
        add(&db, factor);
        add(&size, fabs(factor));
        const float centred = 0.5f * tanh(0.5f * z) / (float)(fake ? fake_count : real_count);
        add(&db_centred, centred);
        add(&size_centred, fabs(centred));
        if (fake) {
            factor_g[i] = -no / (float)fake_count;
            add(&on_fake, fmax(z, 0.0f) + tail);
            add(&of_g, fmax(-z, 0.0f) + tail);
            add(&d_fake, yes);
        } else {
            add(&on_real, fmax(-z, 0.0f) + tail);
            add(&d_real, yes);
        }
    }
    dbias[0] = size_centred.sum < size.sum ? db_centred.sum : db.sum;
    metrics[5 * row] = on_real.sum / (float)real_count;
    metrics[5 * row + 1] = on_fake.sum / (float)fake_count;
    metrics[5 * row + 2] = of_g.sum / (float)fake_count;
    metrics[5 * row + 3] = d_real.sum / (float)real_count;
    metrics[5 * row + 4] = d_fake.sum / (float)fake_count;
}
