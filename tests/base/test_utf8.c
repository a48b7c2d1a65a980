/* Each character, and what is none. */
#include "base/utf8.h"

#include "support.h"

/* Writes the character in that many bytes, which may be more than it needs. */
static void write_form(char bytes[5], uint32_t character, size_t length)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    memset(bytes, 0, 5);
    for (size_t i = length - 1; i > 0; i--, character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3f));
    bytes[0] = (char)(first[length] | character);
}

static size_t needed(uint32_t character)
{
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

START_TEST(each_character_in_each_form)
{
    for (uint32_t character = 1; character < 0x120000; character++) {
        const bool exists = character <= 0x10ffff && !(character >= 0xd800 && character <= 0xdfff);
        for (size_t length = needed(character); length <= 4; length++) {
            char bytes[5];
            uint32_t read = 0;
            write_form(bytes, character, length);
            const size_t wanted = exists && length == needed(character) ? length : 0;
            ck_assert_uint_eq(cg_utf8_read(&read, bytes), wanted);
            ck_assert_uint_eq(read, wanted ? character : 0);
        }
    }
}
END_TEST

START_TEST(whole_strings)
{
    ck_assert(cg_utf8_is_valid("a\tb\n"));
    ck_assert(cg_utf8_is_valid("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"));
    ck_assert(!cg_utf8_is_valid("a\xff"));
    ck_assert(!cg_utf8_is_valid("\xc3\xa4\xc3"));
}
END_TEST

START_TEST(what_is_cut_off_or_goes_on_wrongly)
{
    static const char *const wrong[] = {"",          "\x80",          "\xbf",  "\xc3",
                                        "\xe2\x82",  "\xf0\x9f\x98",  "\xc3(", "\xe2(\x82",
                                        "\xe2\x82(", "\xf0\x9f\x98(", "\xff"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint32_t read = 7;
        ck_assert_uint_eq(cg_utf8_read(&read, wrong[i]), 0);
        ck_assert_uint_eq(read, 7);
        ck_assert_int_eq(cg_utf8_is_valid(wrong[i]), !*wrong[i]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("utf8");
    tcase_add_test(tests, each_character_in_each_form);
    tcase_add_test(tests, whole_strings);
    tcase_add_test(tests, what_is_cut_off_or_goes_on_wrongly);
    return run_case(tests, "base/utf8");
}
