/* The epoch's order is a permutation, another one for each epoch and seed. */
#include "base/shuffle.h"
#include "support.h"

static const uint32_t counts[] = {1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 4097, 60000, 65537};
static const uint64_t seeds[] = {0, 1, 42, (uint64_t)1 << 32, UINT64_MAX};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void expect_permutation(const cg_shuffle *shuffle)
{
    unsigned char *seen = calloc(shuffle->count, 1);
    ck_assert_ptr_nonnull(seen);
    for (uint32_t i = 0; i < shuffle->count; i++) { /* assertions are slow: only where one fails */
        uint32_t to = cg_shuffle_index(shuffle, i);
        if (to >= shuffle->count || seen[to])
            ck_abort_msg("%u of %u: twice or beyond", to, shuffle->count);
        seen[to] = 1;
    }
    free(seen);
}

START_TEST(every_index_once)
{
    for (size_t s = 0; s < LENGTH(seeds); s++) {
        for (uint32_t epoch = 1; epoch <= 3; epoch++) {
            cg_shuffle shuffle;
            cg_shuffle_init(&shuffle, seeds[s], epoch, counts[_i]);
            expect_permutation(&shuffle);
        }
    }
}
END_TEST

/* The number of 60000 indices that two orders take to the same place: 1 on average. */
static int agreements(uint64_t seed_a, uint32_t epoch_a, uint64_t seed_b, uint32_t epoch_b)
{
    cg_shuffle a, b;
    int same = 0;
    cg_shuffle_init(&a, seed_a, epoch_a, 60000);
    cg_shuffle_init(&b, seed_b, epoch_b, 60000);
    for (uint32_t i = 0; i < 60000; i++)
        same += cg_shuffle_index(&a, i) == cg_shuffle_index(&b, i);
    return same;
}

START_TEST(orders_differ)
{
    ck_assert_int_eq(agreements(7, 1, 7, 1), 60000);
    ck_assert_int_lt(agreements(7, 1, 7, 2), 10);
    ck_assert_int_lt(agreements(7, 1, 8, 1), 10);
    ck_assert_int_lt(agreements(7, 1, 7 + ((uint64_t)1 << 32), 1), 10);
}
END_TEST

/* An index's image says little about its neighbour's: their distance is spread like that of two
 * random places, 1/3 of the range on average. */
START_TEST(neighbours_part)
{
    cg_shuffle shuffle;
    double distance = 0;
    cg_shuffle_init(&shuffle, 1, 1, 60000);
    for (uint32_t i = 0; i + 1 < 60000; i++) {
        double a = cg_shuffle_index(&shuffle, i), b = cg_shuffle_index(&shuffle, i + 1);
        distance += a > b ? a - b : b - a;
    }
    distance /= 60000.0 * 60000.0;
    ck_assert_double_gt(distance, 0.32);
    ck_assert_double_lt(distance, 0.347);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shuffle");
    tcase_add_loop_test(tests, every_index_once, 0, (int)LENGTH(counts));
    tcase_add_test(tests, orders_differ);
    tcase_add_test(tests, neighbours_part);
    return run_case(tests, "base/shuffle");
}
