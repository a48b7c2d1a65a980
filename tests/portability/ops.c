/* Checks of operations on drivers other than the one the tests run on: `portability_ops LIST
 * [LEFT_OUT...]`.
 *
 *     plain  what any device runs by default, and what GPUs do, at small sizes: for slow drivers,
 *            and for drivers with small work-groups
 *     tiny   every kernel of every algorithm, at the smallest sizes at which a loop has an edge,
 *            once with scalars and once with vectors of 4: for a simulator
 *     widths the transforms of `tiny` with the other of the two widths, and more of those for GPUs
 *     minimum  what any device can run, at small sizes, with the device's vectors and with scalars:
 *            for a device with the specification's smallest limits, where none may be skipped
 *     commands  what a driver does with commands, as in the self-test: for one that lies
 *     parts  the lists plain and local, with each launch cut into launches of one group
 *     local  what CPUs run in local memory, at shapes of the network, for a device that has little
 *            of it; none may be skipped
 *
 * Tiny allows work-groups of 32, so that the tiles are small as well. A simulated transform takes
 * seconds: those for GPUs are made with scalars, those for CPUs with vectors, as most devices have
 * them. CLBlast's products are left out of both: they are not ours. LEFT_OUT are checks that end
 * a driver. Prints a line a check; exits 0 when all pass, 1 when one fails, 77 when CLGAN_DEVICE
 * names no device. */
#include "verify/cases.h"
#include "eval/verify_measures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TINY_GROUP = 32 };

/* clang-format off */
#define PASSES(tag, ...)                                                                           \
    CONV(tag " down", DOWN, .large = CG_LOAD_POSITION, .store = CG_STORE_LEAKY, __VA_ARGS__),      \
    CONV(tag " up", UP, .small = CG_LOAD_CHANNEL, .store = CG_STORE_GATES, __VA_ARGS__),           \
    CONV(tag " up, tanh", UP, .store = CG_STORE_TANH, __VA_ARGS__),                                \
    CONV(tag " up, tanh's gradient", UP, .store = CG_STORE_TANH_GRAD, __VA_ARGS__),                \
    CONV(tag " weight", WEIGHT, .large = CG_LOAD_IMAGE, .small = CG_LOAD_CHANNEL, __VA_ARGS__)

/* The kernels of an algorithm that works on transforms, but for the product of a pass down: cycles
 * of 8, with the phases of a stride, and of 9. */
#define CYCLES_OF_8(name)                                                                          \
    CONV(name ", 8 weight", WEIGHT, .n = 1, .h = 3, .w = 3, .large_c = 2, .small_c = 3,            \
         .kernel = 3, .stride = 2, .extra = 1, .large = CG_LOAD_CHANNEL, .small = CG_LOAD_IMAGE,   \
         .algorithm = name)
#define CYCLES_OF_9(name)                                                                          \
    CONV(name ", 9", UP, .n = 1, .h = 7, .w = 7, .large_c = 2, .small_c = 3, .kernel = 5,          \
         .stride = 1, .store = CG_STORE_LEAKY, .algorithm = name)

#define COMMANDS(rounds, bytes)                                                                    \
    ARRAY("commands in a row", commands, .count = rounds),                                         \
    {.name = "work-groups", .run = cg_verify_groups},                                              \
    {.name = "parts of a buffer", .run = cg_verify_views},                                         \
    ARRAY("a large transfer", transfer, .count = bytes)

#define OTHERS(samples)                                                                            \
    MAP("batchnorm fwd", batchnorm_fwd, .n = samples, .h = 1, .w = 2, .c = 33, .in = 1),           \
    MAP("batchnorm fwd, by position", batchnorm_fwd, .n = 3, .h = 1, .w = 2, .c = 3, .in = 2),     \
    MAP("batchnorm inference", batchnorm_inference, .n = 1, .h = 1, .w = 2, .c = 3, .in = 2),      \
    MAP("batchnorm bwd", batchnorm_bwd, .n = samples, .h = 1, .w = 2, .c = 33, .in = 1),           \
    MAP("batchnorm bwd, by position", batchnorm_bwd, .n = 3, .h = 1, .w = 2, .c = 3, .in = 2),     \
    MAP("bias bwd", bias_bwd, .n = 9, .h = 1, .w = 2, .c = 33, .extra = 1),                        \
    MAP("dense column fwd", dense_column_fwd, .n = 2, .h = 1, .w = 3, .c = 64, .extra = 1),        \
    MAP("dense column bwd_weight", dense_column_bwd_weight, .n = 34, .h = 1, .w = 3, .c = 64,      \
        .extra = 1),                                                                               \
    MAP("dense column bwd", dense_column_bwd, .n = 2, .h = 1, .w = 3, .c = 64, .extra = 1),        \
    MAP("softmax", softmax, .n = 3, .c = 10, .extra = 1),                                          \
    ARRAY("loss", loss, .count = 3, .other = 2),                                                   \
    ARRAY("adam", adam, .count = 48, .other = 2),                                                  \
    ARRAY("random words", random_words, .count = 65, .seed = 0x123456789abcdef0u),                 \
    ARRAY("random mask", random_mask, .count = 65, .seed = 2),                                     \
    ARRAY("random normal", random_normal, .count = 4096, .seed = 1),                               \
    ARRAY("kernel distance", kernel_distance_sum, .count = 67, .other = 16),                       \
    ARRAY("kernel distance of one", kernel_distance_sum, .count = 16, .other = 16, .seed = 1),     \
    ARRAY("neighbours find", neighbours_find, .count = 16, .other = 16, .seed = 3),                \
    ARRAY("neighbours count", neighbours_count, .count = 16, .other = 16),                         \
    ARRAY("portable math", portable_math, .count = 5 * samples),                                   \
    {.name = "gather", .run = cg_verify_gather_images,                                              \
     .gather = {.count = 11, .h = 3, .w = 5, .first = 1, .n = 10, .to = 2}},                       \
    COMMANDS(24, 65536)

static const cg_verify_case plain[] = {
    PASSES("blocked", .n = 2, .h = 7, .w = 9, .large_c = 17, .small_c = 33, .kernel = 5,
           .stride = 2, .extra = 1, .algorithm = "plain"),
    PASSES("exact", .n = 3, .h = 5, .w = 5, .large_c = 33, .small_c = 3, .kernel = 3, .stride = 1,
           .integers = true, .algorithm = "plain"),
    PASSES("image", .n = 2, .h = 28, .w = 28, .large_c = 1, .small_c = 64, .kernel = 5,
           .stride = 2, .algorithm = "plain"),
    /* The most terms there are in the network: g.convt1, and d.conv1's weights of a whole batch. */
    CONV("convt1 up", UP, .n = 1, .h = 7, .w = 7, .large_c = 128, .small_c = 256, .kernel = 5,
         .stride = 1, .integers = true, .algorithm = "plain"),
    CONV("conv1 weight", WEIGHT, .n = 512, .h = 28, .w = 28, .large_c = 1, .small_c = 2,
         .kernel = 5, .stride = 2, .small = CG_LOAD_IMAGE, .integers = true, .algorithm = "plain"),
    CONV("convt1 up, default", UP, .n = 1, .h = 7, .w = 7, .large_c = 128, .small_c = 256,
         .kernel = 5, .stride = 1, .integers = true),
    PASSES("tiled", .n = 35, .h = 3, .w = 5, .large_c = 17, .small_c = 66, .kernel = 3,
           .stride = 2, .extra = 1, .algorithm = "tiled"),
    PASSES("tiled, exact", .n = 3, .h = 5, .w = 5, .large_c = 33, .small_c = 3, .kernel = 3,
           .stride = 1, .integers = true, .algorithm = "tiled"),
    PASSES("fourier_tiled, 8", .n = 35, .h = 3, .w = 5, .large_c = 17, .small_c = 66, .kernel = 3,
           .stride = 2, .extra = 1, .algorithm = "fourier_tiled"),
    PASSES("fourier_tiled, 9", .n = 3, .h = 7, .w = 7, .large_c = 33, .small_c = 3, .kernel = 5,
           .stride = 1, .algorithm = "fourier_tiled"),
    PASSES("canvas", .n = 5, .h = 9, .w = 7, .large_c = 1, .small_c = 33, .kernel = 5,
           .stride = 2, .extra = 1, .algorithm = "canvas"),
    OTHERS(200),
};

static const cg_verify_case commands[] = {
    COMMANDS(1024, (size_t)4 << 20),
};

static const cg_verify_case minimum[] = {
    PASSES("blocked", .n = 2, .h = 3, .w = 5, .large_c = 17, .small_c = 33, .kernel = 3,
           .stride = 2, .extra = 1),
    PASSES("image", .n = 2, .h = 9, .w = 7, .large_c = 1, .small_c = 33, .kernel = 5,
           .stride = 2),
    MAP("dense fwd", dense_fwd, .n = 3, .h = 1, .w = 2, .c = 64, .in = 5),
    MAP("dense bwd_weight", dense_bwd_weight, .n = 3, .h = 1, .w = 2, .c = 64, .in = 5),
    MAP("dense fwd by plain", dense_fwd, .n = 33, .h = 1, .w = 2, .c = 64, .in = 5,
        .algorithm = "plain"),
    MAP("dense bwd_weight by plain", dense_bwd_weight, .n = 33, .h = 1, .w = 2, .c = 64, .in = 5,
        .algorithm = "plain"),
    MAP("dense fwd with batchnorm", batchnorm_fwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 2,
        .vector = 5),
    MAP("dense bwd_weight with batchnorm", batchnorm_bwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 2,
        .vector = 5),
    OTHERS(130),
};

#define LOCAL(tag, ...)                                                                            \
    CONV(tag " down", DOWN, .large = CG_LOAD_CHANNEL, .store = CG_STORE_LEAKY, __VA_ARGS__),       \
    CONV(tag " up", UP, .small = CG_LOAD_IMAGE, .store = CG_STORE_GATES, __VA_ARGS__),             \
    CONV(tag " weight", WEIGHT, .large = CG_LOAD_IMAGE, .small = CG_LOAD_CHANNEL, __VA_ARGS__)

static const cg_verify_case local[] = {
    LOCAL("fourier, 9", .n = 37, .h = 7, .w = 7, .large_c = 65, .small_c = 100, .kernel = 5,
          .stride = 1, .extra = 1, .algorithm = "fourier"),
    LOCAL("fourier, 8", .n = 9, .h = 14, .w = 14, .large_c = 64, .small_c = 97, .kernel = 5,
          .stride = 2, .algorithm = "fourier"),
    LOCAL("direct, 7", .n = 6, .h = 7, .w = 7, .large_c = 33, .small_c = 34, .kernel = 5,
          .stride = 1, .extra = 1, .algorithm = "direct"),
    LOCAL("direct, 14", .n = 6, .h = 14, .w = 14, .large_c = 33, .small_c = 34, .kernel = 5,
          .stride = 2, .extra = 1, .algorithm = "direct"),
    LOCAL("direct, higher than wide", .n = 3, .h = 15, .w = 6, .large_c = 3, .small_c = 2,
          .kernel = 4, .stride = 2, .algorithm = "direct"),
    LOCAL("image", .n = 9, .h = 28, .w = 28, .large_c = 1, .small_c = 64, .kernel = 5,
          .stride = 2, .algorithm = "image"),
    MAP("dense fwd", dense_fwd, .n = 70, .h = 1, .w = 3, .c = 64, .in = 260, .algorithm = "own"),
    MAP("dense bwd_weight", dense_bwd_weight, .n = 150, .h = 1, .w = 3, .c = 64, .in = 40,
        .algorithm = "own"),
    MAP("dense fwd with batchnorm", batchnorm_fwd, .n = 70, .h = 1, .w = 3, .c = 64, .in = 3,
        .vector = 150, .algorithm = "own"),
    MAP("dense bwd_weight with batchnorm", batchnorm_bwd, .n = 150, .h = 1, .w = 3, .c = 64,
        .in = 3, .vector = 40, .algorithm = "own"),
};

static const cg_verify_case tiny[] = {
    PASSES("plain", .n = 2, .h = 3, .w = 2, .large_c = 3, .small_c = 2, .kernel = 3, .stride = 2,
           .extra = 1, .algorithm = "plain"),
    PASSES("plain, image", .n = 1, .h = 3, .w = 3, .large_c = 1, .small_c = 2, .kernel = 3,
           .stride = 2, .algorithm = "plain"),
    PASSES("direct", .n = 1, .h = 3, .w = 3, .large_c = 2, .small_c = 3, .kernel = 3, .stride = 2,
           .extra = 1, .algorithm = "direct"),
    PASSES("image", .n = 1, .h = 5, .w = 3, .large_c = 1, .small_c = 3, .kernel = 3, .stride = 2,
           .extra = 1, .algorithm = "image"),
    PASSES("tiled", .n = 2, .h = 3, .w = 3, .large_c = 2, .small_c = 35, .kernel = 3, .stride = 2,
           .extra = 1, .algorithm = "tiled"),
    PASSES("canvas", .n = 1, .h = 5, .w = 3, .large_c = 1, .small_c = 3, .kernel = 3, .stride = 2,
           .extra = 1, .algorithm = "canvas"),
    MAP("dense fwd", dense_fwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 5, .algorithm = "own"),
    MAP("dense bwd_weight", dense_bwd_weight, .n = 3, .h = 1, .w = 2, .c = 32, .in = 5,
        .algorithm = "own"),
    MAP("dense fwd by plain", dense_fwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 5,
        .algorithm = "plain"),
    MAP("dense fwd with batchnorm", batchnorm_fwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 2,
        .vector = 5, .algorithm = "own"),
    MAP("dense bwd_weight with batchnorm", batchnorm_bwd, .n = 3, .h = 1, .w = 2, .c = 32, .in = 2,
        .vector = 5, .algorithm = "own"),
    OTHERS(130), /* the second chunk of samples is short */
};

/* The form for GPUs. */
static const cg_verify_case tiny_scalar[] = {
    CYCLES_OF_8("fourier_tiled"),
    CONV("fourier_tiled, 8 down", DOWN, .n = 1, .h = 3, .w = 3, .large_c = 2, .small_c = 3,
         .kernel = 3, .stride = 1, .extra = 1, .large = CG_LOAD_POSITION, .store = CG_STORE_LEAKY,
         .algorithm = "fourier_tiled"),
    CONV("fourier_tiled, 8 up", UP, .n = 1, .h = 3, .w = 3, .large_c = 2, .small_c = 3,
         .kernel = 3, .stride = 1, .extra = 1, .small = CG_LOAD_CHANNEL, .store = CG_STORE_GATES,
         .algorithm = "fourier_tiled"),
};

/* The form for CPUs: passes of `fourier` down and up read what these two write. */
static const cg_verify_case tiny_vector[] = {
    CYCLES_OF_8("fourier"),
    CYCLES_OF_9("fourier"),
    CONV("image, transformed", DOWN, .n = 1, .h = 5, .w = 5, .large_c = 1, .small_c = 3,
         .kernel = 3, .stride = 2, .extra = 1, .store = CG_STORE_LEAKY, .algorithm = "image",
         .consumer_c = 2),
    MAP("dense column bwd, transformed", dense_column_bwd, .n = 1, .h = 1, .w = 3, .c = 32,
        .consumer_c = 2),
};

static const cg_verify_case widths_scalar[] = {
    CYCLES_OF_8("fourier"),
    CYCLES_OF_9("fourier"),
    CYCLES_OF_9("fourier_tiled"),
    CONV("fourier_tiled, 8 up, stride 2", UP, .n = 1, .h = 3, .w = 3, .large_c = 2, .small_c = 3,
         .kernel = 3, .stride = 2, .extra = 1, .small = CG_LOAD_CHANNEL, .store = CG_STORE_GATES,
         .algorithm = "fourier_tiled"),
};
static const cg_verify_case widths_vector[] = {CYCLES_OF_8("fourier_tiled"),
                                               CYCLES_OF_9("fourier_tiled")};
/* clang-format on */

/* A list, run with vectors of one width: a runtime's programs are built for one. */
static const struct part {
    const char *list;
    size_t vec, group; /* 0: the device's own width, and largest group */
    const cg_verify_case *checks;
    size_t count;
    bool all; /* none may be skipped */
    bool cut; /* each group is a launch of its own */
} parts[] = {
    {"plain", 0, 0, plain, CG_COUNT(plain), false},
    {"tiny", 1, TINY_GROUP, tiny, CG_COUNT(tiny), false},
    {"tiny", 1, TINY_GROUP, tiny_scalar, CG_COUNT(tiny_scalar), false},
    {"tiny", 4, TINY_GROUP, tiny, CG_COUNT(tiny), false},
    {"tiny", 4, TINY_GROUP, tiny_vector, CG_COUNT(tiny_vector), false},
    {"widths", 1, TINY_GROUP, widths_scalar, CG_COUNT(widths_scalar), false},
    {"widths", 4, TINY_GROUP, widths_vector, CG_COUNT(widths_vector), false},
    {"minimum", 0, 0, minimum, CG_COUNT(minimum), true},
    {"minimum", 1, 0, minimum, CG_COUNT(minimum), true},
    {"local", 0, 0, local, CG_COUNT(local), true},
    {"parts", 0, 0, plain, CG_COUNT(plain), false, true},
    {"parts", 0, 0, local, CG_COUNT(local), false, true},
    {"commands", 0, 0, commands, CG_COUNT(commands), true},
};

static bool run_check(cg_runtime *rt, const cg_verify_case *check, bool must_run)
{
    cg_verify_result result;
    cg_verify_run(&result, rt, check);
    bool ok = result.ok && !(must_run && result.skipped);
    printf("%-34s %s %s\n", result.name,
           !ok              ? "FAILED"
           : result.skipped ? "skipped"
                            : "ok",
           result.message);
    fflush(stdout);
    return ok;
}

static bool is_among(char *const names[], const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* left_out: names, up to a NULL. */
static size_t run(const char *selector, const struct part *part, char *const left_out[])
{
    cg_runtime *rt;
    size_t failures = 0;
    if (cg_runtime_create_selected(&rt, selector) != CG_OK)
        return 1;
    rt->vec = part->vec ? part->vec : rt->vec;
    rt->info.max_work_group = part->group ? part->group : rt->info.max_work_group;
    rt->part_seconds = part->cut ? 1e-9 : 0;
    printf("%s, %s, vectors of %zu\n", rt->info.name, rt->info.platform, rt->vec);
    for (size_t i = 0; i < part->count; i++)
        if (!is_among(left_out, part->checks[i].name))
            failures += !run_check(rt, &part->checks[i], part->all);
    cg_runtime_release(rt);
    return failures;
}

static bool has_device(const char *selector)
{
    cg_runtime *rt;
    cg_status status = cg_runtime_create_selected(&rt, selector);
    cg_runtime_release(rt);
    return status == CG_OK;
}

int main(int argc, char **argv)
{
    const char *selector = getenv("CLGAN_DEVICE");
    size_t ran = 0, failures = 0;
    if (!has_device(selector)) {
        printf("skipped: there is no device '%s'\n", selector ? selector : "");
        return 77;
    }
    for (size_t i = 0; i < CG_COUNT(parts); i++) {
        if (argc > 1 && strcmp(argv[1], parts[i].list) == 0) {
            failures += run(selector, &parts[i], argv + 2);
            ran++;
        }
    }
    if (!ran)
        fprintf(stderr, "usage: portability_ops plain|tiny|widths|minimum|local|parts|commands "
                        "[LEFT_OUT...]\n");
    return !ran ? 2 : failures != 0;
}
