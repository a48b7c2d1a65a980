/* Convolutions against ref/conv2d.
 *
 * An output is a sum of K products a b, where a went through the prologue: x' = image leaky(scale x
 * + shift), four roundings at most, each relative to A = |image| (|scale x| + |shift|). With the
 * product's own rounding, the K - 1 additions and a few more of zeros, of the bias and of partial
 * sums, no product passes more than K + ROUNDINGS of them, so that the sum is wrong by at most
 *     gamma(K + ROUNDINGS) sum A |b|
 * in any order. LeakyReLU does not enlarge a difference, nor does tanh. The sum of the A |b| is the
 * same pass of ref/ on the absolute values.
 *
 * An algorithm that works on transforms mixes all positions of a map and all taps of a kernel. With
 * |.| the sum over them, no number of a transform is larger than |A| or |b|; the two passes of a
 * transform, of N = 9 at most, leave each part wrong by at most 2 gamma(2 N + 8) of that. A complex
 * product of sums of K terms by three multiplications is wrong by 3 gamma(K + ROUNDINGS) of the sum
 * of the |A| |b| in each part, and by what its factors were wrong. The inverse transform is a mean
 * of such numbers, with roundings like those of a transform. With sqrt(2) from a complex number's
 * parts to itself and back, all in all (5 gamma(K + ROUNDINGS) + 12 gamma(2 N + 8)) sum |A| |b| for
 * whole numbers, too. */
#include "verify/approx.h"
#include "verify/harness.h"
#include "verify/moments.h"
#include "verify/consumer.h"

#include "base/try.h"
#include "cl/shared.h"
#include "ops/conv2d_algorithm.h"
#include "ref/conv2d.h"
#include "ref/dense.h"

enum { ROUNDINGS = 16, TRANSFORM = 2 * CG_FOURIER_MAX_CYCLE + 8 };

#define MASK_KEEP 0.5 /* so that dropout is exact, too */

/* A map that is read: what the sums see of it, and how large its parts are. */
typedef struct side {
    cg_map map;
    cg_prologue prologue;
    double *value, *magnitude; /* [n, h, w, c] after the prologue */
} side;

/* The two arrays that a pass reads, of three; the third is zeros. */
typedef struct operands {
    side large, small;
    const double *w; /* [k, k, cl, cs]; NULL for the weight pass */
} operands;

/* The expected output of a pass; LeakyReLU's gates. */
typedef struct expected {
    size_t size;
    double *value, *limit;
    double *gate, *gate_limit; /* NULL: there are none */
} expected;

static double slope(const cg_harness *harness)
{
    return harness->integers ? 0.5 : (double)0.3f;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static cg_status draw_affine(side *s, cg_harness *harness, size_t n, size_t groups)
{
    cg_status status = CG_OK;
    double *scale, *shift;
    cg_buffer *buffers[2];
    size_t c = s->map.c, all = s->map.h * s->map.w;

    CG_TRY(cg_harness_draw(&scale, harness, groups * c, -1, 2));
    CG_TRY(cg_harness_draw(&shift, harness, groups * c, -1, 1));
    CG_TRY(cg_harness_input_features(&buffers[0], harness, scale, groups, c));
    CG_TRY(cg_harness_input_features(&buffers[1], harness, shift, groups, c));
    s->prologue.scale = buffers[0];
    s->prologue.shift = buffers[1];
    s->prologue.groups = groups;
    s->prologue.slope = (float)slope(harness);
    for (size_t i = 0; i < n * all * c; i++) {
        size_t f = (groups == 1 ? 0 : i / c % all) * c + i % c;
        double y = scale[f] * s->value[i] + shift[f];
        s->magnitude[i] = fabs(scale[f] * s->value[i]) + fabs(shift[f]);
        s->value[i] = y > 0 ? y : slope(harness) * y;
    }
done:
    return status;
}

static cg_status draw_image(side *s, cg_harness *harness, size_t n)
{
    cg_status status = CG_OK;
    double *factor;
    cg_buffer *buffer;
    size_t each = s->map.h * s->map.w * s->map.c;

    CG_TRY(cg_harness_draw(&factor, harness, n, -2, 2));
    CG_TRY(cg_harness_input(&buffer, harness, factor, n));
    s->prologue.image = buffer;
    for (size_t i = 0; i < n * each; i++) {
        s->value[i] *= factor[i / each];
        s->magnitude[i] *= fabs(factor[i / each]);
    }
done:
    return status;
}

static cg_status draw_map(side *s, cg_harness *harness, cg_map shape, size_t extra,
                          cg_verify_load load)
{
    cg_status status = CG_OK;
    size_t n = shape.n, size = n * shape.h * shape.w * shape.c;

    CG_TRY(cg_harness_draw(&s->value, harness, size, -2, 2));
    CG_TRY(cg_harness_array(&s->magnitude, harness, size, sizeof(double)));
    CG_TRY(cg_harness_input_map(&s->map, harness, s->value, shape, extra));
    for (size_t i = 0; i < size; i++)
        s->magnitude[i] = fabs(s->value[i]);
    if (load == CG_LOAD_CHANNEL || load == CG_LOAD_POSITION)
        CG_TRY(draw_affine(s, harness, n, load == CG_LOAD_CHANNEL ? 1 : shape.h * shape.w));
    if (load == CG_LOAD_IMAGE)
        CG_TRY(draw_image(s, harness, n));
done:
    return status;
}

/* ---- the epilogue ---------------------------------------------------------------------------- */

/* value +- limit becomes factor value +- its limit, with `roundings` of the product. */
static void scale_one(expected *e, size_t i, double factor, double roundings,
                      const cg_harness *harness)
{
    e->value[i] *= factor;
    e->limit[i] = fabs(factor) * e->limit[i];
    if (!harness->integers)
        e->limit[i] += roundings * CG_ROUNDING * fabs(e->value[i]);
}

static cg_status store_bias(cg_epilogue *epilogue, expected *e, cg_harness *harness, size_t c)
{
    cg_status status = CG_OK;
    double *bias;
    cg_buffer *buffer;
    CG_TRY(cg_harness_draw(&bias, harness, c, -1, 1));
    CG_TRY(cg_harness_input_features(&buffer, harness, bias, 1, c));
    epilogue->bias = buffer;
    for (size_t i = 0; i < e->size; i++) {
        e->value[i] += bias[i % c];
        if (!harness->integers) /* added last, or first and so rounded with all */
            e->limit[i] +=
                CG_ROUNDING * fabs(e->value[i]) + cg_gamma(ROUNDINGS) * fabs(bias[i % c]);
    }
done:
    return status;
}

/* Draws a mask, or gates, `highest` then being CG_GATE_OPEN. */
static cg_status store_mask(cg_epilogue *epilogue, double **mask, expected *e, cg_harness *harness,
                            const cg_map *y, size_t n, int highest)
{
    cg_status status = CG_OK;
    CG_TRY(cg_harness_draw_mask(&epilogue->mask, mask, harness, y, y->n - n, highest));
    epilogue->mask_scale = (float)(1 / MASK_KEEP);
    for (size_t i = 0; i < e->size; i++)
        scale_one(e, i, ((*mask)[i] > 0) / MASK_KEEP, 2, harness);
done:
    return status;
}

static cg_status draw_saved(cg_epilogue *epilogue, double **saved, cg_harness *harness,
                            const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    cg_map map;
    CG_TRY(cg_harness_draw(saved, harness, n * y->h * y->w * y->c, -1, 1));
    CG_TRY(cg_harness_input_map(&map, harness, *saved,
                                (cg_map){.n = n, .h = y->h, .w = y->w, .c = y->c}, y->n - n));
    epilogue->saved = map.buffer;
done:
    return status;
}

static cg_status store_leaky(cg_epilogue *epilogue, expected *e, cg_harness *harness,
                             const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *mask;
    epilogue->activation = CG_ACT_LEAKY;
    epilogue->slope = (float)slope(harness);
    CG_TRY(store_bias(epilogue, e, harness, y->c));
    CG_TRY(cg_harness_array(&e->gate, harness, e->size, sizeof *e->gate));
    CG_TRY(cg_harness_array(&e->gate_limit, harness, e->size, sizeof *e->gate_limit));
    for (size_t i = 0; i < e->size; i++) { /* next to 0 the device may be on the other side */
        double limit = e->limit[i];
        e->gate[i] = e->value[i] > 0 ? CG_GATE_OPEN : CG_MASK_KEPT;
        e->gate_limit[i] = limit > 0 && fabs(e->value[i]) <= limit ? 1 : 0;
        scale_one(e, i, e->value[i] > 0 ? 1 : slope(harness), 1, harness);
        e->limit[i] = fmax(e->limit[i], limit);
    }
    CG_TRY(store_mask(epilogue, &mask, e, harness, y, n, CG_MASK_KEPT));
    for (size_t i = 0; i < e->size; i++) {
        e->gate[i] *= mask[i];
        e->gate_limit[i] *= mask[i];
    }
done:
    return status;
}

static cg_status store_leaky_grad(cg_epilogue *epilogue, expected *e, cg_harness *harness,
                                  const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *saved;
    epilogue->activation = CG_ACT_LEAKY_GRAD;
    epilogue->slope = (float)slope(harness);
    CG_TRY(draw_saved(epilogue, &saved, harness, y, n));
    for (size_t i = 0; i < e->size; i++)
        scale_one(e, i, saved[i] > 0 ? 1 : slope(harness), 1, harness);
done:
    return status;
}

static cg_status store_gates(cg_epilogue *epilogue, expected *e, cg_harness *harness,
                             const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *gates;
    epilogue->activation = CG_ACT_LEAKY_GRAD;
    epilogue->slope = (float)slope(harness);
    CG_TRY(store_mask(epilogue, &gates, e, harness, y, n, CG_GATE_OPEN));
    for (size_t i = 0; i < e->size; i++)
        scale_one(e, i, gates[i] > CG_MASK_KEPT ? 1 : slope(harness), 1, harness);
done:
    return status;
}

static cg_status store_tanh_grad(cg_epilogue *epilogue, expected *e, cg_harness *harness,
                                 const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *saved, *factor;
    cg_buffer *buffer;
    epilogue->activation = CG_ACT_TANH_GRAD;
    CG_TRY(draw_saved(epilogue, &saved, harness, y, n));
    CG_TRY(cg_harness_draw(&factor, harness, n, -2, 2));
    CG_TRY(cg_harness_input(&buffer, harness, factor, n));
    epilogue->image = buffer;
    for (size_t i = 0; i < e->size; i++) {
        double s2 = saved[i] * saved[i], y0 = e->value[i];
        scale_one(e, i, 1 - s2, 2, harness);
        if (!harness->integers) /* s^2 is rounded before it is taken from 1 */
            e->limit[i] += CG_ROUNDING * fabs(y0) * s2;
        scale_one(e, i, factor[i / (e->size / n)], 1, harness);
    }
done:
    return status;
}

static cg_status apply_epilogue(cg_epilogue *epilogue, expected *e, cg_harness *harness,
                                const cg_map *y, size_t n, cg_verify_store kind)
{
    switch (kind) {
    case CG_STORE_LEAKY:
        return store_leaky(epilogue, e, harness, y, n);
    case CG_STORE_LEAKY_GRAD:
        return store_leaky_grad(epilogue, e, harness, y, n);
    case CG_STORE_GATES:
        return store_gates(epilogue, e, harness, y, n);
    case CG_STORE_TANH_GRAD:
        return store_tanh_grad(epilogue, e, harness, y, n);
    case CG_STORE_TANH:
        epilogue->activation = CG_ACT_TANH;
        for (size_t i = 0; i < e->size; i++) { /* tanh: 5 ulp, also of whole numbers */
            e->value[i] = tanh(e->value[i]);
            e->limit[i] += 10 * CG_ROUNDING * fabs(e->value[i]);
        }
        return CG_OK;
    default:
        return CG_OK;
    }
}

/* ---- the check ------------------------------------------------------------------------------- */

/* total[outer][inner] = x[outer][positions][inner], summed over the positions. */
static cg_status sum_positions(double **total, cg_harness *harness, const double *x, size_t outer,
                               size_t positions, size_t inner)
{
    cg_status status = CG_OK;
    CG_TRY(cg_harness_array(total, harness, outer * inner, sizeof(double)));
    for (size_t i = 0; i < outer * positions * inner; i++)
        (*total)[i / (positions * inner) * inner + i % inner] += x[i];
done:
    return status;
}

/* Limits for an algorithm that works on transforms. */
static cg_status limit_transformed(expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                                   const side *large, const side *small, const double *w)
{
    cg_status status = CG_OK;
    size_t taps = c->kernel * c->kernel, phases = c->stride * c->stride, terms;
    size_t cl = c->large_c, cs = c->small_c;
    double *l = NULL, *s = NULL, *k = NULL;
    /* The array is [outer][positions][inner], and all positions have the same limits. */
    size_t outer = c->pass == CG_CONV2D_WEIGHT ? 1 : c->n;
    size_t inner = c->pass == CG_CONV2D_WEIGHT ? cl * cs : c->pass == CG_CONV2D_UP ? cl : cs;

    if (c->pass != CG_CONV2D_UP)
        CG_TRY(sum_positions(&l, harness, large->magnitude, c->n, c->h * c->w, cl));
    if (c->pass != CG_CONV2D_DOWN)
        CG_TRY(sum_positions(&s, harness, small->magnitude, c->n, small->map.h * small->map.w, cs));
    if (c->pass != CG_CONV2D_WEIGHT)
        CG_TRY(sum_positions(&k, harness, w, 1, taps, cl * cs));
    terms = c->pass == CG_CONV2D_WEIGHT ? c->n : c->pass == CG_CONV2D_UP ? cs : phases * cl;
    const double relative = 5 * cg_gamma(terms + ROUNDINGS) + 12 * cg_gamma(TRANSFORM);
    for (size_t i = 0; i < outer * inner; i++) {
        double sum = 0;
        size_t n = i / inner, lc = i / (c->pass == CG_CONV2D_WEIGHT ? cs : 1) % cl, sc = i % cs;
        for (size_t j = 0; c->pass == CG_CONV2D_DOWN && j < cl; j++)
            sum += l[n * cl + j] * k[j * cs + sc];
        for (size_t j = 0; c->pass == CG_CONV2D_UP && j < cs; j++)
            sum += s[n * cs + j] * k[lc * cs + j];
        for (size_t j = 0; c->pass == CG_CONV2D_WEIGHT && j < c->n; j++)
            sum += l[j * cl + lc] * s[j * cs + sc];
        for (size_t p = 0; p < e->size / (outer * inner); p++)
            e->limit[(n * (e->size / (outer * inner)) + p) * inner + i % inner] = relative * sum;
    }
done:
    return status;
}

/* The arrays of a convolution that is carried out here; those that its pass does not read may be
 * NULL. */
typedef struct factors {
    const double *large, *small, *w;
} factors;

static void run_pass(double *y, const cg_verify_conv2d *c, const factors *f)
{
    const cg_ref_conv conv = {c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride};
    if (c->pass == CG_CONV2D_DOWN)
        cg_ref_conv2d_fwd(y, f->large, f->w, &conv);
    else if (c->pass == CG_CONV2D_UP)
        cg_ref_conv2d_bwd_data(y, f->small, f->w, &conv);
    else
        cg_ref_conv2d_bwd_weight(y, f->small, f->large, &conv);
}

static double find_largest(const double *values, size_t n)
{
    double largest = 0;
    for (size_t i = 0; values && i < n; i++)
        largest = fmax(largest, values[i]);
    return largest;
}

/* No sum of whole numbers is as large as those that float32 does not hold. Halves and quarters, by
 * the slope 1/2, are whole numbers, too: in units of 1/16. */
static cg_status check_exact(const cg_harness *harness, const cg_verify_conv2d *c,
                             const factors *magnitudes, size_t terms)
{
    const size_t small_h = cg_ceil_div(c->h, c->stride), small_w = cg_ceil_div(c->w, c->stride);
    const double factor[] = {
        find_largest(magnitudes->large, c->n * c->h * c->w * c->large_c),
        find_largest(magnitudes->small, c->n * small_h * small_w * c->small_c),
        find_largest(magnitudes->w, c->kernel * c->kernel * c->large_c * c->small_c)};
    double most = (double)terms;
    for (size_t i = 0; i < CG_COUNT(factor); i++)
        most *= factor[i] > 0 ? factor[i] : 1;
    if (most * 16 >= 0x1p24)
        return cg_fail(CG_ERR_ARGUMENT, "%s: too many terms to be exact", harness->result->name);
    return CG_OK;
}

/* The sums and their limits. */
static cg_status expect_sums(expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                             const operands *o, bool transformed)
{
    cg_status status = CG_OK;
    const side *large = &o->large, *small = &o->small;
    const double *w = o->w;
    size_t taps = c->kernel * c->kernel, weights = taps * c->large_c * c->small_c, terms;
    double *w_magnitude;

    CG_TRY(cg_harness_array(&e->value, harness, e->size, sizeof(double)));
    CG_TRY(cg_harness_array(&e->limit, harness, e->size, sizeof(double)));
    CG_TRY(cg_harness_array(&w_magnitude, harness, weights, sizeof(double)));
    for (size_t i = 0; w && i < weights; i++)
        w_magnitude[i] = fabs(w[i]);
    if (c->pass == CG_CONV2D_DOWN)
        terms = taps * c->large_c;
    else if (c->pass == CG_CONV2D_UP)
        terms = taps * c->small_c;
    else
        terms = c->n * small->map.h * small->map.w;
    run_pass(e->value, c, &(factors){large->value, small->value, w});
    if (transformed)
        return limit_transformed(e, harness, c, large, small, w_magnitude);
    const factors magnitudes = {large->magnitude, small->magnitude, w ? w_magnitude : NULL};
    if (harness->integers) /* the limits are 0 */
        return check_exact(harness, c, &magnitudes, terms);
    run_pass(e->limit, c, &magnitudes);
    for (size_t i = 0; i < e->size; i++)
        e->limit[i] *= cg_gamma(terms + ROUNDINGS);
done:
    return status;
}

/* Adds the bias's gradient, a sum over all positions, if the small map and its prologue allow it.
 */
static cg_status prepare_db(cg_conv2d *call, expected *db, cg_harness *harness, const side *small)
{
    cg_status status = CG_OK;
    size_t terms = call->shape.n * small->map.h * small->map.w;

    if (small->prologue.scale || small->map.c == 1)
        return CG_OK;
    db->size = small->map.c;
    CG_TRY(cg_harness_output(&call->db, harness, cg_padded_channels(db->size) * sizeof(float)));
    CG_TRY(cg_harness_array(&db->value, harness, db->size, sizeof(double)));
    CG_TRY(cg_harness_array(&db->limit, harness, db->size, sizeof(double)));
    cg_ref_bias_bwd(db->value, small->value, terms, db->size);
    cg_ref_bias_bwd(db->limit, small->magnitude, terms, db->size);
    for (size_t i = 0; i < db->size; i++)
        db->limit[i] *= harness->integers ? 0 : cg_gamma(terms + ROUNDINGS);
done:
    return status;
}

/* Draws what the pass reads into the call and makes room for what it writes. */
static cg_status draw_operands(cg_conv2d *call, expected *e, expected *db, cg_harness *harness,
                               const cg_verify_conv2d *c, bool transformed)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    size_t weights = s->kernel * s->kernel * s->large_c * s->small_c, pitch = s->n + c->extra;
    side large = {0}, small = {0};
    double *w = NULL;

    if (c->pass != CG_CONV2D_UP)
        CG_TRY(draw_map(&large, harness,
                        (cg_map){.n = s->n, .h = s->large_h, .w = s->large_w, .c = s->large_c},
                        c->extra, c->large));
    else
        CG_TRY(
            cg_harness_output_map(&large.map, harness, pitch, s->large_h, s->large_w, s->large_c));
    if (c->pass != CG_CONV2D_DOWN)
        CG_TRY(draw_map(&small, harness,
                        (cg_map){.n = s->n, .h = s->small_h, .w = s->small_w, .c = s->small_c},
                        c->extra, c->small));
    else
        CG_TRY(
            cg_harness_output_map(&small.map, harness, pitch, s->small_h, s->small_w, s->small_c));
    if (c->pass == CG_CONV2D_WEIGHT) {
        CG_TRY(cg_harness_output(&call->weight, harness, weights * sizeof(float)));
        CG_TRY(prepare_db(call, db, harness, &small));
    } else {
        CG_TRY(cg_harness_draw(&w, harness, weights, -1, 1));
        CG_TRY(cg_harness_input(&call->weight, harness, w, weights));
    }
    call->large = large.map;
    call->small = small.map;
    call->large_prologue = large.prologue;
    call->small_prologue = small.prologue;
    const cg_map *y = c->pass == CG_CONV2D_UP ? &call->large : &call->small;
    e->size = c->pass == CG_CONV2D_WEIGHT ? weights : s->n * y->h * y->w * y->c;
    CG_TRY(expect_sums(e, harness, c, &(operands){large, small, w}, transformed));
    if (c->pass != CG_CONV2D_WEIGHT)
        CG_TRY(apply_epilogue(&call->epilogue, e, harness, y, s->n, c->store));
done:
    return status;
}

/* Room for the spectra that the call has none for yet. */
static cg_status create_spectra(cg_conv2d *call, cg_spectrum spectra[CG_CONV2D_OPERANDS],
                                cg_harness *harness)
{
    cg_status status = CG_OK;
    for (size_t o = 0; o < CG_CONV2D_OPERANDS; o++) {
        size_t bytes = cg_conv2d_spectrum(harness->rt, call, (cg_conv2d_operand)o);
        if (call->spectrum[o])
            continue;
        call->spectrum[o] = &spectra[o];
        if (bytes)
            CG_TRY(cg_harness_output(&spectra[o].buffer, harness, bytes));
    }
done:
    return status;
}

/* ---- a transform that stands for a map ------------------------------------------------------- */

static cg_conv2d reading_call(const cg_consumer *consumer)
{
    return (cg_conv2d){.pass = consumer->operand == CG_CONV2D_LARGE ? CG_CONV2D_DOWN : CG_CONV2D_UP,
                       .algorithm = "fourier",
                       .shape = consumer->shape};
}

cg_status cg_verify_reader_init(cg_verify_reader *reader, cg_harness *harness,
                                const cg_conv2d_shape *shape, cg_conv2d_operand operand)
{
    cg_status status = CG_OK;
    *reader = (cg_verify_reader){.consumer = {.shape = *shape, .operand = operand}};
    cg_conv2d call = reading_call(&reader->consumer);
    if (cg_conv2d_choose(harness->rt, &call)) {
        reader->consumer.spectrum = &reader->spectrum;
        CG_TRY(cg_harness_output(&reader->spectrum.buffer, harness,
                                 cg_conv2d_spectrum(harness->rt, &call, operand)));
    }
done:
    return status;
}

/* Adds what inputs wrong by their limits make of the output: the same pass on absolute values.
 * Makes w absolute. */
static cg_status limit_inputs(expected *e, cg_harness *harness, const cg_verify_conv2d *c,
                              const double *limit, double *w)
{
    cg_status status = CG_OK;
    size_t weights = c->kernel * c->kernel * c->large_c * c->small_c;
    const cg_ref_conv conv = {c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride};
    double *part;
    CG_TRY(cg_harness_array(&part, harness, e->size, sizeof *part));
    for (size_t i = 0; i < weights; i++)
        w[i] = fabs(w[i]);
    if (c->pass == CG_CONV2D_DOWN)
        cg_ref_conv2d_fwd(part, limit, w, &conv);
    else
        cg_ref_conv2d_bwd_data(part, limit, w, &conv);
    for (size_t i = 0; i < e->size; i++)
        e->limit[i] += part[i];
done:
    return status;
}

/* The result of ref/ for the weights w and for inputs wrong by their limits. Changes w. */
static cg_status expect_reading(expected *e, cg_harness *harness, const cg_conv2d *call,
                                const cg_verify_input *input, double *w)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &call->shape;
    const cg_map *y = input->map;
    bool down = call->pass == CG_CONV2D_DOWN;
    const cg_verify_conv2d c = {.pass = call->pass,
                                .n = s->n,
                                .h = s->large_h,
                                .w = s->large_w,
                                .large_c = s->large_c,
                                .small_c = s->small_c,
                                .kernel = s->kernel,
                                .stride = s->stride};
    side in = {.map = *y, .value = input->value}, none = {0};
    size_t read = s->n * y->h * y->w * y->c;

    CG_TRY(cg_harness_array(&in.magnitude, harness, read, sizeof(double)));
    for (size_t i = 0; i < read; i++)
        in.magnitude[i] = fabs(input->value[i]) + input->limit[i];
    e->size =
        s->n * (down ? s->small_h * s->small_w * s->small_c : s->large_h * s->large_w * s->large_c);
    CG_TRY(expect_sums(e, harness, &c, &(operands){down ? in : none, down ? none : in, w}, true));
    CG_TRY(limit_inputs(e, harness, &c, input->limit, w));
done:
    return status;
}

cg_status cg_verify_reader_run(cg_verify_reader *reader, cg_harness *harness,
                               const cg_verify_input *input)
{
    cg_status status = CG_OK;
    const cg_conv2d_shape *s = &reader->consumer.shape;
    cg_spectrum spectra[CG_CONV2D_OPERANDS] = {{0}};
    cg_conv2d call = reading_call(&reader->consumer);
    bool down = call.pass == CG_CONV2D_DOWN;
    size_t weights = s->kernel * s->kernel * s->large_c * s->small_c;
    expected e = {0};
    double *w;

    if (reader->spectrum.source != input->map->buffer)
        cg_harness_fail(harness, "the spectrum does not name the map whose transform it holds");
    CG_TRY(cg_harness_draw(&w, harness, weights, -1, 1));
    CG_TRY(cg_harness_input(&call.weight, harness, w, weights));
    call.large = call.small = *input->map;
    CG_TRY(
        down ? cg_harness_output_map(&call.small, harness, s->n, s->small_h, s->small_w, s->small_c)
             : cg_harness_output_map(&call.large, harness, s->n, s->large_h, s->large_w,
                                     s->large_c));
    call.spectrum[reader->consumer.operand] = &reader->spectrum;
    call.unchanged[reader->consumer.operand] = true;
    CG_TRY(create_spectra(&call, spectra, harness));
    CG_TRY(expect_reading(&e, harness, &call, input, w));
    CG_TRY(cg_conv2d_enqueue(harness->rt, &call));
    return cg_harness_compare_map(harness, "a convolution's of the transform",
                                  down ? &call.small : &call.large, s->n, e.value, e.limit);
done:
    return status;
}

/* ---- the check of a call --------------------------------------------------------------------- */

/* A call with all that it needs and what is expected of it. */
typedef struct conv2d_check {
    const cg_verify_conv2d *settings;
    cg_conv2d call;
    expected y, db; /* y: the array that the pass writes */
    cg_spectrum spectra[CG_CONV2D_OPERANDS];
    cg_moments moments;
    cg_verify_reader reader; /* where settings->consumer_c */
} conv2d_check;

static const cg_map *written_map(const cg_conv2d *call)
{
    return call->pass == CG_CONV2D_UP ? &call->large : &call->small;
}

/* Adds a consumer that reads the transform of what is written; skips the check where the algorithm
 * does not write transforms. */
static cg_status add_consumer(conv2d_check *k, cg_harness *harness)
{
    cg_status status = CG_OK;
    const cg_verify_conv2d *c = k->settings;
    const cg_conv2d_shape *s = &k->call.shape;
    const cg_conv2d_shape next = cg_conv2d_shape_same(s->n, s->small_h, s->small_w, s->small_c,
                                                      c->consumer_c, c->kernel, c->stride);
    CG_TRY(cg_verify_reader_init(&k->reader, harness, &next, CG_CONV2D_LARGE));
    k->call.consumer = k->reader.consumer;
    harness->result->skipped = !cg_conv2d_transforms(harness->rt, &k->call);
done:
    return status;
}

/* The call's workspace, spectra and room for the moments of what it writes. */
static cg_status create_scratch(conv2d_check *k, cg_harness *harness)
{
    cg_status status = CG_OK;
    const cg_verify_conv2d *c = k->settings;
    const cg_map *y = written_map(&k->call);
    size_t workspace = cg_conv2d_workspace(harness->rt, &k->call);
    if (workspace)
        CG_TRY(cg_harness_output(&k->call.workspace, harness, workspace));
    CG_TRY(create_spectra(&k->call, k->spectra, harness));
    if (c->pass != CG_CONV2D_WEIGHT && !c->extra && !c->consumer_c && y->c > 1) {
        size_t partials = cg_conv2d_moments(harness->rt, &k->call);
        CG_TRY(cg_harness_output(&k->moments.buffer, harness, cg_moments_bytes(y, 1, partials)));
        k->call.moments = &k->moments;
    }
done:
    return status;
}

static cg_status compare_results(conv2d_check *k, cg_harness *harness)
{
    cg_status status = CG_OK;
    const cg_conv2d *call = &k->call;
    const expected *e = &k->y;
    const cg_map *y = written_map(call);
    size_t n = call->shape.n;
    if (call->moments)
        CG_TRY(cg_verify_moments(harness, &k->moments, y));
    if (call->db)
        CG_TRY(cg_harness_compare_features(harness, "db", call->db,
                                           (cg_expected){k->db.value, k->db.limit},
                                           (cg_features){1, k->db.size}, false));
    if (call->pass == CG_CONV2D_WEIGHT)
        return cg_harness_compare(harness, "dw", call->weight, e->value, e->limit, e->size);
    if (e->gate)
        CG_TRY(cg_harness_compare_mask(harness, "gate", call->epilogue.mask, y, n,
                                       (cg_expected){e->gate, e->gate_limit}));
    if (k->settings->consumer_c)
        return cg_verify_reader_run(&k->reader, harness, &(cg_verify_input){y, e->value, e->limit});
    return cg_harness_compare_map(harness, "y", y, n, e->value, e->limit);
done:
    return status;
}

cg_status cg_verify_conv2d_run(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_conv2d *c = &check->conv2d;
    conv2d_check k = {.settings = c, .call = {.pass = c->pass, .algorithm = c->algorithm}};
    k.call.shape =
        cg_conv2d_shape_same(c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride);

    const cg_conv2d_algorithm *algorithm = cg_conv2d_choose(harness->rt, &k.call);
    harness->result->skipped = !algorithm;
    if (algorithm && c->consumer_c)
        CG_TRY(add_consumer(&k, harness));
    if (harness->result->skipped)
        return CG_OK;
    harness->integers = c->integers;
    CG_TRY(draw_operands(&k.call, &k.y, &k.db, harness, c, algorithm->spectrum != NULL));
    CG_TRY(create_scratch(&k, harness));
    CG_TRY(cg_conv2d_enqueue(harness->rt, &k.call));
    CG_TRY(compare_results(&k, harness));
done:
    return status;
}
