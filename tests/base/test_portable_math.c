/* The portable functions in C: their special values, their accuracy, and their bits, which are the
 * same on every machine. */
#include "base/portable_math.h"
#include "base/memory.h"
#include "support.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define INF   CG_FLOAT_INFINITY
#define NAN_  CG_FLOAT_NAN
#define MINUS CG_FLOAT_SIGN
#define ONE   CG_FLOAT_ONE
#define MIN   CG_FLOAT_SMALLEST
#define MAX   (CG_FLOAT_INFINITY - 1)

static const cg_portable_function *const functions = cg_portable_functions;

/* ---- special values -------------------------------------------------------------------------- */

static const struct {
    int f;
    uint32_t x, y;
} specials[] = {
    {CG_PORTABLE_FLUSH, 0, 0},
    {CG_PORTABLE_FLUSH, MINUS, 0},
    {CG_PORTABLE_FLUSH, MINUS | (MIN - 1), 0},
    {CG_PORTABLE_FLUSH, MINUS | MIN, MINUS | MIN},
    {CG_PORTABLE_FLUSH, MINUS | INF, MINUS | INF},
    {CG_PORTABLE_RCP, 0, INF},
    {CG_PORTABLE_RCP, MINUS, MINUS | INF},
    {CG_PORTABLE_RCP, MINUS | 1, MINUS | INF},
    {CG_PORTABLE_RCP, INF, 0},
    {CG_PORTABLE_RCP, MINUS | INF, MINUS},
    {CG_PORTABLE_RCP, MIN, 0x7E800000},
    {CG_PORTABLE_RCP, 0x7E800000, MIN},
    {CG_PORTABLE_RCP, 0x7E800001, 0},          /* below 2^-126 */
    {CG_PORTABLE_RCP, 0x3FFFFFFF, 0x3F000001}, /* Markstein's exception */
    {CG_PORTABLE_SQRT, MINUS, MINUS},
    {CG_PORTABLE_SQRT, MINUS | 1, MINUS},
    {CG_PORTABLE_SQRT, MINUS | MIN, NAN_},
    {CG_PORTABLE_SQRT, MINUS | INF, NAN_},
    {CG_PORTABLE_SQRT, INF, INF},
    {CG_PORTABLE_SQRT, MIN, 0x20000000},
    {CG_PORTABLE_RSQRT, 0, INF},
    {CG_PORTABLE_RSQRT, MINUS, MINUS | INF},
    {CG_PORTABLE_RSQRT, INF, 0},
    {CG_PORTABLE_RSQRT, MINUS | ONE, NAN_},
    {CG_PORTABLE_EXP, MINUS, ONE},
    {CG_PORTABLE_EXP, 1, ONE},
    {CG_PORTABLE_EXP, INF, INF},
    {CG_PORTABLE_EXP, MINUS | INF, 0},
    {CG_PORTABLE_EXP, 0x42B17218, INF}, /* 88.72284 */
    {CG_PORTABLE_EXP, 0xC2AEAC51, 0},   /* -87.33655, below 2^-126 */
    {CG_PORTABLE_EXP, MAX, INF},
    {CG_PORTABLE_EXP, MINUS | MAX, 0},
    {CG_PORTABLE_LOG, 0, MINUS | INF},
    {CG_PORTABLE_LOG, MINUS, MINUS | INF},
    {CG_PORTABLE_LOG, MIN - 1, MINUS | INF},
    {CG_PORTABLE_LOG, MINUS | MIN, NAN_},
    {CG_PORTABLE_LOG, MINUS | INF, NAN_},
    {CG_PORTABLE_LOG, ONE, 0},
    {CG_PORTABLE_LOG, INF, INF},
    {CG_PORTABLE_LOG1P, MINUS, MINUS},
    {CG_PORTABLE_LOG1P, MINUS | 1, MINUS},
    {CG_PORTABLE_LOG1P, MINUS | MIN, MINUS | MIN},
    {CG_PORTABLE_LOG1P, MINUS | ONE, MINUS | INF},
    {CG_PORTABLE_LOG1P, MINUS | (ONE + 1), NAN_},
    {CG_PORTABLE_LOG1P, MINUS | INF, NAN_},
    {CG_PORTABLE_LOG1P, INF, INF},
    {CG_PORTABLE_TANH, MINUS, MINUS},
    {CG_PORTABLE_TANH, MINUS | 1, MINUS},
    {CG_PORTABLE_TANH, MIN, MIN},
    {CG_PORTABLE_TANH, INF, ONE},
    {CG_PORTABLE_TANH, MINUS | MAX, MINUS | ONE},
    {CG_PORTABLE_SINPI, MINUS, MINUS},
    {CG_PORTABLE_SINPI, ONE, 0},
    {CG_PORTABLE_SINPI, MINUS | ONE, MINUS},
    {CG_PORTABLE_SINPI, 0x3F000000, ONE},
    {CG_PORTABLE_SINPI, 0x3FC00000, MINUS | ONE},
    {CG_PORTABLE_SINPI, MAX, 0},
    {CG_PORTABLE_SINPI, INF, NAN_},
    {CG_PORTABLE_COSPI, 0, ONE},
    {CG_PORTABLE_COSPI, MINUS | ONE, MINUS | ONE},
    {CG_PORTABLE_COSPI, MINUS | 0x3F000000, 0},
    {CG_PORTABLE_COSPI, 0x3FC00000, 0},
    {CG_PORTABLE_COSPI, MAX, ONE},
    {CG_PORTABLE_COSPI, INF, NAN_},
};

START_TEST(special_values)
{
    for (size_t i = 0; i < CG_COUNT(specials); i++) {
        uint32_t got = portable_bits(functions[specials[i].f].value(portable_float(specials[i].x)));
        ck_assert_msg(got == specials[i].y, "%s(%08x) is %08x, not %08x",
                      functions[specials[i].f].name, specials[i].x, got, specials[i].y);
    }
}
END_TEST

/* All NaNs give the one. */
START_TEST(nan_in_nan_out)
{
    static const uint32_t nans[] = {0x7F800001, 0x7FBFFFFF, 0x7FC00001, 0xFFC00000, 0xFFFFFFFF};
    for (int f = 0; f < CG_PORTABLE_DIV; f++)
        for (size_t i = 0; i < CG_COUNT(nans); i++)
            ck_assert_uint_eq(portable_bits(functions[f].value(portable_float(nans[i]))), NAN_);
}
END_TEST

/* ---- division -------------------------------------------------------------------------------- */

/* The next word of xorshift64, Marsaglia 2003. */
static uint64_t next_word(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static float flushed(float x)
{
    return portable_float(portable_bits(x) & (fabsf(x) < FLT_MIN ? MINUS : ~0u));
}

/* IEEE 754's quotient, with the same treatment of NaN and of denormal numbers. */
static uint32_t quotient(float a, float b)
{
    float q = flushed(a) / flushed(b);
    return isnan(q) ? NAN_ : portable_bits(flushed(q));
}

START_TEST(division_is_that_of_ieee_754)
{
    static const uint32_t edges[] = {0,   1,   MIN - 1, MIN,  MIN + 1, ONE - 1,    ONE,
                                     MAX, INF, INF + 1, NAN_, ONE + 1, 0x3FFFFFFF, 0x7E800001};
    uint64_t state = 1;
    for (size_t i = 0; i < 300000; i++) {
        uint64_t word = next_word(&state);
        size_t edge = word >> 40;
        uint32_t a = (uint32_t)word, b = (uint32_t)(word >> 32);
        a = i % 4 == 1 ? edges[edge % CG_COUNT(edges)] | (a & MINUS) : a;
        b = i % 4 < 2 ? edges[edge / 16 % CG_COUNT(edges)] | (b & MINUS) : b;
        b = i % 4 == 2 ? (b & ~MAX) | (a & MAX & ~7u) | (b & 7u) : b; /* quotients next to 1 */
        uint32_t got = portable_bits(cg_portable_div(portable_float(a), portable_float(b)));
        uint32_t expected = quotient(portable_float(a), portable_float(b));
        ck_assert_msg(got == expected, "%08x / %08x is %08x, not %08x", a, b, got, expected);
    }
}
END_TEST

/* ---- accuracy -------------------------------------------------------------------------------- */

static double exact_rcp(double x)
{
    return 1 / x;
}

static double exact_rsqrt(double x)
{
    return 1 / sqrt(x);
}

static double exact_sinpi(double x)
{
    double turns = fmod(x, 2), quarters = rint(2 * turns), r = acos(-1.0) * (turns - quarters / 2);
    int quarter = (int)quarters & 3;
    return (quarter & 2 ? -1 : 1) * (quarter & 1 ? cos(r) : sin(r));
}

static double exact_cospi(double x)
{
    return exact_sinpi(fmod(fabs(x), 2) + 0.5);
}

/* Each may be this many ulp wrong (docs/kernels.md). */
static const struct {
    double (*exact)(double x);
    double ulp;
} accuracy[CG_PORTABLE_DIV] = {
    [CG_PORTABLE_RCP] = {exact_rcp, 0.5},
    [CG_PORTABLE_SQRT] = {sqrt, 0.5},
    [CG_PORTABLE_RSQRT] = {exact_rsqrt, 0.501},
    [CG_PORTABLE_EXP] = {exp, 0.91},
    [CG_PORTABLE_LOG] = {log, 0.96},
    [CG_PORTABLE_LOG1P] = {log1p, 1.27},
    [CG_PORTABLE_TANH] = {tanh, 1.41},
    [CG_PORTABLE_SINPI] = {exact_sinpi, 0.98},
    [CG_PORTABLE_COSPI] = {exact_cospi, 0.89},
};

/* The tests go through all exponents by this step, with fractions that are not in line. */
enum { STEP = 65521 };

START_TEST(accuracy_in_ulp)
{
    for (int f = CG_PORTABLE_RCP; f < CG_PORTABLE_DIV; f++)
        for (uint64_t bits = MIN; bits < (uint64_t)1 << 32; bits += STEP) {
            float x = portable_float((uint32_t)bits), y = functions[f].value(x);
            double exact = accuracy[f].exact((double)x);
            int exponent;
            if (!isnormal(x) || isnan(exact) || isinf(y) || !(fabs(exact) >= (double)FLT_MIN))
                continue;
            frexp(exact, &exponent);
            double ulps = fabs((double)y - exact) / ldexp(1, exponent - FLT_MANT_DIG);
            ck_assert_msg(ulps <= accuracy[f].ulp + 1e-6, "%s(%a) is %a, %.3f ulp off",
                          functions[f].name, (double)x, (double)y, ulps);
        }
}
END_TEST

/* ---- bits ------------------------------------------------------------------------------------ */

/* Fowler, Noll and Vo's hash of words: their order in memory does not count. */
static uint64_t add_to_hash(uint64_t hash, uint32_t word)
{
    return (hash ^ word) * UINT64_C(0x100000001B3);
}

static const uint64_t digests[CG_PORTABLE_FUNCTIONS] = {
    [CG_PORTABLE_FLUSH] = UINT64_C(0x92DBA576658AD58D),
    [CG_PORTABLE_RCP] = UINT64_C(0x08AB2EC64A808958),
    [CG_PORTABLE_SQRT] = UINT64_C(0x59535475077E721D),
    [CG_PORTABLE_RSQRT] = UINT64_C(0x997817C817089D07),
    [CG_PORTABLE_EXP] = UINT64_C(0x4ED5CFB527E7AAAD),
    [CG_PORTABLE_LOG] = UINT64_C(0x7737DA3222FF91E6),
    [CG_PORTABLE_LOG1P] = UINT64_C(0xED5FA42209D0F62D),
    [CG_PORTABLE_TANH] = UINT64_C(0xA0D70FA8FF51FC42),
    [CG_PORTABLE_SINPI] = UINT64_C(0x5AE3C2CC9F758C8B),
    [CG_PORTABLE_COSPI] = UINT64_C(0x1CF78F7BAE7071AD),
    [CG_PORTABLE_DIV] = UINT64_C(0x213522165D53617E),
};

/* Another compiler, processor or C library changes nothing. */
START_TEST(bits_are_the_same_everywhere)
{
    for (int f = 0; f < CG_PORTABLE_FUNCTIONS; f++) {
        uint64_t hash = 0;
        for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += STEP) {
            float x = portable_float((uint32_t)bits),
                  other = portable_float((uint32_t)bits * 0x9E3779B1u);
            float y = f == CG_PORTABLE_DIV ? cg_portable_div(x, other) : functions[f].value(x);
            hash = add_to_hash(hash, portable_bits(y));
        }
        ck_assert_msg(hash == digests[f], "the digest of function %d is %016" PRIx64, f, hash);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("portable_math");
    tcase_set_timeout(tests, 600); /* for a busy machine */
    tcase_add_test(tests, special_values);
    tcase_add_test(tests, nan_in_nan_out);
    tcase_add_test(tests, division_is_that_of_ieee_754);
    tcase_add_test(tests, accuracy_in_ulp);
    tcase_add_test(tests, bits_are_the_same_everywhere);
    return run_case(tests, "base/portable_math");
}
