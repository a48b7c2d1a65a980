/* The DCGAN's losses (cl/loss.cl). */
#include "ops/loss.h"

#include "ocl/launch.h"

cg_status cg_loss_logits(cg_runtime *rt, const cg_loss_arrays *a, const cg_loss_batch *batch,
                         size_t row)
{
    cg_launch launch = {.file = "step.cl", .kernel = "loss_logits"};
    cg_status status = cg_launch_fit_group(&launch, rt, CG_LOSS_ITEMS);
    launch.global[0] = launch.local[0]; /* one group */
    if (status != CG_OK)
        return status;
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(a->logits), cg_arg_buffer(a->factor_d),
                     cg_arg_buffer(a->factor_g), cg_arg_buffer(a->dbias), cg_arg_buffer(a->metrics),
                     cg_arg_buffer(a->bias), cg_arg_int(batch->fakes), cg_arg_int(batch->reals),
                     cg_arg_float(batch->smoothing), cg_arg_int(row));
}
