/* Right numbers first: what is to be measured is compared with the float64 reference. */
#ifndef CLGAN_BENCH_VERIFY_H
#define CLGAN_BENCH_VERIFY_H

#include "nn/dcgan.h"

#include <clgan/bench.h>

/* The quick list of checks, each operation of a step by the algorithm that `algorithms` gives it
 * (nn/algorithms.h). Blocking; *check says what came out. CG_ERR_WRONG, logged, when a result is
 * not the right one. */
cg_status cg_verify_device(cg_bench_check *check, cg_runtime *rt, const char *algorithms);

/* The checks of one operation by the algorithm of that name. check->ok is false when a result is
 * not the right one, which is not logged, nor a failure. */
cg_status cg_verify_stage(cg_bench_check *check, cg_runtime *rt, const cg_stage *stage,
                          const char *algorithm);

#endif
