/* The spot check of a stage: its kind's operands and outputs, and the comparison. */
#include "verify/spot.h"

#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "verify/spot_models.h"

#include <stdlib.h>

static cg_status prepare(cg_spot *spot)
{
    cg_status status = CG_OK;
    const char *algorithm = cg_choice_name(spot->net->rt, &spot->net->choice, spot->stage);
    spot->algorithm = algorithm ? algorithm : "";
    if (spot->stage->layer)
        CG_TRY(cg_spot_conv2d(spot));
    CG_TRY(cg_spot_poison(spot));
done:
    return status;
}

cg_status cg_spot_begin(cg_spot **spot, cg_network *net, const cg_stage *stage, uint64_t seed)
{
    cg_status status = CG_OK;
    cg_spot *s = NULL;
    size_t before = cg_choice_enter_width(&net->choice, net->rt);
    *spot = NULL;
    CG_TRY(cg_memory_create(&s, 1, sizeof *s));
    s->net = net;
    s->stage = stage;
    s->seed = seed;
    CG_TRY(prepare(s));
    *spot = s;
    s = NULL;
done:
    cg_runtime_set_width(net->rt, before);
    cg_spot_release(s);
    return status;
}

cg_status cg_spot_end(cg_spot *spot, cg_verify_result *result)
{
    cg_status status = CG_OK;
    *result = (cg_verify_result){.name = spot->stage->name, .ok = true};
    CG_TRY(cg_spot_collect(spot));
    CG_TRY(cg_spot_compare_outputs(spot, result));
done:
    if (status != CG_OK)
        cg_spot_fail(spot, result, "could not be compared: %s", cg_status_name(status));
    return status;
}

void cg_spot_release(cg_spot *spot)
{
    while (spot && spot->memory_count)
        free(spot->memory[--spot->memory_count]);
    free(spot);
}

cg_status cg_spot_run(cg_verify_result *result, cg_network *net, const cg_stage *stage,
                      uint64_t seed)
{
    cg_status status = CG_OK;
    cg_spot *spot = NULL;
    *result = (cg_verify_result){.name = stage->name};
    CG_TRY(cg_spot_begin(&spot, net, stage, seed));
    CG_TRY(cg_stage_run(stage, net));
    CG_TRY(cg_spot_end(spot, result));
done:
    cg_spot_release(spot);
    return status;
}
