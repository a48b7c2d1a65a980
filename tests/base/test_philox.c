/* Philox against Random123's published known answers (tests/kat_vectors, philox4x32 10). */
#include "base/philox.h"
#include "support.h"

static const struct {
    uint32_t counter[4], key[2], out[4];
} answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(known_answers)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        uint32_t out[4];
        cg_philox4x32(out, answers[i].counter, answers[i].key);
        ck_assert_mem_eq(out, answers[i].out, sizeof out);
    }
}
END_TEST

START_TEST(in_place)
{
    uint32_t words[4] = {0};
    cg_philox4x32(words, words, answers[0].key);
    ck_assert_mem_eq(words, answers[0].out, sizeof words);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("philox");
    tcase_add_test(tests, known_answers);
    tcase_add_test(tests, in_place);
    return run_case(tests, "base/philox");
}
