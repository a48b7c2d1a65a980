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
 * Each pass is served by a table of algorithms; every one honours the same prologue and epilogue.
 */
#ifndef CLGAN_OPS_CONV2D_H
#define CLGAN_OPS_CONV2D_H

#include "ops/map.h"
#include "ops/moments.h"
#include "ops/variant.h"

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

/* What is done to each element that a pass reads: x' = image[n] leaky(scale[f] x + shift[f]), so
 * batchnorm and LeakyReLU of the layer before. {0} is nothing. */
typedef struct cg_prologue {
    const cg_buffer *scale, *shift; /* [blocks][groups][32]; NULL: no batchnorm, no LeakyReLU */
    size_t groups;                  /* 1: a feature is a channel; h*w: a channel at a position */
    float slope;
    const cg_buffer *image; /* [n] a factor for each image; NULL: 1 */
} cg_prologue;

/* What is done to each element that a pass writes: y' = image[n] mask / keep act(y + bias).
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

/* Room for an operand's transform, for the algorithms that work on transforms. What a pass has
 * transformed stays there for the next one. */
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
    /* Of each channel of what UP or DOWN writes; NULL: not wanted. The map then has room for
     * exactly shape.n images, and the buffer for cg_conv2d_moments() partials. */
    cg_moments *moments;
    cg_consumer consumer; /* of what DOWN or UP writes; {0}: the map is wanted */
    cg_buffer *workspace; /* at least cg_conv2d_workspace() bytes, free for reuse after the call */
    /* Each at least cg_conv2d_spectrum() bytes, needed where that is not 0. */
    cg_spectrum *spectrum[CG_CONV2D_OPERANDS];
    /* The operand, its shape and its prologue but for the factor per image are as they were in the
     * last call that read it with this spectrum. */
    bool unchanged[CG_CONV2D_OPERANDS];
} cg_conv2d;

/* Enqueues the pass; writes its output, never accumulates. Asynchronous. The weight gradient's
 * partials of the images are fixed by the shape, so that its bits do not depend on the device.
 * CG_ERR_SHAPE when the algorithm does not serve the shape, CG_ERR_CL when the device refuses. */
cg_status cg_conv2d_enqueue(cg_runtime *rt, const cg_conv2d *call);

/* Bytes of workspace that cg_conv2d_enqueue needs. */
size_t cg_conv2d_workspace(cg_runtime *rt, const cg_conv2d *call);

/* Bytes of room for the transform of an operand that cg_conv2d_enqueue needs. */
size_t cg_conv2d_spectrum(cg_runtime *rt, const cg_conv2d *call, cg_conv2d_operand operand);

/* Shares of the moments that cg_conv2d_enqueue makes. */
size_t cg_conv2d_moments(cg_runtime *rt, const cg_conv2d *call);

/* What kind of device an algorithm is written for: correct on others, but not the default there.
 * The work-items of those for CPUs may be long, so devices that end long loops never get them. */
typedef enum cg_conv2d_family { CG_FAMILY_ANY, CG_FAMILY_CPU, CG_FAMILY_GPU } cg_conv2d_family;

/* An implementation. All take any batch, stride and number of channels that their `serves` admits.
 */
typedef struct cg_conv2d_algorithm {
    cg_variant variants[CG_VARIANTS]; /* its names */
    cg_conv2d_family family;
    bool (*serves)(const cg_runtime *rt, const cg_conv2d_shape *shape, cg_conv2d_pass pass);
    size_t (*workspace)(const cg_conv2d_shape *shape, cg_conv2d_pass pass); /* bytes */
    size_t (*spectrum)(const cg_conv2d_shape *shape,
                       cg_conv2d_operand operand); /* bytes; NULL: it transforms nothing */
    cg_status (*enqueue)(cg_runtime *rt, const cg_conv2d *call);
    /* What it does itself and cg_conv2d_enqueue sees to for the others: the bias's gradient, the
     * moments; of these how many partials (NULL: none). */
    bool writes_db;
    bool (*transforms)(const cg_conv2d *call); /* as cg_conv2d_transforms(); NULL: it never does */
    size_t (*moments)(const cg_conv2d_shape *shape, cg_conv2d_pass pass);
    double (*flop)(const cg_conv2d *call); /* as cg_conv2d_flop_done() */
} cg_conv2d_algorithm;

/* The index-th algorithm, in order of preference, or NULL after the last ("plain"). */
const cg_conv2d_algorithm *cg_conv2d_algorithm_at(size_t index);

/* Whether a call will write the transform that it may write instead of its map. */
bool cg_conv2d_transforms(const cg_runtime *rt, const cg_conv2d *call);

/* The algorithm that a call will take; NULL when a named one is unknown or does not serve it. */
const cg_conv2d_algorithm *cg_conv2d_choose(const cg_runtime *rt, const cg_conv2d *call);

/* Whether it is written for this kind of device. */
bool cg_conv2d_suits(const cg_runtime *rt, const cg_conv2d_algorithm *algorithm);

/* Multiply-adds times two: with and without those that meet padding. */
double cg_conv2d_flop_nominal(const cg_conv2d_shape *shape);
double cg_conv2d_flop_real(const cg_conv2d_shape *shape);

/* What the chosen algorithm does: its products, padding and lanes without a channel where it
 * multiplies them too, and its transforms. Prologue, epilogue and the adding up of partials are
 * left out. 0 where no algorithm serves the call. */
double cg_conv2d_flop_done(const cg_runtime *rt, const cg_conv2d *call);

/* Bytes that a call must move at least: each map, or the transform in its place, and the weights
 * once, and what the epilogue reads for every element. */
double cg_conv2d_bytes(const cg_runtime *rt, const cg_conv2d *call);

/* ---- for the algorithms ---------------------------------------------------------------------- */

extern const cg_conv2d_algorithm cg_conv2d_fourier, cg_conv2d_direct, cg_conv2d_image,
    cg_conv2d_tiled, cg_conv2d_fourier_tiled, cg_conv2d_canvas, cg_conv2d_plain;

/* The value of the variant that a call names. */
static inline size_t cg_conv2d_variant(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    return cg_variant_find(a->variants, call->algorithm)->value;
}

#endif
