/* The spot check of a stage of a training step: what the device makes of the network's own arrays,
 * at the batch, by the algorithms and with the launches of training, against float64.
 *
 *     cg_verify_result result;
 *     for (size_t i = 0; i < CG_STAGES; i++) {
 *         CG_TRY(cg_spot_run(&result, net, &cg_stages[i], seed, false));
 *         if (!result.ok)
 *             printf("%s: %s\n", result.name, result.message);
 *     }
 *
 * The stage's operands are mapped before it runs, and what it is to overwrite is filled with NaN,
 * its scratch memory too. Afterwards no element may be left that was not written, and some elements
 * of each array are computed anew from the operands: the first, the last, one of each 64th part
 * (each 32nd where they take long to compute), in every lane of a vector, and those at the corners
 * and edges of the first and the last image. Sums of weights' gradients with random signs are
 * compared, too, so that a wrong tile of them is seen wherever it is (spot_sums.h). Bounds follow
 * from the operations (approx.h). A transform that a stage writes in place of a map is compared in
 * what the next stages make of it, with float64 for both of them.
 *
 * A stage that is checked leaves the bits that it leaves without a check.
 */
#ifndef CLGAN_VERIFY_SPOT_H
#define CLGAN_VERIFY_SPOT_H

#include "nn/stages.h"
#include "verify/case.h"

typedef struct cg_spot cg_spot;

/* Runs the stage, which is the next one of its step, and compares; blocking. The elements are drawn
 * from the seed. The images of the batch are compared with each other, too, where they repeat
 * (repeated.h). result->name is "g.convt1"; its message begins with the pass and the algorithm.
 * CG_OK whether or not results are right; else the stage could not be run. */
cg_status cg_spot_run(cg_verify_result *result, cg_network *net, const cg_stage *stage,
                      uint64_t seed, bool repeated);

/* The same in two parts, between which the caller runs the stage by cg_stage_run():
 * *spot = what is known before; to be given to cg_spot_release(). */
cg_status cg_spot_begin(cg_spot **spot, cg_network *net, const cg_stage *stage, uint64_t seed);
cg_status cg_spot_end(cg_spot *spot, cg_verify_result *result);

/* ---- without operands ------------------------------------------------------------------------ */

/* *spot = what the stage writes, and no more: nothing is downloaded, and nothing filled before
 * cg_spot_poison() (spot_array.h). To be given to cg_spot_release(). */
cg_status cg_spot_outline(cg_spot **spot, cg_network *net, const cg_stage *stage);

/* ---------------------------------------------------------------------------------------------- */

/* NULL is fine. */
void cg_spot_release(cg_spot *spot);

#endif
