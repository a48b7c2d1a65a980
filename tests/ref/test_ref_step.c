/* The float64 step reproduces the fixtures that Keras computed, in every tensor of every step; and
 * damaged fixtures are refused. */
#include "base/memory.h"
#include "base/file.h"
#include "verify/fixture.h"
#include "verify/stored_step.h"
#include "ref/step.h"
#include "sanitized.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXTURE_A CLGAN_TEST_DIR "/fixtures/tf_step_a.json"
#define FIXTURE_B CLGAN_TEST_DIR "/fixtures/tf_step_b.json"

/* ---- reproduction ---------------------------------------------------------------------------- */

/* A fixture being replayed. */
typedef struct replay {
    cg_fixture *fixture;
    cg_ref_net *net;
    cg_ref_step *step;
    double sample[CG_FIXTURE_SAMPLES * CG_PIXELS];
    double worst;
} replay;

static void print_bad_line(void *user, const cg_fixture_line *line)
{
    replay *r = user;
    if (!line->ok)
        fprintf(stderr, "step %zu %s: error %g, limit %g\n", line->step, line->name, line->error,
                line->limit);
    r->worst = line->error > r->worst ? line->error : r->worst;
}

/* array = the n floats, which are freed. */
static void widen(double *array, float *floats, size_t n)
{
    for (size_t i = 0; i < n; i++)
        array[i] = (double)floats[i];
    free(floats);
}

static float *create_floats(size_t n)
{
    float *floats = NULL;
    ck_assert_int_eq(cg_memory_create(&floats, n, sizeof *floats), CG_OK);
    return floats;
}

static void load_params(replay *r)
{
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        size_t size = cg_param_size(&cg_model_params[id]);
        float *w = create_floats(size);
        cg_fixture_param(w, r->fixture, id);
        widen(r->net->param[id], w, size);
    }
}

static void load_inputs(replay *r, size_t t)
{
    size_t noise = r->step->fake * CG_NOISE, pixels = r->step->real * CG_PIXELS;
    float *z = create_floats(noise), *images = create_floats(pixels);
    cg_fixture_noise(z, r->fixture, t);
    cg_fixture_real(images, r->fixture, t);
    cg_fixture_masks(r->step->d[0].mask, r->step->d[1].mask, r->fixture, t);
    widen(r->step->z, z, noise);
    widen(r->step->images, images, pixels);
}

static void sample(replay *r, size_t t)
{
    double z[CG_FIXTURE_SAMPLES * CG_NOISE];
    float *floats = create_floats(CG_COUNT(z));
    cg_fixture_sample_noise(floats, r->fixture, t);
    widen(z, floats, CG_COUNT(z));
    ck_assert_int_eq(cg_ref_generate(r->sample, z, CG_FIXTURE_SAMPLES, r->net), CG_OK);
}

static bool compare(replay *r, size_t t, const cg_fixture_limits *limits)
{
    const cg_ref_step *s = r->step;
    cg_fixture_got got = {
        .loss = {[CG_LOSS_D_REAL] = s->loss_d_real,
                 [CG_LOSS_D_FAKE] = s->loss_d_fake,
                 [CG_LOSS_D] = s->loss_d,
                 [CG_LOSS_G] = s->loss_g},
        .logits_real = s->logits,
        .logits_fake = s->logits + s->real,
        .fake = s->generated,
        .sample = r->sample,
    };
    for (size_t i = 0; i < CG_PARAM_COUNT; i++) {
        got.grad[i] = s->grad[i];
        got.param[i] = r->net->param[i];
    }
    for (size_t i = 0; i < CG_STAT_COUNT; i++)
        got.stat[i] = r->net->stat[i];
    return cg_fixture_compare_step(&r->fixture->steps[t - 1], &got, limits, print_bad_line, r);
}

static void replay_init(replay *r, const char *path)
{
    *r = (replay){0};
    ck_assert_int_eq(cg_fixture_read(&r->fixture, path), CG_OK);
    ck_assert_int_eq(cg_ref_net_create(&r->net), CG_OK);
    ck_assert_int_eq(cg_ref_step_create(&r->step, r->fixture->real_batch, r->fixture->fake_batch),
                     CG_OK);
    load_params(r);
}

static void replay_deinit(replay *r)
{
    cg_ref_step_release(r->step);
    cg_ref_net_release(r->net);
    cg_fixture_release(r->fixture);
}

static void replay_step(replay *r, size_t t)
{
    load_inputs(r, t);
    cg_ref_step_fwd(r->step, r->net);
    cg_ref_step_bwd(r->step, r->net);
    cg_ref_step_update(r->net, r->step);
    sample(r, t);
}

static void reproduce(const char *path, size_t steps)
{
    replay r;
    replay_init(&r, path);
    for (size_t t = 1; t <= (SANITIZED ? 1 : r.fixture->step_count); t++) {
        replay_step(&r, t);
        ck_assert_msg(compare(&r, t, &cg_fixture_limits_float64), "step %zu differs", t);
    }
    ck_assert_uint_eq(r.fixture->step_count, steps);
    printf("%s: worst error %.3g\n", path, r.worst);
    replay_deinit(&r);
}

START_TEST(reproduces_fixture_a)
{
    reproduce(FIXTURE_A, 3);
}
END_TEST

START_TEST(reproduces_fixture_b)
{
    reproduce(FIXTURE_B, 3);
}
END_TEST

/* The self-test's fixture is the one that is in the library, too. */
START_TEST(reproduces_the_stored_step)
{
    size_t size;
    void *text = NULL;
    reproduce(CLGAN_SOURCE_DIR "/src/verify/selftest.json", 1);
    ck_assert_int_eq(
        cg_file_read(&text, &size, CLGAN_SOURCE_DIR "/src/verify/selftest.json", 1 << 20), CG_OK);
    ck_assert_str_eq(cg_selftest_fixture, text);
    free(text);
}
END_TEST

/* Each limit is there for a reason: an error just above it must fail the comparison. */
START_TEST(comparison_notices_errors)
{
    replay r;
    const cg_fixture_limits *limits = &cg_fixture_limits_float32;
    replay_init(&r, FIXTURE_A);
    replay_step(&r, 1);
    ck_assert(compare(&r, 1, limits));
    double *const touched[] = {&r.step->loss_g,
                               &r.step->logits[0],
                               &r.step->generated[0],
                               &r.sample[0],
                               &r.step->grad[CG_G_CONVT1_WEIGHT][0],
                               &r.net->param[CG_D_CONV2_WEIGHT][0],
                               &r.net->stat[CG_BN1_MOVING_MEAN][0]};
    for (size_t i = 0; i < CG_COUNT(touched); i++) {
        double saved = *touched[i];
        *touched[i] = saved + 1;
        ck_assert_msg(!compare(&r, 1, limits), "change %zu was not noticed", i);
        *touched[i] = NAN;
        ck_assert_msg(!compare(&r, 1, limits), "not-a-number %zu was not noticed", i);
        *touched[i] = saved;
    }
    /* Element 1 of this tensor is at no index: sum and norm must show it. */
    r.step->grad[CG_G_DENSE_WEIGHT][1] += 1;
    ck_assert(!compare(&r, 1, limits));
    r.step->grad[CG_G_DENSE_WEIGHT][1] -= 1;
    r.net->param[CG_D_CONV2_BIAS][0] += 0.06 * CG_ADAM_RATE;
    ck_assert(!compare(&r, 1, limits));
    replay_deinit(&r);
}
END_TEST

START_TEST(differences_are_what_they_say)
{
    size_t index[] = {0, 3};
    double value[] = {1, -1};
    cg_description d = {.size = 4, .sum = 0, .l2 = 2, .count = 2, .index = index, .value = value};
    cg_difference same = cg_fixture_compare(&d, (double[]){1, 1, -1, -1});
    ck_assert(same.rms_rel == 0 && same.sum_rel == 0 && same.l2_rel == 0 && same.max_abs == 0);
    cg_difference other = cg_fixture_compare(&d, (double[]){3, 0, 0, -1});
    ck_assert_double_eq_tol(other.rms_rel, sqrt(2), 1e-15);
    ck_assert_double_eq_tol(other.sum_rel, 0.5, 1e-15);
    ck_assert_double_eq_tol(other.l2_rel, (sqrt(10) - 2) / 2, 1e-15);
    ck_assert_double_eq_tol(other.max_abs, 2, 1e-15);
    ck_assert_double_eq_tol(other.sum_mean, 0.5, 1e-15);
    ck_assert_double_eq_tol(other.l2_rms, (sqrt(10) - 2) / 2, 1e-15);
}
END_TEST

START_TEST(batches_out_of_range_are_refused)
{
    cg_ref_step *step = NULL;
    ck_assert_int_eq(cg_ref_step_create(&step, 0, 8), CG_ERR_SHAPE);
    ck_assert_ptr_null(step);
    ck_assert_int_eq(cg_ref_step_create(&step, 8, SIZE_MAX), CG_ERR_SHAPE);
    ck_assert_ptr_null(step);
}
END_TEST

/* ---- damaged fixtures ------------------------------------------------------------------------ */

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = NULL;
    ck_assert_int_eq(cg_memory_create(&text, size + 1, 1), CG_OK);
    ck_assert_uint_eq(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

/* The status of reading a fixture that holds `size` bytes at text, then `more`, then `rest`. */
static cg_status read_pieces(const char *text, size_t size, const char *more, const char *rest)
{
    char path[] = "/tmp/clgan_fixture_XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    ck_assert_int_ge(fputs(more, file), 0);
    ck_assert_int_ge(fputs(rest, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    cg_fixture *fixture = NULL;
    cg_status status = cg_fixture_read(&fixture, path);
    ck_assert(status == CG_OK || !fixture);
    cg_fixture_release(fixture);
    unlink(path);
    return status;
}

/* Fixture a with the first `from` replaced by `to`. */
static const struct damage {
    const char *from, *to;
} damages[] = {
    {"{", "["},
    {"\"seed\":1", "\"seed\":-1"},
    {"\"seed\":1", "\"seed\":1.5"},
    {"\"seed\":1", "\"seed\":\"1\""},
    {"\"seed\":1,", ""},
    {"\"real_batch\":8", "\"real_batch\":0"},
    {"\"real_batch\":8", "\"real_batch\":1e18"},
    {"\"real_batch\":8", "\"real_batch\":7"},
    {"\"fake_batch\":8", "\"fake_batch\":4097"},
    {"\"fake_batch\":8", "\"fake_batch\":null"},
    {"\"hyper\"", "\"hypo\""},
    {"\"bn_momentum\":0.99", "\"bn_momentum\":0.9"},
    {"\"lr\":0.0001", "\"lr\":\"fast\""},
    {"\"adam\":{", "\"madam\":{"},
    {"\"init\":[", "\"init\":[7,"},
    {"\"init\":[", "\"init\":{}, \"x\":["},
    {"\"name\":\"g.bn0.beta\"", "\"name\":\"g.bn9.beta\""},
    {"\"name\":\"g.bn0.beta\"", "\"name\":\"g.bn0.gamma\""},
    {"\"name\":\"g.bn0.beta\"", "\"name\":3"},
    {"\"stream\":3", "\"stream\":-3"},
    {"\"shape\":[5,5,128,256]", "\"shape\":[5,5,256,128]"},
    {"\"shape\":[5,5,128,256]", "\"shape\":[5,5,128]"},
    {"\"shape\":[5,5,128,256]", "\"shape\":[5,5,128,256,1]"},
    {"\"shape\":[5,5,128,256]", "\"shape\":12"},
    {"\"scale\":0.02", "\"scale\":1e999"},
    {"\"steps\":[", "\"steps\":[], \"x\":["},
    {"\"steps\":[", "\"steps\":[[],"},
    {"\"steps\":[", "\"steps\":5, \"x\":["},
    {"\"step\":1", "\"step\":2"},
    {"\"loss_g\"", "\"loss_h\""},
    {"\"loss_d\":1", "\"loss_d\":true, \"x\":1"},
    {"\"logits_real\":{", "\"logits_real\":5,\"x\":{"},
    {"\"shape\":[8,28,28,1]", "\"shape\":[8,28,28]"},
    {"\"shape\":[8,1]", "\"shape\":[9,1]"},
    {"\"shape\":[4,28,28,1]", "\"shape\":[8,28,28,1]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[0,1,2,3,4,5,6,8]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[0,1,2,3,4,5,6,-1]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[0,1,2,3,4,5,6,6.5]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[0,1,2,3,4,5,6]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[0,1,2,3,4,5,6,7,7]"},
    {"\"index\":[0,1,2,3,4,5,6,7]", "\"index\":[]"},
    {"\"value\":[", "\"value\":[null,"},
    {"\"value\":[", "\"values\":["},
    {"\"l2\":", "\"l2\":-"},
    {"\"grad\":{", "\"grad\":{\"g.dense.bias\":{},"},
    {"\"grad\":{\"g.dense.weight\"", "\"grad\":{\"g.dense.bias\""},
    {"\"stat\":{", "\"stat\":["},
    {"\"stat\":{\"g.bn0.moving_mean\"", "\"stat\":{\"g.bn0.moving_mode\""},
};

START_TEST(damaged_fixtures_are_refused)
{
    const struct damage *damage = &damages[_i];
    char *text = read_text(FIXTURE_A);
    char *at = strstr(text, damage->from);
    ck_assert_msg(at != NULL, "the fixture has no %s", damage->from);
    cg_status status =
        read_pieces(text, (size_t)(at - text), damage->to, at + strlen(damage->from));
    ck_assert_msg(status == CG_ERR_INPUT, "%s was accepted", damage->to);
    free(text);
}
END_TEST

START_TEST(truncated_fixtures_are_refused)
{
    char *text = read_text(FIXTURE_A);
    size_t size = strlen(text);
    ck_assert_int_eq(read_pieces(text, size, "", ""), CG_OK);
    ck_assert_int_eq(read_pieces(text, size, " \n", ""), CG_OK);
    ck_assert_int_eq(read_pieces(text, size, "x", ""), CG_ERR_INPUT);
    for (size_t part = 0; part < 16; part++)
        ck_assert_int_eq(read_pieces(text, size * part / 16, "", ""), CG_ERR_INPUT);
    ck_assert_int_eq(read_pieces(text, size - 1, "", ""), CG_ERR_INPUT);
    free(text);
}
END_TEST

START_TEST(missing_files_are_refused)
{
    cg_fixture *fixture = NULL;
    ck_assert_int_eq(cg_fixture_read(&fixture, CLGAN_TEST_DIR "/fixtures/none.json"), CG_ERR_INPUT);
    ck_assert_int_eq(cg_fixture_read(&fixture, CLGAN_TEST_DIR), CG_ERR_INPUT);
    ck_assert_ptr_null(fixture);
    cg_fixture_release(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ref_step");
    TCase *step = tcase_create("step");
    tcase_set_timeout(step, 300);
    tcase_add_test(step, reproduces_fixture_a);
    tcase_add_test(step, reproduces_fixture_b);
    tcase_add_test(step, reproduces_the_stored_step);
    tcase_add_test(step, comparison_notices_errors);
    tcase_add_test(step, differences_are_what_they_say);
    tcase_add_test(step, batches_out_of_range_are_refused);
    suite_add_tcase(suite, step);
    TCase *damaged = tcase_create("damaged fixtures");
    tcase_set_timeout(damaged, 60);
    tcase_add_loop_test(damaged, damaged_fixtures_are_refused, 0, (int)CG_COUNT(damages));
    tcase_add_test(damaged, truncated_fixtures_are_refused);
    tcase_add_test(damaged, missing_files_are_refused);
    suite_add_tcase(suite, damaged);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
