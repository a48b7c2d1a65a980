/* The check of sums over the shards of a batch. */
#include "verify/approx.h"
#include "verify/harness.h"

#include "base/try.h"
#include "ops/tree.h"

/* Leaves by two owners, of which the first one has a third. */
typedef struct leaves {
    size_t count, first[3];
    cg_tree tree;
} leaves;

static void set_leaves(leaves *l, size_t count)
{
    *l = (leaves){.count = count, .first = {0, count < 3 ? 1 : count / 3, count}};
    l->tree = (cg_tree){2, l->first};
}

/* Both owners' leaves become the root, in `to`. */
static cg_status run_tree(cg_runtime *rt, const cg_tree_slots *slots, const leaves *l,
                          cg_buffer *to)
{
    cg_status status = CG_OK;
    for (size_t owner = 0; owner < l->tree.owners; owner++)
        CG_TRY(cg_tree_merge(rt, slots, &l->tree, owner));
    CG_TRY(cg_tree_finish(rt, slots, &l->tree, to, 0));
done:
    return status;
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Whole numbers, of which each sum is exact. */
static cg_status check_sums(cg_harness *harness, const leaves *l, size_t floats)
{
    cg_status status = CG_OK;
    double *values, *sums;
    cg_tree_slots slots = {.pitch = floats, .count = floats};
    cg_buffer *root;
    harness->integers = true;
    CG_TRY(cg_harness_draw(&values, harness, l->count * floats, -1000, 1000));
    CG_TRY(cg_harness_array(&sums, harness, floats, sizeof *sums));
    for (size_t i = 0; i < l->count * floats; i++)
        sums[i % floats] += values[i];
    CG_TRY(cg_harness_input(&slots.buffer, harness, values, l->count * floats));
    CG_TRY(cg_harness_output(&root, harness, floats * sizeof(float)));
    CG_TRY(run_tree(harness->rt, &slots, l, root));
    CG_TRY(cg_harness_compare(harness, "a sum", root, sums, NULL, floats));
done:
    return status;
}

/* ---- moments --------------------------------------------------------------------------------- */

typedef struct moments {
    cg_approx of[CG_MOMENTS];
} moments;

/* The moments that merge_moments() of cl/moments.clh makes of two. */
static moments merge(const moments *a, const moments *b)
{
    const cg_approx count = cg_approx_add(a->of[CG_MOMENT_COUNT], b->of[CG_MOMENT_COUNT]);
    const cg_approx part = cg_approx_div(b->of[CG_MOMENT_COUNT], count);
    const cg_approx d = cg_approx_sub(b->of[CG_MOMENT_MEAN], a->of[CG_MOMENT_MEAN]);
    const cg_approx between =
        cg_approx_mul(cg_approx_mul(d, d), cg_approx_mul(a->of[CG_MOMENT_COUNT], part));
    return (moments){{
        [CG_MOMENT_COUNT] = count,
        [CG_MOMENT_MEAN] = cg_approx_add(cg_approx_mul(d, part), a->of[CG_MOMENT_MEAN]),
        [CG_MOMENT_SQUARES] = cg_approx_add(a->of[CG_MOMENT_SQUARES],
                                            cg_approx_add(between, b->of[CG_MOMENT_SQUARES])),
    }};
}

/* A node of the tree: its left side has the largest power of two of leaves below their number. */
static moments merge_node(const moments *leaf, size_t count)
{
    size_t left = 1;
    if (count == 1)
        return *leaf;
    while (2 * left < count)
        left *= 2;
    const moments a = merge_node(leaf, left), b = merge_node(leaf + left, count - left);
    return merge(&a, &b);
}

/* Moments of a feature: at values[CG_MOMENTS][features]. */
static moments moments_at(const double *values, size_t features, size_t f)
{
    moments m;
    for (size_t i = 0; i < CG_MOMENTS; i++)
        m.of[i] = cg_approx_exact(values[i * features + f]);
    return m;
}

/* The last leaf comes from an operation that left its moments in parts. */
static cg_status check_moments(cg_harness *harness, const leaves *l, size_t features)
{
    enum { PARTS = 3 };
    cg_status status = CG_OK;
    const size_t floats = CG_MOMENTS * features, all = l->count - 1 + PARTS;
    double *values, *expected, *limits;
    moments *leaf;
    cg_tree_slots slots = {.pitch = floats, .count = features, .moments = true};
    cg_moments parts = {.partials = PARTS};
    cg_buffer *root;
    harness->integers = true;
    CG_TRY(cg_harness_draw(&values, harness, all * floats, 1, 50));
    CG_TRY(cg_harness_array(&expected, harness, floats, sizeof *expected));
    CG_TRY(cg_harness_array(&limits, harness, floats, sizeof *limits));
    CG_TRY(cg_harness_array(&leaf, harness, all, sizeof *leaf));
    for (size_t f = 0; f < features; f++) {
        for (size_t i = 0; i < all; i++)
            leaf[i] = moments_at(values + i * floats, features, f);
        moments last = {{{0, 0}}}; /* of no sample, with which the kernel begins */
        for (size_t i = l->count - 1; i < all; i++)
            last = merge(&last, &leaf[i]);
        leaf[l->count - 1] = last;
        const moments m = merge_node(leaf, l->count);
        for (size_t i = 0; i < CG_MOMENTS; i++) {
            expected[i * features + f] = m.of[i].value;
            limits[i * features + f] = m.of[i].error;
        }
    }
    CG_TRY(cg_harness_input(&slots.buffer, harness, values, l->count * floats));
    CG_TRY(
        cg_harness_input(&parts.buffer, harness, values + (l->count - 1) * floats, PARTS * floats));
    CG_TRY(cg_harness_output(&root, harness, floats * sizeof(float)));
    CG_TRY(cg_tree_take_moments(harness->rt, &slots, l->count - 1, &parts));
    CG_TRY(run_tree(harness->rt, &slots, l, root));
    CG_TRY(cg_harness_compare(harness, "the moments", root, expected, limits, floats));
done:
    return status;
}

cg_status cg_verify_tree(cg_harness *harness, const cg_verify_case *check)
{
    enum { GRADIENTS = 5 << 19 /* about as many floats as those of both networks */ };
    static const size_t counts[] = {2, 3, 4, 8, 20};
    cg_status status = CG_OK;
    leaves two;
    set_leaves(&two, 2);
    CG_TRY(check_sums(harness, &two, GRADIENTS));
    for (size_t i = 0; i < CG_COUNT(counts); i++) {
        leaves l;
        set_leaves(&l, counts[i]);
        CG_TRY(check_sums(harness, &l, check->array.count));
        CG_TRY(check_moments(harness, &l, check->array.count));
    }
done:
    return status;
}
