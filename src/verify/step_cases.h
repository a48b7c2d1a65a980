/* The checks of the operations of a training step, each by the algorithm that a choice gives to its
 * stage. Checks and stages find each other by their names: "exact g.convt1 fwd" is of the stage
 * g.convt1, pass fwd. */
#ifndef CLGAN_VERIFY_STEP_CASES_H
#define CLGAN_VERIFY_STEP_CASES_H

#include "nn/choice.h"
#include "verify/case.h"

/* The stage with a choice of algorithms whose operation the check is of; NULL: there is none. */
const cg_stage *cg_case_find_stage(const cg_verify_case *check);

/* The name of the algorithm that the check takes from a choice, to be set; NULL where it has none
 * or names its own. */
const char **cg_case_open_algorithm(cg_verify_case *check);

/* Runs the check with the choice's width of vectors, by the algorithm that it has. */
cg_status cg_case_run(cg_verify_result *result, cg_runtime *rt, const cg_choice *choice,
                      const cg_verify_case *check);

/* Bits for what commands run. */
enum {
    CG_RUNS_STEP = 1,        /* a training step                                        */
    CG_RUNS_DRAWING = 2,     /* drawing                                                */
    CG_RUNS_TRANSFORMS = 4,  /* a step in which d.conv2 reads transforms (nn/network.h) */
    CG_RUNS_MAPS = 8,        /* a step in which it reads maps                          */
    CG_RUNS_STATISTICS = 16, /* drawing's statistics                                  */
    CG_RUNS_ANYTHING = 32,   /* commands, whatever they compute                        */
    CG_RUNS_STRICT = 64,     /* kernels of strict arithmetic                           */
    CG_RUNS_SHARDS = 128     /* a step of a batch in shards                            */
};

/* *check = the index-th check of what is run, of any of the bits, with the choice's algorithm.
 * False after the last. */
bool cg_step_case_at(cg_verify_case *check, size_t index, unsigned runs, cg_runtime *rt,
                     const cg_choice *choice);

#endif
