/* cg_train(): a whole training, of a process alone or of a rank, from its options to its end. */
#include "base/argument.h"
#include "base/memory.h"
#include "base/screen.h"
#include "base/try.h"
#include "run/latest.h"
#include "train/follow.h"
#include "train/resume.h"
#include "train/settings.h"
#include "train/setup.h"
#include "train/start.h"
#include "train/team.h"
#include "train/trainer.h"
#include "train/trust.h"

#include <clgan/runs.h>
#include <stdlib.h>

/* Takes away a run in which nothing was done, if there is one; the latest is the one before it
 * again. */
static void discard_run(cg_trainer *t)
{
    char *latest = NULL;
    const bool fresh = t->run.fresh;
    cg_run_discard(&t->run);
    if (!fresh)
        return;
    cg_run_clear_latest();
    if (cg_runs_find_latest(&latest, CG_RUNS_FOLDER) == CG_OK && latest)
        cg_run_mark_latest(&(cg_run){.path = latest, .lock = -1});
    free(latest);
}

/* True for the ends of a training whose state is saved. */
static bool is_settled(cg_status status)
{
    return status == CG_OK || status == CG_ERR_STOPPED || status == CG_ERR_COLLAPSED;
}

/* True when a device was seen to compute wrong while training. The self-test has its own advice. */
static bool is_wrong(const cg_trainer *t, cg_status status)
{
    const bool told = cg_ranks_failure(t->ranks) == CG_EXIT_WRONG;
    return t->audit.net && (status == CG_ERR_WRONG || (status == CG_ERR_RANK && told && t->begun));
}

/* Ends the ranks. A stop before the run has begun finds them anywhere, and does not wait. */
static void end_ranks(cg_ranks *ranks, cg_status status, bool begun, const cg_train_options *o)
{
    if (begun || !is_settled(status))
        cg_ranks_close(ranks, status);
    else
        cg_ranks_abort(ranks, o->stop && *o->stop ? CG_EXIT_SIGNAL + (int)*o->stop
                                                  : cg_exit_status(status));
}

/* Leads or follows. Rank 0 alone is asked to stop. */
static cg_status take_part(cg_trainer *t, cg_train_options *options)
{
    cg_status status = CG_OK;
    const bool follows = cg_ranks_mine(t->ranks) > 0;
    cg_screen_set_silent(options->step || follows);
    if (follows) {
        options->stop = NULL;
        options->cancel = NULL;
        return cg_follow(t);
    }
    CG_TRY(options->resume ? cg_resume(t) : cg_start(t));
    t->begun = true;
    CG_TRY(cg_trainer_run(t));
done:
    return status;
}

/* Says what follows from the end; releases. *begun = all ranks come to it. Returns the status. */
static cg_status end_training(cg_trainer *t, cg_status status, bool *begun)
{
    if (t->begun && is_settled(status) && cg_team_end(t) != CG_OK)
        status = CG_ERR_RANK;
    *begun = t->begun || cg_ranks_mine(t->ranks) > 0;
    if (is_wrong(t, status))
        cg_trust_withdraw(t);
    if (status != CG_OK && (status != CG_ERR_STOPPED || !t->begun) && !t->step && t->run.fresh)
        discard_run(t);
    cg_records_close(&t->records);
    cg_setup_release(t);
    free(t);
    return status;
}

cg_status cg_train(const cg_train_options *options)
{
    CG_NEED(options);
    cg_status status = CG_OK;
    cg_trainer *t = NULL;
    cg_ranks *ranks = NULL;
    bool begun = false;
    cg_train_options complete;
    CG_TRY(cg_settings_complete(&complete, options));
    CG_TRY(cg_memory_create(&t, 1, sizeof *t));
    t->options = &complete;
    t->run.lock = -1;
    CG_TRY(cg_ranks_open(&ranks));
    t->ranks = ranks;
    CG_TRY(take_part(t, &complete));
done:
    if (t)
        status = end_training(t, status, &begun);
    cg_screen_set_silent(false);
    end_ranks(ranks, status, begun, options);
    return status;
}
