/* The checks of a step's operations. */
#include "verify/step_cases.h"

#include "base/memory.h"
#include "ocl/runtime.h"
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

/* ---- checks and stages ----------------------------------------------------------------------- */

enum { NAME = 64 };

static void name_stage(char name[NAME], const cg_stage *stage)
{
    snprintf(name, NAME, "%s %s", stage->name, cg_pass_names[stage->pass]);
}

const cg_stage *cg_case_find_stage(const cg_verify_case *check)
{
    char name[NAME];
    for (const cg_stage *s = cg_stages; s < cg_stages + CG_STAGES; s++) {
        name_stage(name, s);
        if (cg_stage_has_choice(s) && strstr(check->name, name))
            return s;
    }
    return NULL;
}

const char **cg_case_open_algorithm(cg_verify_case *check)
{
    const char **algorithm = NULL;
    bool normalises =
        check->run == cg_verify_batchnorm_fwd || check->run == cg_verify_batchnorm_bwd;
    if (check->run == cg_verify_conv2d_run)
        algorithm = &check->conv2d.algorithm;
    else if (check->run == cg_verify_dense_fwd || check->run == cg_verify_dense_bwd_weight ||
             (normalises && check->map.vector))
        algorithm = &check->map.algorithm;
    return algorithm && !*algorithm ? algorithm : NULL;
}

cg_status cg_case_run(cg_verify_result *result, cg_runtime *rt, const cg_choice *choice,
                      const cg_verify_case *check)
{
    cg_mode before = cg_choice_enter(choice, rt);
    cg_status status = cg_verify_run(result, rt, check);
    cg_runtime_set_mode(rt, before);
    return status;
}

/* ---- the list -------------------------------------------------------------------------------- */

enum { BOTH = CG_RUNS_STEP | CG_RUNS_DRAWING };

/* Checks by their names in cg_verify_list(), and of what they are: first those of one program, as
 * others may be loaded meanwhile. Those of convolutions follow from the stages: see below. */
static const struct {
    const char *name;
    unsigned runs;
} others[] = {
    {"commands in a row", CG_RUNS_ANYTHING},
    {"work-groups", CG_RUNS_ANYTHING},
    {"parts of a buffer", CG_RUNS_ANYTHING},
    {"a large transfer", CG_RUNS_ANYTHING},
    {"portable functions", CG_RUNS_STRICT},
    {"random normal", BOTH},
    {"random mask", CG_RUNS_STEP},
    {"gather", CG_RUNS_STEP},
    {"batchnorm fwd", CG_RUNS_STEP | CG_RUNS_STATISTICS},
    {"batchnorm inference", BOTH},
    {"batchnorm fwd of g.bn0", CG_RUNS_STATISTICS | CG_RUNS_SHARDS},
    {"batchnorm inference of g.bn0", BOTH},
    {"batchnorm bwd", CG_RUNS_STEP},
    {"batchnorm bwd, by position", CG_RUNS_SHARDS},
    {"sums of partials", CG_RUNS_STEP},
    {"dense column fwd", CG_RUNS_STEP},
    {"dense column bwd_weight", CG_RUNS_STEP},
    {"dense column bwd", CG_RUNS_MAPS},
    {"loss", CG_RUNS_STEP},
    {"loss, smoothed", CG_RUNS_STEP},
    {"loss, unsure", CG_RUNS_STEP},
    {"adam", CG_RUNS_STEP},
    {"adam, average", CG_RUNS_STEP},
    {"sums of shards", CG_RUNS_SHARDS},
    {"g.dense fwd", BOTH},
    {"exact g.dense fwd", BOTH},
    {"g.dense bwd_weight", CG_RUNS_STEP},
    {"g.dense fwd with its batchnorm", CG_RUNS_STEP | CG_RUNS_STATISTICS},
    {"g.dense bwd_weight with its batchnorm", CG_RUNS_STEP},
    {"transformed d.dense bwd_data", CG_RUNS_TRANSFORMS},
    {"transformed d.conv1 fwd", CG_RUNS_TRANSFORMS},
};

/* The bits of a stage that is a convolution: G's forward passes draw, too, and d.conv1's writes a
 * map only where d.conv2 reads one. */
static unsigned runs_of(const cg_stage *stage)
{
    if (stage < cg_stages + CG_GENERATOR_STAGES)
        return BOTH;
    return stage == cg_stage_of_layer(CG_D_CONV1, CG_FWD) ? CG_RUNS_MAPS : CG_RUNS_STEP;
}

/* name = the place-th check's, of the table above and then of all stages; false after the last. "":
 * the stage has none. */
static bool name_at(char name[NAME], unsigned *runs, size_t place)
{
    name[0] = '\0';
    if (place < CG_COUNT(others)) {
        snprintf(name, NAME, "%s", others[place].name);
        *runs = others[place].runs;
        return true;
    }
    size_t i = place - CG_COUNT(others);
    if (i >= CG_STAGES)
        return false;
    if (cg_stages[i].layer)
        snprintf(name, NAME, "exact %s %s", cg_stages[i].name, cg_pass_names[cg_stages[i].pass]);
    *runs = runs_of(&cg_stages[i]);
    return true;
}

static bool find_case(cg_verify_case *check, const char *name)
{
    const cg_verify_case *found = cg_verify_find(name);
    if (found)
        *check = *found;
    return found != NULL;
}

/* One image where the sums in float64 take long: more of them are in the stages' checks. */
static size_t images_of(const cg_verify_conv2d *c)
{
    return c->large_c > 1 ? 1 : c->n;
}

bool cg_step_case_at(cg_verify_case *check, size_t index, unsigned runs, cg_runtime *rt,
                     const cg_choice *choice)
{
    char name[NAME];
    unsigned of;
    for (size_t place = 0; name_at(name, &of, place); place++) {
        if (!(of & runs) || !find_case(check, name) || index--)
            continue;
        if (check->run == cg_verify_conv2d_run && !check->conv2d.consumer_c)
            check->conv2d.n = images_of(&check->conv2d);
        const char **open = cg_case_open_algorithm(check);
        const cg_stage *stage = open ? cg_case_find_stage(check) : NULL;
        if (stage)
            *open = cg_choice_name(rt, choice, stage);
        return true;
    }
    return false;
}
