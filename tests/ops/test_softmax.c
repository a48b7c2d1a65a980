/* Softmax cross-entropy against ref/. */
#include "device.h"
#include "ops/softmax.h"

static const cg_verify_map shapes[] = {
    {.n = 1, .h = 1, .w = 1, .c = 2},
    {.n = 256, .h = 1, .w = 1, .c = 10}, /* the classifier's */
    {.n = 65, .h = 1, .w = 1, .c = 32, .extra = 2},
    {.n = 5, .h = 1, .w = 1, .c = 33, .extra = 1},
    {.n = 7, .h = 1, .w = 1, .c = 256, .extra = 3}, /* as many as a label can tell */
};

START_TEST(softmax)
{
    const cg_verify_case check = {.name = "softmax", .run = cg_verify_softmax, .map = shapes[_i]};
    device_check(&check);
}
END_TEST

/* Each differs from maps that fit by one number. */
static const struct {
    cg_map x, dx;
} misfits[] = {
    {{.n = 3, .h = 2, .w = 1, .c = 10}, {.n = 3, .h = 1, .w = 1, .c = 10}},
    {{.n = 3, .h = 1, .w = 2, .c = 10}, {.n = 3, .h = 1, .w = 1, .c = 10}},
    {{.n = 3, .h = 1, .w = 1, .c = 1}, {.n = 3, .h = 1, .w = 1, .c = 1}},
    {{.n = 3, .h = 1, .w = 1, .c = 257}, {.n = 3, .h = 1, .w = 1, .c = 257}},
    {{.n = 3, .h = 1, .w = 1, .c = 10}, {.n = 3, .h = 1, .w = 1, .c = 9}},
    {{.n = 2, .h = 1, .w = 1, .c = 10}, {.n = 3, .h = 1, .w = 1, .c = 10}},
    {{.n = 3, .h = 1, .w = 1, .c = 10}, {.n = 2, .h = 1, .w = 1, .c = 10}},
};

START_TEST(misfits_are_refused)
{
    const cg_map *x = &misfits[_i].x, *dx = &misfits[_i].dx;
    ck_assert_int_eq(cg_softmax_loss(device, dx, NULL, x, NULL, 0, 3), CG_ERR_SHAPE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("softmax");
    tcase_add_loop_test(tests, softmax, 0, (int)CG_COUNT(shapes));
    tcase_add_loop_test(tests, misfits_are_refused, 0, (int)CG_COUNT(misfits));
    return device_run_case(tests, "ops/softmax");
}
