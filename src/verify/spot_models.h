/* What each kind of stage reads and writes, and what it should write: for spot.c. */
#ifndef CLGAN_VERIFY_SPOT_MODELS_H
#define CLGAN_VERIFY_SPOT_MODELS_H

#include "verify/spot_array.h"

/* Each fetches the stage's operands and adds what it writes. With the network's width. */
cg_status cg_spot_conv2d(cg_spot *spot);

#endif
