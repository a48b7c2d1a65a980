/* The tables of layers of both networks, which nothing but this ties to the tables of parameters;
 * and what a layer's geometry makes of them. Needs no device. */
#include "support.h"

#include "nn/classifier.h"

/* A network's tables. */
typedef struct net_tables {
    const cg_layer_spec *layers;
    size_t count;
    const cg_param_spec *params;
} net_tables;

static const net_tables networks[] = {
    {cg_model_layers, CG_LAYER_COUNT, cg_model_params},
    {cg_classifier_layers, CG_CLASSIFIER_LAYERS, cg_classifier_params},
};

static cg_plane large_of(const cg_layer_spec *layer)
{
    return layer->transposed ? layer->out : layer->in;
}

static cg_plane small_of(const cg_layer_spec *layer)
{
    return layer->transposed ? layer->in : layer->out;
}

/* A weight is its layer's, by name and by shape; Keras' [k, k, in, out], transposed [k, k, out,
 * in]. */
START_TEST(weights_are_the_layers)
{
    const net_tables *net = &networks[_i];
    for (size_t l = 0; l < net->count; l++) {
        const cg_layer_spec *layer = &net->layers[l];
        const cg_param_spec *weight = &net->params[layer->weight];
        char name[64];
        snprintf(name, sizeof name, "%s.weight", layer->name);
        ck_assert_str_eq(weight->name, name);
        ck_assert_uint_eq(weight->rank, 4);
        ck_assert_uint_eq(weight->dims[0], layer->kernel);
        ck_assert_uint_eq(weight->dims[1], layer->kernel);
        ck_assert_uint_eq(weight->dims[2], large_of(layer).channels);
        ck_assert_uint_eq(weight->dims[3], small_of(layer).channels);
    }
}
END_TEST

/* A layer's bias follows its weight, one number for each channel of the output. */
START_TEST(biases_follow_weights)
{
    size_t biases = 0;
    for (size_t i = 0; i < CG_COUNT(networks); i++) {
        for (size_t l = 0; l < networks[i].count; l++) {
            const cg_layer_spec *layer = &networks[i].layers[l];
            const cg_param_spec *bias = &networks[i].params[layer->weight + 1];
            char name[64];
            snprintf(name, sizeof name, "%s.bias", layer->name);
            if (strcmp(bias->name, name) != 0) /* G's layers have a batchnorm instead */
                continue;
            biases++;
            ck_assert_uint_eq(cg_param_size(bias), layer->out.channels);
        }
    }
    ck_assert_uint_eq(biases, 2 + CG_CLASSIFIER_LAYERS);
}
END_TEST

/* The sides of the table are those that the stride makes; the padding is TensorFlow's, worked out
 * by hand. */
START_TEST(geometry_is_the_tables)
{
    static const size_t dcgan_pads[] = {2, 1, 1, 1, 1}, classifier_pads[] = {1, 1, 0, 0};
    const net_tables *net = &networks[_i];
    for (size_t l = 0; l < net->count; l++) {
        const cg_layer_spec *layer = &net->layers[l];
        for (cg_pass pass = CG_FWD; pass <= CG_BWD_DATA; pass++) {
            const cg_conv2d_shape s = cg_layer_geometry(layer, pass, 3).shape;
            ck_assert_uint_eq(s.n, 3);
            ck_assert_uint_eq(s.large_h, large_of(layer).side);
            ck_assert_uint_eq(s.large_w, large_of(layer).side);
            ck_assert_uint_eq(s.large_c, large_of(layer).channels);
            ck_assert_uint_eq(s.small_h, small_of(layer).side);
            ck_assert_uint_eq(s.small_w, small_of(layer).side);
            ck_assert_uint_eq(s.small_c, small_of(layer).channels);
            ck_assert_uint_eq(s.kernel, layer->kernel);
            ck_assert_uint_eq(s.stride, layer->stride);
            ck_assert_uint_eq(s.pad_h, _i ? classifier_pads[l] : dcgan_pads[l]);
            ck_assert_uint_eq(s.pad_w, s.pad_h);
        }
    }
}
END_TEST

/* Forward goes from `in` to `out`, and so up where that is the larger map. */
START_TEST(passes_go_the_right_way)
{
    static const struct {
        cg_pass pass;
        cg_conv2d_pass plain, transposed;
    } cases[] = {{CG_FWD, CG_CONV2D_DOWN, CG_CONV2D_UP},
                 {CG_BWD_WEIGHT, CG_CONV2D_WEIGHT, CG_CONV2D_WEIGHT},
                 {CG_BWD_DATA, CG_CONV2D_UP, CG_CONV2D_DOWN}};
    for (size_t i = 0; i < CG_COUNT(cases); i++) {
        ck_assert_int_eq(cg_layer_geometry(&cg_model_layers[CG_D_CONV1], cases[i].pass, 1).pass,
                         cases[i].plain);
        ck_assert_int_eq(cg_layer_geometry(&cg_model_layers[CG_G_CONVT1], cases[i].pass, 1).pass,
                         cases[i].transposed);
    }
}
END_TEST

static void assert_follows(const cg_layer_spec *layer, const cg_layer_spec *before)
{
    ck_assert_uint_eq(layer->in.side, before->out.side);
    ck_assert_uint_eq(layer->in.channels, before->out.channels);
}

/* Each layer reads what the one before it writes; D reads what G writes. */
START_TEST(layers_follow_each_other)
{
    for (size_t i = 0; i < CG_COUNT(networks); i++)
        for (size_t l = 1; l < networks[i].count; l++)
            assert_follows(&networks[i].layers[l], &networks[i].layers[l - 1]);
    ck_assert_uint_eq(cg_model_layers[CG_G_CONVT3].out.side, CG_SIDE);
    ck_assert_uint_eq(cg_classifier_layers[CG_CLASSIFIER_LAYERS - 1].out.channels, CG_CLASSES);
}
END_TEST

/* Scratch memory has spectra for the layers of either network. */
START_TEST(spectra_for_all_layers)
{
    for (size_t i = 0; i < CG_COUNT(networks); i++)
        ck_assert_uint_le(networks[i].count, CG_SCRATCH_LAYERS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("layer");
    tcase_add_loop_test(tests, weights_are_the_layers, 0, (int)CG_COUNT(networks));
    tcase_add_test(tests, biases_follow_weights);
    tcase_add_loop_test(tests, geometry_is_the_tables, 0, (int)CG_COUNT(networks));
    tcase_add_test(tests, passes_go_the_right_way);
    tcase_add_test(tests, layers_follow_each_other);
    tcase_add_test(tests, spectra_for_all_layers);
    return run_case(tests, "nn/layer");
}
