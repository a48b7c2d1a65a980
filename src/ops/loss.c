/* The DCGAN's losses (cl/loss.cl). */
#include "ops/loss.h"

#include "ocl/launch.h"

/* The batch as the kernels take it; `sums`: the parts' sums, NULL: it is in one part. */
static cg_arg take_batch(const cg_loss_batch *b, const cg_buffer *sums)
{
    const size_t all_fakes = b->all_fakes ? b->all_fakes : b->fakes;
    const size_t all_reals = b->all_reals ? b->all_reals : b->reals;
    const cg_loss_values values = {
        .fakes = (int)b->fakes,
        .reals = (int)b->reals,
        .all_fakes = (int)all_fakes,
        .all_reals = (int)all_reals,
        .smoothing = b->smoothing,
        .whole = !sums,
    };
    return cg_arg_struct(&values, sizeof values, all_fakes + all_reals);
}

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
                     cg_arg_buffer(a->sums), cg_arg_buffer(a->bias), cg_arg_uint((uint32_t)row),
                     take_batch(batch, a->sums));
}

cg_status cg_loss_of_sums(cg_runtime *rt, const cg_loss_arrays *a, const cg_loss_batch *batch,
                          size_t row)
{
    cg_launch launch = {.file = "step.cl", .kernel = "loss_of_sums", .global = {1}, .local = {1}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(a->dbias), cg_arg_buffer(a->metrics),
                     cg_arg_buffer(a->sums), cg_arg_uint((uint32_t)row), take_batch(batch, NULL));
}
