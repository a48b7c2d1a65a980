/* The functions of portable_math.h for one type, F: that file includes this one once for floats
 * and once for vectors, with these macros, and F2B, B2F, B2I, I2B, I2F, as conversions:
 *
 *     F, I, B     floats, ints and uints, which hold a float's bits
 *     NAME(f)     the function's name
 *     FMA(a,b,c)  a b + c, rounded once
 *
 * Each statement rounds once at most, so that an assignment drops the excess precision that some
 * processors compute with. No intermediate result is denormal, and none that counts is infinite or
 * NaN: an argument for which it would be is replaced before, and the result selected, by bits.
 */

/* Zeros and denormals become +0: OpenCL does not say which sign a flushed number has. All NaNs
 * become one. */
static inline F NAME(flush)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    const B result = size < CG_FLOAT_SMALLEST ? (B)(0u) : bits;
    return B2F(size > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* y 2^e with a sign, for a positive y: 0 or infinite where the exponent does not fit. */
static inline F NAME(scaled)(F y, I e, B sign)
{
    const B bits = F2B(y);
    const I exponent = B2I(bits >> 23) + e;
    B result = bits + (I2B(e) << 23);
    result = exponent <= 0 ? (B)(0u) : result;
    result = exponent >= 255 ? (B)(CG_FLOAT_INFINITY) : result;
    return B2F(result | sign);
}

/* 1 / x within an ulp, for 2^-60 < x < 2^60: a cubic step and two of Newton's from an integer's
 * guess, which is 12 % off. */
static inline F NAME(near_rcp)(F x)
{
    F y = B2F(0x7EF311C3u - F2B(x));
    F e = FMA(-x, y, (F)(1.0f));
    e = FMA(e, e, e);
    y = FMA(e, y, y);
    e = FMA(-x, y, (F)(1.0f));
    y = FMA(e, y, y);
    e = FMA(-x, y, (F)(1.0f));
    return FMA(e, y, y);
}

/* 1 / m rounded correctly, for 1 <= m < 2. The error of near_rcp's result is computed exactly. The
 * greatest m is the one exception (Markstein 1990). */
static inline F NAME(rcp_of_significand)(F m)
{
    const F y = NAME(near_rcp)(m);
    const F e = FMA(-m, y, (F)(1.0f));
    const F result = FMA(e, y, y);
    return B2F(F2B(m) == 0x3FFFFFFFu ? (B)(0x3F000001u) : F2B(result));
}

/* a / b, rounded to 24 bits as if exponents had no limits, to the nearest and ties to even. After
 * Markstein 1990: the last correction of the quotient is exact before it is rounded. */
static inline F NAME(div)(F a, F b)
{
    const B a_bits = F2B(a) & CG_FLOAT_ABS, b_bits = F2B(b) & CG_FLOAT_ABS;
    const B sign = (F2B(a) ^ F2B(b)) & CG_FLOAT_SIGN;
    const I e = B2I(a_bits >> 23) - B2I(b_bits >> 23);
    const F m = B2F((a_bits & CG_FLOAT_FRACTION) | CG_FLOAT_ONE);
    const F d = B2F((b_bits & CG_FLOAT_FRACTION) | CG_FLOAT_ONE);
    const F y = NAME(rcp_of_significand)(d);
    F q = m * y;
    F r = FMA(-d, q, m);
    q = FMA(r, y, q);
    r = FMA(-d, q, m);
    q = FMA(r, y, q);

    const I a_zero = a_bits < CG_FLOAT_SMALLEST, b_zero = b_bits < CG_FLOAT_SMALLEST;
    const I a_large = a_bits >= CG_FLOAT_INFINITY, b_large = b_bits >= CG_FLOAT_INFINITY;
    B result = F2B(NAME(scaled)(q, e, sign));
    result = a_zero | b_large ? sign : result;
    result = b_zero | a_large ? sign | CG_FLOAT_INFINITY : result;
    result = (a_zero & b_zero) | (a_large & b_large) ? (B)(CG_FLOAT_NAN) : result;
    result = a_bits > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result;
    return B2F(b_bits > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* 1 / x, as div(1, x) is. */
static inline F NAME(rcp)(F x)
{
    const B bits = F2B(x) & CG_FLOAT_ABS, sign = F2B(x) & CG_FLOAT_SIGN;
    const F m = B2F((bits & CG_FLOAT_FRACTION) | CG_FLOAT_ONE);
    const F y = NAME(rcp_of_significand)(m);
    B result = F2B(NAME(scaled)(y, 127 - B2I(bits >> 23), sign));
    result = bits < CG_FLOAT_SMALLEST ? sign | CG_FLOAT_INFINITY : result;
    result = bits == CG_FLOAT_INFINITY ? sign : result;
    return B2F(bits > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* The significand m of a positive normal number x, 1 <= m < 4, and half of its exponent:
 * x = m 4^halved. */
static inline F NAME(split_even)(B bits, I *halved)
{
    *halved = (B2I(bits >> 23) - 127) >> 1;
    return B2F(bits - (I2B(*halved) << 24));
}

/* 1 / (2 sqrt(m)) within some 2^-22 of it, for 1 <= m < 4: the coupled iteration of Goldschmidt
 * 1964, from an integer's guess, which is 3.5 % off. */
static inline F NAME(near_half_rsqrt)(F m)
{
    const F y = B2F(0x5F375A86u - (F2B(m) >> 1));
    F g = m * y;
    F h = y * 0.5f;
    F r = FMA(-g, h, (F)(0.5f));
    g = FMA(g, r, g);
    h = FMA(h, r, h);
    r = FMA(-g, h, (F)(0.5f));
    g = FMA(g, r, g);
    h = FMA(h, r, h);
    r = FMA(-g, h, (F)(0.5f));
    return FMA(h, r, h);
}

/* The square root, rounded correctly. That of -0 or of a negative denormal number is -0. */
static inline F NAME(sqrt)(F x)
{
    const B bits = F2B(x), sign = bits & CG_FLOAT_SIGN;
    I halved;
    const F m = NAME(split_even)(bits & CG_FLOAT_ABS, &halved);
    const F h = NAME(near_half_rsqrt)(m);
    F s = m * h;
    s = s + s;
    const F r = FMA(-s, s, m);
    s = FMA(r, h, s);
    B result = F2B(s) + (I2B(halved) << 23);
    result = bits >= CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result;
    result = bits == CG_FLOAT_INFINITY ? bits : result;
    return B2F((bits & CG_FLOAT_ABS) < CG_FLOAT_SMALLEST ? sign : result);
}

/* 1 / sqrt(x). That of a zero is infinite, with the zero's sign. */
static inline F NAME(rsqrt)(F x)
{
    const B bits = F2B(x), sign = bits & CG_FLOAT_SIGN;
    I halved;
    const F m = NAME(split_even)(bits & CG_FLOAT_ABS, &halved);
    const F h = NAME(near_half_rsqrt)(m);
    const F y = h + h;
    const F t = m * y;
    const F lost = FMA(m, y, -t);
    F e = FMA(-t, y, (F)(1.0f));
    e = FMA(-lost, y, e);
    B result = F2B(FMA(e, h, y)) - (I2B(halved) << 23);
    result = bits >= CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result;
    result = bits == CG_FLOAT_INFINITY ? (B)(0u) : result;
    return B2F((bits & CG_FLOAT_ABS) < CG_FLOAT_SMALLEST ? sign | CG_FLOAT_INFINITY : result);
}

/* exp(x) = p 2^n for |x| < 2^20, with 0.7 < p < 1.5. The multiple of log(2) is taken off in two
 * parts (Cody and Waite 1980). */
static inline F NAME(exp_parts)(F x, I *n)
{
    const F shifted = FMA(x, (F)(0x1.715476p0f), (F)(CG_FLOAT_ROUNDER)); /* log2(e) */
    const F whole = shifted - CG_FLOAT_ROUNDER;
    *n = B2I(F2B(shifted) - F2B((F)(CG_FLOAT_ROUNDER)));
    F r = FMA(-whole, (F)(CG_LN2_HIGH), x);
    r = FMA(-whole, (F)(CG_LN2_LOW), r);
    F p = FMA((F)(0x1.6cefe4p-10f), r, (F)(0x1.1241eap-7f));
    p = FMA(p, r, (F)(0x1.55552ap-5f));
    p = FMA(p, r, (F)(0x1.555486p-3f));
    p = FMA(p, r, (F)(0.5f));
    p = FMA(p, r, (F)(1.0f));
    return FMA(p, r, (F)(1.0f));
}

/* e^x. */
static inline F NAME(exp)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    const I far = size > 0x42D00000u; /* 104: beyond all finite results, or a NaN */
    I n;
    const F p = NAME(exp_parts)(B2F((size < CG_FLOAT_SMALLEST) | far ? (B)(0u) : bits), &n);
    B result = F2B(NAME(scaled)(p, n, (B)(0u)));
    result = far ? (bits >= CG_FLOAT_SIGN ? (B)(0u) : (B)(CG_FLOAT_INFINITY)) : result;
    return B2F(size > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* log(1 + f) + e log(2) for -1/4 <= f < 1/2: f is 0 or at least 2^-60. */
static inline F NAME(log_sum)(F f, I e)
{
    const F s = f * f;
    F p = FMA((F)(-0x1.713e88p-5f), f, (F)(0x1.ac8e2p-4f));
    p = FMA(p, f, (F)(-0x1.0d89dp-3f));
    p = FMA(p, f, (F)(0x1.28848ap-3f));
    p = FMA(p, f, (F)(-0x1.54effcp-3f));
    p = FMA(p, f, (F)(0x1.9969b4p-3f));
    p = FMA(p, f, (F)(-0x1.00004p-2f));
    p = FMA(p, f, (F)(0x1.5555a2p-2f));
    p = FMA(p, f, (F)(-0.5f));
    p = FMA(p, s, f);
    return FMA(I2F(e), (F)(CG_LN2_HIGH), p);
}

/* The exponent e with 3/4 <= x 2^-e < 3/2, for a positive normal x. */
static inline I NAME(log_exponent)(B bits)
{
    return B2I(bits - 0x3F400000u) >> 23;
}

/* The natural logarithm. That of a zero of either sign is -infinite, below NaN. */
static inline F NAME(log)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    const I e = NAME(log_exponent)(bits);
    const F m = B2F(bits - (I2B(e) << 23));
    const I special = (bits < CG_FLOAT_SMALLEST) | (bits >= CG_FLOAT_INFINITY);
    const F f = B2F(special ? (B)(0u) : F2B(m - 1.0f));
    B result = F2B(NAME(log_sum)(f, e));
    result = bits == CG_FLOAT_INFINITY ? bits : result;
    result = bits > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result;
    return B2F(size < CG_FLOAT_SMALLEST ? (B)(CG_FLOAT_SIGN | CG_FLOAT_INFINITY) : result);
}

/* log(1 + x). 1 + x is rounded only to find its exponent; x itself is scaled. */
static inline F NAME(log1p)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    const I tiny = size < 0x33000000u; /* 2^-25 */
    const I special = tiny | (bits >= 0xBF800000u) | (size >= CG_FLOAT_INFINITY);
    const F xs = B2F(special ? (B)(0u) : bits);
    const F u = xs + 1.0f;
    const I e = NAME(log_exponent)(F2B(u));
    const F scaled = B2F(special ? (B)(0u) : F2B(xs) - (I2B(e) << 23));
    const F power = B2F(0x40800000u - (I2B(e) << 23)); /* 4 2^-e, which is normal */
    const F one = FMA(power, (F)(0.25f), (F)(-1.0f));
    const F f = scaled + one;
    B result = F2B(NAME(log_sum)(f, e));
    result = tiny ? bits : result;
    result = size < CG_FLOAT_SMALLEST ? bits & CG_FLOAT_SIGN : result;
    result = bits == CG_FLOAT_INFINITY ? bits : result;
    result = bits == 0xBF800000u ? (B)(CG_FLOAT_SIGN | CG_FLOAT_INFINITY) : result; /* -1 */
    result = bits > 0xBF800000u ? (B)(CG_FLOAT_NAN) : result;
    return B2F(size > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* The hyperbolic tangent: near 0 a polynomial, then 1 - 2 / (e^2|x| + 1). */
static inline F NAME(tanh)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    const I tiny = size < 0x39800000u; /* 2^-12: x itself */
    const I near = size < 0x3F19999Au; /* 0.6 */
    const I far = size > 0x41200000u;  /* 10: 1 */
    const F a = B2F(tiny | far ? (B)(0u) : size);
    const F s = a * a;
    F p = FMA((F)(-0x1.82511p-8f), s, (F)(0x1.54bb92p-6f));
    p = FMA(p, s, (F)(-0x1.b89a04p-5f));
    p = FMA(p, s, (F)(0x1.1109bcp-3f));
    p = FMA(p, s, (F)(-0x1.55553ep-2f));
    p = p * s;
    p = FMA(p, a, a);

    I n;
    const F e = NAME(exp_parts)(a + a, &n);
    const F power = B2F(F2B(e) + (I2B(n) << 23));
    const F y = NAME(near_rcp)(power + 1.0f);
    B result = near ? F2B(p) : F2B(FMA((F)(-2.0f), y, (F)(1.0f)));
    result = tiny ? size : result;
    result = far ? (B)(CG_FLOAT_ONE) : result;
    result = size < CG_FLOAT_SMALLEST ? (B)(0u) : result;
    result = result | (bits & CG_FLOAT_SIGN);
    return B2F(size > CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* *quarter and the result r, at most 1/4, with |x| = 2 k + *quarter / 2 + r; 0 for whole multiples
 * of 2, and where there is none. */
static inline F NAME(half_turns)(B size, I *quarter)
{
    const F a = B2F(((size >= 0x4B800000u) | (size < CG_FLOAT_SMALLEST)) ? (B)(0u) : size);
    const F shifted = FMA(a, (F)(0.5f), (F)(0x1p23f));
    const F turns = shifted - 0x1p23f;
    const F y = FMA(turns, (F)(-2.0f), a);
    const F quarters = FMA(y, (F)(2.0f), (F)(CG_FLOAT_ROUNDER));
    const F whole = quarters - CG_FLOAT_ROUNDER;
    *quarter = B2I(F2B(quarters)) & 3;
    return FMA(whole, (F)(-0.5f), y);
}

/* sin(pi r) for |r| <= 1/4. */
static inline F NAME(sinpi_near)(F r)
{
    const F within = B2F((F2B(r) & CG_FLOAT_ABS) < 0x21800000u ? (B)(0u) : F2B(r)); /* 2^-60 */
    const F s = within * within;
    F p = FMA((F)(-0x1.2ddcecp-1f), s, (F)(0x1.46607ep1f));
    p = FMA(p, s, (F)(-0x1.4abbcp2f));
    p = FMA(p, s, (F)(-0x1.777a5cp-24f)); /* pi, less its float */
    p = p * within;
    return FMA(r, (F)(0x1.921fb6p1f), p);
}

/* cos(pi r) for |r| <= 1/4. */
static inline F NAME(cospi_near)(F r)
{
    const F within = B2F((F2B(r) & CG_FLOAT_ABS) < 0x21800000u ? (B)(0u) : F2B(r)); /* 2^-60 */
    const F s = within * within;
    F p = FMA((F)(0x1.d3edc4p-3f), s, (F)(-0x1.55afbap0f));
    p = FMA(p, s, (F)(0x1.03c1acp2f));
    p = FMA(p, s, (F)(-0x1.3bd3ccp2f));
    return FMA(p, s, (F)(1.0f));
}

/* sin(pi x). A whole x gives a zero with its sign. */
static inline F NAME(sinpi)(F x)
{
    const B bits = F2B(x), size = bits & CG_FLOAT_ABS;
    I quarter;
    const F r = NAME(half_turns)(size, &quarter);
    const F sine = NAME(sinpi_near)(r), cosine = NAME(cospi_near)(r);
    B result = (quarter & 1) != 0 ? F2B(cosine) : F2B(sine);
    result = result ^ (I2B(quarter & 2) << 30);
    result = (result & CG_FLOAT_ABS) == 0u ? (B)(0u) : result;
    result = result ^ (bits & CG_FLOAT_SIGN);
    return B2F(size >= CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}

/* cos(pi x). That of a half is +0. */
static inline F NAME(cospi)(F x)
{
    const B size = F2B(x) & CG_FLOAT_ABS;
    I quarter;
    const F r = NAME(half_turns)(size, &quarter);
    const F sine = NAME(sinpi_near)(r), cosine = NAME(cospi_near)(r);
    B result = (quarter & 1) != 0 ? F2B(sine) : F2B(cosine);
    result = result ^ (I2B((quarter + 1) & 2) << 30);
    result = (result & CG_FLOAT_ABS) == 0u ? (B)(0u) : result;
    return B2F(size >= CG_FLOAT_INFINITY ? (B)(CG_FLOAT_NAN) : result);
}
