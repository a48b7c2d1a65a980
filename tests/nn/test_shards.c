/* The spans of gradients that travel while others are computed. */
#include "nn/plan.h"
#include "nn/shards.h"
#include "device.h"

#include <string.h>

static const size_t owners[] = {1, 2, 3, 64};

/* Cuts an arena for so many ranks; all else of the shards is nothing. */
static cg_shards *cut(cg_network *net, size_t count)
{
    cg_shards *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->nets[0] = net;
    s->tree.owners = count;
    cg_shards_cut_spans(s);
    return s;
}

static cg_network *create(void)
{
    cg_network *net;
    ck_assert_int_eq(cg_network_create(&net, device, 2, 2, 1, &(cg_choice){0}), CG_OK);
    return net;
}

/* Every float of an arena is in one rank's slice of one span. */
START_TEST(spans_cover_an_arena)
{
    const size_t count = owners[_i];
    cg_network *net = create();
    cg_shards *s = cut(net, count);
    size_t end = cg_arena_floats(&net->arenas[CG_ARENA_PARAMS]), sum = 0;
    ck_assert_uint_eq(s->span_count, count == 1 ? 1 : CG_SHARD_SPANS);
    for (size_t i = 0; i < s->span_count; i++) {
        const size_t *slice = s->spans[i].slice;
        ck_assert_uint_eq(slice[count], end);
        for (size_t r = 0; r < count; r++) {
            ck_assert_uint_le(slice[r], slice[r + 1]);
            ck_assert_uint_eq(slice[r] % 16, 0);
        }
        end = slice[0];
    }
    ck_assert_uint_eq(end, 0);
    for (size_t r = 0; r < count; r++)
        sum += cg_shards_span_at(s, s->span_count, r);
    ck_assert_uint_eq(sum, cg_arena_floats(&net->arenas[CG_ARENA_PARAMS]));
    free(s);
    cg_network_release(net);
}
END_TEST

/* The span that an array of an arena begins in. */
static const cg_shard_span *span_of(const cg_shards *s, cg_param_id id)
{
    const size_t at = cg_arena_size(s->nets[0]->rt, cg_model_params, id);
    size_t i = 0;
    while (s->spans[i].slice[0] > at)
        i++;
    return &s->spans[i];
}

/* A stage that writes a gradient comes no later than the one after which its span sets off. */
START_TEST(no_gradient_is_late)
{
    static const char word[] = "grad ";
    cg_network *net = create();
    cg_shards *s = cut(net, 2);
    size_t written = 0;
    for (size_t i = 0; i < CG_STAGES; i++)
        for (size_t k = 0; k < CG_STAGE_ARRAYS && cg_stages[i].writes[k].name; k++)
            for (size_t id = 0; id < CG_PARAM_COUNT; id++) {
                const char *name = cg_stages[i].writes[k].name;
                if (strncmp(name, word, strlen(word)) != 0 ||
                    strcmp(name + strlen(word), cg_model_params[id].name) != 0)
                    continue;
                ck_assert(&cg_stages[i] <= span_of(s, (cg_param_id)id)->last);
                written++;
            }
    ck_assert_uint_eq(written, 9); /* all but those of batchnorms and d.dense's bias */
    free(s);
    cg_network_release(net);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("shards");
    tcase_add_loop_test(tests, spans_cover_an_arena, 0, CG_COUNT(owners));
    tcase_add_test(tests, no_gradient_is_late);
    return device_run_case(tests, "shards");
}
