/* Epilogues with random operands, and what they make of the sums that are expected: each adds its
 * own roundings to the sums' limits. */
#include "verify/conv2d_epilogue.h"

#include "base/try.h"
#include "verify/approx.h"

#define MASK_KEEP 0.5 /* so that dropout is exact, too */

/* value +- limit becomes factor value +- its limit, with `roundings` of the product. */
static void scale_one(cg_conv2d_expected *e, size_t i, double factor, double roundings,
                      const cg_harness *harness)
{
    e->value[i] *= factor;
    e->limit[i] = fabs(factor) * e->limit[i];
    if (!harness->integers)
        e->limit[i] += roundings * CG_ROUNDING * fabs(e->value[i]);
}

static cg_status store_bias(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
                            size_t c)
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
                CG_ROUNDING * fabs(e->value[i]) + cg_gamma(CG_CONV2D_ROUNDINGS) * fabs(bias[i % c]);
    }
done:
    return status;
}

/* Draws a mask, or gates, `highest` then being CG_GATE_OPEN. */
static cg_status store_mask(cg_epilogue *epilogue, double **mask, cg_conv2d_expected *e,
                            cg_harness *harness, const cg_map *y, size_t n, int highest)
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

static cg_status store_leaky(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
                             const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *mask;
    epilogue->activation = CG_ACT_LEAKY;
    epilogue->slope = (float)cg_conv2d_slope(harness);
    CG_TRY(store_bias(epilogue, e, harness, y->c));
    CG_TRY(cg_harness_array(&e->gate, harness, e->size, sizeof *e->gate));
    CG_TRY(cg_harness_array(&e->gate_limit, harness, e->size, sizeof *e->gate_limit));
    for (size_t i = 0; i < e->size; i++) { /* next to 0 the device may be on the other side */
        double limit = e->limit[i];
        e->gate[i] = e->value[i] > 0 ? CG_GATE_OPEN : CG_MASK_KEPT;
        e->gate_limit[i] = limit > 0 && fabs(e->value[i]) <= limit ? 1 : 0;
        scale_one(e, i, e->value[i] > 0 ? 1 : cg_conv2d_slope(harness), 1, harness);
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

static cg_status store_leaky_grad(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
                                  const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *saved;
    epilogue->activation = CG_ACT_LEAKY_GRAD;
    epilogue->slope = (float)cg_conv2d_slope(harness);
    CG_TRY(draw_saved(epilogue, &saved, harness, y, n));
    for (size_t i = 0; i < e->size; i++)
        scale_one(e, i, saved[i] > 0 ? 1 : cg_conv2d_slope(harness), 1, harness);
done:
    return status;
}

static cg_status store_gates(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
                             const cg_map *y, size_t n)
{
    cg_status status = CG_OK;
    double *gates;
    epilogue->activation = CG_ACT_LEAKY_GRAD;
    epilogue->slope = (float)cg_conv2d_slope(harness);
    CG_TRY(store_mask(epilogue, &gates, e, harness, y, n, CG_GATE_OPEN));
    for (size_t i = 0; i < e->size; i++)
        scale_one(e, i, gates[i] > CG_MASK_KEPT ? 1 : cg_conv2d_slope(harness), 1, harness);
done:
    return status;
}

static cg_status store_tanh_grad(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
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

cg_status cg_verify_draw_epilogue(cg_epilogue *epilogue, cg_conv2d_expected *e, cg_harness *harness,
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
