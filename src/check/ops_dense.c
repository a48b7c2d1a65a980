/* Dense layers and the bias's gradient against ref/dense.
 *
 * Each output is a sum of K products, wrong by at most gamma(K + ROUNDINGS) times the sum of their
 * absolute values (approx.h); that sum is the same function of ref/ on absolute values. */
#include "check/approx.h"
#include "check/bed.h"
#include "check/onward.h"

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

static sizes sizes_of(const cg_check_map *m)
{
    return (sizes){m->n, m->in, m->h * m->w, m->c, m->h * m->w * m->c};
}

static cg_status draw(operand *o, cg_bed *bed, size_t n)
{
    cg_status status = CG_OK;
    CG_TRY(cg_bed_draw(&o->value, bed, n, -2, 2));
    CG_TRY(cg_bed_array(&o->magnitude, bed, n, sizeof(double)));
    for (size_t i = 0; i < n; i++)
        o->magnitude[i] = fabs(o->value[i]);
done:
    return status;
}

static cg_status make(operand *o, cg_bed *bed, size_t n)
{
    cg_status status = CG_OK;
    CG_TRY(cg_bed_array(&o->value, bed, n, sizeof(double)));
    CG_TRY(cg_bed_array(&o->magnitude, bed, n, sizeof(double)));
done:
    return status;
}

/* The sums of magnitudes become limits. */
static void limit(operand *o, const cg_bed *bed, size_t n, size_t terms)
{
    for (size_t i = 0; i < n; i++)
        o->magnitude[i] *= bed->integers ? 0 : cg_gamma(terms + ROUNDINGS);
}

/* ---- a vector to a map ----------------------------------------------------------------------- */

cg_status cg_check_dense_fwd(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, w, y;
    double *panels;
    cg_buffer *x_buffer, *w_buffer;
    cg_map map;

    bed->result->skipped = !cg_dense_choose(bed->rt, m->algorithm);
    if (bed->result->skipped)
        return CG_OK;
    bed->integers = m->integers;
    CG_TRY(draw(&x, bed, s.n * s.in));
    CG_TRY(draw(&w, bed, s.in * s.out));
    CG_TRY(make(&y, bed, s.n * s.out));
    CG_TRY(cg_bed_dense_panels(&panels, bed, w.value, s.in, s.hw, s.c));
    CG_TRY(cg_bed_input(&x_buffer, bed, x.value, s.n * s.in));
    CG_TRY(cg_bed_input(&w_buffer, bed, panels, s.in * s.out));
    CG_TRY(cg_bed_output_map(&map, bed, s.n, m->h, m->w, m->c));
    cg_ref_dense_fwd(y.value, x.value, w.value, s.n, s.in, s.out);
    cg_ref_dense_fwd(y.magnitude, x.magnitude, w.magnitude, s.n, s.in, s.out);
    limit(&y, bed, s.n * s.out, s.in);
    CG_TRY(cg_dense_fwd(bed->rt, &map, x_buffer, w_buffer, s.in, NULL, m->algorithm));
    CG_TRY(cg_bed_compare_map(bed, "y", &map, s.n, y.value, y.magnitude));
done:
    return status;
}

cg_status cg_check_dense_bwd_weight(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, dy, dw;
    double *value, *limits;
    cg_buffer *x_buffer, *dw_buffer;
    cg_map map;

    bed->result->skipped = !cg_dense_choose(bed->rt, m->algorithm);
    if (bed->result->skipped)
        return CG_OK;
    bed->integers = m->integers;
    CG_TRY(draw(&x, bed, s.n * s.in));
    CG_TRY(draw(&dy, bed, s.n * s.out));
    CG_TRY(make(&dw, bed, s.in * s.out));
    CG_TRY(cg_bed_input(&x_buffer, bed, x.value, s.n * s.in));
    CG_TRY(cg_bed_input_map(&map, bed, dy.value, s.n, 0, m->h, m->w, m->c));
    CG_TRY(cg_bed_output(&dw_buffer, bed, s.in * s.out * sizeof(float)));
    cg_ref_dense_bwd_weight(dw.value, dy.value, x.value, s.n, s.in, s.out);
    cg_ref_dense_bwd_weight(dw.magnitude, dy.magnitude, x.magnitude, s.n, s.in, s.out);
    limit(&dw, bed, s.in * s.out, s.n);
    CG_TRY(cg_bed_dense_panels(&value, bed, dw.value, s.in, s.hw, s.c));
    CG_TRY(cg_bed_dense_panels(&limits, bed, dw.magnitude, s.in, s.hw, s.c));
    CG_TRY(cg_dense_bwd_weight(bed->rt, dw_buffer, x_buffer, &map, s.in, NULL, m->algorithm));
    CG_TRY(cg_bed_compare(bed, "dw", dw_buffer, value, limits, s.in * s.out));
done:
    return status;
}

/* ---- a map to one number --------------------------------------------------------------------- */

cg_status cg_check_dense_column_fwd(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, w, y;
    cg_buffer *w_buffer, *y_buffer;
    cg_map map;

    bed->integers = m->integers;
    CG_TRY(draw(&x, bed, s.n * s.out));
    CG_TRY(draw(&w, bed, s.out));
    CG_TRY(make(&y, bed, s.n));
    CG_TRY(cg_bed_input_map(&map, bed, x.value, s.n, m->extra, m->h, m->w, m->c));
    CG_TRY(cg_bed_input_features(&w_buffer, bed, w.value, s.hw, s.c));
    CG_TRY(cg_bed_output(&y_buffer, bed, s.n * sizeof(float)));
    cg_ref_dense_fwd(y.value, x.value, w.value, s.n, s.out, 1);
    cg_ref_dense_fwd(y.magnitude, x.magnitude, w.magnitude, s.n, s.out, 1);
    limit(&y, bed, s.n, s.out);
    CG_TRY(cg_dense_column_fwd(bed->rt, y_buffer, &map, w_buffer, s.n));
    CG_TRY(cg_bed_compare(bed, "y", y_buffer, y.value, y.magnitude, s.n));
done:
    return status;
}

cg_status cg_check_dense_column_bwd_weight(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    operand x, factor, dw;
    cg_buffer *factor_buffer, *dw_buffer, *workspace;
    cg_map map;

    bed->integers = m->integers;
    CG_TRY(draw(&x, bed, s.n * s.out));
    CG_TRY(draw(&factor, bed, s.n));
    CG_TRY(make(&dw, bed, s.out));
    CG_TRY(cg_bed_input_map(&map, bed, x.value, s.n, m->extra, m->h, m->w, m->c));
    CG_TRY(cg_bed_input(&factor_buffer, bed, factor.value, s.n));
    CG_TRY(cg_bed_output(&dw_buffer, bed, s.out * sizeof(float)));
    cg_ref_dense_bwd_weight(dw.value, factor.value, x.value, s.n, s.out, 1);
    cg_ref_dense_bwd_weight(dw.magnitude, factor.magnitude, x.magnitude, s.n, s.out, 1);
    limit(&dw, bed, s.out, s.n);
    CG_TRY(cg_bed_output(&workspace, bed, cg_dense_column_workspace(&map, s.n)));
    CG_TRY(cg_dense_column_bwd_weight(bed->rt, dw_buffer, &map, factor_buffer, s.n, workspace));
    CG_TRY(cg_bed_compare_features(bed, "dw", dw_buffer, dw.value, dw.magnitude, s.hw, s.c, false));
done:
    return status;
}

cg_status cg_check_dense_column_bwd(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    const double slopes[] = {[CG_MASK_KEPT] = SLOPE, [CG_GATE_OPEN] = 1};
    operand w, dx;
    double *gates;
    cg_buffer *w_buffer, *gates_buffer;
    cg_map dx_map;
    cg_check_reader reader = {0};

    bed->integers = m->integers;
    CG_TRY(draw(&w, bed, s.out));
    CG_TRY(make(&dx, bed, s.n * s.out));
    CG_TRY(cg_bed_input_features(&w_buffer, bed, w.value, s.hw, s.c));
    CG_TRY(cg_bed_output_map(&dx_map, bed, s.n + m->extra, m->h, m->w, m->c));
    CG_TRY(cg_bed_draw_mask(&gates_buffer, &gates, bed, &dx_map, m->extra, CG_GATE_OPEN));
    for (size_t i = 0; i < s.n * s.out; i++) {
        dx.value[i] = w.value[i % s.out] * slopes[(int)gates[i]] / KEEP;
        dx.magnitude[i] = fabs(dx.value[i]);
    }
    limit(&dx, bed, s.n * s.out, 1);
    if (m->onward_c) {
        const cg_conv2d_shape shape =
            cg_conv2d_shape_same(s.n, 2 * m->h, 2 * m->w, m->onward_c, m->c, 5, 2);
        CG_TRY(cg_check_reader_init(&reader, bed, &shape, CG_CONV2D_SMALL));
        bed->result->skipped = !reader.onward.spectrum;
        if (bed->result->skipped)
            return CG_OK;
    }
    CG_TRY(cg_dense_column_bwd(bed->rt, &dx_map, w_buffer, gates_buffer, (float)(1 / KEEP),
                               (float)SLOPE, s.n, &reader.onward));
    if (m->onward_c)
        return cg_check_reader_run(&reader, bed, &dx_map, dx.value, dx.magnitude);
    CG_TRY(cg_bed_compare_map(bed, "dx", &dx_map, s.n, dx.value, dx.magnitude));
done:
    return status;
}

/* ---- bias ------------------------------------------------------------------------------------ */

cg_status cg_check_bias_bwd(cg_bed *bed, const cg_check *check)
{
    cg_status status = CG_OK;
    const cg_check_map *m = &check->map;
    sizes s = sizes_of(m);
    operand dy, factor, db;
    cg_buffer *factor_buffer, *db_buffer, *workspace;
    cg_map map;

    bed->integers = m->integers;
    CG_TRY(draw(&dy, bed, s.n * s.out));
    CG_TRY(draw(&factor, bed, s.n));
    CG_TRY(make(&db, bed, s.c));
    CG_TRY(cg_bed_input_map(&map, bed, dy.value, s.n, m->extra, m->h, m->w, m->c));
    CG_TRY(cg_bed_input(&factor_buffer, bed, factor.value, s.n));
    CG_TRY(cg_bed_output(&db_buffer, bed, cg_padded_channels(s.c) * sizeof(float)));
    CG_TRY(cg_bed_output(&workspace, bed, cg_bias_workspace(&map, s.n)));
    for (size_t i = 0; i < s.n * s.out; i++) { /* the device has dy already */
        dy.value[i] *= factor.value[i / s.out];
        dy.magnitude[i] *= factor.magnitude[i / s.out];
    }
    cg_ref_bias_bwd(db.value, dy.value, s.n * s.hw, s.c);
    cg_ref_bias_bwd(db.magnitude, dy.magnitude, s.n * s.hw, s.c);
    limit(&db, bed, s.c, s.n * s.hw);
    CG_TRY(cg_bias_bwd(bed->rt, db_buffer, &map, factor_buffer, s.n, workspace));
    CG_TRY(cg_bed_compare_features(bed, "db", db_buffer, db.value, db.magnitude, 1, s.c, false));
done:
    return status;
}
