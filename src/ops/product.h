/* Matrix products, row-major, float32: by CLBlast where the device has groups as large as its
 * kernels', and by a plain kernel (cl/product.cl) on any device. Asynchronous. */
#ifndef CLGAN_OPS_PRODUCT_H
#define CLGAN_OPS_PRODUCT_H

#include "ocl/gemm.h"

/* The plain kernel computes what cg_gemm() does (ocl/gemm.h), with its arguments and errors: sums
 * of k products in their order, each wrong by at most gamma(k) times the sum of their absolute
 * values (docs/kernels.md). */
cg_status cg_product_plain(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                           cg_matrix c, size_t batch);

/* The same is computed by CLBlast where cg_gemm_serves(), else by the plain kernel. */
cg_status cg_product(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                     cg_matrix c, size_t batch);

#endif
