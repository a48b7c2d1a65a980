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
 */
#ifndef CLGAN_TRAIN_AUDIT_STEP_H
#define CLGAN_TRAIN_AUDIT_STEP_H

#include "train/audit.h"
#include "train/step.h"

/* Runs the step as cg_step_run() does, and audits it. If the batch is in shards, the head's is
 * audited as if it were a batch: it has the same kernels and sizes. Blocking, as all below.
 * CG_ERR_WRONG, logged with the step, as all below. */
cg_status cg_audit_step(cg_audit *audit, const cg_step_source *source, const cg_step_place *place);

/* Looks for the kernel that is wrong: all stages of the step go through their spot checks, from the
 * kept state; of a batch in shards, the head's. CG_OK when nothing is found. */
cg_status cg_audit_search(const cg_audit *audit, const cg_step_source *source,
                          const cg_step_place *place);

#endif
