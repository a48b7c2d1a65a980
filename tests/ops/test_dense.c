/* Dense layers, CLBlast's products among them, and the bias's gradient, against ref/. */
#include "device.h"
#include "ops/bias.h"
#include "ops/dense.h"

static const struct {
    const char *name;
    cg_status (*run)(cg_harness *harness, const cg_verify_case *check);
} operations[] = {
    {"dense fwd", cg_verify_dense_fwd},
    {"dense bwd_weight", cg_verify_dense_bwd_weight},
    {"dense column fwd", cg_verify_dense_column_fwd},
    {"dense column bwd_weight", cg_verify_dense_column_bwd_weight},
    {"dense column bwd", cg_verify_dense_column_bwd},
};

static const cg_verify_map shapes[] = {
    {.n = 1, .h = 1, .w = 1, .c = 32, .in = 1},
    {.n = 3, .h = 7, .w = 7, .c = 256, .in = 100},            /* G's layer */
    {.n = 3, .h = 7, .w = 7, .c = 128, .in = 17, .extra = 2}, /* D's layer */
    {.n = 96, .h = 1, .w = 3, .c = 64, .in = 33, .extra = 1},
    {.n = 255, .h = 3, .w = 1, .c = 32, .in = 3, .extra = 1},
    {.n = 70, .h = 1, .w = 3, .c = 64, .in = 260}, /* several chunks of tiles */
};

static void run(const char *name, cg_status (*function)(cg_harness *, const cg_verify_case *),
                cg_verify_map m)
{
    char text[CG_VERIFY_MESSAGE];
    for (int integers = 0; integers < 2; integers++) {
        snprintf(text, sizeof text, "%s: n %zu, %zux%zux%zu, in %zu%s", name, m.n, m.h, m.w, m.c,
                 m.in, integers ? ", integers" : "");
        m.integers = integers;
        const cg_verify_case check = {.name = text, .run = function, .map = m};
        device_check(&check);
    }
}

START_TEST(dense)
{
    for (size_t i = 0; i < CG_COUNT(shapes); i++)
        run(operations[_i].name, operations[_i].run, shapes[i]);
}
END_TEST

/* The transform of D's gradient instead of it. */
START_TEST(column_transformed)
{
    static const cg_verify_map maps[] = {
        {.n = 9, .h = 7, .w = 7, .c = 128, .consumer_c = 64, .extra = 2},
        {.n = 1, .h = 3, .w = 5, .c = 32, .consumer_c = 3},
    };
    for (size_t i = 0; i < CG_COUNT(maps); i++)
        run("dense column bwd, transformed", cg_verify_dense_column_bwd, maps[i]);
}
END_TEST

/* The products by each of their algorithms. */
START_TEST(dense_algorithms)
{
    const cg_dense_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_dense_algorithm_at(a)); a++) {
        for (const cg_variant *v = algorithm->variants; v->name; v++) {
            for (size_t i = 0; i < CG_COUNT(shapes); i++) {
                cg_verify_map shape = shapes[i];
                shape.algorithm = v->name;
                run(v->name, cg_verify_dense_fwd, shape);
                run(v->name, cg_verify_dense_bwd_weight, shape);
            }
        }
    }
    ck_assert_ptr_null(cg_dense_choose(device, "none"));
}
END_TEST

static const cg_verify_map bias_shapes[] = {
    {.n = 1, .h = 1, .w = 1, .c = 2},
    {.n = 3, .h = 14, .w = 14, .c = 64, .extra = 1},
    {.n = 8, .h = 5, .w = 3, .c = 3},
    {.n = 96, .h = 7, .w = 7, .c = 128, .extra = 3},
    {.n = 255, .h = 2, .w = 3, .c = 33, .extra = 1},
};

START_TEST(bias)
{
    run("bias", cg_verify_bias_bwd, bias_shapes[_i]);
}
END_TEST

START_TEST(bias_without_workspace_is_refused)
{
    const cg_map dy = {.n = 1, .h = 1, .w = 1, .c = 2};
    ck_assert_int_eq(cg_bias_bwd(device, NULL, &dy, NULL, 1, NULL), CG_ERR_SHAPE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dense");
    tcase_add_loop_test(tests, dense, 0, (int)CG_COUNT(operations));
    tcase_add_test(tests, column_transformed);
    tcase_add_test(tests, dense_algorithms);
    tcase_add_loop_test(tests, bias, 0, (int)CG_COUNT(bias_shapes));
    tcase_add_test(tests, bias_without_workspace_is_refused);
    return device_run_case(tests, "ops/dense");
}
