/* The plain matrix product, and who falls back to it. */
#include "ops/product.h"

#include "base/memory.h"
#include "ocl/launch.h"
#include "ocl/zero_size.h"
#include "cl/shared.h"

/* A matrix as the kernel takes it. */
static cg_arg layout(const cg_matrix *m)
{
    const size_t sizes[sizeof(cg_product_matrix) / sizeof(int)] = {
        [CG_INT_OF(cg_product_matrix, offset)] = m->offset,
        [CG_INT_OF(cg_product_matrix, stride)] = m->stride,
        [CG_INT_OF(cg_product_matrix, row_step)] = m->transposed ? 1 : m->ld,
        [CG_INT_OF(cg_product_matrix, column_step)] = m->transposed ? m->ld : 1,
    };
    return cg_arg_ints(sizes, CG_COUNT(sizes));
}

cg_status cg_product_plain(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                           cg_matrix c, size_t batch)
{
    cg_launch launch = {.file = "product.cl", .kernel = "product_plain", .global = {n, m, batch}};
    if (cg_zero_size_is_done(m) || cg_zero_size_is_done(n) || cg_zero_size_is_done(batch))
        return CG_OK;
    cg_status status = cg_zero_size_refuse(k, rt->info.name, "a product along a dimension");
    if (status != CG_OK)
        return status;
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(c.buffer), cg_arg_buffer(a.buffer),
                     cg_arg_buffer(b.buffer), layout(&c), layout(&a), layout(&b), cg_arg_int(m),
                     cg_arg_int(n), cg_arg_int(k), cg_arg_int(c.added));
}

cg_status cg_product(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                     cg_matrix c, size_t batch)
{
    return cg_gemm_serves(rt) ? cg_gemm(rt, m, n, k, a, b, c, batch)
                              : cg_product_plain(rt, m, n, k, a, b, c, batch);
}
