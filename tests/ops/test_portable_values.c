/* The portable functions on the device have the host's bits. */
#include "device.h"
#include "ops/portable_math.h"

/* All pairs of special values, then 2^20 arguments of all exponents. */
START_TEST(same_bits_as_on_the_host)
{
    const cg_verify_case check = {.name = "portable math",
                                  .run = cg_verify_portable_math,
                                  .array = {.count = (size_t)1 << 20, .seed = (uint64_t)_i}};
    ck_assert(device_check(&check));
}
END_TEST

START_TEST(parts_of_vectors_are_refused)
{
    if (device->vec > 1)
        ck_assert_int_eq(
            cg_portable_math(device, NULL, NULL, NULL, 0, device->vec + 1, CG_PORTABLE_EXP, true),
            CG_ERR_SHAPE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("portable_math");
    tcase_add_loop_test(tests, same_bits_as_on_the_host, 0, 1);
    tcase_add_test(tests, parts_of_vectors_are_refused);
    return device_run_case(tests, "ops/portable_values");
}
