/* The inputs of a fixture: closed formulas of (seed, stream, element). */
#include "verify/fixture.h"

/* Streams of step t are 1000 t plus these. */
enum {
    STREAM_Z,
    STREAM_REAL,
    STREAM_MASK1_REAL,
    STREAM_MASK2_REAL,
    STREAM_MASK1_FAKE,
    STREAM_MASK2_FAKE,
    STREAM_SAMPLE
};

#define NOISE_SCALE 1.75

static uint64_t stream_of(size_t t, unsigned stream)
{
    return 1000 * (uint64_t)t + stream;
}

/* A uniform in [0, 1), a multiple of 2^-24. */
static double uniform(uint64_t seed, uint64_t stream, uint64_t i)
{
    uint64_t z = (i + 1) * 0x9E3779B97F4A7C15u + ((seed << 32) ^ stream) * 0xD1342543DE82EF95u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 40) * 0x1p-24;
}

void cg_fixture_signed(float *values, uint64_t seed, uint64_t stream, size_t n, double scale,
                       double offset)
{
    for (size_t i = 0; i < n; i++) {
        float centred = (float)((2.0 * uniform(seed, stream, i) - 1.0) * scale);
        values[i] = (float)(offset + (double)centred);
    }
}

void cg_fixture_mask(uint8_t *mask, uint64_t seed, uint64_t stream, size_t n)
{
    for (size_t i = 0; i < n; i++)
        mask[i] = uniform(seed, stream, i) >= 0.3;
}

void cg_fixture_param(float *w, const cg_fixture *fixture, cg_param_id id)
{
    cg_fixture_signed(w, fixture->seed, fixture->init[id].stream,
                      cg_param_size(&cg_model_params[id]), fixture->init[id].scale,
                      fixture->init[id].offset);
}

void cg_fixture_noise(float *z, const cg_fixture *fixture, size_t t)
{
    cg_fixture_signed(z, fixture->seed, stream_of(t, STREAM_Z), fixture->fake_batch * CG_NOISE,
                      NOISE_SCALE, 0);
}

void cg_fixture_real(float *images, const cg_fixture *fixture, size_t t)
{
    cg_fixture_signed(images, fixture->seed, stream_of(t, STREAM_REAL),
                      fixture->real_batch * CG_PIXELS, 1, 0);
}

void cg_fixture_masks(uint8_t *mask1, uint8_t *mask2, const cg_fixture *fixture, size_t t)
{
    size_t size1 = CG_SIDE2 * CG_SIDE2 * CG_D_CHANNELS1, size2 = CG_D_FEATURES;
    size_t real = fixture->real_batch, fake = fixture->fake_batch;
    uint64_t seed = fixture->seed;
    cg_fixture_mask(mask1, seed, stream_of(t, STREAM_MASK1_REAL), real * size1);
    cg_fixture_mask(mask2, seed, stream_of(t, STREAM_MASK2_REAL), real * size2);
    cg_fixture_mask(mask1 + real * size1, seed, stream_of(t, STREAM_MASK1_FAKE), fake * size1);
    cg_fixture_mask(mask2 + real * size2, seed, stream_of(t, STREAM_MASK2_FAKE), fake * size2);
}

void cg_fixture_sample_noise(float *z, const cg_fixture *fixture, size_t t)
{
    cg_fixture_signed(z, fixture->seed, stream_of(t, STREAM_SAMPLE), CG_FIXTURE_SAMPLES * CG_NOISE,
                      NOISE_SCALE, 0);
}
