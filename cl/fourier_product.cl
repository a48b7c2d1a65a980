/* The products of spectra (fourier.clh): at each frequency a product of complex matrices
 *
 *     C[rows][columns] = A[rows][K] B[K][columns]      (UP), else  A conj(B)
 *
 * by three real products instead of four. With A = a + i b, B = c + i d:
 *
 *                           third product                real           imaginary
 *     A B        P1 = a c   P3 = (a - b) (d - c)         P1 - P2        P1 + P2 + P3
 *     A conj(B)  P2 = b d   P3 = (a + b) (d - c)         P1 + P2        P2 - P1 - P3
 *
 *                       rows             K                 columns
 *     DOWN                images           large channels    small channels     A conj(B)
 *     UP                  images           small channels    large channels     A B
 *     WEIGHT              large channels   images            small channels     A conj(B)
 *
 * B and C are panels of 32 columns, [plane][columns / 32][K or rows][32], but for UP, where B is
 * [plane][K / 32][columns][32]: the weights' spectrum has one layout. A is [plane][K / 32][rows]
 * [32] or, for WEIGHT, [plane][rows / 32][K][32]. In memory K is k_pitch.
 *
 * On CPU runtimes one work-item computes, for one frequency, all rows of up to PANELS panels. It
 * goes through K by chunks: B's part and, for 32 rows at a time, A's part are copied to local
 * memory with the third factors, a_part [3][PART] and b_part [PANELS][3][PART], and multiplied
 * there (tile.clh). C itself holds the sums between the chunks. Local size 1.
 *
 * Real frequencies, a third of the work each, are the first groups: a runtime that first deals half
 * of the groups to a thread then deals it less than half of the work.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "tile.clh"

/* c[TILE_ROWS][CG_BLOCK] = sign * sum, or, where there is something already, += . */
static inline void add_tile(__global float *c, vfloat sum[TILE_ROWS][TILE_VECTORS], float sign,
                            bool first)
{
    UNROLL for (int r = 0; r < TILE_ROWS; r++) {
        UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
            const vfloat old = first ? (vfloat)(0.0f) : VLOAD(c, r * CG_BLOCK + v * VEC);
            VSTORE(old + sign * sum[r][v], c, r * CG_BLOCK + v * VEC);
        }
    }
}

/* `floats` floats of each of the three factors: factor re, factor im and their sum with signs, PART
 * floats apart. A real frequency has the first alone. */
static inline void load_line(__local float *to, __global const float *re, size_t plane, int floats,
                             bool is_complex, float re_sign, float im_sign, float factor)
{
    UNROLL for (int v = 0; v < floats; v += VEC) {
        const vfloat a = FLUSH(vfloat, factor * VLOAD(re, v));
        LOCAL_STORE(a, to, v);
        if (is_complex) {
            const vfloat b = FLUSH(vfloat, factor * VLOAD(re, plane + (size_t)v));
            LOCAL_STORE(b, to, PART + v);
            LOCAL_STORE(re_sign * a + im_sign * b, to, 2 * PART + v);
        }
    }
}

/* The source of A: the planes of one frequency, and the images' factors (for WEIGHT). */
typedef struct {
    int pass;
    __global const float *re;
    size_t plane; /* from the real to the imaginary part */
    int rows, k_pitch;
    bool is_complex;
    __global const float *large_image, *small_image; /* used as the flags say */
    int large_flags, small_flags;
} source;

/* A's lines: of rows r0 .. r0 + CG_BLOCK - 1 and the chunk from k0 on. A line is these rows at one
 * k (WEIGHT), else K_LINE of a row's k. */
#define K_LINE (TILE_CHUNK < CG_BLOCK ? TILE_CHUNK : CG_BLOCK)

static inline int count_a_lines(const source *a, int chunk)
{
    return a->pass == CG_CONV2D_WEIGHT ? chunk : chunk / K_LINE * CG_BLOCK;
}

static inline size_t find_a_line(const source *a, int line, int r0, int k0)
{
    if (a->pass == CG_CONV2D_WEIGHT)
        return row_index(a->k_pitch, r0 / CG_BLOCK, k0 + line, 0);
    const int k = k0 + line / CG_BLOCK * K_LINE;
    return row_index(a->rows, k / CG_BLOCK, r0 + line % CG_BLOCK, k % CG_BLOCK);
}

static inline void load_a_line(__local float *to, const source *a, int line, int r0, int k0)
{
    const int k = k0 + line;
    float factor = 1.0f;
    if (a->pass == CG_CONV2D_WEIGHT) {
        factor = (a->large_flags & CG_PROLOGUE_IMAGE ? a->large_image[k] : 1.0f) *
                 (a->small_flags & CG_PROLOGUE_IMAGE ? a->small_image[k] : 1.0f);
        to += line * CG_BLOCK;
    } else {
        if (r0 + line % CG_BLOCK >= a->rows)
            return;
        to += line % CG_BLOCK * TILE_CHUNK + line / CG_BLOCK * K_LINE;
    }
    load_line(to, a->re + find_a_line(a, line, r0, k0), a->plane,
              a->pass == CG_CONV2D_WEIGHT ? CG_BLOCK : K_LINE, a->is_complex, 1.0f,
              a->pass == CG_CONV2D_UP ? -1.0f : 1.0f, factor);
}

/* Also beyond the rows: a hint may be wrong. */
static inline void prefetch_a_line(const source *a, int line, int r0, int k0)
{
    __global const float *re = a->re + find_a_line(a, line, r0, k0);
    for (int i = 0; i < CG_BLOCK; i += CACHE_LINE) {
        PREFETCH(re + i);
        if (a->is_complex)
            PREFETCH(re + a->plane + i);
    }
}

/* One of the three products goes into the real and the imaginary part. */
static inline void add_product(__global float *c, size_t plane, vfloat sum[TILE_ROWS][TILE_VECTORS],
                               int product, bool is_complex, bool first, int pass)
{
    const float sign = pass == CG_CONV2D_UP ? 1.0f : -1.0f;
    if (product == 0) {
        add_tile(c, sum, 1.0f, first);
        if (is_complex)
            add_tile(c + plane, sum, sign, first);
    } else if (product == 1) {
        add_tile(c, sum, -sign, false);
        add_tile(c + plane, sum, 1.0f, false);
    } else {
        add_tile(c + plane, sum, sign, false);
    }
}

/* Rows r0 .. r0 + CG_BLOCK - 1 of `panels` panels of C, c pointing to the first: a chunk's
 * products. While these rows are multiplied the next ones are asked for, a few lines after each row
 * of tiles. */
static inline void multiply_rows(__global float *c, size_t c_plane, __local const float *a_part,
                                 __local const float *b_part, const source *a, int r0, int k0,
                                 int chunk, int panels)
{
    const int products = a->is_complex ? CG_FOURIER_PRODUCTS : 1;
    const int row_count = min(CG_BLOCK, a->rows - r0);
    const int all = count_a_lines(a, chunk);
    const int lines = /* at a time */
        (all - 1) / (panels * products * (CG_BLOCK / TILE_ROWS)) + 1;
    int ahead = r0 + CG_BLOCK < a->rows ? 0 : all; /* line of the next rows */

    for (int p = 0; p < panels; p++) {
        __global float *to = c + row_index(a->rows, p, r0, 0);
        for (int product = 0; product < products; product++) {
            __local const float *right = b_part + (p * CG_FOURIER_PRODUCTS + product) * PART;
            for (int r = 0; r < row_count; r += TILE_ROWS) {
                __local const float *left =
                    a_part + product * PART + r * ROW_STEP(a->pass == CG_CONV2D_WEIGHT);
                for (int v = 0; v < CG_BLOCK; v += TILE_COLUMNS) {
                    vfloat sum[TILE_ROWS][TILE_VECTORS];
                    multiply_tile(sum, left, right + v, chunk, a->pass == CG_CONV2D_WEIGHT);
                    add_product(to + r * CG_BLOCK + v, c_plane, sum, product, a->is_complex,
                                k0 == 0, a->pass);
                }
                for (int i = 0; i < lines && ahead < all; i++, ahead++)
                    prefetch_a_line(a, ahead, r0 + CG_BLOCK, k0);
            }
        }
    }
}

/* B's chunk of a panel: k0 .. k0 + chunk - 1 and CG_BLOCK columns from `column` on, of `columns`.
 */
static inline void load_b(__local float *to, __global const float *b, size_t plane,
                          bool is_complex, int k0, int chunk, int k_pitch, int column, int columns,
                          int pass)
{
    if (pass != CG_CONV2D_UP) {
        b += ((size_t)column * (size_t)k_pitch) + (size_t)k0 * CG_BLOCK;
        for (int k = 0; k < chunk; k++)
            load_line(to + k * CG_BLOCK, b + k * CG_BLOCK, plane, CG_BLOCK, is_complex, -1.0f, 1.0f,
                      1.0f);
        return;
    }
    for (int k = 0; k < chunk; k++) {
        __global const float *re =
            b + row_index(columns, (k0 + k) / CG_BLOCK, column, (k0 + k) % CG_BLOCK);
        for (int c = 0; c < CG_BLOCK; c++) {
            __local float *at = to + k * CG_BLOCK + c;
            at[0] = re[c * CG_BLOCK];
            if (is_complex) {
                at[PART] = re[plane + (size_t)(c * CG_BLOCK)];
                at[2 * PART] = at[PART] - at[0];
            }
        }
    }
}

/* complex_count: COMPLEX of the cycle, so that the kernels serve all cycles. */
static inline void multiply(__global float *c, __global const float *a, __global const float *b,
                            __global const float *large_image, int large_flags,
                            __global const float *small_image, int small_flags,
                            __local float *a_part, __local float *b_part, int complex_count,
                            int rows, int k_count, int k_pitch, int panels, int pass)
{
    const int first_panel = OWN_GROUP * PANELS;
    const int panel_count = min(PANELS, panels - first_panel);
    const int frequency = /* 0 .. COMPLEX + REALS - 1 */
        (int)(get_num_groups(1) - 1 - GROUP_ID(1));
    const bool is_complex = frequency < complex_count;
    const size_t plane = (size_t)(is_complex ? 2 * frequency : complex_count + frequency);
    const size_t a_plane = (size_t)rows * (size_t)k_pitch + CG_FOURIER_PLANE_PAD;
    const size_t b_plane = CG_FOURIER_PLANE_FLOATS(panels, k_pitch);
    const size_t c_plane = CG_FOURIER_PLANE_FLOATS(panels, rows);
    const source from = {pass,       a + plane * a_plane, a_plane,     rows,        k_pitch,
                         is_complex, large_image,         small_image, large_flags, small_flags};

    b += plane * b_plane;
    c += plane * c_plane + row_index(rows, first_panel, 0, 0);
    for (int k0 = 0; k0 < k_count; k0 += TILE_CHUNK) {
        const int chunk = min(TILE_CHUNK, k_count - k0);
        for (int p = 0; p < panel_count; p++)
            load_b(b_part + p * CG_FOURIER_PRODUCTS * PART, b, b_plane, is_complex, k0, chunk,
                   k_pitch, (first_panel + p) * CG_BLOCK, panels * CG_BLOCK, pass);
        for (int r0 = 0; r0 < rows; r0 += CG_BLOCK) {
            for (int line = 0; line < count_a_lines(&from, chunk); line++)
                load_a_line(a_part, &from, line, r0, k0);
            multiply_rows(c, c_plane, a_part, b_part, &from, r0, k0, chunk, panel_count);
        }
    }
}

/* NDRange of each: (groups of PANELS panels * SPREAD, COMPLEX + REALS), local size 1. */
#define DEFINE_PRODUCT(name, pass)                                                                 \
    __kernel WHOLE_VECTORS __attribute__((reqd_work_group_size(1, 1, 1))) void name(               \
        __global float *restrict c, __global const float *restrict a,                              \
        __global const float *restrict b, __global const float *restrict large_image,              \
        int large_flags, __global const float *restrict small_image, int small_flags,              \
        __local float *a_part, __local float *b_part, int complex_count, int rows, int k_count,    \
        int k_pitch, int panels)                                                                   \
    {                                                                                              \
        if (IS_IDLE)                                                                               \
            return;                                                                                \
        multiply(c, a, b, large_image, large_flags, small_image, small_flags, a_part, b_part,      \
                 complex_count, rows, k_count, k_pitch, panels, pass);                             \
    }
DEFINE_PRODUCT(fourier_product_down, CG_CONV2D_DOWN)
DEFINE_PRODUCT(fourier_product_up, CG_CONV2D_UP)
DEFINE_PRODUCT(fourier_product_weight, CG_CONV2D_WEIGHT)
