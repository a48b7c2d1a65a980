/* Convolutions: every algorithm at the network's shapes and at awkward ones, with every prologue
 * and epilogue, against ref/. What the table of algorithms promises: test_conv2d_table.c. */
#include "verify/harness.h"
#include "ops/conv2d_algorithm.h"
#include "device.h"

#include <math.h>
#include <string.h>

/* Runs the check with every algorithm, on numbers and on integers. */
static void run_all_algorithms(cg_verify_case check)
{
    char name[CG_VERIFY_MESSAGE];
    const char *text = check.name;
    const cg_conv2d_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++) {
        for (int integers = 0; integers < 2; integers++) {
            const cg_verify_conv2d *c = &check.conv2d;
            snprintf(
                name, sizeof name,
                "%s: n %zu, %zux%zux%zu to %zu, kernel %zu/%zu, pass %d, loads %d %d, store %d, "
                "%s%s",
                text, c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride, (int)c->pass,
                (int)c->large, (int)c->small, (int)c->store, algorithm->variants->name,
                integers ? ", integers" : "");
            check.name = name;
            check.conv2d.algorithm = algorithm->variants->name;
            check.conv2d.integers = integers;
            device_check(&check);
        }
    }
}

/* The network's convolutions as they are in the quick list, at other batches. */
static void run_network(size_t n)
{
    size_t count, layers = 0;
    const cg_verify_case *list = cg_verify_list(&count);
    for (size_t i = 0; i < count && layers < 15; i++) {
        cg_verify_case check = list[i];
        if (check.run != cg_verify_conv2d_run)
            continue;
        layers++;
        check.conv2d.n = n;
        run_all_algorithms(check);
    }
    ck_assert_uint_eq(layers, 15);
}

START_TEST(network_batch_1)
{
    run_network(1);
}
END_TEST

START_TEST(network_batch_3)
{
    run_network(3);
}
END_TEST

/* Prologues of what is read with epilogues of what is written, as each pair is another build for
 * some algorithms: every one with every other, or none of both and the `turn`-th of each. */
static void run_variants(cg_verify_conv2d shape, bool every_pair, int turn)
{
    cg_verify_case check = {.name = "conv2d", .run = cg_verify_conv2d_run, .conv2d = shape};
    for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
        for (int load = CG_LOAD_NONE; load <= CG_LOAD_IMAGE; load++) {
            check.conv2d.pass = (cg_conv2d_pass)pass;
            check.conv2d.large = (cg_verify_load)load;
            check.conv2d.small = (cg_verify_load)load;
            for (int store = CG_STORE_NONE; store <= CG_STORE_TANH_GRAD; store++) {
                bool in_turn = store == CG_STORE_NONE || store == 1 + turn % CG_STORE_TANH_GRAD;
                if (!every_pair && !(in_turn && load == store % (CG_LOAD_IMAGE + 1)))
                    continue;
                check.conv2d.store = (cg_verify_store)store;
                if (pass == CG_CONV2D_WEIGHT) /* no epilogue, but two prologues: go through pairs */
                    check.conv2d.small = (cg_verify_load)((load + store) % (CG_LOAD_IMAGE + 1));
                run_all_algorithms(check);
            }
        }
    }
}

static const cg_verify_conv2d awkward[] = {
    {.n = 1, .h = 5, .w = 5, .large_c = 3, .small_c = 17, .kernel = 3, .stride = 1},
    {.n = 3, .h = 7, .w = 9, .large_c = 17, .small_c = 33, .kernel = 5, .stride = 2, .extra = 2},
    {.n = 3, .h = 9, .w = 7, .large_c = 33, .small_c = 3, .kernel = 3, .stride = 2, .extra = 1},
    {.n = 3, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
    {.n = 1, .h = 5, .w = 7, .large_c = 1, .small_c = 3, .kernel = 3, .stride = 1},
    {.n = 3, .h = 6, .w = 5, .large_c = 17, .small_c = 1, .kernel = 5, .stride = 1, .extra = 1},
    {.n = 3, .h = 4, .w = 3, .large_c = 1, .small_c = 1, .kernel = 3, .stride = 2, .extra = 1},
    {.n = 1, .h = 8, .w = 6, .large_c = 3, .small_c = 3, .kernel = 4, .stride = 2},
    {.n = 1, .h = 1, .w = 2, .large_c = 17, .small_c = 3, .kernel = 1, .stride = 2, .extra = 1},
    {.n = 1, .h = 1, .w = 2, .large_c = 17, .small_c = 3, .kernel = 3, .stride = 2},
    {.n = 1, .h = 16, .w = 16, .large_c = 3, .small_c = 3, .kernel = 5, .stride = 1},
    /* dense layers */
    {.n = 3, .h = 5, .w = 5, .large_c = 33, .small_c = 17, .kernel = 5, .stride = 5, .extra = 1},
    {.n = 5, .h = 1, .w = 1, .large_c = 33, .small_c = 10, .kernel = 1, .stride = 1},
};

START_TEST(awkward_shape)
{
    run_variants(awkward[_i], _i == 1 || _i == 3, _i); /* both maps blocked, and an image */
}
END_TEST

/* Batches that are no multiple of anything, and larger than one share of the weight gradient. But
 * for the last the shapes are awkward ones: their kernels are there. */
static const cg_verify_conv2d large_batch[] = {
    {.n = 96, .h = 7, .w = 9, .large_c = 17, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
    {.n = 255, .h = 5, .w = 5, .large_c = 3, .small_c = 17, .kernel = 3, .stride = 1, .extra = 1},
    {.n = 255, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
    {.n = 255, .h = 3, .w = 3, .large_c = 33, .small_c = 65, .kernel = 3, .stride = 2},
};

START_TEST(large_batches)
{
    cg_verify_case check = {
        .name = "conv2d", .run = cg_verify_conv2d_run, .conv2d = large_batch[_i]};
    for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
        check.conv2d.pass = (cg_conv2d_pass)pass;
        check.conv2d.small = CG_LOAD_POSITION;
        check.conv2d.large = CG_LOAD_IMAGE;
        check.conv2d.store = pass == CG_CONV2D_UP ? CG_STORE_TANH_GRAD : CG_STORE_LEAKY;
        run_all_algorithms(check);
    }
}
END_TEST

/* What the small map's transform is, by a convolution that reads it: cycles of 8 and 9, uneven
 * phases, images beyond a work-item's and none in its last rows. */
static const cg_verify_conv2d transformed[] = {
    {.n = 9, .h = 28, .w = 28, .large_c = 1, .small_c = 64, .kernel = 5, .stride = 2},
    {.n = 3, .h = 13, .w = 13, .large_c = 1, .small_c = 33, .kernel = 3, .stride = 2, .extra = 2},
    {.n = 8, .h = 7, .w = 7, .large_c = 1, .small_c = 3, .kernel = 5, .stride = 1},
    {.n = 1, .h = 5, .w = 6, .large_c = 1, .small_c = 17, .kernel = 3, .stride = 1, .extra = 1},
};

START_TEST(transforms)
{
    cg_verify_case check = {.run = cg_verify_conv2d_run, .conv2d = transformed[_i]};
    check.conv2d.consumer_c = 35;
    for (int load = CG_LOAD_NONE; load <= CG_LOAD_IMAGE; load++) {
        for (int store = CG_STORE_NONE; store <= CG_STORE_TANH_GRAD; store++) {
            check.conv2d.large = (cg_verify_load)load;
            check.conv2d.store = (cg_verify_store)store;
            if (load == store % (CG_LOAD_IMAGE + 1))
                run_all_algorithms(check);
        }
    }
}
END_TEST

/* Whole and partial tiles, by each variant but the defaults. */
static const cg_verify_conv2d tiles[] = {
    {.n = 70, .h = 3, .w = 3, .large_c = 66, .small_c = 130, .kernel = 3, .stride = 2},
    {.n = 9, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
};

static void run_variants_of(const cg_conv2d_algorithm *algorithm, cg_verify_case check)
{
    for (const cg_variant *v = algorithm->variants + 1; v->name; v++) {
        for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
            check.name = check.conv2d.algorithm = v->name;
            check.conv2d.pass = (cg_conv2d_pass)pass;
            device_check(&check);
        }
    }
}

START_TEST(variants)
{
    cg_verify_case check = {.run = cg_verify_conv2d_run, .conv2d = tiles[_i]};
    const cg_conv2d_algorithm *algorithm;
    check.conv2d.integers = true;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++)
        run_variants_of(algorithm, check);
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
 * cases: two layers by each pair. */
START_TEST(fourier_is_as_exact_as_direct)
{
    static const char *const pairs[][2] = {{"fourier", "direct"}, {"fourier_tiled", "tiled"}};
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
    tcase_add_loop_test(tests, awkward_shape, 0, (int)CG_COUNT(awkward));
    tcase_add_loop_test(tests, transforms, 0, (int)CG_COUNT(transformed));
    tcase_add_loop_test(tests, variants, 0, (int)CG_COUNT(tiles));
    tcase_add_loop_test(tests, large_batches, 0, (int)CG_COUNT(large_batch));
    tcase_add_loop_test(tests, fourier_is_as_exact_as_direct, 0, 4);
    return device_run_case(tests, "ops/conv2d");
}
