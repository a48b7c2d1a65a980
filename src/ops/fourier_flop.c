/* The number of floating-point operations of the Fourier form, counted in cl/fourier.clh and the
 * kernels of the products; a multiply-add is two. */
#include "ops/fourier.h"

/* A real transform of length n by its definition: sums and differences of pairs, then for each
 * frequency a multiply-add for each coefficient that is not 0. The inverse does as many, or some
 * more. */
static size_t line_flop(size_t n)
{
    size_t half = CG_FOURIER_HALF(n), terms = n % 2 ? 0 : n / 2 + 1;
    for (size_t k = 0; k <= n / 2; k++) {
        for (size_t j = 1; j <= half; j++) {
            terms += 4 * j * k % (2 * n) != n; /* cosine */
            terms += 2 * j * k % n != 0;       /* sine   */
        }
    }
    return 2 * half + 2 * terms;
}

/* A plane of n x n with `rows` rows that are not 0: rows, then columns, a complex one being two
 * real ones whose parts are added up. */
static size_t plane_flop(size_t n, size_t rows)
{
    size_t half = CG_FOURIER_HALF(n), edges = CG_FOURIER_EDGES(n);
    return (rows + 2 * half + edges) * line_flop(n) + 2 * half * n;
}

double cg_fourier_transform_flop(const cg_conv2d_shape *s, cg_conv2d_operand operand)
{
    cg_fourier g = cg_fourier_find(s);
    cg_extent e = cg_fourier_extent(&g, operand);
    size_t rows = operand == CG_CONV2D_WEIGHTS ? g.taps
                  : operand == CG_CONV2D_LARGE ? cg_ceil_div(s->large_h, s->stride)
                                               : s->small_h;
    size_t planes = (operand == CG_CONV2D_WEIGHTS ? e.rows : s->n) * e.blocks * CG_BLOCK;
    return (double)planes * (double)plane_flop(g.cycle, rows);
}

static double product_flop(const cg_conv2d *call, const cg_fourier *g, const size_t steps[3])
{
    cg_fourier_roles role = cg_fourier_roles_of[call->pass];
    cg_extent c = cg_fourier_extent(g, role.c);
    size_t rows = cg_round_up(c.rows, steps[0]);
    size_t columns = cg_round_up(c.blocks * CG_BLOCK, steps[1]);
    size_t k = cg_round_up(
        call->pass == CG_CONV2D_WEIGHT ? call->shape.n : cg_fourier_inner(g, call->pass), steps[2]);
    size_t products = CG_FOURIER_PRODUCTS * cg_fourier_complex(g) + cg_fourier_real(g);
    return 2.0 * (double)products * (double)rows * (double)columns * (double)k;
}

double cg_fourier_flop(const cg_conv2d *call, size_t rows, size_t columns, size_t k)
{
    cg_fourier g = cg_fourier_find(&call->shape);
    cg_conv2d_operand written = cg_fourier_roles_of[call->pass].c;
    double flop = product_flop(call, &g, (const size_t[]){rows, columns, k});
    for (size_t i = 0; i < CG_CONV2D_OPERANDS; i++) {
        cg_conv2d_operand o = (cg_conv2d_operand)i;
        if (o == written || !call->unchanged[o])
            flop += cg_fourier_transform_flop(&call->shape, o);
    }
    return flop;
}
