/* A step of a batch in shards that is done twice. */
#include "train/audit_shards.h"

#include "base/try.h"
#include "nn/shards_step.h"
#include "ops/checksum.h"
#include "train/audit_unchanged.h"
#include "verify/expect_loss.h"
#include "verify/step_cases.h"
#include "verify/verify.h"

#include <math.h>

/* *sum = that of what a step in shards leaves, its losses among it. */
static cg_status sum_shards(uint32_t *sum, const cg_audit *audit, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_metrics metrics;
    CG_TRY(cg_audit_sum_state(sum, audit));
    CG_TRY(cg_buffer_download(audit->net->metrics, place->row * sizeof metrics, &metrics,
                              sizeof metrics));
    *sum += cg_checksum_of(&metrics, sizeof metrics);
done:
    return status;
}

/* Compares the losses with the sums over all shards that they are made of. */
static cg_status check_losses(const cg_audit *audit, const cg_step_place *place)
{
    cg_status status = CG_OK;
    const cg_network *net = audit->net;
    const double fakes = (double)net->all_fakes, reals = (double)net->all_reals;
    const double counts[CG_LOSS_METRICS] = {reals, fakes, fakes, reals, fakes};
    float sums[CG_LOSS_SUMS], metrics[CG_LOSS_METRICS];
    CG_TRY(cg_buffer_download(audit->shards->loss_root, 0, sums, sizeof sums));
    CG_TRY(cg_buffer_download(net->metrics, place->row * sizeof metrics, metrics, sizeof metrics));
    for (size_t i = 0; i < CG_LOSS_METRICS; i++) {
        const cg_approx mean =
            cg_approx_div(cg_approx_exact((double)sums[i]), cg_approx_exact(counts[i]));
        const double error = fabs((double)metrics[i] - mean.value);
        if (isfinite(mean.value) && !(error <= mean.error + cg_approx_least(net->choice.strict)))
            return cg_audit_refuse(audit, place->step, "losses of shards: %.9g is not %.9g +- %.3g",
                                   (double)metrics[i], mean.value, mean.error);
    }
done:
    return status;
}

cg_status cg_audit_shards(const cg_audit *audit, const cg_step_source *source,
                          const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_shards *shards = audit->shards;
    cg_verify_result result;
    uint32_t sums[2];
    CG_TRY(cg_case_run(&result, audit->net->rt, &audit->net->choice,
                       cg_verify_find("sums of shards")));
    if (!result.ok)
        return cg_audit_refuse(audit, place->step, "%s: %s", result.name, result.message);
    for (size_t run = 0; run < 2; run++) {
        CG_TRY(cg_audit_restore_state(audit));
        CG_TRY(cg_step_prepare_shards(shards, source, place));
        for (size_t k = 0; k < shards->local && run == 0; k++) {
            const cg_step_place own = cg_step_part_place(shards, place, k);
            CG_TRY(cg_audit_inputs(audit, shards->nets[k], source, &own));
        }
        CG_TRY(cg_shards_run_step(shards));
        CG_TRY(sum_shards(&sums[run], audit, place));
    }
    if (sums[0] != sums[1])
        return cg_audit_refuse(audit, place->step,
                               "a step in shards is not the same when it is done twice from the "
                               "same state");
    CG_TRY(check_losses(audit, place));
done:
    return status;
}
