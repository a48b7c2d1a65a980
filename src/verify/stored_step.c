/* The stored step: the lines of a parity run become one result. */
#include "verify/stored_step.h"

#include "base/memory.h"
#include "base/try.h"
#include "nn/plan.h"
#include "nn/stages.h"
#include "ops/checksum.h"
#include "ref/step.h"
#include "verify/parity.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the step -------------------------------------------------------------------------------- */

/* Notes a line that comes closer to its limit than those before; the first wrong one is told. */
static void take_line(void *user, const cg_fixture_line *line)
{
    cg_verify_result *r = user;
    char at[32] = "";
    cg_verify_result_note(r, line->error, line->limit);
    if (line->ok || !r->ok)
        return;
    r->ok = false;
    if (strcmp(line->what, "element") == 0)
        snprintf(at, sizeof at, "[%zu]", line->index);
    snprintf(r->message, sizeof r->message,
             "%s%s%s%s is %.9g, not %.9g (error %.3g of at most %.3g)", line->name, at,
             !*at && *line->what ? ": its " : "", *at ? "" : line->what, line->got, line->expected,
             line->error, line->limit);
}

static cg_status read_fixture(cg_fixture **fixture)
{
    return cg_fixture_parse(fixture, cg_selftest_fixture, strlen(cg_selftest_fixture),
                            "the stored step");
}

/* The checksum of the state after a strict step, on every device: docs/strict.md defines it. */
#define STRICT_SUM 0x68F18591u

/* *sum = that of what it was and of the first floats of a buffer. */
static cg_status add_to_sum(uint32_t *sum, const cg_buffer *buffer, size_t floats)
{
    enum { PRIME = 31 };
    cg_status status = CG_OK;
    float *values = NULL;
    const size_t bytes = floats * sizeof *values;
    CG_TRY(cg_memory_create(&values, bytes, 1));
    CG_TRY(cg_buffer_download(buffer, 0, values, bytes));
    *sum = PRIME * *sum + cg_checksum_of(values, bytes);
done:
    free(values);
    return status;
}

/* Results that are right are not yet those of every strict run: parameters, Adam's moments and the
 * moving statistics. */
static cg_status compare_bits(cg_verify_result *r, const cg_network *net)
{
    static const cg_arena_id arenas[] = {CG_ARENA_PARAMS, CG_ARENA_MOMENT1, CG_ARENA_MOMENT2};
    cg_status status = CG_OK;
    uint32_t sum = 0;
    for (size_t a = 0; a < CG_COUNT(arenas); a++)
        for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++)
            CG_TRY(add_to_sum(&sum, net->arenas[arenas[a]].view[id],
                              cg_param_size(&cg_model_params[id])));
    for (size_t i = 0; i < CG_BATCHNORMS; i++) {
        const cg_batchnorm *bn = &net->bn[i];
        CG_TRY(add_to_sum(&sum, bn->moving_mean, cg_batchnorm_features(bn)));
        CG_TRY(add_to_sum(&sum, bn->moving_variance, cg_batchnorm_features(bn)));
    }
    if (sum != STRICT_SUM && r->ok) {
        r->ok = false;
        snprintf(r->message, sizeof r->message,
                 "its results are within their bounds, and not the bits of a strict run: the "
                 "state's checksum is %08" PRIx32 ", not %08" PRIx32,
                 sum, (uint32_t)STRICT_SUM);
    }
done:
    return status;
}

cg_status cg_stored_step_run(cg_verify_result *result, cg_network *net, size_t shards)
{
    cg_status status = CG_OK;
    cg_fixture *fixture = NULL;
    cg_parity_repetition repetition;
    *result = (cg_verify_result){.name = shards ? "a step of the fixture in shards"
                                                : "a step of the fixture",
                                 .ok = true,
                                 .bound = 1};
    CG_TRY(read_fixture(&fixture));
    assert(fixture->fake_batch == CG_STORED_FAKES && fixture->real_batch == CG_STORED_REALS);
    CG_TRY(cg_parity_repeat(&repetition, net, fixture, shards, take_line, result));
    if (repetition.ok && !repetition.same) {
        result->ok = false;
        snprintf(result->message, sizeof result->message,
                 "the same step has other bits when it is run again");
    }
    if (net->choice.strict && !shards)
        CG_TRY(compare_bits(result, net));
done:
    if (status != CG_OK)
        result->ok = false;
    cg_fixture_release(fixture);
    return status;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* Kinds of pictures: the i-th is like the one KINDS before it, which stands at another place among
 * the images that a kernel takes together, as these are powers of two. */
enum { KINDS = 3 };

typedef struct drawing {
    const cg_fixture *fixture;
    cg_network *net;
    cg_ref_net *ref;
    float *floats; /* room for any array */
    double *expected;
    size_t batch;
} drawing;

/* The fixture's parameters, for both sides, and the statistics of a new network. */
static cg_status load_params(drawing *d)
{
    cg_status status = CG_OK;
    CG_TRY(cg_network_reset(d->net));
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        cg_fixture_param(d->floats, d->fixture, id);
        CG_TRY(cg_network_upload_param(d->net, CG_ARENA_PARAMS, id, d->floats));
        for (size_t i = 0; i < cg_param_size(&cg_model_params[id]); i++)
            d->ref->param[id][i] = (double)d->floats[i];
    }
done:
    return status;
}

static cg_status expect_pictures(drawing *d)
{
    cg_status status = CG_OK;
    double *z = NULL;
    CG_TRY(cg_memory_create(&z, KINDS * CG_NOISE, sizeof *z));
    cg_fixture_sample_noise(d->floats, d->fixture, 1);
    for (size_t i = 0; i < KINDS * CG_NOISE; i++)
        z[i] = (double)d->floats[i];
    CG_TRY(cg_ref_generate(d->expected, z, KINDS, d->ref));
    for (size_t i = KINDS * CG_NOISE; i < d->batch * CG_NOISE; i++)
        d->floats[i] = d->floats[i - KINDS * CG_NOISE];
    cg_network_set_batch(d->net, d->batch, 0);
    CG_TRY(cg_buffer_upload(d->net->noise, 0, d->floats, d->batch * CG_NOISE * sizeof *d->floats));
done:
    free(z);
    return status;
}

/* Pictures are compared by the root mean square of their differences, as the fixture's are. */
static void compare_picture(cg_verify_result *r, size_t n, const float *got, const double *expected)
{
    double squares = 0, differences = 0, most = 0;
    size_t worst = 0;
    for (size_t i = 0; i < CG_PIXELS; i++) {
        double difference = (double)got[i] - expected[i];
        double share = cg_verify_share(fabs(difference), 1);
        if (share > most) {
            most = share;
            worst = i;
        }
        squares += expected[i] * expected[i];
        differences += difference * difference;
    }
    double error = sqrt(differences / squares), limit = cg_fixture_limits_float32.sample;
    cg_verify_result_note(r, error, limit);
    if (error <= limit || !r->ok)
        return;
    r->ok = false;
    snprintf(r->message, sizeof r->message, "pixel %zu of picture %zu is %.9g, not %.9g", worst, n,
             (double)got[worst], expected[worst]);
}

static cg_status create_drawing(drawing *d)
{
    cg_status status = CG_OK;
    size_t pictures = d->batch * CG_PIXELS, weights = CG_NOISE * CG_DENSE_FEATURES;
    CG_TRY(cg_ref_net_create(&d->ref));
    CG_TRY(
        cg_memory_create(&d->floats, pictures > weights ? pictures : weights, sizeof *d->floats));
    CG_TRY(cg_memory_create(&d->expected, KINDS * CG_PIXELS, sizeof *d->expected));
done:
    return status;
}

cg_status cg_stored_drawing_run(cg_verify_result *result, cg_network *net, size_t batch)
{
    cg_status status = CG_OK;
    cg_fixture *fixture = NULL;
    drawing d = {.net = net, .batch = batch};
    assert(batch >= KINDS);
    *result = (cg_verify_result){.name = "pictures", .ok = true, .bound = 1};
    CG_TRY(read_fixture(&fixture));
    d.fixture = fixture;
    CG_TRY(create_drawing(&d));
    CG_TRY(load_params(&d));
    CG_TRY(expect_pictures(&d));
    CG_TRY(cg_network_generate(d.net));
    CG_TRY(cg_buffer_download(d.net->images.buffer, 0, d.floats,
                              d.batch * CG_PIXELS * sizeof *d.floats));
    for (size_t i = 0; i < d.batch; i++)
        compare_picture(result, i, d.floats + i * CG_PIXELS, d.expected + i % KINDS * CG_PIXELS);
done:
    if (status != CG_OK)
        result->ok = false;
    cg_ref_net_release(d.ref);
    cg_fixture_release(fixture);
    free(d.floats);
    free(d.expected);
    return status;
}
