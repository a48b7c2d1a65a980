/* Right numbers first: what is to be measured is compared with the float64 reference. */
#ifndef CLGAN_BENCH_DEVICE_CHECK_H
#define CLGAN_BENCH_DEVICE_CHECK_H

#include "bench/budget.h"
#include "nn/stages.h"

#include <clgan/bench.h>

/* The self-test (verify/selftest.h) of a training of that batch by these algorithms (nn/choice.h).
 * Blocking; check->ok is false when a result is not the right one, which is not logged, nor a
 * failure. CG_ERR_STOPPED, not logged, when the budget is over before all checks are done; NULL:
 * there is none. */
cg_status cg_device_check_run(cg_bench_check *check, cg_runtime *rt, const char *algorithms,
                              bool strict, size_t batch, const cg_budget *budget);

/* Compares one operation, by what the choice names for it and with the choice's width: by its check
 * on numbers that are rounded. */
cg_status cg_device_check_stage(cg_bench_check *check, cg_runtime *rt, const cg_stage *stage,
                                const cg_choice *choice);

/* CG_OK where the check is, else CG_ERR_WRONG, logged. */
cg_status cg_device_check_verdict(const cg_bench_check *check, const cg_runtime *rt);

#endif
