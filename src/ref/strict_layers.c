/* The strict step's layers that no transform serves, and D's activations (strict_parts.h). */
#include "ref/strict_math.h"
#include "ref/strict_parts.h"

#include <string.h>

enum {
    TAPS = CG_KERNEL * CG_KERNEL,
    PART = 32 /* steps of a dense product, images of d.dense */
};

/* ---- g.dense --------------------------------------------------------------------------------- */

/* PART steps of the inner dimension at a time. */
void cg_strict_dense(float *y, const float *a, size_t row_step, size_t k_step, const float *b,
                     size_t rows, size_t k_count, size_t columns)
{
    float sum[CG_DENSE_FEATURES];
    for (size_t row = 0; row < rows; row++)
        for (size_t k0 = 0; k0 < k_count; k0 += PART) {
            memset(sum, 0, columns * sizeof *sum);
            for (size_t k = k0; k < k0 + PART && k < k_count; k++) {
                const float x = a[row * row_step + k * k_step];
                for (size_t i = 0; i < columns; i++)
                    sum[i] = fma32(x, b[k * columns + i], sum[i]);
            }
            for (size_t i = 0; i < columns; i++)
                y[row * columns + i] = k0 ? y[row * columns + i] + sum[i] : sum[i];
        }
}

/* ---- convolutions with an image of one channel ----------------------------------------------- */

enum { SHIFT = 1, CANVAS = 2 * (CG_SIDE2 - 1) + CG_KERNEL }; /* 31: from -1 to 29 */

/* The pixels that taps reach, 0 around the image. */
static void lay_canvas(float canvas[CANVAS][CANVAS], const float *image)
{
    memset(canvas, 0, CANVAS * sizeof *canvas);
    for (size_t y = 0; y < CG_SIDE; y++)
        for (size_t x = 0; x < CG_SIDE; x++)
            canvas[y + SHIFT][x + SHIFT] = flush(image[y * CG_SIDE + x]);
}

/* y [14, 14, channels] of one image: each row of the kernel has a sum, and these are added in their
 * order. */
void cg_strict_image_down(float *y, const float *image, const float *w, size_t channels)
{
    float canvas[CANVAS][CANVAS];
    lay_canvas(canvas, image);
    for (size_t p = 0; p < PIXELS2; p++)
        for (size_t c = 0; c < channels; c++) {
            float all = 0.0f;
            for (size_t ky = 0; ky < CG_KERNEL; ky++) {
                const float *in = &canvas[p / CG_SIDE2 * 2 + ky][p % CG_SIDE2 * 2];
                float sum = in[0] * w[ky * CG_KERNEL * channels + c];
                for (size_t kx = 1; kx < CG_KERNEL; kx++)
                    sum = fma32(in[kx], w[(ky * CG_KERNEL + kx) * channels + c], sum);
                all = ky ? all + sum : sum;
            }
            y[p * channels + c] = all;
        }
}

/* image [28, 28] = the sum of all that the pixels of x [14, 14, channels] put there. */
void cg_strict_image_up(float *image, const float *x, const float *w, size_t channels)
{
    float canvas[CANVAS][CANVAS] = {{0}};
    for (size_t p = 0; p < PIXELS2; p++)
        for (size_t t = 0; t < TAPS; t++) {
            float sum = 0.0f;
            for (size_t c = 0; c < channels; c++)
                sum = fma32(x[p * channels + c], w[t * channels + c], sum);
            canvas[p / CG_SIDE2 * 2 + t / CG_KERNEL][p % CG_SIDE2 * 2 + t % CG_KERNEL] += sum;
        }
    for (size_t p = 0; p < CG_PIXELS; p++)
        image[p] = canvas[p / CG_SIDE + SHIFT][p % CG_SIDE + SHIFT];
}

enum { IMAGE_CHANNELS = 64 }; /* of the map beside an image with one channel */

/* dw [25][64] and db [64], where they are wanted, of SHARE images at a time. */
void cg_strict_image_weight(float *dw, float *db, const float *images, const float *x,
                            const float *factor, size_t n)
{
    memset(dw, 0, sizeof(float) * TAPS * IMAGE_CHANNELS);
    for (size_t c = 0; db && c < IMAGE_CHANNELS; c++)
        db[c] = 0.0f;
    for (size_t first = 0; first < n; first += SHARE) {
        float share[TAPS + 1][IMAGE_CHANNELS], sum[TAPS + 1][IMAGE_CHANNELS];
        for (size_t i = first; i < first + SHARE && i < n; i++) {
            float canvas[CANVAS][CANVAS];
            lay_canvas(canvas, images + i * CG_PIXELS);
            memset(sum, 0, sizeof sum);
            for (size_t p = 0; p < PIXELS2; p++) {
                const float *at = x + (i * PIXELS2 + p) * IMAGE_CHANNELS;
                for (size_t c = 0; c < IMAGE_CHANNELS; c++) {
                    const float value = factor ? flush(at[c] * factor[i]) : at[c];
                    for (size_t t = 0; t < TAPS; t++)
                        sum[t][c] = fma32(canvas[p / CG_SIDE2 * 2 + t / CG_KERNEL]
                                                [p % CG_SIDE2 * 2 + t % CG_KERNEL],
                                          value, sum[t][c]);
                    sum[TAPS][c] += value;
                }
            }
            for (size_t t = 0; t <= TAPS; t++)
                for (size_t c = 0; c < IMAGE_CHANNELS; c++)
                    share[t][c] = i == first ? sum[t][c] : share[t][c] + sum[t][c];
        }
        for (size_t t = 0; t < TAPS; t++)
            for (size_t c = 0; c < IMAGE_CHANNELS; c++)
                dw[t * IMAGE_CHANNELS + c] += share[t][c];
        for (size_t c = 0; db && c < IMAGE_CHANNELS; c++)
            db[c] += share[TAPS][c];
    }
}

/* ---- D's activations ------------------------------------------------------------------------- */

/* A mask's byte is 1 where its element is kept; a gate's is 2 where LeakyReLU's argument was
 * positive, too. */
void cg_strict_activate(float *y, uint8_t *mask, const float *bias, size_t rows, size_t channels)
{
    const float keep = (float)(1 / CG_DROPOUT_KEEP);
    for (size_t i = 0; i < rows * channels; i++) {
        const float value = y[i] + bias[i % channels];
        const float kept = mask[i] ? keep : 0.0f;
        mask[i] = (uint8_t)(mask[i] * (value > 0.0f ? 2 : 1));
        y[i] = flush(leaky(value) * kept);
    }
}

float cg_strict_gated(float g, uint8_t gate)
{
    const float keep = (float)(1 / CG_DROPOUT_KEEP);
    const float slope = gate > 1 ? g : SLOPE * g;
    return flush(slope * (gate ? keep : 0.0f));
}

/* ---- D's dense layer ------------------------------------------------------------------------- */

/* w is [pixel * channels + channel]. 32 sums, one for each channel of a block, go through the
 * blocks of channels and their pixels; then they are added in their order. */
void cg_strict_column_fwd(float *logits, const float *x, const float *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float sum[32] = {0}, all = 0.0f;
        for (size_t block = 0; block < CG_D_CHANNELS2; block += 32)
            for (size_t p = 0; p < PIXELS4; p++)
                for (size_t l = 0; l < 32; l++) {
                    const size_t f = p * CG_D_CHANNELS2 + block + l;
                    sum[l] = fma32(x[i * CG_D_FEATURES + f], w[f], sum[l]);
                }
        for (size_t l = 0; l < 32; l++)
            all += sum[l];
        logits[i] = all;
    }
}

void cg_strict_column_bwd_weight(float *dw, const float *x, const float *factor, size_t n)
{
    for (size_t f = 0; f < CG_D_FEATURES; f++) {
        dw[f] = 0.0f;
        for (size_t first = 0; first < n; first += PART) {
            float sum = 0.0f;
            for (size_t i = first; i < first + PART && i < n; i++)
                sum = fma32(factor[i], x[i * CG_D_FEATURES + f], sum);
            dw[f] += sum;
        }
    }
}
