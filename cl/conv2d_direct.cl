/* Convolution, the direct algorithm for CPU runtimes: explicit vectors, register tiles, no taps
 * spent on padding. The passes and their index equations: conv2d.clh.
 *
 * down and up (UP = 0, 1): one work-item computes CG_DIRECT_IMAGES images of one block of output
 *   channels. It goes through the input block by block: prologue into local memory, then for every
 *   kernel row and output row a register tile of OUT_W pixels x OUT_LANES channels, into which each
 *   input channel is broadcast. The output itself holds the sums between the blocks.
 * weight: one work-item computes one block of 32 x 32 channels of dW over a part of the images;
 *   the tile is 2 large channels x KERNEL taps x OUT_LANES small channels. The partials are added
 *   afterwards, in their order.
 *
 * Local size 1; local memory is one item's scratch: IMAGES images of one block of what is read.
 * A device with little of it has fewer images a work-item at a time; with less still, a work-item
 * goes through one image by bands: the part of it that BAND rows of the output (for weight: of the
 * small map) meet is in local memory. Neither changes the order of a sum.
 * Both maps are blocked; the widths and the kernel are known to the compiler, the heights are not.
 */
#include "common.clh"
#include "conv2d.clh"

#ifndef UP /* 1: the pass `up`, 0: `down` */
#define UP 0
#endif
#ifndef KERNEL /* kernel size */
#define KERNEL 5
#endif
#ifndef STRIDE
#define STRIDE 1
#endif
#ifndef PAD /* left and upper padding */
#define PAD 2
#endif
#ifndef LARGE_W /* width of L */
#define LARGE_W 7
#endif
#ifndef SMALL_W /* width of S */
#define SMALL_W 7
#endif

#ifndef IMAGES /* in local memory at a time */
#define IMAGES CG_DIRECT_IMAGES
#endif
#ifndef BAND /* rows of the output that are computed at a time, 0: all; otherwise IMAGES is 1 */
#define BAND 0
#endif
#if BAND && IMAGES != 1
#error "a band of rows is one image's"
#endif

#if UP
#define IN_W  SMALL_W
#define OUT_W LARGE_W
#else
#define IN_W  LARGE_W
#define OUT_W SMALL_W
#endif

/* About 14 accumulators: enough to hide the latency of a multiply-add, few enough for 32 registers.
 */
#define OUT_VECTORS (OUT_W <= 8 && 2 * VEC <= CG_BLOCK ? 2 : 1)
#define OUT_LANES   (OUT_VECTORS * VEC)

/* Taps 0, STRIDE, 2 STRIDE, ...: the first of two phases. */
#if STRIDE > 2
#error "taps go by two phases at most"
#endif
#define PHASE0 ((KERNEL + STRIDE - 1) / STRIDE)

/* Rows x .. y - 1 of a map. It is no struct, because Oclgrind 21.10 does not know the instruction
 * that an inlined function becomes which returns one. */
typedef int2 row_range;

static inline row_range clip_rows(int first, int last, int height)
{
    const int from = max(first, 0);
    return (row_range)(from, max(from, min(last, height)));
}

/* The rows of a map of `height` that a band has which begins at row `first`. */
static inline row_range band_at(int first, int height)
{
    return clip_rows(first, BAND ? first + BAND : height, height);
}

/* The rows of L that rows s of S meet, where they are not all there are. */
static inline row_range large_rows(row_range s, int large_h)
{
    const row_range r =
        clip_rows(s.x * STRIDE - PAD, (s.y - 1) * STRIDE - PAD + KERNEL, large_h);
    return BAND ? r : (row_range)(0, large_h);
}

/* The rows of S that rows l of L meet, likewise. */
static inline row_range small_rows(row_range l, int small_h)
{
    const row_range r = clip_rows((l.x + PAD - KERNEL + STRIDE) / STRIDE,
                                  (l.y - 1 + PAD) / STRIDE + 1, small_h);
    return BAND ? r : (row_range)(0, small_h);
}

/* tile[image][row][w][CG_BLOCK] = the prologue of rows r of `images` images of a block; x: the
 * first image, of `height` rows. */
static inline void load_tile(__local float *tile, __global const float *x, const prologue *pro,
                             int block, int n0, int images, row_range r, int height, int w)
{
    for (int i = 0; i < images; i++) {
        for (int p = r.x * w; p < r.y * w; p++) {
            const int from = (i * height * w + p) * CG_BLOCK;
            const int to = (i * (r.y - r.x) * w + p - r.x * w) * CG_BLOCK;
            const int f = feature_index(pro, block, p, 0);
            UNROLL for (int v = 0; v < CG_BLOCK; v += VEC)
                *(__local vfloat *)(tile + to + v) =
                    prologue_vector(VLOAD(x, from + v), pro, f + v, n0 + i);
        }
    }
}

/* The input row that kernel row ky takes to output row oy, -1 where there is none. */
static inline int input_row(int oy, int ky, int rows)
{
#if UP
    const int at = oy + PAD - ky;
    const int iy = at / STRIDE;
    return at >= 0 && at % STRIDE == 0 && iy < rows ? iy : -1;
#else
    const int iy = oy * STRIDE - PAD + ky;
    return iy >= 0 && iy < rows ? iy : -1;
#endif
}

/* y[OUT_W][CG_BLOCK] += row[IN_W][CG_BLOCK] * w[channels][KERNEL][CG_BLOCK], one kernel row. */
static inline void add_row(__global float *y, __local const float *row, __global const float *w,
                           int channels)
{
    for (int v0 = 0; v0 < CG_BLOCK; v0 += OUT_LANES) {
        vfloat sum[OUT_W][OUT_VECTORS];
        UNROLL for (int o = 0; o < OUT_W; o++)
            UNROLL for (int v = 0; v < OUT_VECTORS; v++)
                sum[o][v] = VLOAD(y, o * CG_BLOCK + v0 + v * VEC);
        for (int c = 0; c < channels; c++) {
            UNROLL for (int t = 0; t < KERNEL; t++) {
                /* Taps of one phase together: they meet the same pixels, few are alive at once. */
                const int kx = t < PHASE0 ? t * STRIDE : (t - PHASE0) * STRIDE + 1;
                vfloat weight[OUT_VECTORS];
                UNROLL for (int v = 0; v < OUT_VECTORS; v++)
                    weight[v] = VLOAD(w, (c * KERNEL + kx) * CG_BLOCK + v0 + v * VEC);
                UNROLL for (int i = 0; i < SMALL_W; i++) { /* i in S meets j in L */
                    const int j = i * STRIDE - PAD + kx;
                    if (j >= 0 && j < LARGE_W) {
                        const float x = row[(UP ? i : j) * CG_BLOCK + c];
                        UNROLL for (int v = 0; v < OUT_VECTORS; v++)
                            sum[UP ? j : i][v] += x * weight[v];
                    }
                }
            }
        }
        UNROLL for (int o = 0; o < OUT_W; o++)
            UNROLL for (int v = 0; v < OUT_VECTORS; v++)
                VSTORE(sum[o][v], y, o * CG_BLOCK + v0 + v * VEC);
    }
}

/* Rows `out` of a block of `images` images of y, each of out_h rows, += what rows `in` of a block
 * of x give, which are in the tile; slabs: the weights of these blocks. */
static inline void add_rows(__global float *y, __local const float *tile,
                            __global const float *slabs, int images, int channels, row_range out,
                            row_range in, int out_h, int in_h)
{
    for (int ky = 0; ky < KERNEL; ky++) {
        for (int i = 0; i < images; i++) {
            for (int oy = out.x; oy < out.y; oy++) {
                const int iy = input_row(oy, ky, in_h);
                const int row = i * (in.y - in.x) + iy - in.x;
                if (iy >= 0)
                    add_row(y + (size_t)((i * out_h + oy) * OUT_W * CG_BLOCK),
                            tile + row * IN_W * CG_BLOCK, slabs + ky * CG_BLOCK * KERNEL * CG_BLOCK,
                            channels);
            }
        }
    }
}

/* w: packed [output block][input block][KERNEL row][CG_BLOCK input channels][KERNEL][CG_BLOCK].
 * NDRange: (output blocks, ceil(n / IMAGES)), local size 1. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv2d_direct(__global float *restrict y, __global const float *restrict x,
              __global const float *restrict w, PROLOGUE_PARAMS(in), EPILOGUE_PARAMS,
              __local float *tile, const cg_geometry g)
{
    const int out_block = (int)GROUP_ID(0);   /* 0 .. output blocks - 1 */
    const int n0 = (int)GROUP_ID(1) * IMAGES; /* first image            */
    const int images = min(IMAGES, g.n_last - n0);
    const int y_pitch = UP ? g.large_pitch : g.small_pitch;
    const int x_pitch = UP ? g.small_pitch : g.large_pitch;
    const int out_h = UP ? g.large_h : g.small_h, in_h = UP ? g.small_h : g.large_h;
    const int in_channels = UP ? g.small_c : g.large_c;
    const int in_blocks = (in_channels + CG_BLOCK - 1) / CG_BLOCK;
    const int out_pixels = out_h * OUT_W;
    const int in_pixels = in_h * IN_W;
    const prologue pro = PROLOGUE(in);
    const epilogue epi = EPILOGUE;
    const size_t first = map_index(y_pitch, out_pixels, out_block, n0, 0, 0);

    for (int p = 0; p < images * out_pixels * CG_BLOCK; p += VEC)
        VSTORE((vfloat)(0.0f), y, first + (size_t)p);
    for (int b = 0; b < in_blocks; b++) {
        const size_t from = map_index(x_pitch, in_pixels, b, n0, 0, 0);
        const int channels = min(CG_BLOCK, in_channels - b * CG_BLOCK);
        __global const float *slabs =
            w + (out_block * in_blocks + b) * KERNEL * CG_BLOCK * KERNEL * CG_BLOCK;
        for (row_range out = band_at(0, out_h); out.x < out_h; out = band_at(out.y, out_h)) {
            const row_range in = UP ? small_rows(out, in_h) : large_rows(out, in_h);
            load_tile(tile, x + from, &pro, b, n0, images, in, in_h, IN_W);
            add_rows(y + first, tile, slabs, images, channels, out, in, out_h, in_h);
        }
    }
    for (int i = 0; i < images; i++) {
        for (int p = 0; p < out_pixels * CG_BLOCK; p += VEC) {
            const size_t to = first + (size_t)(i * out_pixels * CG_BLOCK + p);
            const int c = out_block * CG_BLOCK + p % CG_BLOCK;
            VSTORE(epilogue_vector(VLOAD(y, to), &epi, to, c, n0 + i), y, to);
        }
    }
}

#define BLOCK_WEIGHTS (KERNEL * CG_BLOCK * KERNEL * CG_BLOCK) /* of one pair of blocks */

/* packed[ob][ib][ky][ci][kx][co] = w[ky][kx][cl][cs], zero beyond the channels. One element a
 * work-item. NDRange: (BLOCK_WEIGHTS, output blocks * input blocks). */
__kernel void conv2d_pack_direct(__global float *restrict packed, __global const float *restrict w,
                                 int cl, int cs)
{
    const int at = (int)get_global_id(0);           /* of the pair's elements */
    const int pair = (int)get_global_id(1);         /* output block * input blocks + input block */
    const int lane = at % CG_BLOCK;
    const int kx = at / CG_BLOCK % KERNEL;
    const int ci = at / CG_BLOCK / KERNEL % CG_BLOCK;
    const int ky = at / CG_BLOCK / KERNEL / CG_BLOCK;
    const int in_blocks = ((UP ? cs : cl) + CG_BLOCK - 1) / CG_BLOCK;
    const int co = pair / in_blocks * CG_BLOCK + lane;
    const int in = pair % in_blocks * CG_BLOCK + ci;
    const int c_large = UP ? co : in;
    const int c_small = UP ? in : co;
    float value = 0.0f;

    if (at >= BLOCK_WEIGHTS)
        return;
    if (c_large < cl && c_small < cs)
        value = w[((ky * KERNEL + kx) * cl + c_large) * cs + c_small];
    packed[pair * BLOCK_WEIGHTS + at] = value;
}

/* The tile of dW: PAIR large channels x KERNEL taps x SMALL_LANES small channels. */
#define PAIR 2
#define SMALL_VECTORS (2 * VEC <= CG_BLOCK ? 2 : 1)
#define SMALL_LANES (SMALL_VECTORS * VEC)

/* sum += l[LARGE_W][PAIR]^T s[SMALL_W][SMALL_LANES] for each tap of one kernel row. */
static inline void add_row_weight(vfloat sum[PAIR][KERNEL][SMALL_VECTORS],
                                  __local const float *l, __local const float *s)
{
    UNROLL for (int i = 0; i < SMALL_W; i++) {
        vfloat small[SMALL_VECTORS];
        UNROLL for (int v = 0; v < SMALL_VECTORS; v++)
            small[v] = *(__local const vfloat *)(s + i * CG_BLOCK + v * VEC);
        UNROLL for (int kx = 0; kx < KERNEL; kx++) {
            const int j = i * STRIDE - PAD + kx;
            if (j >= 0 && j < LARGE_W) {
                UNROLL for (int c = 0; c < PAIR; c++)
                    UNROLL for (int v = 0; v < SMALL_VECTORS; v++)
                        sum[c][kx][v] += l[j * CG_BLOCK + c] * small[v];
            }
        }
    }
}

/* out[PAIR][KERNEL][CG_BLOCK] += what rows s_rows of `images` images give for kernel row ky; out, l
 * and s point to the tile's first channels, of rows l_rows of L and s_rows of S. */
static inline void add_images_weight(__global float *out, __local const float *l,
                                     __local const float *s, int ky, int images, row_range l_rows,
                                     row_range s_rows, int lh)
{
    const int l_count = l_rows.y - l_rows.x, s_count = s_rows.y - s_rows.x;
    vfloat sum[PAIR][KERNEL][SMALL_VECTORS];
    UNROLL for (int j = 0; j < PAIR * KERNEL; j++)
        UNROLL for (int v = 0; v < SMALL_VECTORS; v++)
            sum[j / KERNEL][j % KERNEL][v] = VLOAD(out, j * CG_BLOCK + v * VEC);
    for (int i = 0; i < images; i++) {
        for (int sy = s_rows.x; sy < s_rows.y; sy++) {
            const int ly = sy * STRIDE - PAD + ky;
            if (ly >= 0 && ly < lh)
                add_row_weight(sum, l + (i * l_count + ly - l_rows.x) * LARGE_W * CG_BLOCK,
                               s + (i * s_count + sy - s_rows.x) * SMALL_W * CG_BLOCK);
        }
    }
    UNROLL for (int j = 0; j < PAIR * KERNEL; j++)
        UNROLL for (int v = 0; v < SMALL_VECTORS; v++)
            VSTORE(sum[j / KERNEL][j % KERNEL][v], out, j * CG_BLOCK + v * VEC);
}

/* The whole block of dW += what rows s_rows of `images` images give, where l has rows l_rows of L
 * and s has s_rows. */
static inline void add_tile_weight(__global float *out, __local const float *l,
                                   __local const float *s, int images, row_range l_rows,
                                   row_range s_rows, int lh)
{
    for (int ky = 0; ky < KERNEL; ky++)
        for (int c = 0; c < CG_BLOCK; c += PAIR)
            for (int v = 0; v < CG_BLOCK; v += SMALL_LANES)
                add_images_weight(out + (ky * CG_BLOCK + c) * KERNEL * CG_BLOCK + v, l + c, s + v,
                                  ky, images, l_rows, s_rows, lh);
}

/* partial[part][large block][small block][ky][large channel][KERNEL][small channel].
 * NDRange: (large blocks * small blocks, partials), local size 1. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
conv2d_weight_direct(__global float *restrict partial, __global const float *restrict l,
                     __global const float *restrict s, PROLOGUE_PARAMS(large),
                     PROLOGUE_PARAMS(small), __local float *tile, int images_each,
                     const cg_geometry g)
{
    const int pair = (int)GROUP_ID(0); /* large block * small blocks + small block */
    const int n_first = (int)GROUP_ID(1) * images_each;
    const int n_last = min(n_first + images_each, g.n_last);
    const int small_blocks = (g.small_c + CG_BLOCK - 1) / CG_BLOCK;
    const int large_blocks = (g.large_c + CG_BLOCK - 1) / CG_BLOCK;
    const int lh = g.large_h, sh = g.small_h;
    const int l_block = pair / small_blocks, s_block = pair % small_blocks;
    const int l_pixels = lh * LARGE_W, s_pixels = sh * SMALL_W;
    const prologue pro_large = PROLOGUE(large), pro_small = PROLOGUE(small);
    __global float *out =
        partial +
        (GROUP_ID(1) * (size_t)(large_blocks * small_blocks) + (size_t)pair) * BLOCK_WEIGHTS;

    for (int i = 0; i < BLOCK_WEIGHTS; i += VEC)
        VSTORE((vfloat)(0.0f), out, i);
    for (int n0 = n_first; n0 < n_last; n0 += IMAGES) {
        const int images = min(IMAGES, n_last - n0);
        for (row_range out_s = band_at(0, sh); out_s.x < sh; out_s = band_at(out_s.y, sh)) {
            const row_range in_l = large_rows(out_s, lh);
            __local float *s_tile =
                tile + images * (in_l.y - in_l.x) * LARGE_W * CG_BLOCK;
            load_tile(tile, l + map_index(g.large_pitch, l_pixels, l_block, n0, 0, 0), &pro_large,
                      l_block, n0, images, in_l, lh, LARGE_W);
            load_tile(s_tile, s + map_index(g.small_pitch, s_pixels, s_block, n0, 0, 0), &pro_small,
                      s_block, n0, images, out_s, sh, SMALL_W);
            add_tile_weight(out, tile, s_tile, images, in_l, out_s, lh);
        }
    }
}

/* dw[ky][kx][cl][cs] = the partial sums, added in the order of the partials. One element a
 * work-item. NDRange: (cs, cl, KERNEL * KERNEL). */
__kernel void conv2d_weight_reduce(__global float *restrict dw,
                                   __global const float *restrict partial, int partials, int cl,
                                   int cs)
{
    const int c_small = (int)get_global_id(0); /* 0 .. cs - 1 */
    const int c_large = (int)get_global_id(1); /* 0 .. cl - 1 */
    const int ky = (int)get_global_id(2) / KERNEL;
    const int kx = (int)get_global_id(2) % KERNEL;
    const int small_blocks = (cs + CG_BLOCK - 1) / CG_BLOCK;
    const int pairs = (cl + CG_BLOCK - 1) / CG_BLOCK * small_blocks;
    const int pair = c_large / CG_BLOCK * small_blocks + c_small / CG_BLOCK;
    const size_t one = (size_t)pairs * (KERNEL * CG_BLOCK * KERNEL * CG_BLOCK);
    size_t from = (((size_t)pair * KERNEL + (size_t)ky) * CG_BLOCK + (size_t)(c_large % CG_BLOCK)) *
                      KERNEL * CG_BLOCK +
                  (size_t)(kx * CG_BLOCK + c_small % CG_BLOCK);
    float sum = 0.0f;

    if (c_small >= cs || c_large >= cl || ky >= KERNEL)
        return;
    for (int i = 0; i < partials; i++, from += one)
        sum += partial[from];
    dw[((ky * KERNEL + kx) * cl + c_large) * cs + c_small] = sum;
}
