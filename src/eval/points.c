/* Sets of points. */
#include "eval/points.h"

#include "base/memory.h"
#include "base/try.h"
#include "ocl/gemm.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 256 /* dimensions in a product */ };

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
    cg_points p = {
        .d = d, .rows = cg_round_up(most, CG_POINTS_STEP), .width = cg_round_up(d, CG_POINTS_STEP)};
    CG_TRY(cg_memory_create(&p.host, p.rows * p.width, sizeof(float)));
    CG_TRY(cg_memory_create(&p.host_squares, p.rows, sizeof(float)));
    CG_TRY(cg_buffer_create(&p.buffer, rt, p.rows * p.width * sizeof(float)));
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

/* Returns the squared length. */
static float copy_centred(float *to, const float *from, const double *centre, size_t d)
{
    double square = 0;
    for (size_t j = 0; j < d; j++) {
        to[j] = centre ? (float)((double)from[j] - centre[j]) : from[j];
        square += (double)to[j] * (double)to[j];
    }
    return (float)square;
}

cg_status cg_points_upload(const cg_points *p, const float *x, const size_t *order, size_t n,
                           const double *centre)
{
    cg_status status = CG_OK;
    assert(n <= p->rows);
    for (size_t i = 0; i < n; i++)
        p->host_squares[i] =
            copy_centred(p->host + i * p->width, x + (order ? order[i] : i) * p->d, centre, p->d);
    for (size_t i = n; i < p->rows; i++)
        p->host_squares[i] = INFINITY;
    memset(p->host + n * p->width, 0, (p->rows - n) * p->width * sizeof(float));
    CG_TRY(cg_buffer_upload(p->buffer, 0, p->host, p->buffer->bytes));
    CG_TRY(cg_buffer_upload(p->squares, 0, p->host_squares, p->squares->bytes));
done:
    return status;
}

/* The product is summed over slices of the dimensions, because a longer row of a tile does not stay
 * in a CPU's nearest cache. */
cg_status cg_points_multiply(cg_runtime *rt, cg_buffer *products, const cg_points *a,
                             const cg_points *b)
{
    cg_status status = CG_OK;
    cg_matrix x = {.buffer = a->buffer, .ld = a->width},
              y = {.buffer = b->buffer, .ld = b->width, .transposed = true},
              xy = {.buffer = products, .ld = b->rows, .stride = a->rows * b->rows};
    assert(a->width == b->width);
    for (size_t from = 0; from < a->width; from += SLICE) {
        size_t width = a->width - from < SLICE ? a->width - from : SLICE;
        x.offset = y.offset = from;
        xy.added = from > 0;
        CG_TRY(cg_gemm(rt, a->rows, b->rows, width, x, y, xy, 1));
    }
done:
    return status;
}
