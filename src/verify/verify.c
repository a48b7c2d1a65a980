/* Running a check, and the quick list. */
#include "verify/verify.h"

#include "base/try.h"
#include "verify/harness.h"
#include "verify/cases.h"

#include <stdio.h>
#include <string.h>

cg_status cg_verify_run(cg_verify_result *result, cg_runtime *rt, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    cg_harness harness = {.rt = rt, .result = result};

    *result = (cg_verify_result){.name = check->name, .ok = true};
    CG_TRY(check->run(&harness, check));
    CG_TRY(cg_harness_compare_zones(&harness));
    CG_TRY(cg_runtime_finish(rt));
done:
    if (status != CG_OK)
        cg_harness_fail(&harness,
                        status == CG_ERR_WRONG
                            ? "%s: what was transferred has other bytes, as the log says"
                            : "could not be run: %s",
                        cg_status_name(status));
    cg_harness_deinit(&harness);
    return status;
}

cg_status cg_verify_foresee(cg_runtime *rt, const cg_verify_case *check)
{
    cg_verify_result ignored = {.name = check->name, .ok = true};
    cg_harness harness = {.rt = rt, .result = &ignored};
    cg_status status = check->run(&harness, check);
    cg_harness_deinit(&harness);
    return status;
}

/* ---- the quick list -------------------------------------------------------------------------- */

/* The three shapes of the network: convt1; convt2 and conv2; convt3 and conv1. */
#define SHAPE1 .n = 2, .h = 7, .w = 7, .large_c = 128, .small_c = 256, .kernel = 5, .stride = 1
#define SHAPE2 .n = 2, .h = 14, .w = 14, .large_c = 64, .small_c = 128, .kernel = 5, .stride = 2
#define SHAPE3 .n = 2, .h = 28, .w = 28, .large_c = 1, .small_c = 64, .kernel = 5, .stride = 2

/* clang-format off */
/* The network's convolutions; further fields, the same for all, behind the names' first part. */
#define LAYERS(tag, ...)                                                                           \
    CONV(tag "g.convt1 fwd", UP, SHAPE1, .small = CG_LOAD_POSITION, __VA_ARGS__),                  \
    CONV(tag "g.convt1 bwd_data", DOWN, SHAPE1, .extra = 1, __VA_ARGS__),                          \
    CONV(tag "g.convt1 bwd_weight", WEIGHT, SHAPE1, .small = CG_LOAD_POSITION, __VA_ARGS__),       \
    CONV(tag "g.convt2 fwd", UP, SHAPE2, .small = CG_LOAD_CHANNEL, __VA_ARGS__),                   \
    CONV(tag "g.convt2 bwd_data", DOWN, SHAPE2, .extra = 1, __VA_ARGS__),                          \
    CONV(tag "g.convt2 bwd_weight", WEIGHT, SHAPE2, .small = CG_LOAD_CHANNEL, __VA_ARGS__),        \
    CONV(tag "g.convt3 fwd", UP, SHAPE3, .small = CG_LOAD_CHANNEL, .store = CG_STORE_TANH,         \
         __VA_ARGS__),                                                                             \
    CONV(tag "g.convt3 bwd_data", DOWN, SHAPE3, .extra = 1, __VA_ARGS__),                          \
    CONV(tag "g.convt3 bwd_weight", WEIGHT, SHAPE3, .small = CG_LOAD_CHANNEL, __VA_ARGS__),        \
    CONV(tag "d.conv1 fwd", DOWN, SHAPE3, .store = CG_STORE_LEAKY, __VA_ARGS__),                   \
    CONV(tag "d.conv1 bwd_data", UP, SHAPE3, .store = CG_STORE_TANH_GRAD, .extra = 1, __VA_ARGS__),\
    CONV(tag "d.conv1 bwd_weight", WEIGHT, SHAPE3, .small = CG_LOAD_IMAGE, __VA_ARGS__),           \
    CONV(tag "d.conv2 fwd", DOWN, SHAPE2, .store = CG_STORE_LEAKY, __VA_ARGS__),                   \
    CONV(tag "d.conv2 bwd_data", UP, SHAPE2, .store = CG_STORE_GATES, .extra = 1, __VA_ARGS__),    \
    CONV(tag "d.conv2 bwd_weight", WEIGHT, SHAPE2, .small = CG_LOAD_IMAGE, __VA_ARGS__)

#define AWKWARD .n = 3, .h = 7, .w = 9, .large_c = 3, .small_c = 17, .kernel = 3, .stride = 2,     \
    .extra = 1, .algorithm = "plain", .integers = true

static const cg_verify_case checks[] = {
    LAYERS("", .algorithm = NULL),
    LAYERS("exact ", .integers = true),
    CONV("transformed d.conv1 fwd", DOWN, SHAPE3, .store = CG_STORE_LEAKY, .consumer_c = 128),
    LAYERS("plain ", .algorithm = "plain", .integers = true),
    CONV("plain awkward down", DOWN, AWKWARD, .large = CG_LOAD_POSITION, .store = CG_STORE_LEAKY),
    CONV("plain awkward up", UP, AWKWARD, .small = CG_LOAD_CHANNEL, .store = CG_STORE_LEAKY_GRAD),
    CONV("plain awkward weight", WEIGHT, AWKWARD, .large = CG_LOAD_IMAGE, .small = CG_LOAD_CHANNEL),
    MAP("batchnorm fwd", batchnorm_fwd, .n = 7, .h = 7, .w = 9, .c = 33, .in = 1),
    MAP("batchnorm fwd, by position", batchnorm_fwd, .n = 5, .h = 3, .w = 2, .c = 17, .in = 6),
    MAP("batchnorm inference", batchnorm_inference, .n = 1, .h = 3, .w = 2, .c = 33, .in = 6),
    MAP("batchnorm fwd of g.bn0", batchnorm_fwd, .n = 3, .h = 7, .w = 7, .c = 256, .in = 49),
    MAP("batchnorm inference of g.bn0", batchnorm_inference, .n = 1, .h = 7, .w = 7, .c = 256,
        .in = 49),
    MAP("batchnorm bwd", batchnorm_bwd, .n = 7, .h = 7, .w = 9, .c = 33, .in = 1),
    MAP("batchnorm bwd, by position", batchnorm_bwd, .n = 5, .h = 3, .w = 2, .c = 17, .in = 6),
    MAP("bias bwd", bias_bwd, .n = 11, .h = 3, .w = 5, .c = 33, .extra = 1),
    MAP("g.dense fwd", dense_fwd, .n = 5, .h = 7, .w = 7, .c = 64, .in = 100),
    MAP("g.dense fwd, integers", dense_fwd, .n = 3, .h = 3, .w = 1, .c = 32, .in = 17,
        .integers = true),
    MAP("exact g.dense fwd", dense_fwd, .n = 3, .h = 7, .w = 7, .c = 64, .in = 100,
        .integers = true),
    MAP("g.dense bwd_weight", dense_bwd_weight, .n = 5, .h = 7, .w = 7, .c = 64, .in = 100),
    MAP("g.dense fwd with its batchnorm", batchnorm_fwd, .n = 9, .h = 7, .w = 7, .c = 64, .in = 49,
        .vector = 100),
    MAP("g.dense bwd_weight with its batchnorm", batchnorm_bwd, .n = 9, .h = 7, .w = 7, .c = 64,
        .in = 49, .vector = 100),
    MAP("dense column fwd", dense_column_fwd, .n = 5, .h = 7, .w = 7, .c = 128, .extra = 1),
    MAP("dense column bwd_weight", dense_column_bwd_weight, .n = 5, .h = 7, .w = 7, .c = 128,
        .extra = 1),
    MAP("dense column bwd", dense_column_bwd, .n = 5, .h = 7, .w = 7, .c = 128, .extra = 1),
    MAP("transformed d.dense bwd_data", dense_column_bwd, .n = 5, .h = 7, .w = 7, .c = 128,
        .consumer_c = 64, .extra = 1),
    MAP("softmax", softmax, .n = 37, .c = 10, .extra = 1),
    ARRAY("loss", loss, .count = 256, .other = 96),
    ARRAY("loss, smoothed", loss, .count = 5, .other = 3, .seed = 10),
    ARRAY("loss, unsure", loss, .count = 64, .other = 24, .seed = 100),
    ARRAY("adam", adam, .count = 1040, .other = 3),
    ARRAY("adam, average", adam, .count = 48, .other = 2000, .seed = 1),
    ARRAY("sums of shards", tree, .count = 1040),
    ARRAY("sums of partials", partials, .count = 70),
    ARRAY("random words", random_words, .count = 1000, .seed = 0x123456789abcdef0u),
    ARRAY("random normal", random_normal, .count = 20000, .seed = 1),
    ARRAY("random mask", random_mask, .count = 5000, .seed = 2),
    {.name = "gather", .run = cg_verify_gather_images,
     .gather = {.count = 11, .h = 5, .w = 7, .first = 1, .n = 10, .to = 2}},
    ARRAY("commands in a row", commands, .count = 1024),
    {.name = "work-groups", .run = cg_verify_groups},
    {.name = "parts of a buffer", .run = cg_verify_views},
    ARRAY("a large transfer", transfer, .count = (size_t)4 << 20),
};
/* clang-format on */

static const cg_verify_case of_strict =
    ARRAY("portable functions", portable_math, .count = 10000, .seed = 1);

const cg_verify_case *cg_verify_find(const char *name)
{
    for (size_t i = 0; i < CG_COUNT(checks); i++)
        if (strcmp(checks[i].name, name) == 0)
            return &checks[i];
    return strcmp(of_strict.name, name) == 0 ? &of_strict : NULL;
}

const cg_verify_case *cg_verify_list(size_t *count)
{
    *count = CG_COUNT(checks);
    return checks;
}
