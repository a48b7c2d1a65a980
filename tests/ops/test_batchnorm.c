/* Batch normalisation against ref/: both kinds of features, one chunk of samples and several, and
 * what is refused. */
#include "device.h"
#include "ocl/runtime.h"
#include "ops/dense.h"

static const cg_verify_map shapes[] = {
    {.n = 1, .h = 2, .w = 2, .c = 3, .in = 1},
    {.n = 3, .h = 7, .w = 7, .c = 128, .in = 1},
    {.n = 3, .h = 14, .w = 14, .c = 64, .in = 1}, /* three chunks */
    {.n = 96, .h = 3, .w = 5, .c = 33, .in = 1},  /* six chunks, the last one short */
    {.n = 255, .h = 1, .w = 1, .c = 17, .in = 1},
    {.n = 256, .h = 2, .w = 1, .c = 2, .in = 1},  /* two whole chunks */
    {.n = 2, .h = 7, .w = 7, .c = 256, .in = 49}, /* after the dense layer */
    {.n = 3, .h = 5, .w = 3, .c = 17, .in = 15},
    {.n = 300, .h = 1, .w = 2, .c = 33, .in = 2},
};

/* Behind a dense layer: of few samples, of several chunks of its products, of G's size. */
static const cg_verify_map dense_shapes[] = {
    {.n = 2, .h = 1, .w = 1, .c = 32, .in = 1, .vector = 1},
    {.n = 3, .h = 7, .w = 7, .c = 256, .in = 49, .vector = 100},
    {.n = 300, .h = 3, .w = 2, .c = 64, .in = 6, .vector = 33},
    {.n = 130, .h = 1, .w = 5, .c = 32, .in = 5, .vector = 260},
};

/* Runs a case by the device's vectors, and by scalars, where work-items share a sum unless the
 * arithmetic is strict. */
static void run(const char *name, cg_status (*function)(cg_harness *, const cg_verify_case *),
                int i)
{
    const cg_mode modes[] = {{device->vec, false}, {1, false}, {1, true}};
    for (size_t k = 0; k < CG_COUNT(modes); k++) {
        char text[CG_VERIFY_MESSAGE];
        const cg_verify_map *m = &shapes[i];
        snprintf(text, sizeof text, "%s of %zux%zux%zux%zu in %zu groups, vectors of %zu%s", name,
                 m->n, m->h, m->w, m->c, m->in, modes[k].vec, modes[k].strict ? ", strict" : "");
        const cg_verify_case check = {.name = text, .run = function, .map = *m};
        const cg_mode native = cg_runtime_set_mode(device, modes[k]);
        device_check(&check);
        cg_runtime_set_mode(device, native);
    }
}

START_TEST(forward)
{
    run("fwd", cg_verify_batchnorm_fwd, _i);
}
END_TEST

START_TEST(inference)
{
    run("inference", cg_verify_batchnorm_inference, _i);
}
END_TEST

START_TEST(backward)
{
    run("bwd", cg_verify_batchnorm_bwd, _i);
}
END_TEST

/* Every algorithm of the dense layer's products is tried: those that do a part of the batchnorm's
 * work, and those beside which it is launched. */
START_TEST(behind_dense)
{
    const cg_dense_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_dense_algorithm_at(a)); a++) {
        for (const cg_variant *v = algorithm->variants; v->name; v++) {
            char text[CG_VERIFY_MESSAGE];
            cg_verify_case check = {.name = text, .map = dense_shapes[_i]};
            snprintf(text, sizeof text, "behind a dense layer by %s, %zu samples", v->name,
                     check.map.n);
            check.map.algorithm = v->name;
            check.run = cg_verify_batchnorm_fwd;
            device_check(&check);
            check.run = cg_verify_batchnorm_bwd;
            device_check(&check);
        }
    }
}
END_TEST

START_TEST(misfits_are_refused)
{
    cg_batchnorm bn = {.x = {.n = 1, .h = 2, .w = 2, .c = 1}, .groups = 1};
    ck_assert_int_eq(cg_batchnorm_fwd(device, &bn), CG_ERR_SHAPE); /* one channel is not blocked */
    bn.x.c = 2;
    ck_assert_int_eq(cg_batchnorm_fwd(device, &bn), CG_ERR_SHAPE); /* no moments */
    ck_assert_int_eq(cg_batchnorm_bwd(device, bn.x, NULL, NULL, &bn),
                     CG_ERR_SHAPE);            /* no workspace */
    const cg_dense_norm norm = {.layer = &bn}; /* by channel, and not by position */
    ck_assert_int_eq(cg_dense_bwd_weight(device, NULL, NULL, &bn.x, 1, &norm, NULL), CG_ERR_SHAPE);
    bn.groups = 3;
    ck_assert_int_eq(cg_batchnorm_fwd(device, &bn), CG_ERR_SHAPE);
}
END_TEST

int main(void)
{
    const int count = (int)CG_COUNT(shapes);
    TCase *tests = tcase_create("batchnorm");
    tcase_add_loop_test(tests, forward, 0, count);
    tcase_add_loop_test(tests, inference, 0, count);
    tcase_add_loop_test(tests, backward, 0, count);
    tcase_add_loop_test(tests, behind_dense, 0, (int)CG_COUNT(dense_shapes));
    tcase_add_test(tests, misfits_are_refused);
    return device_run_case(tests, "ops/batchnorm");
}
