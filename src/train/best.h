/* best.safetensors: the checkpoint of a run's best evaluation so far.
 *
 * It is written before the epoch's own checkpoint, which stands for complete files. A resume from
 * an older checkpoint finds the best of then among the others, because cg_run_prune() leaves it. */
#ifndef CLGAN_TRAIN_BEST_H
#define CLGAN_TRAIN_BEST_H

#include "run/checkpoint.h"
#include "run/run.h"

/* Makes best.safetensors the checkpoint of that step again, of a run with that recipe; step 0:
 * there is no best, and the file is removed. If that checkpoint is lost, a warning says so, and the
 * file is removed, too. CG_ERR_WRITE. */
cg_status cg_best_restore(const cg_run *run, uint64_t step, const cg_recipe *own);

/* Writes the network's state after an epoch's last step as best.safetensors. CG_ERR_WRITE. */
cg_status cg_best_save(const cg_run *run, const cg_network *net, const cg_recipe *recipe,
                       uint64_t step, size_t epoch);

#endif
