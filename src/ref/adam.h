/* Adam (Kingma and Ba 2015) in float64, Keras' form: the bias corrections are folded into the rate,
 * epsilon is not. */
#ifndef CLGAN_REF_ADAM_H
#define CLGAN_REF_ADAM_H

#include <stddef.h>
#include <stdint.h>

typedef struct cg_ref_adam {
    double rate, beta1, beta2, epsilon;
    uint64_t t; /* the number of this update, from 1 */
} cg_ref_adam;

/* m = beta1 m + (1 - beta1) dw, v = beta2 v + (1 - beta2) dw^2,
 * w -= rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon).   all [n], m and v start at
 * 0 Source: Kingma and Ba 2015, section 2, last paragraph. */
void cg_ref_adam_update(double *w, double *m, double *v, const double *dw, size_t n,
                        const cg_ref_adam *adam);

#endif
