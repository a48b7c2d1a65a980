/* Tests before a training, and what is said when a device has failed. */
#include "train/trust.h"

#include "base/try.h"
#include "run/numbered.h"
#include "verify/selftest_once.h"

#include <clgan/terminal.h>
#include <stdlib.h>

static bool is_stopped(void *trainer)
{
    return cg_trainer_is_stopped(trainer);
}

/* The test of what a training computes. A run keeps its algorithms as long as its device. */
static cg_selftest_plan plan_test(cg_trainer *t, const cg_choice *choice)
{
    const cg_recipe *recipe = &t->config.recipe;
    return (cg_selftest_plan){
        .what = recipe->shards ? "training in shards" : "training",
        .chooses = t->options->resume ? "--allow-device-change --algorithm" : "--algorithm",
        .parts = CG_SELFTEST_STEP | (recipe->shards ? (unsigned)CG_SELFTEST_SHARDS : 0),
        .choice = choice,
        .batch = recipe->shards ? cg_shard_most((size_t)recipe->batch, (size_t)recipe->shards)
                                : (size_t)recipe->batch,
        .cancel = is_stopped,
        .user = t};
}

/* True where an evaluation is due before the run's last step. */
static bool will_judge(const cg_trainer *t)
{
    const uint64_t epoch = t->step / t->epoch_steps, last = t->last / t->epoch_steps;
    return t->monitor.able && last / t->config.evaluate_every > epoch / t->config.evaluate_every;
}

cg_status cg_trust_test(cg_trainer *t, const cg_choice *choice)
{
    const cg_selftest_plan plan = plan_test(t, choice);
    if (t->step >= t->last)
        return CG_OK;
    cg_trainer_set_settled(t, cg_trainer_is_stopped(t) ? 0 : CG_TRAIN_STARTED);
    cg_status status = cg_selftest_ensure(t->rt, &plan);
    if (status == CG_OK && will_judge(t))
        status = cg_monitor_test_device(&t->monitor, t->rt);
    cg_trainer_set_settled(t, 0);
    return status;
}

/* *good = the newest checkpoint that was written before an audit that passed, 0: none; *later = how
 * many there are that were written since. */
static cg_status find_good(uint64_t *good, size_t *later, const cg_audit *audit, const cg_run *run)
{
    uint64_t *steps = NULL;
    size_t count = 0;
    cg_status status = cg_run_checkpoints(&steps, &count, run);
    *good = *later = 0;
    for (size_t i = 0; status == CG_OK && i < count; i++) {
        if (steps[i] <= audit->passed)
            *good = steps[i];
        else
            ++*later;
    }
    free(steps);
    return status;
}

/* Says which checkpoint is the last one known to be good, and how to go on. */
static void advise(const cg_audit *audit, const cg_run *run)
{
    char line[CG_COMMAND_LINE], *path = NULL;
    const char *const words[] = {"train", "--out", run->path, "--resume", "--allow-device-change",
                                 NULL};
    const bool strict = audit->net->choice.strict; /* the plain algorithms are not */
    uint64_t good;
    size_t later;
    if (find_good(&good, &later, audit, run) != CG_OK ||
        cg_run_checkpoint_path(&path, run, good) != CG_OK)
        return;
    if (good)
        cg_log(CG_LOG_INFO,
               "the last checkpoint known to be good, as an audit has passed since, is %s", path);
    if (later)
        cg_log(CG_LOG_INFO,
               "%zu of the checkpoints %s younger than the last audit that passed, and may be "
               "wrong: move %s away",
               later, later == 1 ? "is" : "are", later == 1 ? "it" : "them");
    if (good || later)
        cg_log(CG_LOG_INFO, "go on with another driver or device%s: %s",
               strict ? "" : ", or add --algorithm plain", cg_command_line(line, words));
    else
        cg_log(CG_LOG_INFO,
               "no checkpoint has been written; begin anew with another driver or device%s",
               strict ? "" : ", or with --algorithm plain");
    free(path);
}

void cg_trust_withdraw(cg_trainer *t)
{
    const cg_selftest_plan plan = plan_test(t, &t->net->choice);
    cg_selftest_forget(t->rt, &plan);
    if (t->run.path) /* which rank 0 has */
        advise(&t->audit, &t->run);
}
