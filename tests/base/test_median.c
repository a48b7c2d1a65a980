/* The middle of numbers. */
#include "support.h"

#include "base/median.h"

static const struct {
    double numbers[4];
    size_t count;
    double median;
} cases[] = {
    {{3}, 1, 3}, {{4, 1}, 2, 2.5}, {{9, -1, 2}, 3, 2}, {{5, 1, 4, 2}, 4, 3}, {{7, 7, 7, 0}, 4, 7}};

START_TEST(is_in_the_middle)
{
    double numbers[4];
    memcpy(numbers, cases[_i].numbers, sizeof numbers);
    ck_assert_double_eq(cg_median(numbers, cases[_i].count), cases[_i].median);
    for (size_t i = 1; i < cases[_i].count; i++)
        ck_assert_double_le(numbers[i - 1], numbers[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("median");
    tcase_add_loop_test(tests, is_in_the_middle, 0, (int)(sizeof cases / sizeof *cases));
    return run_case(tests, "median");
}
