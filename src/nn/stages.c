/* The order of a training step. Both gradients exist before either network changes. */
#include "nn/network.h"

#include "base/try.h"
#include "ops/random.h"

#include <string.h>

static cg_status adam(cg_network *net)
{
    const cg_arena *arenas = net->arenas;
    const cg_adam_arrays arrays = {
        .p = arenas[CG_ARENA_PARAMS].whole,
        .m = arenas[CG_ARENA_MOMENT1].whole,
        .v = arenas[CG_ARENA_MOMENT2].whole,
        .g = arenas[CG_ARENA_GRADS].whole,
        .average = arenas[CG_ARENA_AVERAGE].whole,
        .count = cg_arena_floats(&arenas[CG_ARENA_PARAMS]),
        .first = cg_arena_size(net->rt, cg_model_params, CG_G_PARAM_COUNT),
    };
    return cg_adam_step(net->rt, &arrays, &net->adam, net->step);
}

static const cg_stage stages[] = {
    {"g.dense", "fwd", .dense = cg_generator_dense_fwd},
    {"g.bn0", "fwd", .run = cg_generator_bn0_fwd},
    {"g.convt1", "fwd", .conv = cg_generator_convt1_fwd},
    {"g.bn1", "fwd", .run = cg_generator_bn1_fwd},
    {"g.convt2", "fwd", .conv = cg_generator_convt2_fwd},
    {"g.bn2", "fwd", .run = cg_generator_bn2_fwd},
    {"g.convt3", "fwd", .conv = cg_generator_convt3_fwd},
    {"d.conv1", "fwd", .conv = cg_discriminator_conv1_fwd},
    {"d.conv2", "fwd", .conv = cg_discriminator_conv2_fwd},
    {"d.dense", "fwd", .run = cg_discriminator_dense_fwd},
    {"loss", "fwd", .run = cg_discriminator_loss},
    {"d.dense", "bwd_weight", .run = cg_discriminator_dense_bwd_weight},
    {"d.dense", "bwd_data", .run = cg_discriminator_dense_bwd_data},
    {"d.conv2", "bwd_weight", .conv = cg_discriminator_conv2_bwd_weight},
    {"d.conv2", "bwd_data", .conv = cg_discriminator_conv2_bwd_data},
    {"d.conv1", "bwd_weight", .conv = cg_discriminator_conv1_bwd_weight},
    {"d.conv1", "bwd_data", .conv = cg_discriminator_conv1_bwd_data},
    {"g.convt3", "bwd_weight", .conv = cg_generator_convt3_bwd_weight},
    {"g.convt3", "bwd_data", .conv = cg_generator_convt3_bwd_data},
    {"g.bn2", "bwd", .run = cg_generator_bn2_bwd},
    {"g.convt2", "bwd_weight", .conv = cg_generator_convt2_bwd_weight},
    {"g.convt2", "bwd_data", .conv = cg_generator_convt2_bwd_data},
    {"g.bn1", "bwd", .run = cg_generator_bn1_bwd},
    {"g.convt1", "bwd_weight", .conv = cg_generator_convt1_bwd_weight},
    {"g.convt1", "bwd_data", .conv = cg_generator_convt1_bwd_data},
    {"g.dense", "bwd_weight", .dense = cg_generator_dense_bwd_weight},
    {"adam", "update", .run = adam},
};

const cg_stage *cg_network_stages(size_t *count)
{
    *count = CG_COUNT(stages);
    return stages;
}

_Static_assert(CG_COUNT(stages) <= CG_STAGES_MAX, "room for each stage's algorithm");

const cg_stage *cg_stage_named(const char *name)
{
    for (size_t i = 0; i < CG_COUNT(stages); i++)
        if ((stages[i].conv || stages[i].dense) && strcmp(stages[i].name, name) == 0)
            return &stages[i];
    return NULL;
}

const char *cg_stage_algorithm(const cg_stage *stage, const cg_network *net)
{
    return net->choice.algorithms[stage - stages];
}

cg_conv2d cg_stage_conv(const cg_stage *stage, const cg_network *net)
{
    cg_conv2d call = stage->conv(net);
    call.algorithm = cg_stage_algorithm(stage, net);
    return call;
}

cg_status cg_stage_run(const cg_stage *stage, cg_network *net)
{
    if (stage->dense)
        return stage->dense(net, cg_stage_algorithm(stage, net));
    if (!stage->conv)
        return stage->run(net);
    cg_conv2d call = cg_stage_conv(stage, net);
    return cg_conv2d_enqueue(net->rt, &call);
}

/* The generator's forward stages come first, a batchnorm before each convolution. In inference it
 * normalises by the moving statistics. */
static cg_status run_generator(cg_network *net, bool inference)
{
    size_t batchnorms = 0;
    cg_status status = CG_OK;
    for (size_t i = 0; status == CG_OK && strncmp(stages[i].name, "g.", 2) == 0; i++) {
        if (stages[i].run && inference)
            status = cg_batchnorm_inference(net->rt, &net->bn[batchnorms++]);
        else
            status = cg_stage_run(&stages[i], net);
    }
    return status;
}

cg_status cg_network_generate(cg_network *net)
{
    return run_generator(net, true);
}

/* The i-th batch moves the statistics by 1 / (i + 1) of the way: they stay the mean of all. */
cg_status cg_network_recompute(cg_network *net, size_t n, size_t batches, uint64_t seed)
{
    cg_status status = CG_OK;
    size_t fakes = net->fakes, reals = net->reals;
    const float momentum = net->bn[0].momentum;
    cg_network_set_batch(net, n, 0);
    for (size_t i = 0; i < batches; i++) {
        const cg_random noise = {seed, CG_STREAM_STATISTICS, 0, (uint32_t)i};
        for (size_t b = 0; b < CG_BATCHNORMS; b++)
            net->bn[b].momentum = (float)i / (float)(i + 1);
        CG_TRY(cg_random_normal(net->rt, net->noise, n * CG_NOISE, &noise));
        CG_TRY(run_generator(net, false));
    }
done:
    for (size_t b = 0; b < CG_BATCHNORMS; b++)
        net->bn[b].momentum = momentum;
    cg_network_set_batch(net, fakes, reals);
    return status;
}
