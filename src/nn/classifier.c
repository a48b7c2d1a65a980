/* The classifier: a table of layers, and a loop over it in either direction. */
#include "nn/classifier.h"

#include "base/try.h"
#include "ocl/footprint.h"
#include "ops/random.h"
#include "ops/softmax.h"

#include <assert.h>
#include <stdlib.h>

/* clang-format off */
const cg_layer_spec cg_classifier_layers[CG_CLASSIFIER_LAYERS] = {
    {.name = "conv1",    .in = {CG_SIDE, 1},                        .out = {CG_SIDE2, CG_CLASSIFIER_CHANNELS1},
     .kernel = CG_KERNEL, .stride = 2,        .weight = 0},
    {.name = "conv2",    .in = {CG_SIDE2, CG_CLASSIFIER_CHANNELS1}, .out = {CG_SIDE4, CG_CLASSIFIER_CHANNELS2},
     .kernel = CG_KERNEL, .stride = 2,        .weight = 2},
    {.name = "features", .in = {CG_SIDE4, CG_CLASSIFIER_CHANNELS2}, .out = {1, CG_FEATURES},
     .kernel = CG_SIDE4,  .stride = CG_SIDE4, .weight = 4},
    {.name = "logits",   .in = {1, CG_FEATURES},                    .out = {1, CG_CLASSES},
     .kernel = 1,         .stride = 1,        .weight = 6},
};

const cg_param_spec cg_classifier_params[CG_CLASSIFIER_PARAMS] = {
    {"conv1.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, 1, CG_CLASSIFIER_CHANNELS1}, .glorot = 1},
    {"conv1.bias", 1, .dims = {CG_CLASSIFIER_CHANNELS1}},
    {"conv2.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, CG_CLASSIFIER_CHANNELS1, CG_CLASSIFIER_CHANNELS2}, .glorot = 1},
    {"conv2.bias", 1, .dims = {CG_CLASSIFIER_CHANNELS2}},
    {"features.weight", 4, .dims = {CG_SIDE4, CG_SIDE4, CG_CLASSIFIER_CHANNELS2, CG_FEATURES}, .glorot = 1},
    {"features.bias", 1, .dims = {CG_FEATURES}},
    {"logits.weight", 4, .dims = {1, 1, CG_FEATURES, CG_CLASSES}, .glorot = 1},
    {"logits.bias", 1, .dims = {CG_CLASSES}},
};
/* clang-format on */

cg_layer_spec cg_classifier_layer(size_t l, size_t classes)
{
    cg_layer_spec spec = cg_classifier_layers[l];
    if (l + 1 == CG_CLASSIFIER_LAYERS)
        spec.out.channels = classes;
    return spec;
}

cg_param_spec cg_classifier_param(size_t i, size_t classes)
{
    cg_param_spec spec = cg_classifier_params[i];
    if (i / 2 + 1 == CG_CLASSIFIER_LAYERS) /* a weight or a bias: outputs come last */
        spec.dims[spec.rank - 1] = classes;
    return spec;
}

static const bool has_dropout[CG_CLASSIFIER_LAYERS] = {false, true, true, false};

/* ---- calls ----------------------------------------------------------------------------------- */

static cg_conv2d layer_call(cg_classifier *net, size_t l, cg_pass pass, size_t n)
{
    const cg_layer_spec *spec = &net->layers[l];
    const cg_layer layer = {.spec = spec,
                            .x = net->maps[l],
                            .y = net->maps[l + 1],
                            .dx = net->gradients[l],
                            .dy = net->gradients[l + 1],
                            .weight = net->params.view[spec->weight],
                            .dweight = net->grads.view[spec->weight],
                            .scratch = &net->scratch,
                            .index = l};
    return cg_layer_conv(&layer, pass, n);
}

static cg_conv2d forward_call(cg_classifier *net, size_t l, size_t n, bool dropout)
{
    cg_conv2d call = layer_call(net, l, CG_FWD, n);
    call.epilogue = (cg_epilogue){
        .bias = net->params.view[cg_classifier_layers[l].weight + 1],
        .activation = l + 1 < CG_CLASSIFIER_LAYERS ? CG_ACT_LEAKY : CG_ACT_NONE,
        .slope = CG_CLASSIFIER_SLOPE,
        .mask = dropout ? net->masks[l] : NULL,
        .mask_scale = (float)(1 / CG_CLASSIFIER_KEEP),
    };
    return call;
}

static cg_conv2d backward_weight_call(cg_classifier *net, size_t l, size_t n)
{
    cg_conv2d call = layer_call(net, l, CG_BWD_WEIGHT, n);
    call.db = net->grads.view[cg_classifier_layers[l].weight + 1];
    return call;
}

/* The gradient at what layer l reads, through the activation and dropout of the layer before. */
static cg_conv2d backward_data_call(cg_classifier *net, size_t l, size_t n)
{
    cg_conv2d call = layer_call(net, l, CG_BWD_DATA, n);
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

static cg_status create_maps(cg_classifier *net)
{
    cg_status status = CG_OK;
    size_t n = net->max_n;
    CG_TRY(cg_layer_create_map(&net->maps[0], net->rt, n, cg_classifier_layers[0].in));
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++) {
        const cg_plane out = net->layers[l].out;
        cg_map *y = &net->maps[l + 1];
        CG_TRY(cg_layer_create_map(y, net->rt, n, out));
        if (!net->training)
            continue;
        CG_TRY(cg_layer_create_map(&net->gradients[l + 1], net->rt, n, out));
        if (has_dropout[l])
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
        CG_TRY(cg_arena_create(arenas[i], net->rt, net->specs, CG_CLASSIFIER_PARAMS));
done:
    return status;
}

/* Room for what the greediest call needs. */
static cg_status create_scratch(cg_classifier *net)
{
    cg_conv2d calls[3 * CG_CLASSIFIER_LAYERS];
    cg_scratch_size size = {0};
    size_t count = list_calls(calls, net);
    for (size_t i = 0; i < count; i++)
        cg_scratch_size_add(&size, &net->scratch, net->rt, &calls[i]);
    return cg_scratch_fit(&net->scratch, net->rt, &size);
}

static cg_status create_unchecked(cg_classifier **net, cg_runtime *rt, size_t classes, size_t max_n,
                                  bool training)
{
    cg_status status = CG_OK;
    cg_classifier *n = NULL;

    assert(max_n > 0 && classes >= CG_CLASSES_LEAST && classes <= CG_CLASSES_MOST);
    *net = NULL;
    CG_TRY(cg_memory_create(&n, 1, sizeof *n));
    n->rt = rt;
    n->classes = classes;
    n->max_n = max_n;
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++)
        n->layers[l] = cg_classifier_layer(l, classes);
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++)
        n->specs[i] = cg_classifier_param(i, classes);
    n->training = training;
    CG_TRY(create_arenas(n));
    CG_TRY(create_maps(n));
    CG_TRY(create_scratch(n));
    *net = n;
    n = NULL;
done:
    cg_classifier_release(n);
    return status;
}

/* The classifier to be created, for the plan of its memory. */
typedef struct request {
    cg_runtime *rt;
    size_t classes;
    bool training;
} request;

static cg_status plan_create(void *user, size_t batch)
{
    const request *r = user;
    cg_classifier *net;
    cg_status status = create_unchecked(&net, r->rt, r->classes, batch, r->training);
    cg_classifier_release(net);
    return status;
}

cg_status cg_classifier_create(cg_classifier **net, cg_runtime *rt, size_t classes, size_t max_n,
                               bool training)
{
    request r = {rt, classes, training};
    *net = NULL;
    cg_status status = cg_footprint_check(rt, max_n, plan_create, &r);
    return status == CG_OK ? create_unchecked(net, rt, classes, max_n, training) : status;
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
    cg_scratch_release(&net->scratch);
    cg_buffer_release(net->loss);
    free(net);
}

cg_status cg_classifier_init(cg_classifier *net, uint64_t seed)
{
    cg_status status = CG_OK;
    float *data = NULL;
    for (size_t i = 0; i < CG_CLASSIFIER_PARAMS; i++) {
        size_t size = cg_param_size(&net->specs[i]);
        CG_TRY(cg_memory_create(&data, size, sizeof *data));
        cg_param_draw(data, &net->specs[i], seed, (uint32_t)i, 0, false);
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
    const cg_random masks = {.seed = seed, .stream = CG_STREAM_DROPOUT, .layer = 1, .step = step};
    cg_buffer *buffers[2];
    size_t counts[2], count = 0;
    for (size_t l = 0; l < CG_CLASSIFIER_LAYERS; l++) {
        if (!has_dropout[l])
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
    const cg_adam adam = {.rate = rate,
                          .rate_d = rate,
                          .beta1 = CG_ADAM_BETA1,
                          .beta2 = CG_ADAM_BETA2,
                          .epsilon = CG_ADAM_EPSILON};
    const cg_adam_arrays arrays = {.p = net->params.whole,
                                   .m = net->moment1.whole,
                                   .v = net->moment2.whole,
                                   .g = net->grads.whole,
                                   .count = count,
                                   .first = count};
    return cg_adam_step(net->rt, &arrays, &adam, t);
}
