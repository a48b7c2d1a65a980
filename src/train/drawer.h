/* The network that draws: a run's pictures come from its own weights and moving statistics, or, as
 * the recipe says, from the mean of its weights and from recomputed statistics. These are another
 * network's, so that drawing leaves no trace in training. */
#ifndef CLGAN_TRAIN_DRAWER_H
#define CLGAN_TRAIN_DRAWER_H

#include "train/checkpoint.h"

typedef struct cg_drawer {
    cg_dcgan *net;           /* draws after cg_drawer_update() */
    const cg_dcgan *trained; /* the same, where the recipe asks for nothing else */
    const cg_recipe *recipe;
} cg_drawer;

/* For a network in training, which stays the caller's, as the recipe does. */
cg_status cg_drawer_init(cg_drawer *drawer, cg_dcgan *trained, const cg_recipe *recipe);

/* drawer->net = what the trained network draws by now. Blocking. */
cg_status cg_drawer_update(cg_drawer *drawer);

/* A zeroed drawer is fine. */
void cg_drawer_deinit(cg_drawer *drawer);

/* *net = a network that draws as the checkpoint's run does; `file` and `recipe` by
 * cg_checkpoint_read(). To be released. */
cg_status cg_drawer_open(cg_dcgan **net, cg_runtime *rt, const cg_safetensors *file,
                         const cg_recipe *recipe);

#endif
