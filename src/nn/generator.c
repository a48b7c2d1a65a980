/* The generator's stages: noise -> dense -> 7x7x256 -> convt1 -> 7x7x128 -> convt2 -> 14x14x64
 * -> convt3 -> tanh -> 28x28. Batchnorm and LeakyReLU of a layer are applied when the next one
 * loads its map (prologue); a transposed convolution's forward pass is CG_CONV2D_UP. */
#include "nn/network.h"

#include "ops/dense.h"

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

/* large = convT(leaky(bn(small))), with the moments that its own batchnorm will want. */
static cg_conv2d forward(const cg_network *net, cg_param_id weight, cg_map large,
                         cg_moments *moments, cg_map small, const cg_batchnorm *bn)
{
    cg_conv2d call = cg_network_conv(net, weight, CG_CONV2D_UP, net->fakes);
    call.large = large;
    call.small = small;
    call.small_prologue = cg_batchnorm_prologue(bn);
    call.moments = moments;
    return call;
}

cg_conv2d cg_generator_convt1_fwd(const cg_network *net)
{
    return forward(net, CG_G_CONVT1_WEIGHT, net->h1, &net->moments[1], net->h0, &net->bn[0]);
}

cg_conv2d cg_generator_convt2_fwd(const cg_network *net)
{
    return forward(net, CG_G_CONVT2_WEIGHT, net->h2, &net->moments[2], net->h1, &net->bn[1]);
}

cg_conv2d cg_generator_convt3_fwd(const cg_network *net)
{
    cg_conv2d call = forward(net, CG_G_CONVT3_WEIGHT, net->images, NULL, net->h2, &net->bn[2]);
    call.epilogue.activation = CG_ACT_TANH;
    return call;
}

/* ---- backward -------------------------------------------------------------------------------- */

/* dsmall = conv(dlarge) */
static cg_conv2d backward_data(const cg_network *net, cg_param_id weight, cg_map dlarge,
                               cg_map dsmall)
{
    cg_conv2d call = cg_network_conv(net, weight, CG_CONV2D_DOWN, net->fakes);
    call.large = dlarge;
    call.small = dsmall;
    return call;
}

/* dw from dlarge and leaky(bn(small)) */
static cg_conv2d backward_weight(const cg_network *net, cg_param_id weight, cg_map dlarge,
                                 cg_map small, const cg_batchnorm *bn)
{
    cg_conv2d call = cg_network_conv(net, weight, CG_CONV2D_WEIGHT, net->fakes);
    call.large = dlarge;
    call.small = small;
    call.small_prologue = cg_batchnorm_prologue(bn);
    return call;
}

cg_conv2d cg_generator_convt3_bwd_data(const cg_network *net)
{
    return backward_data(net, CG_G_CONVT3_WEIGHT, net->dimages, net->dh2);
}

cg_conv2d cg_generator_convt3_bwd_weight(const cg_network *net)
{
    return backward_weight(net, CG_G_CONVT3_WEIGHT, net->dimages, net->h2, &net->bn[2]);
}

cg_conv2d cg_generator_convt2_bwd_data(const cg_network *net)
{
    return backward_data(net, CG_G_CONVT2_WEIGHT, net->dh2, net->dh1);
}

cg_conv2d cg_generator_convt2_bwd_weight(const cg_network *net)
{
    return backward_weight(net, CG_G_CONVT2_WEIGHT, net->dh2, net->h1, &net->bn[1]);
}

cg_conv2d cg_generator_convt1_bwd_data(const cg_network *net)
{
    return backward_data(net, CG_G_CONVT1_WEIGHT, net->dh1, net->dh0);
}

cg_conv2d cg_generator_convt1_bwd_weight(const cg_network *net)
{
    return backward_weight(net, CG_G_CONVT1_WEIGHT, net->dh1, net->h0, &net->bn[0]);
}

static cg_status bn_bwd(cg_network *net, size_t i, cg_map dy, cg_param_id gamma)
{
    cg_arena *grads = &net->arenas[CG_ARENA_GRADS];
    return cg_batchnorm_bwd(net->rt, dy, grads->view[gamma], grads->view[gamma + 1], &net->bn[i]);
}

cg_status cg_generator_bn1_bwd(cg_network *net)
{
    return bn_bwd(net, 1, net->dh1, CG_G_BN1_GAMMA);
}

cg_status cg_generator_bn2_bwd(cg_network *net)
{
    return bn_bwd(net, 2, net->dh2, CG_G_BN2_GAMMA);
}

/* From dh0 at LeakyReLU's result; the gradients of bn0 are made on the way. */
cg_status cg_generator_dense_bwd_weight(cg_network *net, const char *algorithm)
{
    cg_buffer *const *grads = net->arenas[CG_ARENA_GRADS].view;
    const cg_dense_norm norm = {&net->bn[0], grads[CG_G_BN0_GAMMA], grads[CG_G_BN0_BETA]};
    return cg_dense_bwd_weight(net->rt, grads[CG_G_DENSE_WEIGHT], net->noise, &net->dh0, CG_NOISE,
                               &norm, algorithm);
}
