/* Convolutions by transforms: each axis is a cycle of N positions, N = 9 or 8, and a real map of
 * N x N numbers has as many in its transform. Frequencies (kx, ky) with kx = 0 .. N / 2 suffice:
 * the inner columns kx whole, the edges kx = 0 and, for N = 8, kx = 4, up to their own mirror
 * images. Complex number f has planes 2 f and 2 f + 1; the real ones follow.
 *
 * A spectrum is [plane][rows][columns]: rows are images, columns phases and channels of a map; of
 * weights rows are the large map's phases and channels, columns the small one's channels.
 */
#include "ref/strict_fourier.h"

#include "ref/strict_math.h"
#include "ref/strict_product.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_N = 9, MID = 4 /* N / 2 */, KERNEL = 5, LANES = 32 };

typedef float lanes[LANES];

/* cos and sin of 2 pi j / N as the kernels have them: rounded to 8 digits. */
static const float cosines[2][MAX_N] = {
    {1.0f, 0.70710678f, 0.0f, -0.70710678f, -1.0f, -0.70710678f, 0.0f, 0.70710678f},
    {1.0f, 0.76604444f, 0.17364818f, -0.5f, -0.93969262f, -0.93969262f, -0.5f, 0.17364818f,
     0.76604444f}};
static const float sines[2][MAX_N] = {
    {0.0f, 0.70710678f, 1.0f, 0.70710678f, 0.0f, -0.70710678f, -1.0f, -0.70710678f},
    {0.0f, 0.64278761f, 0.98480775f, 0.86602540f, 0.34202014f, -0.34202014f, -0.86602540f,
     -0.98480775f, -0.64278761f}};

/* ---- sizes ----------------------------------------------------------------------------------- */

static size_t cycle(const cg_strict_conv *c)
{
    return c->stride == 1 ? 9 : 8;
}

static size_t half(size_t n)
{
    return (n - 1) / 2;
}

static size_t edges(size_t n)
{
    return n == 8 ? 2 : 1;
}

static size_t complex_count(size_t n)
{
    return half(n) * n + edges(n) * half(n);
}

static size_t phases(const cg_strict_conv *c)
{
    return c->stride * c->stride;
}

/* The planes of a number of the transform: its own, and how many it has. */
static size_t inner_plane(size_t n, size_t kx, size_t ky)
{
    return 2 * ((kx - 1) * n + ky);
}

static size_t edge_plane(size_t n, size_t e, size_t ky)
{
    return 2 * (half(n) * n + e * half(n) + ky - 1);
}

static size_t real_plane(size_t n, size_t e, size_t h)
{
    return 2 * complex_count(n) + e * edges(n) + h;
}

size_t cg_strict_large_floats(const cg_strict_conv *c)
{
    return cycle(c) * cycle(c) * c->n * phases(c) * c->cl;
}

size_t cg_strict_small_floats(const cg_strict_conv *c)
{
    return cycle(c) * cycle(c) * c->n * c->cs;
}

size_t cg_strict_weight_floats(const cg_strict_conv *c)
{
    return cycle(c) * cycle(c) * phases(c) * c->cl * c->cs;
}

/* ---- one axis -------------------------------------------------------------------------------- */

static void dft(lanes re[MID + 1], lanes im[MID + 1], lanes x[MAX_N], size_t n)
{
    const float *cosine = cosines[n == 9], *sine = sines[n == 9];
    lanes even[MID + 1], odd[MID + 1];
    for (size_t j = 1; j <= half(n); j++)
        for (size_t i = 0; i < LANES; i++) {
            even[j][i] = x[j][i] + x[n - j][i];
            odd[j][i] = x[j][i] - x[n - j][i];
        }
    for (size_t k = 0; k <= MID; k++) {
        for (size_t i = 0; i < LANES; i++) {
            re[k][i] = x[0][i];
            im[k][i] = 0.0f;
        }
        for (size_t j = 1; j <= half(n); j++) {
            const float a = cosine[j * k % n], b = -sine[j * k % n];
            for (size_t i = 0; i < LANES && a != 0.0f; i++)
                re[k][i] = fma32(a, even[j][i], re[k][i]);
            for (size_t i = 0; i < LANES && b != 0.0f; i++)
                im[k][i] = fma32(b, odd[j][i], im[k][i]);
        }
        for (size_t i = 0; i < LANES && n == 8; i++)
            re[k][i] += k % 2 ? -x[MID][i] : x[MID][i];
    }
}

static void inverse_dft(lanes x[MAX_N], lanes re[MID + 1], lanes im[MID + 1], size_t n, float edge,
                        float inner)
{
    const float *cosine = cosines[n == 9], *sine = sines[n == 9];
    for (size_t j = 0; j <= MID; j++) {
        lanes a, b;
        for (size_t i = 0; i < LANES; i++) {
            a[i] = edge * re[0][i];
            b[i] = 0.0f;
        }
        for (size_t k = 1; k <= half(n); k++) {
            const float p = inner * cosine[j * k % n], q = inner * sine[j * k % n];
            for (size_t i = 0; i < LANES && p != 0.0f; i++)
                a[i] = fma32(p, re[k][i], a[i]);
            for (size_t i = 0; i < LANES && q != 0.0f; i++)
                b[i] = fma32(q, im[k][i], b[i]);
        }
        for (size_t i = 0; i < LANES; i++) {
            if (n == 8) {
                const float last = (j % 2 ? -edge : edge) * re[MID][i];
                a[i] += last;
            }
            x[j][i] = a[i] - b[i];
            if (j > 0 && j <= half(n))
                x[n - j][i] = a[i] + b[i];
        }
    }
}

/* ---- both axes ------------------------------------------------------------------------------- */

/* LANES columns of a row begin here, in plane 0; from plane to plane it is `plane` floats. */
typedef struct spot {
    float *at;
    size_t plane, lanes;
} spot;

static void put(const spot *to, size_t plane, const float *value)
{
    for (size_t i = 0; i < to->lanes; i++)
        to->at[plane * to->plane + i] = flush(value[i]);
}

static void get(float *value, const spot *from, size_t plane)
{
    for (size_t i = 0; i < from->lanes; i++)
        value[i] = flush(from->at[plane * from->plane + i]);
}

/* A sum or difference of two numbers becomes one of the transform. */
static void put_sum(const spot *to, size_t plane, const float *a, float sign, const float *b)
{
    lanes sum;
    for (size_t i = 0; i < LANES; i++)
        sum[i] = a[i] + sign * b[i];
    put(to, plane, sum);
}

/* Positions of an axis from `first` on, which may be negative, of the cycle. */
typedef struct window {
    size_t n; /* the cycle */
    int first;
    size_t count;
} window;

static size_t place(const window *w, size_t j)
{
    return (size_t)((int)j + w->first + (int)w->n) % w->n;
}

static void transform_columns(const spot *to, lanes re[][MID + 1], lanes im[][MID + 1],
                              const window *w)
{
    const size_t n = w->n;
    lanes x[MAX_N] = {{0}}, ur[MID + 1], ui[MID + 1], vr[MID + 1], vi[MID + 1];
    for (size_t kx = 1; kx <= half(n); kx++) {
        for (size_t j = 0; j < w->count; j++)
            memcpy(x[place(w, j)], re[j][kx], sizeof(lanes));
        dft(ur, ui, x, n);
        for (size_t j = 0; j < w->count; j++)
            memcpy(x[place(w, j)], im[j][kx], sizeof(lanes));
        dft(vr, vi, x, n);
        for (size_t ky = 0; ky <= MID; ky++) {
            put_sum(to, inner_plane(n, kx, ky), ur[ky], -1, vi[ky]);
            put_sum(to, inner_plane(n, kx, ky) + 1, ui[ky], 1, vr[ky]);
            if (ky == 0 || ky > half(n))
                continue;
            put_sum(to, inner_plane(n, kx, n - ky), ur[ky], 1, vi[ky]);
            put_sum(to, inner_plane(n, kx, n - ky) + 1, vr[ky], -1, ui[ky]);
        }
    }
    for (size_t e = 0; e < edges(n); e++) {
        for (size_t j = 0; j < w->count; j++)
            memcpy(x[place(w, j)], re[j][e * MID], sizeof(lanes));
        dft(ur, ui, x, n);
        for (size_t ky = 1; ky <= half(n); ky++) {
            put(to, edge_plane(n, e, ky), ur[ky]);
            put(to, edge_plane(n, e, ky) + 1, ui[ky]);
        }
        for (size_t h = 0; h < edges(n); h++)
            put(to, real_plane(n, e, h), ur[h * MID]);
    }
}

/* An inner column's numbers as transforms of its real and of its imaginary part. */
static void get_inner(lanes ur[MID + 1], lanes ui[MID + 1], lanes vr[MID + 1], lanes vi[MID + 1],
                      const spot *from, size_t n, size_t kx)
{
    lanes c, d;
    for (size_t ky = 0; ky <= MID; ky++) {
        get(ur[ky], from, inner_plane(n, kx, ky));
        get(vr[ky], from, inner_plane(n, kx, ky) + 1);
        if (ky == 0 || ky > half(n))
            continue;
        get(c, from, inner_plane(n, kx, n - ky));
        get(d, from, inner_plane(n, kx, n - ky) + 1);
        for (size_t i = 0; i < LANES; i++) {
            const float a = ur[ky][i], b = vr[ky][i];
            ur[ky][i] = a + c[i];
            ui[ky][i] = b - d[i];
            vr[ky][i] = b + d[i];
            vi[ky][i] = c[i] - a;
        }
    }
}

static void invert_columns(lanes re[][MID + 1], lanes im[][MID + 1], const spot *from,
                           const window *w)
{
    const size_t n = w->n;
    lanes x[MAX_N], ur[MID + 1] = {{0}}, ui[MID + 1] = {{0}}, vr[MID + 1] = {{0}},
                             vi[MID + 1] = {{0}};
    for (size_t kx = 1; kx <= half(n); kx++) {
        get_inner(ur, ui, vr, vi, from, n, kx);
        inverse_dft(x, ur, ui, n, 1.0f, 1.0f);
        for (size_t j = 0; j < w->count; j++)
            memcpy(re[j][kx], x[place(w, j)], sizeof(lanes));
        inverse_dft(x, vr, vi, n, 1.0f, 1.0f);
        for (size_t j = 0; j < w->count; j++)
            memcpy(im[j][kx], x[place(w, j)], sizeof(lanes));
    }
    for (size_t e = 0; e < edges(n); e++) {
        for (size_t ky = 1; ky <= half(n); ky++) {
            get(ur[ky], from, edge_plane(n, e, ky));
            get(ui[ky], from, edge_plane(n, e, ky) + 1);
        }
        for (size_t h = 0; h < edges(n); h++)
            get(ur[h * MID], from, real_plane(n, e, h));
        inverse_dft(x, ur, ui, n, 1.0f, 2.0f);
        for (size_t j = 0; j < w->count; j++)
            memcpy(re[j][e * MID], x[place(w, j)], sizeof(lanes));
    }
}

/* ---- maps ------------------------------------------------------------------------------------ */

/* A map and its spectrum, to either side. */
typedef struct map_form {
    size_t n, side, channels, step, cycle;
} map_form;

/* Column block `at` of phase (py, px) of image i. */
static spot spot_of(float *spectrum, const map_form *m, size_t i, size_t phase, size_t at)
{
    const size_t columns = m->step * m->step * m->channels;
    const size_t left = m->channels - at;
    return (spot){spectrum + i * columns + phase * m->channels + at, m->n * columns,
                  left < LANES ? left : LANES};
}

/* The row y of `width` channels of a phase, from channel `at` on. */
static void read_row(lanes x[MAX_N], const float *image, const map_form *m, size_t y, size_t px,
                     size_t at, size_t width)
{
    for (size_t k = 0; k < m->side / m->step; k++)
        memcpy(x[k], image + (y * m->side + k * m->step + px) * m->channels + at,
               width * sizeof(float));
}

static void transform_map(float *spectrum, const float *map, const map_form *m)
{
    const window w = {m->cycle, 0, m->side / m->step};
    for (size_t i = 0; i < m->n; i++)
        for (size_t phase = 0; phase < m->step * m->step; phase++)
            for (size_t at = 0; at < m->channels; at += LANES) {
                const spot to = spot_of(spectrum, m, i, phase, at);
                const float *image = map + i * m->side * m->side * m->channels;
                lanes x[MAX_N] = {{0}}, re[MAX_N][MID + 1], im[MAX_N][MID + 1];
                for (size_t j = 0; j < w.count; j++) {
                    read_row(x, image, m, j * m->step + phase / m->step, phase % m->step, at,
                             to.lanes);
                    dft(re[j], im[j], x, m->cycle);
                }
                transform_columns(&to, re, im, &w);
            }
}

static void invert_map(float *map, float *spectrum, const map_form *m)
{
    const window w = {m->cycle, 0, m->side / m->step};
    const float area = (float)(m->cycle * m->cycle), edge = 1.0f / area, inner = 2.0f / area;
    for (size_t i = 0; i < m->n; i++)
        for (size_t phase = 0; phase < m->step * m->step; phase++)
            for (size_t at = 0; at < m->channels; at += LANES) {
                const spot from = spot_of(spectrum, m, i, phase, at);
                float *image = map + i * m->side * m->side * m->channels;
                lanes x[MAX_N], re[MAX_N][MID + 1], im[MAX_N][MID + 1] = {{{0}}};
                invert_columns(re, im, &from, &w);
                for (size_t j = 0; j < w.count; j++) {
                    inverse_dft(x, re[j], im[j], m->cycle, edge, inner);
                    const size_t y = j * m->step + phase / m->step;
                    for (size_t k = 0; k < w.count; k++)
                        for (size_t l = 0; l < from.lanes; l++)
                            image[(y * m->side + k * m->step + phase % m->step) * m->channels + at +
                                  l] = flush(x[k][l]);
                }
            }
}

static map_form large_form(const cg_strict_conv *c)
{
    return (map_form){c->n, c->large, c->cl, c->stride, cycle(c)};
}

static map_form small_form(const cg_strict_conv *c)
{
    return (map_form){c->n, c->small, c->cs, 1, cycle(c)};
}

void cg_strict_transform_large(float *spectrum, const float *map, const cg_strict_conv *c)
{
    const map_form m = large_form(c);
    transform_map(spectrum, map, &m);
}

void cg_strict_transform_small(float *spectrum, const float *map, const cg_strict_conv *c)
{
    const map_form m = small_form(c);
    transform_map(spectrum, map, &m);
}

/* ---- weights --------------------------------------------------------------------------------- */

/* Along an axis tap t of the kernel is tap d = first .. of that of phase q: t - pad = stride d + q,
 * pad = 2 for stride 1, 1 for stride 2. */
static window taps_of(const cg_strict_conv *c)
{
    return c->stride == 1 ? (window){9, -2, 5} : (window){8, -1, 3};
}

/* The tap, or KERNEL where there is none. */
static size_t tap(const cg_strict_conv *c, const window *w, size_t j, size_t q)
{
    int pad = c->stride == 1 ? 2 : 1;
    int t = ((int)j + w->first) * (int)c->stride + (int)q + pad;
    return t < 0 || t >= KERNEL ? KERNEL : (size_t)t;
}

/* Columns `at` of a row of the weights' spectrum. */
static spot weight_spot(float *spectrum, const cg_strict_conv *c, size_t row, size_t at)
{
    return (spot){spectrum + row * c->cs + at, phases(c) * c->cl * c->cs,
                  c->cs - at < LANES ? c->cs - at : LANES};
}

void cg_strict_transform_weight(float *spectrum, const float *weight, const cg_strict_conv *c)
{
    const window w = taps_of(c);
    for (size_t row = 0; row < phases(c) * c->cl; row++)
        for (size_t at = 0; at < c->cs; at += LANES) {
            const size_t phase = row / c->cl, channel = row % c->cl;
            const spot to = weight_spot(spectrum, c, row, at);
            lanes x[MAX_N] = {{0}}, re[MAX_N][MID + 1], im[MAX_N][MID + 1];
            for (size_t j = 0; j < w.count; j++) {
                const size_t ky = tap(c, &w, j, phase / c->stride);
                for (size_t k = 0; k < w.count; k++) {
                    const size_t kx = tap(c, &w, k, phase % c->stride);
                    const bool none = ky == KERNEL || kx == KERNEL;
                    for (size_t i = 0; i < to.lanes; i++)
                        x[place(&w, k)][i] =
                            none ? 0.0f
                                 : weight[((ky * KERNEL + kx) * c->cl + channel) * c->cs + at + i];
                }
                dft(re[j], im[j], x, w.n);
            }
            transform_columns(&to, re, im, &w);
        }
}

static void invert_weight(float *dw, float *spectrum, const cg_strict_conv *c)
{
    const window w = taps_of(c);
    const float area = (float)(w.n * w.n), edge = 1.0f / area, inner = 2.0f / area;
    for (size_t row = 0; row < phases(c) * c->cl; row++)
        for (size_t at = 0; at < c->cs; at += LANES) {
            const size_t phase = row / c->cl, channel = row % c->cl;
            const spot from = weight_spot(spectrum, c, row, at);
            lanes x[MAX_N], re[MAX_N][MID + 1], im[MAX_N][MID + 1] = {{{0}}};
            invert_columns(re, im, &from, &w);
            for (size_t j = 0; j < w.count; j++) {
                const size_t ky = tap(c, &w, j, phase / c->stride);
                inverse_dft(x, re[j], im[j], w.n, edge, inner);
                for (size_t k = 0; k < w.count; k++) {
                    const size_t kx = tap(c, &w, k, phase % c->stride);
                    if (ky < KERNEL && kx < KERNEL)
                        memcpy(dw + ((ky * KERNEL + kx) * c->cl + channel) * c->cs + at,
                               x[place(&w, k)], from.lanes * sizeof(float));
                }
            }
        }
}

/* ---- convolutions ---------------------------------------------------------------------------- */

static void multiply_planes(const cg_strict_product *p, const cg_strict_conv *c, size_t a_plane,
                            size_t b_plane)
{
    const size_t n = cycle(c);
    cg_strict_multiply(*p, complex_count(n), edges(n) * edges(n), a_plane, b_plane);
}

void cg_strict_conv_down(float *small_map, float *result, const float *large, const float *weight,
                         const cg_strict_conv *c)
{
    const size_t k = phases(c) * c->cl;
    const map_form m = small_form(c);
    const cg_strict_product p = {.a = {large, NULL, k, 1},
                                 .b = {weight, NULL, 1, c->cs},
                                 .c_re = result,
                                 .rows = c->n,
                                 .k = k,
                                 .columns = c->cs,
                                 .sign = -1};
    multiply_planes(&p, c, c->n * k, k * c->cs);
    invert_map(small_map, result, &m);
}

void cg_strict_conv_up(float *large_map, float *result, const float *small, const float *weight,
                       const cg_strict_conv *c)
{
    const size_t columns = phases(c) * c->cl;
    const map_form m = large_form(c);
    const cg_strict_product p = {.a = {small, NULL, c->cs, 1},
                                 .b = {weight, NULL, c->cs, 1},
                                 .c_re = result,
                                 .rows = c->n,
                                 .k = c->cs,
                                 .columns = columns,
                                 .sign = 1};
    multiply_planes(&p, c, c->n * c->cs, columns * c->cs);
    invert_map(large_map, result, &m);
}

void cg_strict_conv_weight(float *dw, float *result, const float *large, const float *small,
                           const float *factor, const cg_strict_conv *c)
{
    const size_t rows = phases(c) * c->cl;
    const cg_strict_product p = {.a = {large, NULL, 1, rows},
                                 .b = {small, NULL, 1, c->cs},
                                 .c_re = result,
                                 .rows = rows,
                                 .k = c->n,
                                 .columns = c->cs,
                                 .sign = -1,
                                 .scale = factor};
    multiply_planes(&p, c, c->n * rows, c->n * c->cs);
    invert_weight(dw, result, c);
}

void cg_strict_sum_small(float *db, const float *small, const float *factor,
                         const cg_strict_conv *c)
{
    const float *whole = small + real_plane(cycle(c), 0, 0) * c->n * c->cs;
    memset(db, 0, c->cs * sizeof *db);
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->cs; j++)
            db[j] = fma32(factor ? factor[i] : 1.0f, whole[i * c->cs + j], db[j]);
}
