/* Each kind of stage for spot.c: its operands, what it writes, and what that should be. */
#ifndef CLGAN_VERIFY_SPOT_MODELS_H
#define CLGAN_VERIFY_SPOT_MODELS_H

#include "verify/spot_array.h"

/* Each fetches the stage's operands and adds what it writes. With the network's width. */
cg_status cg_spot_conv2d(cg_spot *spot);    /* any pass of any layer */
cg_status cg_spot_norm_fwd(cg_spot *spot);  /* g.bn0, g.bn1, g.bn2 */
cg_status cg_spot_norm_bwd(cg_spot *spot);  /* g.bn1, g.bn2 */
cg_status cg_spot_dense_fwd(cg_spot *spot); /* g.dense */
cg_status cg_spot_dense_bwd_weight(cg_spot *spot);
cg_status cg_spot_column_fwd(cg_spot *spot); /* d.dense */
cg_status cg_spot_column_bwd_weight(cg_spot *spot);
cg_status cg_spot_column_bwd_data(cg_spot *spot);
cg_status cg_spot_loss(cg_spot *spot);
cg_status cg_spot_adam(cg_spot *spot);

#endif
