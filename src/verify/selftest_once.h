/* The self-test once: a verdict is kept for a device, its driver, kernels and choice, and a command
 * that is about to run there goes by it.
 *
 *     cg_choice choice;
 *     CG_TRY(cg_choice_parse(&choice, rt, "direct", false));
 *     const cg_selftest_plan plan = {
 *         .what = "training", .parts = CG_SELFTEST_STEP, .choice = &choice, .batch = 256};
 *     CG_TRY(cg_selftest_ensure(rt, &plan)); // CG_ERR_WRONG, with a sentence that says what to do
 */
#ifndef CLGAN_VERIFY_SELFTEST_ONCE_H
#define CLGAN_VERIFY_SELFTEST_ONCE_H

#include "verify/selftest.h"

/* CG_OK where all is right, else CG_ERR_WRONG, logged: device, driver, the worst finding, what can
 * be done. `consequence`: "so nothing is measured"; `advice` ends the sentence. The plan is
 * forgotten then. */
cg_status cg_findings_judge(const cg_findings *findings, cg_runtime *rt,
                            const cg_selftest_plan *plan, const char *consequence,
                            const char *advice);

/* Tests the device unless it has passed this plan before, for a batch of at least this size, with
 * the same driver, kernels and choice: that is kept in the program cache (ocl/verdict.h). A device
 * that fails is tested again each time. The log says what a test is that takes long. CG_ERR_WRONG,
 * logged; CG_ERR_STOPPED. Nothing on a trusted runtime, or while work is planned only. */
cg_status cg_selftest_ensure(cg_runtime *rt, const cg_selftest_plan *plan);

/* Takes back what was kept of the plan, where a device has been seen to compute wrong since. */
void cg_selftest_forget(cg_runtime *rt, const cg_selftest_plan *plan);

#endif
