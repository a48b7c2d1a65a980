/* tests/ranks/move_shards.sh starts several of this program at once. Shards move between the ranks
 * after each step, and the state is that of a process alone. */
#include "base/memory.h"
#include "nn/plan.h"
#include "nn/shards_balance.h"
#include "nn/shards_exchange.h"
#include "train/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 12, COUNT = 20, SEED = 1, SHARDS = 8, STEPS = 4 };

static cg_ranks *ranks;

static void need_at(cg_status status, int line, const char *what)
{
    if (status == CG_OK)
        return;
    fprintf(stderr, "rank %zu: line %d: %s\n", cg_ranks_mine(ranks), line, what);
    cg_ranks_close(ranks, status);
    exit(1);
}

#define NEED(call) need_at(call, __LINE__, #call)

/* Rank r begins at one of these after each step, as far as there is a rank r. */
static const size_t moves[STEPS][4] = {{0, 3, 8, 8}, {0, 7, 8, 8}, {0, 1, 2, 8}, {0, 4, 6, 8}};

/* owned[] = the i-th move. Two ranks share what three would have. */
static void choose(size_t owned[], size_t i, size_t count)
{
    for (size_t r = 0; r < count; r++)
        owned[r] = moves[i][r];
    owned[count] = SHARDS;
    for (size_t r = count; r-- > 1;) /* a rank has one shard at least */
        if (owned[r] >= owned[r + 1])
            owned[r] = owned[r + 1] - 1;
}

/* *state = all of it after some steps, with `with` or alone. */
static size_t train(unsigned char **state, cg_runtime *rt, cg_buffer *images, cg_ranks *with)
{
    cg_network *net;
    cg_shards *shards;
    size_t owned[CG_TREE_MOST + 1], size = 0;
    const cg_step_source source = {SEED, images, COUNT, BATCH};
    NEED(cg_network_create(&net, rt, BATCH, BATCH, 2, NULL));
    NEED(cg_network_init(net, SEED, 0));
    NEED(cg_shards_create(&shards, net, with, BATCH, BATCH, SHARDS));
    for (uint64_t step = 1; step <= STEPS; step++) { /* each second one has 8 real images */
        const cg_step_place place = cg_step_locate(&source, step);
        NEED(cg_step_run(net, shards, &source, &place));
        choose(owned, step - 1, cg_ranks_count(with));
        NEED(cg_shards_move(shards, owned));
    }
    NEED(cg_shards_collect(shards));
    const cg_arena_id arenas[] = {CG_ARENA_PARAMS, CG_ARENA_MOMENT1, CG_ARENA_MOMENT2};
    *state = calloc(CG_COUNT(arenas) + 1, net->arenas[CG_ARENA_PARAMS].whole->bytes);
    for (size_t i = 0; *state && i <= CG_COUNT(arenas); i++) {
        const cg_buffer *whole =
            i < CG_COUNT(arenas) ? net->arenas[arenas[i]].whole : net->stats.whole;
        NEED(cg_buffer_download(whole, 0, *state + size, whole->bytes));
        size += whole->bytes;
    }
    cg_shards_release(shards);
    cg_network_release(net);
    return size;
}

int main(void)
{
    cg_runtime *rt;
    cg_buffer *images;
    unsigned char pixels[COUNT * CG_PIXELS], *alone, *together;
    NEED(cg_ranks_open(&ranks));
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (unsigned char)(i * 37 % 251);
    NEED(cg_runtime_create_selected(&rt, getenv("CLGAN_DEVICE")));
    NEED(cg_buffer_create(&images, rt, sizeof pixels));
    NEED(cg_buffer_upload(images, 0, pixels, sizeof pixels));
    size_t size = train(&together, rt, images, ranks);
    bool same = true;
    if (cg_ranks_mine(ranks) == 0) {
        size_t other = train(&alone, rt, images, NULL);
        same = alone && together && other == size && memcmp(alone, together, size) == 0;
        printf("%zu ranks: %s\n", cg_ranks_count(ranks), same ? "the same bits" : "other bits");
        free(alone);
    }
    free(together);
    cg_buffer_release(images);
    cg_runtime_release(rt);
    cg_ranks_close(ranks, same ? CG_OK : CG_ERR_WRONG);
    return same ? 0 : 1;
}
