/* The training step: the network's layers, written down once more in the tables here, as calls of
 * ref/.
 *
 * D's backward pass runs twice, plainly: with the seeds of the D loss over all images for D's
 * gradients, and with those of the G loss over the fake ones for the gradient into them. */
#include "ref/step.h"

#include "base/memory.h"
#include "base/try.h"
#include "ref/adam.h"
#include "ref/batchnorm.h"
#include "ref/bce.h"
#include "ref/conv2d.h"
#include "ref/dense.h"
#include "ref/pointwise.h"

#include <stdlib.h>
#include <string.h>

#define SLOPE ((double)CG_LEAKY_SLOPE)

enum {
    MAX_BATCH = 65536,
    LARGEST_MAP = CG_DENSE_FEATURES /* elements an image: 7 x 7 x 256 = 14 x 14 x 64 */
};

/* An array to be cut out of one block. */
typedef struct part {
    double **at;
    size_t count;
} part;

/* A layer of G: the linear part's weight, then batchnorm over `pixels` pixels an image. */
static const struct g_layer {
    size_t pixels, channels;
    cg_param_id gamma, beta;
    cg_stat_id mean, variance;
} g_layers[CG_REF_G_LAYERS] = {
    {1, CG_DENSE_FEATURES, CG_G_BN0_GAMMA, CG_G_BN0_BETA, CG_BN0_MOVING_MEAN,
     CG_BN0_MOVING_VARIANCE},
    {CG_SIDE4 * CG_SIDE4, CG_G_CHANNELS1, CG_G_BN1_GAMMA, CG_G_BN1_BETA, CG_BN1_MOVING_MEAN,
     CG_BN1_MOVING_VARIANCE},
    {CG_SIDE2 * CG_SIDE2, CG_G_CHANNELS2, CG_G_BN2_GAMMA, CG_G_BN2_BETA, CG_BN2_MOVING_MEAN,
     CG_BN2_MOVING_VARIANCE},
};

/* convt1, convt2, convt3; the geometry is that of the convolution each of them transposes. */
static const struct g_conv {
    cg_param_id weight;
    cg_ref_conv conv;
} g_convs[] = {
    {CG_G_CONVT1_WEIGHT, {0, CG_SIDE4, CG_SIDE4, CG_G_CHANNELS1, CG_G_CHANNELS0, CG_KERNEL, 1}},
    {CG_G_CONVT2_WEIGHT, {0, CG_SIDE2, CG_SIDE2, CG_G_CHANNELS2, CG_G_CHANNELS1, CG_KERNEL, 2}},
    {CG_G_CONVT3_WEIGHT, {0, CG_SIDE, CG_SIDE, 1, CG_G_CHANNELS2, CG_KERNEL, 2}},
};

static const struct d_layer {
    cg_param_id weight, bias;
    cg_ref_conv conv;
    size_t pixels; /* of the output */
} d_layers[CG_REF_D_LAYERS] = {
    {CG_D_CONV1_WEIGHT,
     CG_D_CONV1_BIAS,
     {0, CG_SIDE, CG_SIDE, 1, CG_D_CHANNELS1, CG_KERNEL, 2},
     CG_SIDE2 *CG_SIDE2},
    {CG_D_CONV2_WEIGHT,
     CG_D_CONV2_BIAS,
     {0, CG_SIDE2, CG_SIDE2, CG_D_CHANNELS1, CG_D_CHANNELS2, CG_KERNEL, 2},
     CG_SIDE4 *CG_SIDE4},
};

static cg_ref_conv with_batch(cg_ref_conv conv, size_t n)
{
    conv.n = n;
    return conv;
}

/* Elements an image before and after a layer of D. */
static size_t d_input_size(size_t layer)
{
    const cg_ref_conv *conv = &d_layers[layer].conv;
    return conv->h * conv->w * conv->ci;
}

static size_t d_output_size(size_t layer)
{
    return d_layers[layer].pixels * d_layers[layer].conv.co;
}

/* One zeroed block in *block, cut into the parts. */
static cg_status create_parts(double **block, const part *parts, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i].count;
    cg_status status = cg_memory_create(block, total, sizeof **block);
    double *next = *block;
    for (size_t i = 0; status == CG_OK && i < count; i++) {
        *parts[i].at = next;
        next += parts[i].count;
    }
    return status;
}

static cg_status create_net_arrays(cg_ref_net *net)
{
    part parts[3 * CG_PARAM_COUNT + CG_STAT_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < CG_PARAM_COUNT; i++) {
        size_t size = cg_param_size(&cg_model_params[i]);
        parts[count++] = (part){&net->param[i], size};
        parts[count++] = (part){&net->adam_m[i], size};
        parts[count++] = (part){&net->adam_v[i], size};
    }
    for (size_t i = 0; i < CG_STAT_COUNT; i++)
        parts[count++] = (part){&net->stat[i], cg_param_size(&cg_model_stats[i])};
    return create_parts(&net->block, parts, count);
}

static void fill_array(double *array, const cg_param_spec *spec)
{
    for (size_t i = 0; i < cg_param_size(spec); i++)
        array[i] = spec->constant;
}

cg_status cg_ref_net_create(cg_ref_net **net)
{
    cg_status status = CG_OK;
    *net = NULL;
    CG_TRY(cg_memory_create(net, 1, sizeof **net));
    CG_TRY(create_net_arrays(*net));
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        fill_array((*net)->param[i], &cg_model_params[i]);
    for (size_t i = 0; i < CG_STAT_COUNT; i++)
        fill_array((*net)->stat[i], &cg_model_stats[i]);
done:
    if (status != CG_OK) {
        cg_ref_net_release(*net);
        *net = NULL;
    }
    return status;
}

void cg_ref_net_release(cg_ref_net *net)
{
    if (!net)
        return;
    free(net->block);
    free(net);
}

/* The step's arrays except grad; `parts` has room. Returns how many. */
static size_t list_maps(part *parts, cg_ref_step *s)
{
    size_t n = s->real + s->fake, count = 0;
    parts[count++] = (part){&s->z, s->fake * CG_NOISE};
    parts[count++] = (part){&s->images, n * CG_PIXELS};
    parts[count++] = (part){&s->logits, n};
    parts[count++] = (part){&s->dlogits, n};
    parts[count++] = (part){&s->dimages, s->fake * CG_PIXELS};
    parts[count++] = (part){&s->scratch[0], n * LARGEST_MAP};
    parts[count++] = (part){&s->scratch[1], n * LARGEST_MAP};
    for (size_t i = 0; i < CG_REF_G_LAYERS; i++) {
        size_t channels = g_layers[i].channels, size = s->fake * g_layers[i].pixels * channels;
        parts[count++] = (part){&s->g[i].x, size};
        parts[count++] = (part){&s->g[i].y, size};
        parts[count++] = (part){&s->g[i].h, size};
        parts[count++] = (part){&s->g[i].mean, channels};
        parts[count++] = (part){&s->g[i].variance, channels};
    }
    for (size_t i = 0; i < CG_REF_D_LAYERS; i++) {
        parts[count++] = (part){&s->d[i].x, n * d_output_size(i)};
        parts[count++] = (part){&s->d[i].h, n * d_output_size(i)};
    }
    return count;
}

static cg_status create_step_arrays(cg_ref_step *s)
{
    cg_status status = CG_OK;
    part parts[7 + 5 * CG_REF_G_LAYERS + 2 * CG_REF_D_LAYERS + CG_PARAM_COUNT];
    size_t n = s->real + s->fake, count = list_maps(parts, s);
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        parts[count++] = (part){&s->grad[i], cg_param_size(&cg_model_params[i])};
    CG_TRY(create_parts(&s->block, parts, count));
    CG_TRY(cg_memory_create(&s->masks, n * (d_output_size(0) + d_output_size(1)), 1));
    s->d[0].mask = s->masks;
    s->d[1].mask = s->masks + n * d_output_size(0);
    s->generated = s->images + s->real * CG_PIXELS;
done:
    return status;
}

static cg_status check_batch(size_t n)
{
    if (n == 0 || n > MAX_BATCH)
        return cg_fail(CG_ERR_SHAPE, "a batch of %zu images is not in 1..%d", n, MAX_BATCH);
    return CG_OK;
}

cg_status cg_ref_step_create(cg_ref_step **step, size_t real, size_t fake)
{
    cg_status status = CG_OK;
    *step = NULL;
    CG_TRY(check_batch(real));
    CG_TRY(check_batch(fake));
    CG_TRY(cg_memory_create(step, 1, sizeof **step));
    (*step)->real = real;
    (*step)->fake = fake;
    CG_TRY(create_step_arrays(*step));
done:
    if (status != CG_OK) {
        cg_ref_step_release(*step);
        *step = NULL;
    }
    return status;
}

void cg_ref_step_release(cg_ref_step *step)
{
    if (!step)
        return;
    free(step->masks);
    free(step->block);
    free(step);
}

/* G's linear part `layer` (0 dense, 1..3 convt) on n images, in training and in inference. */
static void g_linear_fwd(double *y, const double *x, size_t layer, size_t n, const cg_ref_net *net)
{
    if (layer == 0) {
        cg_ref_dense_fwd(y, x, net->param[CG_G_DENSE_WEIGHT], n, CG_NOISE, CG_DENSE_FEATURES);
        return;
    }
    cg_ref_conv conv = with_batch(g_convs[layer - 1].conv, n);
    cg_ref_conv2d_transpose_fwd(y, x, net->param[g_convs[layer - 1].weight], &conv);
}

/* dx is NULL for the dense layer: nobody asks for the gradient into the noise. */
static void g_linear_bwd(double *dx, const double *dy, const double *x, size_t layer,
                         cg_ref_step *s, const cg_ref_net *net)
{
    if (layer == 0) {
        cg_ref_dense_bwd_weight(s->grad[CG_G_DENSE_WEIGHT], dy, x, s->fake, CG_NOISE,
                                CG_DENSE_FEATURES);
        return;
    }
    const struct g_conv *g = &g_convs[layer - 1];
    cg_ref_conv conv = with_batch(g->conv, s->fake);
    cg_ref_conv2d_transpose_bwd_data(dx, dy, net->param[g->weight], &conv);
    cg_ref_conv2d_transpose_bwd_weight(s->grad[g->weight], dy, x, &conv);
}

/* Batchnorm of a layer of G; maps is NULL for inference. */
static cg_ref_batchnorm g_batchnorm(size_t layer, size_t n, const cg_ref_net *net,
                                    const cg_ref_g_maps *maps)
{
    const struct g_layer *g = &g_layers[layer];
    return (cg_ref_batchnorm){
        .rows = n * g->pixels,
        .channels = g->channels,
        .epsilon = CG_BN_EPSILON,
        .momentum = CG_BN_MOMENTUM,
        .gamma = net->param[g->gamma],
        .beta = net->param[g->beta],
        .mean = maps ? maps->mean : NULL,
        .variance = maps ? maps->variance : NULL,
        .moving_mean = net->stat[g->mean],
        .moving_variance = net->stat[g->variance],
    };
}

static void generator_fwd(cg_ref_step *s, cg_ref_net *net)
{
    const double *x = s->z;
    for (size_t i = 0; i < CG_REF_G_LAYERS; i++) {
        cg_ref_g_maps *maps = &s->g[i];
        cg_ref_batchnorm bn = g_batchnorm(i, s->fake, net, maps);
        g_linear_fwd(maps->x, x, i, s->fake, net);
        cg_ref_batchnorm_fwd(maps->y, maps->x, &bn);
        cg_ref_leaky_relu_fwd(maps->h, maps->y, bn.rows * bn.channels, SLOPE);
        x = maps->h;
    }
    g_linear_fwd(s->generated, x, CG_REF_G_LAYERS, s->fake, net);
    cg_ref_tanh_fwd(s->generated, s->generated, s->fake * CG_PIXELS);
}

/* Computes G's gradients from dimages. */
static void generator_bwd(cg_ref_step *s, const cg_ref_net *net)
{
    double *dh = s->scratch[0], *dx = s->scratch[1];
    cg_ref_tanh_bwd(dx, s->dimages, s->generated, s->fake * CG_PIXELS);
    g_linear_bwd(dh, dx, s->g[CG_REF_G_LAYERS - 1].h, CG_REF_G_LAYERS, s, net);
    for (size_t i = CG_REF_G_LAYERS; i-- > 0;) {
        const cg_ref_g_maps *maps = &s->g[i];
        cg_ref_batchnorm bn = g_batchnorm(i, s->fake, net, maps);
        cg_ref_leaky_relu_bwd(dh, dh, maps->y, bn.rows * bn.channels, SLOPE);
        cg_ref_batchnorm_bwd(dx, s->grad[g_layers[i].gamma], s->grad[g_layers[i].beta], dh, maps->x,
                             &bn);
        g_linear_bwd(i ? dh : NULL, dx, i ? s->g[i - 1].h : s->z, i, s, net);
    }
}

static void discriminator_fwd(cg_ref_step *s, const cg_ref_net *net)
{
    size_t n = s->real + s->fake;
    const double *x = s->images;
    for (size_t i = 0; i < CG_REF_D_LAYERS; i++) {
        const struct d_layer *d = &d_layers[i];
        const cg_ref_d_maps *maps = &s->d[i];
        cg_ref_conv conv = with_batch(d->conv, n);
        size_t size = n * d_output_size(i);
        cg_ref_conv2d_fwd(maps->x, x, net->param[d->weight], &conv);
        cg_ref_bias_fwd(maps->x, maps->x, net->param[d->bias], n * d->pixels, conv.co);
        cg_ref_leaky_relu_fwd(maps->h, maps->x, size, SLOPE);
        cg_ref_dropout_fwd(maps->h, maps->h, maps->mask, size, CG_DROPOUT_KEEP);
        x = maps->h;
    }
    cg_ref_dense_fwd(s->logits, x, net->param[CG_D_DENSE_WEIGHT], n, CG_D_FEATURES, 1);
    cg_ref_bias_fwd(s->logits, s->logits, net->param[CG_D_DENSE_BIAS], n, 1);
}

/* Takes dh, the gradient into a layer's h, back over dropout and LeakyReLU in place, for the images
 * `first` .. `first` + n - 1 of the batch. */
static void d_pointwise_bwd(double *dh, const cg_ref_step *s, size_t layer, size_t first, size_t n)
{
    size_t size = d_output_size(layer), skip = first * size;
    cg_ref_dropout_bwd(dh, dh, s->d[layer].mask + skip, n * size, CG_DROPOUT_KEEP);
    cg_ref_leaky_relu_bwd(dh, dh, s->d[layer].x + skip, n * size, SLOPE);
}

/* Computes D's gradients from dlogits of all images. */
static void discriminator_bwd_weights(cg_ref_step *s, const cg_ref_net *net)
{
    size_t n = s->real + s->fake;
    double *dh = s->scratch[0], *dx = s->scratch[1];
    cg_ref_bias_bwd(s->grad[CG_D_DENSE_BIAS], s->dlogits, n, 1);
    cg_ref_dense_bwd_weight(s->grad[CG_D_DENSE_WEIGHT], s->dlogits, s->d[CG_REF_D_LAYERS - 1].h, n,
                            CG_D_FEATURES, 1);
    cg_ref_dense_bwd_data(dh, s->dlogits, net->param[CG_D_DENSE_WEIGHT], n, CG_D_FEATURES, 1);
    for (size_t i = CG_REF_D_LAYERS; i-- > 0;) {
        const struct d_layer *d = &d_layers[i];
        cg_ref_conv conv = with_batch(d->conv, n);
        d_pointwise_bwd(dh, s, i, 0, n);
        cg_ref_bias_bwd(s->grad[d->bias], dh, n * d->pixels, conv.co);
        cg_ref_conv2d_bwd_weight(s->grad[d->weight], dh, i ? s->d[i - 1].h : s->images, &conv);
        if (i == 0)
            return;
        cg_ref_conv2d_bwd_data(dx, dh, net->param[d->weight], &conv);
        memcpy(dh, dx, n * d_input_size(i) * sizeof *dh);
    }
}

/* Computes dimages from dlogits of the fake images. */
static void discriminator_bwd_images(cg_ref_step *s, const cg_ref_net *net)
{
    double *dh = s->scratch[0], *dx = s->scratch[1];
    cg_ref_dense_bwd_data(dh, s->dlogits + s->real, net->param[CG_D_DENSE_WEIGHT], s->fake,
                          CG_D_FEATURES, 1);
    for (size_t i = CG_REF_D_LAYERS; i-- > 0;) {
        cg_ref_conv conv = with_batch(d_layers[i].conv, s->fake);
        d_pointwise_bwd(dh, s, i, s->real, s->fake);
        cg_ref_conv2d_bwd_data(dx, dh, net->param[d_layers[i].weight], &conv);
        memcpy(i ? dh : s->dimages, dx, s->fake * d_input_size(i) * sizeof *dx);
    }
}

void cg_ref_step_fwd(cg_ref_step *step, cg_ref_net *net)
{
    generator_fwd(step, net);
    discriminator_fwd(step, net);
    const double *fake = step->logits + step->real;
    step->loss_d_real = cg_ref_bce_logits_fwd(step->logits, step->real, 1);
    step->loss_d_fake = cg_ref_bce_logits_fwd(fake, step->fake, 0);
    step->loss_d = step->loss_d_real + step->loss_d_fake;
    step->loss_g = cg_ref_bce_logits_fwd(fake, step->fake, 1);
}

void cg_ref_step_bwd(cg_ref_step *step, const cg_ref_net *net)
{
    size_t real = step->real;
    cg_ref_bce_logits_bwd(step->dlogits, step->logits, real, 1);
    cg_ref_bce_logits_bwd(step->dlogits + real, step->logits + real, step->fake, 0);
    discriminator_bwd_weights(step, net);

    cg_ref_bce_logits_bwd(step->dlogits + real, step->logits + real, step->fake, 1);
    discriminator_bwd_images(step, net);
    generator_bwd(step, net);
}

void cg_ref_step_update(cg_ref_net *net, const cg_ref_step *step)
{
    cg_ref_adam adam = {.rate = CG_ADAM_RATE,
                        .beta1 = CG_ADAM_BETA1,
                        .beta2 = CG_ADAM_BETA2,
                        .epsilon = CG_ADAM_EPSILON,
                        .t = ++net->updates};
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        cg_ref_adam_update(net->param[i], net->adam_m[i], net->adam_v[i], step->grad[i],
                           cg_param_size(&cg_model_params[i]), &adam);
}

cg_status cg_ref_generate(double *images, const double *z, size_t n, const cg_ref_net *net)
{
    cg_status status = CG_OK;
    double *maps = NULL;
    CG_TRY(check_batch(n));
    CG_TRY(cg_memory_create(&maps, 2 * n * LARGEST_MAP, sizeof *maps));
    double *in = maps, *out = maps + n * LARGEST_MAP;
    memcpy(in, z, n * CG_NOISE * sizeof *z);
    for (size_t i = 0; i < CG_REF_G_LAYERS; i++) {
        cg_ref_batchnorm bn = g_batchnorm(i, n, net, NULL);
        g_linear_fwd(out, in, i, n, net);
        cg_ref_batchnorm_infer(out, out, &bn);
        cg_ref_leaky_relu_fwd(out, out, bn.rows * bn.channels, SLOPE);
        double *swap = in;
        in = out;
        out = swap;
    }
    g_linear_fwd(images, in, CG_REF_G_LAYERS, n, net);
    cg_ref_tanh_fwd(images, images, n * CG_PIXELS);
done:
    free(maps);
    return status;
}
