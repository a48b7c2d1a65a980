/* The defaults of each kind of device: the tables of ops/defaults.c and what algorithms say of
 * devices, together. No device is needed. */
#include "ocl/types.h"
#include "ops/conv2d.h"
#include "ops/conv2d_algorithm.h"
#include "ops/defaults.h"
#include "ops/dense.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS = 5 };

static const struct device_case {
    const char *name;
    cg_device_type type;
    size_t local_kib, groups, vec; /* local memory; work-items in a group; floats in a vector */
    bool short_loops;
    const char *conv2d[LAYERS][CG_CONV2D_PASSES]; /* DOWN, UP, WEIGHT; all the same: one name */
    const char *dense;
} devices[] = {
    /* clang-format off */
    {"CPU", CG_DEVICE_CPU, 1024, 4096, 16, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, vectors of 8", CG_DEVICE_CPU, 256, 4096, 8, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, 64 KiB of local memory", CG_DEVICE_CPU, 64, 8192, 16, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, 32 KiB", CG_DEVICE_CPU, 32, 8192, 16, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, 16 KiB", CG_DEVICE_CPU, 16, 8192, 16, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, minimum of OpenCL 1.2", CG_DEVICE_CPU, 32, 1, 4, false,
     {{"fourier"}, {"fourier"}, {"image"}, {"image"}, {"direct"}}, "own"},
    {"CPU, 8 KiB", CG_DEVICE_CPU, 8, 8192, 16, false,
     {{"direct"}, {"plain", "direct", "plain"}, {"image", "plain", "image"},
      {"image", "plain", "image"}, {"direct"}}, "own"},
    {"CPU, 2 KiB", CG_DEVICE_CPU, 2, 128, 16, false,
     {{"plain"}, {"plain"}, {"plain"}, {"plain"}, {"plain"}}, "plain"},
    {"CPU that ends long loops", CG_DEVICE_CPU, 1024, 1024, 8, true,
     {{"plain"}, {"plain"}, {"plain"}, {"plain"}, {"plain"}}, "clblast"},
    {"GPU", CG_DEVICE_GPU, 48, 1024, 1, false,
     {{"fourier_tiled"}, {"fourier_tiled"}, {"canvas"}, {"canvas"}, {"tiled"}}, "clblast"},
    {"GPU that ends long loops", CG_DEVICE_GPU, 32, 256, 1, true,
     {{"fourier_tiled"}, {"fourier_tiled"}, {"canvas"}, {"canvas"}, {"tiled"}}, "clblast"},
    {"GPU, 17 KiB", CG_DEVICE_GPU, 17, 1024, 1, false,
     {{"plain"}, {"plain"}, {"canvas", "plain", "plain"}, {"canvas", "plain", "canvas"}, {"plain"}},
     "clblast"},
    {"GPU, groups of 16", CG_DEVICE_GPU, 48, 16, 1, false,
     {{"tiled"}, {"tiled"}, {"plain"}, {"plain"}, {"tiled"}}, "plain"},
    {"GPU without local memory", CG_DEVICE_GPU, 0, 256, 1, false,
     {{"plain"}, {"plain"}, {"plain"}, {"plain"}, {"plain"}}, "clblast"},
    {"accelerator", CG_DEVICE_ACCELERATOR, 32, 256, 1, false,
     {{"fourier_tiled"}, {"fourier_tiled"}, {"canvas"}, {"canvas"}, {"tiled"}}, "clblast"},
    {"GPU, minimum of OpenCL 1.2", CG_DEVICE_GPU, 32, 1, 1, false,
     {{"plain"}, {"plain"}, {"plain"}, {"plain"}, {"plain"}}, "plain"},
    /* clang-format on */
};

static cg_runtime runtime_of(int device)
{
    const struct device_case *d = &devices[device];
    return (cg_runtime){
        .info = {.type = d->type,
                 .local_mem_bytes = 1024 * d->local_kib,
                 .max_work_group = d->groups,
                 .compute_units = 2},
        .vec = d->vec,
        .quirks = {.short_loops = d->short_loops, .spread = 1},
    };
}

/* convt1; convt2 and conv2; convt3 and conv1; two small ones with kernels of 3. */
static cg_conv2d_shape shape_of(size_t layer)
{
    const cg_conv2d_shape shapes[LAYERS] = {cg_conv2d_shape_same(256, 7, 7, 128, 256, 5, 1),
                                            cg_conv2d_shape_same(256, 14, 14, 64, 128, 5, 2),
                                            cg_conv2d_shape_same(256, 28, 28, 1, 64, 5, 2),
                                            cg_conv2d_shape_same(100, 28, 28, 1, 32, 3, 1),
                                            cg_conv2d_shape_same(100, 14, 14, 32, 64, 3, 1)};
    return shapes[layer];
}

START_TEST(defaults_of_a_kind_of_device)
{
    const cg_runtime rt = runtime_of(_i);
    for (size_t layer = 0; layer < LAYERS; layer++) {
        for (int pass = 0; pass < CG_CONV2D_PASSES; pass++) {
            cg_conv2d call = {.pass = (cg_conv2d_pass)pass, .shape = shape_of(layer)};
            const char *const *names = devices[_i].conv2d[layer];
            const char *wanted = names[pass] ? names[pass] : names[0];
            const cg_conv2d_algorithm *chosen = cg_conv2d_choose(&rt, &call);
            ck_assert_ptr_nonnull(chosen);
            ck_assert_msg(strcmp(chosen->variants->name, wanted) == 0, "%s, layer %zu, pass %d: %s",
                          devices[_i].name, layer, pass, chosen->variants->name);
            ck_assert(cg_conv2d_suits(&rt, chosen));
        }
    }
    ck_assert_str_eq(cg_dense_choose(&rt, NULL)->variants->name, devices[_i].dense);
}
END_TEST

/* A named algorithm runs on any device, but for those that its loops are too short for. */
START_TEST(named_algorithms_cross_kinds)
{
    const cg_runtime rt = runtime_of(_i);
    cg_conv2d call = {.pass = CG_CONV2D_DOWN, .shape = shape_of(2)};
    for (const cg_conv2d_default *line = cg_conv2d_defaults; line->algorithm; line++) {
        const cg_conv2d_algorithm *a = line->algorithm;
        bool shaped = line->maps != CG_MAPS_BLOCKED; /* for a large map of one channel */
        bool runs = line->kind != CG_KIND_CPU || !rt.quirks.short_loops;
        call.algorithm = a->variants->name;
        bool serves = shaped && runs && a->serves(&rt, &call.shape, call.pass);
        ck_assert_ptr_eq(cg_conv2d_choose(&rt, &call), serves ? a : NULL);
    }
    ck_assert_ptr_eq(cg_dense_choose(&rt, "clblast"),
                     rt.info.max_work_group >= 256 ? &cg_dense_clblast : NULL);
    ck_assert_ptr_eq(cg_dense_choose(&rt, "plain"), &cg_dense_plain);
    ck_assert(!rt.quirks.short_loops || !cg_dense_choose(&rt, "own"));
}
END_TEST

/* Every call is served: the last line of either table is for all devices and shapes. */
START_TEST(last_lines_serve_everything)
{
    size_t conv2d = 0, dense = 0;
    while (cg_conv2d_defaults[conv2d + 1].algorithm)
        conv2d++;
    while (cg_dense_defaults[dense + 1].algorithm)
        dense++;
    ck_assert_int_eq(cg_conv2d_defaults[conv2d].kind, CG_KIND_ANY);
    ck_assert_int_eq(cg_conv2d_defaults[conv2d].maps, CG_MAPS_ANY);
    ck_assert_ptr_eq(cg_conv2d_defaults[conv2d].algorithm, &cg_conv2d_plain);
    ck_assert_int_eq(cg_dense_defaults[dense].kind, CG_KIND_ANY);
    ck_assert_ptr_eq(cg_dense_defaults[dense].algorithm, &cg_dense_plain);
    ck_assert_ptr_null(cg_conv2d_algorithm_at(conv2d + 1));
    ck_assert_ptr_null(cg_conv2d_algorithm_at(conv2d + 9));
    ck_assert_ptr_null(cg_dense_algorithm_at(dense + 9));
}
END_TEST

int main(void)
{
    const int count = sizeof devices / sizeof devices[0];
    Suite *suite = suite_create("ops/defaults");
    TCase *tests = tcase_create("defaults");
    tcase_add_loop_test(tests, defaults_of_a_kind_of_device, 0, count);
    tcase_add_loop_test(tests, named_algorithms_cross_kinds, 0, count);
    tcase_add_test(tests, last_lines_serve_everything);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
