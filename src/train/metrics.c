/* Metrics, from the device to the host. */
#include "train/metrics.h"

#include "base/memory.h"
#include "base/try.h"
#include "train/audit_unchanged.h"
#include "train/retry.h"

#include <inttypes.h>
#include <math.h>

cg_status cg_metrics_create(cg_trainer *t)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&t->metrics, t->epoch_steps, sizeof *t->metrics));
    CG_TRY(cg_metrics_clear(t));
done:
    return status;
}

cg_status cg_metrics_clear(cg_trainer *t)
{
    t->rows = 0;
    return cg_audit_clear_metrics(t->net);
}

cg_status cg_metrics_restore(cg_trainer *t, size_t rows)
{
    t->rows = rows;
    return rows ? cg_buffer_download(t->net->metrics, 0, t->metrics, rows * sizeof *t->metrics)
                : CG_OK;
}

static cg_status download_rows(cg_trainer *t, size_t rows)
{
    cg_wait wait;
    cg_progress_wait(&t->progress, &wait, t->step, t->audit.passed == t->step);
    cg_status status = cg_buffer_download(t->net->metrics, t->rows * sizeof *t->metrics,
                                          t->metrics + t->rows, rows * sizeof *t->metrics);
    cg_wait_end(&wait);
    return status;
}

/* The run ends at a loss that is not finite: CG_ERR_WRONG where the device made it so. */
static cg_status judge_loss(cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    CG_TRY(cg_retry(t, step));
    status = cg_fail(CG_ERR_DIVERGED,
                     "the loss is not finite at step %" PRIu64
                     ": stopped; the checkpoints that are in %s/checkpoints stay "
                     "(a smaller --learning-rate may help)",
                     step, t->run.path);
done:
    return status;
}

cg_status cg_metrics_fetch(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    const size_t last = place->row;
    CG_TRY(download_rows(t, last + 1 - t->rows));
    for (; t->rows <= last; t->rows++) {
        const cg_metrics *m = &t->metrics[t->rows];
        const uint64_t step = place->step - last + t->rows;
        CG_TRY(cg_audit_metrics(&t->audit, m, step));
        if (!isfinite(m->loss_d_real) || !isfinite(m->loss_d_fake) || !isfinite(m->loss_g))
            return judge_loss(t, step);
    }
done:
    return status;
}

cg_metric_means cg_metrics_average(const cg_trainer *t)
{
    const double n = (double)t->epoch_steps;
    cg_metric_means mean = {0};
    for (size_t i = 0; i < t->epoch_steps; i++) {
        mean.loss_d += (double)t->metrics[i].loss_d_real + (double)t->metrics[i].loss_d_fake;
        mean.loss_g += (double)t->metrics[i].loss_g;
        mean.d_real += (double)t->metrics[i].d_real;
        mean.d_fake += (double)t->metrics[i].d_fake;
    }
    mean.loss_d /= n;
    mean.loss_g /= n;
    mean.d_real /= n;
    mean.d_fake /= n;
    return mean;
}
