/* Checks of operations, found by the names that stages and checks have in common. */
#include "bench/device_check.h"

#include "base/phase.h"
#include "base/try.h"
#include "verify/verify.h"
#include "nn/choice.h"
#include "ocl/runtime.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void note_result(cg_bench_check *check, const cg_verify_result *result)
{
    double error = isnan(result->max_error) ? INFINITY : result->max_error;
    double share = error > 0 ? error / result->bound : 0;
    check->max_error = fmax(check->max_error, error);
    if (!check->worst || share > check->max_share) {
        check->max_share = share;
        check->worst = result->name;
    }
    check->ok = result->ok;
    if (!result->ok)
        snprintf(check->message, sizeof check->message, "%s: %s", result->name, result->message);
}

/* Returns the place of the algorithm's name in a case, NULL where there is no choice. */
static const char **algorithm_of(cg_verify_case *check)
{
    if (check->run == cg_verify_conv2d_run)
        return &check->conv2d.algorithm;
    if (check->run == cg_verify_dense_fwd || check->run == cg_verify_dense_bwd_weight ||
        ((check->run == cg_verify_batchnorm_fwd || check->run == cg_verify_batchnorm_bwd) &&
         check->map.vector))
        return &check->map.algorithm;
    return NULL;
}

/* Finds the stage's name in a case's, "exact g.convt1 fwd", "g.dense fwd, integers"; else NULL.
 */
static const char *find_stage(const cg_verify_case *check, const cg_stage *stage)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s", stage->name, cg_pass_names[stage->pass]);
    return strstr(check->name, name);
}

/* With the choice's width. */
static cg_status run_case(cg_bench_check *check, cg_runtime *rt, const cg_choice *choice,
                          const cg_verify_case *what)
{
    cg_verify_result result = {0};
    size_t before = cg_choice_enter_width(choice, rt);
    cg_status status = cg_verify_run(&result, rt, what);
    cg_runtime_set_width(rt, before);
    note_result(check, &result);
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
        const char **chosen = algorithm_of(&one);
        if (!chosen || *chosen || find_stage(&one, stage) != one.name)
            continue;
        *chosen = cg_stage_algorithm(stage, choice);
        CG_TRY(run_case(check, rt, choice, &one));
    }
done:
    if (status != CG_OK)
        check->ok = false;
    return status;
}

/* Gives the check the algorithm that its stage takes. False: there is nothing to run. Algorithms
 * that a check names are the tests' business: only what will be measured must be right, and
 * building the others' kernels costs time. */
static bool set_algorithm(cg_verify_case *check, cg_runtime *rt, const cg_choice *choice)
{
    const char **chosen = algorithm_of(check);
    if (!chosen || *chosen)
        return !chosen;
    for (size_t i = 0; i < CG_STAGES; i++)
        if (cg_stage_has_choice(&cg_stages[i]) && find_stage(check, &cg_stages[i]))
            *chosen = cg_choice_name(rt, choice, &cg_stages[i]);
    return true;
}

cg_status cg_device_check_run(cg_bench_check *check, cg_runtime *rt, const char *algorithms,
                              const cg_budget *budget)
{
    cg_status status = CG_OK;
    cg_choice choice;
    char text[CG_CHOICE_TEXT];
    size_t count;
    const cg_verify_case *list = cg_verify_list(&count);
    cg_phase phase = {.words = "comparing with the reference", .total = count};

    *check = (cg_bench_check){0};
    cg_phase_begin(&phase);
    CG_TRY(cg_choice_parse(&choice, rt, algorithms));
    CG_TRY(cg_choice_describe(text, rt, &choice)); /* logs which does not serve */
    check->ok = true;
    for (size_t i = 0; i < count && check->ok; i++) {
        cg_verify_case one = list[i];
        CG_TRY(budget && cg_budget_is_over(budget) ? CG_ERR_STOPPED : CG_OK);
        if (set_algorithm(&one, rt, &choice))
            CG_TRY(run_case(check, rt, &choice, &one));
        cg_phase_advance(&phase, i + 1);
    }
done:
    cg_phase_end(&phase);
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
