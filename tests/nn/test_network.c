/* The network beside its steps: recomputed statistics, the average of the weights, initial values.
 */
#include "device.h"

#include "nn/choice.h"
#include "nn/plan.h"
#include "nn/shards.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BATCH = 8, FEATURES = CG_G_CHANNELS1 };

static cg_network *create(size_t reals)
{
    cg_network *net;
    ck_assert_int_eq(cg_network_create(&net, device, BATCH, reals, 1, NULL), CG_OK);
    return net;
}

static void read_stat(float *data, const cg_network *net, cg_stat_id id)
{
    ck_assert_int_eq(cg_network_download_stat(net, id, data), CG_OK);
}

/* After k batches the statistics are the mean of theirs: of one batch they are its own, of two the
 * second's share is what bn holds of the last batch. */
START_TEST(recomputed_statistics)
{
    float first[FEATURES], both[FEATURES], second[FEATURES];
    cg_network *net = create(0);
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    ck_assert_int_eq(cg_network_recompute(net, BATCH, 1, 3), CG_OK);
    read_stat(first, net, CG_BN1_MOVING_MEAN);
    ck_assert_int_eq(cg_buffer_download(net->bn[1].mean, 0, second, sizeof second), CG_OK);
    ck_assert_mem_eq(first, second, sizeof first);
    ck_assert_int_eq(cg_network_recompute(net, BATCH, 2, 3), CG_OK);
    read_stat(both, net, CG_BN1_MOVING_MEAN);
    ck_assert_int_eq(cg_buffer_download(net->bn[1].mean, 0, second, sizeof second), CG_OK);
    ck_assert_mem_ne(first, second, sizeof first);
    for (size_t i = 0; i < FEATURES; i++)
        ck_assert_float_eq_tol(both[i], (first[i] + second[i]) / 2,
                               1e-6f * (fabsf(first[i]) + fabsf(second[i])));
    cg_network_release(net);
}
END_TEST

/* Whatever they were before, training's batch and momentum stay. */
START_TEST(recomputing_leaves_the_rest)
{
    float before[FEATURES], after[FEATURES];
    cg_network *net = create(0);
    const float momentum = net->bn[0].momentum;
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    cg_network_set_batch(net, 3, 0);
    ck_assert_int_eq(cg_network_recompute(net, BATCH, 2, 3), CG_OK);
    read_stat(before, net, CG_BN1_MOVING_VARIANCE);
    ck_assert_int_eq(cg_network_recompute(net, BATCH, 5, 4), CG_OK);
    ck_assert_int_eq(cg_network_recompute(net, BATCH, 2, 3), CG_OK);
    read_stat(after, net, CG_BN1_MOVING_VARIANCE);
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_uint_eq(net->fakes, 3);
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        ck_assert_float_eq(net->bn[i].momentum, momentum);
    cg_network_release(net);
}
END_TEST

/* The average begins as the weights. */
START_TEST(average_begins)
{
    enum { SIZE = CG_KERNEL * CG_KERNEL * CG_G_CHANNELS2 };
    float weights[SIZE], average[SIZE];
    cg_network *net = create(BATCH);
    ck_assert_int_eq(cg_network_keep_average(net), CG_OK);
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    ck_assert_int_eq(cg_network_download_param(net, CG_ARENA_PARAMS, CG_G_CONVT3_WEIGHT, weights),
                     CG_OK);
    ck_assert_int_eq(cg_network_download_param(net, CG_ARENA_AVERAGE, CG_G_CONVT3_WEIGHT, average),
                     CG_OK);
    ck_assert_mem_eq(weights, average, sizeof weights);
    cg_network_release(net);
}
END_TEST

static size_t count_launches(cg_network *net, cg_layer_id layer)
{
    const size_t launches = net->rt->launches;
    ck_assert_int_eq(cg_stage_run(cg_stage_of_layer(layer, CG_FWD), net), CG_OK);
    return net->rt->launches - launches;
}

/* The head transforms the weights, each time anew, and the other shards find what it left. */
START_TEST(shards_share_the_weights_transform)
{
    cg_network *head = create(BATCH);
    cg_shards *shards;
    ck_assert_int_eq(cg_network_init(head, 1, 0), CG_OK);
    ck_assert_int_eq(cg_shards_create(&shards, head, NULL, BATCH, BATCH, 2), CG_OK);
    for (cg_layer_id layer = CG_G_CONVT1; layer < CG_LAYER_COUNT; layer++) {
        const size_t weights = 2 * (size_t)layer + 1;
        const size_t saved = head->scratch->spectra[weights].buffer ? 1 : 0;
        cg_network *other = shards->nets[1];
        ck_assert_ptr_null(other->scratch->spectra[weights].buffer);
        const size_t first = count_launches(head, layer);
        ck_assert_uint_eq(count_launches(other, layer) + saved, first);
        ck_assert_uint_eq(count_launches(other, layer) + saved, first);
        ck_assert_uint_eq(count_launches(head, layer), first);
    }
    cg_shards_release(shards);
    cg_network_release(head);
}
END_TEST

/* All gradients of a step from the same draws; how many launches it took. */
static size_t take_gradients(cg_network *net)
{
    static float images[2 * BATCH * CG_PIXELS];
    size_t launches = net->rt->launches;
    for (size_t i = 0; i < CG_COUNT(images); i++)
        images[i] = (float)(i % 256) / 128 - 1;
    ck_assert_int_eq(cg_map_upload(&net->images, images), CG_OK);
    ck_assert_int_eq(cg_network_sample_inputs(net, 7, 1), CG_OK);
    for (size_t i = 0; strcmp(cg_stages[i].name, "adam") != 0; i++)
        ck_assert_int_eq(cg_stage_run(&cg_stages[i], net), CG_OK);
    return net->rt->launches - launches;
}

/* When d.conv2 takes transforms from the stages before it, a step has two launches less, and all
 * gradients are those of the step that transforms maps, up to rounding. A pass of d.conv2 by
 * another algorithm wants the maps. */
START_TEST(transforms_stand_for_maps)
{
    cg_network *net = create(BATCH), *other;
    if (!net->conv2_reads_spectrum) { /* not on this device */
        cg_network_release(net);
        return;
    }
    ck_assert(net->conv1_writes_spectrum);
    cg_choice choice;
    ck_assert_int_eq(cg_choice_parse(&choice, device, "d.conv2/bwd_weight=direct", false), CG_OK);
    ck_assert_int_eq(cg_network_create(&other, device, BATCH, BATCH, 1, &choice), CG_OK);
    ck_assert(!other->conv2_reads_spectrum && !other->conv1_writes_spectrum);
    cg_network_release(other);
    other = create(BATCH);
    other->maps_only = true;
    choice = other->choice;
    ck_assert_int_eq(cg_network_apply(other, &choice), CG_OK);
    ck_assert(!other->conv2_reads_spectrum && !other->conv1_writes_spectrum);
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    ck_assert_int_eq(cg_network_init(other, 1, 0), CG_OK);
    ck_assert_uint_eq(take_gradients(net) + 2, take_gradients(other));
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        size_t n = cg_param_size(&cg_model_params[id]);
        float *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b), largest = 0, difference = 0;
        ck_assert(a && b);
        ck_assert_int_eq(cg_network_download_param(net, CG_ARENA_GRADS, (cg_param_id)id, a), CG_OK);
        ck_assert_int_eq(cg_network_download_param(other, CG_ARENA_GRADS, (cg_param_id)id, b),
                         CG_OK);
        for (size_t i = 0; i < n; i++) {
            largest = fmaxf(largest, fabsf(a[i]));
            difference = fmaxf(difference, fabsf(a[i] - b[i]));
        }
        ck_assert_float_gt(largest, 0);
        ck_assert_msg(difference <= 1e-5f * largest, "%s: %g of %g", cg_model_params[id].name,
                      (double)difference, (double)largest);
        free(a);
        free(b);
    }
    cg_network_release(net);
    cg_network_release(other);
}
END_TEST

/* Moments of 800,000 weights: mean, deviation, and the fourth, which is 3 for a normal
 * distribution and 1.8 for a uniform one; within five standard errors. */
START_TEST(initial_weights)
{
    const cg_param_spec *spec = &cg_model_params[CG_G_CONVT1_WEIGHT];
    const double deviations[] = {0.02, 0.02, 0}, fourths[] = {3, 3, 1.8};
    const bool strict[] = {false, true, true};
    size_t n = cg_param_size(spec);
    float *data = malloc(n * sizeof *data);
    ck_assert_ptr_nonnull(data);
    for (size_t k = 0; k < 3; k++) {
        double sum = 0, square = 0, fourth = 0;
        double sigma = deviations[k] > 0 ? deviations[k] : cg_param_glorot_limit(spec) / sqrt(3);
        cg_param_draw(data, spec, 1, 3, deviations[k], strict[k]);
        for (size_t i = 0; i < n; i++) {
            double x = (double)data[i] / sigma;
            sum += x;
            square += x * x;
            fourth += x * x * x * x;
        }
        ck_assert_double_le(fabs(sum / (double)n), 5 / sqrt((double)n));
        ck_assert_double_eq_tol(square / (double)n, 1, 5 * sqrt(2 / (double)n));
        ck_assert_double_eq_tol(fourth / (double)n, fourths[k], 5 * sqrt(96 / (double)n));
    }
    free(data);
}
END_TEST

/* Strict weights have the same bits on every host, without the excess precision of the x87. */
START_TEST(strict_weights)
{
    const cg_param_spec *spec = &cg_model_params[CG_G_CONVT1_WEIGHT];
    const double deviations[] = {0.02, 0};
    const uint64_t digests[] = {UINT64_C(0xFC25D2852B3AC79F), UINT64_C(0x5909DF83BD6A62BA)};
    size_t n = cg_param_size(spec);
    float *data = malloc(n * sizeof *data);
    ck_assert_ptr_nonnull(data);
    for (size_t k = 0; k < 2; k++) {
        uint64_t hash = 0;
        cg_param_draw(data, spec, 1, 3, deviations[k], true);
        for (size_t i = 0; i < n; i++) {
            uint32_t bits;
            memcpy(&bits, &data[i], sizeof bits);
            hash = (hash ^ bits) * UINT64_C(0x100000001B3);
            hash ^= hash >> 29;
        }
        ck_assert_msg(hash == digests[k], "%zu: %016" PRIx64, k, hash);
    }
    free(data);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, recomputed_statistics);
    tcase_add_test(tests, recomputing_leaves_the_rest);
    tcase_add_test(tests, average_begins);
    tcase_add_test(tests, transforms_stand_for_maps);
    tcase_add_test(tests, shards_share_the_weights_transform);
    tcase_add_test(tests, initial_weights);
    tcase_add_test(tests, strict_weights);
    tcase_set_timeout(tests, 120);
    return device_run_case(tests, "nn/network");
}
