/* The parts of a training, in the order in which they are made: the data set, the device, the
 * choice of algorithms, the monitor, and all that lies on the device. A new run (train/start.h),
 * one that goes on (train/resume.h) and a rank that follows (train/follow.h) put them together. */
#ifndef CLGAN_TRAIN_SETUP_H
#define CLGAN_TRAIN_SETUP_H

#include "train/state.h"

/* Reads the images: of the options' folder, else of the run's, else of the default one. t->config
 * says which they are. CG_ERR_INPUT, CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_setup_load_data(cg_trainer *t);

/* Opens this rank's device, which t->config says. As cg_runtime_create_selected(). */
cg_status cg_setup_open_device(cg_trainer *t);

/* *choice = what the network will take, which fits the device's memory. `recorded`: the algorithms
 * of a run that goes on, NULL: none. It follows how many steps there are: t->epoch_steps, t->last.
 * CG_ERR_ARGUMENT, CG_ERR_MEMORY. */
cg_status cg_setup_choose_network(cg_choice *choice, cg_trainer *t, const char *recorded);

/* As cg_monitor_prepare(). */
cg_status cg_setup_prepare_monitor(cg_trainer *t);

/* Tests the device (train/trust.h), and creates what training needs there, the images with it; the
 * state is undefined yet. All ranks come together here: rank 0 tells the others of the run before,
 * and the caller of cg_train() its folder. */
cg_status cg_setup_create_network(cg_trainer *t, const cg_choice *choice);

/* The state at step 0. */
cg_status cg_setup_init_network(cg_trainer *t);

/* Gives back all that was made, also where some was not. */
void cg_setup_release(cg_trainer *t);

#endif
