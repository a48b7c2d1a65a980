/* Softmax cross-entropy: one work-item an image. */
#include "ops/softmax.h"

#include "ocl/launch.h"

#include <clgan/log.h>

cg_status cg_softmax_loss(cg_runtime *rt, const cg_map *dx, cg_buffer *loss, const cg_map *x,
                          const cg_buffer *labels, size_t first, size_t n)
{
    cg_launch launch = {.file = "softmax.cl", .kernel = "softmax_loss", .global = {n}};
    if (x->h * x->w != 1 || x->c < 2 || x->c > UINT8_MAX + 1 || dx->c != x->c || x->n < n ||
        dx->n < n)
        return cg_fail(CG_ERR_SHAPE, "softmax: no logits of %zux%zu pixels and %zu channels", x->h,
                       x->w, x->c);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dx->buffer), cg_arg_buffer(loss),
                     cg_arg_buffer(x->buffer), cg_arg_buffer(labels), cg_arg_int(first),
                     cg_arg_int(n), cg_arg_int(x->c), cg_arg_int(x->n), cg_arg_int(dx->n));
}
