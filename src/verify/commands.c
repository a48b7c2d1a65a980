/* Checks of what a driver does with commands, whatever they compute: that each launch, fill and
 * transfer happens, once, wholly, in order, and with the arguments of its own. A kernel that is
 * right does not help where its launch is left out each thousandth time: hence the length of a row
 * of commands, each of which changes all that comes after it. All numbers are whole and compared
 * exactly. */
#include "verify/harness.h"

#include "base/try.h"
#include "cl/shared.h"
#include "ocl/launch.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST = 130,  /* words of a state: groups of 64 and the beginning of another */
    PLACES = 3,  /* first words of what is downloaded of a state */
    ROUND = 3,   /* launches of a round */
    WIDTH = 150, /* work-items of a launch with three dimensions */
    HEIGHT = 3,
    DEPTH = 5,
    VIEWS = 4,
};

/* The n-th of a row of numbers without a pattern. */
static uint32_t mix(size_t n)
{
    uint32_t h = (uint32_t)n * 0x9E3779B9u;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    return h ^ h >> 13;
}

static void compare_words(cg_harness *harness, const char *what, const uint32_t *got,
                          const uint32_t *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cg_harness_compare_one(harness, what, i, (double)got[i], (double)expected[i], 0);
}

/* ---- commands in a row ----------------------------------------------------------------------- */

/* The state as the device has it, and as it has to be. */
typedef struct row {
    cg_harness *harness;
    cg_buffer *state, *given;
    uint32_t expected[MOST], words[CG_COMMAND_WORDS];
} row;

/* Each launch of a row has another term, and often another size. */
static cg_status launch_step(row *r, size_t launch)
{
    static const size_t sizes[] = {MOST, 1, 64, 65, 7, 127, 63};
    const size_t count = sizes[launch % CG_COUNT(sizes)];
    const cg_launch step = {.file = "step.cl", .kernel = "command_step", .global = {count}};
    for (size_t i = 0; i < count; i++)
        r->expected[i] = CG_COMMAND_FACTOR * r->expected[i] + r->words[i % CG_COMMAND_WORDS] +
                         mix(launch) + (uint32_t)i;
    return CG_LAUNCH(r->harness->rt, &step, cg_arg_buffer(r->state), cg_arg_buffer(r->given),
                     cg_arg_uint(mix(launch)), cg_arg_int(count));
}

/* An upload, a launch that takes what was uploaded, a fill, two launches that take what was filled,
 * and a download of a part of the state, which at the same place was another one before. */
static cg_status run_round(row *r, size_t round)
{
    cg_status status = CG_OK;
    const size_t first = round % PLACES;
    uint32_t got[MOST];
    char what[64];

    snprintf(what, sizeof what, "after round %zu of commands the state", round + 1);
    for (size_t i = 0; i < CG_COMMAND_WORDS; i++)
        r->words[i] = mix(round + i);
    CG_TRY(cg_buffer_upload(r->given, 0, r->words, sizeof r->words));
    CG_TRY(launch_step(r, ROUND * round));
    for (size_t i = 0; i < CG_COMMAND_WORDS; i++)
        r->words[i] = ~mix(round);
    CG_TRY(cg_buffer_fill(r->given, ~mix(round)));
    for (size_t i = 1; i < ROUND; i++)
        CG_TRY(launch_step(r, ROUND * round + i));
    CG_TRY(
        cg_buffer_download(r->state, first * sizeof *got, got, sizeof got - first * sizeof *got));
    compare_words(r->harness, what, got, r->expected + first, MOST - first);
done:
    return status;
}

cg_status cg_verify_commands(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    row r = {.harness = harness};

    CG_TRY(cg_harness_output(&r.state, harness, sizeof r.expected));
    CG_TRY(cg_harness_output(&r.given, harness, sizeof r.words));
    CG_TRY(cg_buffer_upload(r.state, 0, r.expected, sizeof r.expected));
    for (size_t i = 0; i < check->array.count && harness->result->ok; i++)
        CG_TRY(run_round(&r, i));
done:
    return status;
}

/* ---- work-groups ----------------------------------------------------------------------------- */

static cg_status check_places(cg_harness *harness)
{
    cg_status status = CG_OK;
    const size_t count = (size_t)WIDTH * HEIGHT * DEPTH;
    const cg_launch launch = {
        .file = "step.cl", .kernel = "command_place", .global = {WIDTH, HEIGHT, DEPTH}};
    cg_buffer *out;
    uint32_t *got, *expected;

    CG_TRY(cg_harness_array(&got, harness, count, sizeof *got));
    CG_TRY(cg_harness_array(&expected, harness, count, sizeof *expected));
    for (size_t i = 0; i < count; i++)
        expected[i] =
            (uint32_t)((i / WIDTH / HEIGHT << 20) + (i / WIDTH % HEIGHT << 10) + i % WIDTH);
    CG_TRY(cg_harness_output(&out, harness, count * sizeof *got));
    CG_TRY(CG_LAUNCH(harness->rt, &launch, cg_arg_buffer(out), cg_arg_int(WIDTH),
                     cg_arg_int(HEIGHT), cg_arg_int(DEPTH)));
    CG_TRY(cg_buffer_download(out, 0, got, count * sizeof *got));
    compare_words(harness, "the place of work-item", got, expected, count);
done:
    return status;
}

/* Groups that exchange words through local memory. */
static cg_status check_reverse(cg_harness *harness)
{
    cg_status status = CG_OK;
    enum { GROUP = 64, GROUPS = 5, COUNT = GROUP * GROUPS };
    cg_launch launch = {.file = "step.cl", .kernel = "command_reverse", .global = {COUNT}};
    cg_buffer *in, *out;
    uint32_t words[COUNT], got[COUNT], expected[COUNT];

    CG_TRY(cg_launch_fit_group(&launch, harness->rt, GROUP));
    const size_t group = launch.local[0], bytes = group * sizeof *words;
    for (size_t i = 0; i < COUNT; i++)
        words[i] = mix(i);
    for (size_t i = 0; i < COUNT; i++)
        expected[i] =
            words[i / group * group + group - 1 - i % group] + CG_COMMAND_FACTOR * words[i];
    CG_TRY(cg_harness_input_bytes(&in, harness, words, sizeof words));
    CG_TRY(cg_harness_output(&out, harness, sizeof got));
    CG_TRY(CG_LAUNCH(harness->rt, &launch, cg_arg_buffer(out), cg_arg_buffer(in),
                     cg_arg_local(bytes), cg_arg_local(bytes)));
    CG_TRY(cg_buffer_download(out, 0, got, sizeof got));
    compare_words(harness, "what went through local memory", got, expected, COUNT);
done:
    return status;
}

cg_status cg_verify_groups(cg_harness *harness, const cg_verify_case *check)
{
    (void)check;
    cg_status status = check_places(harness);
    return status == CG_OK ? check_reverse(harness) : status;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Fills a view, and writes some words into it behind its first ones; expected: the view's words. */
static cg_status write_view(cg_buffer *view, uint32_t *expected, size_t number)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < view->bytes / sizeof *expected; i++)
        expected[i] = mix(number);
    for (size_t i = 0; i < CG_COMMAND_WORDS; i++)
        expected[number + i] = mix(VIEWS + i);
    CG_TRY(cg_buffer_fill(view, mix(number)));
    CG_TRY(cg_buffer_upload(view, number * sizeof *expected, expected + number,
                            CG_COMMAND_WORDS * sizeof *expected));
done:
    return status;
}

/* Copies words of another buffer into this one, each time from another place to another one. */
static cg_status copy_parts(cg_harness *harness, cg_buffer *whole, uint32_t *expected, size_t count)
{
    enum { COPIES = 5, WORDS = 3 };
    cg_status status = CG_OK;
    cg_buffer *other;
    uint32_t *words;
    CG_TRY(cg_harness_array(&words, harness, count, sizeof *words));
    for (size_t i = 0; i < count; i++)
        words[i] = mix(count + i);
    CG_TRY(cg_harness_input_bytes(&other, harness, words, count * sizeof *words));
    for (size_t i = 0; i < COPIES; i++) {
        const size_t from = (i * i + COPIES) % (count - WORDS), at = i * (count - WORDS) / COPIES;
        memcpy(expected + at, words + from, WORDS * sizeof *words);
        CG_TRY(cg_buffer_copy_part(whole, at * sizeof *words, other, from * sizeof *words,
                                   WORDS * sizeof *words));
    }
done:
    return status;
}

/* Views leave gaps between them; the whole buffer shows what is done to them where they are, and
 * what is copied to a part of it. */
cg_status cg_verify_views(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const size_t step = harness->rt->info.alignment_bytes / sizeof(uint32_t);
    const size_t part = cg_round_up(2 * CG_COMMAND_WORDS, step);
    const size_t count = (2 * VIEWS + 1) * part;
    cg_buffer *whole, *view = NULL;
    uint32_t *got, *expected;

    (void)check;
    CG_TRY(cg_harness_array(&got, harness, count, sizeof *got));
    CG_TRY(cg_harness_array(&expected, harness, count, sizeof *expected));
    for (size_t i = 0; i < count; i++)
        expected[i] = ~mix(i);
    CG_TRY(cg_harness_input_bytes(&whole, harness, expected, count * sizeof *got));
    for (size_t i = 0; i < VIEWS; i++) {
        const size_t first = (2 * i + 1) * part;
        cg_buffer_release(view);
        CG_TRY(cg_buffer_create_view(&view, whole, first * sizeof *got, part * sizeof *got));
        CG_TRY(write_view(view, expected + first, i));
    }
    CG_TRY(copy_parts(harness, whole, expected, count));
    CG_TRY(cg_buffer_download(whole, 0, got, count * sizeof *got));
    compare_words(harness, "the whole buffer", got, expected, count);
done:
    cg_buffer_release(view);
    return status;
}

cg_status cg_verify_transfer(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    const size_t count = check->array.count / sizeof(uint32_t) + 1;
    cg_buffer *buffer;
    uint32_t *sent, *got;

    CG_TRY(cg_harness_array(&got, harness, count, sizeof *got));
    CG_TRY(cg_harness_array(&sent, harness, count, sizeof *sent));
    CG_TRY(cg_harness_output(&buffer, harness, count * sizeof *got));
    for (size_t i = 0; i < count; i++)
        sent[i] = mix(i);
    CG_TRY(cg_buffer_upload(buffer, 0, sent, count * sizeof *sent));
    CG_TRY(cg_buffer_download(buffer, 0, got, count * sizeof *got));
    compare_words(harness, "what was sent", got, sent, count);
done:
    return status;
}
