/* Convolutions at awkward shapes by every algorithm, with every prologue and epilogue, against
 * ref/. The suite runs it with kernels that are not optimised: the network's shapes
 * (test_conv2d.c) are there for what a compiler makes of them. */
#include "ops/conv2d_run.h"

#include <stdlib.h>

/* Compiling is what this test costs: each algorithm has a part of the shape, and some have prologue
 * and epilogue, as build macros (docs/developing.md has the list). One shape of each kind therefore
 * has many pairs of prologue and epilogue, another shape has one pair. Each prologue and each
 * epilogue runs at both kinds, with another partner at the one than at the other; the tier
 * exhaustive has all pairs at both. Shapes with the same
 * channels, kernel and stride share the builds of `tiled` and the transforms of weights, those of
 * the same width the builds of `direct`, `image` and the transforms of maps. */

static void run_pass(const cg_verify_conv2d *shape, cg_conv2d_pass pass, cg_verify_load large,
                     cg_verify_load small, cg_verify_store store)
{
    cg_verify_case check = {.name = "conv2d", .run = cg_verify_conv2d_run, .conv2d = *shape};
    check.conv2d.pass = pass;
    check.conv2d.large = large;
    check.conv2d.small = small;
    check.conv2d.store = store;
    const cg_conv2d_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++) {
        run_algorithm(check, false, algorithm);
        run_algorithm(check, true, algorithm);
    }
}

/* A blocked map, whose second block has one lane, and an image. */
static const cg_verify_conv2d paired[] = {
    {.n = 3, .h = 5, .w = 5, .large_c = 17, .small_c = 33, .kernel = 3, .stride = 1, .extra = 2},
    {.n = 3, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
};

/* Prologues of both maps, for the weight gradient: each kind on either side, and factors of images
 * on both. */
static const cg_verify_load both_maps[][2] = {
    {CG_LOAD_NONE, CG_LOAD_NONE},      {CG_LOAD_NONE, CG_LOAD_CHANNEL},
    {CG_LOAD_CHANNEL, CG_LOAD_IMAGE},  {CG_LOAD_IMAGE, CG_LOAD_CHANNEL},
    {CG_LOAD_POSITION, CG_LOAD_IMAGE}, {CG_LOAD_IMAGE, CG_LOAD_POSITION},
    {CG_LOAD_IMAGE, CG_LOAD_IMAGE},    {CG_LOAD_NONE, CG_LOAD_IMAGE},
};

static void run_maps(const cg_verify_conv2d *shape, cg_verify_load load, cg_verify_store store)
{
    run_pass(shape, CG_CONV2D_DOWN, load, load, store);
    run_pass(shape, CG_CONV2D_UP, load, load, store);
}

START_TEST(pairs_of_prologue_and_epilogue)
{
    const cg_verify_conv2d *shape = &paired[_i];
    const bool every = device_runs_every_form();
    for (cg_verify_load load = CG_LOAD_NONE; load <= CG_LOAD_IMAGE; load++) {
        for (cg_verify_store store = CG_STORE_NONE; store <= CG_STORE_TANH_GRAD; store++) {
            if (every || ((unsigned)load + (unsigned)store) % 4 == (unsigned)_i)
                run_maps(shape, load, store);
        }
    }
    for (size_t i = 0; i < CG_COUNT(both_maps); i++)
        run_pass(shape, CG_CONV2D_WEIGHT, both_maps[i][0], both_maps[i][1], CG_STORE_NONE);
}
END_TEST

#define READS(l, s) .large = CG_LOAD_##l, .small = CG_LOAD_##s
#define WRITES(e)   .store = CG_STORE_##e

/* Each with the prologues and the epilogue that it names. */
/* clang-format off */
static const cg_verify_conv2d awkward[] = {
    /* Like paired, with more images than a share of the weight gradient has, with moments; the
     * widest map that `direct` takes. */
    {.n = 101, .h = 5, .w = 5, .large_c = 17, .small_c = 33, .kernel = 3, .stride = 1,
     READS(CHANNEL, IMAGE), WRITES(LEAKY)},
    {.n = 1, .h = 16, .w = 16, .large_c = 17, .small_c = 33, .kernel = 3, .stride = 1,
     READS(CHANNEL, IMAGE), WRITES(LEAKY)},
    {.n = 255, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1,
     READS(IMAGE, POSITION), WRITES(TANH_GRAD)},
    /* A kernel without a middle, and uneven phases of a stride, on a map that is higher than wide;
     * on several tiles, the last one of each side partial, with moments. */
    {.n = 3, .h = 9, .w = 7, .large_c = 66, .small_c = 130, .kernel = 4, .stride = 2, .extra = 2,
     READS(CHANNEL, IMAGE), WRITES(LEAKY_GRAD)},
    {.n = 70, .h = 3, .w = 3, .large_c = 66, .small_c = 130, .kernel = 4, .stride = 2,
     READS(IMAGE, POSITION), WRITES(LEAKY)},
    /* Pixels that no tap meets, and few lanes; a dense layer. */
    {.n = 5, .h = 1, .w = 2, .large_c = 17, .small_c = 3, .kernel = 1, .stride = 2, .extra = 1,
     READS(POSITION, IMAGE), WRITES(TANH)},
    {.n = 3, .h = 5, .w = 5, .large_c = 33, .small_c = 17, .kernel = 5, .stride = 5, .extra = 1,
     READS(POSITION, CHANNEL), WRITES(LEAKY)},
    /* An image with stride 1; then those of `plain` alone: an image on the other side, and on both
     * sides, and a padding that is not the same in both directions. */
    {.n = 1, .h = 5, .w = 7, .large_c = 1, .small_c = 3, .kernel = 3, .stride = 1,
     READS(NONE, IMAGE), WRITES(TANH)},
    {.n = 3, .h = 6, .w = 5, .large_c = 17, .small_c = 1, .kernel = 5, .stride = 1, .extra = 1,
     READS(CHANNEL, POSITION), WRITES(LEAKY)},
    {.n = 3, .h = 4, .w = 3, .large_c = 1, .small_c = 1, .kernel = 3, .stride = 2, .extra = 1,
     READS(IMAGE, CHANNEL), WRITES(GATES)},
    {.n = 1, .h = 1, .w = 2, .large_c = 17, .small_c = 3, .kernel = 3, .stride = 2,
     READS(POSITION, IMAGE), WRITES(LEAKY_GRAD)},
};
/* clang-format on */

START_TEST(awkward_shape)
{
    const cg_verify_conv2d *c = &awkward[_i];
    for (cg_conv2d_pass pass = CG_CONV2D_DOWN; pass < CG_CONV2D_PASSES; pass++)
        run_pass(c, pass, c->large, c->small, c->store);
}
END_TEST

/* The small map's transform is seen by a convolution that reads it: cycles of 8 and 9, uneven
 * phases, images beyond a work-item's and none in its last rows. The epilogue is part of the build:
 * each of them at one of the shapes. */
static const struct {
    cg_verify_conv2d shape;
    cg_verify_store stores[2];
} transformed[] = {
    {{.n = 9, .h = 28, .w = 28, .large_c = 1, .small_c = 64, .kernel = 5, .stride = 2},
     {CG_STORE_LEAKY, CG_STORE_NONE}},
    {{.n = 3, .h = 13, .w = 13, .large_c = 1, .small_c = 33, .kernel = 3, .stride = 2, .extra = 2},
     {CG_STORE_GATES, CG_STORE_TANH_GRAD}},
    {{.n = 8, .h = 7, .w = 7, .large_c = 1, .small_c = 3, .kernel = 5, .stride = 1},
     {CG_STORE_TANH, CG_STORE_LEAKY_GRAD}},
    {{.n = 1, .h = 5, .w = 6, .large_c = 1, .small_c = 17, .kernel = 3, .stride = 1, .extra = 1},
     {CG_STORE_LEAKY, CG_STORE_LEAKY}},
};

START_TEST(transforms)
{
    cg_verify_conv2d shape = transformed[_i].shape;
    shape.consumer_c = 35;
    for (cg_verify_load load = CG_LOAD_NONE; load <= CG_LOAD_IMAGE; load++)
        run_pass(&shape, CG_CONV2D_DOWN, load, CG_LOAD_NONE, transformed[_i].stores[load % 2]);
}
END_TEST

/* Each variant but the default at a shape at which it has whole and partial tiles: the first of
 * these that its algorithm serves. Another shape would be other builds of the same tiles. */
static const cg_verify_conv2d tiles[] = {
    {.n = 70, .h = 3, .w = 3, .large_c = 66, .small_c = 130, .kernel = 4, .stride = 2},
    {.n = 9, .h = 7, .w = 9, .large_c = 1, .small_c = 33, .kernel = 5, .stride = 2, .extra = 1},
};

static void run_variant(const cg_variant *variant, cg_conv2d_pass pass)
{
    for (size_t i = 0; i < CG_COUNT(tiles); i++) {
        cg_verify_case check = {
            .name = variant->name, .run = cg_verify_conv2d_run, .conv2d = tiles[i]};
        check.conv2d.integers = true;
        check.conv2d.algorithm = variant->name;
        check.conv2d.pass = pass;
        if (device_check(&check))
            return;
    }
}

START_TEST(variants)
{
    const cg_conv2d_algorithm *algorithm;
    for (size_t a = 0; (algorithm = cg_conv2d_algorithm_at(a)); a++)
        for (const cg_variant *v = algorithm->variants + 1; v->name; v++)
            run_variant(v, (cg_conv2d_pass)_i);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conv2d_shapes");
    tcase_add_loop_test(tests, pairs_of_prologue_and_epilogue, 0, (int)CG_COUNT(paired));
    tcase_add_loop_test(tests, awkward_shape, 0, (int)CG_COUNT(awkward));
    tcase_add_loop_test(tests, transforms, 0, (int)CG_COUNT(transformed));
    tcase_add_loop_test(tests, variants, 0, CG_CONV2D_PASSES);
    return device_run_case(tests, "ops/conv2d_shapes");
}
