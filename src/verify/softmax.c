/* Softmax cross-entropy against ref/: float32's errors by running error analysis (approx.h). */
#include "verify/approx.h"
#include "verify/harness.h"

#include "base/try.h"
#include "ops/softmax.h"
#include "ref/softmax.h"

enum { FIRST = 3 /* label of the first image */ };

typedef struct softmax {
    size_t n, classes;
    double *x, *loss, *dx, *loss_limit, *dx_limit;
    uint8_t *labels; /* [FIRST + n] */
} softmax;

static cg_status create_inputs(softmax *s, cg_harness *harness)
{
    cg_status status = CG_OK;
    size_t elements = s->n * s->classes;
    double *labels;
    CG_TRY(cg_harness_draw(&s->x, harness, elements, -30, 30));
    CG_TRY(cg_harness_draw(&labels, harness, FIRST + s->n, 0, (double)s->classes));
    CG_TRY(cg_harness_array(&s->labels, harness, FIRST + s->n, 1));
    for (size_t i = 0; i < FIRST + s->n; i++)
        s->labels[i] = (uint8_t)labels[i];
    CG_TRY(cg_harness_array(&s->loss, harness, s->n, sizeof(double)));
    CG_TRY(cg_harness_array(&s->loss_limit, harness, s->n, sizeof(double)));
    CG_TRY(cg_harness_array(&s->dx, harness, elements, sizeof(double)));
    CG_TRY(cg_harness_array(&s->dx_limit, harness, elements, sizeof(double)));
done:
    return status;
}

/* 3 ulp; a >= 1, where the slope is at most 1 and at an error of e at most 1 / (1 - e). */
static cg_approx approx_log(cg_approx a)
{
    return cg_approx_round((cg_approx){log(a.value), a.error / (a.value - a.error)}, 6);
}

static double largest(const double *x, size_t n)
{
    double max = x[0];
    for (size_t i = 1; i < n; i++)
        max = fmax(max, x[i]);
    return max;
}

static void expect_limits(softmax *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const double *x = s->x + i * s->classes;
        cg_approx max = cg_approx_exact(largest(x, s->classes)), sum = cg_approx_exact(0);
        cg_approx count = cg_approx_exact((double)s->n), one = cg_approx_exact(1);
        for (size_t c = 0; c < s->classes; c++)
            sum = cg_approx_add(sum, cg_approx_exp(cg_approx_sub(cg_approx_exact(x[c]), max)));
        for (size_t c = 0; c < s->classes; c++) {
            cg_approx e = cg_approx_exp(cg_approx_sub(cg_approx_exact(x[c]), max));
            cg_approx p = cg_approx_div(e, sum);
            if (c == s->labels[FIRST + i])
                p = cg_approx_sub(p, one);
            s->dx_limit[i * s->classes + c] = cg_approx_div(p, count).error + 0x1p-149;
        }
        cg_approx own = cg_approx_sub(cg_approx_exact(x[s->labels[FIRST + i]]), max);
        s->loss_limit[i] = cg_approx_sub(approx_log(sum), own).error;
    }
}

cg_status cg_verify_softmax(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const cg_verify_map *c = &check->map;
    softmax s = {.n = c->n, .classes = c->c};
    cg_map x, dx;
    cg_buffer *loss, *labels;

    CG_TRY(create_inputs(&s, harness));
    cg_ref_softmax_fwd(s.loss, s.x, s.labels + FIRST, s.n, s.classes);
    cg_ref_softmax_bwd(s.dx, s.x, s.labels + FIRST, s.n, s.classes);
    expect_limits(&s);
    CG_TRY(cg_harness_input_map(&x, harness, s.x,
                                (cg_map){.n = s.n, .h = 1, .w = 1, .c = s.classes}, c->extra));
    CG_TRY(cg_harness_input_bytes(&labels, harness, s.labels, FIRST + s.n));
    CG_TRY(cg_harness_output_map(&dx, harness, s.n + c->extra, 1, 1, s.classes));
    CG_TRY(cg_harness_output(&loss, harness, s.n * sizeof(float)));
    CG_TRY(cg_softmax_loss(harness->rt, &dx, loss, &x, labels, FIRST, s.n));
    CG_TRY(cg_harness_compare(harness, "loss", loss, s.loss, s.loss_limit, s.n));
    CG_TRY(cg_harness_compare_map(harness, "dx", &dx, s.n, s.dx, s.dx_limit));
done:
    return status;
}
