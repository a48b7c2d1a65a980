/* The gradient of a bias. */
#ifndef CLGAN_OPS_BIAS_H
#define CLGAN_OPS_BIAS_H

#include "ops/map.h"

/* db[c] = sum over n, h, w of factor[n] dy[n, h, w, c]; factor NULL: 1. db has ceil(c/32)*32
 * floats. n images are processed, dy->n is the pitch. Asynchronous. ws: at least
 * cg_bias_workspace() bytes. */
cg_status cg_bias_bwd(cg_runtime *rt, cg_buffer *db, const cg_map *dy, const cg_buffer *factor,
                      size_t n, cg_buffer *ws);

size_t cg_bias_workspace(const cg_map *dy, size_t n);

#endif
