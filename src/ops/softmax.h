/* Softmax cross-entropy (cl/softmax.cl). */
#ifndef CLGAN_OPS_SOFTMAX_H
#define CLGAN_OPS_SOFTMAX_H

#include "ops/map.h"

/* The loss of the first n images of x [., 1, 1, classes], the logits of 2 to 256 classes, and its
 * gradient:
 *     loss[i]  = log sum over c of exp(x[i, c]) - x[i, label],   label = labels[first + i]
 *     dx[i, c] = (softmax(x[i])[c] - (c == label)) / n,          the mean loss' gradient
 * dx is a map like x, padding lanes become 0; labels are bytes, each below `classes`. Asynchronous.
 * CG_ERR_SHAPE when the maps are something else. */
cg_status cg_softmax_loss(cg_runtime *rt, const cg_map *dx, cg_buffer *loss, const cg_map *x,
                          const cg_buffer *labels, size_t first, size_t n);

#endif
