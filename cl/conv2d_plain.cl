/* Convolution, the plain algorithm: any shape on any device, one scalar result a work-item.
 * The passes and their index equations: conv2d.clh. Source: the definition.
 *
 * Maps with more than one channel are blocked, with one channel plain (common.clh). A pitch is the
 * number of images that a map has room for; those up to n_last are processed.
 */
#include "common.clh"
#include "conv2d.clh"

static inline int width_of(int channels)
{
    return channels == 1 ? 1 : CG_BLOCK;
}

/* The index of channel c of pixel p of image n, in a map of `pixels` pixels an image. */
static inline size_t at(int channels, int pitch, int pixels, int n, int p, int c)
{
    return channels == 1 ? (size_t)n * (size_t)pixels + (size_t)p
                         : map_index(pitch, pixels, c / CG_BLOCK, n, p, c % CG_BLOCK);
}

static inline float read(__global const float *x, const prologue *pro, int channels, int pitch,
                         int pixels, int n, int p, int c)
{
    const int f = channels == 1 ? position_feature(pro, p)
                                : feature_index(pro, c / CG_BLOCK, p, c % CG_BLOCK);
    return prologue_scalar(x[at(channels, pitch, pixels, n, p, c)], pro, f, n);
}

/* One element of S. NDRange: (sh * sw * b, n, blocks of cs) with b = width_of(cs). */
__kernel void conv2d_down_plain(__global float *restrict y, __global const float *restrict x,
                                __global const float *restrict w, PROLOGUE_PARAMS(in),
                                EPILOGUE_PARAMS, const cg_geometry g)
{
    const int lh = g.large_h, lw = g.large_w, cl = g.large_c, k = g.kernel_size;
    const int sh = g.small_h, sw = g.small_w, cs = g.small_c;
    const int b = width_of(cs);
    const int lane = (int)get_global_id(0) % b; /* 0 .. b - 1           */
    const int p = (int)get_global_id(0) / b;    /* 0 .. sh * sw - 1     */
    const int n = (int)get_global_id(1);        /* 0 .. n_last - 1      */
    const int c = (int)get_global_id(2) * b + lane;
    const prologue pro = PROLOGUE(in);
    const epilogue epi = EPILOGUE;
    float sum = 0.0f;

    if (p >= sh * sw || n >= g.n_last)
        return;
    const size_t to = at(cs, g.small_pitch, sh * sw, n, p, c);
    if (c >= cs) {
        y[to] = 0.0f;
        return;
    }
    for (int ky = 0; ky < k; ky++) {
        const int iy = p / sw * g.stride - g.pad_h + ky;
        if (iy < 0 || iy >= lh)
            continue;
        for (int kx = 0; kx < k; kx++) {
            const int ix = p % sw * g.stride - g.pad_w + kx;
            if (ix < 0 || ix >= lw)
                continue;
            for (int ci = 0; ci < cl; ci++)
                sum += read(x, &pro, cl, g.large_pitch, lh * lw, n, iy * lw + ix, ci) *
                       w[((ky * k + kx) * cl + ci) * cs + c];
        }
    }
    y[to] = epilogue_scalar(sum, &epi, to, c, n);
}

/* One element of L. NDRange: (lh * lw * b, n, blocks of cl) with b = width_of(cl). */
__kernel void conv2d_up_plain(__global float *restrict y, __global const float *restrict x,
                              __global const float *restrict w, PROLOGUE_PARAMS(in),
                              EPILOGUE_PARAMS, const cg_geometry g)
{
    const int lh = g.large_h, lw = g.large_w, cl = g.large_c, k = g.kernel_size, s = g.stride;
    const int sh = g.small_h, sw = g.small_w, cs = g.small_c;
    const int b = width_of(cl);
    const int lane = (int)get_global_id(0) % b; /* 0 .. b - 1           */
    const int p = (int)get_global_id(0) / b;    /* 0 .. lh * lw - 1     */
    const int n = (int)get_global_id(1);        /* 0 .. n_last - 1      */
    const int c = (int)get_global_id(2) * b + lane;
    const prologue pro = PROLOGUE(in);
    const epilogue epi = EPILOGUE;
    float sum = 0.0f;

    if (p >= lh * lw || n >= g.n_last)
        return;
    const size_t to = at(cl, g.large_pitch, lh * lw, n, p, c);
    if (c >= cl) {
        y[to] = 0.0f;
        return;
    }
    for (int ky = 0; ky < k; ky++) {
        const int iy = p / lw + g.pad_h - ky; /* s times the row of S */
        if (iy < 0 || iy % s || iy / s >= sh)
            continue;
        for (int kx = 0; kx < k; kx++) {
            const int ix = p % lw + g.pad_w - kx;
            if (ix < 0 || ix % s || ix / s >= sw)
                continue;
            for (int ci = 0; ci < cs; ci++)
                sum += read(x, &pro, cs, g.small_pitch, sh * sw, n, iy / s * sw + ix / s, ci) *
                       w[((ky * k + kx) * cl + c) * cs + ci];
        }
    }
    y[to] = epilogue_scalar(sum, &epi, to, c, n);
}

/* Adds to one element of dW what images n_first .. n_last - 1 give; n_first = 0 starts from 0. The
 * images' sums are added one by one, so that rounding errors stay those of short sums, and that it
 * does not matter how the images are shared out to launches. NDRange: (cs, cl, k * k). */
__kernel void conv2d_weight_plain(__global float *restrict dw, __global const float *restrict l,
                                  __global const float *restrict s, PROLOGUE_PARAMS(large),
                                  PROLOGUE_PARAMS(small), const cg_geometry g)
{
    const int lh = g.large_h, lw = g.large_w, cl = g.large_c, k = g.kernel_size;
    const int sh = g.small_h, sw = g.small_w, cs = g.small_c;
    const int c_small = (int)get_global_id(0); /* 0 .. cs - 1    */
    const int c_large = (int)get_global_id(1); /* 0 .. cl - 1    */
    const int tap = (int)get_global_id(2);     /* 0 .. k * k - 1 */
    const prologue pro_large = PROLOGUE(large);
    const prologue pro_small = PROLOGUE(small);

    if (c_small >= cs || c_large >= cl || tap >= k * k)
        return;
    const int to = (tap * cl + c_large) * cs + c_small;
    float sum = g.n_first ? dw[to] : 0.0f;
    for (int n = g.n_first; n < g.n_last; n++) {
        float image_sum = 0.0f;
        for (int p = 0; p < sh * sw; p++) {
            const int iy = p / sw * g.stride - g.pad_h + tap / k;
            const int ix = p % sw * g.stride - g.pad_w + tap % k;
            if (iy < 0 || iy >= lh || ix < 0 || ix >= lw)
                continue;
            image_sum +=
                read(l, &pro_large, cl, g.large_pitch, lh * lw, n, iy * lw + ix, c_large) *
                read(s, &pro_small, cs, g.small_pitch, sh * sw, n, p, c_small);
        }
        sum += image_sum;
    }
    dw[to] = sum;
}
