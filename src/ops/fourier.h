/* The Fourier form of a convolution (docs/kernels.md): what its algorithms have in common. All of
 * them keep spectra in one layout, cl/fourier.clh's [plane][blocks][rows][32], so that a pass may
 * use what another algorithm's pass has transformed.
 *
 * The large map's phases, every stride-th row and column, are maps with side ceil(large / stride),
 * related to the small map by taps first .. first + taps - 1 at stride 1.
 */
#ifndef CLGAN_OPS_FOURIER_H
#define CLGAN_OPS_FOURIER_H

#include "ocl/launch.h"
#include "ops/conv2d_args.h"

typedef struct cg_fourier {
    int first;
    size_t taps;
    size_t cycle; /* N: positions and taps apart by more do not meet, or where nobody looks */
    size_t large_blocks, small_blocks; /* of 32 channels; large ones: of all phases */
    size_t rows;                       /* images, rounded up */
} cg_fourier;

cg_fourier cg_fourier_find(const cg_conv2d_shape *shape);

/* True when there are transforms for the shape (cl/fourier.clh). */
bool cg_fourier_serves(const cg_conv2d_shape *shape);

/* Frequencies that are left of N x N, as the other half are conjugates. */
size_t cg_fourier_frequencies(const cg_fourier *g);

/* Those of them that are complex, which come first, and those that are real. */
size_t cg_fourier_complex(const cg_fourier *g);
size_t cg_fourier_real(const cg_fourier *g);

/* Rows and blocks of 32 columns of an operand's spectrum. The weights' rows are large channels and
 * their columns small ones, in every pass. */
typedef struct cg_extent {
    size_t blocks, rows;
} cg_extent;

cg_extent cg_fourier_extent(const cg_fourier *g, cg_conv2d_operand operand);

/* Bytes of an operand's spectrum. */
size_t cg_fourier_spectrum(const cg_conv2d_shape *shape, cg_conv2d_operand operand);

/* Whose spectra a pass multiplies, and whose it writes: at each frequency c = a b, a matrix of rows
 * x k times one of k x columns. */
typedef struct cg_fourier_roles {
    cg_conv2d_operand a, b, c;
} cg_fourier_roles;

extern const cg_fourier_roles cg_fourier_roles_of[CG_CONV2D_PASSES];

/* k of a pass, as it is in memory: channels, or images, rounded up. */
size_t cg_fourier_inner(const cg_fourier *g, cg_conv2d_pass pass);

/* n images of a map and its spectrum as the kernels take them, a cg_map_extent. */
cg_arg cg_fourier_map_arg(const cg_map *map, size_t n, cg_extent extent);

/* Build options of the kernels that transform a map, and of those that transform weights. */
void cg_fourier_add_map_options(cg_build_options *options, const cg_conv2d_shape *shape,
                                cg_conv2d_operand operand);
void cg_fourier_add_weight_options(cg_build_options *options, const cg_conv2d *call,
                                   const cg_fourier *g);

/* Floating-point operations of a call's transforms and products; an operand that is `unchanged` is
 * taken to be transformed already. rows, columns, k: what the kernel rounds a product's sizes up
 * to. */
double cg_fourier_flop(const cg_conv2d *call, size_t rows, size_t columns, size_t k);

/* The operations of one operand's transform. */
double cg_fourier_transform_flop(const cg_conv2d_shape *shape, cg_conv2d_operand operand);

/* The launches of an algorithm of this form. */
typedef struct cg_fourier_launches {
    cg_status (*transform_map)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g,
                               cg_conv2d_operand operand);
    cg_status (*transform_weights)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g);
    cg_status (*multiply)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g);
    cg_status (*invert_map)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g);
    cg_status (*invert_weights)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g);
    cg_status (*sum_small)(cg_runtime *rt, const cg_conv2d *call, const cg_fourier *g); /* to db */
} cg_fourier_launches;

/* The whole pass: transforms what it reads, unless the spectra are there already, multiplies,
 * transforms back what it writes, and sums the bias's gradient where it is wanted. Asynchronous. */
cg_status cg_fourier_enqueue(cg_runtime *rt, const cg_conv2d *call,
                             const cg_fourier_launches *launches);

/* Shares of the moments: each has CG_FOURIER_IMAGES images, of the large map one phase of them. */
size_t cg_fourier_moments(const cg_conv2d_shape *shape, cg_conv2d_pass pass);

/* No workspace. */
size_t cg_fourier_workspace(const cg_conv2d_shape *shape, cg_conv2d_pass pass);

static inline const cg_map *cg_fourier_map_of(const cg_conv2d *call, cg_conv2d_operand operand)
{
    return operand == CG_CONV2D_LARGE ? &call->large : &call->small;
}

static inline cg_buffer *cg_fourier_spectrum_of(const cg_conv2d *call, cg_conv2d_operand operand)
{
    return call->spectrum[operand]->buffer;
}

#endif
