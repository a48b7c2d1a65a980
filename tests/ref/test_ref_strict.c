/* The strict step in plain C has the same bits on every host: for any compiler, processor and C
 * library, with instructions for fma or without. tests/cli/test_strict.sh compares it with a
 * device. */
#include "base/portable_math.h"
#include "ref/strict.h"
#include "support.h"

#include <inttypes.h>

enum { IMAGES = 2, FAKES = 3 };

/* A linear congruential generator, Knuth's. */
static uint32_t next_word(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void draw_state(cg_strict_state *state, uint32_t *words)
{
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const cg_param_spec *spec = &cg_model_params[id];
        for (size_t i = 0; i < cg_param_size(spec); i++) {
            const float random = (float)((int)next_word(words) - (1 << 23)) * 0x1p-27f;
            state->param[id][i] = spec->glorot ? random : (float)spec->constant;
            if (id < CG_G_PARAM_COUNT)
                state->average[id][i] = state->param[id][i];
        }
    }
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        for (size_t i = 0; i < cg_param_size(&cg_model_stats[id]); i++)
            state->stat[id][i] = (float)cg_model_stats[id].constant;
}

/* Fowler, Noll and Vo's hash of words, whose order in memory does not count. */
static uint64_t add_values(uint64_t hash, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ portable_bits(x[i])) * UINT64_C(0x100000001B3);
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t digest_of(const cg_strict_state *state)
{
    uint64_t hash = 0;
    for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
        const size_t n = cg_param_size(&cg_model_params[id]);
        hash = add_values(hash, state->param[id], n);
        hash = add_values(hash, state->moment1[id], n);
        hash = add_values(hash, state->moment2[id], n);
        if (id < CG_G_PARAM_COUNT)
            hash = add_values(hash, state->average[id], n);
    }
    for (size_t id = 0; id < CG_STAT_COUNT; id++)
        hash = add_values(hash, state->stat[id], cg_param_size(&cg_model_stats[id]));
    return add_values(hash, state->metrics, CG_STRICT_METRICS);
}

/* The batch ends the epoch: it has fewer real images than fakes. */
START_TEST(bits_are_the_same_everywhere)
{
    static uint8_t images[IMAGES * CG_PIXELS];
    uint32_t words = 1;
    cg_strict *strict;

    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)(next_word(&words) >> 16);
    const cg_strict_options options = {.seed = 3,
                                       .fakes = FAKES,
                                       .images = images,
                                       .count = IMAGES,
                                       .rate = 4e-4,
                                       .rate_d = 4e-4,
                                       .beta1 = 0.5,
                                       .beta2 = 0.999,
                                       .average = 0.999,
                                       .smoothing = 0.1f};
    ck_assert_int_eq(cg_strict_create(&strict, &options), CG_OK);
    draw_state(cg_strict_get_state(strict), &words);
    cg_strict_run(strict, 1);
    uint64_t digest = digest_of(cg_strict_get_state(strict));
    ck_assert_msg(digest == UINT64_C(0x79F83D3375516535), "the digest is %016" PRIx64, digest);
    cg_strict_release(strict);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("strict");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, bits_are_the_same_everywhere);
    return run_case(tests, "ref/strict");
}
