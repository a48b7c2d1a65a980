/* The table of the network's parameters. */
#include "base/model.h"

#include <math.h>

/* clang-format off */
const cg_param_spec cg_model_params[CG_PARAM_COUNT] = {
    [CG_G_DENSE_WEIGHT]  = {"g.dense.weight", 2, {CG_NOISE, CG_DENSE_FEATURES}, 0, 1},
    [CG_G_BN0_GAMMA]     = {"g.bn0.gamma", 1, {CG_DENSE_FEATURES}, 1, 0},
    [CG_G_BN0_BETA]      = {"g.bn0.beta", 1, {CG_DENSE_FEATURES}, 0, 0},
    [CG_G_CONVT1_WEIGHT] = {"g.convt1.weight", 4, {CG_KERNEL, CG_KERNEL, CG_G_CHANNELS1, CG_G_CHANNELS0}, 0, 1},
    [CG_G_BN1_GAMMA]     = {"g.bn1.gamma", 1, {CG_G_CHANNELS1}, 1, 0},
    [CG_G_BN1_BETA]      = {"g.bn1.beta", 1, {CG_G_CHANNELS1}, 0, 0},
    [CG_G_CONVT2_WEIGHT] = {"g.convt2.weight", 4, {CG_KERNEL, CG_KERNEL, CG_G_CHANNELS2, CG_G_CHANNELS1}, 0, 1},
    [CG_G_BN2_GAMMA]     = {"g.bn2.gamma", 1, {CG_G_CHANNELS2}, 1, 0},
    [CG_G_BN2_BETA]      = {"g.bn2.beta", 1, {CG_G_CHANNELS2}, 0, 0},
    [CG_G_CONVT3_WEIGHT] = {"g.convt3.weight", 4, {CG_KERNEL, CG_KERNEL, 1, CG_G_CHANNELS2}, 0, 1},
    [CG_D_CONV1_WEIGHT]  = {"d.conv1.weight", 4, {CG_KERNEL, CG_KERNEL, 1, CG_D_CHANNELS1}, 0, 1},
    [CG_D_CONV1_BIAS]    = {"d.conv1.bias", 1, {CG_D_CHANNELS1}, 0, 0},
    [CG_D_CONV2_WEIGHT]  = {"d.conv2.weight", 4, {CG_KERNEL, CG_KERNEL, CG_D_CHANNELS1, CG_D_CHANNELS2}, 0, 1},
    [CG_D_CONV2_BIAS]    = {"d.conv2.bias", 1, {CG_D_CHANNELS2}, 0, 0},
    [CG_D_DENSE_WEIGHT]  = {"d.dense.weight", 2, {CG_D_FEATURES, 1}, 0, 1},
    [CG_D_DENSE_BIAS]    = {"d.dense.bias", 1, {1}, 0, 0},
};

const cg_param_spec cg_model_stats[CG_STAT_COUNT] = {
    [CG_BN0_MOVING_MEAN]     = {"g.bn0.moving_mean", 1, {CG_DENSE_FEATURES}, 0, 0},
    [CG_BN0_MOVING_VARIANCE] = {"g.bn0.moving_variance", 1, {CG_DENSE_FEATURES}, 1, 0},
    [CG_BN1_MOVING_MEAN]     = {"g.bn1.moving_mean", 1, {CG_G_CHANNELS1}, 0, 0},
    [CG_BN1_MOVING_VARIANCE] = {"g.bn1.moving_variance", 1, {CG_G_CHANNELS1}, 1, 0},
    [CG_BN2_MOVING_MEAN]     = {"g.bn2.moving_mean", 1, {CG_G_CHANNELS2}, 0, 0},
    [CG_BN2_MOVING_VARIANCE] = {"g.bn2.moving_variance", 1, {CG_G_CHANNELS2}, 1, 0},
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
