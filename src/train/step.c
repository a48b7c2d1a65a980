/* One training step. */
#include "train/step.h"

#include "base/try.h"
#include "ops/random.h"

cg_step_place cg_step_locate(const cg_step_source *source, uint64_t step)
{
    cg_step_place place = {.step = step, .epoch_steps = cg_ceil_div(source->count, source->batch)};
    place.epoch = (size_t)((step - 1) / place.epoch_steps) + 1;
    place.row = (size_t)((step - 1) % place.epoch_steps);
    place.first = place.row * source->batch;
    place.reals = source->count - place.first;
    if (place.reals > source->batch)
        place.reals = source->batch;
    return place;
}

cg_status cg_step_draw(cg_network *net, const cg_step_source *source, const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;

    cg_network_set_batch(net, source->batch, place->reals);
    cg_shuffle_init(&shuffle, source->seed, (uint32_t)place->epoch, (uint32_t)source->count);
    CG_TRY(cg_network_sample_inputs(net, source->seed, (uint32_t)place->step));
    CG_TRY(cg_gather_images(net->rt, &net->images, source->batch, source->images, &shuffle,
                            place->first, place->reals));
done:
    return status;
}

cg_status cg_step_run(cg_network *net, const cg_step_source *source, const cg_step_place *place)
{
    cg_status status = CG_OK;
    size_t count;
    const cg_stage *stages = cg_network_stages(&count);

    CG_TRY(cg_step_draw(net, source, place));
    net->step = place->step;
    net->row = place->row;
    for (size_t i = 0; i < count; i++)
        CG_TRY(cg_stage_run(&stages[i], net));
done:
    return status;
}
