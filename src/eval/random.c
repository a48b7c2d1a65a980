/* Random choices on the host. */
#include "eval/random.h"

#include "base/philox.h"
#include "base/streams.h"

#include <assert.h>

void cg_eval_random_init(cg_eval_random *draw, uint64_t seed, cg_eval_random_purpose purpose,
                         uint32_t step)
{
    *draw = (cg_eval_random){.counter = {0, (uint32_t)purpose, step, CG_STREAM_EVAL}};
    cg_seed_key(draw->key, seed);
}

static uint32_t next_word(cg_eval_random *draw)
{
    uint32_t at = draw->counter[0]++; /* the word's number: four of them share a counter */
    if (at % 4 == 0) {
        const uint32_t counter[4] = {at / 4, draw->counter[1], draw->counter[2], draw->counter[3]};
        cg_philox4x32(draw->words, counter, draw->key);
    }
    return draw->words[at % 4];
}

/* The high word of word n; the 2^32 mod n words that would make some results likelier are passed
 * over (Lemire 2019). */
size_t cg_eval_random_below(cg_eval_random *draw, size_t n)
{
    assert(n > 0 && n <= UINT32_MAX);
    const uint32_t unfair = (uint32_t)(-(uint32_t)n) % (uint32_t)n;
    uint64_t product;
    do
        product = (uint64_t)next_word(draw) * n;
    while ((uint32_t)product < unfair);
    return (size_t)(product >> 32);
}

/* Fisher and Yates. */
void cg_eval_random_choose(cg_eval_random *draw, size_t *order, size_t n, size_t count)
{
    assert(count <= n);
    for (size_t i = 0; i < count; i++) {
        size_t other = i + cg_eval_random_below(draw, n - i), held = order[i];
        order[i] = order[other];
        order[other] = held;
    }
}
