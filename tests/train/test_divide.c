/* Shards are divided among ranks by how fast these are. */
#include "nn/shards_balance.h"
#include "support.h"

static const struct {
    size_t count, owners;
    double seconds[4];
    size_t shares[4];
} cases[] = {
    {8, 1, {1}, {8}},
    {8, 2, {1, 1}, {4, 4}},
    {8, 2, {1, 3}, {6, 2}},
    {8, 2, {1, 1000}, {7, 1}},
    {8, 3, {1, 1, 1}, {3, 3, 2}},
    {8, 3, {4, 1, 2}, {1, 5, 2}},
    {3, 3, {9, 1, 1}, {1, 1, 1}},
    {64, 4, {1, 2, 4, 8}, {35, 17, 8, 4}},
    {8, 2, {0, 0}, {8 - 1, 1}},
};

START_TEST(the_slowest_is_done_early)
{
    size_t owned[CG_TREE_MOST + 1];
    cg_shards_divide(owned, cases[_i].count, cases[_i].owners, cases[_i].seconds);
    ck_assert_uint_eq(owned[0], 0);
    for (size_t r = 0; r < cases[_i].owners; r++)
        ck_assert_uint_eq(owned[r + 1] - owned[r], cases[_i].shares[r]);
    ck_assert_uint_eq(owned[cases[_i].owners], cases[_i].count);
}
END_TEST

/* No image is left out, none is there twice, and sizes differ by one at most. */
START_TEST(shards_cover_a_batch)
{
    for (size_t n = 0; n < 300; n++)
        for (size_t count = 1; count <= CG_TREE_MOST; count++) {
            ck_assert_uint_eq(cg_shard_first(n, count, 0), 0);
            ck_assert_uint_eq(cg_shard_first(n, count, count), n);
            size_t least = n, most = 0; /* an assertion for each shard would cost seconds */
            for (size_t i = 0; i < count; i++) {
                size_t size = cg_shard_first(n, count, i + 1) - cg_shard_first(n, count, i);
                least = size < least ? size : least;
                most = size > most ? size : most;
            }
            ck_assert_uint_ge(least, n / count);
            ck_assert_uint_le(most, cg_shard_most(n, count));
        }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("divide");
    tcase_add_loop_test(tests, the_slowest_is_done_early, 0, sizeof cases / sizeof cases[0]);
    tcase_add_test(tests, shards_cover_a_batch);
    return run_case(tests, "divide");
}
