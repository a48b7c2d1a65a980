/* Runs a fixture's steps through the OpenCL step. Inputs are given in buffers; the kernels are
 * those of training. */
#include "verify/parity.h"

#include "base/memory.h"
#include "base/try.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "nn/shards_step.h"

#include <stdlib.h>
#include <string.h>

typedef struct parity {
    const cg_fixture *fixture;
    cg_network *net;
    cg_shards *shards; /* of the batch, whose head is the network; NULL: it is whole */
    float *floats;     /* room for any tensor */
    uint8_t *bytes;    /* room for a mask, in Keras' layout and then in ours */
    double *got;       /* all of a step's results, one after the other */
    bool again;        /* results are compared with these, not kept */
    bool same;         /* they have had the same bits */
} parity;

enum {
    MASK1 = CG_SIDE2 * CG_SIDE2 * CG_D_CHANNELS1, /* bytes an image */
    MASK2 = CG_SIDE4 * CG_SIDE4 * CG_D_CHANNELS2
};

static size_t count_param_values(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < CG_PARAM_COUNT; i++)
        sum += cg_param_size(&cg_model_params[i]);
    return sum;
}

static size_t count_stat_values(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < CG_STAT_COUNT; i++)
        sum += cg_param_size(&cg_model_stats[i]);
    return sum;
}

static size_t count_results(const cg_fixture *f)
{
    return 2 * count_param_values() + count_stat_values() + f->real_batch + f->fake_batch +
           (f->fake_batch + CG_FIXTURE_SAMPLES) * CG_PIXELS;
}

/* A part of the batch: fakes and reals from the first ones on, and the network that has them. */
typedef struct batch_part {
    cg_network *net;
    size_t fake, fakes, real, reals;
} batch_part;

static size_t count_parts(const parity *p)
{
    return p->shards ? p->shards->count : 1;
}

static batch_part part_at(const parity *p, size_t i)
{
    const size_t count = count_parts(p), fakes = p->fixture->fake_batch;
    const size_t reals = p->fixture->real_batch;
    batch_part it = {.net = p->shards ? p->shards->nets[i] : p->net,
                     .fake = cg_shard_first(fakes, count, i),
                     .real = cg_shard_first(reals, count, i)};
    it.fakes = cg_shard_first(fakes, count, i + 1) - it.fake;
    it.reals = cg_shard_first(reals, count, i + 1) - it.real;
    return it;
}

static void set_batch(parity *p)
{
    if (p->shards)
        cg_shards_set_batch(p->shards, p->fixture->fake_batch, p->fixture->real_batch);
    else
        cg_network_set_batch(p->net, p->fixture->fake_batch, p->fixture->real_batch);
}

/* Fakes that a fixture's network must have room for. */
static size_t count_fakes(const cg_fixture *fixture)
{
    return fixture->fake_batch > CG_FIXTURE_SAMPLES ? fixture->fake_batch : CG_FIXTURE_SAMPLES;
}

/* The network is the caller's. */
static cg_status init_parity(parity *p, size_t shards)
{
    cg_status status = CG_OK;
    size_t fakes = p->fixture->fake_batch, reals = p->fixture->real_batch;
    size_t images = (fakes + reals) * MASK1; /* the largest map of a batch */
    size_t largest = CG_NOISE * CG_DENSE_FEATURES > images ? CG_NOISE * CG_DENSE_FEATURES : images;

    if (shards)
        CG_TRY(cg_shards_create(&p->shards, p->net, NULL, fakes, reals, shards));
    CG_TRY(cg_memory_create(&p->floats, largest, sizeof *p->floats));
    CG_TRY(cg_memory_create(&p->bytes, 2 * (fakes + reals) * (MASK1 + MASK2), 1));
    CG_TRY(cg_memory_create(&p->got, count_results(p->fixture), sizeof *p->got));
done:
    return status;
}

static void deinit_parity(parity *p)
{
    cg_shards_release(p->shards);
    free(p->floats);
    free(p->bytes);
    free(p->got);
}

static cg_status upload_initial(parity *p)
{
    cg_status status = CG_OK;
    set_batch(p);
    CG_TRY(cg_network_reset(p->net));
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        cg_fixture_param(p->floats, p->fixture, id);
        CG_TRY(cg_network_upload_param(p->net, CG_ARENA_PARAMS, id, p->floats));
    }
done:
    return status;
}

/* Bytes of `nhwc`, of the whole batch with real images first, into the mask of a part: fakes first
 * and channel-blocked. */
static cg_status upload_mask(cg_buffer *mask, const uint8_t *nhwc, uint8_t *scratch,
                             size_t all_reals, const batch_part *part, size_t pixels,
                             size_t channels)
{
    size_t n = part->fakes + part->reals;
    for (size_t i = 0; i < n; i++) {
        size_t from = i < part->fakes ? all_reals + part->fake + i : part->real + i - part->fakes;
        const uint8_t *image = nhwc + from * pixels * channels;
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                scratch[cg_blocked_index(channels, n * pixels, i * pixels + p, c)] =
                    image[p * channels + c];
    }
    return cg_buffer_upload(mask, 0, scratch, n * pixels * channels);
}

/* Uploads rows first .. first + count - 1 of `data`, to row `to` on. */
static cg_status upload_rows(cg_buffer *buffer, size_t to, const float *data, size_t width,
                             size_t first, size_t count)
{
    return cg_buffer_upload(buffer, to * width * sizeof *data, data + first * width,
                            count * width * sizeof *data);
}

static cg_status upload_part(parity *p, const batch_part *part, size_t t)
{
    cg_status status = CG_OK;
    const cg_fixture *f = p->fixture;
    cg_network *net = part->net;
    size_t n = f->fake_batch + f->real_batch;
    uint8_t *mask2 = p->bytes + n * MASK1, *scratch = mask2 + n * MASK2;

    cg_fixture_noise(p->floats, f, t);
    CG_TRY(upload_rows(net->noise, 0, p->floats, CG_NOISE, part->fake, part->fakes));
    cg_fixture_real(p->floats, f, t);
    CG_TRY(upload_rows(net->images.buffer, part->fakes, p->floats, CG_PIXELS, part->real,
                       part->reals));
    CG_TRY(upload_mask(net->mask1, p->bytes, scratch, f->real_batch, part, CG_SIDE2 * CG_SIDE2,
                       CG_D_CHANNELS1));
    CG_TRY(upload_mask(net->mask2, mask2, scratch, f->real_batch, part, CG_SIDE4 * CG_SIDE4,
                       CG_D_CHANNELS2));
done:
    return status;
}

static cg_status upload_inputs(parity *p, size_t t)
{
    cg_status status = CG_OK;
    size_t n = p->fixture->fake_batch + p->fixture->real_batch;
    cg_fixture_masks(p->bytes, p->bytes + n * MASK1, p->fixture, t);
    for (size_t i = 0; i < count_parts(p); i++) {
        const batch_part part = part_at(p, i);
        CG_TRY(upload_part(p, &part, t));
    }
done:
    return status;
}

/* The next n results as doubles; *place is where they went, or are. */
static void append_results(parity *p, double **cursor, const double **place, const float *data,
                           size_t n)
{
    *place = *cursor;
    for (size_t i = 0; i < n; i++, ++*cursor) {
        const double result = (double)data[i];
        if (p->again)
            p->same = p->same && memcmp(*cursor, &result, sizeof result) == 0;
        else
            **cursor = result;
    }
}

static cg_status fetch_params(parity *p, cg_arena_id arena, const double **places, double **cursor)
{
    cg_status status = CG_OK;
    for (cg_param_id id = 0; id < CG_PARAM_COUNT; id++) {
        CG_TRY(cg_network_download_param(p->net, arena, id, p->floats));
        append_results(p, cursor, &places[id], p->floats, cg_param_size(&cg_model_params[id]));
    }
done:
    return status;
}

static cg_status fetch_stats(parity *p, const double **places, double **cursor)
{
    cg_status status = CG_OK;
    for (cg_stat_id id = 0; id < CG_STAT_COUNT; id++) {
        CG_TRY(cg_network_download_stat(p->net, id, p->floats));
        append_results(p, cursor, &places[id], p->floats, cg_param_size(&cg_model_stats[id]));
    }
done:
    return status;
}

/* Appends a part of an array, whose place is known. */
static cg_status fetch_part(parity *p, const cg_buffer *buffer, size_t first, size_t n,
                            double **cursor)
{
    const double *place;
    cg_status status =
        cg_buffer_download(buffer, first * sizeof *p->floats, p->floats, n * sizeof *p->floats);
    if (status == CG_OK)
        append_results(p, cursor, &place, p->floats, n);
    return status;
}

static cg_status fetch_losses(parity *p, double loss[CG_LOSS_COUNT])
{
    cg_metrics m;
    cg_status status = cg_buffer_download(p->net->metrics, 0, &m, sizeof m);
    if (status == CG_OK) {
        loss[CG_LOSS_D_REAL] = (double)m.loss_d_real;
        loss[CG_LOSS_D_FAKE] = (double)m.loss_d_fake;
        loss[CG_LOSS_D] = (double)m.loss_d_real + (double)m.loss_d_fake;
        loss[CG_LOSS_G] = (double)m.loss_g;
    }
    return status;
}

/* Draws the step's samples, into images: to be called when the step's images have been fetched. */
static cg_status fetch_samples(parity *p, size_t t, const double **place, double **cursor)
{
    cg_status status = CG_OK;
    cg_fixture_sample_noise(p->floats, p->fixture, t);
    cg_network_set_batch(p->net, CG_FIXTURE_SAMPLES, 0);
    CG_TRY(cg_buffer_upload(p->net->noise, 0, p->floats,
                            CG_FIXTURE_SAMPLES * CG_NOISE * sizeof *p->floats));
    CG_TRY(cg_network_generate(p->net));
    *place = *cursor;
    CG_TRY(fetch_part(p, p->net->images.buffer, 0, CG_FIXTURE_SAMPLES * CG_PIXELS, cursor));
    set_batch(p);
done:
    return status;
}

/* Appends what the parts of the batch have for themselves. */
static cg_status fetch_images(parity *p, cg_fixture_got *got, double **cursor)
{
    cg_status status = CG_OK;
    const size_t count = count_parts(p);
    got->logits_fake = *cursor;
    for (size_t i = 0; i < count; i++)
        CG_TRY(fetch_part(p, part_at(p, i).net->logits, 0, part_at(p, i).fakes, cursor));
    got->logits_real = *cursor;
    for (size_t i = 0; i < count; i++)
        CG_TRY(fetch_part(p, part_at(p, i).net->logits, part_at(p, i).fakes, part_at(p, i).reals,
                          cursor));
    got->fake = *cursor;
    for (size_t i = 0; i < count; i++)
        CG_TRY(fetch_part(p, part_at(p, i).net->images.buffer, 0, part_at(p, i).fakes * CG_PIXELS,
                          cursor));
done:
    return status;
}

static cg_status fetch_results(parity *p, size_t t, cg_fixture_got *got)
{
    cg_status status = CG_OK;
    double *cursor = p->got;

    CG_TRY(fetch_losses(p, got->loss));
    CG_TRY(fetch_images(p, got, &cursor));
    CG_TRY(fetch_params(p, CG_ARENA_GRADS, got->grad, &cursor));
    CG_TRY(fetch_params(p, CG_ARENA_PARAMS, got->param, &cursor));
    CG_TRY(fetch_stats(p, got->stat, &cursor));
    CG_TRY(fetch_samples(p, t, &got->sample, &cursor));
done:
    return status;
}

/* The fixture's i-th step, from 0. */
static cg_status run_step(parity *p, size_t i, cg_fixture_got *got)
{
    cg_status status = CG_OK;
    size_t t = p->fixture->steps[i].step;
    CG_TRY(upload_inputs(p, t));
    p->net->step = t;
    CG_TRY(p->shards ? cg_shards_run_step(p->shards) : cg_network_run_step(p->net));
    CG_TRY(fetch_results(p, t, got));
done:
    return status;
}

cg_status cg_parity_run(bool *ok, cg_runtime *rt, const cg_fixture *fixture,
                        const cg_parity_settings *settings, cg_fixture_report *report, void *user)
{
    cg_status status = CG_OK;
    parity p = {.fixture = fixture};
    cg_choice choice;
    cg_fixture_got got;

    *ok = false;
    if (settings->shards > fixture->fake_batch || settings->shards > CG_TREE_MOST)
        return cg_fail(CG_ERR_ARGUMENT,
                       "%zu shards of a batch of %zu images: at most %d, and at "
                       "least an image in each",
                       settings->shards, fixture->fake_batch, CG_TREE_MOST);
    CG_TRY(cg_choice_parse(&choice, rt, settings->algorithm, false));
    CG_TRY(cg_network_create(&p.net, rt, count_fakes(fixture), fixture->real_batch, 1, &choice));
    CG_TRY(init_parity(&p, settings->shards));
    CG_TRY(upload_initial(&p));
    bool all = true;
    for (size_t i = 0; i < fixture->step_count; i++) {
        CG_TRY(run_step(&p, i, &got));
        all &= cg_fixture_compare_step(&fixture->steps[i], &got, &cg_fixture_limits_float32, report,
                                       user);
    }
    *ok = all;
done:
    deinit_parity(&p);
    cg_network_release(p.net);
    return status;
}

/* ---- once more, for the same bits ------------------------------------------------------------ */

/* Runs the first step again from the beginning, with the parameters of then. */
static cg_status repeat_step(parity *p, const cg_buffer *params)
{
    cg_status status = CG_OK;
    cg_fixture_got got;
    p->again = p->same = true;
    CG_TRY(cg_network_reset(p->net));
    CG_TRY(cg_buffer_copy(p->net->arenas[CG_ARENA_PARAMS].whole, params));
    CG_TRY(run_step(p, 0, &got));
done:
    return status;
}

cg_status cg_parity_repeat(cg_parity_repetition *repetition, cg_network *net,
                           const cg_fixture *fixture, size_t shards, cg_fixture_report *report,
                           void *user)
{
    cg_status status = CG_OK;
    parity p = {.fixture = fixture, .net = net};
    const cg_buffer *whole = net->arenas[CG_ARENA_PARAMS].whole;
    cg_buffer *params = NULL;
    cg_fixture_got got;

    *repetition = (cg_parity_repetition){0};
    CG_TRY(init_parity(&p, shards));
    CG_TRY(upload_initial(&p));
    CG_TRY(cg_buffer_create(&params, net->rt, whole->bytes));
    CG_TRY(cg_buffer_copy(params, whole));
    CG_TRY(run_step(&p, 0, &got));
    repetition->ok =
        cg_fixture_compare_step(&fixture->steps[0], &got, &cg_fixture_limits_float32, report, user);
    CG_TRY(repeat_step(&p, params));
    repetition->same = p.same;
done:
    cg_buffer_release(params);
    deinit_parity(&p);
    return status;
}
