/* A network's arrays of one kind (parameters, gradients, a moment) in one buffer, so that the
 * optimizer is one launch; and their initial values. */
#ifndef CLGAN_NN_ARENA_H
#define CLGAN_NN_ARENA_H

#include "base/model.h"
#include "ocl/buffer.h"

enum { CG_ARENA_VIEWS = 16 }; /* arrays in an arena, at most */

/* One buffer with a view of each array in it, each aligned for the device and padded with zeros. */
typedef struct cg_arena {
    cg_buffer *whole;
    cg_buffer *view[CG_ARENA_VIEWS];
} cg_arena;

/* Zeroed room for `count` arrays of the specs' shapes; to be given to cg_arena_release(), also on
 * failure. */
cg_status cg_arena_create(cg_arena *arena, cg_runtime *rt, const cg_param_spec *specs,
                          size_t count);

/* The same in a part of `parent` from byte `offset` on, a multiple of the arena's bytes. `parent`
 * has to live longer. */
cg_status cg_arena_create_within(cg_arena *arena, cg_buffer *parent, size_t offset,
                                 const cg_param_spec *specs, size_t count);

/* A zeroed arena is fine. */
void cg_arena_release(cg_arena *arena);

/* Floats in the whole buffer, a multiple of 16. */
size_t cg_arena_floats(const cg_arena *arena);

/* Floats that the first `count` arrays take, in an arena of them or of more. */
size_t cg_arena_size(const cg_runtime *rt, const cg_param_spec *specs, size_t count);

/* data = the initial values of an array, Keras' layout: its constant, or random from (seed, layer):
 * Glorot uniform, with a deviation above 0 normal around 0, by functions of the C library or, where
 * it is strict, by those that have the same bits on every host. Host memory. */
void cg_param_draw(float *data, const cg_param_spec *spec, uint64_t seed, uint32_t layer,
                   double deviation, bool strict);

#endif
