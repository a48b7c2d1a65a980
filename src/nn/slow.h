/* A warning names the stages that are slow for want of a better algorithm. */
#ifndef CLGAN_NN_SLOW_H
#define CLGAN_NN_SLOW_H

#include "nn/choice.h"

/* Logs one warning with the stages that run by "plain" where no other algorithm fits the device,
 * and what the device allows; nothing where there is none. A stage that the user has given "plain"
 * is no reason to warn. */
void cg_slow_warn(cg_runtime *rt, const cg_choice *choice);

#endif
