/* Values of portable functions (cl/portable_math.cl). */
#include "ops/portable_math.h"

#include "ocl/launch.h"

#include <clgan/log.h>

cg_status cg_portable_math(cg_runtime *rt, cg_buffer *out, const cg_buffer *x, const cg_buffer *y,
                           uint32_t first, size_t n, int f, bool vectors)
{
    cg_launch launch = {.file = "portable_math.cl",
                        .kernel = vectors ? "portable_math_vector" : "portable_math_scalar",
                        .global = {vectors ? n / rt->vec : n}};
    if (vectors && n % rt->vec != 0)
        return cg_fail(CG_ERR_SHAPE, "portable math: %zu values are no vectors of %zu", n, rt->vec);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(out), cg_arg_buffer(x), cg_arg_buffer(y),
                     cg_arg_uint(first), cg_arg_int(n), cg_arg_int((size_t)f));
}
