/* Adam. */
#include "ref/adam.h"

#include <math.h>

void cg_ref_adam_update(double *w, double *m, double *v, const double *dw, size_t n,
                        const cg_ref_adam *adam)
{
    double b1 = adam->beta1, b2 = adam->beta2, t = (double)adam->t;
    double rate = adam->rate * sqrt(1.0 - pow(b2, t)) / (1.0 - pow(b1, t));
    for (size_t i = 0; i < n; i++) {
        m[i] = b1 * m[i] + (1.0 - b1) * dw[i];
        v[i] = b2 * v[i] + (1.0 - b2) * dw[i] * dw[i];
        w[i] -= rate * m[i] / (sqrt(v[i]) + adam->epsilon);
    }
}
