/* Noise, dropout masks and the batch's images (cl/random.cl, cl/gather.cl). */
#include "ops/random.h"

#include "ocl/launch.h"

#define RANDOM_ARGS(random, key, count)                        \
    cg_arg_uint((random)->layer), cg_arg_uint((random)->step), \
        cg_arg_uint((uint32_t)(random)->stream), cg_arg_bytes(key, sizeof(key)), cg_arg_int(count)

/* Work-items for `count` elements, whole groups of `group`. */
static size_t items(const cg_runtime *rt, size_t count, size_t group)
{
    return cg_ceil_div(count, group) * CG_RANDOM_COUNTERS / rt->vec;
}

cg_status cg_random_normal(cg_runtime *rt, cg_buffer *out, size_t count, const cg_random *random)
{
    uint32_t key[2];
    cg_launch launch = {.file = "step.cl",
                        .kernel = "random_normal",
                        .global = {items(rt, count, CG_RANDOM_GROUP)}};
    cg_seed_key(key, random->seed);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(out),
                     RANDOM_ARGS(random, key, cg_round_up(count, CG_RANDOM_GROUP)));
}

cg_status cg_random_masks(cg_runtime *rt, cg_buffer *const out[2], const size_t counts[2],
                          double keep, const cg_random *random)
{
    uint32_t key[2];
    cg_launch launch = {
        .file = "step.cl",
        .kernel = "random_mask",
        .global = {items(rt, counts[0], CG_MASK_GROUP) + items(rt, counts[1], CG_MASK_GROUP)}};
    cg_seed_key(key, random->seed);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(out[0]), cg_arg_buffer(out[1]),
                     RANDOM_ARGS(random, key, cg_round_up(counts[0], CG_MASK_GROUP)),
                     cg_arg_int(cg_round_up(counts[1], CG_MASK_GROUP)),
                     cg_arg_uint(cg_mask_threshold(keep)));
}

cg_status cg_random_words(cg_runtime *rt, cg_buffer *out, size_t count, const cg_random *random)
{
    uint32_t key[2];
    cg_launch launch = {
        .file = "step.cl", .kernel = "random_words", .global = {items(rt, count, CG_RANDOM_GROUP)}};
    cg_seed_key(key, random->seed);
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(out),
                     RANDOM_ARGS(random, key, cg_round_up(count, CG_RANDOM_GROUP)));
}

cg_status cg_gather_images(cg_runtime *rt, const cg_map *out, size_t to, const cg_buffer *images,
                           const cg_shuffle *shuffle, size_t first, size_t n)
{
    cg_launch launch = {
        .file = "step.cl", .kernel = "gather_images", .local = {1}, .global = {out->h, n}};
    return CG_LAUNCH(rt, &launch, cg_arg_buffer(out->buffer), cg_arg_buffer(images),
                     cg_arg_bytes(shuffle->keys, sizeof shuffle->keys),
                     cg_arg_uint((uint32_t)first), cg_arg_uint(shuffle->count),
                     cg_arg_uint(shuffle->half_bits), cg_arg_int(to), cg_arg_int(out->h),
                     cg_arg_int(out->w), cg_arg_int(n));
}
