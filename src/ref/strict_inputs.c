/* The inputs of a strict step: noise, masks and images (strict_parts.h). */
#include "base/memory.h"
#include "base/philox.h"
#include "base/shuffle.h"
#include "base/streams.h"
#include "ref/strict_math.h"
#include "ref/strict_parts.h"

/* Four words by Philox: word j of counter i. */
static void draw_words(uint32_t out[4], const cg_strict *s, size_t i, uint32_t layer, uint64_t step,
                       cg_stream stream)
{
    const uint32_t counter[4] = {(uint32_t)i, layer, (uint32_t)step, (uint32_t)stream};
    uint32_t key[2];
    cg_seed_key(key, s->options.seed);
    cg_philox4x32(out, counter, key);
}

/* Two normal numbers by Box and Muller 1958. */
static void draw_pair(float *first, float *second, uint32_t word, uint32_t angle_word)
{
    float u = (float)word, angle = (float)angle_word;
    u += 0.5f;
    u *= 0x1p-32f;
    angle *= 0x1p-31f;
    const float square = -2.0f * portable_log(u < 1.0f ? u : 1.0f);
    const float radius = portable_sqrt(square);
    *first = flush(radius * portable_cospi(angle));
    *second = flush(radius * portable_sinpi(angle));
}

/* Element 64 g + 16 j + l is from word j of counter 16 g + l. */
void cg_strict_draw_noise(cg_strict *s, uint64_t step)
{
    const size_t count = s->fakes * CG_NOISE;
    for (size_t i = 0; i < (count + 63) / 64 * 16; i++) {
        uint32_t words[4];
        float value[4];
        draw_words(words, s, i, 0, step, CG_STREAM_NOISE);
        draw_pair(&value[0], &value[1], words[0], words[1]);
        draw_pair(&value[2], &value[3], words[2], words[3]);
        for (size_t j = 0; j < 4; j++) {
            const size_t at = i / 16 * 64 + 16 * j + i % 16;
            if (at < count)
                s->noise[at] = value[j];
        }
    }
}

/* A mask lies in blocks of 32 channels: [block][image][pixel][32]. Byte 128 g + 32 j + l is from
 * the high half of word j of counter 16 g + l, the 16th after it from the low half. */
void cg_strict_draw_mask(uint8_t *mask, const cg_strict *s, uint32_t layer, uint64_t step,
                         size_t pixels, size_t channels)
{
    const uint32_t threshold = (uint32_t)(CG_DROPOUT_KEEP * 65536 + 0.5);
    const size_t rows = (s->fakes + s->reals) * pixels, count = rows * channels;
    for (size_t i = 0; i < (count + 127) / 128 * 16; i++) {
        uint32_t words[4];
        draw_words(words, s, i, layer, step, CG_STREAM_DROPOUT);
        for (size_t j = 0; j < 8; j++) {
            const size_t at = i / 16 * 128 + 16 * j + i % 16;
            const uint32_t half = j % 2 ? words[j / 2] & 0xFFFF : words[j / 2] >> 16;
            const size_t block = at / 32 / rows, row = at / 32 % rows;
            if (at < count)
                mask[row * channels + block * 32 + at % 32] = half < threshold;
        }
    }
}

void cg_strict_take_images(cg_strict *s, uint64_t step)
{
    const size_t steps = cg_ceil_div(s->options.count, s->options.fakes);
    const size_t first = (size_t)((step - 1) % steps) * s->options.fakes;
    cg_shuffle shuffle;
    s->fakes = s->options.fakes;
    s->reals = s->options.count - first < s->fakes ? s->options.count - first : s->fakes;
    cg_shuffle_init(&shuffle, s->options.seed, (uint32_t)((step - 1) / steps + 1),
                    (uint32_t)s->options.count);
    for (size_t i = 0; i < s->reals; i++) {
        const size_t from = cg_shuffle_index(&shuffle, (uint32_t)(first + i));
        for (size_t p = 0; p < CG_PIXELS; p++) {
            const float byte = (float)s->options.images[from * CG_PIXELS + p] - 127.5f;
            s->images[(s->fakes + i) * CG_PIXELS + p] = portable_div(byte, 127.5f);
        }
    }
}
