/* The measured network. Its learning rate is so small that the weights stay what they are: each of
 * many thousand updates does the same work on the same numbers. */
#include "bench/workload.h"

#include "base/philox.h"
#include "base/try.h"
#include "bench/measure.h"
#include "nn/choice.h"
#include "nn/plan.h"
#include "nn/shards_exchange.h"
#include "nn/shards_step.h"

#include <clgan/bench.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEED = 1,
    CHUNK = 1 << 20, /* bytes drawn at a time */
    PROBE_BATCH = 4  /* small: builds the kernels and foretells a large batch's time */
};

static const double still_rate = 1e-12;
static const double probe_seconds = .05; /* for each small batch: the fastest of several steps */

/* bytes[CHUNK] = random, the chunk-th of a sequence. */
static void draw_bytes(unsigned char *bytes, uint32_t chunk)
{
    static const uint32_t key[2] = {SEED, 0};
    for (uint32_t i = 0; i < CHUNK / 16; i++) {
        const uint32_t counter[4] = {i, chunk, 0, CG_STREAM_BENCH};
        uint32_t words[4];
        cg_philox4x32(words, counter, key);
        memcpy(bytes + 16 * (size_t)i, words, sizeof words);
    }
}

static cg_status upload_images(cg_buffer *images)
{
    cg_status status = CG_OK;
    unsigned char *bytes = NULL;
    CG_TRY(cg_memory_create(&bytes, CHUNK, 1));
    for (size_t at = 0; at < images->bytes; at += CHUNK) {
        size_t rest = images->bytes - at;
        draw_bytes(bytes, (uint32_t)(at / CHUNK));
        CG_TRY(cg_buffer_upload(images, at, bytes, rest < CHUNK ? rest : CHUNK));
    }
done:
    free(bytes);
    return status;
}

/* A network for `part` images of a batch, which the data set has room for. */
static cg_status init(cg_workload *workload, cg_runtime *rt, size_t batch, size_t part,
                      const char *algorithms, bool strict)
{
    cg_status status = CG_OK;
    size_t count = batch > CG_BENCH_IMAGES ? batch : CG_BENCH_IMAGES;
    char text[CG_CHOICE_TEXT];
    cg_choice choice;

    *workload = (cg_workload){0};
    cg_shuffle_init(&workload->shuffle, SEED, 1, (uint32_t)count);
    CG_TRY(cg_buffer_create(&workload->images, rt, count * CG_PIXELS));
    CG_TRY(upload_images(workload->images));
    CG_TRY(cg_choice_parse(&choice, rt, algorithms, strict));
    CG_TRY(cg_choice_describe(text, rt, &choice)); /* logs which does not serve */
    CG_TRY(cg_network_create(&workload->net, rt, part, part, 1, &choice));
    CG_TRY(cg_network_init(workload->net, SEED, 0));
    workload->net->adam.rate = still_rate;
done:
    return status;
}

cg_status cg_workload_init(cg_workload *workload, cg_runtime *rt, size_t batch,
                           const char *algorithms, bool strict)
{
    return init(workload, rt, batch, batch, algorithms, strict);
}

cg_status cg_workload_init_shards(cg_workload *workload, cg_runtime *rt, cg_ranks *ranks,
                                  size_t batch, size_t shards, const char *algorithms, bool strict)
{
    cg_status status = CG_OK;
    CG_TRY(init(workload, rt, batch, cg_shard_most(batch, shards), algorithms, strict));
    CG_TRY(cg_shards_create(&workload->shards, workload->net, ranks, batch, batch, shards));
    CG_TRY(cg_shards_share(workload->shards));
done:
    return status;
}

void cg_workload_deinit(cg_workload *workload)
{
    cg_shards_release(workload->shards);
    cg_network_release(workload->net);
    cg_buffer_release(workload->images);
    *workload = (cg_workload){0};
}

/* A network's part of the inputs; its real images are those from the first-th on. */
static cg_status draw_net(const cg_workload *workload, cg_network *net, size_t first)
{
    cg_status status = CG_OK;
    CG_TRY(cg_network_sample_inputs(net, SEED, (uint32_t)++net->step));
    CG_TRY(cg_network_gather_reals(net, workload->images, &workload->shuffle, first));
done:
    return status;
}

cg_status cg_workload_draw(cg_workload *workload)
{
    cg_status status = CG_OK;
    const cg_shards *s = workload->shards;
    if (!s)
        return draw_net(workload, workload->net, 0);
    for (size_t k = 0; k < s->local; k++)
        CG_TRY(draw_net(workload, s->nets[k],
                        cg_shard_first(s->nets[k]->all_reals, s->count, s->nets[k]->shard)));
done:
    return status;
}

double cg_workload_draw_bytes(const cg_workload *workload)
{
    const cg_network *net = workload->net;
    size_t floats = net->fakes * CG_NOISE + net->reals * CG_PIXELS;
    size_t masks = cg_map_floats(&net->a1) + cg_map_floats(&net->a2);
    return (double)(floats * sizeof(float) + masks + net->reals * CG_PIXELS);
}

cg_status cg_workload_step(cg_workload *workload)
{
    cg_status status = cg_workload_draw(workload);
    if (status != CG_OK)
        return status;
    return workload->shards ? cg_shards_run_step(workload->shards)
                            : cg_network_run_step(workload->net);
}

cg_status cg_workload_enqueue(void *workload)
{
    return cg_workload_step(workload);
}

/* *seconds = the time of one step with n fakes and n reals. The step before it builds the kernels,
 * and must have ended when the clock starts: drivers may compile after the enqueue has returned. */
static cg_status probe_step(double *seconds, cg_workload *workload, size_t n)
{
    cg_status status = CG_OK;
    cg_runtime *rt = workload->net->rt;
    cg_times times;
    cg_network_set_batch(workload->net, n, n);
    CG_TRY(cg_workload_step(workload));
    CG_TRY(cg_runtime_finish(rt));
    CG_TRY(cg_measure(&times, rt, cg_workload_enqueue, workload, probe_seconds));
    *seconds = times.min;
done:
    return status;
}

cg_status cg_workload_warm_up(double *seconds, cg_workload *workload)
{
    cg_status status = CG_OK;
    cg_network *net = workload->net;
    size_t batch = net->max_reals, small = batch < PROBE_BATCH ? batch : PROBE_BATCH;
    double one = 0, some = 0;

    CG_TRY(probe_step(&one, workload, 1));
    CG_TRY(probe_step(&some, workload, small));
    double image = small > 1 ? fmax(some - one, 0) / (double)(small - 1) : 0;
    *seconds = some + image * (double)(batch - small);
    cg_network_set_batch(net, batch, batch);
done:
    return status;
}
