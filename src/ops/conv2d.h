/* Convolutions and transposed convolutions (ops/conv2d_call.h), for who calls them. Each pass is
 * served by a table of algorithms; every one honours the same prologue and epilogue. */
#ifndef CLGAN_OPS_CONV2D_H
#define CLGAN_OPS_CONV2D_H

#include "ops/conv2d_call.h"

typedef struct cg_conv2d_algorithm cg_conv2d_algorithm; /* ops/conv2d_algorithm.h */

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

/* The index-th algorithm in the order of ops/defaults.c, or NULL after the last ("plain"). */
const cg_conv2d_algorithm *cg_conv2d_algorithm_at(size_t index);

/* True when a call will write the transform that it may write instead of its map. */
bool cg_conv2d_transforms(const cg_runtime *rt, const cg_conv2d *call);

/* The algorithm that a call will take; NULL when a named one is unknown or does not serve it. */
const cg_conv2d_algorithm *cg_conv2d_choose(const cg_runtime *rt, const cg_conv2d *call);

/* The one that strict programs take for the call on a device; NULL when none serves it. */
const cg_conv2d_algorithm *cg_conv2d_choose_strict(const cg_runtime *rt, const cg_conv2d *call);

/* True when it is written for this kind of device: one from the table, which all of them are. */
bool cg_conv2d_suits(const cg_runtime *rt, const cg_conv2d_algorithm *algorithm);

/* Counts what the chosen algorithm does: its products, padding and lanes without a channel where it
 * multiplies them too, and its transforms. Prologue, epilogue and the adding up of partials are
 * left out. 0 where no algorithm serves the call. */
double cg_conv2d_flop_done(const cg_runtime *rt, const cg_conv2d *call);

/* Bytes that a call must move at least: each map, or the transform in its place, and the weights
 * once, and what the epilogue reads for every element. */
double cg_conv2d_bytes(const cg_runtime *rt, const cg_conv2d *call);

#endif
