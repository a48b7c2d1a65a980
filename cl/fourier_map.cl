/* Between feature maps and their spectra (fourier.clh), for the Fourier form of a convolution.
 *
 * A map that is STEP times as large as the other one of the convolution is taken apart into its
 * phases, the STEP * STEP maps of every STEP-th row and column; each phase is transformed on its
 * own and counts as further channels: the spectrum is [plane][phase][blocks][rows][CG_BLOCK], rows
 * the images, rounded up, those beyond the map's being zero.
 * One work-item transforms CG_FOURIER_IMAGES images of one phase of one block. Local size 1.
 */
#include "common.clh"
#include "conv2d.clh"
#include "fourier.clh"
#include "fourier_options.clh"
#include "moments.clh"

/* A work-item's place. */
typedef struct {
    int n_first, n_last;  /* images that exist, of CG_FOURIER_IMAGES from n_first */
    int block;            /* of channels */
    int phase_y, phase_x;
    size_t spectrum;      /* of the first image, in plane 0 */
    size_t stride;        /* from plane to plane */
} place;

static inline place find_place(const cg_map_extent *e)
{
    place at;
    const int phase = (int)GROUP_ID(1) / e->blocks;
    at.n_first = (int)GROUP_ID(0) * CG_FOURIER_IMAGES;
    at.n_last = min(at.n_first + CG_FOURIER_IMAGES, e->n);
    at.block = (int)GROUP_ID(1) % e->blocks;
    at.phase_y = phase / STEP;
    at.phase_x = phase % STEP;
    at.spectrum = row_index(e->rows, (int)GROUP_ID(1), at.n_first, 0);
    at.stride = CG_FOURIER_PLANE_FLOATS(get_num_groups(1), e->rows);
    return at;
}

/* The source of a transform: a map, through the prologue; or the gradient before a column of
 * weights (dense.cl) for a unit gradient at each image's output, through LeakyReLU's gates. */
typedef struct {
    bool is_column;
    __global const float *values;
    prologue before;
    __global const uchar *gates; /* bytes like the map that would be written */
    float slope, mask_scale;
} source;

/* The values of position p, channels v on of the block; `image` is where image n begins. */
static inline vfloat read(const source *from, const place *at, size_t image, int p, int v, int n)
{
    const size_t element = image + (size_t)(p * CG_BLOCK + v);
    if (!from->is_column) {
        const int f = feature_index(&from->before, at->block, p, v);
        PREFETCH(from->values + image + (MAP_H * MAP_W + p) * CG_BLOCK + v);
        return prologue_vector(VLOAD(from->values, element), &from->before, f, n);
    }
    const vfloat w = VLOAD(from->values, row_index(MAP_H * MAP_W, at->block, p, v));
    const vfloat gate = VECTOR_LOAD_MASK(from->gates, element);
    return FLUSH(vfloat, GATED(w, gate, from->slope, from->mask_scale));
}

static inline void transform(__global float *spectrum, const source *from, const cg_map_extent *e)
{
    const place at = find_place(e);

    for (int i = 0; i < CG_FOURIER_IMAGES; i++) {
        const int n = at.n_first + i;
        const size_t image = map_index(e->pitch, MAP_H * MAP_W, at.block, n, 0, 0);
        for (int v = 0; v < CG_BLOCK; v += VEC) {
            __global float *to = spectrum + at.spectrum + i * CG_BLOCK + v;
            vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];
            if (n >= at.n_last) {
                clear_planes(to, at.stride);
                continue;
            }
            UNROLL for (int j = 0; j < N; j++) x[j] = (vfloat)(0.0f);
            for (int j = 0; j < PHASE_H; j++) {
                const int y = j * STEP + at.phase_y;
                UNROLL for (int k = 0; k < PHASE_W; k++) {
                    const int p = y * MAP_W + k * STEP + at.phase_x;
                    x[k] = (vfloat)(0.0f);
                    if (y < MAP_H && k * STEP + at.phase_x < MAP_W)
                        x[k] = read(from, &at, image, p, v, n);
                }
                dft(re[j], im[j], x);
            }
            forward_columns(to, at.stride, re, im, 0, PHASE_H);
        }
    }
}

/* The prologue but for the images' factors, which are factors of all that a spectrum gives.
 * NDRange: (rows / CG_FOURIER_IMAGES, phases * blocks). */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_map(__global float *restrict spectrum, __global const float *restrict map,
            PROLOGUE_PARAMS(in), const cg_map_extent e)
{
    source from = {.is_column = false, .values = map, .before = PROLOGUE_IN};
    from.before.flags &= CG_PROLOGUE_AFFINE;
    transform(spectrum, &from, &e);
}

/* column: [blocks][h*w][CG_BLOCK]. NDRange as above. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_map_of_column(__global float *restrict spectrum, __global const float *restrict column,
                      __global const uchar *restrict gates, float mask_scale, float slope,
                      const cg_map_extent e)
{
    const source from = {.is_column = true,
                         .values = column,
                         .gates = gates,
                         .slope = slope,
                         .mask_scale = mask_scale};
    transform(spectrum, &from, &e);
}

/* The moments of one image's phase, h x w pixels of `from`. */
static inline sample_moments measure_image(vfloat from[PHASE_H][PHASE_W], int h, int w)
{
    sample_moments m = NO_SAMPLES;

    m.count = (vfloat)((float)(h * w));
    for (int j = 0; j < h; j++)
        for (int k = 0; k < w; k++)
            m.mean += from[j][k];
    m.mean = FLUSH(vfloat, DIVIDE(vfloat, m.mean, max((float)(h * w), 1.0f)));
    for (int j = 0; j < h; j++) {
        for (int k = 0; k < w; k++) {
            const vfloat d = from[j][k] - m.mean;
            m.squares = MAD(vfloat, d, d, m.squares);
        }
    }
    return m;
}

/* in_image: factors of the images that the convolution reads, or flags without CG_PROLOGUE_IMAGE.
 * take_moments: of what is written, to sums, a share being a work-item's images and phase.
 * NDRange: (rows / CG_FOURIER_IMAGES, phases * blocks). */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
fourier_map_inverse(__global float *restrict map, __global const float *restrict spectrum,
                    __global const float *restrict in_image, int in_flags, EPILOGUE_PARAMS,
                    __global float *restrict sums, int take_moments, const cg_map_extent e)
{
    const place at = find_place(&e);
    const epilogue epi = EPILOGUE;
    const int h = (MAP_H - at.phase_y + STEP - 1) / STEP; /* of the phase */
    const int w = (MAP_W - at.phase_x + STEP - 1) / STEP;
    const sample_moments none = NO_SAMPLES;
    sample_moments seen[BLOCK_VECTORS];

    for (int v = 0; v < BLOCK_VECTORS; v++)
        seen[v] = none;
    for (int n = at.n_first; n < at.n_last; n++) {
        const size_t first = map_index(e.pitch, MAP_H * MAP_W, at.block, n, 0, 0);
        const float factor = in_flags & CG_PROLOGUE_IMAGE ? in_image[n] : 1.0f;
        for (int v = 0; v < CG_BLOCK; v += VEC) {
            vfloat x[N], re[PHASE_H][NYQUIST + 1], im[PHASE_H][NYQUIST + 1];
            vfloat kept[PHASE_H][PHASE_W];
            inverse_columns(re, im, spectrum + at.spectrum + (n - at.n_first) * CG_BLOCK + v,
                            at.stride, 0, PHASE_H);
            for (int j = 0; j < PHASE_H; j++) {
                const int y = j * STEP + at.phase_y;
                inverse_dft(x, re[j], im[j], ROW_EDGE, ROW_INNER);
                UNROLL for (int k = 0; k < PHASE_W; k++) {
                    const int p = y * MAP_W + k * STEP + at.phase_x;
                    const size_t to = first + (size_t)(p * CG_BLOCK + v);
                    PREFETCH_STREAM(map + to + MAP_H * MAP_W * CG_BLOCK);
                    if (epi.activation == CG_ACT_LEAKY_GRAD && !(epi.flags & CG_EPILOGUE_MASK))
                        PREFETCH(saved + to + MAP_H * MAP_W * CG_BLOCK);
                    if (y < MAP_H && k * STEP + at.phase_x < MAP_W) {
                        kept[j][k] = epilogue_vector(FLUSH(vfloat, factor * x[k]), &epi, to,
                                                     at.block * CG_BLOCK + v, n);
                        VSTREAM(kept[j][k], map, to);
                    }
                }
            }
            if (take_moments)
                seen[v / VEC] = merge_moments(seen[v / VEC], measure_image(kept, h, w));
        }
    }
    const int share = ((int)GROUP_ID(0) * STEP + at.phase_y) * STEP + at.phase_x;
    const int channels = e.blocks * CG_BLOCK;
    for (int v = 0; take_moments && v < CG_BLOCK; v += VEC)
        store_moments(sums, moments_index(channels, share, at.block * CG_BLOCK + v), channels,
                      seen[v / VEC]);
}

/* db[blocks * CG_BLOCK] = the sum over images of in_image[n] times all that is in the map: a
 * transform at frequency 0 is the sum. The map has one phase. NDRange: (blocks * BLOCK_VECTORS). */
__kernel void fourier_map_sum(__global float *restrict db, __global const float *restrict spectrum,
                              __global const float *restrict in_image, int in_flags, int n_count,
                              int rows, int blocks)
{
    const int c = (int)get_global_id(0) * VEC; /* 0 .. blocks * CG_BLOCK - 1 */
    vfloat sum = (vfloat)(0.0f);

    if (c >= blocks * CG_BLOCK)
        return;
    spectrum += REAL_PLANE(0, 0) * CG_FOURIER_PLANE_FLOATS(blocks, rows) +
                row_index(rows, c / CG_BLOCK, 0, c % CG_BLOCK);
    for (int n = 0; n < n_count; n++)
        sum = MAD(vfloat, in_flags & CG_PROLOGUE_IMAGE ? in_image[n] : 1.0f,
                  VLOAD(spectrum, n * CG_BLOCK), sum);
    VSTORE(sum, db, c);
}
