/* The self-test: what it finds, what it keeps, and what a stop leaves. */
#include "device.h"
#include "support.h"

#include "ocl/verdict.h"
#include "verify/harness.h"
#include "verify/selftest_once.h"

#include <clgan/selftest.h>
#include <clgan/train.h>
#include <string.h>

/* A runtime of its own, whose cache is in the scratch folder. */
static cg_runtime *open_runtime(void)
{
    cg_runtime *rt;
    setenv("CLGAN_CACHE_DIR", scratch_path("cache"), 1);
    ck_assert_int_eq(cg_runtime_create_selected(&rt, getenv("CLGAN_DEVICE")), CG_OK);
    return rt;
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static uint64_t read_verdict(cg_runtime *rt, const char *subject)
{
    cg_verdict verdict;
    ck_assert_int_eq(cg_verdict_init(&verdict, rt, subject), CG_OK);
    uint64_t number = cg_verdict_read(&verdict);
    cg_verdict_deinit(&verdict);
    return number;
}

static void keep_verdict(cg_runtime *rt, const char *subject, uint64_t number)
{
    cg_verdict verdict;
    ck_assert_int_eq(cg_verdict_init(&verdict, rt, subject), CG_OK);
    cg_verdict_keep(&verdict, number);
    cg_verdict_deinit(&verdict);
}

START_TEST(verdicts_are_kept_by_subject_and_device)
{
    cg_runtime *rt = open_runtime();
    ck_assert_uint_eq(read_verdict(rt, "a"), 0);
    keep_verdict(rt, "a", 256);
    keep_verdict(rt, "b", UINT64_MAX);
    ck_assert_uint_eq(read_verdict(rt, "a"), 256);
    ck_assert_uint_eq(read_verdict(rt, "b"), UINT64_MAX);
    char *const texts[] = {rt->info.name,   rt->info.driver,   rt->info.version,
                           rt->info.vendor, rt->info.platform, rt->info.platform_version};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char first = texts[i][0];
        texts[i][0] = first ? (char)(first ^ 1) : '?';
        ck_assert_msg(read_verdict(rt, "a") == 0, "%s is another device's", texts[i]);
        texts[i][0] = first;
    }
    ck_assert_uint_eq(read_verdict(rt, "a"), 256);
    cg_runtime_release(rt);
}
END_TEST

START_TEST(verdicts_are_of_the_kernels)
{
    char command[1024];
    cg_runtime *rt = open_runtime();
    keep_verdict(rt, "a", 1);
    snprintf(command, sizeof command, "cp -r %s/../cl %s", CLGAN_TEST_DIR, scratch_path("cl"));
    ck_assert_int_eq(system(command), 0);
    setenv("CLGAN_KERNEL_DIR", scratch_path("cl"), 1);
    ck_assert_uint_eq(read_verdict(rt, "a"), 1);
    snprintf(command, sizeof command, "echo >>%s", scratch_path("cl/adam.cl"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_uint_eq(read_verdict(rt, "a"), 0);
    unsetenv("CLGAN_KERNEL_DIR");
    ck_assert_uint_eq(read_verdict(rt, "a"), 1);
    cg_runtime_release(rt);
}
END_TEST

/* Every byte of the file counts, and so does its length. */
START_TEST(damaged_verdicts_do_not_count)
{
    char command[1024];
    cg_runtime *rt = open_runtime();
    keep_verdict(rt, "a", 7);
    snprintf(command, sizeof command,
             "cd %s && python3 -c 'import glob, os\n"
             "path, = glob.glob(\"*.program\")\n"
             "print(os.path.getsize(path), path)' >../size",
             scratch_path("cache"));
    ck_assert_int_eq(system(command), 0);
    size_t size = 0;
    char name[64] = "", path[512];
    FILE *file = fopen(scratch_path("size"), "r");
    ck_assert_int_eq(fscanf(file, "%zu %63s", &size, name), 2);
    fclose(file);
    snprintf(path, sizeof path, "%s/%s", scratch_path("cache"), name);
    for (size_t i = 0; i < size; i++) {
        file = fopen(path, "r+b");
        fseek(file, (long)i, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, (long)i, SEEK_SET);
        fputc(byte ^ 1, file);
        fclose(file);
        ck_assert_msg(read_verdict(rt, "a") == 0, "byte %zu does not count", i);
        file = fopen(path, "r+b");
        fseek(file, (long)i, SEEK_SET);
        fputc(byte, file);
        fclose(file);
    }
    ck_assert_uint_eq(read_verdict(rt, "a"), 7);
    ck_assert_int_eq(truncate(path, (off_t)size - 1), 0);
    ck_assert_uint_eq(read_verdict(rt, "a"), 0);
    cg_runtime_release(rt);
}
END_TEST

/* ---- the test -------------------------------------------------------------------------------- */

static bool give_up(void *user)
{
    int *left = user;
    return left && --*left < 0;
}

START_TEST(what_is_stopped_or_wrong_is_not_kept)
{
    int checks = 3;
    cg_runtime *rt = open_runtime();
    const cg_selftest_plan plan = {.what = "training",
                                   .parts = CG_SELFTEST_STEP,
                                   .batch = 2,
                                   .cancel = give_up,
                                   .user = &checks};
    ck_assert_int_eq(cg_selftest_ensure(rt, &plan), CG_ERR_STOPPED);
    size_t bytes = rt->memory_bytes;
    checks = 3;
    ck_assert_int_eq(cg_selftest_ensure(rt, &plan), CG_ERR_STOPPED);
    ck_assert_uint_eq(rt->memory_bytes, bytes);
    rt->trusted = true;
    ck_assert_int_eq(cg_selftest_ensure(rt, &plan), CG_OK);
    cg_runtime_release(rt);
}
END_TEST

static bool cancel_at_once(void *user)
{
    (void)user;
    return true;
}

/* A stop before anything was done leaves nothing. */
START_TEST(a_stopped_start_leaves_nothing)
{
    cg_train_options options = cg_train_defaults();
    setenv("CLGAN_CACHE_DIR", scratch_path("cache"), 1);
    options.device = getenv("CLGAN_DEVICE");
    options.data = CLGAN_SOURCE_DIR "/data/mnist";
    options.out = scratch_path("run");
    options.recipe.batch = (cg_option_number){2, true};
    options.evaluate_every = (cg_option_number){0, true};
    options.cancel = cancel_at_once;
    ck_assert_int_eq(cg_train(&options), CG_ERR_STOPPED);
    ck_assert_int_ne(access(options.out, F_OK), 0);
}
END_TEST

/* Each check has a name of its own, and whoever passes is not tested again. */
START_TEST(a_sound_device_passes)
{
    cg_findings findings;
    cg_runtime *rt = open_runtime();
    const cg_selftest_plan plan = {.what = "training", .parts = CG_SELFTEST_STEP, .batch = 3};
    ck_assert_int_eq(cg_selftest_examine(&findings, rt, &plan), CG_OK);
    for (size_t i = 0; i < findings.count; i++) {
        const cg_finding *f = &findings.items[i];
        ck_assert_msg(f->ok, "%s: %s", f->name, f->message);
        ck_assert(f->share <= 1);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(f->name, findings.items[k].name);
    }
    ck_assert(findings.ok);
    ck_assert_uint_ge(findings.count, 50);
    ck_assert_ptr_null(cg_findings_worst(&findings));
    cg_findings_deinit(&findings);
    cg_runtime_release(rt);
}
END_TEST

/* A check that the test decides on. */
static bool lying;
static int runs;

static cg_status run_own(cg_harness *harness, const cg_verify_case *check)
{
    (void)check;
    runs++;
    harness->result->ok = !lying;
    return CG_OK;
}

/* Tests the device by that check: whether it has been run. */
static bool is_tested(cg_runtime *rt, size_t batch, cg_status wanted)
{
    const cg_verify_case own = {.name = "own", .run = run_own};
    const cg_selftest_plan plan = {
        .what = "anything", .batch = batch, .cases = &own, .case_count = 1};
    runs = 0;
    ck_assert_int_eq(cg_selftest_ensure(rt, &plan), wanted);
    if (runs == 0)
        return false;
    ck_assert_int_eq(runs, 1);
    return true;
}

/* A test that was passed counts until the device has been seen to compute wrong. */
START_TEST(a_failure_takes_back_what_was_passed)
{
    cg_runtime *rt = open_runtime();
    lying = false;
    ck_assert(is_tested(rt, 2, CG_OK));
    ck_assert(!is_tested(rt, 1, CG_OK));
    lying = true;
    ck_assert(is_tested(rt, 3, CG_ERR_WRONG));
    ck_assert(is_tested(rt, 1, CG_ERR_WRONG));
    lying = false;
    ck_assert(is_tested(rt, 1, CG_OK));
    cg_selftest_forget(rt, &(cg_selftest_plan){.what = "anything"});
    ck_assert(is_tested(rt, 1, CG_OK));
    cg_runtime_release(rt);
}
END_TEST

static char said[2048];

static void take_line(void *user, cg_log_level level, const char *line)
{
    (void)user;
    (void)level;
    snprintf(said, sizeof said, "%s", line);
}

/* The finding that names its kernels is told of, with an option that the command has. */
START_TEST(a_refusal_names_kernels_and_options)
{
    cg_runtime *rt = open_runtime();
    cg_finding items[] = {
        {.name = "step", .message = "loss"},
        {.name = "stage", .message = "adam: x[0]", .named = true, .advice = "g.dense/fwd=plain"}};
    const cg_findings findings = {.items = items, .count = 2};
    cg_selftest_plan plan = {.what = "anything"};
    cg_log_set_handler(take_line, NULL);
    ck_assert_int_eq(cg_findings_judge(&findings, rt, &plan, "so", ""), CG_ERR_WRONG);
    ck_assert_ptr_nonnull(strstr(said, "so: stage: adam: x[0]; another driver"));
    ck_assert_ptr_null(strstr(said, "plain"));
    plan.chooses = "--algorithm";
    plan.instead = "or not";
    ck_assert_int_eq(cg_findings_judge(&findings, rt, &plan, "so", "; or yes"), CG_ERR_WRONG);
    ck_assert_ptr_nonnull(strstr(said, ", or --algorithm g.dense/fwd=plain; or not; or yes"));
    cg_log_set_handler(NULL, NULL);
    cg_runtime_release(rt);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("selftest");
    tcase_add_checked_fixture(tests, scratch_setup, scratch_teardown);
    tcase_add_test(tests, verdicts_are_kept_by_subject_and_device);
    tcase_add_test(tests, verdicts_are_of_the_kernels);
    tcase_add_test(tests, damaged_verdicts_do_not_count);
    tcase_add_test(tests, what_is_stopped_or_wrong_is_not_kept);
    tcase_add_test(tests, a_stopped_start_leaves_nothing);
    tcase_add_test(tests, a_failure_takes_back_what_was_passed);
    tcase_add_test(tests, a_refusal_names_kernels_and_options);
    tcase_add_test(tests, a_sound_device_passes);
    tcase_set_timeout(tests, 600);
    return device_run_case(tests, "verify/selftest");
}
