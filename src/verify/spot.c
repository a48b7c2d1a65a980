/* The spot check of a stage: its kind's operands and outputs, and the comparison. */
#include "verify/spot.h"

#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "verify/repeated.h"
#include "verify/spot_models.h"
#include "verify/spot_norm.h"

#include <stdlib.h>
#include <string.h>

/* The stages that are no convolutions. */
static const struct {
    const char *name;
    cg_pass pass;
    cg_status (*prepare)(cg_spot *spot);
} models[] = {
    {"g.dense", CG_FWD, cg_spot_dense_fwd},
    {"g.bn0", CG_FWD, cg_spot_norm_fwd},
    {"g.bn1", CG_FWD, cg_spot_norm_fwd},
    {"g.bn2", CG_FWD, cg_spot_norm_fwd},
    {"d.dense", CG_FWD, cg_spot_column_fwd},
    {"loss", CG_FWD, cg_spot_loss},
    {"d.dense", CG_BWD_WEIGHT, cg_spot_column_bwd_weight},
    {"d.dense", CG_BWD_DATA, cg_spot_column_bwd_data},
    {"g.bn2", CG_BWD, cg_spot_norm_bwd},
    {"g.bn1", CG_BWD, cg_spot_norm_bwd},
    {"g.dense", CG_BWD_WEIGHT, cg_spot_dense_bwd_weight},
    {"adam", CG_UPDATE, cg_spot_adam},
};

static cg_status prepare_model(cg_spot *spot)
{
    const cg_stage *stage = spot->stage;
    if (stage->layer)
        return cg_spot_conv2d(spot);
    for (size_t i = 0; i < CG_COUNT(models); i++)
        if (strcmp(models[i].name, stage->name) == 0 && models[i].pass == stage->pass)
            return models[i].prepare(spot);
    return cg_fail(CG_ERR_ARGUMENT, "%s %s: there is no check of such a stage", stage->name,
                   cg_pass_names[stage->pass]);
}

static cg_status prepare(cg_spot *spot)
{
    cg_status status = CG_OK;
    const char *algorithm = cg_choice_name(spot->net->rt, &spot->net->choice, spot->stage);
    spot->algorithm = algorithm ? algorithm : "";
    CG_TRY(prepare_model(spot));
done:
    return status;
}

/* *spot = `request`, prepared. */
static cg_status create(cg_spot **spot, const cg_spot *request)
{
    cg_status status = CG_OK;
    cg_spot *s = NULL;
    cg_runtime *rt = request->net->rt;
    cg_mode before = cg_choice_enter(&request->net->choice, rt);
    *spot = NULL;
    CG_TRY(cg_memory_create(&s, 1, sizeof *s));
    *s = *request;
    CG_TRY(prepare(s));
    *spot = s;
    s = NULL;
done:
    cg_runtime_set_mode(rt, before);
    cg_spot_release(s);
    return status;
}

cg_status cg_spot_begin(cg_spot **spot, cg_network *net, const cg_stage *stage, uint64_t seed)
{
    cg_status status = CG_OK;
    cg_spot *s = NULL;
    const cg_spot request = {.net = net, .stage = stage, .seed = seed};
    *spot = NULL;
    CG_TRY(create(&s, &request));
    CG_TRY(cg_spot_poison(s));
    *spot = s;
    s = NULL;
done:
    cg_spot_release(s);
    return status;
}

cg_status cg_spot_outline(cg_spot **spot, cg_network *net, const cg_stage *stage)
{
    const cg_spot request = {.net = net, .stage = stage, .outline = true};
    return create(spot, &request);
}

cg_status cg_spot_end(cg_spot *spot, cg_verify_result *result)
{
    cg_status status = CG_OK;
    *result = (cg_verify_result){.name = spot->stage->name, .ok = true};
    CG_TRY(cg_spot_collect(spot));
    for (size_t i = 0; spot->repeated && i < spot->output_count; i++)
        cg_repeated_compare(spot, result, &spot->outputs[i]);
    CG_TRY(cg_spot_compare_outputs(spot, result));
    if (spot->moments)
        CG_TRY(cg_spot_compare_moments(spot, result));
done:
    if (status != CG_OK)
        cg_spot_fail(spot, result, "could not be compared: %s", cg_status_name(status));
    return status;
}

void cg_spot_release(cg_spot *spot)
{
    if (spot)
        cg_spot_unmap(spot);
    while (spot && spot->memory_count)
        free(spot->memory[--spot->memory_count]);
    free(spot);
}

cg_status cg_spot_run(cg_verify_result *result, cg_network *net, const cg_stage *stage,
                      uint64_t seed, bool repeated)
{
    cg_status status = CG_OK;
    cg_spot *spot = NULL;
    *result = (cg_verify_result){.name = stage->name};
    CG_TRY(cg_spot_begin(&spot, net, stage, seed));
    spot->repeated = repeated;
    CG_TRY(cg_stage_run(stage, net));
    CG_TRY(cg_spot_end(spot, result));
done:
    cg_spot_release(spot);
    return status;
}
