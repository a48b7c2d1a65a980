/* Structs that the kernels of convolutions take by value (cl/shared.h). */
#include "ops/conv2d_args.h"

cg_arg cg_prologue_arg(const cg_prologue *p)
{
    size_t groups = p->groups ? p->groups : 1;
    const cg_prologue_values values = {
        .groups = (int)groups, .slope = p->slope, .flags = (int)CG_PROLOGUE_FLAGS(*p)};
    return cg_arg_struct(&values, sizeof values, groups);
}

cg_arg cg_epilogue_arg(const cg_epilogue *e)
{
    const cg_epilogue_values values = {.activation = (int)e->activation,
                                       .slope = e->slope,
                                       .mask_scale = e->mask_scale,
                                       .flags = (int)CG_EPILOGUE_FLAGS(*e)};
    return cg_arg_bytes(&values, sizeof values);
}

cg_arg cg_geometry_arg_of(const cg_conv2d *call, size_t n_first, size_t n_last)
{
    const cg_conv2d_shape *s = &call->shape;
    const size_t sizes[sizeof(cg_geometry) / sizeof(int)] = {
        [CG_INT_OF(cg_geometry, n_first)] = n_first,
        [CG_INT_OF(cg_geometry, n_last)] = n_last,
        [CG_INT_OF(cg_geometry, large_pitch)] = call->large.n,
        [CG_INT_OF(cg_geometry, small_pitch)] = call->small.n,
        [CG_INT_OF(cg_geometry, large_h)] = s->large_h,
        [CG_INT_OF(cg_geometry, large_w)] = s->large_w,
        [CG_INT_OF(cg_geometry, large_c)] = s->large_c,
        [CG_INT_OF(cg_geometry, small_h)] = s->small_h,
        [CG_INT_OF(cg_geometry, small_w)] = s->small_w,
        [CG_INT_OF(cg_geometry, small_c)] = s->small_c,
        [CG_INT_OF(cg_geometry, kernel_size)] = s->kernel,
        [CG_INT_OF(cg_geometry, stride)] = s->stride,
        [CG_INT_OF(cg_geometry, pad_h)] = s->pad_h,
        [CG_INT_OF(cg_geometry, pad_w)] = s->pad_w,
    };
    return cg_arg_ints(sizes, CG_COUNT(sizes));
}

cg_arg cg_geometry_arg(const cg_conv2d *call)
{
    return cg_geometry_arg_of(call, 0, call->shape.n);
}
