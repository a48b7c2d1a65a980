/* The expected losses and updates of Adam, and how far from them float32 may be: by running error
 * analysis (approx.h). */
#ifndef CLGAN_VERIFY_EXPECT_LOSS_H
#define CLGAN_VERIFY_EXPECT_LOSS_H

#include "cl/shared.h"
#include "ref/adam.h"

#include <stdbool.h>

enum { CG_LOSS_METRICS = sizeof(cg_metrics) / sizeof(float) };

/* The losses of a batch of fakes, then reals. The caller gives the sizes, smoothing as float32
 * holds it, and the arrays [fakes + reals]. */
typedef struct cg_expected_losses {
    size_t fakes, reals;
    double smoothing;
    bool strict;                     /* terms below CG_STRICT_LEAST are 0 */
    double *z, *factor_d, *factor_g; /* with the bias; derivatives of D's and of G's loss */
    double *z_limit, *d_limit, *g_limit;
    double dbias, dbias_limit;
    double metrics[CG_LOSS_METRICS], metric_limits[CG_LOSS_METRICS];
} cg_expected_losses;

/* Fills in the results for the logits before the bias, [fakes + reals]. */
void cg_expect_losses(cg_expected_losses *losses, const double *before, double bias);

/* The arrays of an update; the last one is only read. */
enum {
    CG_ADAM_P,
    CG_ADAM_M,
    CG_ADAM_V,
    CG_ADAM_AVERAGE,
    CG_ADAM_G,
    CG_ADAM_ARRAYS,
    CG_ADAM_OUTPUTS = CG_ADAM_G
};

/* One element's values become those after the update; `follow`: of the average, 0: there is none.
 */
void cg_expect_adam(double value[CG_ADAM_ARRAYS], double limit[CG_ADAM_OUTPUTS],
                    const cg_ref_adam *adam, double follow);

#endif
