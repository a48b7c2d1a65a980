/* Training steps on the device reproduce the fixtures that Keras computed, and a fixture that says
 * something else is noticed. */
#include "verify/parity.h"
#include "ocl/runtime.h"
#include "device.h"

#define FIXTURE_A CLGAN_TEST_DIR "/fixtures/tf_step_a.json"
#define FIXTURE_B CLGAN_TEST_DIR "/fixtures/tf_step_b.json"

static cg_fixture *read_fixture(const char *path)
{
    cg_fixture *fixture;
    ck_assert_int_eq(cg_fixture_read(&fixture, path), CG_OK);
    return fixture;
}

static void print_bad_line(void *user, const cg_fixture_line *line)
{
    size_t *bad = user;
    *bad += !line->ok;
    if (!line->ok)
        fprintf(stderr, "step %zu %s: error %g, limit %g\n", line->step, line->name, line->error,
                line->limit);
}

static bool reproduces(const cg_fixture *fixture, const cg_parity_settings *settings, size_t *bad)
{
    bool ok = false;
    *bad = 0;
    ck_assert_int_eq(cg_parity_run(&ok, device, fixture, settings, print_bad_line, bad), CG_OK);
    return ok;
}

/* Every algorithm of the table serves a layer in one of these, but for `plain`, which the tier
 * exhaustive adds. Those for CPUs are not for others, and those for GPUs are not optimised on a
 * CPU. The default goes through all steps; the first step has every kernel of the others. */
#define IMAGES_FOR_GPUS ",g.convt3=canvas,d.conv1=canvas,g.dense=clblast"
static const struct {
    const char *path;
    cg_parity_settings settings;
    enum { ANY, FOR_CPUS, FOR_GPUS, EXHAUSTIVE } kind;
} runs[] = {
    {FIXTURE_A, {NULL, 0}, ANY},
    {FIXTURE_B, {NULL, 0}, ANY},
    {FIXTURE_A, {"direct,g.convt3=image,d.conv1=image,g.dense=own", 0}, FOR_CPUS},
    {FIXTURE_A, {"fourier_tiled,d.conv2=tiled" IMAGES_FOR_GPUS, 0}, FOR_GPUS},
    {FIXTURE_A, {"plain", 0}, EXHAUSTIVE},
    {FIXTURE_A, {"tiled" IMAGES_FOR_GPUS, 0}, EXHAUSTIVE},
    {FIXTURE_A, {"fourier_tiled" IMAGES_FOR_GPUS, 0}, EXHAUSTIVE},
};

START_TEST(fixture_is_reproduced)
{
    size_t bad;
    bool cpu = cg_runtime_device(device)->type == CG_DEVICE_CPU, every = device_runs_every_form();
    if ((runs[_i].kind == FOR_CPUS && !cpu) || (runs[_i].kind == EXHAUSTIVE && !every))
        return;
    cg_fixture *fixture = read_fixture(runs[_i].path);
    if (runs[_i].settings.algorithm)
        fixture->step_count = 1;
    device_set_optimised(runs[_i].kind != FOR_GPUS || !cpu || every);
    ck_assert(reproduces(fixture, &runs[_i].settings, &bad));
    device_set_optimised(true);
    ck_assert_uint_eq(bad, 0);
    cg_fixture_release(fixture);
}
END_TEST

/* With vectors of another width than the native one, where there are such: kernels are built for
 * it, by the strict layer without optimisation, and the runtime keeps its own. One more width shows
 * that: Oclgrind and llvmpipe run narrower ones (portability/). */
START_TEST(another_width_reproduces_it)
{
    size_t bad;
    char algorithm[32];
    const cg_parity_settings settings = {.algorithm = algorithm};
    cg_fixture *fixture = read_fixture(FIXTURE_A);
    fixture->step_count = 1;
    const size_t width = cg_runtime_widths(device)[1];
    if (width) {
        size_t programs = device->programs_built + device->programs_loaded;
        snprintf(algorithm, sizeof algorithm, "vec=%zu", width);
        device_set_optimised(false);
        ck_assert(reproduces(fixture, &settings, &bad));
        device_set_optimised(true);
        ck_assert_uint_gt(device->programs_built + device->programs_loaded, programs);
        ck_assert_uint_eq(device->vec, *cg_runtime_widths(device));
    }
    cg_fixture_release(fixture);
}
END_TEST

START_TEST(other_values_are_noticed)
{
    size_t bad;
    cg_fixture *fixture = read_fixture(FIXTURE_A);
    cg_fixture_step *first = &fixture->steps[0];
    fixture->step_count = 1;
    first->loss[CG_LOSS_G] *= 1 + 1e-4;
    first->grad[CG_D_CONV2_WEIGHT].value[0] += 1e-3 * first->grad[CG_D_CONV2_WEIGHT].l2;
    first->stat[CG_BN1_MOVING_MEAN].sum += first->stat[CG_BN1_MOVING_MEAN].l2;
    ck_assert(!reproduces(fixture, &(cg_parity_settings){0}, &bad));
    ck_assert_uint_eq(bad, 3);
    cg_fixture_release(fixture);
}
END_TEST

START_TEST(bad_settings_are_refused)
{
    cg_fixture *fixture = read_fixture(FIXTURE_A);
    const cg_parity_settings bad[] = {{"fast", 0}, {NULL, fixture->fake_batch + 1}};
    for (size_t i = 0; i < CG_COUNT(bad); i++) {
        bool ok = true;
        ck_assert_int_eq(cg_parity_run(&ok, device, fixture, &bad[i], NULL, NULL), CG_ERR_ARGUMENT);
        ck_assert(!ok);
    }
    cg_fixture_release(fixture);
}
END_TEST

/* A batch in shards, some of which have other sizes than others, or no real image. */
START_TEST(shards_reproduce_it)
{
    static const cg_parity_settings settings[] = {{NULL, 3}, {NULL, 7}};
    size_t bad;
    cg_fixture *fixture = read_fixture(FIXTURE_B);
    ck_assert(reproduces(fixture, &settings[_i], &bad));
    ck_assert_uint_eq(bad, 0);
    cg_fixture_release(fixture);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("parity");
    tcase_add_loop_test(tests, fixture_is_reproduced, 0, (int)CG_COUNT(runs));
    tcase_add_test(tests, another_width_reproduces_it);
    tcase_add_test(tests, other_values_are_noticed);
    tcase_add_test(tests, bad_settings_are_refused);
    tcase_add_loop_test(tests, shards_reproduce_it, 0, 2);
    return device_run_case(tests, "verify/parity");
}
