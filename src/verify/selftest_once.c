/* Verdicts of the self-test, and what comes of them. */
#include "verify/selftest_once.h"

#include "base/try.h"
#include "nn/plan.h"
#include "ocl/runtime.h"
#include "ocl/verdict.h"

#include <stdio.h>

/* `what`: plan->what or plan->within. */
static cg_status init_verdict(cg_verdict *verdict, cg_runtime *rt, const cg_selftest_plan *plan,
                              const char *what)
{
    cg_status status = CG_OK;
    const cg_choice defaults = {0}, *choice = plan->choice ? plan->choice : &defaults;
    char text[CG_CHOICE_TEXT] = "", subject[CG_CHOICE_TEXT + 64];
    *verdict = (cg_verdict){0};
    if (plan->parts)
        CG_TRY(cg_choice_describe(text, rt, choice));
    snprintf(subject, sizeof subject, "%s, test %d:%s %s", what, CG_SELFTEST_VERSION,
             choice->strict ? " strict" : "", text);
    CG_TRY(cg_verdict_init(verdict, rt, subject));
done:
    return status;
}

/* *passed = a plan that tests all of this one has been passed before. */
static cg_status find_wider(bool *passed, cg_runtime *rt, const cg_selftest_plan *plan)
{
    cg_status status = CG_OK;
    cg_verdict verdict = {0};
    *passed = false;
    if (!plan->within)
        return CG_OK;
    CG_TRY(init_verdict(&verdict, rt, plan, plan->within));
    *passed = cg_verdict_read(&verdict) > 0;
done:
    cg_verdict_deinit(&verdict);
    return status;
}

void cg_selftest_forget(cg_runtime *rt, const cg_selftest_plan *plan)
{
    const char *const subjects[] = {plan->what, plan->within};
    for (size_t i = 0; i < CG_COUNT(subjects) && subjects[i]; i++) {
        cg_verdict verdict;
        if (init_verdict(&verdict, rt, plan, subjects[i]) == CG_OK)
            cg_verdict_forget(&verdict);
        cg_verdict_deinit(&verdict);
    }
}

/* ---- what comes of it ------------------------------------------------------------------------ */

cg_status cg_findings_judge(const cg_findings *findings, cg_runtime *rt,
                            const cg_selftest_plan *plan, const char *consequence,
                            const char *advice)
{
    const cg_finding *worst = cg_findings_worst(findings);
    const cg_device_info *d = &rt->info;
    char choice[2 * CG_FINDING_NAME] = "";
    if (!worst)
        return CG_OK;
    cg_selftest_forget(rt, plan);
    if (plan->chooses && worst->advice[0])
        snprintf(choice, sizeof choice, ", or %s %s", plan->chooses, worst->advice);
    return cg_fail(CG_ERR_WRONG,
                   "%s (%s, driver %s) computes wrong results, %s: %s: %s; another driver or "
                   "another --device may be right%s%s%s%s",
                   d->name, d->platform, d->driver, consequence, worst->name, worst->message,
                   choice, plan->instead ? "; " : "", plan->instead ? plan->instead : "", advice);
}

cg_status cg_selftest_ensure(cg_runtime *rt, const cg_selftest_plan *plan)
{
    cg_status status = CG_OK;
    cg_findings findings = {0};
    cg_verdict verdict = {0};
    cg_selftest_plan own = *plan;
    char consequence[64];
    bool passed;
    if (rt->trusted || rt->planning || rt->rehearsing)
        return CG_OK;
    CG_TRY(find_wider(&passed, rt, plan));
    CG_TRY(init_verdict(&verdict, rt, plan, plan->what));
    if (passed || cg_verdict_read(&verdict) >= plan->batch)
        goto done;
    own.by_itself = true;
    CG_TRY(cg_selftest_examine(&findings, rt, &own));
    snprintf(consequence, sizeof consequence, "so there is no %s", plan->what);
    CG_TRY(cg_findings_judge(&findings, rt, plan, consequence,
                             plan->always ? "" : "; --no-selftest goes on all the same"));
    cg_verdict_keep(&verdict, plan->batch);
    cg_log(CG_LOG_INFO, "%s: computes right (%zu checks in %.1f s)", rt->info.id, findings.count,
           findings.seconds);
done:
    cg_findings_deinit(&findings);
    cg_verdict_deinit(&verdict);
    return status;
}
