/* Checks of the device's operations against ref/ (float64).
 *
 *     size_t count;
 *     const cg_verify_case *checks = cg_verify_list(&count);
 *     for (size_t i = 0; i < count; i++) {
 *         cg_verify_result result;
 *         CG_TRY(cg_verify_run(&result, rt, &checks[i]));
 *         if (!result.ok)
 *             printf("%s: %s\n", result.name, result.message);
 *     }
 *
 * A check draws its inputs from Philox, runs one operation and compares every element of its
 * outputs. The error bound of an element follows from the float32 operations that lead to it, at
 * any order of summation and with or without fused multiply-adds, never from what was measured
 * (approx.h, conv2d.c); with small integers as inputs nothing is rounded, and nothing may be wrong.
 * Outputs are filled with NaN before, and lie between zones that must not change; padding lanes of
 * outputs must be 0, images beyond those to be processed stay as they were.
 */
#ifndef CLGAN_VERIFY_VERIFY_H
#define CLGAN_VERIFY_VERIFY_H

#include "verify/case.h"

/* Runs one check; blocking. *result says what came out, and is filled also when the status is not
 * CG_OK: the operation could then not be run at all (CG_ERR_CL, CG_ERR_MEMORY, CG_ERR_SHAPE). */
cg_status cg_verify_run(cg_verify_result *result, cg_runtime *rt, const cg_verify_case *check);

/* Goes through a check that maps no buffer while work is rehearsed, so that its kernels are known
 * (ocl/rehearsal.h). */
cg_status cg_verify_foresee(cg_runtime *rt, const cg_verify_case *check);

/* The quick list: every operation at small awkward sizes, and the network's convolutions at batch 2
 * with their prologues and epilogues, by the default and by the plain algorithm. 3 s on PoCL,
 * 15 s where its kernel cache is cold. */
const cg_verify_case *cg_verify_list(size_t *count);

/* Returns the check of that name, of the list or of strict arithmetic; NULL: there is none. */
const cg_verify_case *cg_verify_find(const char *name);

#endif
