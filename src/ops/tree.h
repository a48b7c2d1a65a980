/* Sums over the parts of a batch, in an order that does not depend on who has which part.
 *
 * The parts are the leaves of a binary tree: a node of n leaves has the first 2^k of them on its
 * left side, 2^k being the largest power of two below n, and the rest on its right. The value of a
 * node is that of its left side plus that of its right one. An owner of consecutive leaves can
 * merge them to a few nodes, the largest that lie within its leaves, and whoever gets the nodes of
 * all owners comes to the root by the same additions as an owner of all leaves.
 *
 *     leaves 0 .. 7 by three owners:   ((0 1) 2 | 3  (4 5) | (6 7))
 *     nodes that they exchange:          01   2   3    45      67
 *
 * A node lies in the slot of its first leaf.
 */
#ifndef CLGAN_OPS_TREE_H
#define CLGAN_OPS_TREE_H

#include "ops/moments.h"

enum { CG_TREE_MOST = 64, CG_TREE_NODES = 12 /* of one owner at most */ };

/* A tree and its owners: owner r has the leaves first[r] .. first[r + 1] - 1. */
typedef struct cg_tree {
    size_t owners;       /* 1 .. first[owners], which is the number of leaves */
    const size_t *first; /* [owners + 1], increasing */
} cg_tree;

/* Arrays on a device, one for each leaf. */
typedef struct cg_tree_slots {
    cg_buffer *buffer; /* [slots][pitch] floats, by one runtime's operations */
    size_t leaf;       /* of the first slot */
    size_t pitch;      /* floats from one slot to the next, a multiple of 16 as all numbers here */
    size_t at;         /* the first float of a slot that is added */
    size_t count;      /* floats that are added; of moments: features */
    bool moments;      /* [CG_MOMENTS][count] in each slot, else sums */
} cg_tree_slots;

/* slots[] = the leaves in whose slots the owner's nodes lie, in their order; returns how many. */
size_t cg_tree_nodes(size_t slots[CG_TREE_NODES], const cg_tree *tree, size_t owner);

/* The owner's leaves become its nodes. Asynchronous, as all below. */
cg_status cg_tree_merge(cg_runtime *rt, const cg_tree_slots *slots, const cg_tree *tree,
                        size_t owner);

/* All owners' nodes, which are in their slots, become the root. `to` has it from float `at` on, or
 * where that is NULL slot 0. `slots` begins at leaf 0. */
cg_status cg_tree_finish(cg_runtime *rt, const cg_tree_slots *slots, const cg_tree *tree,
                         cg_buffer *to, size_t at);

/* Slot `leaf` = the moments of a map as the operation that wrote it left them. */
cg_status cg_tree_take_moments(cg_runtime *rt, const cg_tree_slots *slots, size_t leaf,
                               const cg_moments *moments);

#endif
