/* Convolutions as sums over pairs (tap, output pixel) of small products over channels.
 *
 * The three passes walk the same pairs and differ only in which of x, w, y they sum into. The tap
 * is the outer loop: its [ci, co] matrix stays in the cache while all pixels pass. Each thread has
 * some of the channels that are written, so that no sum's order depends on their number. */
#include "ref/conv2d.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdbool.h>
#include <string.h>

size_t cg_ref_conv_out(size_t size, size_t stride)
{
    return cg_ceil_div(size, stride);
}

size_t cg_ref_conv_pad(size_t size, size_t k, size_t stride)
{
    size_t reach = (cg_ref_conv_out(size, stride) - 1) * stride + k;
    return reach > size ? (reach - size) / 2 : 0;
}

static size_t output_pixels(const cg_ref_conv *conv)
{
    return conv->n * cg_ref_conv_out(conv->h, conv->stride) *
           cg_ref_conv_out(conv->w, conv->stride);
}

/* *at = the input pixel (index into [n, h, w]) that output pixel `pixel` (index into [n, oh, ow])
 * sees through tap `tap` (index into [k, k]); false when that is padding. */
static bool input_pixel(size_t *at, const cg_ref_conv *conv, size_t tap, size_t pixel)
{
    size_t oh = cg_ref_conv_out(conv->h, conv->stride);
    size_t ow = cg_ref_conv_out(conv->w, conv->stride);
    size_t n = pixel / ow / oh, p = pixel / ow % oh, q = pixel % ow;
    size_t row = p * conv->stride + tap / conv->k;
    size_t column = q * conv->stride + tap % conv->k;
    size_t pad_h = cg_ref_conv_pad(conv->h, conv->k, conv->stride);
    size_t pad_w = cg_ref_conv_pad(conv->w, conv->k, conv->stride);
    if (row < pad_h || row - pad_h >= conv->h || column < pad_w || column - pad_w >= conv->w)
        return false;
    *at = (n * conv->h + row - pad_h) * conv->w + column - pad_w;
    return true;
}

typedef struct range {
    size_t first, count;
} range;

/* The arrays of a pass, of which there are two to read, and how many channels it writes: a pair
 * adds to some of these. */
typedef struct pass pass;
struct pass {
    double *to;
    const double *x, *w, *y;
    const cg_ref_conv *conv;
    size_t channels;
    void (*add)(const pass *p, range to, size_t tap, size_t at, size_t pixel);
};

/* Parts of the channels that a pass writes, at most, and their size, at least. */
enum { PARTS = 16, LEAST = 16 };

static size_t size_of_parts(size_t channels)
{
    const size_t size = cg_ceil_div(channels, PARTS);
    return size > LEAST ? size : LEAST;
}

static range range_of(size_t part, size_t channels)
{
    const size_t size = size_of_parts(channels), first = part * size;
    return (range){first, channels - first < size ? channels - first : size};
}

/* y[j] += sum over i of x[i] w[i, j] for j < nj, a row of w being `pitch` long; four of them at a
 * time, for one load and store of y. */
static void add_vector_matrix(double *restrict y, const double *restrict x,
                              const double *restrict w, size_t ni, size_t nj, size_t pitch)
{
    size_t i = 0;
    for (; i + 4 <= ni; i += 4) {
        const double *w0 = w + i * pitch, *w1 = w0 + pitch, *w2 = w1 + pitch, *w3 = w2 + pitch;
        double x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
        for (size_t j = 0; j < nj; j++)
            y[j] += (x0 * w0[j] + x1 * w1[j]) + (x2 * w2[j] + x3 * w3[j]);
    }
    for (; i < ni; i++)
        for (size_t j = 0; j < nj; j++)
            y[j] += x[i] * w[i * pitch + j];
}

/* x[i] += sum over j of w[i, j] y[j], as LANES independent sums, for which there are vectors. */
static void add_matrix_vector(double *restrict x, const double *restrict w,
                              const double *restrict y, size_t ni, size_t nj)
{
    enum { LANES = 8 };
    for (size_t i = 0; i < ni; i++, w += nj) {
        double sums[LANES] = {0};
        size_t j = 0;
        for (; j + LANES <= nj; j += LANES)
            for (size_t l = 0; l < LANES; l++)
                sums[l] += w[j + l] * y[j + l];
        for (; j < nj; j++)
            sums[0] += w[j] * y[j];
        for (size_t l = 0; l < LANES; l++)
            x[i] += sums[l];
    }
}

/* w[i, j] += x[i] y[j]. */
static void add_outer_product(double *restrict w, const double *restrict x,
                              const double *restrict y, size_t ni, size_t nj)
{
    for (size_t i = 0; i < ni; i++)
        for (size_t j = 0; j < nj; j++)
            w[i * nj + j] += x[i] * y[j];
}

static void add_fwd(const pass *p, range to, size_t tap, size_t at, size_t pixel)
{
    size_t ci = p->conv->ci, co = p->conv->co;
    add_vector_matrix(p->to + pixel * co + to.first, p->x + at * ci,
                      p->w + tap * ci * co + to.first, ci, to.count, co);
}

static void add_bwd_data(const pass *p, range to, size_t tap, size_t at, size_t pixel)
{
    size_t ci = p->conv->ci, co = p->conv->co;
    add_matrix_vector(p->to + at * ci + to.first, p->w + (tap * ci + to.first) * co,
                      p->y + pixel * co, to.count, co);
}

static void add_bwd_weight(const pass *p, range to, size_t tap, size_t at, size_t pixel)
{
    size_t ci = p->conv->ci, co = p->conv->co;
    add_outer_product(p->to + (tap * ci + to.first) * co, p->x + at * ci + to.first,
                      p->y + pixel * co, to.count, co);
}

/* Walks all pairs for a part of the channels. */
static void add_part(void *user, size_t part)
{
    const pass *p = user;
    const range to = range_of(part, p->channels);
    const size_t pixels = output_pixels(p->conv);
    size_t at;
    for (size_t tap = 0; tap < p->conv->k * p->conv->k; tap++)
        for (size_t pixel = 0; pixel < pixels; pixel++)
            if (input_pixel(&at, p->conv, tap, pixel))
                p->add(p, to, tap, at, pixel);
}

static void run_pass(pass *p)
{
    cg_parallel_run(cg_ceil_div(p->channels, size_of_parts(p->channels)), add_part, p);
}

void cg_ref_conv2d_fwd(double *y, const double *x, const double *w, const cg_ref_conv *conv)
{
    pass p = {.to = y, .x = x, .w = w, .conv = conv, .channels = conv->co, .add = add_fwd};
    memset(y, 0, output_pixels(conv) * conv->co * sizeof *y);
    run_pass(&p);
}

void cg_ref_conv2d_bwd_data(double *dx, const double *dy, const double *w, const cg_ref_conv *conv)
{
    pass p = {.to = dx, .y = dy, .w = w, .conv = conv, .channels = conv->ci, .add = add_bwd_data};
    memset(dx, 0, conv->n * conv->h * conv->w * conv->ci * sizeof *dx);
    run_pass(&p);
}

void cg_ref_conv2d_bwd_weight(double *dw, const double *dy, const double *x,
                              const cg_ref_conv *conv)
{
    pass p = {.to = dw, .x = x, .y = dy, .conv = conv, .channels = conv->ci, .add = add_bwd_weight};
    memset(dw, 0, conv->k * conv->k * conv->ci * conv->co * sizeof *dw);
    run_pass(&p);
}

void cg_ref_conv2d_transpose_fwd(double *y, const double *x, const double *w,
                                 const cg_ref_conv *conv)
{
    cg_ref_conv2d_bwd_data(y, x, w, conv);
}

void cg_ref_conv2d_transpose_bwd_data(double *dx, const double *dy, const double *w,
                                      const cg_ref_conv *conv)
{
    cg_ref_conv2d_fwd(dx, dy, w, conv);
}

void cg_ref_conv2d_transpose_bwd_weight(double *dw, const double *dy, const double *x,
                                        const cg_ref_conv *conv)
{
    /* y and x have changed places: what comes in at the large map is dy. */
    cg_ref_conv2d_bwd_weight(dw, x, dy, conv);
}
