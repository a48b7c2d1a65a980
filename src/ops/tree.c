/* The tree of sums (cl/tree.cl). */
#include "ops/tree.h"

#include "base/try.h"
#include "ocl/launch.h"

#include <assert.h>

/* A merge under way. */
typedef struct merge {
    cg_runtime *rt;
    const cg_tree_slots *slots;
    const cg_tree *tree;
    bool leaves;   /* only leaves are there so far, else the nodes of all owners */
    cg_buffer *to; /* of the root, NULL: it stays in its slot */
    size_t at;
} merge;

static size_t leaf_count(const cg_tree *tree)
{
    return tree->first[tree->owners];
}

/* Returns the leaves on the left side of a node of n: the largest power of two below n. */
static size_t left_of(size_t n)
{
    size_t left = 1;
    while (2 * left < n)
        left *= 2;
    return left;
}

/* True when the leaves lo .. hi - 1 are all of one owner. */
static bool is_owned(const cg_tree *tree, size_t lo, size_t hi)
{
    size_t r = 0;
    while (tree->first[r + 1] <= lo)
        r++;
    return hi <= tree->first[r + 1];
}

static bool is_there(const merge *m, size_t lo, size_t hi)
{
    return m->leaves ? hi - lo == 1 : is_owned(m->tree, lo, hi);
}

/* The nodes of `width` leaves from `leaf` on become one, in its slot. */
static cg_status add(const merge *m, size_t leaf, size_t width, size_t nodes)
{
    const cg_tree_slots *s = m->slots;
    bool root = m->to && nodes * width >= leaf_count(m->tree);
    size_t first = (leaf - s->leaf) * s->pitch + s->at;
    cg_launch launch = {.file = "tree.cl",
                        .kernel = s->moments ? "tree_moments" : "tree_sum",
                        .global = {s->count / m->rt->vec}};
    return CG_LAUNCH(m->rt, &launch, cg_arg_buffer(root ? m->to : s->buffer),
                     cg_arg_buffer(s->buffer), cg_arg_int(root ? m->at : first), cg_arg_int(first),
                     cg_arg_int(width * s->pitch), cg_arg_int(s->count), cg_arg_int(nodes));
}

/* True when all nodes of `width` leaves are there below the node lo .. hi - 1, and none of them has
 * been merged with its neighbour. */
static bool are_there(const merge *m, size_t lo, size_t hi, size_t width)
{
    for (size_t i = lo; i < hi; i += 2 * width)
        if (is_there(m, i, i + 2 * width) || !is_there(m, i, i + width) ||
            !is_there(m, i + width, i + 2 * width))
            return false;
    return true;
}

/* The node of the leaves lo .. hi - 1, which is no leaf. Adds several levels at a time where all of
 * their nodes are there. */
static cg_status merge_node(const merge *m, size_t lo, size_t hi) // NOLINT(misc-no-recursion)
{
    cg_status status = CG_OK;
    const size_t n = hi - lo, left = left_of(n);
    if (is_there(m, lo, hi))
        return CG_OK;
    for (size_t nodes = CG_TREE_FAN; n == 2 * left && nodes > 2; nodes /= 2)
        if (n >= nodes && are_there(m, lo, hi, n / nodes))
            return add(m, lo, n / nodes, nodes);
    CG_TRY(merge_node(m, lo, lo + left));
    CG_TRY(merge_node(m, lo + left, hi));
    CG_TRY(add(m, lo, left, 2));
done:
    return status;
}

/* Adds the largest nodes within from .. to - 1 that the node lo .. hi - 1 has. */
// NOLINTNEXTLINE(misc-no-recursion)
static size_t find_nodes(size_t starts[][2], size_t count, size_t lo, size_t hi, size_t from,
                         size_t to)
{
    if (hi <= from || to <= lo)
        return count;
    if (from <= lo && hi <= to) {
        assert(count < CG_TREE_NODES);
        starts[count][0] = lo;
        starts[count][1] = hi;
        return count + 1;
    }
    const size_t middle = lo + left_of(hi - lo);
    count = find_nodes(starts, count, lo, middle, from, to);
    return find_nodes(starts, count, middle, hi, from, to);
}

size_t cg_tree_nodes(size_t slots[CG_TREE_NODES], const cg_tree *tree, size_t owner)
{
    size_t nodes[CG_TREE_NODES][2];
    size_t count =
        find_nodes(nodes, 0, 0, leaf_count(tree), tree->first[owner], tree->first[owner + 1]);
    for (size_t i = 0; i < count; i++)
        slots[i] = nodes[i][0];
    return count;
}

cg_status cg_tree_merge(cg_runtime *rt, const cg_tree_slots *slots, const cg_tree *tree,
                        size_t owner)
{
    cg_status status = CG_OK;
    const merge m = {.rt = rt, .slots = slots, .tree = tree, .leaves = true};
    size_t nodes[CG_TREE_NODES][2];
    size_t count =
        find_nodes(nodes, 0, 0, leaf_count(tree), tree->first[owner], tree->first[owner + 1]);
    for (size_t i = 0; i < count; i++)
        CG_TRY(merge_node(&m, nodes[i][0], nodes[i][1]));
done:
    return status;
}

cg_status cg_tree_finish(cg_runtime *rt, const cg_tree_slots *slots, const cg_tree *tree,
                         cg_buffer *to, size_t at)
{
    const merge m = {.rt = rt, .slots = slots, .tree = tree, .to = to, .at = at};
    assert(slots->leaf == 0 && (!to || tree->owners > 1));
    return merge_node(&m, 0, leaf_count(tree));
}

cg_status cg_tree_take_moments(cg_runtime *rt, const cg_tree_slots *slots, size_t leaf,
                               const cg_moments *moments)
{
    cg_launch launch = {
        .file = "tree.cl", .kernel = "tree_moments_leaf", .global = {slots->count / rt->vec}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(slots->buffer), cg_arg_buffer(moments->buffer),
                     cg_arg_int((leaf - slots->leaf) * slots->pitch), cg_arg_int(moments->partials),
                     cg_arg_int(slots->count));
}
