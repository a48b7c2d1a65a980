/* A step of a stored fixture, and drawing, compared as a whole. */
#ifndef CLGAN_VERIFY_STORED_STEP_H
#define CLGAN_VERIFY_STORED_STEP_H

#include "nn/choice.h"
#include "verify/case.h"

/* The text of src/verify/selftest.json, a fixture (verify/fixture.h) of one step of 5 real and
 * CG_STORED_FAKES generated images, by Keras in float64. */
extern const char cg_selftest_fixture[];

enum { CG_STORED_FAKES = 8 };

/* Runs that step by the choice, compares losses, logits, images, gradients, parameters, statistics
 * and pictures with Keras', and once more for the same bits; with its batch in so many shards
 * (nn/shards.h), 0: whole. Blocking. */
cg_status cg_stored_step_run(cg_verify_result *result, cg_runtime *rt, const cg_choice *choice,
                             size_t shards);

/* Draws `batch` pictures with the fixture's parameters and compares each with float64. Blocking. */
cg_status cg_stored_drawing_run(cg_verify_result *result, cg_runtime *rt, const cg_choice *choice,
                                size_t batch);

#endif
