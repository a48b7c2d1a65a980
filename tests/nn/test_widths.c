/* Networks with vectors of different widths on one runtime: each computes the bits that it computes
 * alone, and so does a classifier beside them. */
#include "nn/classifier.h"
#include "ocl/runtime.h"
#include "nn/plan.h"
#include "nn/stages.h"
#include "device.h"

#include <string.h>

enum { BATCH = 4, STEPS = 2, PICTURES = 3, SEED = 7 };

/* The outcome of a network: all that files and pictures are made of. */
typedef struct outcome {
    float *params[CG_PARAM_COUNT], *stats[CG_STAT_COUNT];
    float images[2 * BATCH * CG_PIXELS];
} outcome;

static cg_network *create_network(size_t width)
{
    cg_network *net;
    const cg_choice choice = {.vec = width};
    ck_assert_int_eq(cg_network_create(&net, device, BATCH, BATCH, 1, &choice), CG_OK);
    ck_assert_int_eq(cg_network_init(net, SEED, 0), CG_OK);
    return net;
}

/* Everything that a step needs before its stages. */
static void prepare_step(cg_network *net, uint64_t step)
{
    static float images[2 * BATCH * CG_PIXELS];
    for (size_t i = 0; i < CG_COUNT(images); i++)
        images[i] = (float)(i % 256) / 128 - 1;
    net->step = step;
    ck_assert_int_eq(cg_map_upload(&net->images, images), CG_OK);
    ck_assert_int_eq(cg_network_sample_inputs(net, SEED, (uint32_t)step), CG_OK);
}

static float *download_param(const cg_network *net, size_t id)
{
    float *data = calloc(cg_param_size(&cg_model_params[id]), sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(cg_network_download_param(net, CG_ARENA_PARAMS, (cg_param_id)id, data), CG_OK);
    return data;
}

static float *download_stat(const cg_network *net, size_t id)
{
    float *data = calloc(cg_param_size(&cg_model_stats[id]), sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(cg_network_download_stat(net, (cg_stat_id)id, data), CG_OK);
    return data;
}

/* Draws pictures at the end. */
static outcome *take_outcome(cg_network *net)
{
    outcome *o = calloc(1, sizeof *o);
    ck_assert_ptr_nonnull(o);
    for (size_t id = 0; id < CG_PARAM_COUNT; id++)
        o->params[id] = download_param(net, id);
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        o->stats[id] = download_stat(net, id);
    cg_network_set_batch(net, PICTURES, 0);
    ck_assert_int_eq(cg_network_recompute(net, PICTURES, 2, SEED), CG_OK);
    ck_assert_int_eq(cg_network_generate(net), CG_OK);
    ck_assert_int_eq(cg_map_download(&net->images, o->images), CG_OK);
    return o;
}

static void release_outcome(outcome *o)
{
    for (size_t id = 0; id < CG_PARAM_COUNT; id++)
        free(o->params[id]);
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        free(o->stats[id]);
    free(o);
}

static bool is_same_param(const outcome *a, const outcome *b, cg_param_id id)
{
    size_t bytes = cg_param_size(&cg_model_params[id]) * sizeof(float);
    return memcmp(a->params[id], b->params[id], bytes) == 0;
}

static bool is_same(const outcome *a, const outcome *b)
{
    bool same = memcmp(a->images, b->images, sizeof a->images) == 0;
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++)
        same &= is_same_param(a, b, id);
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        same &= memcmp(a->stats[id], b->stats[id],
                       cg_param_size(&cg_model_stats[id]) * sizeof(float)) == 0;
    return same;
}

static outcome *run_alone(size_t width)
{
    cg_network *net = create_network(width);
    for (uint64_t step = 1; step <= STEPS; step++) {
        prepare_step(net, step);
        ck_assert_int_eq(cg_network_run_step(net), CG_OK);
    }
    outcome *o = take_outcome(net);
    cg_network_release(net);
    return o;
}

/* logits[PICTURES][CG_CLASSES] of some pixels; the classifier is made before. */
static void classify(float *logits, cg_classifier *net)
{
    static float pixels[PICTURES * CG_PIXELS];
    for (size_t i = 0; i < CG_COUNT(pixels); i++)
        pixels[i] = (float)(i * 2654435761u % 2001) / 1000 - 1;
    ck_assert_int_eq(cg_buffer_upload(net->maps[0].buffer, 0, pixels, sizeof pixels), CG_OK);
    ck_assert_int_eq(cg_classifier_fwd(net, PICTURES, false), CG_OK);
    ck_assert_int_eq(cg_map_download(&net->maps[CG_CLASSIFIER_LAYERS], logits), CG_OK);
}

/* Stage by stage in turn, and a classifier between the steps. */
START_TEST(each_keeps_its_bits)
{
    const size_t *widths = cg_runtime_widths(device);
    float logits[2][PICTURES * CG_CLASSES];
    cg_classifier *classifier;
    outcome *alone[2], *together[2];
    cg_network *nets[2];
    if (!widths[1]) /* the device has one width */
        return;
    ck_assert_int_eq(cg_classifier_create(&classifier, device, CG_CLASSES, PICTURES, true), CG_OK);
    ck_assert_int_eq(cg_classifier_init(classifier, SEED), CG_OK);
    classify(logits[0], classifier);
    for (size_t i = 0; i < 2; i++)
        alone[i] = run_alone(widths[i]);
    ck_assert(!is_same_param(alone[0], alone[1], CG_D_CONV2_WEIGHT)); /* else nothing is shown */
    ck_assert(!is_same_param(alone[0], alone[1], CG_G_CONVT1_WEIGHT));

    for (size_t i = 0; i < 2; i++)
        nets[i] = create_network(widths[i]);
    for (uint64_t step = 1; step <= STEPS; step++) {
        for (size_t i = 0; i < 2; i++)
            prepare_step(nets[i], step);
        for (size_t s = 0; s < CG_STAGES; s++)
            for (size_t i = 0; i < 2; i++)
                ck_assert_int_eq(cg_stage_run(&cg_stages[s], nets[i]), CG_OK);
        classify(logits[1], classifier);
        ck_assert_mem_eq(logits[0], logits[1], sizeof logits[0]);
    }
    for (size_t i = 0; i < 2; i++) {
        together[i] = take_outcome(nets[i]);
        ck_assert(is_same(alone[i], together[i]));
        release_outcome(alone[i]);
        release_outcome(together[i]);
        cg_network_release(nets[i]);
    }
    cg_classifier_release(classifier);
}
END_TEST

/* Whatever is asked of a network, the runtime has its own width afterwards, and each width has
 * programs of its own: those of the other width are there when the network's stages have run. */
START_TEST(runtime_keeps_its_width)
{
    const size_t *widths = cg_runtime_widths(device), native = *widths;
    if (!widths[1])
        return;
    cg_network *net = create_network(widths[1]);
    ck_assert_uint_eq(device->vec, native);
    ck_assert_uint_eq(cg_choice_width(&net->choice, device), widths[1]);
    prepare_step(net, 1);
    ck_assert_uint_eq(device->vec, native);
    ck_assert_int_eq(cg_network_run_step(net), CG_OK);
    ck_assert_uint_eq(device->vec, native);
    cg_stage_find_cost(cg_stage_of_layer(CG_D_CONV2, CG_FWD), net);
    ck_assert_uint_eq(device->vec, native);
    ck_assert_int_eq(cg_network_recompute(net, 1, 1, SEED), CG_OK);
    ck_assert_int_eq(cg_network_generate(net), CG_OK);
    ck_assert_uint_eq(device->vec, native);

    net->choice.algorithms[2] = "image"; /* which does not serve: an error on the way */
    ck_assert_int_eq(cg_network_run_step(net), CG_ERR_SHAPE);
    ck_assert_uint_eq(device->vec, native);
    cg_network_release(net);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("widths");
    tcase_add_test(tests, each_keeps_its_bits);
    tcase_add_test(tests, runtime_keeps_its_width);
    tcase_set_timeout(tests, 0);
    return device_run_case(tests, "nn/widths");
}
