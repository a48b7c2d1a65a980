/* The losses and Adam against ref/. */
#include "device.h"

static const cg_verify_array batches[] = {{.count = 1, .other = 1},
                                          {.count = 256, .other = 96},
                                          {.count = 3, .other = 255},
                                          {.count = 256, .other = 256, .seed = 10}};

START_TEST(loss)
{
    const cg_verify_case check = {.name = "loss", .run = cg_verify_loss, .array = batches[_i]};
    device_check(&check);
}
END_TEST

static const cg_verify_array updates[] = {{.count = 16, .other = 1},
                                          {.count = 4096 + 16, .other = 2},
                                          {.count = 48, .other = 11700},
                                          {.count = 16, .other = 10000000},
                                          {.count = 4096 + 16, .other = 3, .seed = 1},
                                          {.count = 48, .other = 11700, .seed = 1}};

START_TEST(adam)
{
    const cg_verify_case check = {.name = "adam", .run = cg_verify_adam, .array = updates[_i]};
    device_check(&check);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("loss");
    tcase_add_loop_test(tests, loss, 0, (int)CG_COUNT(batches));
    tcase_add_loop_test(tests, adam, 0, (int)CG_COUNT(updates));
    return device_run_case(tests, "ops/loss");
}
