/* Spot checks of a step's stages: each passes with every algorithm that may be chosen for it, and
 * finds a planted error. */
#include "verify/spot.h"
#include "verify/random.h"
#include "verify/spot_array.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "ocl/runtime.h"
#include "device.h"

#include <string.h>

enum { FAKES = 5, REALS = 3 };

static cg_network *create_network(const char *algorithms)
{
    cg_network *net;
    cg_choice choice;
    float reals[REALS * CG_PIXELS];
    for (size_t i = 0; i < CG_COUNT(reals); i++)
        reals[i] = (float)(i * 37 % 256) / 127.5f - 1;
    ck_assert_int_eq(cg_choice_parse(&choice, device, algorithms, false), CG_OK);
    ck_assert_int_eq(cg_network_create(&net, device, FAKES, REALS, 2, &choice), CG_OK);
    ck_assert_int_eq(cg_network_init(net, 1, 0), CG_OK);
    ck_assert_int_eq(cg_buffer_upload(net->images.buffer, FAKES * CG_PIXELS * sizeof *reals, reals,
                                      sizeof reals),
                     CG_OK);
    ck_assert_int_eq(cg_network_sample_inputs(net, 1, 1), CG_OK);
    net->step = 1;
    net->row = 1;
    return net;
}

/* ---- right results --------------------------------------------------------------------------- */

/* Two steps; the second one begins with moments, and with statistics that moved. */
static void check_stages(const char *algorithms)
{
    cg_network *net = create_network(algorithms);
    for (size_t i = 0; i < 2 * CG_STAGES; i++) {
        cg_verify_result result;
        const cg_stage *stage = &cg_stages[i % CG_STAGES];
        net->step = 1 + i / CG_STAGES;
        if (i == CG_STAGES) /* masks have become gates */
            ck_assert_int_eq(cg_network_sample_inputs(net, 1, 2), CG_OK);
        ck_assert_int_eq(cg_spot_run(&result, net, stage, i, false), CG_OK);
        ck_assert_msg(result.ok, "%s %s, with \"%s\"", result.name, result.message, algorithms);
        ck_assert_msg(result.squared_errors > 0 || result.bound == 0, "%s", result.name);
    }
    cg_network_release(net);
}

/* Algorithms for GPUs are compiled without optimisation, which takes a third of the time. */
START_TEST(stages_pass)
{
    static const struct {
        const char *algorithms;
        bool for_gpus;
    } rows[] = {
        {"", false},
        {"plain g.dense=plain", false}, /* no transforms at all */
        {"g.convt1=fourier_tiled g.convt2=tiled d.conv2=direct g.convt3=canvas d.conv1=canvas",
         true},
        {"d.conv1=plain", false}, /* d.conv2 reads the transform of da2 alone */
        {"g.dense=clblast", true},
    };
    device_set_optimised(!rows[_i].for_gpus || device_runs_every_form());
    check_stages(rows[_i].algorithms);
    device_set_optimised(true);
}
END_TEST

/* The noise and the masks of a step are right at its batch. */
START_TEST(inputs_pass)
{
    cg_verify_result result;
    cg_network *net = create_network("");
    ck_assert_int_eq(cg_verify_inputs(&result, net, 1, 2), CG_OK);
    ck_assert_msg(result.ok, "%s: %s", result.name, result.message);
    cg_network_release(net);
}
END_TEST

/* ---- planted errors -------------------------------------------------------------------------- */

/* A stage that runs with something else than its check knows of. */
typedef struct fault {
    const char *name;
    /* Is called before the stage and after it; false: it does not concern the stage. */
    bool (*plant)(cg_network *net, const cg_stage *stage, bool before);
    size_t stages; /* that it concerns, at least */
} fault;

static void download(float **data, const cg_buffer *buffer)
{
    ck_assert_ptr_nonnull(*data = malloc(buffer->bytes));
    ck_assert_int_eq(cg_buffer_download(buffer, 0, *data, buffer->bytes), CG_OK);
}

/* Gives a buffer back what it held. */
static void restore(cg_buffer *buffer, float *data)
{
    ck_assert_int_eq(cg_buffer_upload(buffer, 0, data, buffer->bytes), CG_OK);
    free(data);
}

/* The kernel leaves a tap away: the weights are 0 there meanwhile. */
static bool drop_tap(cg_network *net, const cg_stage *stage, bool before)
{
    static float *weights;
    if (!stage->layer || stage->pass != CG_FWD) /* later passes have the transform of this one */
        return false;
    const cg_conv2d call = cg_stage_conv(stage, net);
    const size_t tap = call.shape.large_c * call.shape.small_c;
    if (!before) {
        restore(call.weight, weights);
        return true;
    }
    float *others;
    download(&weights, call.weight);
    download(&others, call.weight);
    memset(others + 7 * tap, 0, tap * sizeof *others);
    restore(call.weight, others);
    return true;
}

/* LeakyReLU has another slope in the prologue of a convolution. */
static bool change_slope(cg_network *net, const cg_stage *stage, bool before)
{
    if (!stage->layer || stage->pass != CG_FWD || !cg_stage_conv(stage, net).small_prologue.scale)
        return false;
    for (size_t i = 0; i < CG_BATCHNORMS; i++)
        net->bn[i].slope = before ? 0.2f : CG_LEAKY_SLOPE;
    return true;
}

/* Part of the network's arrays that the stage writes. */
static cg_spot_extent find_output(cg_network *net, const cg_stage *stage)
{
    cg_spot *spot;
    cg_spot_extent extents[CG_SPOT_OUTPUTS] = {{0}};
    size_t count;
    ck_assert_int_eq(cg_spot_outline(&spot, net, stage), CG_OK);
    cg_spot_extents(extents, &count, spot);
    cg_spot_release(spot);
    return extents[0];
}

static bool has_floats(const cg_stage *stage, const cg_spot_extent *e)
{
    return e->buffer && strcmp(e->name, "gates") != 0 && strcmp(stage->name, "loss") != 0;
}

/* The last of 64 work-groups does not run, in an array that held other numbers before. */
static bool drop_group(cg_network *net, const cg_stage *stage, bool before)
{
    static float *old;
    const cg_spot_extent e = find_output(net, stage);
    if (!has_floats(stage, &e))
        return false;
    if (before) {
        download(&old, e.buffer);
        return true;
    }
    float *now;
    size_t count = e.bytes / sizeof *now, part = cg_ceil_div(count, 64);
    download(&now, e.buffer);
    memcpy(now + count - part, old + count - part, part * sizeof *now);
    restore(e.buffer, now);
    free(old);
    return true;
}

/* A lane of the vectors holds what its neighbour should. */
static bool swap_lane(cg_network *net, const cg_stage *stage, bool before)
{
    const cg_spot_extent e = find_output(net, stage);
    if (!has_floats(stage, &e) || e.bytes < 64 * CG_BLOCK * sizeof(float))
        return false;
    if (before)
        return true;
    float *now;
    download(&now, e.buffer);
    for (size_t i = 0; i + 8 <= e.bytes / sizeof *now; i += 8)
        now[i + 5] = now[i + 6];
    restore(e.buffer, now);
    return true;
}

/* One tile of a weight's gradient, of 8 numbers in each of 8 rows, holds what the next one should:
 * a kernel is right at small sizes, and takes a wrong place for one of its many tiles. */
static bool misplace_tile(cg_network *net, const cg_stage *stage, bool before)
{
    enum { TILE = 8 };
    const cg_spot_extent e = find_output(net, stage);
    if (stage->pass != CG_BWD_WEIGHT || strcmp(stage->name, "d.dense") == 0)
        return false;
    if (before)
        return true;
    float *now;
    const bool dense = !stage->layer;
    const cg_conv2d_shape s = dense ? (cg_conv2d_shape){0} : cg_stage_conv(stage, net).shape;
    const size_t row = dense ? CG_BLOCK * net->h0.h * net->h0.w : s.small_c;
    const size_t rows = dense || s.large_c > 1 ? TILE : 1;
    const size_t first = e.bytes / sizeof *now / row / 2 + (rows > 1 ? 2 * TILE : 0);
    download(&now, e.buffer);
    for (size_t r = first; r < first + rows; r++)
        memcpy(now + r * row + row / 2, now + r * row + row / 2 + TILE, TILE * sizeof *now);
    restore(e.buffer, now);
    return true;
}

static const fault faults[] = {
    {"a tap is left away", drop_tap, 5},
    {"a slope of 0.2", change_slope, 3},
    {"a last work-group does not run", drop_group, 15},
    {"a lane is wrong", swap_lane, 15},
    {"a tile of a weight's gradient is wrong", misplace_tile, 6},
};

/* The network as the stage finds it. */
static void run_until(cg_network *net, const cg_stage *stage)
{
    ck_assert_int_eq(cg_network_sample_inputs(net, 1, 1), CG_OK);
    for (const cg_stage *s = cg_stages; s < stage; s++)
        ck_assert_int_eq(cg_stage_run(s, net), CG_OK);
}

static bool check_fault(cg_network *net, const cg_stage *stage, const fault *f)
{
    cg_spot *spot;
    cg_verify_result result;
    run_until(net, stage);
    ck_assert_int_eq(cg_spot_begin(&spot, net, stage, 1), CG_OK);
    bool planted = f->plant(net, stage, true);
    ck_assert_int_eq(cg_stage_run(stage, net), CG_OK);
    if (planted)
        f->plant(net, stage, false);
    ck_assert_int_eq(cg_spot_end(spot, &result), CG_OK);
    cg_spot_release(spot);
    ck_assert_msg(result.ok == !planted, "%s %s: %s: %s", stage->name, cg_pass_names[stage->pass],
                  f->name, result.message);
    return planted;
}

START_TEST(faults_are_found)
{
    size_t found = 0;
    cg_network *net = create_network("");
    for (size_t i = 0; i < CG_STAGES; i++)
        found += check_fault(net, &cg_stages[i], &faults[_i]);
    ck_assert_uint_ge(found, faults[_i].stages);
    cg_network_release(net);
}
END_TEST

/* A stage that does not run at all leaves what it is to overwrite as it was filled. */
START_TEST(stages_that_do_not_run)
{
    cg_network *net = create_network("");
    for (size_t i = 0; i < CG_STAGES; i++) {
        cg_spot *spot;
        cg_verify_result result;
        ck_assert_int_eq(cg_spot_begin(&spot, net, &cg_stages[i], 1), CG_OK);
        bool compared = find_output(net, &cg_stages[i]).buffer;
        ck_assert_int_eq(cg_spot_end(spot, &result), CG_OK);
        cg_spot_release(spot);
        ck_assert_msg(!result.ok || !compared, "%s %s passes without having run", cg_stages[i].name,
                      cg_pass_names[cg_stages[i].pass]);
        ck_assert_int_eq(cg_stage_run(&cg_stages[i], net), CG_OK);
    }
    cg_network_release(net);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("spot");
    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, stages_pass, 0, 5);
    tcase_add_test(tests, inputs_pass);
    tcase_add_loop_test(tests, faults_are_found, 0, (int)CG_COUNT(faults));
    tcase_add_test(tests, stages_that_do_not_run);
    return device_run_case(tests, "spot");
}
