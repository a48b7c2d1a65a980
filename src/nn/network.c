/* The network's memory: arenas, maps, moments, spectra, workspace; its initial values. */
#include "nn/network.h"

#include "base/streams.h"
#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "ops/conv2d_algorithm.h"
#include "ops/dense.h"
#include "ops/random.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---------------------------------------------------------------------------------- */

static cg_status create_map(cg_map *map, cg_runtime *rt, size_t n, size_t side, size_t channels)
{
    *map = (cg_map){.n = n, .h = side, .w = side, .c = channels};
    return n ? cg_buffer_create(&map->buffer, rt, cg_map_floats(map) * sizeof(float)) : CG_OK;
}

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
    cg_runtime *rt = net->rt;
    size_t n = net->max_fakes, backward = net->max_reals ? n : 0;
    CG_TRY(create_floats(&net->noise, rt, n * CG_NOISE));
    CG_TRY(create_map(&net->images, rt, n + net->max_reals, CG_SIDE, 1));
    CG_TRY(create_map(&net->h0, rt, n, CG_SIDE4, CG_G_CHANNELS0));
    CG_TRY(create_map(&net->h1, rt, n, CG_SIDE4, CG_G_CHANNELS1));
    CG_TRY(create_map(&net->h2, rt, n, CG_SIDE2, CG_G_CHANNELS2));
    CG_TRY(create_map(&net->dh0, rt, backward, CG_SIDE4, CG_G_CHANNELS0));
    CG_TRY(create_map(&net->dh1, rt, backward, CG_SIDE4, CG_G_CHANNELS1));
    CG_TRY(create_map(&net->dh2, rt, backward, CG_SIDE2, CG_G_CHANNELS2));
    CG_TRY(create_map(&net->dimages, rt, backward, CG_SIDE, 1));
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
    CG_TRY(create_map(&net->a1, rt, n, CG_SIDE2, CG_D_CHANNELS1));
    CG_TRY(create_map(&net->a2, rt, n, CG_SIDE4, CG_D_CHANNELS2));
    CG_TRY(create_map(&net->da1, rt, n, CG_SIDE2, CG_D_CHANNELS1));
    CG_TRY(create_map(&net->da2, rt, n, CG_SIDE4, CG_D_CHANNELS2));
    CG_TRY(cg_buffer_create(&net->mask1, rt, cg_map_floats(&net->a1)));
    CG_TRY(cg_buffer_create(&net->mask2, rt, cg_map_floats(&net->a2)));
    CG_TRY(create_floats(&net->logits, rt, n));
    CG_TRY(create_floats(&net->factor_d, rt, n));
    CG_TRY(create_floats(&net->factor_g, rt, net->max_fakes));
    CG_TRY(cg_buffer_create(&net->metrics, rt, net->metric_rows * sizeof(cg_metrics)));
done:
    return status;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The workspace is what the largest operation of a step needs, at the largest batch. */
static size_t workspace_bytes(cg_network *net)
{
    size_t count, bytes = 0;
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < count; i++) {
        if (stages[i].conv) {
            cg_conv2d call = cg_stage_conv(&stages[i], net);
            bytes = max_size(bytes, cg_conv2d_workspace(net->rt, &call));
        }
    }
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        bytes = max_size(bytes, cg_batchnorm_workspace(&net->bn[i]));
    return max_size(bytes, cg_dense_column_workspace(&net->a2, net->a2.n));
}

/* *buffer has at least so many bytes; what it held is lost when it has to grow. */
static cg_status make_room(cg_buffer **buffer, cg_runtime *rt, size_t bytes)
{
    if (!bytes || (*buffer && (*buffer)->bytes >= bytes))
        return CG_OK;
    cg_buffer_release(*buffer);
    return cg_buffer_create(buffer, rt, bytes);
}

static cg_status make_spectra(cg_network *net)
{
    cg_status status = CG_OK;
    size_t count, bytes[CG_SPECTRA] = {0};
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < count; i++) {
        if (!stages[i].conv)
            continue;
        cg_conv2d call = cg_stage_conv(&stages[i], net);
        for (size_t o = 0; o < CG_CONV2D_OPERANDS && call.shape.n; o++) {
            size_t index = (size_t)(call.spectrum[o] - net->spectra);
            bytes[index] =
                max_size(bytes[index], cg_conv2d_spectrum(net->rt, &call, (cg_conv2d_operand)o));
        }
    }
    for (size_t i = 0; i < CG_SPECTRA; i++) {
        net->spectra[i].source = NULL;
        CG_TRY(make_room(&net->spectra[i].buffer, net->rt, bytes[i]));
    }
done:
    return status;
}

/* Room for each map's moments, whoever takes them: the stage that writes it or its batchnorm. */
static cg_status make_moments(cg_network *net)
{
    cg_status status = CG_OK;
    size_t count, partials[CG_BATCHNORMS];
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        partials[i] = cg_moments_partials(&net->bn[i].x, net->bn[i].groups);
    for (size_t i = 0; i < count; i++) {
        cg_conv2d call = stages[i].conv ? cg_stage_conv(&stages[i], net) : (cg_conv2d){0};
        if (call.moments) {
            size_t *most = &partials[call.moments - net->moments];
            *most = max_size(*most, cg_conv2d_moments(net->rt, &call));
        }
    }
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        CG_TRY(make_room(&net->moments[i].buffer, net->rt,
                         cg_moments_bytes(&net->bn[i].x, net->bn[i].groups, partials[i])));
done:
    return status;
}

/* Whether all passes of a layer are by `fourier`. */
static bool is_by_fourier(const cg_network *net, const char *name)
{
    size_t count;
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < count; i++) {
        if (!stages[i].conv || strcmp(stages[i].name, name) != 0)
            continue;
        cg_conv2d call = cg_stage_conv(&stages[i], net);
        if (cg_conv2d_choose(net->rt, &call) != &cg_conv2d_fourier)
            return false;
    }
    return true;
}

cg_status cg_network_apply(cg_network *net, const cg_choice *choice)
{
    cg_status status = CG_OK;
    size_t fakes = net->fakes, reals = net->reals;
    net->choice = *choice;
    net->rt->vec = choice->vec ? choice->vec : *cg_runtime_widths(net->rt);
    cg_network_set_batch(net, net->max_fakes, net->max_reals);
    net->conv2_reads_spectrum = net->max_reals && !net->maps_only && is_by_fourier(net, "d.conv2");
    CG_TRY(make_spectra(net));
    CG_TRY(make_moments(net));
    CG_TRY(make_room(&net->workspace, net->rt, workspace_bytes(net)));
done:
    cg_network_set_batch(net, fakes, reals); /* the layers take the workspace */
    return status;
}

static cg_status create_state(cg_network *net)
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

cg_status cg_network_create(cg_network **net, cg_runtime *rt, size_t max_fakes, size_t max_reals,
                            size_t metric_rows, const char *algorithms)
{
    cg_status status = CG_OK;
    cg_network *n = NULL;
    cg_choice choice;

    assert(max_fakes > 0);
    *net = NULL;
    CG_TRY(cg_memory_create(&n, 1, sizeof *n));
    n->rt = rt;
    n->max_fakes = max_fakes;
    n->max_reals = max_reals;
    n->metric_rows = metric_rows;
    CG_TRY(cg_choice_parse(&choice, rt, algorithms));
    n->adam =
        (cg_adam){CG_ADAM_RATE, CG_ADAM_RATE, CG_ADAM_BETA1, CG_ADAM_BETA2, CG_ADAM_EPSILON, 0};
    CG_TRY(cg_memory_create(&n->spectra, CG_SPECTRA, sizeof *n->spectra));
    CG_TRY(cg_memory_create(&n->moments, CG_BATCHNORMS, sizeof *n->moments));
    CG_TRY(create_state(n));
    CG_TRY(create_generator(n));
    if (max_reals)
        CG_TRY(create_discriminator(n));
    cg_network_set_batch(n, max_fakes, max_reals);
    CG_TRY(cg_network_apply(n, &choice));
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
    cg_buffer *const buffers[] = {
        net->noise,      net->images.buffer, net->h0.buffer,  net->h1.buffer,      net->h2.buffer,
        net->dh0.buffer, net->dh1.buffer,    net->dh2.buffer, net->dimages.buffer, net->a1.buffer,
        net->a2.buffer,  net->da1.buffer,    net->da2.buffer, net->mask1,          net->mask2,
        net->logits,     net->factor_d,      net->factor_g,   net->metrics,        net->workspace,
    };
    for (size_t i = 0; i < CG_COUNT(buffers); i++)
        cg_buffer_release(buffers[i]);
    for (size_t i = 0; i < CG_BATCHNORMS; i++) {
        cg_buffer_release(net->bn[i].mean);
        cg_buffer_release(net->bn[i].inv_std);
        cg_buffer_release(net->bn[i].scale);
        cg_buffer_release(net->bn[i].shift);
    }
    for (size_t i = 0; i < CG_ARENA_COUNT; i++)
        cg_arena_release(&net->arenas[i]);
    cg_arena_release(&net->stats);
    for (size_t i = 0; net->spectra && i < CG_SPECTRA; i++)
        cg_buffer_release(net->spectra[i].buffer);
    free(net->spectra);
    for (size_t i = 0; net->moments && i < CG_BATCHNORMS; i++)
        cg_buffer_release(net->moments[i].buffer);
    free(net->moments);
    free(net);
}

void cg_network_set_batch(cg_network *net, size_t fakes, size_t reals)
{
    assert(fakes > 0 && fakes <= net->max_fakes && reals <= net->max_reals);
    cg_map *const g_maps[] = {&net->h0,  &net->h1,  &net->h2,     &net->dh0,
                              &net->dh1, &net->dh2, &net->dimages};
    cg_map *const d_maps[] = {&net->images, &net->a1, &net->a2, &net->da1, &net->da2};
    for (size_t i = 0; i < CG_COUNT(g_maps); i++)
        g_maps[i]->n = fakes;
    for (size_t i = 0; i < CG_COUNT(d_maps); i++)
        d_maps[i]->n = fakes + reals;
    net->fakes = fakes;
    net->reals = reals;
    const cg_map *const normalised[CG_BATCHNORMS] = {&net->h0, &net->h1, &net->h2};
    for (size_t i = 0; i < CG_BATCHNORMS; i++) {
        net->bn[i].x = *normalised[i];
        net->bn[i].workspace = net->workspace;
    }
}

cg_conv2d cg_network_conv(const cg_network *net, cg_param_id weight, cg_conv2d_pass pass, size_t n)
{
    const cg_param_spec *spec = &cg_model_params[weight];
    size_t large_c = spec->dims[2], small_c = spec->dims[3];
    size_t side = large_c == 1 ? CG_SIDE : weight == CG_G_CONVT1_WEIGHT ? CG_SIDE4 : CG_SIDE2;
    size_t stride = weight == CG_G_CONVT1_WEIGHT ? 1 : 2;
    cg_arena_id arena = pass == CG_CONV2D_WEIGHT ? CG_ARENA_GRADS : CG_ARENA_PARAMS;
    bool transposed = weight < CG_D_CONV1_WEIGHT; /* G's: from the small map to the large one */
    cg_conv2d_operand in = transposed ? CG_CONV2D_SMALL : CG_CONV2D_LARGE;
    cg_conv2d_operand out = transposed ? CG_CONV2D_LARGE : CG_CONV2D_SMALL;
    cg_conv2d_pass bwd_data = transposed ? CG_CONV2D_DOWN : CG_CONV2D_UP;
    cg_conv2d call = {
        .pass = pass,
        .shape = cg_conv2d_shape_same(n, side, side, large_c, small_c, spec->dims[0], stride),
        .weight = net->arenas[arena].view[weight],
        .workspace = net->workspace,
    };
    call.spectrum[in] = &net->spectra[weight];
    call.spectrum[out] = &net->spectra[CG_SPECTRUM_OUTPUT];
    call.spectrum[CG_CONV2D_WEIGHTS] =
        &net->spectra[pass == CG_CONV2D_WEIGHT ? CG_SPECTRUM_GRADIENT
                                               : CG_SPECTRUM_WEIGHTS + (size_t)weight];
    call.unchanged[in] = pass == CG_CONV2D_WEIGHT;
    call.unchanged[out] = pass == bwd_data;
    call.unchanged[CG_CONV2D_WEIGHTS] = pass == bwd_data;
    return call;
}

/* ---- initialisation -------------------------------------------------------------------------- */

cg_status cg_network_sample_inputs(cg_network *net, uint64_t seed, uint32_t step)
{
    cg_status status = CG_OK;
    const cg_random noise = {seed, CG_STREAM_NOISE, 0, step},
                    masks = {seed, CG_STREAM_DROPOUT, 1, step};
    cg_buffer *const buffers[] = {net->mask1, net->mask2};
    const size_t counts[] = {cg_map_floats(&net->a1), cg_map_floats(&net->a2)};

    CG_TRY(cg_random_normal(net->rt, net->noise, net->fakes * CG_NOISE, &noise));
    CG_TRY(cg_random_masks(net->rt, buffers, counts, CG_DROPOUT_KEEP, &masks));
done:
    return status;
}

cg_status cg_network_init(cg_network *net, uint64_t seed, double deviation)
{
    cg_status status = CG_OK;
    float *data = NULL;
    CG_TRY(cg_memory_create(&data, CG_NOISE * CG_DENSE_FEATURES, sizeof *data)); /* the largest */
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        cg_param_draw(data, &cg_model_params[id], seed, (uint32_t)id, deviation);
        CG_TRY(cg_network_upload_param(net, CG_ARENA_PARAMS, id, data));
        if (net->arenas[CG_ARENA_AVERAGE].whole && id < CG_G_PARAM_COUNT)
            CG_TRY(cg_network_upload_param(net, CG_ARENA_AVERAGE, id, data));
    }
    for (cg_stat_id id = 0; id < CG_STAT_COUNT; id++) {
        cg_param_draw(data, &cg_model_stats[id], seed, 0, 0);
        CG_TRY(cg_network_upload_stat(net, id, data));
    }
    for (cg_arena_id arena = CG_ARENA_MOMENT1; arena <= CG_ARENA_MOMENT2; arena++)
        if (net->arenas[arena].whole)
            CG_TRY(cg_buffer_fill(net->arenas[arena].whole, 0));
done:
    free(data);
    return status;
}
