/* Parity with Keras: the steps of a fixture on a device, compared number by number. */
#ifndef CLGAN_VERIFY_PARITY_H
#define CLGAN_VERIFY_PARITY_H

#include "nn/choice.h"
#include "verify/fixture.h"

#include <clgan/runtime.h>

/* The settings of a run of a fixture's steps. */
typedef struct cg_parity_settings {
    const char *algorithm; /* of all convolutions; NULL: the defaults */
    size_t shards;         /* that the batch is cut into (nn/shards.h); 0: none */
} cg_parity_settings;

/* Runs all steps of the fixture on rt with the float32 limits; report(user, line) for each loss and
 * tensor. *ok = every line was within its limit. CG_ERR_ARGUMENT for more shards than images.
 * Blocking. */
cg_status cg_parity_run(bool *ok, cg_runtime *rt, const cg_fixture *fixture,
                        const cg_parity_settings *settings, cg_fixture_report *report, void *user);

/* The outcome of a step that was run twice. */
typedef struct cg_parity_repetition {
    bool ok;   /* every line was within its limit */
    bool same; /* the second time had the same bits */
} cg_parity_repetition;

/* Runs the fixture's first step, as above, and then once more from the beginning, in a network that
 * has room for its batch and for CG_FIXTURE_SAMPLES fakes, and in this many shards, 0: none.
 * Afterwards the network holds what the step left; shards leave it without its gradients. */
cg_status cg_parity_repeat(cg_parity_repetition *repetition, cg_network *net,
                           const cg_fixture *fixture, size_t shards, cg_fixture_report *report,
                           void *user);

#endif
