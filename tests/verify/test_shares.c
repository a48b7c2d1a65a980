/* The bound of a batchnorm's moments is that of the shares of the samples that the kernel sums:
 * with chunks of another size the results stay right, and the check must notice all the same. */
#include "device.h"
#include "support.h"

static void setup(void)
{
    char command[512];
    scratch_setup();
    snprintf(command, sizeof command, "cp -r %s/../cl %s", CLGAN_TEST_DIR, scratch_path("cl"));
    ck_assert_int_eq(system(command), 0);
    setenv("CLGAN_KERNEL_DIR", scratch_path("cl"), 1);
}

static void teardown(void)
{
    unsetenv("CLGAN_KERNEL_DIR");
    scratch_teardown();
}

/* The check of 300 samples by the kernels of the folder: three chunks, as they are. */
static cg_verify_result check_batchnorm(void)
{
    const cg_verify_case check = {.name = "batchnorm",
                                  .run = cg_verify_batchnorm_fwd,
                                  .map = {.n = 300, .h = 1, .w = 1, .c = 33, .in = 1}};
    cg_verify_result result;
    cg_runtime *rt;
    ck_assert_int_eq(cg_runtime_create_selected(&rt, getenv("CLGAN_DEVICE")), CG_OK);
    ck_assert_int_eq(cg_verify_run(&result, rt, &check), CG_OK);
    cg_runtime_release(rt);
    return result;
}

START_TEST(shares_of_another_size_are_noticed)
{
    char command[512];
    cg_verify_result result = check_batchnorm();
    ck_assert_msg(result.ok, "%s", result.message);
    snprintf(command, sizeof command, "sed -i 's/CG_BATCHNORM_CHUNK/(2 * &)/g' %s",
             scratch_path("cl/batchnorm.cl"));
    ck_assert_int_eq(system(command), 0);
    result = check_batchnorm();
    ck_assert(!result.ok);
    ck_assert_str_eq(result.message, "samples of a share[0] is 256, not 128 +- 0");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shares");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, shares_of_another_size_are_noticed);
    return device_run_case(tests, "verify/shares");
}
