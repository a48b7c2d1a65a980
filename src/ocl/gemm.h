/* Dense products by CLBlast, row-major, float32, asynchronous. */
#ifndef CLGAN_OCL_GEMM_H
#define CLGAN_OCL_GEMM_H

#include "ocl/buffer.h"

#include <stdbool.h>

/* A matrix in a buffer; strides and leading dimensions count floats. */
typedef struct cg_matrix {
    const cg_buffer *buffer;
    size_t ld;
    size_t stride;   /* from one batch's matrix to the next; 0: the same for all */
    bool transposed; /* of a */
} cg_matrix;

/* True when the device allows groups as large as those of CLBlast's kernels. */
bool cg_gemm_serves(const cg_runtime *rt);

/* c[m, n] = a[m, k] b[k, n] (writes c) for each of `batch` matrices; a transposed a is stored
 * [k, m]. Nothing is done if c has no element; CG_ERR_SHAPE when k is 0, CG_ERR_CL where the device
 * does not serve. */
cg_status cg_gemm(cg_runtime *rt, size_t m, size_t n, size_t k, cg_matrix a, cg_matrix b,
                  cg_matrix c, size_t batch);

#endif
