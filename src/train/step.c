/* One training step. */
#include "train/step.h"

#include "base/try.h"
#include "nn/shards_step.h"
#include "nn/stages.h"

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

/* Draws the inputs of a network that has its batch's size; its real images are those of the epoch's
 * order from place->first + `first` on. */
static cg_status prepare_net(cg_network *net, const cg_step_source *source,
                             const cg_step_place *place, size_t first)
{
    cg_status status = CG_OK;
    cg_shuffle shuffle;

    net->step = place->step;
    net->row = place->row;
    cg_shuffle_init(&shuffle, source->seed, (uint32_t)place->epoch, (uint32_t)source->count);
    CG_TRY(cg_network_sample_inputs(net, source->seed, (uint32_t)place->step));
    CG_TRY(cg_network_gather_reals(net, source->images, &shuffle, place->first + first));
done:
    return status;
}

cg_status cg_step_prepare(cg_network *net, const cg_step_source *source, const cg_step_place *place)
{
    cg_network_set_batch(net, source->batch, place->reals);
    return prepare_net(net, source, place, 0);
}

cg_status cg_step_prepare_shards(cg_shards *shards, const cg_step_source *source,
                                 const cg_step_place *place)
{
    cg_status status = CG_OK;
    cg_shards_set_batch(shards, source->batch, place->reals);
    for (size_t k = 0; k < shards->local; k++)
        CG_TRY(prepare_net(shards->nets[k], source, place,
                           cg_shard_first(place->reals, shards->count, shards->nets[k]->shard)));
done:
    return status;
}

cg_status cg_step_run(cg_network *net, cg_shards *shards, const cg_step_source *source,
                      const cg_step_place *place)
{
    cg_status status = CG_OK;
    CG_TRY(shards ? cg_step_prepare_shards(shards, source, place)
                  : cg_step_prepare(net, source, place));
    CG_TRY(shards ? cg_shards_run_step(shards) : cg_network_run_step(net));
done:
    return status;
}

/* Returns how many of n images the k-th shard here has. */
static size_t count_of(const cg_shards *shards, size_t n, size_t k)
{
    size_t i = shards->nets[k]->shard;
    return cg_shard_first(n, shards->count, i + 1) - cg_shard_first(n, shards->count, i);
}

cg_step_source cg_step_part_source(const cg_shards *shards, const cg_step_source *source, size_t k)
{
    cg_step_source own = *source;
    own.batch = count_of(shards, source->batch, k);
    return own;
}

cg_step_place cg_step_part_place(const cg_shards *shards, const cg_step_place *place, size_t k)
{
    cg_step_place own = *place;
    own.first += cg_shard_first(place->reals, shards->count, shards->nets[k]->shard);
    own.reals = count_of(shards, place->reals, k);
    return own;
}
