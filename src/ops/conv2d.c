/* Convolutions: the choice of an algorithm, and what is done beside it. */
#include "ops/conv2d.h"

#include "base/try.h"
#include "ops/bias.h"
#include "ops/conv2d_algorithm.h"
#include "ops/defaults.h"
#include "ops/fourier.h"

#include <clgan/log.h>

const cg_conv2d_algorithm *cg_conv2d_algorithm_at(size_t index)
{
    const cg_conv2d_default *line = cg_conv2d_defaults;
    while (index-- && line->algorithm)
        line++;
    return line->algorithm;
}

bool cg_conv2d_suits(const cg_runtime *rt, const cg_conv2d_algorithm *algorithm)
{
    const cg_conv2d_default *line = cg_conv2d_defaults;
    while (line->algorithm != algorithm)
        line++;
    return cg_kind_is_of(rt, line->kind);
}

const cg_conv2d_algorithm *cg_conv2d_choose(const cg_runtime *rt, const cg_conv2d *call)
{
    for (const cg_conv2d_default *line = cg_conv2d_defaults; line->algorithm; line++)
        if (cg_default_is_for(rt, line->kind, line->algorithm->variants, call->algorithm) &&
            cg_maps_are_of(&call->shape, line->maps) &&
            line->algorithm->serves(rt, &call->shape, call->pass))
            return line->algorithm;
    return NULL;
}

const cg_conv2d_algorithm *cg_conv2d_choose_strict(const cg_runtime *rt, const cg_conv2d *call)
{
    for (const cg_conv2d_default *line = cg_conv2d_defaults; line->algorithm; line++)
        if (line->algorithm->strict && cg_kind_is_strict(rt, line->kind) &&
            cg_maps_are_of(&call->shape, line->maps) &&
            line->algorithm->serves(rt, &call->shape, call->pass))
            return line->algorithm;
    return NULL;
}

/* The workspace is the larger of what the algorithm and the separate bias pass after it need. */
static size_t workspace_bytes(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    size_t own = a->workspace(&call->shape, call->pass);
    size_t bias = call->db && !a->writes_db ? cg_bias_workspace(&call->small, call->shape.n) : 0;
    return own > bias ? own : bias;
}

size_t cg_conv2d_workspace(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, call);
    return a ? workspace_bytes(call, a) : 0;
}

size_t cg_conv2d_spectrum(cg_runtime *rt, const cg_conv2d *call, cg_conv2d_operand operand)
{
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, call);
    return a && a->spectrum ? a->spectrum(&call->shape, operand) : 0;
}

static size_t moments_shares(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    return a->moments ? a->moments(&call->shape, call->pass)
                      : cg_moments_partials(cg_conv2d_written(call), 1);
}

size_t cg_conv2d_moments(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, call);
    return a ? moments_shares(call, a) : 0;
}

static bool transforms(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    return a && a->transforms && a->transforms(call);
}

bool cg_conv2d_transforms(const cg_runtime *rt, const cg_conv2d *call)
{
    return transforms(call, cg_conv2d_choose(rt, call));
}

/* CG_ERR_SHAPE when what is wanted beside the output cannot be had. */
static cg_status check_extras(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    const cg_map *y = cg_conv2d_written(call);
    if (call->db &&
        (call->pass != CG_CONV2D_WEIGHT || call->small_prologue.scale || call->shape.small_c < 2))
        return cg_fail(CG_ERR_SHAPE,
                       "convolution: this pass, map or prologue does not allow a bias's gradient");
    const cg_consumer *on = &call->consumer;
    if (transforms(call, a) &&
        (call->moments || !on->spectrum->buffer ||
         on->spectrum->buffer->bytes < cg_fourier_spectrum(&on->shape, on->operand)))
        return cg_fail(
            CG_ERR_SHAPE,
            "convolution: the consumer's spectrum is too small, or moments are wanted as well");
    if (!call->moments)
        return CG_OK;
    size_t needed = cg_moments_bytes(y, 1, moments_shares(call, a));
    if (call->pass == CG_CONV2D_WEIGHT || y->n != call->shape.n || y->c < 2 ||
        call->moments->buffer->bytes < needed)
        return cg_fail(CG_ERR_SHAPE, "convolution: the moments of this map do not fit %zu bytes",
                       call->moments->buffer->bytes);
    return CG_OK;
}

/* Enqueues the bias's gradient and the moments where the algorithm does not take them itself. */
static cg_status enqueue_extras(cg_runtime *rt, const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    cg_status status = CG_OK;
    if (call->db && !a->writes_db)
        CG_TRY(cg_bias_bwd(rt, call->db, &call->small, call->small_prologue.image, call->shape.n,
                           call->workspace));
    if (call->moments && a->moments)
        call->moments->partials = a->moments(&call->shape, call->pass);
    else if (call->moments)
        CG_TRY(cg_moments_measure(rt, call->moments, cg_conv2d_written(call), 1));
done:
    return status;
}

/* Spectra of operands that may have changed, and of the one that is written, hold nothing any more.
 * CG_ERR_SHAPE where there is no room for one that the algorithm needs. */
static cg_status prepare_spectra(const cg_conv2d *call, const cg_conv2d_algorithm *a)
{
    static const cg_conv2d_operand written[CG_CONV2D_PASSES] = {CG_CONV2D_SMALL, CG_CONV2D_LARGE,
                                                                CG_CONV2D_WEIGHTS};
    for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++) {
        cg_spectrum *spectrum = call->spectrum[o];
        size_t needed = a->spectrum ? a->spectrum(&call->shape, (cg_conv2d_operand)o) : 0;
        if (needed && (!spectrum || !spectrum->buffer || spectrum->buffer->bytes < needed))
            return cg_fail(CG_ERR_SHAPE, "convolution: %s needs %zu bytes for a transform",
                           a->variants->name, needed);
        if (spectrum && (!call->unchanged[o] || o == written[call->pass]))
            spectrum->source = NULL;
    }
    return CG_OK;
}

static bool map_fits(const cg_map *map, const cg_conv2d_shape *s, size_t h, size_t w, size_t c)
{
    return map->n >= s->n && map->h == h && map->w == w && map->c == c &&
           map->buffer->bytes >= cg_map_floats(map) * sizeof(float);
}

cg_status cg_conv2d_enqueue(cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, call);
    if (!s->n || !map_fits(&call->large, s, s->large_h, s->large_w, s->large_c) ||
        !map_fits(&call->small, s, s->small_h, s->small_w, s->small_c))
        return cg_fail(CG_ERR_SHAPE, "convolution: the maps do not have the shape of the call");
    if (!a)
        return cg_fail(CG_ERR_SHAPE, "convolution: algorithm '%s' does not serve %zux%zux%zu",
                       call->algorithm, s->large_h, s->large_w, s->large_c);
    size_t needed = workspace_bytes(call, a);
    if (needed && (!call->workspace || call->workspace->bytes < needed))
        return cg_fail(CG_ERR_SHAPE, "convolution: %s needs %zu bytes of workspace",
                       a->variants->name, needed);
    cg_status status = CG_OK;
    CG_TRY(check_extras(call, a));
    CG_TRY(prepare_spectra(call, a));
    if (call->consumer.spectrum)
        call->consumer.spectrum->source = NULL;
    CG_TRY(a->enqueue(rt, call));
    if (transforms(call, a))
        call->consumer.spectrum->source = cg_conv2d_written(call)->buffer;
    CG_TRY(enqueue_extras(rt, call, a));
done:
    return status;
}

double cg_conv2d_flop_done(const cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, call);
    return a ? a->flop(call) : 0;
}

double cg_conv2d_bytes(const cg_runtime *rt, const cg_conv2d *call)
{
    const cg_conv2d_shape *s = &call->shape;
    size_t large = s->n * s->large_h * s->large_w * cg_padded_channels(s->large_c);
    size_t small = s->n * s->small_h * s->small_w * cg_padded_channels(s->small_c);
    size_t weights = cg_conv2d_taps(s) * s->large_c * s->small_c;
    size_t written = call->pass == CG_CONV2D_UP ? large : small;
    bool leaky = call->epilogue.activation == CG_ACT_LEAKY; /* whose gates are written */
    size_t maps = (large + small) * sizeof(float);
    if (cg_conv2d_transforms(rt, call))
        maps += cg_fourier_spectrum(&call->consumer.shape, call->consumer.operand) -
                written * sizeof(float);
    return (double)(maps + weights * sizeof(float)) +
           (call->epilogue.saved ? (double)(written * sizeof(float)) : 0) +
           (call->epilogue.mask ? (double)(written * (leaky ? 2 : 1)) : 0);
}
