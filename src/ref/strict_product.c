/* Products of spectra: the inner dimension in chunks, three sums for a complex number
 * (strict_product.h). */
#include "ref/strict_product.h"

#include "ref/strict_math.h"

#include <stdbool.h>
#include <string.h>

enum { LANES = 32, CHUNK = 32, MAX_COLUMNS = 512, ROWS = 4 };

typedef float lanes[LANES];

/* B's part of a chunk: the real parts, the imaginary ones, these less those. */
typedef struct packed {
    float part[3][CHUNK][MAX_COLUMNS];
} packed;

static void pack(packed *to, const cg_strict_product *p, size_t k0)
{
    for (size_t k = 0; k < CHUNK && k0 + k < p->k; k++)
        for (size_t i = 0; i < p->columns; i++) {
            const size_t at = (k0 + k) * p->b.k_step + i * p->b.row_step;
            to->part[0][k][i] = p->b.re[at];
            to->part[1][k][i] = p->b.im ? p->b.im[at] : 0.0f;
            to->part[2][k][i] = to->part[1][k][i] - p->b.re[at];
        }
}

/* ROWS rows of A's part of a chunk, likewise. */
typedef float rows_of_a[3][CHUNK][ROWS];

/* The rows' sums of columns first .. first + LANES - 1, ready to stay in registers. */
static void sum_tile(float sum[ROWS][LANES], float a[CHUNK][ROWS], float b[CHUNK][MAX_COLUMNS],
                     size_t k, size_t first)
{
    lanes tile[ROWS] = {{0}};
    for (size_t j = 0; j < k; j++)
        for (size_t row = 0; row < ROWS; row++)
            for (size_t i = 0; i < LANES; i++)
                tile[row][i] = fma32(a[j][row], b[j][first + i], tile[row][i]);
    memcpy(sum, tile, sizeof tile);
}

/* A's rows from `row` on; those beyond its last are zeros. */
static void load_rows(rows_of_a to, const cg_strict_product *p, size_t row, size_t k0, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t r = 0; r < ROWS; r++) {
            const bool none = row + r >= p->rows;
            const size_t at = (none ? 0 : row + r) * p->a.row_step + (k0 + j) * p->a.k_step;
            const float scale = none ? 0.0f : p->scale ? p->scale[k0 + j] : 1.0f;
            const float re = flush(scale * p->a.re[at]);
            const float im = p->a.im ? flush(scale * p->a.im[at]) : 0.0f;
            to[0][j][r] = re;
            to[1][j][r] = im;
            to[2][j][r] = p->sign > 0.0f ? re - im : re + im;
        }
}

/* Adds a chunk's sums to this many columns of a row of the result. */
static void add_chunk(float *re, float *im, float sum[3][ROWS][LANES], size_t row, size_t columns,
                      float sign)
{
    for (size_t i = 0; i < columns; i++)
        re[i] += sum[0][row][i];
    for (size_t i = 0; im && i < columns; i++) {
        im[i] += sign * sum[0][row][i];
        re[i] -= sign * sum[1][row][i];
        im[i] += sum[1][row][i];
        im[i] += sign * sum[2][row][i];
    }
}

static void multiply_chunk(const cg_strict_product *p, packed *b, size_t row, size_t k0)
{
    const size_t k = p->k - k0 < CHUNK ? p->k - k0 : CHUNK;
    const size_t rows = p->rows - row < ROWS ? p->rows - row : ROWS;
    rows_of_a a;
    float sum[3][ROWS][LANES];
    load_rows(a, p, row, k0, k);
    for (size_t first = 0; first < p->columns; first += LANES) {
        const size_t columns = p->columns - first < LANES ? p->columns - first : LANES;
        for (size_t i = 0; i < (p->a.im ? 3 : 1); i++)
            sum_tile(sum[i], a[i], b->part[i], k, first);
        for (size_t r = 0; r < rows; r++) {
            const size_t at = (row + r) * p->columns + first;
            add_chunk(p->c_re + at, p->c_im ? p->c_im + at : NULL, sum, r, columns, p->sign);
        }
    }
}

static void multiply(const cg_strict_product *p)
{
    static packed b;
    memset(p->c_re, 0, p->rows * p->columns * sizeof(float));
    if (p->c_im)
        memset(p->c_im, 0, p->rows * p->columns * sizeof(float));
    for (size_t k0 = 0; k0 < p->k; k0 += CHUNK) {
        pack(&b, p, k0);
        for (size_t row = 0; row < p->rows; row += ROWS)
            multiply_chunk(p, &b, row, k0);
    }
}

void cg_strict_multiply(cg_strict_product p, size_t complexes, size_t reals, size_t a_plane,
                        size_t b_plane)
{
    const size_t c_plane = p.rows * p.columns;
    const cg_strict_product first = p;
    for (size_t f = 0; f < complexes + reals; f++) {
        const bool is_complex = f < complexes;
        const size_t plane = is_complex ? 2 * f : complexes + f;
        p.a.re = first.a.re + plane * a_plane;
        p.b.re = first.b.re + plane * b_plane;
        p.c_re = first.c_re + plane * c_plane;
        p.a.im = is_complex ? p.a.re + a_plane : NULL;
        p.b.im = is_complex ? p.b.re + b_plane : NULL;
        p.c_im = is_complex ? p.c_re + c_plane : NULL;
        multiply(&p);
    }
}
