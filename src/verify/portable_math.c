/* The portable functions on a device against the host's, bit for bit. */
#include "verify/harness.h"

#include "base/portable_math.h"
#include "base/try.h"
#include "ops/portable_math.h"

#include <string.h>

/* Arguments at which something changes, each taken with either sign. */
static const uint32_t special[] = {
    0x00000000, 0x00000001, 0x007FFFFF, 0x00800000, 0x00800001, 0x00FFFFFF, /* zero, denormals   */
    0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FBFFFFF, 0x7FC00000, 0x7FFFFFFF, /* infinity, NaN     */
    0x3F800000, 0x3F7FFFFF, 0x3F800001, 0x40000000, 0x3F000000, 0x3E800000, /* 1, 2, 1/2, 1/4    */
    0x3F3FFFFF, 0x3F400000, 0x3FBFFFFF, 0x3FC00000, 0x32FFFFFF, 0x33000000, /* log, log1p        */
    0x397FFFFF, 0x39800000, 0x3F199999, 0x3F19999A, 0x41200000, 0x41200001, /* tanh              */
    0x42B17217, 0x42B17218, 0x42AEAC4F, 0x42AEAC50, 0x42D00000, 0x42D00001, /* exp's limits      */
    0x4A7FFFFF, 0x4A800000, 0x4AFFFFFF, 0x4B000000, 0x4B7FFFFF, 0x4B800000, /* whole numbers     */
    0x7E7FFFFF, 0x7E800000, 0x7E800001, 0x7EFFFFFF, 0x7F000000, 0x217FFFFF, /* denormal 1 / x    */
};

/* A word that looks random: the finaliser of MurmurHash3. */
static uint32_t mixed(uint32_t x)
{
    x = (x ^ x >> 16) * 0x85EBCA6Bu;
    x = (x ^ x >> 13) * 0xC2B2AE35u;
    return x ^ x >> 16;
}

enum { SPECIAL = 2 * CG_COUNT(special) };

/* Each special value meets each other first; then each sign and exponent has its turn, with a
 * fraction. */
static uint32_t argument(size_t i, size_t place, uint32_t seed)
{
    if (i < (size_t)SPECIAL * SPECIAL)
        return special[place / 2] | (place % 2 ? CG_FLOAT_SIGN : 0);
    return (uint32_t)i << 23 | (mixed((uint32_t)i + seed) & CG_FLOAT_FRACTION);
}

static uint32_t first_argument(size_t i, uint32_t seed)
{
    return argument(i, i % SPECIAL, seed);
}

/* The sign and exponent go through all, too, while the first argument's stay. */
static uint32_t second_argument(size_t i, uint32_t seed)
{
    return argument(i, i / SPECIAL, ~seed) + (uint32_t)(i >> 9 << 23);
}

static float value_on_host(int f, uint32_t a, uint32_t b)
{
    return f == CG_PORTABLE_DIV ? cg_portable_div(portable_float(a), portable_float(b))
                                : cg_portable_functions[f].value(portable_float(a));
}

/* The arguments, the host's results and the device's, and how many there are. */
typedef struct samples {
    uint32_t *a, *b, *expected, *got;
    cg_buffer *a_buffer, *b_buffer;
    size_t n;
} samples;

/* Scalars or vectors. */
static cg_status compare(cg_harness *harness, samples *s, int f, bool vectors)
{
    cg_status status = CG_OK;
    const char *name = f == CG_PORTABLE_DIV ? "div" : cg_portable_functions[f].name;
    cg_buffer *out;

    CG_TRY(cg_harness_output(&out, harness, s->n * sizeof *s->got));
    CG_TRY(cg_portable_math(harness->rt, out, s->a_buffer, s->b_buffer, 0, s->n, f, vectors));
    CG_TRY(cg_buffer_download(out, 0, s->got, s->n * sizeof *s->got));
    for (size_t i = 0; i < s->n; i++)
        if (s->got[i] != s->expected[i])
            cg_harness_fail(harness, "%s%s(%08x, %08x) is %08x, not %08x", vectors ? "v" : "", name,
                            s->a[i], s->b[i], s->got[i], s->expected[i]);
done:
    return status;
}

static cg_status draw_samples(samples *s, cg_harness *harness, uint32_t seed)
{
    cg_status status = CG_OK;
    uint32_t **arrays[] = {&s->a, &s->b, &s->expected, &s->got};
    for (size_t i = 0; i < CG_COUNT(arrays); i++)
        CG_TRY(cg_harness_array(arrays[i], harness, s->n, sizeof **arrays[i]));
    for (size_t i = 0; i < s->n; i++) {
        s->a[i] = first_argument(i, seed);
        s->b[i] = second_argument(i, seed);
    }
    CG_TRY(cg_harness_input_bytes(&s->a_buffer, harness, s->a, s->n * sizeof *s->a));
    CG_TRY(cg_harness_input_bytes(&s->b_buffer, harness, s->b, s->n * sizeof *s->b));
done:
    return status;
}

cg_status cg_verify_portable_math(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    samples s = {.n = cg_round_up(check->array.count, CG_BLOCK)};

    CG_TRY(draw_samples(&s, harness, (uint32_t)check->array.seed));
    for (int f = 0; f < CG_PORTABLE_FUNCTIONS; f++) {
        for (size_t i = 0; i < s.n; i++)
            s.expected[i] = portable_bits(value_on_host(f, s.a[i], s.b[i]));
        CG_TRY(compare(harness, &s, f, false));
        CG_TRY(compare(harness, &s, f, true));
    }
done:
    return status;
}
