/* Numbers that host code, kernels and checks share: each is written here and nowhere else.
 *
 * The file is both C11 and OpenCL C 1.2. Kernels include it as "shared.h" (common.clh does), host
 * code as "cl/shared.h". Each name has one meaning in the whole program. The parameter `vec` of a
 * macro is the width of the explicit vectors: VEC in a kernel, rt->vec on the host.
 */
#ifndef CG_SHARED_H
#define CG_SHARED_H

#ifndef __OPENCL_VERSION__
#include <stddef.h>
#endif

/* Structs that kernels take by value have members of four bytes alone, so that both sides have the
 * same layout: this fails to compile for any other struct. */
#define CG_HAS_NO_PADDING(type, members) \
    typedef char type##_has_no_padding[sizeof(type) == 4 * (members) ? 1 : -1]

/* ---- feature maps ---------------------------------------------------------------------------- */

/* The number of channels in a block of a map: [ceil(c / CG_BLOCK)][n][h][w][CG_BLOCK]. */
#define CG_BLOCK 32

/* Maps a byte of an image to the networks' range: 0 .. 255 become -1 .. 1. */
#define CG_PIXEL_MIDDLE 127.5f
static inline float cg_pixel_value(float byte)
{
    return (byte - CG_PIXEL_MIDDLE) / CG_PIXEL_MIDDLE;
}

/* ---- prologue and epilogue of a convolution -------------------------------------------------- */

/* A prologue's flags say which parts it has. */
enum {
    CG_PROLOGUE_AFFINE = 1, /* scale, shift and LeakyReLU */
    CG_PROLOGUE_IMAGE = 2   /* a factor for each image    */
};

/* A prologue as an argument, but for its arrays. */
typedef struct cg_prologue_values {
    int groups; /* 1 where a feature is a channel, h*w where it is a channel at a position */
    float slope;
    int flags;
} cg_prologue_values;
CG_HAS_NO_PADDING(cg_prologue_values, 3);

/* An epilogue's flags say which parts it has beside the activation. */
enum {
    CG_EPILOGUE_BIAS = 1,
    CG_EPILOGUE_MASK = 2,
    CG_EPILOGUE_IMAGE = 4 /* a factor for each image */
};

typedef enum cg_activation {
    CG_ACT_NONE,
    CG_ACT_LEAKY,
    CG_ACT_TANH,
    CG_ACT_LEAKY_GRAD, /* y times the slope of LeakyReLU: by its gates, or at `saved`, its result */
    CG_ACT_TANH_GRAD   /* y (1 - saved^2) */
} cg_activation;

/* An epilogue as an argument, but for its arrays. */
typedef struct cg_epilogue_values {
    int activation; /* a cg_activation */
    float slope;
    float mask_scale;
    int flags;
} cg_epilogue_values;
CG_HAS_NO_PADDING(cg_epilogue_values, 4);

/* Bytes of a dropout's mask. LeakyReLU with dropout makes gates of them: what its backward pass has
 * to know, in a byte instead of a float and a byte. A mask and its gates drop the same. */
enum {
    CG_MASK_DROPPED,
    CG_MASK_KEPT, /* of a gate: kept, and LeakyReLU's argument was not positive */
    CG_GATE_OPEN  /* kept, and it was */
};

/* ---- moments --------------------------------------------------------------------------------- */

/* The moments of some samples are three feature arrays: the number of the samples, their mean, and
 * the sum of their squared differences from it. */
enum { CG_MOMENT_COUNT, CG_MOMENT_MEAN, CG_MOMENT_SQUARES, CG_MOMENTS };

/* ---- convolutions ---------------------------------------------------------------------------- */

/* The passes are explained in ops/conv2d_call.h. */
typedef enum cg_conv2d_pass {
    CG_CONV2D_DOWN,
    CG_CONV2D_UP,
    CG_CONV2D_WEIGHT,
    CG_CONV2D_PASSES
} cg_conv2d_pass;

/* A convolution as an argument: the images to process, those that both maps have room for, and the
 * shape (ops/conv2d_call.h). */
typedef struct cg_geometry {
    int n_first, n_last;
    int large_pitch, small_pitch;
    int large_h, large_w, large_c;
    int small_h, small_w, small_c;
    int kernel_size, stride;
    int pad_h, pad_w; /* above and left */
} cg_geometry;
CG_HAS_NO_PADDING(cg_geometry, 14);

/* A work-item of `direct` takes this many images of one block into local memory. */
#define CG_DIRECT_IMAGES 4

/* `image` and `canvas` lay an image with its padding, the canvas, into local memory. This is a side
 * of it, by that of the small map. */
#define CG_CANVAS_SIDE(small, stride, kernel) (((small)-1) * (stride) + (kernel))

/* A partial weight gradient of theirs has this many sums of each channel: one for each tap, and
 * that of the small map, which is the gradient of a bias. */
#define CG_TAP_SUMS(taps) ((taps) + 1)

/* `image` pads the taps of a kernel to whole vectors, has this many pixels in a register tile of
 * UP, and goes through this many images with one work-item of UP or WEIGHT. */
#define CG_IMAGE_TAPS 32
#define CG_IMAGE_RUN  7
#define CG_IMAGE_EACH 8

/* A group of `canvas` has this many sums of each tap of a channel's weight gradient, and goes
 * through this many images. */
#define CG_CANVAS_ROWS 8
#define CG_CANVAS_EACH 4

/* ---- matrix products by tiles ---------------------------------------------------------------- */

/* The steps of the inner dimension that products on CPUs (tile.clh) take at a time: in the 32 KiB
 * of cache of a CPU with AVX the result needs room beside the factors. Then the most panels of
 * CG_BLOCK columns that a work-item has. */
#define CG_TILE_CHUNK(vec) ((vec) == 8 ? 64 : 128)
#define CG_TILE_PANELS     4

/* Products in strict programs sum this many steps of the inner dimension at a time, and then add
 * the sums in their order: on every device, whatever fits its memory. */
#define CG_STRICT_CHUNK 32

/* Strict programs take what is smaller for zero: of what is multiplied and summed. */
#define CG_STRICT_LEAST 0x1p-40f

/* Products on GPUs (quads.clh): the steps of the inner dimension in local memory unless a launch
 * sets another number, the floats of padding after each line there, against bank conflicts, and the
 * quads of rows of a work-item of `tiled`. */
#define CG_QUADS_DEPTH     16
#define CG_QUADS_PAD       4
#define CG_TILED_ROW_QUADS 2

/* ---- the Fourier form ------------------------------------------------------------------------ */

/* fourier.clh has transforms of these lengths. */
#define CG_FOURIER_MIN_CYCLE 8
#define CG_FOURIER_MAX_CYCLE 9

/* A real map's transform is Hermitian. An axis has HALF pairs of conjugate frequencies and EDGES
 * frequencies that are their own conjugates; of the n x n numbers, COMPLEX complex ones and REALS
 * real ones have to be stored. */
#define CG_FOURIER_HALF(n)    (((n)-1) / 2)
#define CG_FOURIER_EDGES(n)   ((n) % 2 == 0 ? 2 : 1)
#define CG_FOURIER_COMPLEX(n) (CG_FOURIER_HALF(n) * (n) + CG_FOURIER_EDGES(n) * CG_FOURIER_HALF(n))
#define CG_FOURIER_REALS(n)   (CG_FOURIER_EDGES(n) * CG_FOURIER_EDGES(n))

/* The number of real products in a complex one. */
#define CG_FOURIER_PRODUCTS 3

/* A spectrum's rows, where they are images, are a multiple of this. */
#define CG_FOURIER_IMAGES 8

/* A map and its spectrum as an argument: images that exist, rows of the spectrum, images that the
 * map has room for, and blocks of its channels. */
typedef struct cg_map_extent {
    int n, rows, pitch, blocks;
} cg_map_extent;
CG_HAS_NO_PADDING(cg_map_extent, 4);

/* From one plane of a spectrum to the next there are this many floats. Some are not used, so that
 * planes do not meet in the same cache sets. */
#define CG_FOURIER_PLANE_PAD 16
#define CG_FOURIER_PLANE_FLOATS(blocks, rows) \
    ((size_t)(blocks) * (size_t)(rows)*CG_BLOCK + CG_FOURIER_PLANE_PAD)

/* ---- batch normalisation --------------------------------------------------------------------- */

/* A work-item, or the slices of a group together, sum this many samples; a group has at most this
 * many slices. A work-item that changes samples goes through CG_BATCHNORM_APPLY. */
#define CG_BATCHNORM_CHUNK  128
#define CG_BATCHNORM_SLICES 8
#define CG_BATCHNORM_APPLY  32

/* The backward pass has this many sums for each feature of a chunk: of g, and of g xhat. */
#define CG_BATCHNORM_SUMS 2

/* A work-item that goes through samples has this many features: on CPUs a whole row of a block. */
#define CG_BATCHNORM_OWN(vec) ((vec) > 1 ? CG_BLOCK : 1)

/* ---- other operations ------------------------------------------------------------------------ */

/* A work-item adds up the gradient of a bias, or of a dense layer with one output, over this many
 * images. */
#define CG_BIAS_EACH  8
#define CG_DENSE_EACH 32

/* One output of a dense layer has this many sums, and the losses of a step are summed over this
 * many images at a time: by a group that has as many work-items, or fewer where the device allows
 * fewer. llvmpipe allows no more. */
#define CG_DENSE_ITEMS(vec) ((vec) > 1 ? 1 : 32)
#define CG_LOSS_ITEMS       32

/* The sums over images that the losses of a step and the gradient of D's last bias come from. */
enum {
    CG_LOSS_ON_REAL,
    CG_LOSS_ON_FAKE,
    CG_LOSS_OF_G,
    CG_LOSS_OF_D_REAL,
    CG_LOSS_OF_D_FAKE,
    CG_LOSS_DB, /* the factors of D's loss, and their sizes */
    CG_LOSS_SIZE,
    CG_LOSS_DB_CENTRED, /* the same of sigmoid(z) - 1/2 */
    CG_LOSS_SIZE_CENTRED,
    CG_LOSS_SUMS
};

/* The images of a launch of the losses and those of their batch, as an argument. */
typedef struct cg_loss_values {
    int fakes, reals;
    int all_fakes, all_reals;
    float smoothing;
    int whole; /* 0: the images are a part of their batch, of which the sums alone are written */
} cg_loss_values;
CG_HAS_NO_PADDING(cg_loss_values, 6);

/* The losses of one step. */
typedef struct cg_metrics {
    float loss_d_real; /* mean BCE(1 - smoothing, D(x)) */
    float loss_d_fake; /* mean BCE(0, D(G(z)))          */
    float loss_g;      /* mean BCE(1, D(G(z)))          */
    float d_real;      /* mean D(x), a probability      */
    float d_fake;      /* mean D(G(z))                  */
} cg_metrics;

/* A launch adds up at most this many nodes of a tree of sums. */
#define CG_TREE_FAN 8

/* The share of the i-th word in a checksum, in numbers modulo 2^32: each place has a factor, which
 * is odd, so that no bit of a word can flip unnoticed. */
static inline unsigned cg_checksum_term(unsigned word, unsigned i)
{
    return word * (2u * i + 1u);
}

/* A work-item of a checksum adds this many words on CPUs; on GPUs there are this many
 * work-items. */
#define CG_CHECKSUM_EACH  16384
#define CG_CHECKSUM_ITEMS 16384

/* The number of Philox counters in a group. A counter gives four elements of words or of normal
 * numbers, or, from halves of words, eight bytes of a mask. */
#define CG_RANDOM_COUNTERS 16
#define CG_RANDOM_GROUP    (4 * CG_RANDOM_COUNTERS)
#define CG_MASK_GROUP      (8 * CG_RANDOM_COUNTERS)

/* The number of rounds of the permutation that orders an epoch (base/shuffle.h). */
#define CG_SHUFFLE_ROUNDS 8

/* The number of rows of products that a work-item of the kernel distance sums. */
#define CG_KERNEL_DISTANCE_CHUNK 64

/* The number of independent vectors in the kernel of a device's peak, enough to hide a latency and
 * few enough for 16 registers; then the floats that it copies at a time. */
#define CG_PEAK_ACCUMULATORS 12
#define CG_PEAK_WIDE(vec)    ((vec) == 1 ? 4 : (vec))

/* The check of commands gives its kernels this many words, and lets a state grow by this factor. */
#define CG_COMMAND_WORDS  16
#define CG_COMMAND_FACTOR 1664525u

#endif
