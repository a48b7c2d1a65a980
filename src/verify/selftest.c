/* The self-test: checks one after the other, each of which becomes a finding. */
#include "verify/selftest.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/phase.h"
#include "base/try.h"
#include "nn/plan.h"
#include "ocl/footprint.h"
#include "ocl/program.h"
#include "ocl/rehearsal.h"
#include "ocl/runtime.h"
#include "verify/fixture.h"
#include "verify/kept.h"
#include "verify/random.h"
#include "verify/repeated.h"
#include "verify/spot.h"
#include "verify/step_cases.h"
#include "verify/stored_step.h"
#include "verify/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 1, STREAM = 7 /* of the images that take the place of real ones */ };

/* A test under way. */
typedef struct selftest {
    cg_findings *findings;
    cg_runtime *rt;
    const cg_selftest_plan *plan;
    const cg_choice *choice;
    cg_phase phase;
    double start;    /* on the clock */
    bool by_itself;  /* nobody has asked for it, or has been told what it is */
    bool doubtful;   /* a whole step was wrong: its stages tell which kernel it is */
    bool transforms; /* are what d.conv2 reads */
} selftest;

/* ---- findings -------------------------------------------------------------------------------- */

static cg_finding *add_finding(selftest *t)
{
    cg_findings *f = t->findings;
    if (cg_memory_grow(&f->items, f->count, sizeof *f->items) != CG_OK)
        return NULL;
    f->items[f->count] = (cg_finding){0};
    return &f->items[f->count++];
}

/* The kernels go before the message of a result that is not right. */
static void tell_wrong(cg_finding *finding, const cg_verify_result *result, const cg_runtime *rt)
{
    char kernels[160];
    cg_runtime_tell_recent(kernels, sizeof kernels, rt);
    finding->named = *kernels != '\0';
    snprintf(finding->message, sizeof finding->message, "%s%s%s", kernels, *kernels ? ": " : "",
             result->message);
}

/* The stage gets the definition instead of what it has; "" where it has that, or has to be strict,
 * which the definition is not. */
static void advise(cg_finding *finding, selftest *t, const cg_stage *stage)
{
    const char *name = stage && !t->choice->strict ? cg_choice_name(t->rt, t->choice, stage) : NULL;
    if (name && *name && strcmp(name, "plain") != 0)
        snprintf(finding->advice, sizeof finding->advice, "%s/%s=plain", stage->name,
                 cg_pass_names[stage->pass]);
}

/* Makes a finding of the result; of a check that the device has no kernel for, none. CG_ERR_MEMORY.
 */
static cg_status note(selftest *t, const char *name, const cg_verify_result *result,
                      const cg_stage *stage)
{
    if (result->skipped)
        return CG_OK;
    cg_finding *finding = add_finding(t);
    if (!finding)
        return CG_ERR_MEMORY;
    snprintf(finding->name, sizeof finding->name, "%s", name);
    finding->ok = result->ok;
    finding->max_error = isnan(result->max_error) ? INFINITY : result->max_error;
    finding->share = cg_verify_share(result->max_error, result->bound);
    if (!result->ok) {
        tell_wrong(finding, result, t->rt);
        advise(finding, t, stage);
    }
    t->findings->ok = t->findings->ok && result->ok;
    return CG_OK;
}

/* True when there is nothing more to be found out. */
static bool is_over(const selftest *t)
{
    return !t->findings->ok && !t->plan->to_the_end && !t->doubtful;
}

/* Says once what takes so long, and how to go without it. */
static void explain(selftest *t)
{
    static const double patience = 20; /* seconds, which compiling may take, too */
    if (!t->by_itself || cg_clock_seconds() - t->start < patience)
        return;
    t->by_itself = false;
    cg_log(CG_LOG_INFO, "the device is being tested, once for its driver and these algorithms%s",
           t->plan->always ? "" : "; --no-selftest goes without that");
}

/* To be called before each check. */
static cg_status begin_check(selftest *t)
{
    explain(t);
    cg_phase_advance(&t->phase, t->findings->count);
    if (t->plan->cancel && t->plan->cancel(t->plan->user))
        return CG_ERR_STOPPED;
    cg_runtime_forget_recent(t->rt);
    return CG_OK;
}

/* ---- operations ------------------------------------------------------------------------------ */

static cg_status run_case(selftest *t, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    cg_verify_result result = {.name = check->name};
    cg_verify_case open = *check;
    const cg_stage *stage = t->plan->parts ? cg_case_find_stage(&open) : NULL;
    CG_TRY(begin_check(t));
    cg_status ran = cg_case_run(&result, t->rt, t->choice, check);
    CG_TRY(note(t, check->name, &result, stage));
    status = ran;
done:
    return status;
}

static cg_status foresee_step(void *user)
{
    cg_status status = CG_OK;
    cg_network *net = user;
    CG_TRY(cg_network_sample_inputs(net, SEED, 1));
    CG_TRY(cg_network_run_step(net));
    CG_TRY(cg_network_generate(net));
done:
    return status;
}

static cg_status foresee_cases(void *user)
{
    cg_status status = CG_OK;
    const selftest *t = user;
    for (size_t i = 0; i < t->plan->case_count; i++)
        CG_TRY(cg_verify_foresee(t->rt, &t->plan->cases[i]));
done:
    return status;
}

/* A network without memory knows whether its d.conv2 reads transforms, and all of its kernels. */
static cg_status plan_step(void *user, size_t batch)
{
    cg_status status = CG_OK;
    cg_network *net = NULL;
    selftest *t = user;
    CG_TRY(cg_network_create(&net, t->rt, batch, batch, 1, t->choice));
    t->transforms = net->conv2_reads_spectrum;
    cg_network_set_batch(net, batch, batch);
    CG_TRY(cg_rehearse(t->rt, foresee_step, net));
    CG_TRY(cg_rehearse(t->rt, foresee_cases, t));
done:
    cg_network_release(net);
    return status;
}

/* The step's programs are loaded while what needs few of them is checked. */
static cg_status prepare_step(selftest *t)
{
    size_t fitting;
    cg_status status = cg_footprint_fit(&fitting, t->rt, 1, plan_step, t);
    cg_programs_load(t->rt);
    return status;
}

static cg_status run_cases(selftest *t)
{
    cg_status status = CG_OK;
    cg_verify_case check;
    const bool step = t->plan->parts & CG_SELFTEST_STEP;
    if (step)
        CG_TRY(prepare_step(t));
    unsigned runs = CG_RUNS_ANYTHING;
    if (step)
        runs |= CG_RUNS_STEP | (unsigned)(t->transforms ? CG_RUNS_TRANSFORMS : CG_RUNS_MAPS);
    if (t->plan->parts & CG_SELFTEST_DRAW)
        runs |= CG_RUNS_DRAWING;
    if (t->plan->parts & CG_SELFTEST_STATISTICS)
        runs |= CG_RUNS_STATISTICS;
    if (t->plan->parts & CG_SELFTEST_SHARDS)
        runs |= CG_RUNS_SHARDS;
    if (t->choice->strict)
        runs |= CG_RUNS_STRICT;
    for (size_t i = 0; !is_over(t) && cg_step_case_at(&check, i, runs, t->rt, t->choice); i++)
        CG_TRY(run_case(t, &check));
done:
    return status;
}

/* ---- whole steps ----------------------------------------------------------------------------- */

enum { SHARDS = 8 /* of unlike sizes: as many as the tree adds at once */ };

/* The fixture's images as a batch in so many shards, which take the network; 0: a whole one. */
static cg_status run_stored_step(selftest *t, cg_network *net, size_t shards)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    CG_TRY(begin_check(t));
    cg_status ran = cg_stored_step_run(&result, net, shards);
    cg_runtime_forget_recent(t->rt); /* the step has them all */
    CG_TRY(note(t, result.name, &result, NULL));
    t->doubtful = t->doubtful || !result.ok;
    status = ran;
done:
    return status;
}

static cg_status run_sharded_step(selftest *t)
{
    cg_status status = CG_OK;
    cg_network *net = NULL;
    CG_TRY(cg_network_create(&net, t->rt, CG_STORED_FAKES, CG_STORED_REALS, 1, t->choice));
    CG_TRY(run_stored_step(t, net, SHARDS));
done:
    cg_network_release(net);
    return status;
}

static cg_status run_stored_drawing(selftest *t, cg_network *net, size_t pictures)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    char name[CG_FINDING_NAME];
    CG_TRY(begin_check(t));
    cg_status ran = cg_stored_drawing_run(&result, net, pictures);
    snprintf(name, sizeof name, "drawing %zu pictures", pictures);
    CG_TRY(note(t, name, &result, NULL));
    status = ran;
done:
    return status;
}

/* ---- stages at the size of training ---------------------------------------------------------- */

/* *net = what the stored step, drawing, and stages at that batch (0: none) have room in. */
static cg_status create_network(cg_network **net, const selftest *t, size_t batch)
{
    const bool step = t->plan->parts & CG_SELFTEST_STEP;
    const size_t fakes = batch > CG_SELFTEST_PICTURES ? batch : CG_SELFTEST_PICTURES;
    const size_t reals = batch > CG_STORED_REALS ? batch : CG_STORED_REALS;
    return cg_network_create(net, t->rt, fakes, step ? reals : 0, 1, t->choice);
}

static cg_status plan_network(void *user, size_t batch)
{
    cg_network *net = NULL;
    cg_status status = create_network(&net, user, batch);
    cg_network_release(net);
    return status;
}

/* The plan's batch, or what a simulator does in time. It must not follow from how fast the device
 * is at the moment: the verdict counts for the whole batch. */
static size_t choose_batch(const selftest *t)
{
    const size_t batch = t->plan->batch, most = t->rt->quirks.test_batch;
    return most && most < batch ? most : batch;
}

/* The real images of the step are random ones. */
static cg_status draw_images(cg_network *net)
{
    cg_status status = CG_OK;
    size_t count = net->reals * CG_PIXELS;
    float *images = NULL;
    CG_TRY(cg_memory_create(&images, count, sizeof *images));
    cg_fixture_signed(images, SEED, STREAM, count, 1, 0);
    CG_TRY(cg_buffer_upload(net->images.buffer, net->fakes * CG_PIXELS * sizeof *images, images,
                            count * sizeof *images));
done:
    free(images);
    return status;
}

/* Checks what the first step of a training draws. */
static cg_status run_inputs(selftest *t, cg_network *net)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    char name[CG_FINDING_NAME];
    CG_TRY(begin_check(t));
    cg_status ran = cg_verify_inputs(&result, net, SEED, 1);
    snprintf(name, sizeof name, "inputs at batch %zu", net->reals);
    CG_TRY(note(t, name, &result, NULL));
    status = ran;
done:
    return status;
}

static cg_status run_stage(selftest *t, cg_network *net, const cg_stage *stage)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    char name[CG_FINDING_NAME];
    CG_TRY(begin_check(t));
    cg_status ran = cg_spot_run(&result, net, stage, SEED, true);
    snprintf(name, sizeof name, "%s %s at batch %zu", stage->name, cg_pass_names[stage->pass],
             net->reals);
    CG_TRY(note(t, name, &result, cg_stage_has_choice(stage) ? stage : NULL));
    status = ran;
done:
    return status;
}

/* Checks, before Adam, that stages have left alone what others wrote. */
static cg_status run_kept(selftest *t, cg_kept_watch *watch)
{
    cg_status status = CG_OK;
    cg_verify_result result;
    char name[CG_FINDING_NAME];
    CG_TRY(begin_check(t));
    cg_status ran = cg_kept_watch_end(&result, watch);
    cg_runtime_forget_recent(t->rt); /* it may be any of the stages' */
    snprintf(name, sizeof name, "%s at batch %zu", result.name, watch->net->reals);
    CG_TRY(note(t, name, &result, NULL));
    status = ran;
done:
    return status;
}

static cg_status run_stages(selftest *t, cg_network *net, size_t batch)
{
    cg_status status = CG_OK;
    cg_kept_watch watch = {0};
    const size_t wrong = t->findings->count;
    t->findings->batch = batch;
    cg_network_set_batch(net, batch, batch);
    CG_TRY(cg_network_init(net, SEED, 0));
    CG_TRY(draw_images(net));
    CG_TRY(run_inputs(t, net));
    CG_TRY(cg_repeated_make(net));
    CG_TRY(cg_kept_watch_begin(&watch, net));
    net->step = 1;
    for (size_t i = 0; i < CG_STAGES && !is_over(t); i++) {
        if (cg_stages[i].pass == CG_UPDATE)
            CG_TRY(run_kept(t, &watch));
        CG_TRY(run_stage(t, net, &cg_stages[i]));
        if (t->findings->count > wrong && !t->findings->items[t->findings->count - 1].ok)
            t->doubtful = false;
        CG_TRY(cg_kept_watch_stage(&watch, &cg_stages[i]));
    }
done:
    cg_kept_watch_deinit(&watch);
    return status;
}

/* All that is tested in a network, of which there is one: new memory takes time. */
static cg_status run_network(selftest *t)
{
    cg_status status = CG_OK;
    cg_network *net = NULL;
    const bool step = t->plan->parts & CG_SELFTEST_STEP;
    size_t batch = 0;
    if (step) /* batch 0: whoever asked has taken the memory */
        CG_TRY(cg_footprint_fit(&batch, t->rt, choose_batch(t), plan_network, t));
    CG_TRY(create_network(&net, t, batch));
    CG_TRY(run_stored_drawing(t, net, CG_SELFTEST_PICTURES));
    if (!is_over(t))
        CG_TRY(run_stored_drawing(t, net, CG_SELFTEST_GRID));
    if (step && !is_over(t))
        CG_TRY(run_stored_step(t, net, 0));
    if (batch && !is_over(t))
        CG_TRY(run_stages(t, net, batch));
done:
    cg_network_release(net);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------- */

static cg_status run_parts(selftest *t)
{
    cg_status status = CG_OK;
    const cg_selftest_plan *plan = t->plan;
    CG_TRY(run_cases(t));
    for (size_t i = 0; i < plan->case_count && !is_over(t); i++)
        CG_TRY(run_case(t, &plan->cases[i]));
    if (plan->parts & CG_SELFTEST_SHARDS && !is_over(t))
        CG_TRY(run_sharded_step(t));
    if (plan->parts && !is_over(t))
        CG_TRY(run_network(t));
done:
    return status;
}

cg_status cg_selftest_examine(cg_findings *findings, cg_runtime *rt, const cg_selftest_plan *plan)
{
    const cg_choice defaults = {0};
    selftest t = {.findings = findings,
                  .rt = rt,
                  .plan = plan,
                  .choice = plan->choice ? plan->choice : &defaults,
                  .phase = {.words = "testing the device"},
                  .start = cg_clock_seconds(),
                  .by_itself = plan->by_itself};
    *findings = (cg_findings){.ok = true};
    cg_phase_begin(&t.phase);
    cg_status status = run_parts(&t);
    cg_phase_end(&t.phase);
    if (status != CG_OK)
        findings->ok = false;
    findings->seconds = cg_clock_seconds() - t.start;
    return status;
}

void cg_findings_deinit(cg_findings *findings)
{
    free(findings->items);
    *findings = (cg_findings){0};
}

const cg_finding *cg_findings_worst(const cg_findings *findings)
{
    const cg_finding *first = NULL;
    for (size_t i = 0; i < findings->count; i++) {
        const cg_finding *f = &findings->items[i];
        if (f->ok)
            continue;
        if (f->named)
            return f;
        first = first ? first : f;
    }
    return first;
}
