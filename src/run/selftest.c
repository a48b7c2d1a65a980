/* The self-test of a device as a result: of a training step, and of an evaluation. */
#include <clgan/selftest.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/try.h"
#include "eval/verify_measures.h"
#include "nn/tuning.h"
#include "verify/selftest_once.h"

#include <stdio.h>
#include <stdlib.h>

cg_selftest_options cg_selftest_defaults(void)
{
    return (cg_selftest_options){.batch = 256};
}

/* ---- running --------------------------------------------------------------------------------- */

static cg_status take_findings(cg_selftest *test, const cg_findings *findings)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&test->checks, findings->count, sizeof *test->checks));
    for (size_t i = 0; i < findings->count; i++) {
        const cg_finding *f = &findings->items[i];
        cg_selftest_check *check = &test->checks[test->check_count++];
        check->ok = f->ok;
        check->max_error = f->max_error;
        check->max_share = f->share;
        snprintf(check->name, sizeof check->name, "%s", f->name);
        snprintf(check->message, sizeof check->message, "%s", f->message);
    }
    test->seconds = findings->seconds;
    test->batch = findings->batch ? findings->batch : test->batch;
    test->ok = findings->ok;
done:
    return status;
}

static cg_status test_runtime(cg_selftest *test, cg_runtime *rt, const cg_selftest_options *o)
{
    cg_status status = CG_OK;
    char algorithms[CG_TUNING_TEXT], text[CG_CHOICE_TEXT];
    const char *from;
    cg_choice choice;
    cg_findings findings = {0};
    cg_selftest_plan plan = {.what = "training",
                             .chooses = "--algorithm",
                             .parts = CG_SELFTEST_STEP,
                             .choice = &choice,
                             .batch = test->batch,
                             .to_the_end = true};
    plan.cases = cg_verify_measures_list(&plan.case_count, true); /* training judges epochs */
    CG_TRY(cg_tuning_join(algorithms, &from, rt, NULL, o->algorithm, o->strict));
    CG_TRY(cg_choice_parse(&choice, rt, algorithms, o->strict));
    CG_TRY(cg_choice_describe(text, rt, &choice)); /* logs which does not serve */
    cg_status ran = cg_selftest_examine(&findings, rt, &plan);
    CG_TRY(take_findings(test, &findings));
    CG_TRY(ran);
    CG_TRY(cg_findings_judge(&findings, rt, &plan, "so do not train there", ""));
done:
    cg_findings_deinit(&findings);
    return status;
}

cg_status cg_selftest_run(cg_selftest *test, const cg_devices *devices, size_t index,
                          const cg_selftest_options *options)
{
    CG_NEED(test);
    cg_status status = CG_OK;
    cg_runtime *rt = NULL;
    const cg_selftest_options o = options ? *options : cg_selftest_defaults();

    *test = (cg_selftest){.batch = o.batch ? o.batch : cg_selftest_defaults().batch};
    const cg_device_info *info = cg_devices_info(devices, index);
    if (info)
        test->device = *info;
    CG_TRY(cg_runtime_create(&rt, devices, index));
    CG_TRY(test_runtime(test, rt, &o));
done:
    if (status != CG_OK)
        test->ok = false;
    cg_runtime_release(rt);
    return status;
}

void cg_selftest_deinit(cg_selftest *test)
{
    if (!test)
        return;
    free(test->checks);
    *test = (cg_selftest){0};
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_check(cg_json *json, cJSON *list, const cg_selftest_check *check)
{
    cJSON *object = cg_json_add_object(json, list, NULL);
    cg_json_add_text(json, object, "name", check->name);
    cg_json_add_bool(json, object, "ok", check->ok);
    cg_json_add_finite(json, object, "max_error", check->max_error);
    cg_json_add_finite(json, object, "max_share", check->max_share);
    cg_json_add_text(json, object, "message", check->message);
}

static void add_device(cg_json *json, cJSON *list, const cg_selftest *test)
{
    cJSON *device = cg_json_add_object(json, list, NULL);
    cg_json_add_text(json, device, "id", test->device.id);
    cg_json_add_text(json, device, "platform", test->device.platform);
    cg_json_add_text(json, device, "device", test->device.name);
    cg_json_add_text(json, device, "driver", test->device.driver);
    cg_json_add_number(json, device, "batch", (double)test->batch);
    cg_json_add_bool(json, device, "ok", test->ok);
    cg_json_add_number(json, device, "seconds", test->seconds);
    cJSON *checks = cg_json_add_array(json, device, "checks");
    for (size_t i = 0; i < test->check_count; i++)
        add_check(json, checks, &test->checks[i]);
}

cg_status cg_selftest_json(char **text, const cg_selftest *tests, size_t count)
{
    CG_NEED(text);
    *text = NULL;
    CG_NEED(tests || !count);
    cg_json json;
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        ok = ok && tests[i].ok;
    cg_json_init(&json);
    cg_json_add_text(&json, json.root, "clgan", CLGAN_VERSION);
    cg_json_add_bool(&json, json.root, "ok", ok);
    cJSON *list = cg_json_add_array(&json, json.root, "devices");
    for (size_t i = 0; i < count; i++)
        add_device(&json, list, &tests[i]);
    cg_status status = cg_json_print(text, &json, CG_JSON_INDENTED);
    cg_json_deinit(&json);
    return status;
}

cg_status cg_selftest_probe(const char *path)
{
    CG_NEED(path);
    return cg_file_probe(path);
}

cg_status cg_selftest_write(const char *path, const cg_selftest *tests, size_t count)
{
    CG_NEED(path);
    cg_status status = CG_OK;
    char *text = NULL;

    CG_TRY(cg_selftest_json(&text, tests, count));
    CG_TRY(cg_json_write(path, text));
done:
    free(text);
    return status;
}
