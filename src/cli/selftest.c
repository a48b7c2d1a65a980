/* clgan selftest: which devices, and what was found of them as text or JSON. */
#include "cli/cli.h"
#include "cli/output.h"

#include <clgan/log.h>
#include <clgan/recipe.h>
#include <clgan/selftest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 2 * CG_SELFTEST_MESSAGE };

/* ---- results --------------------------------------------------------------------------------- */

/* The check that came closest to its bound; NULL when there is none. */
static const cg_selftest_check *find_closest(const cg_selftest *test)
{
    const cg_selftest_check *closest = test->check_count ? test->checks : NULL;
    for (size_t i = 0; i < test->check_count; i++)
        if (test->checks[i].max_share > closest->max_share)
            closest = &test->checks[i];
    return closest;
}

/* `asked`: the batch that was asked for. */
static void print_test(const cg_selftest *test, size_t asked)
{
    char line[LINE];
    size_t wrong = 0;
    const cg_device_info *device = &test->device;
    const cg_selftest_check *closest = find_closest(test);
    snprintf(line, sizeof line, "%s  %s (%s), driver %s", device->id, device->name,
             device->platform, device->driver);
    cg_output_result(line, 0, 2);
    for (size_t i = 0; i < test->check_count; i++) {
        if (test->checks[i].ok)
            continue;
        snprintf(line, sizeof line, "wrong: %s: %s", test->checks[i].name, test->checks[i].message);
        cg_output_result(line, 0, 2);
        wrong++;
    }
    if (test->ok && closest)
        snprintf(
            line, sizeof line,
            "right: %zu checks at batch %zu in %.1f s, largest error %.0f %% of its bound (%s)",
            test->check_count, test->batch, test->seconds, 100 * closest->max_share, closest->name);
    else if (wrong)
        snprintf(line, sizeof line, "%zu of %zu checks are wrong", wrong, test->check_count);
    else
        snprintf(line, sizeof line, "not tested to the end");
    cg_output_result(line, 0, 2);
    if (test->batch < asked && test->check_count) {
        snprintf(line, sizeof line,
                 "at batch %zu instead of %zu, which takes more time or memory than there is",
                 test->batch, asked);
        cg_output_result(line, 0, 2);
    }
}

static cg_status print_json(const cg_selftest *tests, size_t count)
{
    char *text = NULL;
    cg_status status = cg_selftest_json(&text, tests, count);
    if (status == CG_OK)
        puts(text);
    free(text);
    return status;
}

/* ---- the command ----------------------------------------------------------------------------- */

/* Wrong results count more than a test that could not be made. */
static cg_status worse_of(cg_status a, cg_status b)
{
    return a == CG_ERR_WRONG || b == CG_OK ? a : b == CG_ERR_WRONG || a == CG_OK ? b : a;
}

/* Tests the selected devices; texts are printed as they come. */
static cg_status test_devices(cg_selftest *tests, size_t *count, const cg_devices *devices,
                              const bool *selected, const cg_selftest_options *options, bool texts)
{
    cg_status worst = CG_OK;
    for (size_t i = 0; i < cg_devices_count(devices); i++) {
        if (!selected[i])
            continue;
        cg_selftest *test = &tests[(*count)++];
        worst = worse_of(worst, cg_selftest_run(test, devices, i, options));
        if (texts)
            print_test(test, options->batch);
        fflush(stdout);
    }
    return worst;
}

static cg_status test_and_write(const char *selector, const cg_selftest_options *options,
                                const char *json)
{
    cg_devices *devices = NULL;
    cg_selftest *tests = NULL;
    bool *selected = NULL, to_stdout = json && strcmp(json, "-") == 0;
    size_t count = 0;

    cg_status status = cg_select_devices(&devices, &selected, selector);
    if (status == CG_OK && json && !to_stdout)
        status = cg_selftest_probe(json);
    if (status == CG_OK && !(tests = calloc(cg_devices_count(devices), sizeof *tests)))
        status = cg_fail(CG_ERR_MEMORY, "no memory for %zu devices", cg_devices_count(devices));
    if (status == CG_OK) {
        status = test_devices(tests, &count, devices, selected, options, !to_stdout);
        cg_status written = CG_OK;
        if (json)
            written = to_stdout ? print_json(tests, count) : cg_selftest_write(json, tests, count);
        status = status == CG_OK ? written : status;
    }
    for (size_t i = 0; i < count; i++)
        cg_selftest_deinit(&tests[i]);
    free(tests);
    free(selected);
    cg_devices_release(devices);
    return status;
}

static int run_selftest(const cg_command *command, int argc, char **argv)
{
    const char *selector = getenv("CLGAN_DEVICE"), *json = NULL;
    const char *algorithm = NULL, *gemm = NULL, *chosen = NULL;
    char algorithms[CG_ALGORITHMS_OPTION];
    uint64_t batch = 256;
    bool strict = false, helped;
    const cg_option options[] = {
        {"device", CG_OPTION_TEXT, &selector, NULL, 0, 0, "SEL",
         "device (default: the best), or all"},
        {"batch", CG_OPTION_NUMBER, &batch, NULL, 1, CG_BATCH_MOST, "N",
         "images a step of the training that is meant (256)"},
        {"algorithm", CG_OPTION_TEXT, &algorithm, NULL, 0, 0, "[OP=]NAME",
         "of all convolutions, or of one operation; a,b,... (default: the device's)"},
        {"gemm", CG_OPTION_TEXT, &gemm, NULL, 0, 0, "own|clblast|plain",
         "of the dense layers' products"},
        {"strict", CG_OPTION_FLAG, &strict, NULL, 0, 0, NULL,
         "of a strict training, which has the same bits on every device"},
        {"json", CG_OPTION_OUTPUT, &json, NULL, 0, 0, "FILE",
         "write what was found there; - prints it instead of text"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = cg_join_algorithms(&chosen, algorithms, algorithm, gemm);
    if (status == CG_OK && !helped)
        status = test_and_write(
            selector,
            &(cg_selftest_options){.batch = (size_t)batch, .algorithm = chosen, .strict = strict},
            json);
    return cg_exit_status(status);
}

const cg_command cg_command_selftest = {
    .name = "selftest",
    .summary = "tests whether a device computes right what a training runs there",
    .synopsis = "[--device SEL|all] [--batch 256] [--algorithm [OP=]NAME] [--strict] [--json FILE]",
    .example = "clgan selftest --device all",
    .run = run_selftest,
};
