/* The audit of a step of a batch in shards: what the audit of the head's part does not see. The
 * inputs of all shards here are compared with the host's, the tree of their sums with whole
 * numbers, the losses with the sums that they are made of; and the step as a whole must be the same
 * twice.
 */
#ifndef CLGAN_TRAIN_AUDIT_SHARDS_H
#define CLGAN_TRAIN_AUDIT_SHARDS_H

#include "train/audit.h"
#include "train/step.h"

/* Does the step twice, each time from the kept state; what remains is the second time. All ranks
 * call it. Blocking. CG_ERR_WRONG, logged with the step. */
cg_status cg_audit_shards(const cg_audit *audit, const cg_step_source *source,
                          const cg_step_place *place);

#endif
