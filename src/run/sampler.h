/* The network that draws: a run's pictures come from its own weights and moving statistics, or, as
 * the recipe says, from the mean of its weights and from recomputed statistics. These are another
 * network's, so that drawing leaves no trace in training. */
#ifndef CLGAN_RUN_SAMPLER_H
#define CLGAN_RUN_SAMPLER_H

#include "run/checkpoint.h"

typedef struct cg_sampler {
    cg_network *net;           /* draws after cg_sampler_update() */
    const cg_network *trained; /* the same, where the recipe asks for nothing else */
    const cg_recipe *recipe;
} cg_sampler;

/* The sampler of a network in training. The network and the recipe stay the caller's. */
cg_status cg_sampler_init(cg_sampler *sampler, cg_network *trained, const cg_recipe *recipe);

/* sampler->net = what the trained network draws by now. Blocking. */
cg_status cg_sampler_update(cg_sampler *sampler);

/* A zeroed sampler is fine. */
void cg_sampler_deinit(cg_sampler *sampler);

/* *net = a network that draws as the checkpoint's run does; `file` and `recipe` by
 * cg_checkpoint_read(). To be released. CG_ERR_WRONG when the device fails the self-test, unless
 * the runtime is trusted. */
cg_status cg_sampler_open(cg_network **net, cg_runtime *rt, const cg_safetensors *file,
                          const cg_recipe *recipe);

#endif
