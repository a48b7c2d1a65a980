/* The table of a training step. Both gradients exist before either network changes. */
#include "nn/stages.h"
#include "ocl/runtime.h"

#include "base/try.h"
#include "nn/discriminator.h"
#include "nn/generator.h"

#include <assert.h>
#include <string.h>

static cg_status update_by_adam(cg_network *net)
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
        .begin = net->update_begin,
        .end = net->update_end,
    };
    return cg_adam_step(net->rt, &arrays, &net->adam, net->step);
}

/* ---- the table -------------------------------------------------------------------------------
 *
 * F fakes, N = F + R images, P floats in an arena. A parameter's gradient is "grad" and its name.
 * No map here has padding lanes: its channels are whole blocks, or one. */

enum { F = CG_DIM_FAKES, N = CG_DIM_IMAGES, P = CG_DIM_ARENA };

#define CONV(id, fused) .layer = &cg_model_layers[id], .fuse = fused

/* A batchnorm's forward pass works on vectors of its features alone. */
#define NORM(features)                                   \
    .always_audited = true,                              \
    .reads = {{"moments", {3, features}},                \
              {"gamma, beta", {2, features}},            \
              {"moving mean, variance", {2, features}}}, \
    .writes = {{"moving mean, variance", {2, features}}, \
               {"mean, 1/std, scale, shift", {4, features}}}

/* clang-format off */
const cg_stage cg_stages[] = {
    {"g.dense",  CG_FWD,        .dense = cg_generator_dense_fwd, .multiply_adds = {F, 12544, 100},
        .reads  = {{"noise", {F, 100}}, {"g.dense.weight", {100, 12544}}},
        .writes = {{"h0", {F, 7, 7, 256}}}},
    {"g.bn0",    CG_FWD,        .enqueue = cg_generator_bn0_fwd, NORM(12544)},
    {"g.convt1", CG_FWD,        CONV(CG_G_CONVT1, cg_generator_fuse_fwd),
        .reads  = {{"h0", {F, 7, 7, 256}}},      .writes = {{"h1", {F, 7, 7, 128}}}},
    {"g.bn1",    CG_FWD,        .enqueue = cg_generator_bn1_fwd, NORM(128)},
    {"g.convt2", CG_FWD,        CONV(CG_G_CONVT2, cg_generator_fuse_fwd),
        .reads  = {{"h1", {F, 7, 7, 128}}},      .writes = {{"h2", {F, 14, 14, 64}}}},
    {"g.bn2",    CG_FWD,        .enqueue = cg_generator_bn2_fwd, NORM(64)},
    {"g.convt3", CG_FWD,        CONV(CG_G_CONVT3, cg_generator_fuse_fwd),
        .reads  = {{"h2", {F, 14, 14, 64}}},     .writes = {{"images", {F, 28, 28, 1}}}},

    {"d.conv1",  CG_FWD,        CONV(CG_D_CONV1, cg_discriminator_fuse_fwd),
        .reads  = {{"images", {N, 28, 28, 1}}},  .writes = {{"a1", {N, 14, 14, 64}}}},
    {"d.conv2",  CG_FWD,        CONV(CG_D_CONV2, cg_discriminator_fuse_fwd),
        .reads  = {{"a1", {N, 14, 14, 64}}},     .writes = {{"a2", {N, 7, 7, 128}}}},
    {"d.dense",  CG_FWD,        .enqueue = cg_discriminator_dense_fwd, .multiply_adds = {N, 6272},
        .reads  = {{"a2", {N, 7, 7, 128}}, {"d.dense.weight", {6272}}},
        .writes = {{"logits", {N}}}},
    {"loss",     CG_FWD,        .enqueue = cg_discriminator_loss, .always_audited = true,
        .reads  = {{"logits", {N}}},
        .writes = {{"logits", {N}}, {"factor_d", {N}}, {"factor_g", {F}}}},

    {"d.dense",  CG_BWD_WEIGHT, .enqueue = cg_discriminator_dense_bwd_weight, .multiply_adds = {N, 6272},
        .reads  = {{"a2", {N, 7, 7, 128}}, {"factor_d", {N}}},
        .writes = {{"grad d.dense.weight", {6272}}}},
    {"d.dense",  CG_BWD_DATA,   .enqueue = cg_discriminator_dense_bwd_data,
        .reads  = {{"d.dense.weight", {6272}}, {"mask2", {N, 7, 7, 128}, .bytes = true}},
        .writes = {{"da2", {N, 7, 7, 128}}}},
    {"d.conv2",  CG_BWD_WEIGHT, CONV(CG_D_CONV2, cg_discriminator_fuse_bwd_weight),
        .reads  = {{"a1", {N, 14, 14, 64}}, {"da2", {N, 7, 7, 128}}},
        .writes = {{"grad d.conv2.weight", {5, 5, 64, 128}}, {"grad d.conv2.bias", {128}}}},
    {"d.conv2",  CG_BWD_DATA,   CONV(CG_D_CONV2, cg_discriminator_fuse_bwd_data),
        .reads  = {{"da2", {N, 7, 7, 128}}},     .writes = {{"da1", {N, 14, 14, 64}}}},
    {"d.conv1",  CG_BWD_WEIGHT, CONV(CG_D_CONV1, cg_discriminator_fuse_bwd_weight),
        .reads  = {{"images", {N, 28, 28, 1}}, {"da1", {N, 14, 14, 64}}},
        .writes = {{"grad d.conv1.weight", {5, 5, 1, 64}}, {"grad d.conv1.bias", {64}}}},
    {"d.conv1",  CG_BWD_DATA,   CONV(CG_D_CONV1, cg_discriminator_fuse_bwd_data),
        .reads  = {{"da1", {F, 14, 14, 64}}},    .writes = {{"dimages", {F, 28, 28, 1}}}},

    {"g.convt3", CG_BWD_WEIGHT, CONV(CG_G_CONVT3, cg_generator_fuse_bwd_weight),
        .reads  = {{"h2", {F, 14, 14, 64}}, {"dimages", {F, 28, 28, 1}}},
        .writes = {{"grad g.convt3.weight", {5, 5, 1, 64}}}},
    {"g.convt3", CG_BWD_DATA,   CONV(CG_G_CONVT3, NULL),
        .reads  = {{"dimages", {F, 28, 28, 1}}}, .writes = {{"dh2", {F, 14, 14, 64}}}},
    {"g.bn2",    CG_BWD,        .enqueue = cg_generator_bn2_bwd,
        .reads  = {{"h2", {F, 14, 14, 64}}, {"dh2", {F, 14, 14, 64}}},
        .writes = {{"dh2", {F, 14, 14, 64}}}},
    {"g.convt2", CG_BWD_WEIGHT, CONV(CG_G_CONVT2, cg_generator_fuse_bwd_weight),
        .reads  = {{"h1", {F, 7, 7, 128}}, {"dh2", {F, 14, 14, 64}}},
        .writes = {{"grad g.convt2.weight", {5, 5, 64, 128}}}},
    {"g.convt2", CG_BWD_DATA,   CONV(CG_G_CONVT2, NULL),
        .reads  = {{"dh2", {F, 14, 14, 64}}},    .writes = {{"dh1", {F, 7, 7, 128}}}},
    {"g.bn1",    CG_BWD,        .enqueue = cg_generator_bn1_bwd,
        .reads  = {{"h1", {F, 7, 7, 128}}, {"dh1", {F, 7, 7, 128}}},
        .writes = {{"dh1", {F, 7, 7, 128}}}},
    {"g.convt1", CG_BWD_WEIGHT, CONV(CG_G_CONVT1, cg_generator_fuse_bwd_weight),
        .reads  = {{"h0", {F, 7, 7, 256}}, {"dh1", {F, 7, 7, 128}}},
        .writes = {{"grad g.convt1.weight", {5, 5, 128, 256}}}},
    {"g.convt1", CG_BWD_DATA,   CONV(CG_G_CONVT1, NULL),
        .reads  = {{"dh1", {F, 7, 7, 128}}},     .writes = {{"dh0", {F, 7, 7, 256}}}},
    {"g.dense",  CG_BWD_WEIGHT, .dense = cg_generator_dense_bwd_weight, .multiply_adds = {F, 12544, 100},
        .reads  = {{"noise", {F, 100}}, {"h0", {F, 7, 7, 256}}, {"dh0", {F, 7, 7, 256}}},
        .writes = {{"grad g.dense.weight", {100, 12544}}}},

    {"adam",     CG_UPDATE,     .enqueue = update_by_adam, .always_audited = true,
        .reads  = {{"parameters", {P}}, {"moment1", {P}}, {"moment2", {P}}, {"gradients", {P}}},
        .writes = {{"parameters", {P}}, {"moment1", {P}}, {"moment2", {P}}}},
};
/* clang-format on */

_Static_assert(CG_COUNT(cg_stages) == CG_STAGES, "a choice has an algorithm for each stage");

/* ---- what a line is -------------------------------------------------------------------------- */

bool cg_stage_has_choice(const cg_stage *stage)
{
    return stage->layer || stage->dense;
}

const cg_stage *cg_stage_named(const char *name)
{
    for (const cg_stage *s = cg_stages; s < cg_stages + CG_STAGES; s++)
        if (cg_stage_has_choice(s) && strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

const cg_stage *cg_stage_find(const char *name, cg_pass pass)
{
    const cg_stage *s = cg_stages;
    while (s < cg_stages + CG_STAGES && (strcmp(s->name, name) != 0 || s->pass != pass))
        s++;
    assert(s < cg_stages + CG_STAGES);
    return s;
}

const cg_stage *cg_stage_of_layer(cg_layer_id layer, cg_pass pass)
{
    for (const cg_stage *s = cg_stages; s < cg_stages + CG_STAGES; s++)
        if (s->layer == &cg_model_layers[layer] && s->pass == pass)
            return s;
    return NULL;
}

const char *cg_stage_algorithm(const cg_stage *stage, const cg_choice *choice)
{
    return choice->algorithms[stage - cg_stages];
}

cg_conv2d cg_stage_conv(const cg_stage *stage, const cg_network *net)
{
    cg_layer_id layer = (cg_layer_id)(stage->layer - cg_model_layers);
    cg_conv2d call = cg_network_conv(net, layer, stage->pass);
    if (stage->fuse)
        stage->fuse(&call, net, layer);
    call.algorithm = cg_stage_algorithm(stage, &net->choice);
    return call;
}

static double count_elements(const int dims[CG_DIMS], const cg_network *net)
{
    const size_t counts[] = {
        [-CG_DIM_FAKES] = net->fakes,
        [-CG_DIM_IMAGES] = net->fakes + net->reals,
        [-CG_DIM_ARENA] = cg_arena_size(net->rt, cg_model_params, CG_PARAM_COUNT),
    };
    double product = 1;
    for (size_t i = 0; i < CG_DIMS && dims[i]; i++)
        product *= dims[i] < 0 ? (double)counts[-dims[i]] : dims[i];
    return product;
}

static double count_bytes(const cg_stage_array arrays[CG_STAGE_ARRAYS], const cg_network *net)
{
    double bytes = 0;
    for (size_t i = 0; i < CG_STAGE_ARRAYS && arrays[i].name; i++)
        bytes += count_elements(arrays[i].dims, net) * (arrays[i].bytes ? 1 : sizeof(float));
    return bytes;
}

static cg_stage_cost find_conv_cost(const cg_stage *stage, const cg_network *net)
{
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    const cg_conv2d call = cg_stage_conv(stage, net);
    const cg_stage_cost cost = {.flop_nominal = cg_conv2d_flop_nominal(&call.shape),
                                .flop_real = cg_conv2d_flop_real(&call.shape),
                                .flop_done = cg_conv2d_flop_done(net->rt, &call),
                                .bytes = cg_conv2d_bytes(net->rt, &call)};
    cg_runtime_set_mode(net->rt, before);
    return cost;
}

cg_stage_cost cg_stage_find_cost(const cg_stage *stage, const cg_network *net)
{
    if (stage->layer)
        return find_conv_cost(stage, net);
    double flop = stage->multiply_adds[0] ? 2 * count_elements(stage->multiply_adds, net) : 0;
    double bytes = count_bytes(stage->reads, net) + count_bytes(stage->writes, net);
    return (cg_stage_cost){flop, flop, flop, bytes};
}

/* ---- running --------------------------------------------------------------------------------- */

/* The caller has set the runtime to the network's width. */
static cg_status enqueue_stage(const cg_stage *stage, cg_network *net)
{
    if (stage->dense)
        return stage->dense(net, cg_stage_algorithm(stage, &net->choice));
    if (stage->enqueue)
        return stage->enqueue(net);
    cg_conv2d call = cg_stage_conv(stage, net);
    return cg_conv2d_enqueue(net->rt, &call);
}

cg_status cg_stage_run(const cg_stage *stage, cg_network *net)
{
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    cg_status status = enqueue_stage(stage, net);
    cg_runtime_set_mode(net->rt, before);
    return status;
}

cg_status cg_network_run_step(cg_network *net)
{
    cg_status status = CG_OK;
    for (size_t i = 0; status == CG_OK && i < CG_STAGES; i++)
        status = cg_stage_run(&cg_stages[i], net);
    return status;
}

cg_status cg_network_generate(cg_network *net)
{
    cg_status status = CG_OK;
    size_t norm = 0; /* in the order of the table */
    cg_mode before = cg_choice_enter(&net->choice, net->rt);
    for (size_t i = 0; status == CG_OK && i < CG_GENERATOR_STAGES; i++)
        status = cg_stages[i].enqueue ? cg_batchnorm_inference(net->rt, &net->bn[norm++])
                                      : enqueue_stage(&cg_stages[i], net);
    cg_runtime_set_mode(net->rt, before);
    return status;
}

/* Takes one batch's statistics into the moving ones. */
static cg_status run_generator(cg_network *net)
{
    cg_status status = CG_OK;
    for (size_t i = 0; status == CG_OK && i < CG_GENERATOR_STAGES; i++)
        status = cg_stage_run(&cg_stages[i], net);
    return status;
}

/* The i-th batch moves the statistics by 1 / (i + 1) of the way: they stay the mean of all. */
cg_status cg_network_recompute(cg_network *net, size_t n, size_t batches, uint64_t seed)
{
    cg_status status = CG_OK;
    size_t fakes = net->fakes, reals = net->reals;
    const float momentum = net->bn[0].momentum;
    cg_network_set_batch(net, n, 0);
    for (size_t i = 0; i < batches; i++) {
        const cg_random noise = {.seed = seed, .stream = CG_STREAM_STATISTICS, .step = (uint32_t)i};
        for (size_t b = 0; b < CG_BATCHNORMS; b++)
            net->bn[b].momentum = (float)i / (float)(i + 1);
        CG_TRY(cg_network_draw_noise(net, n, &noise));
        CG_TRY(run_generator(net));
    }
done:
    for (size_t b = 0; b < CG_BATCHNORMS; b++)
        net->bn[b].momentum = momentum;
    cg_network_set_batch(net, fakes, reals);
    return status;
}
