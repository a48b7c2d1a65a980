/* Dense layers and the bias's gradient against ref/dense.
 *
 * Each output is a sum of K products, wrong by at most gamma(K + ROUNDINGS) times the sum of their
 * absolute values (approx.h); that sum is the same function of ref/ on absolute values. */
#include "verify/approx.h"
#include "verify/harness.h"
#include "verify/reader.h"

#include "base/try.h"
#include "ops/bias.h"
#include "ops/dense.h"
#include "ref/dense.h"

#include <math.h>

enum { ROUNDINGS = 8 };

#define SLOPE 0.5
#define KEEP  0.5

/* Sizes of a layer and an operand with its absolute values. */
typedef struct sizes {
    size_t n, in, hw, c, out;
} sizes;

typedef struct operand {
    double *value, *magnitude;
} operand;

static sizes sizes_of(const cg_verify_map *m)
{
    return (sizes){m->n, m->in, m->h * m->w, m->c, m->h * m->w * m->c};
}

static cg_status draw_operand(operand *o, cg_harness *harness, size_t n)
{
    cg_status status = CG_OK;
    CG_TRY(cg_harness_draw(&o->value, harness, n, -2, 2));
    CG_TRY(cg_harness_array(&o->magnitude, harness, n, sizeof(double)));
    for (size_t i = 0; i < n; i++)
        o->magnitude[i] = fabs(o->value[i]);
done:
    return status;
}

static cg_status create_operand(operand *o, cg_harness *harness, size_t n)
{
    cg_status status = CG_OK;
    CG_TRY(cg_harness_array(&o->value, harness, n, sizeof(double)));
    CG_TRY(cg_harness_array(&o->magnitude, harness, n, sizeof(double)));
done:
    return status;
}

/* The sums of magnitudes become limits. */
static void set_limits(operand *o, const cg_harness *harness, size_t n, size_t terms)
{
    for (size_t i = 0; i < n; i++)
        o->magnitude[i] *= harness->integers ? 0 : cg_gamma(terms + ROUNDINGS);
}

/* ---- a vector to a map ----------------------------------------------------------------------- */

cg_status cg_verify_dense_fwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, w, y;
    double *panels;
    cg_buffer *x_buffer, *w_buffer;
    cg_map map;

    harness->result->skipped = !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    harness->integers = m->integers;
    CG_TRY(draw_operand(&x, harness, s.n * s.in));
    CG_TRY(draw_operand(&w, harness, s.in * s.out));
    CG_TRY(create_operand(&y, harness, s.n * s.out));
    CG_TRY(cg_harness_dense_panels(&panels, harness, w.value, s.in, s.hw, s.c));
    CG_TRY(cg_harness_input(&x_buffer, harness, x.value, s.n * s.in));
    CG_TRY(cg_harness_input(&w_buffer, harness, panels, s.in * s.out));
    CG_TRY(cg_harness_output_map(&map, harness, s.n, m->h, m->w, m->c));
    cg_ref_dense_fwd(y.value, x.value, w.value, s.n, s.in, s.out);
    cg_ref_dense_fwd(y.magnitude, x.magnitude, w.magnitude, s.n, s.in, s.out);
    set_limits(&y, harness, s.n * s.out, s.in);
    CG_TRY(cg_dense_fwd(harness->rt, &map, x_buffer, w_buffer, s.in, NULL, m->algorithm));
    CG_TRY(cg_harness_compare_map(harness, "y", &map, s.n, y.value, y.magnitude));
done:
    return status;
}

cg_status cg_verify_dense_bwd_weight(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, dy, dw;
    double *value, *limits;
    cg_buffer *x_buffer, *dw_buffer;
    cg_map map;

    harness->result->skipped = !cg_dense_choose(harness->rt, m->algorithm);
    if (harness->result->skipped)
        return CG_OK;
    harness->integers = m->integers;
    CG_TRY(draw_operand(&x, harness, s.n * s.in));
    CG_TRY(draw_operand(&dy, harness, s.n * s.out));
    CG_TRY(create_operand(&dw, harness, s.in * s.out));
    CG_TRY(cg_harness_input(&x_buffer, harness, x.value, s.n * s.in));
    CG_TRY(cg_harness_input_map(&map, harness, dy.value,
                                (cg_map){.n = s.n, .h = m->h, .w = m->w, .c = m->c}, 0));
    CG_TRY(cg_harness_output(&dw_buffer, harness, s.in * s.out * sizeof(float)));
    cg_ref_dense_bwd_weight(dw.value, dy.value, x.value, s.n, s.in, s.out);
    cg_ref_dense_bwd_weight(dw.magnitude, dy.magnitude, x.magnitude, s.n, s.in, s.out);
    set_limits(&dw, harness, s.in * s.out, s.n);
    CG_TRY(cg_harness_dense_panels(&value, harness, dw.value, s.in, s.hw, s.c));
    CG_TRY(cg_harness_dense_panels(&limits, harness, dw.magnitude, s.in, s.hw, s.c));
    CG_TRY(cg_dense_bwd_weight(harness->rt, dw_buffer, x_buffer, &map, s.in, NULL, m->algorithm));
    CG_TRY(cg_harness_compare(harness, "dw", dw_buffer, value, limits, s.in * s.out));
done:
    return status;
}

/* ---- a map to one number --------------------------------------------------------------------- */

cg_status cg_verify_dense_column_fwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, w, y;
    cg_buffer *w_buffer, *y_buffer;
    cg_map map;

    harness->integers = m->integers;
    CG_TRY(draw_operand(&x, harness, s.n * s.out));
    CG_TRY(draw_operand(&w, harness, s.out));
    CG_TRY(create_operand(&y, harness, s.n));
    CG_TRY(cg_harness_input_map(&map, harness, x.value,
                                (cg_map){.n = s.n, .h = m->h, .w = m->w, .c = m->c}, m->extra));
    CG_TRY(cg_harness_input_features(&w_buffer, harness, w.value, s.hw, s.c));
    CG_TRY(cg_harness_output(&y_buffer, harness, s.n * sizeof(float)));
    cg_ref_dense_fwd(y.value, x.value, w.value, s.n, s.out, 1);
    cg_ref_dense_fwd(y.magnitude, x.magnitude, w.magnitude, s.n, s.out, 1);
    set_limits(&y, harness, s.n, s.out);
    CG_TRY(cg_dense_column_fwd(harness->rt, y_buffer, &map, w_buffer, s.n));
    CG_TRY(cg_harness_compare(harness, "y", y_buffer, y.value, y.magnitude, s.n));
done:
    return status;
}

cg_status cg_verify_dense_column_bwd_weight(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, factor, dw;
    cg_buffer *factor_buffer, *dw_buffer, *workspace;
    cg_map map;

    harness->integers = m->integers;
    CG_TRY(draw_operand(&x, harness, s.n * s.out));
    CG_TRY(draw_operand(&factor, harness, s.n));
    CG_TRY(create_operand(&dw, harness, s.out));
    CG_TRY(cg_harness_input_map(&map, harness, x.value,
                                (cg_map){.n = s.n, .h = m->h, .w = m->w, .c = m->c}, m->extra));
    CG_TRY(cg_harness_input(&factor_buffer, harness, factor.value, s.n));
    CG_TRY(cg_harness_output(&dw_buffer, harness, s.out * sizeof(float)));
    cg_ref_dense_bwd_weight(dw.value, factor.value, x.value, s.n, s.out, 1);
    cg_ref_dense_bwd_weight(dw.magnitude, factor.magnitude, x.magnitude, s.n, s.out, 1);
    set_limits(&dw, harness, s.out, s.n);
    CG_TRY(cg_harness_output(&workspace, harness, cg_dense_column_workspace(&map, s.n)));
    CG_TRY(cg_dense_column_bwd_weight(harness->rt, dw_buffer, &map, factor_buffer, s.n, workspace));
    CG_TRY(cg_harness_compare_features(harness, "dw", dw_buffer,
                                       (cg_expected){dw.value, dw.magnitude},
                                       (cg_features){s.hw, s.c}, false));
done:
    return status;
}

cg_status cg_verify_dense_column_bwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    const double slopes[] = {[CG_MASK_KEPT] = SLOPE, [CG_GATE_OPEN] = 1};
    operand w, dx;
    double *gates;
    cg_buffer *w_buffer, *gates_buffer;
    cg_map dx_map;
    cg_verify_reader reader = {0};

    harness->integers = m->integers;
    CG_TRY(draw_operand(&w, harness, s.out));
    CG_TRY(create_operand(&dx, harness, s.n * s.out));
    CG_TRY(cg_harness_input_features(&w_buffer, harness, w.value, s.hw, s.c));
    CG_TRY(cg_harness_output_map(&dx_map, harness, s.n + m->extra, m->h, m->w, m->c));
    CG_TRY(cg_harness_draw_mask(&gates_buffer, &gates, harness, &dx_map, m->extra, CG_GATE_OPEN));
    for (size_t i = 0; i < s.n * s.out; i++) {
        dx.value[i] = w.value[i % s.out] * slopes[(int)gates[i]] / KEEP;
        dx.magnitude[i] = fabs(dx.value[i]);
    }
    set_limits(&dx, harness, s.n * s.out, 1);
    if (m->consumer_c) {
        const cg_conv2d_shape shape =
            cg_conv2d_shape_same(s.n, 2 * m->h, 2 * m->w, m->consumer_c, m->c, 5, 2);
        CG_TRY(cg_verify_reader_init(&reader, harness, &shape, CG_CONV2D_SMALL));
        harness->result->skipped = !reader.consumer.spectrum;
        if (harness->result->skipped)
            return CG_OK;
    }
    const cg_gates gates_of_map = {gates_buffer, (float)(1 / KEEP), (float)SLOPE};
    CG_TRY(
        cg_dense_column_bwd(harness->rt, &dx_map, w_buffer, &gates_of_map, s.n, &reader.consumer));
    if (m->consumer_c)
        return cg_verify_reader_run(&reader, harness,
                                    &(cg_verify_input){&dx_map, dx.value, dx.magnitude});
    CG_TRY(cg_harness_compare_map(harness, "dx", &dx_map, s.n, dx.value, dx.magnitude));
done:
    return status;
}

/* ---- bias ------------------------------------------------------------------------------------ */

cg_status cg_verify_bias_bwd(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *m = &check->map;
    sizes s = sizes_of(m);
    operand dy, factor, db;
    cg_buffer *factor_buffer, *db_buffer, *workspace;
    cg_map map;

    harness->integers = m->integers;
    CG_TRY(draw_operand(&dy, harness, s.n * s.out));
    CG_TRY(draw_operand(&factor, harness, s.n));
    CG_TRY(create_operand(&db, harness, s.c));
    CG_TRY(cg_harness_input_map(&map, harness, dy.value,
                                (cg_map){.n = s.n, .h = m->h, .w = m->w, .c = m->c}, m->extra));
    CG_TRY(cg_harness_input(&factor_buffer, harness, factor.value, s.n));
    CG_TRY(cg_harness_output(&db_buffer, harness, cg_padded_channels(s.c) * sizeof(float)));
    CG_TRY(cg_harness_output(&workspace, harness, cg_bias_workspace(&map, s.n)));
    for (size_t i = 0; i < s.n * s.out; i++) { /* the device has dy already */
        dy.value[i] *= factor.value[i / s.out];
        dy.magnitude[i] *= factor.magnitude[i / s.out];
    }
    cg_ref_bias_bwd(db.value, dy.value, s.n * s.hw, s.c);
    cg_ref_bias_bwd(db.magnitude, dy.magnitude, s.n * s.hw, s.c);
    set_limits(&db, harness, s.c, s.n * s.hw);
    CG_TRY(cg_bias_bwd(harness->rt, db_buffer, &map, factor_buffer, s.n, workspace));
    CG_TRY(cg_harness_compare_features(harness, "db", db_buffer,
                                       (cg_expected){db.value, db.magnitude}, (cg_features){1, s.c},
                                       false));
done:
    return status;
}
