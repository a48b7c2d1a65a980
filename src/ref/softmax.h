/* Softmax cross-entropy from logits, in float64. */
#ifndef CLGAN_REF_SOFTMAX_H
#define CLGAN_REF_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/* loss[i] = log sum over c of exp(x[i, c]) - x[i, labels[i]], without overflow.
 *   loss [n]   x [n, classes]   labels [n], each below `classes` */
void cg_ref_softmax_fwd(double *loss, const double *x, const uint8_t *labels, size_t n,
                        size_t classes);

/* dx[i, c] = (softmax(x[i])[c] - (c == labels[i])) / n: the gradient of the mean loss (writes). */
void cg_ref_softmax_bwd(double *dx, const double *x, const uint8_t *labels, size_t n,
                        size_t classes);

#endif
