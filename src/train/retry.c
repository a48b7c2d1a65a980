/* Steps that are done again. */
#include "train/retry.h"

#include "base/phase.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "train/team.h"

#include <inttypes.h>

cg_status cg_retry(cg_trainer *t, uint64_t step)
{
    cg_status status = CG_OK;
    const uint64_t kept = t->audit.kept;
    cg_phase phase = {.words = "doing steps again", .total = (size_t)(step - kept)};
    cg_step_place place;
    cg_log(CG_LOG_INFO,
           "the results of step %" PRIu64 " are not finite: the steps from %" PRIu64
           " are done again, to find out whether the device is wrong",
           step, kept + 1);
    cg_phase_begin(&phase);
    CG_TRY(cg_team_take_back(t));
    CG_TRY(cg_audit_take_back(&t->audit, &t->source));
    for (uint64_t s = kept + 1; s <= step; s++) {
        if (cg_trainer_is_stopped(t))
            goto done;
        place = cg_step_locate(&t->source, s);
        CG_TRY(cg_team_order_step(t, s, false));
        CG_TRY(cg_step_run(t->net, t->shards, &t->source, &place));
        CG_TRY(cg_runtime_mark(t->rt));
        cg_phase_advance(&phase, (size_t)(s - kept));
    }
    CG_TRY(cg_team_collect(t));
    CG_TRY(cg_audit_judge_retry(&t->audit, &place));
done:
    cg_phase_end(&phase);
    return status;
}
