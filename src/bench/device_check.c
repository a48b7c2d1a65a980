/* The self-test as a bench's check, and a stage's check alone. */
#include "bench/device_check.h"

#include "base/try.h"
#include "nn/choice.h"
#include "ocl/runtime.h"
#include "verify/selftest.h"
#include "verify/step_cases.h"
#include "verify/verify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A finding with its message; the advice stands in the messages of commands that take it. */
static void note_finding(cg_bench_check *check, const cg_finding *finding)
{
    check->max_error = fmax(check->max_error, finding->max_error);
    if (!check->worst[0] || finding->share > check->max_share) {
        check->max_share = finding->share;
        snprintf(check->worst, sizeof check->worst, "%s", finding->name);
    }
}

static bool is_over(void *budget)
{
    return budget && cg_budget_is_over(budget);
}

cg_status cg_device_check_run(cg_bench_check *check, cg_runtime *rt, const char *algorithms,
                              bool strict, size_t batch, const cg_budget *budget)
{
    cg_status status = CG_OK;
    cg_choice choice;
    char text[CG_CHOICE_TEXT];
    cg_findings findings = {0};
    const cg_selftest_plan plan = {.what = "training",
                                   .parts = CG_SELFTEST_STEP,
                                   .choice = &choice,
                                   .batch = batch,
                                   .cancel = is_over,
                                   .user = (void *)budget};
    *check = (cg_bench_check){0};
    CG_TRY(cg_choice_parse(&choice, rt, algorithms, strict));
    CG_TRY(cg_choice_describe(text, rt, &choice)); /* logs which does not serve */
    CG_TRY(cg_selftest_examine(&findings, rt, &plan));
    for (size_t i = 0; i < findings.count; i++)
        note_finding(check, &findings.items[i]);
    check->ok = findings.ok;
    const cg_finding *worst = cg_findings_worst(&findings);
    if (worst)
        snprintf(check->message, sizeof check->message, "%s: %s", worst->name, worst->message);
done:
    cg_findings_deinit(&findings);
    return status;
}

cg_status cg_device_check_stage(cg_bench_check *check, cg_runtime *rt, const cg_stage *stage,
                                const cg_choice *choice)
{
    cg_status status = CG_OK;
    size_t count;
    const cg_verify_case *list = cg_verify_list(&count);
    *check = (cg_bench_check){.ok = true};
    for (size_t i = 0; i < count && check->ok; i++) {
        cg_verify_case one = list[i];
        cg_verify_result result;
        const char **open = cg_case_open_algorithm(&one);
        if (!open || cg_case_find_stage(&one) != stage ||
            strncmp(one.name, stage->name, strlen(stage->name)) != 0)
            continue;
        *open = cg_stage_algorithm(stage, choice);
        CG_TRY(cg_case_run(&result, rt, choice, &one));
        check->ok = result.ok;
        if (!result.ok)
            snprintf(check->message, sizeof check->message, "%s: %s", result.name, result.message);
    }
done:
    if (status != CG_OK)
        check->ok = false;
    return status;
}

cg_status cg_device_check_verdict(const cg_bench_check *check, const cg_runtime *rt)
{
    return check->ok
               ? CG_OK
               : cg_fail(CG_ERR_WRONG, "%s computes wrong results, so nothing is measured: %s",
                         rt->info.name, check->message);
}
