/* a1 is the convolution of the images, with bias, LeakyReLU and dropout; da2 is the weight of
 * d.dense at each position, through the gates of a2. Each element is a sum that is short enough to
 * be computed anew for every plane that is asked for. */
#include "verify/spot_derived.h"

#include "base/try.h"
#include "verify/expect_conv2d.h"

/* The operands of d.conv1, whose convolution of the images d.conv2 reads. */
typedef struct conv1_source {
    cg_conv2d call;
    const float *images, *weight, *bias;
    const unsigned char *gates;
} conv1_source;

/* made = an image's largest absolute value, and what each tap meets of the image, [taps, small_h
 * small_w], 0 where that is padding. */
static void spread_image(const cg_spot_planes *planes, double *made, size_t n)
{
    const conv1_source *source = planes->source;
    const cg_conv2d_shape *s = &source->call.shape;
    const float *image = source->images + n * s->large_h * s->large_w;
    double *to = made + 1;
    made[0] = 0;
    for (size_t i = 0; i < s->large_h * s->large_w; i++)
        if (fabs((double)image[i]) > made[0]) /* fmax() ends gcc 12 for arm64 */
            made[0] = fabs((double)image[i]);
    for (size_t tap = 0; tap < s->kernel * s->kernel; tap++)
        for (size_t i = 0; i < s->small_h * s->small_w; i++) {
            size_t y = i / s->small_w * s->stride + tap / s->kernel - s->pad_h;
            size_t x = i % s->small_w * s->stride + tap % s->kernel - s->pad_w;
            *to++ = y < s->large_h && x < s->large_w ? (double)image[y * s->large_w + x] : 0;
        }
}

static void derive_a1(const cg_spot_planes *planes, const cg_spot_image *image, size_t c,
                      double *restrict value, double *restrict error)
{
    const conv1_source *source = planes->source;
    const cg_conv2d_shape *s = &source->call.shape;
    const size_t taps = s->kernel * s->kernel;
    double gamma = cg_gamma_likely(taps + CG_CONV2D_ROUNDINGS);
    double scale = (double)source->call.epilogue.mask_scale;
    double slope = (double)source->call.epilogue.slope, bias = (double)source->bias[c];
    const cg_map *a1 = &planes->map;
    const size_t pixels = s->small_h * s->small_w, lanes = cg_map_lanes(a1->c);
    const unsigned char *gates =
        source->gates + cg_blocked_index(a1->c, a1->n * pixels, image->n * pixels, c);
    double magnitude = fabs(bias); /* of the sum, at most */
    for (size_t i = 0; i < pixels; i++)
        value[i] = bias;
    for (size_t t = 0; t < taps; t++) {
        const double weight = (double)source->weight[t * s->small_c + c];
        const double *restrict met = image->source + 1 + t * pixels;
        for (size_t i = 0; i < pixels; i++)
            value[i] += weight * met[i];
        magnitude += fabs(weight) * image->source[0];
    }
    for (size_t i = 0; i < pixels; i++) {
        int gate = gates[i * lanes];
        double factor = gate == CG_MASK_DROPPED ? 0 : gate == CG_GATE_OPEN ? scale : slope * scale;
        error[i] = factor * (gamma * magnitude + 4 * CG_ROUNDING * fabs(value[i]));
        value[i] *= factor;
    }
}

cg_status cg_spot_derive_a1(cg_spot_planes *planes)
{
    cg_status status = CG_OK;
    cg_spot *spot = planes->spot;
    conv1_source *source;
    CG_TRY(cg_spot_create_memory(&source, spot, 1, sizeof *source));
    source->call = cg_stage_conv(cg_stage_of_layer(CG_D_CONV1, CG_FWD), spot->net);
    const cg_conv2d_shape *s = &source->call.shape;
    CG_TRY(cg_spot_fetch(&source->images, spot, source->call.large.buffer));
    CG_TRY(cg_spot_fetch(&source->weight, spot, source->call.weight));
    CG_TRY(cg_spot_fetch(&source->bias, spot, source->call.epilogue.bias));
    CG_TRY(cg_spot_fetch(&source->gates, spot, source->call.epilogue.mask));
    planes->derive = derive_a1;
    planes->prepare = spread_image;
    planes->source_size = 1 + s->kernel * s->kernel * s->small_h * s->small_w;
    planes->source = source;
done:
    return status;
}

/* The operands of d.dense, whose gradient d.conv2 reads. */
typedef struct dense_source {
    const float *weight;
    const unsigned char *gates;
    double scale, slope;
} dense_source;

static void derive_da2(const cg_spot_planes *planes, const cg_spot_image *image, size_t c,
                       double *value, double *error)
{
    const dense_source *source = planes->source;
    const cg_map *m = &planes->map;
    const size_t pixels = m->h * m->w, lanes = cg_map_lanes(m->c);
    const unsigned char *gates =
        source->gates + cg_blocked_index(m->c, m->n * pixels, image->n * pixels, c);
    const float *weights = source->weight + cg_blocked_index(m->c, pixels, 0, c);
    for (size_t i = 0; i < pixels; i++) {
        int gate = gates[i * lanes];
        double factor = gate == CG_MASK_DROPPED ? 0 : gate == CG_GATE_OPEN ? 1 : source->slope;
        double weight = (double)weights[i * lanes];
        value[i] = weight * factor * source->scale;
        error[i] = 3 * CG_ROUNDING * fabs(value[i]);
    }
}

cg_status cg_spot_derive_da2(cg_spot_planes *planes)
{
    cg_status status = CG_OK;
    cg_spot *spot = planes->spot;
    const cg_conv2d conv2 = cg_stage_conv(cg_stage_of_layer(CG_D_CONV2, CG_FWD), spot->net);
    dense_source *source;
    CG_TRY(cg_spot_create_memory(&source, spot, 1, sizeof *source));
    CG_TRY(cg_spot_fetch(&source->weight, spot,
                         spot->net->arenas[CG_ARENA_PARAMS].view[CG_D_DENSE_WEIGHT]));
    CG_TRY(cg_spot_fetch(&source->gates, spot, conv2.epilogue.mask));
    source->scale = (double)conv2.epilogue.mask_scale;
    source->slope = (double)conv2.epilogue.slope;
    planes->derive = derive_da2;
    planes->source = source;
done:
    return status;
}
