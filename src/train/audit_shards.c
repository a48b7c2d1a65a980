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

/* Compares one of the numbers that are made of the sums over all shards. */
static cg_status check_number(const cg_audit *audit, uint64_t step, const char *what, float found,
                              cg_approx expected)
{
    const double error = fabs((double)found - expected.value);
    if (!isfinite(expected.value) || error <= cg_approx_limit(expected, audit->net->choice.strict))
        return CG_OK;
    return cg_audit_refuse(audit, step, "%s of shards: %.9g is not %.9g +- %.3g", what,
                           (double)found, expected.value, expected.error);
}

/* The gradient of D's last bias, in the form whose terms are smaller (cl/loss.cl). */
static cg_approx expect_dbias(const cg_network *net, const float sums[CG_LOSS_SUMS])
{
    if (!(sums[CG_LOSS_SIZE_CENTRED] < sums[CG_LOSS_SIZE]))
        return cg_approx_exact((double)sums[CG_LOSS_DB]);
    return cg_approx_add(cg_approx_exact((double)sums[CG_LOSS_DB_CENTRED]),
                         cg_approx_exact((double)net->smoothing));
}

/* Compares the losses and the bias's gradient with the sums over all shards. */
static cg_status check_losses(const cg_audit *audit, const cg_step_place *place)
{
    cg_status status = CG_OK;
    const cg_network *net = audit->net;
    const double fakes = (double)net->all_fakes, reals = (double)net->all_reals;
    const double counts[CG_LOSS_METRICS] = {reals, fakes, fakes, reals, fakes};
    float sums[CG_LOSS_SUMS], metrics[CG_LOSS_METRICS], dbias;
    CG_TRY(cg_buffer_download(audit->shards->loss_root, 0, sums, sizeof sums));
    CG_TRY(cg_buffer_download(net->metrics, place->row * sizeof metrics, metrics, sizeof metrics));
    CG_TRY(cg_buffer_download(net->arenas[CG_ARENA_GRADS].view[CG_D_DENSE_BIAS], 0, &dbias,
                              sizeof dbias));
    CG_TRY(check_number(audit, place->step, "dbias", dbias, expect_dbias(net, sums)));
    for (size_t i = 0; i < CG_LOSS_METRICS; i++)
        CG_TRY(check_number(
            audit, place->step, "losses", metrics[i],
            cg_approx_div(cg_approx_exact((double)sums[i]), cg_approx_exact(counts[i]))));
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
