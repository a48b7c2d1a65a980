/* The table of quirks, on devices that no machine has together. */
#include "ocl/quirks.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A driver's words, and the quirks that are known of it. */
static const struct {
    const char *name, *platform, *driver;
    cg_quirks quirks; /* unusable: a word of the reason */
    const char *version;
} cases[] = {
    {"pthread-AMD EPYC", "Portable Computing Language", "3.1", {.own_cache = true, .spread = 16}},
    {"cpu-AMD EPYC", "Portable Computing Language", "6.0", {.own_cache = true, .spread = 1}},
    {"llvmpipe (LLVM 15.0.6, 256 bits)",
     "rusticl",
     "22.3.6",
     {.short_loops = true, .no_prefetch = true, .spread = 1, .test_batch = 8}},
    {"Oclgrind Simulator",
     "Oclgrind",
     "Oclgrind 21.10",
     {.no_prefetch = true, .spread = 1, .test_batch = 8}},
    {"NVIDIA H200", "NVIDIA CUDA", "580.1", {.spread = 1}},
    {"AMD EPYC", "Intel(R) OpenCL", "3.1", {.spread = 1}},
    {"pthread-AMD EPYC",
     "Portable Computing Language",
     "1.8",
     {.own_cache = true, .spread = 16, .unusable = "Intel's runtime"},
     "OpenCL 1.2 pocl HSTR: pthread-x86_64-pc-linux-gnu-generic"},
    {"pthread-Cortex",
     "Portable Computing Language",
     "3.1",
     {.own_cache = true, .spread = 16},
     "OpenCL 3.0 PoCL HSTR: pthread-aarch64-unknown-linux-gnu-generic"},
    {"pthread-AMD EPYC",
     "Portable Computing Language",
     "3.0-rc2",
     {.own_cache = true, .spread = 16, .no_lanes16 = true},
     "OpenCL 3.0 PoCL HSTR: pthread-x86_64-unknown-linux-gnu-znver3"},
    {"pthread-znver4-AMD EPYC",
     "Portable Computing Language",
     "3.1",
     {.own_cache = true, .spread = 16},
     "OpenCL 3.0 PoCL HSTR: pthread-x86_64-pc-linux-gnu-znver4"},
    {"", "", "", {.spread = 1}},
};

START_TEST(quirks_of_a_device)
{
    cg_device_info info = {0};
    snprintf(info.name, sizeof info.name, "%s", cases[_i].name);
    snprintf(info.platform, sizeof info.platform, "%s", cases[_i].platform);
    snprintf(info.driver, sizeof info.driver, "%s", cases[_i].driver);
    snprintf(info.version, sizeof info.version, "%s", cases[_i].version ? cases[_i].version : "");
    cg_quirks found = cg_quirks_find(&info), wanted = cases[_i].quirks;
    ck_assert_int_eq(found.short_loops, wanted.short_loops);
    ck_assert_int_eq(found.no_prefetch, wanted.no_prefetch);
    ck_assert_int_eq(found.own_cache, wanted.own_cache);
    ck_assert_uint_eq(found.spread, wanted.spread);
    ck_assert_uint_eq(found.test_batch, wanted.test_batch);
    ck_assert_int_eq(found.no_lanes16, wanted.no_lanes16);
    ck_assert_int_eq(found.unusable != NULL, wanted.unusable != NULL);
    ck_assert(!wanted.unusable || strstr(found.unusable, wanted.unusable));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ocl/quirks");
    TCase *tests = tcase_create("quirks");
    tcase_add_loop_test(tests, quirks_of_a_device, 0, sizeof cases / sizeof cases[0]);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
