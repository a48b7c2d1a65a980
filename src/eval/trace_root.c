/* The trace of the root of a product of covariances. To LAPACK, a lower triangle row by row is an
 * upper one by columns. */
#include "eval/trace_root.h"

#include "base/memory.h"
#include "base/try.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cg_trace_root {
    lapack_int d;
    double *factor, *product; /* [d][d], triangles */
    double *eigen;            /* [d]               */
    lapack_int *pivots;       /* [d]               */
};

bool cg_trace_root_available(void)
{
    return true;
}

cg_status cg_trace_root_create(cg_trace_root **root, size_t d)
{
    cg_status status = CG_OK;
    cg_trace_root *r = NULL;
    *root = NULL;
    CG_TRY(cg_memory_create(&r, 1, sizeof *r));
    r->d = (lapack_int)d;
    CG_TRY(cg_memory_create(&r->factor, d * d, sizeof *r->factor));
    CG_TRY(cg_memory_create(&r->product, d * d, sizeof *r->product));
    CG_TRY(cg_memory_create(&r->eigen, d, sizeof *r->eigen));
    CG_TRY(cg_memory_create(&r->pivots, d, sizeof *r->pivots));
    *root = r;
    r = NULL;
done:
    cg_trace_root_release(r);
    return status;
}

void cg_trace_root_release(cg_trace_root *root)
{
    if (!root)
        return;
    free(root->factor);
    free(root->product);
    free(root->eigen);
    free(root->pivots);
    free(root);
}

/* Upper triangles by columns: a = P^T b P, P the permutation of LAPACK's 1-based pivots. */
static void permute(double *a, const double *b, const lapack_int *pivots, lapack_int d)
{
    for (lapack_int j = 0; j < d; j++)
        for (lapack_int i = 0; i <= j; i++) {
            lapack_int p = pivots[i] - 1, q = pivots[j] - 1;
            a[j * d + i] = p < q ? b[q * d + p] : b[p * d + q];
        }
}

/* With C1 = F F^T, C1 C2 has the eigenvalues of the symmetric F^T C2 F, whatever F: the root of C1,
 * or as here, for a tenth of its cost, its Cholesky factor. With pivots that is there for singular
 * matrices, too: P^T C1 P = U^T U, so F = P U^T, and beyond the rank U's rows are 0, and so are
 * those eigenvalues, which are not computed: few points have a small rank. Eigenvalues that
 * rounding left below 0 count as 0. */
cg_status cg_trace_root_measure(double *trace, cg_trace_root *root, const double *c1,
                                const double *c2)
{
    const lapack_int d = root->d;
    double *u = root->factor, *a = root->product;
    lapack_int rank = 0;
    memcpy(u, c1, (size_t)(d * d) * sizeof *u);
    lapack_int info = LAPACKE_dpstrf(LAPACK_COL_MAJOR, 'U', d, u, d, root->pivots, &rank, -1);
    *trace = 0;
    if (info >= 0) {
        for (lapack_int j = rank; j < d; j++)
            memset(u + j * d + rank, 0, (size_t)(d - rank) * sizeof *u);
        permute(a, c2, root->pivots, d);
        info = LAPACKE_dsygst(LAPACK_COL_MAJOR, 2, 'U', d, a, d, u, d); /* a = U a U^T */
    }
    if (info == 0 && rank > 0)
        info = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'N', 'U', rank, a, d, root->eigen);
    if (info != 0)
        return cg_fail(CG_ERR_DIVERGED,
                       "Frechet distance: LAPACK finds no eigenvalues in %d dimensions (%d)",
                       (int)d, (int)info);
    for (lapack_int i = 0; i < rank; i++)
        *trace += sqrt(fmax(root->eigen[i], 0));
    return CG_OK;
}
