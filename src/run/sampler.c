/* The network that draws. */
#include "run/sampler.h"

#include "base/try.h"
#include "nn/plan.h"
#include "nn/stages.h"
#include "ocl/rehearsal.h"
#include "run/pictures.h"
#include "verify/selftest_once.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static_assert((int)CG_SELFTEST_PICTURES == (int)CG_PICTURE_GROUP,
              "pictures that are drawn at a time");
static_assert((int)CG_SELFTEST_GRID == (int)CG_PICTURE_COUNT, "a run's picture");

static bool draws_itself(const cg_recipe *recipe)
{
    return recipe->hypers[CG_HYPER_RECOMPUTE] == 0;
}

/* Recomputed statistics depend on the run's algorithms, which are those of its device. */
static cg_status choose_network(cg_choice *choice, cg_runtime *rt, const cg_recipe *recipe)
{
    bool as_trained =
        !draws_itself(recipe) && !recipe->strict && cg_recipe_is_of(recipe, cg_runtime_device(rt));
    return cg_choice_parse(choice, rt, as_trained ? recipe->algorithms : NULL, recipe->strict);
}

/* Sees to it that the device draws right. */
static cg_status test_device(cg_runtime *rt, const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    cg_choice choice;
    bool recomputes = !draws_itself(recipe);
    cg_selftest_plan plan = {.what = recomputes ? "drawing with statistics" : "drawing",
                             .within = "training",
                             .parts = CG_SELFTEST_DRAW,
                             .choice = &choice,
                             .batch = CG_SELFTEST_PICTURES};
    if (recomputes)
        plan.parts |= CG_SELFTEST_STATISTICS;
    CG_TRY(choose_network(&choice, rt, recipe));
    CG_TRY(cg_selftest_ensure(rt, &plan));
done:
    return status;
}

static cg_status create_network(cg_network **net, cg_runtime *rt, const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    cg_choice choice;
    size_t batch = draws_itself(recipe) ? 0 : (size_t)recipe->batch;
    CG_TRY(choose_network(&choice, rt, recipe));
    CG_TRY(cg_network_create(net, rt, batch > CG_PICTURE_GROUP ? batch : CG_PICTURE_GROUP, 0, 1,
                             &choice));
done:
    return status;
}

static cg_status recompute_statistics(cg_network *net, const cg_recipe *recipe)
{
    return cg_network_recompute(net, (size_t)recipe->batch,
                                (size_t)recipe->hypers[CG_HYPER_RECOMPUTE], recipe->seed);
}

cg_status cg_sampler_init(cg_sampler *sampler, cg_network *trained, const cg_recipe *recipe)
{
    *sampler = (cg_sampler){trained, trained, recipe};
    if (draws_itself(recipe))
        return CG_OK;
    sampler->net = NULL;
    return create_network(&sampler->net, trained->rt, recipe);
}

static cg_status copy_param(cg_network *to, const cg_network *from, cg_arena_id arena,
                            cg_param_id id)
{
    cg_status status = CG_OK;
    float *data = NULL;
    CG_TRY(cg_memory_create(&data, cg_param_size(&cg_model_params[id]), sizeof *data));
    CG_TRY(cg_network_download_param(from, arena, id, data));
    CG_TRY(cg_network_upload_param(to, CG_ARENA_PARAMS, id, data));
done:
    free(data);
    return status;
}

cg_status cg_sampler_update(cg_sampler *sampler)
{
    cg_status status = CG_OK;
    bool averaging = sampler->trained->arenas[CG_ARENA_AVERAGE].whole != NULL;
    if (sampler->net == sampler->trained)
        return CG_OK;
    for (cg_param_id id = 0; id < CG_G_PARAM_COUNT; id++)
        CG_TRY(copy_param(sampler->net, sampler->trained,
                          averaging ? CG_ARENA_AVERAGE : CG_ARENA_PARAMS, id));
    CG_TRY(recompute_statistics(sampler->net, sampler->recipe));
done:
    return status;
}

void cg_sampler_deinit(cg_sampler *sampler)
{
    if (sampler->net != sampler->trained)
        cg_network_release(sampler->net);
    *sampler = (cg_sampler){0};
}

static cg_status take_average(cg_network *net, const cg_safetensors *file)
{
    cg_status status = CG_OK;
    for (cg_param_id id = 0; status == CG_OK && id < CG_G_PARAM_COUNT; id++) {
        char name[64];
        snprintf(name, sizeof name, "average.%s", cg_model_params[id].name);
        status =
            cg_network_upload_param(net, CG_ARENA_PARAMS, id, cg_safetensors_get(file, name)->data);
    }
    return status;
}

typedef struct rehearsal {
    cg_network *net;
    const cg_recipe *recipe;
} rehearsal;

/* Goes through what compiles kernels, to count them. */
static cg_status rehearse(void *user)
{
    const rehearsal *r = user;
    cg_status status = draws_itself(r->recipe) ? CG_OK : recompute_statistics(r->net, r->recipe);
    return status == CG_OK ? cg_network_generate(r->net) : status;
}

cg_status cg_sampler_open(cg_network **net, cg_runtime *rt, const cg_safetensors *file,
                          const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    *net = NULL;
    CG_TRY(test_device(rt, recipe));
    CG_TRY(create_network(net, rt, recipe));
    CG_TRY(cg_rehearse(rt, rehearse, &(rehearsal){*net, recipe}));
    CG_TRY(cg_checkpoint_restore(*net, file, recipe, 0));
    if (recipe->hypers[CG_HYPER_AVERAGE] > 0)
        CG_TRY(take_average(*net, file));
    if (!draws_itself(recipe))
        CG_TRY(recompute_statistics(*net, recipe));
done:
    if (status != CG_OK) {
        cg_network_release(*net);
        *net = NULL;
    }
    return status;
}
