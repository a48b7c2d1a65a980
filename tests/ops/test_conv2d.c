/* The network's convolutions by every algorithm, against ref/, as drivers optimise their kernels.
 * test_conv2d_shapes.c has awkward shapes, test_conv2d_table.c the promises of the table of
 * algorithms. */
#include "ops/conv2d_run.h"

#include <math.h>

/* The network's convolutions as they are in the quick list, at other batches, by the algorithms for
 * devices of this kind or by the others. */
static void run_network(size_t n, bool integers, bool suiting)
{
    const cg_conv2d_algorithm *algorithm;
    size_t count, layers = 0;
    const cg_verify_case *list = cg_verify_list(&count);
    for (size_t i = 0; i < count && layers < 15; i++) {
        cg_verify_case check = list[i];
        if (check.run != cg_verify_conv2d_run)
            continue;
        layers++;
        check.conv2d.n = n;
        for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++) {
            if (cg_conv2d_suits(device, algorithm) == suiting)
                run_algorithm(check, integers, algorithm);
        }
    }
    ck_assert_uint_eq(layers, 15);
}

START_TEST(network_batch_1)
{
    run_network(1, true, true);
    run_network(1, false, true);
}
END_TEST

START_TEST(network_batch_3)
{
    run_network(3, false, true);
}
END_TEST

/* Nobody runs them here but who asks for them: one batch, not optimised, shows that they are
 * right, and the tier exhaustive what this device's compiler makes of them. */
START_TEST(algorithms_for_other_devices)
{
    device_set_optimised(device_runs_every_form());
    run_network(3, false, false);
    if (device_runs_every_form()) {
        run_network(1, true, false);
        run_network(1, false, false);
    }
    device_set_optimised(true);
}
END_TEST

/* The sum of the squared errors of the network's i-th convolution by one of its algorithms. */
static double squared_errors(int i, cg_conv2d_pass pass, const char *algorithm)
{
    static const cg_verify_conv2d layers[] = {
        {.n = 8, .h = 7, .w = 7, .large_c = 128, .small_c = 256, .kernel = 5, .stride = 1},
        {.n = 8, .h = 14, .w = 14, .large_c = 64, .small_c = 128, .kernel = 5, .stride = 2},
    };
    cg_verify_case check = {.name = algorithm, .run = cg_verify_conv2d_run, .conv2d = layers[i]};
    cg_verify_result result;
    check.conv2d.pass = pass;
    check.conv2d.algorithm = algorithm;
    ck_assert_int_eq(cg_verify_run(&result, device, &check), CG_OK);
    ck_assert(result.ok);
    return result.skipped ? NAN : result.squared_errors;
}

/* The bound for transforms is wide; this is what they promise: no worse than the direct sums. Four
 * cases: two layers by each pair, of which the suite runs the one for this device. */
START_TEST(fourier_is_as_exact_as_direct)
{
    static const char *const pairs[][2] = {{"fourier", "direct"}, {"fourier_tiled", "tiled"}};
    bool cpu = cg_runtime_device(device)->type == CG_DEVICE_CPU;
    if (!device_runs_every_form() && cpu != (_i / 2 == 0))
        return;
    for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
        double fourier = squared_errors(_i % 2, (cg_conv2d_pass)pass, pairs[_i / 2][0]);
        double direct = squared_errors(_i % 2, (cg_conv2d_pass)pass, pairs[_i / 2][1]);
        if (isnan(fourier) || isnan(direct))
            return; /* not on this device */
        ck_assert_double_gt(fourier, 0);
        ck_assert_double_le(fourier, direct);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conv2d");
    tcase_add_test(tests, network_batch_1);
    tcase_add_test(tests, network_batch_3);
    tcase_add_test(tests, algorithms_for_other_devices);
    tcase_add_loop_test(tests, fourier_is_as_exact_as_direct, 0, 4);
    return device_run_case(tests, "ops/conv2d");
}
