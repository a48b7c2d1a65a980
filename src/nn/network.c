/* The network's arrays: created, laid out for a batch, given their initial values. */
#include "nn/network.h"

#include "base/streams.h"
#include "base/try.h"
#include "ocl/runtime.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

/* ---- maps ------------------------------------------------------------------------------------ */

/* A map of the network: its place in cg_network, its shape for one image, and for whom it is. */
typedef struct map_row {
    size_t offset;
    cg_plane plane;
    bool fakes_only; /* else it has an image for each fake and each real one */
    bool training;   /* a network that only draws has no memory for it */
} map_row;

#define MAP(field) .offset = offsetof(cg_network, field)

/* clang-format off */
static const map_row maps[] = {
    {MAP(images),  .plane = {CG_SIDE, 1}},
    {MAP(h0),      .plane = {CG_SIDE4, CG_G_CHANNELS0}, .fakes_only = true},
    {MAP(h1),      .plane = {CG_SIDE4, CG_G_CHANNELS1}, .fakes_only = true},
    {MAP(h2),      .plane = {CG_SIDE2, CG_G_CHANNELS2}, .fakes_only = true},
    {MAP(dh0),     .plane = {CG_SIDE4, CG_G_CHANNELS0}, .fakes_only = true, .training = true},
    {MAP(dh1),     .plane = {CG_SIDE4, CG_G_CHANNELS1}, .fakes_only = true, .training = true},
    {MAP(dh2),     .plane = {CG_SIDE2, CG_G_CHANNELS2}, .fakes_only = true, .training = true},
    {MAP(dimages), .plane = {CG_SIDE, 1},               .fakes_only = true, .training = true},
    {MAP(a1),      .plane = {CG_SIDE2, CG_D_CHANNELS1}, .training = true},
    {MAP(a2),      .plane = {CG_SIDE4, CG_D_CHANNELS2}, .training = true},
    {MAP(da1),     .plane = {CG_SIDE2, CG_D_CHANNELS1}, .training = true},
    {MAP(da2),     .plane = {CG_SIDE4, CG_D_CHANNELS2}, .training = true},
};
/* clang-format on */

static cg_map *map_at(cg_network *net, const map_row *row)
{
    return (cg_map *)(void *)((char *)net + row->offset);
}

static size_t images_of(const map_row *row, size_t fakes, size_t reals)
{
    return row->fakes_only ? fakes : fakes + reals;
}

static cg_status create_maps(cg_network *net)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < CG_COUNT(maps); i++) {
        bool wanted = net->max_reals || !maps[i].training;
        size_t n = wanted ? images_of(&maps[i], net->max_fakes, net->max_reals) : 0;
        CG_TRY(cg_layer_create_map(map_at(net, &maps[i]), net->rt, n, maps[i].plane));
    }
done:
    return status;
}

/* ---- other arrays ---------------------------------------------------------------------------- */

static cg_status create_floats(cg_buffer **buffer, cg_runtime *rt, size_t floats)
{
    return cg_buffer_create(buffer, rt, cg_round_up(floats, CG_RANDOM_GROUP) * sizeof(float));
}

static cg_status create_batchnorm(cg_network *net, size_t i, size_t groups)
{
    cg_status status = CG_OK;
    cg_batchnorm *bn = &net->bn[i];
    size_t gamma = CG_G_BN0_GAMMA + 3 * i; /* a layer is weight, gamma, beta */
    *bn = (cg_batchnorm){
        .groups = groups,
        .moments = &net->moments[i],
        .slope = CG_LEAKY_SLOPE,
        .momentum = (float)CG_BN_MOMENTUM,
        .epsilon = (float)CG_BN_EPSILON,
        .gamma = net->arenas[CG_ARENA_PARAMS].view[gamma],
        .beta = net->arenas[CG_ARENA_PARAMS].view[gamma + 1],
        .moving_mean = net->stats.view[2 * i],
        .moving_variance = net->stats.view[2 * i + 1],
    };
    size_t features = cg_param_size(&cg_model_params[gamma]);
    if (net->head) {
        const cg_batchnorm *shared = &net->head->bn[i];
        bn->mean = shared->mean;
        bn->inv_std = shared->inv_std;
        bn->scale = shared->scale;
        bn->shift = shared->shift;
        return CG_OK;
    }
    CG_TRY(create_floats(&bn->mean, net->rt, features));
    CG_TRY(create_floats(&bn->inv_std, net->rt, features));
    CG_TRY(create_floats(&bn->scale, net->rt, features));
    CG_TRY(create_floats(&bn->shift, net->rt, features));
done:
    return status;
}

static cg_status create_generator(cg_network *net)
{
    cg_status status = CG_OK;
    CG_TRY(create_floats(&net->noise, net->rt, net->max_fakes * CG_NOISE));
    CG_TRY(create_batchnorm(net, 0, CG_SIDE4 * CG_SIDE4));
    CG_TRY(create_batchnorm(net, 1, 1));
    CG_TRY(create_batchnorm(net, 2, 1));
done:
    return status;
}

static cg_status create_discriminator(cg_network *net)
{
    cg_status status = CG_OK;
    cg_runtime *rt = net->rt;
    size_t n = net->max_fakes + net->max_reals;
    CG_TRY(cg_buffer_create(&net->mask1, rt, cg_map_floats(&net->a1)));
    CG_TRY(cg_buffer_create(&net->mask2, rt, cg_map_floats(&net->a2)));
    CG_TRY(create_floats(&net->logits, rt, n));
    CG_TRY(create_floats(&net->factor_d, rt, n));
    CG_TRY(create_floats(&net->factor_g, rt, net->max_fakes));
    CG_TRY(cg_buffer_create(&net->metrics, rt, net->metric_rows * sizeof(cg_metrics)));
done:
    return status;
}

static cg_status create_arenas(cg_network *net)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < CG_ARENA_COUNT; i++)
        if (i == CG_ARENA_PARAMS || (net->max_reals && i != CG_ARENA_AVERAGE))
            CG_TRY(cg_arena_create(&net->arenas[i], net->rt, cg_model_params, CG_PARAM_COUNT));
    CG_TRY(cg_arena_create(&net->stats, net->rt, cg_model_stats, CG_STAT_COUNT));
done:
    return status;
}

cg_status cg_network_keep_average(cg_network *net)
{
    return cg_arena_create(&net->arenas[CG_ARENA_AVERAGE], net->rt, cg_model_params,
                           CG_G_PARAM_COUNT);
}

/* All arrays but the arenas. */
static cg_status create_rest(cg_network *net)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&net->scratch, 1, sizeof *net->scratch));
    net->scratch->head = net->head ? net->head->scratch : NULL;
    CG_TRY(cg_memory_create(&net->moments, CG_BATCHNORMS, sizeof *net->moments));
    CG_TRY(create_maps(net));
    CG_TRY(create_generator(net));
    if (net->max_reals)
        CG_TRY(create_discriminator(net));
    cg_network_set_batch(net, net->max_fakes, net->max_reals);
done:
    return status;
}

cg_status cg_network_create_arrays(cg_network **net, cg_runtime *rt, size_t max_fakes,
                                   size_t max_reals, size_t metric_rows)
{
    cg_status status = CG_OK;
    cg_network *n = NULL;

    assert(max_fakes > 0);
    *net = NULL;
    CG_TRY(cg_memory_create(&n, 1, sizeof *n));
    n->rt = rt;
    n->max_fakes = max_fakes;
    n->max_reals = max_reals;
    n->metric_rows = metric_rows;
    n->adam = (cg_adam){.rate = CG_ADAM_RATE,
                        .rate_d = CG_ADAM_RATE,
                        .beta1 = CG_ADAM_BETA1,
                        .beta2 = CG_ADAM_BETA2,
                        .epsilon = CG_ADAM_EPSILON};
    CG_TRY(create_arenas(n));
    CG_TRY(create_rest(n));
    *net = n;
    n = NULL;
done:
    cg_network_release(n);
    return status;
}

cg_status cg_network_create_shard(cg_network **net, const cg_network *head, size_t max_fakes,
                                  size_t max_reals, cg_buffer *grads, size_t offset)
{
    cg_status status = CG_OK;
    cg_network *n = NULL;

    assert(max_fakes > 0 && !head->head);
    *net = NULL;
    CG_TRY(cg_memory_create(&n, 1, sizeof *n));
    n->rt = head->rt;
    n->head = head;
    n->max_fakes = max_fakes;
    n->max_reals = max_reals;
    n->metric_rows = 1;
    n->arenas[CG_ARENA_PARAMS] = head->arenas[CG_ARENA_PARAMS];
    n->stats = head->stats;
    CG_TRY(cg_arena_create_within(&n->arenas[CG_ARENA_GRADS], grads, offset, cg_model_params,
                                  CG_PARAM_COUNT));
    CG_TRY(create_rest(n));
    *net = n;
    n = NULL;
done:
    cg_network_release(n);
    return status;
}

void cg_network_release(cg_network *net)
{
    if (!net)
        return;
    cg_buffer *const buffers[] = {net->noise,    net->mask1,    net->mask2,  net->logits,
                                  net->factor_d, net->factor_g, net->metrics};
    for (size_t i = 0; i < CG_COUNT(buffers); i++)
        cg_buffer_release(buffers[i]);
    for (size_t i = 0; i < CG_COUNT(maps); i++)
        cg_buffer_release(map_at(net, &maps[i])->buffer);
    for (size_t i = 0; !net->head && i < CG_BATCHNORMS; i++) {
        cg_buffer_release(net->bn[i].mean);
        cg_buffer_release(net->bn[i].inv_std);
        cg_buffer_release(net->bn[i].scale);
        cg_buffer_release(net->bn[i].shift);
    }
    for (size_t i = 0; i < CG_ARENA_COUNT; i++)
        if (!net->head || i == CG_ARENA_GRADS)
            cg_arena_release(&net->arenas[i]);
    if (!net->head)
        cg_arena_release(&net->stats);
    if (net->scratch)
        cg_scratch_release(net->scratch);
    free(net->scratch);
    for (size_t i = 0; net->moments && i < CG_BATCHNORMS; i++)
        cg_buffer_release(net->moments[i].buffer);
    free(net->moments);
    free(net);
}

void cg_network_set_batch(cg_network *net, size_t fakes, size_t reals)
{
    assert(fakes > 0 && fakes <= net->max_fakes && reals <= net->max_reals);
    for (size_t i = 0; i < CG_COUNT(maps); i++)
        map_at(net, &maps[i])->n = images_of(&maps[i], fakes, reals);
    net->fakes = fakes;
    net->reals = reals;
    const cg_map *const normalised[CG_BATCHNORMS] = {&net->h0, &net->h1, &net->h2};
    for (size_t i = 0; i < CG_BATCHNORMS; i++) {
        net->bn[i].x = *normalised[i];
        net->bn[i].workspace = net->scratch->workspace;
    }
}

/* ---- layers ---------------------------------------------------------------------------------- */

cg_conv2d cg_network_conv(const cg_network *net, cg_layer_id id, cg_pass pass)
{
    const struct {
        const cg_map *x, *y, *dx, *dy;
    } arrays[CG_LAYER_COUNT] = {
        [CG_G_CONVT1] = {&net->h0, &net->h1, &net->dh0, &net->dh1},
        [CG_G_CONVT2] = {&net->h1, &net->h2, &net->dh1, &net->dh2},
        [CG_G_CONVT3] = {&net->h2, &net->images, &net->dh2, &net->dimages},
        [CG_D_CONV1] = {&net->images, &net->a1, &net->dimages, &net->da1},
        [CG_D_CONV2] = {&net->a1, &net->a2, &net->da1, &net->da2},
    };
    const cg_layer_spec *spec = &cg_model_layers[id];
    const cg_layer layer = {.spec = spec,
                            .x = *arrays[id].x,
                            .y = *arrays[id].y,
                            .dx = *arrays[id].dx,
                            .dy = *arrays[id].dy,
                            .weight = net->arenas[CG_ARENA_PARAMS].view[spec->weight],
                            .dweight = net->arenas[CG_ARENA_GRADS].view[spec->weight],
                            .scratch = net->scratch,
                            .index = id};
    size_t inputs = pass == CG_BWD_DATA ? layer.dx.n : layer.x.n;
    size_t outputs = pass == CG_FWD ? layer.y.n : layer.dy.n;
    return cg_layer_conv(&layer, pass, inputs < outputs ? inputs : outputs);
}

/* ---- the mode of programs -------------------------------------------------------------------- */

size_t cg_choice_width(const cg_choice *choice, const cg_runtime *rt)
{
    return choice->vec ? choice->vec : *cg_runtime_widths(rt);
}

cg_mode cg_choice_enter(const cg_choice *choice, cg_runtime *rt)
{
    return cg_runtime_set_mode(rt, (cg_mode){cg_choice_width(choice, rt), choice->strict});
}

/* ---- inputs ---------------------------------------------------------------------------------- */

cg_status cg_network_draw_noise(cg_network *net, size_t n, const cg_random *random)
{
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    cg_status status = cg_random_normal(net->rt, net->noise, n * CG_NOISE, random);
    cg_runtime_set_mode(net->rt, before);
    return status;
}

cg_status cg_network_sample_inputs(cg_network *net, uint64_t seed, uint32_t step)
{
    cg_status status = CG_OK;
    const uint32_t shard = (uint32_t)net->shard;
    const cg_random noise = {.seed = seed, .stream = CG_STREAM_NOISE, .layer = shard, .step = step};
    const cg_random masks = {
        .seed = seed, .stream = CG_STREAM_DROPOUT, .layer = 1 + 2 * shard, .step = step};
    cg_buffer *const buffers[] = {net->mask1, net->mask2};
    const size_t counts[] = {cg_map_floats(&net->a1), cg_map_floats(&net->a2)};
    cg_mode before = cg_choice_enter(&net->choice, net->rt);

    CG_TRY(cg_network_draw_noise(net, net->fakes, &noise));
    CG_TRY(cg_random_masks(net->rt, buffers, counts, CG_DROPOUT_KEEP, &masks));
done:
    cg_runtime_set_mode(net->rt, before);
    return status;
}

cg_status cg_network_gather_reals(cg_network *net, const cg_buffer *bytes,
                                  const cg_shuffle *shuffle, size_t first)
{
    if (!net->reals) /* a shard of a batch of few */
        return CG_OK;
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    cg_status status =
        cg_gather_images(net->rt, &net->images, net->fakes, bytes, shuffle, first, net->reals);
    cg_runtime_set_mode(net->rt, before);
    return status;
}

/* ---- initialisation -------------------------------------------------------------------------- */

cg_status cg_network_reset(cg_network *net)
{
    cg_status status = CG_OK;
    float *data = NULL;
    CG_TRY(cg_memory_create(&data, CG_DENSE_FEATURES, sizeof *data)); /* the largest */
    for (cg_stat_id id = 0; id < CG_STAT_COUNT; id++) {
        cg_param_draw(data, &cg_model_stats[id], 0, 0, 0, false); /* constants */
        CG_TRY(cg_network_upload_stat(net, id, data));
    }
    for (cg_arena_id arena = CG_ARENA_MOMENT1; arena <= CG_ARENA_MOMENT2; arena++)
        if (net->arenas[arena].whole)
            CG_TRY(cg_buffer_fill(net->arenas[arena].whole, 0));
done:
    free(data);
    return status;
}

cg_status cg_network_init(cg_network *net, uint64_t seed, double deviation)
{
    cg_status status = CG_OK;
    float *data = NULL;
    CG_TRY(cg_memory_create(&data, CG_NOISE * CG_DENSE_FEATURES, sizeof *data)); /* the largest */
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        cg_param_draw(data, &cg_model_params[id], seed, (uint32_t)id, deviation,
                      net->choice.strict);
        CG_TRY(cg_network_upload_param(net, CG_ARENA_PARAMS, id, data));
        if (net->arenas[CG_ARENA_AVERAGE].whole && id < CG_G_PARAM_COUNT)
            CG_TRY(cg_network_upload_param(net, CG_ARENA_AVERAGE, id, data));
    }
    CG_TRY(cg_network_reset(net));
done:
    free(data);
    return status;
}
