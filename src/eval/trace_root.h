/* Inside eval/: what the Frechet distance takes from LAPACK, and all that it takes.
 *
 * An optional library: trace_root.c has it, without_lapack.c stands in for that file in a build
 * without it. */
#ifndef CLGAN_EVAL_TRACE_ROOT_H
#define CLGAN_EVAL_TRACE_ROOT_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct cg_trace_root cg_trace_root; /* room for one pair of matrices after the other */

/* True where this build has LAPACK. Without it the functions below end in CG_ERR_ABSENT. */
bool cg_trace_root_available(void);

/* *root = room for matrices [d][d], for cg_trace_root_release(), which accepts NULL. CG_ERR_MEMORY,
 * CG_ERR_ABSENT. */
cg_status cg_trace_root_create(cg_trace_root **root, size_t d);
void cg_trace_root_release(cg_trace_root *root);

/* *trace = tr (C1 C2)^(1/2) of two covariances, whose lower triangles are given row by row.
 * CG_ERR_DIVERGED, logged, where LAPACK finds no eigenvalues. */
cg_status cg_trace_root_measure(double *trace, cg_trace_root *root, const double *c1,
                                const double *c2);

#endif
