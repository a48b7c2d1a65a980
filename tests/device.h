/* The runtime that tests on a device share: one a process, on the device that CLGAN_DEVICE names.
 * OpenCL does not survive a fork, so tests do not run in processes of their own. */
#ifndef CLGAN_TESTS_DEVICE_H
#define CLGAN_TESTS_DEVICE_H

#include "verify/verify.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static cg_runtime *device;

/* The tier exhaustive sets it: the suite runs a sample of what is long. */
static inline bool device_runs_every_form(void)
{
    return getenv("CLGAN_EVERY_FORM") != NULL;
}

/* Programs that are built from here on are optimised or not, which takes a third of the time to
 * compile; the strict layer sees to it. */
static inline void device_set_optimised(bool optimised)
{
    if (optimised)
        unsetenv("CLGAN_STRICT_BUILD_OPTIONS");
    else
        setenv("CLGAN_STRICT_BUILD_OPTIONS", "-cl-opt-disable", 1);
}

/* Runs the check, which passes or is skipped; true when the device ran it. */
static inline bool device_check(const cg_verify_case *check)
{
    cg_verify_result result;
    cg_verify_run(&result, device, check);
    ck_assert_msg(result.ok, "%s: %s", result.name, result.message);
    return !result.skipped;
}

/* Runs the cases on the device; 0 when all passed. */
static inline int device_run_cases(TCase **cases, size_t count, const char *name)
{
    if (cg_runtime_create_selected(&device, getenv("CLGAN_DEVICE")) != CG_OK)
        return EXIT_FAILURE;
    Suite *suite = suite_create(name);
    for (size_t i = 0; i < count; i++)
        suite_add_tcase(suite, cases[i]);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    cg_runtime_release(device);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline int device_run_case(TCase *tests, const char *name)
{
    return device_run_cases(&tests, 1, name);
}

#endif
