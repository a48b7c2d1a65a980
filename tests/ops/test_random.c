/* Noise, masks and gathered images against the host's Philox and shuffle. */
#include "verify/harness.h"
#include "device.h"
#include "ops/random.h"

#include <string.h>

static const cg_verify_array arrays[] = {
    {.count = 1, .seed = 0},
    {.count = 64, .seed = UINT64_MAX},
    {.count = 65, .seed = 1},
    {.count = 25600, .seed = 0x0123456789abcdef}, /* a batch's noise */
    {.count = 100003, .seed = (uint64_t)1 << 32},
    /* Angles of 1/2, 3/2, 1 and 2 half turns are among them, whose cosine or sine is 0. */
    {.count = 4096, .seed = 434},
    {.count = 4096, .seed = 4495},
    {.count = 4096, .seed = 7445},
    {.count = 4096, .seed = 9558},
};

static void run(const char *name, cg_status (*function)(cg_harness *, const cg_verify_case *),
                int i)
{
    const cg_verify_case check = {.name = name, .run = function, .array = arrays[i]};
    device_check(&check);
}

START_TEST(words)
{
    run("words", cg_verify_random_words, _i);
}
END_TEST

START_TEST(mask)
{
    run("mask", cg_verify_random_mask, _i);
}
END_TEST

START_TEST(normal)
{
    run("normal", cg_verify_random_normal, _i);
}
END_TEST

/* Random123's published answer for the counter 0 and the key 0 (kat_vectors, philox4x32 10). */
START_TEST(known_answer)
{
    static const uint32_t answer[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    const cg_random random = {.seed = 0, .stream = (cg_stream)0};
    uint32_t got[CG_RANDOM_GROUP];
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got), CG_OK);
    ck_assert_int_eq(cg_random_words(device, buffer, CG_RANDOM_GROUP, &random), CG_OK);
    ck_assert_int_eq(cg_buffer_download(buffer, 0, got, sizeof got), CG_OK);
    for (size_t j = 0; j < 4; j++)
        ck_assert_uint_eq(got[j * CG_RANDOM_GROUP / 4], answer[j]);
    cg_buffer_release(buffer);
}
END_TEST

/* Each of seed, stream, layer and step gives other numbers; the same four give the same. */
START_TEST(numbers_depend_on_all)
{
    const cg_random variants[] = {
        {1, CG_STREAM_NOISE, 0, 1},   {1, CG_STREAM_NOISE, 0, 1},
        {2, CG_STREAM_NOISE, 0, 1},   {1 + ((uint64_t)1 << 32), CG_STREAM_NOISE, 0, 1},
        {1, CG_STREAM_DROPOUT, 0, 1}, {1, CG_STREAM_NOISE, 1, 1},
        {1, CG_STREAM_NOISE, 0, 2},
    };
    float got[CG_COUNT(variants)][CG_RANDOM_GROUP];
    cg_buffer *buffer;
    ck_assert_int_eq(cg_buffer_create(&buffer, device, sizeof got[0]), CG_OK);
    for (size_t i = 0; i < CG_COUNT(variants); i++) {
        ck_assert_int_eq(cg_random_normal(device, buffer, CG_RANDOM_GROUP, &variants[i]), CG_OK);
        ck_assert_int_eq(cg_buffer_download(buffer, 0, got[i], sizeof got[0]), CG_OK);
    }
    ck_assert_mem_eq(got[0], got[1], sizeof got[0]);
    for (size_t i = 1; i < CG_COUNT(variants); i++)
        for (size_t j = i + 1; j < CG_COUNT(variants); j++)
            ck_assert_mem_ne(got[i], got[j], sizeof got[0]);
    cg_buffer_release(buffer);
}
END_TEST

static const cg_verify_gather gathers[] = {
    {.count = 1, .h = 1, .w = 1, .first = 0, .n = 1, .to = 0},
    {.count = 2, .h = 3, .w = 5, .first = 0, .n = 2, .to = 1},
    {.count = 1000, .h = 28, .w = 28, .first = 904, .n = 96, .to = 3},
    {.count = 257, .h = 2, .w = 3, .first = 2, .n = 255, .to = 1},
};

START_TEST(gather)
{
    const cg_verify_case check = {
        .name = "gather", .run = cg_verify_gather_images, .gather = gathers[_i]};
    device_check(&check);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("random");
    tcase_add_loop_test(tests, words, 0, (int)CG_COUNT(arrays));
    tcase_add_loop_test(tests, mask, 0, (int)CG_COUNT(arrays));
    tcase_add_loop_test(tests, normal, 0, (int)CG_COUNT(arrays));
    tcase_add_test(tests, known_answer);
    tcase_add_test(tests, numbers_depend_on_all);
    tcase_add_loop_test(tests, gather, 0, (int)CG_COUNT(gathers));
    return device_run_case(tests, "ops/random");
}
