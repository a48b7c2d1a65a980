/* The audit of a step.
 *
 * A step is done twice from the same state, 443 to 499 steps after the last one that was, as the
 * seed has it. The second time all that a stage overwrites holds NaN before, and some stages go
 * through their spot checks (verify/spot.h): the small ones and Adam each time, the others in turn,
 * because what is wrong in the same way each time shows there alone. All arrays that the stages
 * write must have the same checksums both times: a launch that is left out, work-groups that do not
 * run, bits that flip and races show in the first stage that they concern. The arrays that stages
 * leave for Adam must stay as they are until then (verify/kept.h). A row of launches follows, which
 * add up. A step of a batch in shards is done twice as a whole, too.
 *
 * The last batch of an epoch can be smaller than those that the self-test knows. The first such
 * step of a run is audited, too, and all of its stages go through their spot checks.
 */
#ifndef CLGAN_TRAIN_AUDIT_STEP_H
#define CLGAN_TRAIN_AUDIT_STEP_H

#include "train/audit.h"
#include "train/step.h"

/* The n-th audit is of step first + n CG_AUDIT_EVERY, or of one up to CG_AUDIT_SPREAD steps behind
 * it, as the seed has it. They are of even steps and odd ones in turn, as a device may be wrong at
 * each second one alone. The first step is within the first CG_AUDIT_FIRST: short runs are audited
 * once. Each CG_AUDIT_CERTAIN-th of them is audited in any case, of even and odd ones in turn, too;
 * others are left out while audits take more than 1 % of the time, as on a GPU whose 500 steps take
 * 0.7 s. */
enum { CG_AUDIT_EVERY = 471, CG_AUDIT_SPREAD = 28, CG_AUDIT_FIRST = 200, CG_AUDIT_CERTAIN = 3 };

/* The last step whose audit passed for sure in a run that has come to `step`; 0: none. */
uint64_t cg_audit_find_passed(const cg_audit *audit, const cg_step_source *source, uint64_t step);

/* True when the step is to be audited. */
bool cg_audit_is_due(const cg_audit *audit, const cg_step_source *source, uint64_t step);

/* Runs the step as cg_step_run() does, and audits it. If the batch is in shards, the head's is
 * audited as if it were a batch: it has the same kernels and sizes. Blocking, as all below.
 * CG_ERR_WRONG, logged with the step, as all below. */
cg_status cg_audit_step(cg_audit *audit, const cg_step_source *source, const cg_step_place *place);

/* Looks for the kernel that is wrong: all stages of the step go through their spot checks, from the
 * kept state; of a batch in shards, the head's. CG_OK when nothing is found. */
cg_status cg_audit_search(const cg_audit *audit, const cg_step_source *source,
                          const cg_step_place *place);

#endif
