/* The generator. Batchnorm i and its LeakyReLU are applied when transposed convolution i + 1 loads
 * its map (prologue), so that the normalised map is never written. */
#include "nn/generator.h"

#include "ops/dense.h"

/* The batchnorm in front of a transposed convolution. */
static const cg_batchnorm *norm_before(const cg_network *net, cg_layer_id layer)
{
    return &net->bn[layer - CG_G_CONVT1];
}

/* ---- forward --------------------------------------------------------------------------------- */

cg_status cg_generator_dense_fwd(cg_network *net, const char *algorithm)
{
    return cg_dense_fwd(net->rt, &net->h0, net->noise,
                        net->arenas[CG_ARENA_PARAMS].view[CG_G_DENSE_WEIGHT], CG_NOISE,
                        net->bn[0].moments, algorithm);
}

cg_status cg_generator_bn0_fwd(cg_network *net)
{
    return cg_batchnorm_fwd(net->rt, &net->bn[0]);
}

cg_status cg_generator_bn1_fwd(cg_network *net)
{
    return cg_batchnorm_fwd(net->rt, &net->bn[1]);
}

cg_status cg_generator_bn2_fwd(cg_network *net)
{
    return cg_batchnorm_fwd(net->rt, &net->bn[2]);
}

void cg_generator_fuse_fwd(cg_conv2d *call, const cg_network *net, cg_layer_id layer)
{
    call->small_prologue = cg_batchnorm_prologue(norm_before(net, layer));
    if (layer == CG_G_CONVT3)
        call->epilogue.activation = CG_ACT_TANH;
    else
        call->moments = norm_before(net, layer + 1)->moments;
}

/* ---- backward -------------------------------------------------------------------------------- */

void cg_generator_fuse_bwd_weight(cg_conv2d *call, const cg_network *net, cg_layer_id layer)
{
    call->small_prologue = cg_batchnorm_prologue(norm_before(net, layer));
}

static cg_status enqueue_norm_bwd(cg_network *net, size_t i, cg_map dy, cg_param_id gamma)
{
    cg_arena *grads = &net->arenas[CG_ARENA_GRADS];
    return cg_batchnorm_bwd(net->rt, dy, grads->view[gamma], grads->view[gamma + 1], &net->bn[i]);
}

cg_status cg_generator_bn1_bwd(cg_network *net)
{
    return enqueue_norm_bwd(net, 1, net->dh1, CG_G_BN1_GAMMA);
}

cg_status cg_generator_bn2_bwd(cg_network *net)
{
    return enqueue_norm_bwd(net, 2, net->dh2, CG_G_BN2_GAMMA);
}

cg_status cg_generator_dense_bwd_weight(cg_network *net, const char *algorithm)
{
    cg_buffer *const *grads = net->arenas[CG_ARENA_GRADS].view;
    const cg_dense_norm norm = {&net->bn[0], grads[CG_G_BN0_GAMMA], grads[CG_G_BN0_BETA]};
    return cg_dense_bwd_weight(net->rt, grads[CG_G_DENSE_WEIGHT], net->noise, &net->dh0, CG_NOISE,
                               &norm, algorithm);
}
