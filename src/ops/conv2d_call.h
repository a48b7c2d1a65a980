/* Convolutions and transposed convolutions, SAME padding as TensorFlow defines it.
 *
 * Both are one relation between a large map L [n, lh, lw, cl] and a small map S [n, sh, sw, cs],
 * sh = ceil(lh / stride), through weights W [k, k, cl, cs] (Keras' layouts of a convolution,
 * [k, k, in, out], and of a transposed one, [k, k, out, in], are this one layout):
 *
 *     CG_CONV2D_DOWN    S[i] = sum over t, cl of L[s i - p + t] W[t]
 *     CG_CONV2D_UP      L[j] = sum over t, cs and i with s i - p + t = j of S[i] W[t]
 *     CG_CONV2D_WEIGHT  W[t] = sum over n, i of L[s i - p + t] S[i]
 *
 *                             forward    input gradient    weight gradient
 *     convolution             DOWN       UP                WEIGHT
 *     transposed convolution  UP         DOWN              WEIGHT
 *
 * This header has the call: what a convolution is, and what is done to what it reads and writes.
 * ops/conv2d.h is for callers, ops/conv2d_algorithm.h for implementations.
 */
#ifndef CLGAN_OPS_CONV2D_CALL_H
#define CLGAN_OPS_CONV2D_CALL_H

#include "ops/map.h"
#include "ops/moments.h"

typedef struct cg_conv2d_shape {
    size_t n; /* images to process */
    size_t large_h, large_w, large_c;
    size_t small_h, small_w, small_c;
    size_t kernel, stride;
    size_t pad_h, pad_w; /* above and left */
} cg_conv2d_shape;

/* The shape of a SAME convolution of an [h, w, large_c] map to small_c channels (or of the
 * transposed convolution to such a map): pad = max((ceil(h/s) - 1) s + k - h, 0) / 2. */
cg_conv2d_shape cg_conv2d_shape_same(size_t n, size_t h, size_t w, size_t large_c, size_t small_c,
                                     size_t kernel, size_t stride);

/* Multiply-adds times two: with and without those that meet padding. */
double cg_conv2d_flop_nominal(const cg_conv2d_shape *shape);
double cg_conv2d_flop_real(const cg_conv2d_shape *shape);

/* The prologue maps each element that a pass reads: x' = image[n] leaky(scale[f] x + shift[f]),
 * batchnorm and LeakyReLU of the layer before. {0} is nothing. */
typedef struct cg_prologue {
    const cg_buffer *scale, *shift; /* [blocks][groups][32]; NULL: no batchnorm, no LeakyReLU */
    size_t groups;                  /* 1: a feature is a channel; h*w: a channel at a position */
    float slope;
    const cg_buffer *image; /* [n] a factor for each image; NULL: 1 */
} cg_prologue;

/* The epilogue maps each element that a pass writes: y' = image[n] mask / keep act(y + bias).
 * {0} is nothing. The weight pass has none. */
typedef struct cg_epilogue {
    const cg_buffer *bias; /* [blocks * 32]; NULL: 0 */
    cg_activation activation;
    float slope;
    const cg_buffer *saved; /* floats, laid out like the output; not for LEAKY_GRAD with gates */
    cg_buffer *mask;        /* bytes, laid out like the output; LEAKY makes them gates, LEAKY_GRAD
                             * takes gates; NULL: no dropout */
    float mask_scale;       /* 1 / keep */
    const cg_buffer *image; /* [n] a factor for each image; NULL: 1 */
} cg_epilogue;

/* The three arrays that a convolution relates: a pass reads two of them and writes the third. */
typedef enum cg_conv2d_operand {
    CG_CONV2D_LARGE,
    CG_CONV2D_SMALL,
    CG_CONV2D_WEIGHTS,
    CG_CONV2D_OPERANDS
} cg_conv2d_operand;

/* Room for an operand's transform, for the algorithms that work on transforms. A pass leaves its
 * operand's transform there for the next pass. */
typedef struct cg_spectrum {
    cg_buffer *buffer;
    const cg_buffer *source; /* whose transform it holds, NULL: none; kept by cg_conv2d_enqueue */
} cg_spectrum;

/* The convolutions that read what an operation writes, where all of their passes are by `fourier`:
 * the operation may then write its transform, and not the map. It says so in spectrum->source. */
typedef struct cg_consumer {
    cg_conv2d_shape shape;
    cg_conv2d_operand operand; /* as which they read it: the large or the small map */
    cg_spectrum *spectrum;     /* at least cg_conv2d_spectrum() bytes; NULL: the map is wanted */
} cg_consumer;

typedef struct cg_conv2d {
    cg_conv2d_pass pass;
    cg_conv2d_shape shape;
    const char *algorithm; /* a name from a table; NULL: the default for the device */
    cg_map large, small;   /* read or written as the pass says; their n >= shape.n is the pitch */
    cg_buffer *weight;     /* [k, k, cl, cs]; read, or written by CG_CONV2D_WEIGHT */
    cg_prologue large_prologue, small_prologue; /* of the maps that are read */
    cg_epilogue epilogue;
    /* [ceil(cs/32)*32], written by CG_CONV2D_WEIGHT: the sum over n, i of image[n] S[i], which is
     * the gradient of a bias. NULL: not wanted. S then has two channels at least, and the factor
     * per image is all of its prologue. */
    cg_buffer *db;
    /* The moments of each channel of what UP or DOWN writes; NULL: not wanted. The map then has
     * room for exactly shape.n images, and the buffer for cg_conv2d_moments() partials. */
    cg_moments *moments;
    cg_consumer consumer; /* of what DOWN or UP writes; {0}: the map is wanted */
    cg_buffer *workspace; /* at least cg_conv2d_workspace() bytes, free for reuse after the call */
    /* Each at least cg_conv2d_spectrum() bytes, needed where that is not 0. */
    cg_spectrum *spectrum[CG_CONV2D_OPERANDS];
    /* The operand, its shape and its prologue but for the factor per image are as they were in the
     * last call that read it with this spectrum. */
    bool unchanged[CG_CONV2D_OPERANDS];
} cg_conv2d;

static inline size_t cg_conv2d_taps(const cg_conv2d_shape *shape)
{
    return shape->kernel * shape->kernel;
}

/* These return the map that DOWN or UP writes, the one that it reads, and the prologue of that. */
static inline const cg_map *cg_conv2d_written(const cg_conv2d *call)
{
    return call->pass == CG_CONV2D_UP ? &call->large : &call->small;
}

static inline const cg_map *cg_conv2d_read(const cg_conv2d *call)
{
    return call->pass == CG_CONV2D_UP ? &call->small : &call->large;
}

static inline const cg_prologue *cg_conv2d_prologue(const cg_conv2d *call)
{
    return call->pass == CG_CONV2D_UP ? &call->small_prologue : &call->large_prologue;
}

#endif
