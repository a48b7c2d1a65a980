/* Convolutions against ref/conv2d: draws a call of any pass with its prologues and its epilogue,
 * enqueues it, and compares all that it writes. The bounds are expect_conv2d's. */
#include "verify/conv2d_epilogue.h"
#include "verify/moments.h"
#include "verify/reader.h"

#include "base/try.h"
#include "ops/conv2d_algorithm.h"
#include "ref/dense.h"
#include "verify/approx.h"

/* A map of the call, and what the sums see of it where the pass reads it. */
typedef struct side {
    cg_map map;
    cg_prologue prologue;
    cg_conv2d_input seen;
} side;

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
    s->prologue.slope = (float)cg_conv2d_slope(harness);
    for (size_t i = 0; i < n * all * c; i++) {
        size_t f = (groups == 1 ? 0 : i / c % all) * c + i % c;
        double y = scale[f] * s->seen.value[i] + shift[f];
        s->seen.magnitude[i] = fabs(scale[f] * s->seen.value[i]) + fabs(shift[f]);
        s->seen.value[i] = y > 0 ? y : cg_conv2d_slope(harness) * y;
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
        s->seen.value[i] *= factor[i / each];
        s->seen.magnitude[i] *= fabs(factor[i / each]);
    }
done:
    return status;
}

static cg_status draw_map(side *s, cg_harness *harness, cg_map shape, size_t extra,
                          cg_verify_load load)
{
    cg_status status = CG_OK;
    size_t n = shape.n, size = n * shape.h * shape.w * shape.c;

    CG_TRY(cg_harness_draw(&s->seen.value, harness, size, -2, 2));
    CG_TRY(cg_harness_array(&s->seen.magnitude, harness, size, sizeof(double)));
    CG_TRY(cg_harness_input_map(&s->map, harness, s->seen.value, shape, extra));
    for (size_t i = 0; i < size; i++)
        s->seen.magnitude[i] = fabs(s->seen.value[i]);
    if (load == CG_LOAD_CHANNEL || load == CG_LOAD_POSITION)
        CG_TRY(draw_affine(s, harness, n, load == CG_LOAD_CHANNEL ? 1 : shape.h * shape.w));
    if (load == CG_LOAD_IMAGE)
        CG_TRY(draw_image(s, harness, n));
done:
    return status;
}

/* ---- the call -------------------------------------------------------------------------------- */

/* A call with all that it needs and what is expected of it. */
typedef struct conv2d_check {
    const cg_verify_conv2d *settings;
    cg_conv2d call;
    cg_conv2d_expected y, db; /* y: the array that the pass writes */
    cg_spectrum spectra[CG_CONV2D_OPERANDS];
    cg_moments moments;
    cg_verify_reader reader; /* where settings->consumer_c */
} conv2d_check;

/* Adds the bias's gradient, a sum over all positions, if the small map and its prologue allow it.
 */
static cg_status prepare_db(cg_conv2d *call, cg_conv2d_expected *db, cg_harness *harness,
                            const side *small)
{
    cg_status status = CG_OK;
    size_t terms = call->shape.n * small->map.h * small->map.w;

    if (small->prologue.scale || small->map.c == 1)
        return CG_OK;
    db->size = small->map.c;
    CG_TRY(cg_harness_output(&call->db, harness, cg_padded_channels(db->size) * sizeof(float)));
    CG_TRY(cg_harness_array(&db->value, harness, db->size, sizeof(double)));
    CG_TRY(cg_harness_array(&db->limit, harness, db->size, sizeof(double)));
    cg_ref_bias_bwd(db->value, small->seen.value, terms, db->size);
    cg_ref_bias_bwd(db->limit, small->seen.magnitude, terms, db->size);
    for (size_t i = 0; i < db->size; i++)
        db->limit[i] *= harness->integers ? 0 : cg_gamma(terms + CG_CONV2D_ROUNDINGS);
done:
    return status;
}

/* Draws a map that the pass reads, or makes room for the one that it writes. */
static cg_status prepare_map(side *s, cg_harness *harness, cg_map shape, bool read, size_t extra,
                             cg_verify_load load)
{
    if (read)
        return draw_map(s, harness, shape, extra, load);
    return cg_harness_output_map(&s->map, harness, shape.n + extra, shape.h, shape.w, shape.c);
}

/* Draws what the pass reads into the call, makes room for what it writes, and says what that should
 * be. */
static cg_status draw_operands(conv2d_check *k, cg_harness *harness, bool transformed)
{
    cg_status status = CG_OK;
    const cg_verify_conv2d *c = k->settings;
    cg_conv2d *call = &k->call;
    const cg_conv2d_shape *s = &call->shape;
    const cg_map large_shape = {.n = s->n, .h = s->large_h, .w = s->large_w, .c = s->large_c};
    const cg_map small_shape = {.n = s->n, .h = s->small_h, .w = s->small_w, .c = s->small_c};
    const size_t weights = s->kernel * s->kernel * s->large_c * s->small_c;
    side large = {0}, small = {0};
    double *w = NULL;

    CG_TRY(prepare_map(&large, harness, large_shape, c->pass != CG_CONV2D_UP, c->extra, c->large));
    CG_TRY(
        prepare_map(&small, harness, small_shape, c->pass != CG_CONV2D_DOWN, c->extra, c->small));
    if (c->pass == CG_CONV2D_WEIGHT) {
        CG_TRY(cg_harness_output(&call->weight, harness, weights * sizeof(float)));
        CG_TRY(prepare_db(call, &k->db, harness, &small));
    } else {
        CG_TRY(cg_harness_draw(&w, harness, weights, -1, 1));
        CG_TRY(cg_harness_input(&call->weight, harness, w, weights));
    }
    call->large = large.map;
    call->small = small.map;
    call->large_prologue = large.prologue;
    call->small_prologue = small.prologue;
    const cg_map *y = cg_conv2d_written(call);
    k->y.size = c->pass == CG_CONV2D_WEIGHT ? weights : s->n * y->h * y->w * y->c;
    CG_TRY(cg_expect_conv2d(&k->y, harness, c, &(cg_conv2d_operands){large.seen, small.seen, w},
                            transformed));
    if (c->pass != CG_CONV2D_WEIGHT)
        CG_TRY(cg_verify_draw_epilogue(&call->epilogue, &k->y, harness, y, s->n, c->store));
done:
    return status;
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
    const cg_map *y = cg_conv2d_written(&k->call);
    size_t workspace = cg_conv2d_workspace(harness->rt, &k->call);
    if (workspace)
        CG_TRY(cg_harness_output(&k->call.workspace, harness, workspace));
    CG_TRY(cg_verify_create_spectra(&k->call, k->spectra, harness));
    if (c->pass != CG_CONV2D_WEIGHT && !c->extra && !c->consumer_c && y->c > 1) {
        size_t partials = cg_conv2d_moments(harness->rt, &k->call);
        CG_TRY(cg_harness_output(&k->moments.buffer, harness, cg_moments_bytes(y, 1, partials)));
        k->call.moments = &k->moments;
    }
done:
    return status;
}

/* ---- the check ------------------------------------------------------------------------------- */

static cg_status compare_results(conv2d_check *k, cg_harness *harness)
{
    cg_status status = CG_OK;
    const cg_conv2d *call = &k->call;
    const cg_conv2d_expected *e = &k->y;
    const cg_map *y = cg_conv2d_written(call);
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
    CG_TRY(draw_operands(&k, harness, algorithm->spectrum != NULL));
    CG_TRY(create_scratch(&k, harness));
    CG_TRY(cg_conv2d_enqueue(harness->rt, &k.call));
    CG_TRY(compare_results(&k, harness));
done:
    return status;
}
