/* The plain matrix product, by integers, which float32 adds up exactly: every layout of its
 * operands, against the definition. */
#include "device.h"
#include "base/memory.h"
#include "ops/product.h"

enum { FLOATS = 400 };

static const struct product_case {
    size_t m, n, k, batch;
    cg_matrix a, b, c; /* without their buffers */
} cases[] = {
    {1, 1, 1, 1, {.ld = 1}, {.ld = 1}, {.ld = 1}},
    {3, 5, 7, 1, {.ld = 7}, {.ld = 5}, {.ld = 5, .added = true}},
    {3, 5, 7, 1, {.ld = 9, .offset = 2}, {.ld = 8, .offset = 1, .transposed = true}, {.ld = 6}},
    {4, 66, 2, 1, {.ld = 5, .transposed = true}, {.ld = 66}, {.ld = 67, .offset = 3}},
    {5, 3, 4, 3, {.ld = 4}, {.ld = 3, .stride = 12}, {.ld = 3, .stride = 15}},
    {2,
     3,
     4,
     3,
     {.ld = 2, .stride = 9, .transposed = true},
     {.ld = 4, .stride = 13, .transposed = true},
     {.ld = 3, .stride = 7, .added = true}},
};

static size_t place(const cg_matrix *m, size_t z, size_t row, size_t column)
{
    return m->offset + z * m->stride +
           (m->transposed ? column * m->ld + row : row * m->ld + column);
}

/* The numbers of an operand are whole, and of either sign. */
static float number(size_t i, size_t salt)
{
    return (float)((i * 7 + salt) % 11) - 5;
}

static cg_buffer *operand(size_t salt)
{
    cg_buffer *buffer;
    float values[FLOATS];
    for (size_t i = 0; i < FLOATS; i++)
        values[i] = number(i, salt);
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof values), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(buffer, 0, values, sizeof values), CG_OK);
    return buffer;
}

/* The result has what it had before beside the products. */
static void define(float *c, const struct product_case *p)
{
    for (size_t i = 0; i < FLOATS; i++)
        c[i] = number(i, 3);
    for (size_t z = 0; z < p->batch; z++) {
        for (size_t i = 0; i < p->m * p->n; i++) {
            float sum = 0;
            float *to = &c[place(&p->c, z, i / p->n, i % p->n)];
            for (size_t q = 0; q < p->k; q++)
                sum += number(place(&p->a, z, i / p->n, q), 1) *
                       number(place(&p->b, z, q, i % p->n), 2);
            *to = p->c.added ? *to + sum : sum;
        }
    }
}

START_TEST(plain)
{
    struct product_case p = cases[_i];
    float wanted[FLOATS], got[FLOATS];
    cg_buffer *a = operand(1), *b = operand(2), *c = operand(3);
    p.a.buffer = a, p.b.buffer = b, p.c.buffer = c;
    define(wanted, &p);
    ck_assert_int_eq(cg_product_plain(device, p.m, p.n, p.k, p.a, p.b, p.c, p.batch), CG_OK);
    ck_assert_int_eq(cg_buffer_download(c, 0, got, sizeof got), CG_OK);
    ck_assert_mem_eq(got, wanted, sizeof got);
    cg_buffer_release(a);
    cg_buffer_release(b);
    cg_buffer_release(c);
}
END_TEST

START_TEST(sizes_of_0)
{
    const cg_matrix none = {0};
    ck_assert_int_eq(cg_product_plain(device, 0, 1, 1, none, none, none, 1), CG_OK);
    ck_assert_int_eq(cg_product_plain(device, 1, 0, 1, none, none, none, 1), CG_OK);
    ck_assert_int_eq(cg_product_plain(device, 1, 1, 1, none, none, none, 0), CG_OK);
    ck_assert_int_eq(cg_product_plain(device, 1, 1, 0, none, none, none, 1), CG_ERR_SHAPE);
}
END_TEST

/* The plain kernel multiplies where CLBlast's groups are too large. */
START_TEST(small_groups)
{
    size_t most = device->info.max_work_group;
    cg_buffer *a = operand(1), *c = operand(3);
    const cg_matrix x = {.buffer = a, .ld = 4}, y = {.buffer = c, .ld = 4};
    float got;
    device->info.max_work_group = 1;
    ck_assert(!cg_gemm_serves(device));
    ck_assert_int_eq(cg_product(device, 1, 1, 1, x, x, y, 1), CG_OK);
    device->info.max_work_group = most;
    ck_assert_int_eq(cg_buffer_download(c, 0, &got, sizeof got), CG_OK);
    ck_assert_float_eq(got, number(0, 1) * number(0, 1));
    cg_buffer_release(a);
    cg_buffer_release(c);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("product");
    tcase_add_loop_test(tests, plain, 0, (int)CG_COUNT(cases));
    tcase_add_test(tests, sizes_of_0);
    tcase_add_test(tests, small_groups);
    return device_run_case(tests, "ops/product");
}
