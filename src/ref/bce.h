/* Binary cross-entropy from logits against one target for all, in float64. */
#ifndef CLGAN_REF_BCE_H
#define CLGAN_REF_BCE_H

#include <stddef.h>

/* Returns 1/n sum over i of max(x, 0) - target x + log(1 + exp(-|x|)), with x = logits[i]: the mean
 * of -log sigmoid(x) for target 1 and of -log(1 - sigmoid(x)) for target 0, without overflow. n >
 * 0. */
double cg_ref_bce_logits_fwd(const double *logits, size_t n, double target);

/* dlogits[i] = (sigmoid(logits[i]) - target) / n (writes; dlogits may be logits). */
void cg_ref_bce_logits_bwd(double *dlogits, const double *logits, size_t n, double target);

#endif
