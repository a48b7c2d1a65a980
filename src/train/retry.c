/* Steps that are done again. */
#include "train/retry.h"

#include "base/phase.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "train/audit_step.h"
#include "train/team.h"

#include <inttypes.h>
#include <math.h>

cg_status cg_retry_take_back(const cg_trainer *t)
{
    cg_status status = CG_OK;
    const cg_step_place place = cg_step_locate(&t->source, t->audit.kept + 1);
    bool tame;
    CG_TRY(cg_audit_find_tame(&tame, &t->audit));
    if (tame)
        CG_TRY(cg_audit_search(&t->audit, &t->source, &place));
    CG_TRY(cg_audit_restore_state(&t->audit));
done:
    return status;
}

/* Does the steps after the kept state up to `step`, unless a stop is asked for before. */
static cg_status do_steps(cg_trainer *t, uint64_t step, cg_phase *phase)
{
    cg_status status = CG_OK;
    for (uint64_t s = t->audit.kept + 1; s <= step && !cg_trainer_is_stopped(t); s++) {
        const cg_step_place place = cg_step_locate(&t->source, s);
        CG_TRY(cg_team_order_step(t, s, false));
        CG_TRY(cg_step_run(t->net, t->shards, &t->source, &place));
        CG_TRY(cg_runtime_mark(t->rt));
        cg_phase_advance(phase, (size_t)(s - t->audit.kept));
    }
done:
    return status;
}

/* *finite = the losses of the step, which was done last, and the whole state are. */
static cg_status find_finite(bool *finite, const cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    const size_t row = cg_step_locate(&t->source, step).row;
    cg_metrics m;
    CG_TRY(cg_buffer_download(t->net->metrics, row * sizeof m, &m, sizeof m));
    *finite = isfinite((double)m.loss_d_real + (double)m.loss_d_fake + (double)m.loss_g);
    if (*finite)
        CG_TRY(cg_audit_find_finite(finite, &t->audit));
done:
    return status;
}

/* Ranks found nothing wrong each for itself, and do not know whose numbers were. */
static cg_status refuse(const cg_trainer *t, uint64_t step)
{
    const size_t ranks = cg_ranks_count(t->ranks);
    if (ranks > 1)
        return cg_fail(CG_ERR_WRONG,
                       "the device of one of the %zu ranks computes wrong results, seen at step "
                       "%" PRIu64 ": they were not finite, and are finite when the steps from "
                       "%" PRIu64
                       " are done again; the run ends, and nothing of it is saved any more",
                       ranks, step, t->audit.kept + 1);
    return cg_audit_refuse(&t->audit, step,
                           "its results were not finite, and are finite when the steps from "
                           "%" PRIu64 " are done again",
                           t->audit.kept + 1);
}

cg_status cg_retry(cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    const uint64_t kept = t->audit.kept;
    bool finite;
    cg_phase phase = {.words = "doing steps again", .total = (size_t)(step - kept)};
    cg_log(CG_LOG_INFO,
           "the results of step %" PRIu64 " are not finite: the steps from %" PRIu64
           " are done again, to find out whether the device is wrong",
           step, kept + 1);
    cg_phase_begin(&phase);
    CG_TRY(cg_team_take_back(t));
    CG_TRY(cg_retry_take_back(t));
    CG_TRY(do_steps(t, step, &phase));
    if (t->stopped)
        goto done;
    CG_TRY(cg_team_collect(t));
    CG_TRY(find_finite(&finite, t, step));
    status = finite ? refuse(t, step) : CG_OK;
done:
    cg_phase_end(&phase);
    return status;
}
