/* Convolutions by each of their algorithms: what the tests of them share. */
#ifndef CLGAN_TESTS_OPS_CONV2D_RUN_H
#define CLGAN_TESTS_OPS_CONV2D_RUN_H

#include "verify/harness.h"
#include "ops/conv2d_algorithm.h"
#include "device.h"

#include <string.h>

/* Runs the check with every algorithm, on numbers or on integers. Those that work on transforms
 * round integers too, and are not run on them again. */
static inline void run_algorithms(cg_verify_case check, bool integers)
{
    char name[CG_VERIFY_MESSAGE];
    const char *text = check.name;
    const cg_verify_conv2d *c = &check.conv2d;
    const cg_conv2d_algorithm *algorithm;
    check.name = name;
    check.conv2d.integers = integers;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++) {
        if (integers && algorithm->spectrum)
            continue;
        snprintf(name, sizeof name,
                 "%s: n %zu, %zux%zux%zu to %zu, kernel %zu/%zu, pass %d, loads %d %d, store %d, "
                 "%s%s",
                 text, c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride, (int)c->pass,
                 (int)c->large, (int)c->small, (int)c->store, algorithm->variants->name,
                 integers ? ", integers" : "");
        check.conv2d.algorithm = algorithm->variants->name;
        device_check(&check);
    }
}

#endif
