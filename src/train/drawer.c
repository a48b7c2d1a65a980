/* The network that draws. */
#include "train/drawer.h"

#include "base/try.h"
#include "train/step.h"

#include <stdio.h>
#include <stdlib.h>

static bool draws_itself(const cg_recipe *recipe)
{
    return recipe->hypers[CG_HYPER_RECOMPUTE] == 0;
}

/* Recomputed statistics depend on the run's algorithms, which are those of its device. */
static cg_status create(cg_dcgan **net, cg_runtime *rt, const cg_recipe *recipe)
{
    size_t batch = draws_itself(recipe) ? 0 : (size_t)recipe->batch;
    bool as_trained = !draws_itself(recipe) && cg_recipe_is_of(recipe, cg_runtime_device(rt));
    return cg_dcgan_create(net, rt, batch > CG_PICTURE_GROUP ? batch : CG_PICTURE_GROUP, 0, 1,
                           as_trained ? recipe->algorithms : NULL);
}

static cg_status recompute(cg_dcgan *net, const cg_recipe *recipe)
{
    return cg_dcgan_recompute(net, (size_t)recipe->batch,
                              (size_t)recipe->hypers[CG_HYPER_RECOMPUTE], recipe->seed);
}

cg_status cg_drawer_init(cg_drawer *drawer, cg_dcgan *trained, const cg_recipe *recipe)
{
    *drawer = (cg_drawer){trained, trained, recipe};
    if (draws_itself(recipe))
        return CG_OK;
    drawer->net = NULL;
    return create(&drawer->net, trained->rt, recipe);
}

static cg_status copy_param(cg_dcgan *to, const cg_dcgan *from, cg_arena_id arena, cg_param_id id)
{
    cg_status status = CG_OK;
    float *data = NULL;
    CG_TRY(cg_memory_create(&data, cg_param_size(&cg_dcgan_params[id]), sizeof *data));
    CG_TRY(cg_dcgan_download_param(from, arena, id, data));
    CG_TRY(cg_dcgan_upload_param(to, CG_ARENA_PARAMS, id, data));
done:
    free(data);
    return status;
}

cg_status cg_drawer_update(cg_drawer *drawer)
{
    cg_status status = CG_OK;
    bool averaging = drawer->trained->arenas[CG_ARENA_AVERAGE].whole != NULL;
    if (drawer->net == drawer->trained)
        return CG_OK;
    for (cg_param_id id = 0; id < CG_G_PARAM_COUNT; id++)
        CG_TRY(copy_param(drawer->net, drawer->trained,
                          averaging ? CG_ARENA_AVERAGE : CG_ARENA_PARAMS, id));
    CG_TRY(recompute(drawer->net, drawer->recipe));
done:
    return status;
}

void cg_drawer_deinit(cg_drawer *drawer)
{
    if (drawer->net != drawer->trained)
        cg_dcgan_release(drawer->net);
    *drawer = (cg_drawer){0};
}

static cg_status take_average(cg_dcgan *net, const cg_safetensors *file)
{
    cg_status status = CG_OK;
    for (cg_param_id id = 0; status == CG_OK && id < CG_G_PARAM_COUNT; id++) {
        char name[64];
        snprintf(name, sizeof name, "average.%s", cg_dcgan_params[id].name);
        status =
            cg_dcgan_upload_param(net, CG_ARENA_PARAMS, id, cg_safetensors_get(file, name)->data);
    }
    return status;
}

cg_status cg_drawer_open(cg_dcgan **net, cg_runtime *rt, const cg_safetensors *file,
                         const cg_recipe *recipe)
{
    cg_status status = CG_OK;
    CG_TRY(create(net, rt, recipe));
    CG_TRY(cg_checkpoint_restore(*net, file, recipe, 0));
    if (recipe->hypers[CG_HYPER_AVERAGE] > 0)
        CG_TRY(take_average(*net, file));
    if (!draws_itself(recipe))
        CG_TRY(recompute(*net, recipe));
done:
    if (status != CG_OK) {
        cg_dcgan_release(*net);
        *net = NULL;
    }
    return status;
}
