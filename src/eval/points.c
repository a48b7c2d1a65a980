/* Sets of points. */
#include "eval/points.h"

#include "base/memory.h"
#include "base/try.h"
#include "ops/dense.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

cg_status cg_points_check(const float *x, size_t n, size_t d, size_t least)
{
    if (n < least || d < 1)
        return cg_fail(
            CG_ERR_SHAPE,
            "%zu points in %zu dimensions are too few: %zu points and 1 dimension at least "
            "are needed",
            n, d, least);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            if (!isfinite(x[i * d + j]))
                return cg_fail(CG_ERR_DIVERGED, "point %zu of %zu is not finite in dimension %zu",
                               i, n, j);
    return CG_OK;
}

void cg_points_mean(double *mean, const float *x, size_t n, size_t d)
{
    memset(mean, 0, d * sizeof *mean);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)x[i * d + j];
    for (size_t j = 0; j < d; j++)
        mean[j] /= (double)n;
}

cg_status cg_points_init(cg_points *points, cg_runtime *rt, size_t most, size_t d)
{
    cg_status status = CG_OK;
    cg_points p = {.d = d, .rows = cg_round_up(most, CG_BLOCK)};
    CG_TRY(cg_memory_create(&p.host, p.rows * d, sizeof(float)));
    CG_TRY(cg_memory_create(&p.host_squares, p.rows, sizeof(float)));
    CG_TRY(cg_buffer_create(&p.buffer, rt, p.rows * d * sizeof(float)));
    CG_TRY(cg_buffer_create(&p.squares, rt, p.rows * sizeof(float)));
    *points = p;
    p = (cg_points){0};
done:
    cg_points_deinit(&p);
    return status;
}

void cg_points_deinit(cg_points *points)
{
    free(points->host);
    free(points->host_squares);
    cg_buffer_release(points->buffer);
    cg_buffer_release(points->squares);
    *points = (cg_points){0};
}

/* Writes CG_BLOCK columns from `first` on: whole cache lines at a time. */
static void stage_block(const cg_points *p, size_t first, const float *x, const size_t *order,
                        size_t n, const double *centre)
{
    double squares[CG_BLOCK] = {0};
    for (size_t j = 0; j < p->d; j++) {
        float *to = p->host + j * p->rows + first;
        for (size_t i = 0; i < n; i++) {
            const size_t at = order ? order[first + i] : first + i;
            const float from = x[at * p->d + j];
            to[i] = centre ? (float)((double)from - centre[j]) : from;
            squares[i] += (double)to[i] * (double)to[i];
        }
        memset(to + n, 0, (CG_BLOCK - n) * sizeof *to);
    }
    for (size_t i = 0; i < CG_BLOCK; i++)
        p->host_squares[first + i] = i < n ? (float)squares[i] : INFINITY;
}

cg_status cg_points_upload(const cg_points *p, const float *x, const size_t *order, size_t n,
                           const double *centre)
{
    cg_status status = CG_OK;
    assert(n <= p->rows);
    for (size_t i = 0; i < p->rows; i += CG_BLOCK) {
        const size_t left = n > i ? n - i : 0;
        stage_block(p, i, x, order, left < CG_BLOCK ? left : CG_BLOCK, centre);
    }
    CG_TRY(cg_buffer_upload(p->buffer, 0, p->host, p->buffer->bytes));
    CG_TRY(cg_buffer_upload(p->squares, 0, p->host_squares, p->squares->bytes));
done:
    return status;
}

cg_status cg_points_multiply(cg_runtime *rt, cg_buffer *products, const cg_points *a,
                             const cg_points *b)
{
    const cg_dense_product product = {.c = products,
                                      .a = a->buffer,
                                      .transposed = true,
                                      .b = b->buffer,
                                      .blocks = 1,
                                      .rows = a->rows,
                                      .width = b->rows,
                                      .k = a->d};
    assert(a->d == b->d);
    return cg_dense_multiply(rt, &product, NULL);
}
