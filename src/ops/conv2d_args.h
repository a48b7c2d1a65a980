/* A convolution as the arguments of a kernel (cl/conv2d.clh): for who implements one. */
#ifndef CLGAN_OPS_CONV2D_ARGS_H
#define CLGAN_OPS_CONV2D_ARGS_H

#include "ocl/launch.h"
#include "ops/conv2d_call.h"

/* The flags of the parts that a prologue and an epilogue have. */
#define CG_PROLOGUE_FLAGS(p) \
    (((p).scale ? CG_PROLOGUE_AFFINE : 0u) | ((p).image ? CG_PROLOGUE_IMAGE : 0u))
#define CG_EPILOGUE_FLAGS(e)                                                   \
    (((e).bias ? CG_EPILOGUE_BIAS : 0u) | ((e).mask ? CG_EPILOGUE_MASK : 0u) | \
     ((e).image ? CG_EPILOGUE_IMAGE : 0u))

/* The arguments that PROLOGUE_PARAMS and EPILOGUE_PARAMS declare. */
#define CG_PROLOGUE_ARGS(p)                                                       \
    cg_arg_buffer((p).scale), cg_arg_buffer((p).shift), cg_arg_buffer((p).image), \
        cg_prologue_arg(&(p))
#define CG_EPILOGUE_ARGS(e)                                                     \
    cg_arg_buffer((e).bias), cg_arg_buffer((e).saved), cg_arg_buffer((e).mask), \
        cg_arg_buffer((e).image), cg_epilogue_arg(&(e))

/* The images' factors of a prologue alone. */
#define CG_IMAGE_ARGS(p) cg_arg_buffer((p).image), cg_arg_int((p).image ? CG_PROLOGUE_IMAGE : 0u)

/* The structs cg_prologue_values, cg_epilogue_values, and cg_geometry for all images of the call or
 * for some of them. */
cg_arg cg_prologue_arg(const cg_prologue *prologue);
cg_arg cg_epilogue_arg(const cg_epilogue *epilogue);
cg_arg cg_geometry_arg(const cg_conv2d *call);
cg_arg cg_geometry_arg_of(const cg_conv2d *call, size_t n_first, size_t n_last);

#endif
