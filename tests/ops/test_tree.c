/* Sums by a tree: the order is that of the definition, and who owns which leaves changes no bit. */
#include "base/memory.h"
#include "device.h"
#include "ops/tree.h"

#include <math.h>
#include <string.h>

enum { FLOATS = 48, FEATURES = 32 }; /* of a slot of sums, and of one of moments */

/* Shares of the leaves: each owner's first one, and their number. */
static const struct {
    size_t owners, first[10];
} cuts[] = {
    {1, {0, 1}},
    {1, {0, 8}},
    {2, {0, 4, 8}},
    {3, {0, 3, 5, 8}},
    {8, {0, 1, 2, 3, 4, 5, 6, 7, 8}},
    {1, {0, 7}},
    {4, {0, 2, 3, 6, 7}},
    {1, {0, 64}},
    {5, {0, 1, 2, 17, 40, 64}},
    {9, {0, 7, 14, 21, 28, 35, 42, 49, 56, 64}},
    {3, {0, 10, 20, 37}},
};

static cg_tree tree_of(size_t cut)
{
    return (cg_tree){.owners = cuts[cut].owners, .first = cuts[cut].first};
}

static size_t leaves_of(size_t cut)
{
    return cuts[cut].first[cuts[cut].owners];
}

/* Slots for all leaves, which are no numbers yet. */
static cg_tree_slots create_slots(size_t leaves, bool moments)
{
    cg_tree_slots slots = {.pitch = moments ? CG_MOMENTS * FEATURES : FLOATS,
                           .count = moments ? FEATURES : FLOATS,
                           .moments = moments};
    ck_assert_int_eq(cg_buffer_create(&slots.buffer, device, leaves * slots.pitch * sizeof(float)),
                     CG_OK);
    ck_assert_int_eq(cg_buffer_fill(slots.buffer, 0x7fc00000), CG_OK);
    return slots;
}

static void upload(const cg_tree_slots *slots, size_t leaf, const float *data)
{
    const size_t bytes = slots->pitch * sizeof *data;
    ck_assert_int_eq(cg_buffer_upload(slots->buffer, leaf * bytes, data, bytes), CG_OK);
}

static void download(const cg_tree_slots *slots, size_t leaf, float *data)
{
    const size_t bytes = slots->pitch * sizeof *data;
    ck_assert_int_eq(cg_buffer_download(slots->buffer, leaf * bytes, data, bytes), CG_OK);
}

/* Values of a leaf: sums of many magnitudes, or moments of 1 to 5 samples. */
static void draw_leaf(float *data, size_t leaf, bool moments)
{
    for (size_t i = 0; i < (moments ? CG_MOMENTS * FEATURES : FLOATS); i++) {
        float value = (float)sin((double)(leaf * 131 + i * 17 + 1)) * (float)(1 << (leaf % 20));
        data[i] = !moments            ? value
                  : i / FEATURES == 0 ? (float)(leaf % 5 + 1)
                  : i / FEATURES == 1 ? value
                                      : fabsf(value);
    }
}

/* root = what the owners come to, each with its own leaves and then with all owners' nodes. */
static void run_tree(float *root, size_t cut, bool moments)
{
    const cg_tree tree = tree_of(cut);
    const size_t leaves = leaves_of(cut);
    cg_tree_slots all = create_slots(leaves, moments);
    float data[CG_MOMENTS * FEATURES];
    for (size_t r = 0; r < tree.owners; r++) {
        size_t nodes[CG_TREE_NODES];
        cg_tree_slots own = create_slots(leaves, moments);
        for (size_t leaf = tree.first[r]; leaf < tree.first[r + 1]; leaf++) {
            draw_leaf(data, leaf, moments);
            upload(&own, leaf, data);
        }
        ck_assert_int_eq(cg_tree_merge(device, &own, &tree, r), CG_OK);
        for (size_t i = cg_tree_nodes(nodes, &tree, r); i-- > 0;) {
            download(&own, nodes[i], data);
            upload(&all, nodes[i], data);
        }
        cg_buffer_release(own.buffer);
    }
    ck_assert_int_eq(cg_tree_finish(device, &all, &tree, NULL, 0), CG_OK);
    download(&all, 0, root);
    cg_buffer_release(all.buffer);
}

/* The definition of the tree. */
static float add_leaves(size_t lo, size_t hi, size_t i) // NOLINT(misc-no-recursion)
{
    float data[FLOATS];
    size_t left = 1;
    if (hi - lo == 1) {
        draw_leaf(data, lo, false);
        return data[i];
    }
    while (2 * left < hi - lo)
        left *= 2;
    return add_leaves(lo, lo + left, i) + add_leaves(lo + left, hi, i);
}

START_TEST(sums_follow_the_tree)
{
    float root[FLOATS];
    run_tree(root, (size_t)_i, false);
    for (size_t i = 0; i < FLOATS; i++) {
        const float expected = add_leaves(0, leaves_of((size_t)_i), i);
        ck_assert_msg(memcmp(&root[i], &expected, sizeof expected) == 0, "sum %zu is %a, not %a", i,
                      (double)root[i], (double)expected);
    }
}
END_TEST

/* Moments of all samples, in float64. */
static void merge_leaves(double all[CG_MOMENTS], size_t leaves, size_t f)
{
    float data[CG_MOMENTS * FEATURES];
    memset(all, 0, CG_MOMENTS * sizeof *all);
    for (size_t leaf = 0; leaf < leaves; leaf++) {
        draw_leaf(data, leaf, true);
        const double n = (double)data[f], mean = (double)data[FEATURES + f];
        const double sum = all[0] + n, d = mean - all[1];
        all[2] += (double)data[2 * FEATURES + f] + d * d * all[0] * n / sum;
        all[1] += d * n / sum;
        all[0] = sum;
    }
}

START_TEST(moments_are_those_of_all_samples)
{
    float root[CG_MOMENTS * FEATURES], one[CG_MOMENTS * FEATURES];
    size_t whole = 0; /* the cut that gives one owner all of the leaves, where there is one */
    run_tree(root, (size_t)_i, true);
    for (size_t i = 0; i < CG_COUNT(cuts); i++)
        if (cuts[i].owners == 1 && leaves_of(i) == leaves_of((size_t)_i))
            whole = i;
    run_tree(one, whole, true);
    if (leaves_of(whole) == leaves_of((size_t)_i))
        ck_assert_mem_eq(root, one, sizeof root);
    for (size_t f = 0; f < FEATURES; f++) {
        double all[CG_MOMENTS];
        merge_leaves(all, leaves_of((size_t)_i), f);
        ck_assert_double_eq((double)root[f], all[0]);
        /* 64 merges, each of a few roundings, of means of at most 2^19 */
        ck_assert_double_eq_tol((double)root[FEATURES + f], all[1], 0x1p19 * 64 * 8 * 0x1p-24);
        ck_assert_double_eq_tol((double)root[2 * FEATURES + f], all[2], all[2] * 64 * 8 * 0x1p-24);
    }
}
END_TEST

/* The root goes where it is wanted, and nothing beside it is touched. */
START_TEST(root_goes_elsewhere)
{
    const cg_tree tree = tree_of(3);
    float data[FLOATS], got[3 * FLOATS];
    size_t nodes[CG_TREE_NODES];
    cg_buffer *to;
    cg_tree_slots slots = create_slots(leaves_of(3), false);
    for (size_t i = 0; i < FLOATS; i++)
        data[i] = 1;
    for (size_t r = 0; r < tree.owners; r++)
        for (size_t i = cg_tree_nodes(nodes, &tree, r); i-- > 0;)
            upload(&slots, nodes[i], data);
    ck_assert_int_eq(cg_buffer_create(&to, device, sizeof got), CG_OK);
    ck_assert_int_eq(cg_buffer_fill(to, 0), CG_OK);
    ck_assert_int_eq(cg_tree_finish(device, &slots, &tree, to, FLOATS), CG_OK);
    ck_assert_int_eq(cg_buffer_download(to, 0, got, sizeof got), CG_OK);
    for (size_t i = 0; i < 3 * FLOATS; i++) /* the nodes are 01, 2; 3, 4; 5, 67 */
        ck_assert_float_eq(got[i], i / FLOATS == 1 ? 6 : 0);
    cg_buffer_release(to);
    cg_buffer_release(slots.buffer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tree");
    tcase_add_loop_test(tests, sums_follow_the_tree, 0, (int)CG_COUNT(cuts));
    tcase_add_loop_test(tests, moments_are_those_of_all_samples, 0, (int)CG_COUNT(cuts));
    tcase_add_test(tests, root_goes_elsewhere);
    return device_run_case(tests, "ops/tree");
}
