/* Shapes of convolutions, and how many multiply-adds they have. */
#include "ops/conv2d_call.h"

static size_t same_padding(size_t large, size_t small, size_t kernel, size_t stride)
{
    size_t reach = (small - 1) * stride + kernel;
    return reach > large ? (reach - large) / 2 : 0;
}

cg_conv2d_shape cg_conv2d_shape_same(size_t n, size_t h, size_t w, size_t large_c, size_t small_c,
                                     size_t kernel, size_t stride)
{
    size_t small_h = cg_ceil_div(h, stride), small_w = cg_ceil_div(w, stride);
    return (cg_conv2d_shape){
        .n = n,
        .large_h = h,
        .large_w = w,
        .large_c = large_c,
        .small_h = small_h,
        .small_w = small_w,
        .small_c = small_c,
        .kernel = kernel,
        .stride = stride,
        .pad_h = same_padding(h, small_h, kernel, stride),
        .pad_w = same_padding(w, small_w, kernel, stride),
    };
}

/* Pairs of a kernel tap and a small position that meet a real large position, along one axis. */
static double real_taps(size_t large, size_t small, size_t kernel, size_t stride, size_t pad)
{
    size_t taps = 0;
    for (size_t i = 0; i < small; i++)
        for (size_t t = 0; t < kernel; t++)
            taps += i * stride + t >= pad && i * stride + t - pad < large;
    return (double)taps;
}

double cg_conv2d_flop_nominal(const cg_conv2d_shape *s)
{
    return 2.0 * (double)(s->n * s->small_h * s->small_w * cg_conv2d_taps(s)) *
           (double)(s->large_c * s->small_c);
}

double cg_conv2d_flop_real(const cg_conv2d_shape *s)
{
    return 2.0 * (double)s->n * (double)(s->large_c * s->small_c) *
           real_taps(s->large_h, s->small_h, s->kernel, s->stride, s->pad_h) *
           real_taps(s->large_w, s->small_w, s->kernel, s->stride, s->pad_w);
}
