/* Checked sizes, and arrays that grow. */
#include "sanitized.h"
#include "support.h"

#include "base/memory.h"

#include <stdint.h>

START_TEST(products_are_checked)
{
    const size_t fits[] = {3, 5, 7}, beyond[] = {SIZE_MAX / 2, 3};
    size_t product;
    ck_assert_int_eq(cg_size_product(&product, fits, 3), CG_OK);
    ck_assert_uint_eq(product, 105);
    ck_assert_int_eq(cg_size_product(&product, fits, 0), CG_OK);
    ck_assert_uint_eq(product, 1);
    ck_assert_int_eq(cg_size_product(&product, beyond, 2), CG_ERR_SHAPE);
    ck_assert_uint_eq(product, 0);
}
END_TEST

START_TEST(an_array_grows)
{
    enum { ITEMS = 1000 };
    int *items = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        ck_assert_int_eq(cg_memory_grow(&items, i, sizeof *items), CG_OK);
        items[i] = (int)i;
    }
    for (int i = 0; i < ITEMS; i++)
        ck_assert_int_eq(items[i], i);
    free(items);
}
END_TEST

/* The elements stay, and the array is still the caller's. */
START_TEST(an_array_that_cannot_grow_stays)
{
    char *items = NULL;
    ck_assert_int_eq(cg_memory_grow(&items, 0, 1), CG_OK);
    items[0] = 'a';
    ck_assert_int_eq(cg_memory_grow(&items, 1, SIZE_MAX / 2 + 1), CG_ERR_MEMORY);
    ck_assert_int_eq(items[0], 'a');
    free(items);
    void *none = &none;
    if (SANITIZED) /* where calloc() ends the process */
        return;
    ck_assert_int_eq(cg_memory_create(&none, SIZE_MAX / 2, 3), CG_ERR_MEMORY);
    ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, products_are_checked);
    tcase_add_test(tests, an_array_grows);
    tcase_add_test(tests, an_array_that_cannot_grow_stays);
    return run_case(tests, "memory");
}
