/* Convolutions by each of their algorithms: what the tests of them share. */
#ifndef CLGAN_TESTS_OPS_CONV2D_RUN_H
#define CLGAN_TESTS_OPS_CONV2D_RUN_H

#include "verify/harness.h"
#include "ops/conv2d_algorithm.h"
#include "device.h"

#include <string.h>

/* Runs the check with the algorithm, on numbers or on integers. Those that work on transforms round
 * integers too, and are not run on them again. */
static inline void run_algorithm(cg_verify_case check, bool integers,
                                 const cg_conv2d_algorithm *algorithm)
{
    char name[CG_VERIFY_MESSAGE];
    const cg_verify_conv2d *c = &check.conv2d;
    if (integers && algorithm->spectrum)
        return;
    snprintf(name, sizeof name,
             "%s: n %zu, %zux%zux%zu to %zu, kernel %zu/%zu, pass %d, loads %d %d, store %d, %s%s",
             check.name, c->n, c->h, c->w, c->large_c, c->small_c, c->kernel, c->stride,
             (int)c->pass, (int)c->large, (int)c->small, (int)c->store, algorithm->variants->name,
             integers ? ", integers" : "");
    check.name = name;
    check.conv2d.integers = integers;
    check.conv2d.algorithm = algorithm->variants->name;
    device_check(&check);
}

#endif
