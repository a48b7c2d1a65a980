/* Which steps of a training are audited (audit_step.h).
 *
 * The last batch of an epoch can be smaller than those that the self-test knows. The first such
 * step of a run is audited, too, and all of its stages go through their spot checks.
 */
#ifndef CLGAN_TRAIN_AUDIT_DUE_H
#define CLGAN_TRAIN_AUDIT_DUE_H

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

/* *n = the number of the audit that is of the step, or next to it; from 0. True when it is of the
 * step. */
bool cg_audit_find_number(uint64_t *n, uint64_t seed, uint64_t step);

#endif
