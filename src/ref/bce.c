/* Binary cross-entropy from logits. */
#include "ref/bce.h"

#include <math.h>

double cg_ref_bce_logits_fwd(const double *logits, size_t n, double target)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fmax(logits[i], 0) - target * logits[i] + log1p(exp(-fabs(logits[i])));
    return sum / (double)n;
}

void cg_ref_bce_logits_bwd(double *dlogits, const double *logits, size_t n, double target)
{
    /* sigmoid(z) - target, without cancellation where the sigmoid is next to 0 or 1. */
    for (size_t i = 0; i < n; i++) {
        const double e = exp(-fabs(logits[i])), little = e / (1 + e);
        dlogits[i] = (logits[i] >= 0 ? (1 - target) - little : little - target) / (double)n;
    }
}
