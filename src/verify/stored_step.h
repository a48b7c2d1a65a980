/* A step of a stored fixture, and drawing, compared as a whole. */
#ifndef CLGAN_VERIFY_STORED_STEP_H
#define CLGAN_VERIFY_STORED_STEP_H

#include "nn/choice.h"
#include "verify/case.h"

/* The text of src/verify/selftest.json, a fixture (verify/fixture.h) of one step of 5 real and
 * CG_STORED_FAKES generated images, by Keras in float64. */
extern const char cg_selftest_fixture[];

enum { CG_STORED_FAKES = 8, CG_STORED_REALS = 5 };

/* Runs that step in a network that has room for it, compares losses, logits, images, gradients,
 * parameters, statistics and pictures with Keras', and once more for the same bits; with its batch
 * in this many shards (nn/shards.h), 0: whole. The network loses what it held before, and after
 * shards its gradients' memory. Blocking. */
cg_status cg_stored_step_run(cg_verify_result *result, cg_network *net, size_t shards);

/* Draws `batch` pictures, 2 at least, for which the network has room, with the fixture's
 * parameters, and compares each with float64. The network loses what it held before. Blocking. */
cg_status cg_stored_drawing_run(cg_verify_result *result, cg_network *net, size_t batch);

#endif
