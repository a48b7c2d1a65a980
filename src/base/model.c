/* The tables of the network: its convolutions and its parameters. */
#include "base/model.h"

#include <math.h>

/* clang-format off */
const cg_layer_spec cg_model_layers[CG_LAYER_COUNT] = {
    [CG_G_CONVT1] = {.name = "g.convt1", .in = {CG_SIDE4, CG_G_CHANNELS0}, .out = {CG_SIDE4, CG_G_CHANNELS1},
                     .kernel = CG_KERNEL, .stride = 1, .transposed = 1, .weight = CG_G_CONVT1_WEIGHT},
    [CG_G_CONVT2] = {.name = "g.convt2", .in = {CG_SIDE4, CG_G_CHANNELS1}, .out = {CG_SIDE2, CG_G_CHANNELS2},
                     .kernel = CG_KERNEL, .stride = 2, .transposed = 1, .weight = CG_G_CONVT2_WEIGHT},
    [CG_G_CONVT3] = {.name = "g.convt3", .in = {CG_SIDE2, CG_G_CHANNELS2}, .out = {CG_SIDE, 1},
                     .kernel = CG_KERNEL, .stride = 2, .transposed = 1, .weight = CG_G_CONVT3_WEIGHT},
    [CG_D_CONV1]  = {.name = "d.conv1", .in = {CG_SIDE, 1}, .out = {CG_SIDE2, CG_D_CHANNELS1},
                     .kernel = CG_KERNEL, .stride = 2, .weight = CG_D_CONV1_WEIGHT},
    [CG_D_CONV2]  = {.name = "d.conv2", .in = {CG_SIDE2, CG_D_CHANNELS1}, .out = {CG_SIDE4, CG_D_CHANNELS2},
                     .kernel = CG_KERNEL, .stride = 2, .weight = CG_D_CONV2_WEIGHT},
};

const cg_param_spec cg_model_params[CG_PARAM_COUNT] = {
    [CG_G_DENSE_WEIGHT]  = {"g.dense.weight", 2, .dims = {CG_NOISE, CG_DENSE_FEATURES}, .glorot = 1},
    [CG_G_BN0_GAMMA]     = {"g.bn0.gamma", 1, .dims = {CG_DENSE_FEATURES}, .constant = 1},
    [CG_G_BN0_BETA]      = {"g.bn0.beta", 1, .dims = {CG_DENSE_FEATURES}},
    [CG_G_CONVT1_WEIGHT] = {"g.convt1.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, CG_G_CHANNELS1, CG_G_CHANNELS0}, .glorot = 1},
    [CG_G_BN1_GAMMA]     = {"g.bn1.gamma", 1, .dims = {CG_G_CHANNELS1}, .constant = 1},
    [CG_G_BN1_BETA]      = {"g.bn1.beta", 1, .dims = {CG_G_CHANNELS1}},
    [CG_G_CONVT2_WEIGHT] = {"g.convt2.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, CG_G_CHANNELS2, CG_G_CHANNELS1}, .glorot = 1},
    [CG_G_BN2_GAMMA]     = {"g.bn2.gamma", 1, .dims = {CG_G_CHANNELS2}, .constant = 1},
    [CG_G_BN2_BETA]      = {"g.bn2.beta", 1, .dims = {CG_G_CHANNELS2}},
    [CG_G_CONVT3_WEIGHT] = {"g.convt3.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, 1, CG_G_CHANNELS2}, .glorot = 1},
    [CG_D_CONV1_WEIGHT]  = {"d.conv1.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, 1, CG_D_CHANNELS1}, .glorot = 1},
    [CG_D_CONV1_BIAS]    = {"d.conv1.bias", 1, .dims = {CG_D_CHANNELS1}},
    [CG_D_CONV2_WEIGHT]  = {"d.conv2.weight", 4, .dims = {CG_KERNEL, CG_KERNEL, CG_D_CHANNELS1, CG_D_CHANNELS2}, .glorot = 1},
    [CG_D_CONV2_BIAS]    = {"d.conv2.bias", 1, .dims = {CG_D_CHANNELS2}},
    [CG_D_DENSE_WEIGHT]  = {"d.dense.weight", 2, .dims = {CG_D_FEATURES, 1}, .glorot = 1},
    [CG_D_DENSE_BIAS]    = {"d.dense.bias", 1, .dims = {1}},
};

const cg_param_spec cg_model_stats[CG_STAT_COUNT] = {
    [CG_BN0_MOVING_MEAN]     = {"g.bn0.moving_mean", 1, .dims = {CG_DENSE_FEATURES}},
    [CG_BN0_MOVING_VARIANCE] = {"g.bn0.moving_variance", 1, .dims = {CG_DENSE_FEATURES}, .constant = 1},
    [CG_BN1_MOVING_MEAN]     = {"g.bn1.moving_mean", 1, .dims = {CG_G_CHANNELS1}},
    [CG_BN1_MOVING_VARIANCE] = {"g.bn1.moving_variance", 1, .dims = {CG_G_CHANNELS1}, .constant = 1},
    [CG_BN2_MOVING_MEAN]     = {"g.bn2.moving_mean", 1, .dims = {CG_G_CHANNELS2}},
    [CG_BN2_MOVING_VARIANCE] = {"g.bn2.moving_variance", 1, .dims = {CG_G_CHANNELS2}, .constant = 1},
};
/* clang-format on */

size_t cg_param_size(const cg_param_spec *spec)
{
    size_t size = 1;
    for (size_t i = 0; i < spec->rank; i++)
        size *= spec->dims[i];
    return size;
}

double cg_param_glorot_limit(const cg_param_spec *spec)
{
    double field = 1;
    for (size_t i = 0; i + 2 < spec->rank; i++)
        field *= (double)spec->dims[i];
    double fans = field * (double)(spec->dims[spec->rank - 2] + spec->dims[spec->rank - 1]);
    return sqrt(6.0 / fans);
}
