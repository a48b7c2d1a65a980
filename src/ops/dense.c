/* Dense layers (CLBlast, cl/dense.cl). */
#include "ops/dense.h"

#include "base/try.h"
#include "ocl/gemm.h"

static size_t blocks(const cg_map *map)
{
    return map->c / CG_BLOCK;
}

/* Floats of one image of one block. */
static size_t width(const cg_map *map)
{
    return map->h * map->w * CG_BLOCK;
}

cg_status cg_dense_fwd(cg_runtime *rt, const cg_map *y, const cg_buffer *x, const cg_buffer *w,
                       size_t in)
{
    size_t columns = width(y);
    return cg_gemm(rt, y->n, columns, in, (cg_matrix){.buffer = x, .ld = in},
                   (cg_matrix){.buffer = w, .ld = columns, .stride = in * columns},
                   (cg_matrix){.buffer = y->buffer, .ld = columns, .stride = y->n * columns},
                   blocks(y));
}

cg_status cg_dense_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_buffer *x, const cg_map *dy,
                              size_t in)
{
    size_t columns = width(dy);
    return cg_gemm(rt, in, columns, dy->n, (cg_matrix){.buffer = x, .ld = in, .transposed = true},
                   (cg_matrix){.buffer = dy->buffer, .ld = columns, .stride = dy->n * columns},
                   (cg_matrix){.buffer = dw, .ld = columns, .stride = in * columns}, blocks(dy));
}

cg_status cg_dense_column_fwd(cg_runtime *rt, cg_buffer *y, const cg_map *x, const cg_buffer *w,
                              size_t n)
{
    enum { ITEMS = 32 }; /* as in the kernel */
    cg_launch launch = {
        .file = "dense.cl", .kernel = "dense_column_fwd", .local = {ITEMS}, .global = {ITEMS * n}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(y), cg_arg_buffer(x->buffer), cg_arg_buffer(w),
                     cg_arg_int(x->n), cg_arg_int(x->h * x->w), cg_arg_int(blocks(x)));
}

cg_status cg_dense_column_bwd_weight(cg_runtime *rt, cg_buffer *dw, const cg_map *x,
                                     const cg_buffer *factor, size_t n)
{
    cg_status status = CG_OK;
    size_t columns = width(x);
    CG_TRY(cg_buffer_fill(dw, 0));
    for (size_t b = 0; b < blocks(x); b++)
        CG_TRY(cg_gemv(rt, n, columns,
                       (cg_matrix){.buffer = x->buffer,
                                   .offset = b * x->n * columns,
                                   .ld = columns,
                                   .transposed = true},
                       (cg_matrix){.buffer = factor},
                       (cg_matrix){.buffer = dw, .offset = b * columns}));
done:
    return status;
}

cg_status cg_dense_column_bwd(cg_runtime *rt, const cg_map *dx, const cg_buffer *w, const cg_map *x,
                              const cg_buffer *mask, float mask_scale, float slope, size_t n)
{
    cg_launch launch = {.file = "dense.cl",
                        .kernel = "dense_column_bwd",
                        .global = {width(x) / rt->vec, n, blocks(x)}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(dx->buffer), cg_arg_buffer(w),
                     cg_arg_buffer(x->buffer), cg_arg_buffer(mask), cg_arg_int(n), cg_arg_int(x->n),
                     cg_arg_int(x->h * x->w), cg_arg_float(mask_scale), cg_arg_float(slope));
}
