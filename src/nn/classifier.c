/* The classifier: a table of layers, and a loop over it in either direction. */
#include "nn/classifier.h"

#include "base/try.h"
#include "ops/random.h"
#include "ops/softmax.h"

#include <assert.h>
#include <stdlib.h>

enum { SPECTRUM_OUTPUT = 2 * CG_CLASSIFIER_LAYERS, SPECTRUM_GRADIENT };

/* A layer takes a map of side x side pixels to one of ceil(side / stride). */
typedef struct layer {
    size_t side, in, out, kernel, stride;
    bool dropout;
} layer;

static const layer layers[CG_CLASSIFIER_LAYERS] = {
    {CG_SIDE, 1, 32, 5, 2, false},
    {CG_SIDE2, 32, 64, 5, 2, true},
    {CG_SIDE4, 64, CG_FEATURES, CG_SIDE4, CG_SIDE4, true},
    {1, CG_FEATURES, CG_CLASSES, 1, 1, false},
};

const cg_param_spec cg_classifier_params[CG_CLASSIFIER_PARAMS] = {
    {"conv1.weight", 4, {5, 5, 1, 32}, 0, 1},
    {"conv1.bias", 1, {32}, 0, 0},
    {"conv2.weight", 4, {5, 5, 32, 64}, 0, 1},
    {"conv2.bias", 1, {64}, 0, 0},
    {"features.weight", 4, {CG_SIDE4, CG_SIDE4, 64, CG_FEATURES}, 0, 1},
    {"features.bias", 1, {CG_FEATURES}, 0, 0},
    {"logits.weight", 4, {1, 1, CG_FEATURES, CG_CLASSES}, 0, 1},
    {"logits.bias", 1, {CG_CLASSES}, 0, 0},
};

/* ---- calls ----------------------------------------------------------------------------------- */

/* Layer l's convolution in one of its passes, without an epilogue. Passes of a layer run in the
 * order forward, weight gradient, input gradient, and find the transforms of those before. */
static cg_conv2d layer_call(cg_classifier *net, size_t l, cg_conv2d_pass pass, size_t n)
{
    const layer *y = &layers[l];
    const cg_arena *arena = pass == CG_CONV2D_WEIGHT ? &net->grads : &net->params;
    cg_conv2d call = {
        .pass = pass,
        .shape = cg_conv2d_shape_same(n, y->side, y->side, y->in, y->out, y->kernel, y->stride),
        .large = pass == CG_CONV2D_UP ? net->gradients[l] : net->maps[l],
        .small = pass == CG_CONV2D_DOWN ? net->maps[l + 1] : net->gradients[l + 1],
        .weight = arena->view[2 * l],
        .workspace = net->workspace,
    };
    call.spectrum[CG_CONV2D_LARGE] = &net->spectra[l];
    call.spectrum[CG_CONV2D_SMALL] = &net->spectra[SPECTRUM_OUTPUT];
    call.spectrum[CG_CONV2D_WEIGHTS] =
        &net->spectra[pass == CG_CONV2D_WEIGHT ? SPECTRUM_GRADIENT : CG_CLASSIFIER_LAYERS + l];
    call.unchanged[CG_CONV2D_LARGE] = pass == CG_CONV2D_WEIGHT;
    call.unchanged[CG_CONV2D_SMALL] = call.unchanged[CG_CONV2D_WEIGHTS] = pass == CG_CONV2D_UP;
    return call;
}

static cg_conv2d forward_call(cg_classifier *net, size_t l, size_t n, bool dropout)
{
    cg_conv2d call = layer_call(net, l, CG_CONV2D_DOWN, n);
    call.epilogue = (cg_epilogue){
        .bias = net->params.view[2 * l + 1],
        .activation = l + 1 < CG_CLASSIFIER_LAYERS ? CG_ACT_LEAKY : CG_ACT_NONE,
        .slope = CG_CLASSIFIER_SLOPE,
        .mask = dropout ? net->masks[l] : NULL,
        .mask_scale = (float)(1 / CG_CLASSIFIER_KEEP),
    };
    return call;
}

static cg_conv2d backward_weight_call(cg_classifier *net, size_t l, size_t n)
{
    cg_conv2d call = layer_call(net, l, CG_CONV2D_WEIGHT, n);
    call.db = net->grads.view[2 * l + 1];
    return call;
}

/* The gradient at what layer l reads, through the activation and dropout of the layer before. */
static cg_conv2d backward_data_call(cg_classifier *net, size_t l, size_t n)
{
    cg_conv2d call = layer_call(net, l, CG_CONV2D_UP, n);
    call.epilogue = (cg_epilogue){
        .activation = CG_ACT_LEAKY_GRAD,
        .slope = CG_CLASSIFIER_SLOPE,
        .saved = net->maps[l].buffer,
        .mask = net->masks[l - 1],
        .mask_scale = (float)(1 / CG_CLASSIFIER_KEEP),
    };
    return call;
}

/* Every call there is, for what each needs: calls[] has room for three a layer. */
static size_t list_calls(cg_conv2d *calls, cg_classifier *net)
{
    size_t count = 0;
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++) {
        calls[count++] = forward_call(net, l, net->max_n, net->training);
        if (net->training)
            calls[count++] = backward_weight_call(net, l, net->max_n);
        if (net->training && l > 0)
            calls[count++] = backward_data_call(net, l, net->max_n);
    }
    return count;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static cg_status create_map(cg_map *map, cg_runtime *rt, size_t n, size_t side, size_t channels)
{
    *map = (cg_map){.n = n, .h = side, .w = side, .c = channels};
    return cg_buffer_create(&map->buffer, rt, cg_map_floats(map) * sizeof(float));
}

static cg_status create_maps(cg_classifier *net)
{
    cg_status status = CG_OK;
    size_t n = net->max_n;
    CG_TRY(create_map(&net->maps[0], net->rt, n, CG_SIDE, 1));
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++) {
        size_t side = cg_ceil_div(layers[l].side, layers[l].stride);
        cg_map *y = &net->maps[l + 1];
        CG_TRY(create_map(y, net->rt, n, side, layers[l].out));
        if (!net->training)
            continue;
        CG_TRY(create_map(&net->gradients[l + 1], net->rt, n, side, layers[l].out));
        if (layers[l].dropout)
            CG_TRY(cg_buffer_create(&net->masks[l], net->rt,
                                    cg_round_up(cg_map_floats(y), CG_MASK_GROUP)));
    }
    CG_TRY(cg_buffer_create(&net->loss, net->rt, n * sizeof(float)));
done:
    return status;
}

static cg_status create_arenas(cg_classifier *net)
{
    cg_status status = CG_OK;
    cg_arena *const arenas[] = {&net->params, &net->grads, &net->moment1, &net->moment2};
    for (size_t i = 0; i < (net->training ? CG_COUNT(arenas) : 1); i++)
        CG_TRY(cg_arena_create(arenas[i], net->rt, cg_classifier_params, CG_CLASSIFIER_PARAMS));
done:
    return status;
}

static void raise_to(size_t *most, size_t bytes)
{
    if (*most < bytes)
        *most = bytes;
}

/* Room for what the greediest call needs. */
static cg_status create_rooms(cg_classifier *net)
{
    cg_status status = CG_OK;
    cg_conv2d calls[3 * CG_CLASSIFIER_LAYERS];
    size_t count = list_calls(calls, net), workspace = 0, spectra[CG_CLASSIFIER_SPECTRA] = {0};
    for (size_t i = 0; i < count; i++) {
        raise_to(&workspace, cg_conv2d_workspace(net->rt, &calls[i]));
        for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++)
            raise_to(&spectra[calls[i].spectrum[o] - net->spectra],
                     cg_conv2d_spectrum(net->rt, &calls[i], (cg_conv2d_operand)o));
    }
    if (workspace)
        CG_TRY(cg_buffer_create(&net->workspace, net->rt, workspace));
    for (size_t i = 0; i < CG_CLASSIFIER_SPECTRA; i++)
        if (spectra[i])
            CG_TRY(cg_buffer_create(&net->spectra[i].buffer, net->rt, spectra[i]));
done:
    return status;
}

cg_status cg_classifier_create(cg_classifier **net, cg_runtime *rt, size_t max_n, bool training)
{
    cg_status status = CG_OK;
    cg_classifier *n = NULL;

    assert(max_n > 0);
    *net = NULL;
    CG_TRY(cg_memory_create(&n, 1, sizeof *n));
    n->rt = rt;
    n->max_n = max_n;
    n->training = training;
    CG_TRY(create_arenas(n));
    CG_TRY(create_maps(n));
    CG_TRY(create_rooms(n));
    *net = n;
    n = NULL;
done:
    cg_classifier_release(n);
    return status;
}

void cg_classifier_release(cg_classifier *net)
{
    if (!net)
        return;
    cg_arena *const arenas[] = {&net->params, &net->grads, &net->moment1, &net->moment2};
    for (size_t i = 0; i < CG_COUNT(arenas); i++)
        cg_arena_release(arenas[i]);
    for (size_t i = 0; i <= CG_CLASSIFIER_LAYERS; i++) {
        cg_buffer_release(net->maps[i].buffer);
        cg_buffer_release(net->gradients[i].buffer);
    }
    for (size_t i = 0; i < CG_CLASSIFIER_LAYERS; i++)
        cg_buffer_release(net->masks[i]);
    for (size_t i = 0; i < CG_CLASSIFIER_SPECTRA; i++)
        cg_buffer_release(net->spectra[i].buffer);
    cg_buffer_release(net->loss);
    cg_buffer_release(net->workspace);
    free(net);
}

cg_status cg_classifier_init(cg_classifier *net, uint64_t seed)
{
    cg_status status = CG_OK;
    float *data = NULL;
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++) {
        size_t size = cg_param_size(&cg_classifier_params[i]);
        CG_TRY(cg_memory_create(&data, size, sizeof *data));
        cg_param_draw(data, &cg_classifier_params[i], seed, (uint32_t)i, 0);
        CG_TRY(cg_buffer_upload(net->params.view[i], 0, data, size * sizeof *data));
        free(data);
        data = NULL;
    }
    CG_TRY(cg_buffer_fill(net->moment1.whole, 0));
    CG_TRY(cg_buffer_fill(net->moment2.whole, 0));
done:
    free(data);
    return status;
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* The table has dropout behind two layers. */
cg_status cg_classifier_draw(cg_classifier *net, uint64_t seed, uint32_t step)
{
    const cg_random masks = {seed, CG_STREAM_DROPOUT, 1, step};
    cg_buffer *buffers[2];
    size_t counts[2], count = 0;
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++) {
        if (!layers[l].dropout)
            continue;
        assert(count < 2);
        buffers[count] = net->masks[l];
        counts[count++] = cg_map_floats(&net->maps[l + 1]);
    }
    return cg_random_masks(net->rt, buffers, counts, CG_CLASSIFIER_KEEP, &masks);
}

cg_status cg_classifier_fwd(cg_classifier *net, size_t n, bool dropout)
{
    cg_status status = CG_OK;
    for (size_t l = 0; status == CG_OK && l < CG_CLASSIFIER_LAYERS; l++) {
        cg_conv2d call = forward_call(net, l, n, dropout);
        status = cg_conv2d_enqueue(net->rt, &call);
    }
    return status;
}

cg_status cg_classifier_bwd(cg_classifier *net, const cg_buffer *labels, size_t first, size_t n)
{
    cg_status status = CG_OK;
    CG_TRY(cg_softmax_loss(net->rt, &net->gradients[CG_CLASSIFIER_LAYERS], net->loss,
                           &net->maps[CG_CLASSIFIER_LAYERS], labels, first, n));
    for (size_t l = CG_CLASSIFIER_LAYERS; l-- > 0;) {
        cg_conv2d weight = backward_weight_call(net, l, n);
        CG_TRY(cg_conv2d_enqueue(net->rt, &weight));
        if (l == 0)
            break;
        cg_conv2d data = backward_data_call(net, l, n);
        CG_TRY(cg_conv2d_enqueue(net->rt, &data));
    }
done:
    return status;
}

cg_status cg_classifier_update(cg_classifier *net, double rate, uint64_t t)
{
    size_t count = cg_arena_floats(&net->params);
    const cg_adam adam = {rate, rate, CG_ADAM_BETA1, CG_ADAM_BETA2, CG_ADAM_EPSILON, 0};
    const cg_adam_arrays arrays = {net->params.whole,
                                   net->moment1.whole,
                                   net->moment2.whole,
                                   net->grads.whole,
                                   NULL,
                                   count,
                                   count};
    return cg_adam_step(net->rt, &arrays, &adam, t);
}
