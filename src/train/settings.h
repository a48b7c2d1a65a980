/* The settings of a run: what the options of cg_train() say, what they say where they are left out,
 * and what of them a run that goes on takes. */
#ifndef CLGAN_TRAIN_SETTINGS_H
#define CLGAN_TRAIN_SETTINGS_H

#include "train/state.h"

/* *complete = the options, with the defaults of cg_train_defaults() for numbers that are 0 and not
 * given. CG_ERR_ARGUMENT, logged, for one that is out of its range. */
cg_status cg_settings_complete(cg_train_options *complete, const cg_train_options *options);

/* t->config = those of a new run. CG_ERR_ARGUMENT. */
cg_status cg_settings_take(cg_trainer *t);

/* t->config has the settings of a run that goes on: those that were given again take their places.
 */
void cg_settings_take_again(cg_trainer *t);

/* CG_ERR_ARGUMENT where the run's batches are not in shards enough for all ranks. */
cg_status cg_settings_check_shards(const cg_trainer *t);

#endif
