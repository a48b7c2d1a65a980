/* Growing text, HTML's escapes, and texts of strangers made fit to be shown. */
#include "base/text.h"
#include "support.h"

#include <stdint.h>

START_TEST(grows)
{
    cg_text text = {0};
    char expected[3000];
    for (size_t i = 0; i < 1000; i++) {
        char letter = (char)('a' + i % 26);
        cg_text_printf(&text, "%c%d", letter, 10);
        memcpy(expected + 3 * i, (char[]){letter, '1', '0'}, 3);
    }
    cg_text_add(&text, "a\0b", 3);
    ck_assert_int_eq(text.status, CG_OK);
    ck_assert_uint_eq(text.size, 3003);
    ck_assert_mem_eq(text.data, expected, 3000);
    ck_assert_mem_eq(text.data + 3000, "a\0b\0", 4);
    cg_text_deinit(&text);
    ck_assert_ptr_null(text.data);
    cg_text_deinit(&text);
}
END_TEST

START_TEST(refuses_what_does_not_fit)
{
    cg_text text = {0};
    cg_text_add(&text, "a", 1);
    cg_text_add(&text, "b", SIZE_MAX / 2);
    ck_assert_int_eq(text.status, CG_ERR_MEMORY);
    cg_text_add(&text, "c", 1);
    ck_assert_str_eq(text.data, "a");
    cg_text_deinit(&text);
}
END_TEST

START_TEST(escapes_html)
{
    cg_text text = {0};
    cg_text_add_html(&text, "");
    cg_text_add_html(&text, "<a href='b'>\"&amp;\xc3\xbc");
    ck_assert_str_eq(text.data, "&lt;a href=&#39;b&#39;&gt;&quot;&amp;amp;\xc3\xbc");
    cg_text_deinit(&text);
}
END_TEST

START_TEST(writes_base64)
{
    /* RFC 4648, section 10, and a byte of each kind */
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        cg_text text = {0};
        cg_text_printf(&text, ":");
        cg_text_add_base64(&text, pairs[i][0], strlen(pairs[i][0]));
        ck_assert_str_eq(text.data + 1, pairs[i][1]);
        cg_text_deinit(&text);
    }
}
END_TEST

static void check_clean(const char *string, size_t room, const char *expected)
{
    char out[64];
    memset(out, 'x', sizeof out);
    cg_text_clean(out, room, string);
    ck_assert_str_eq(out, expected);
    ck_assert_int_eq(out[room], 'x');
}

START_TEST(cleans)
{
    check_clean("", 1, "");
    check_clean("abc", 1, "");
    check_clean("abc", 4, "abc");
    check_clean("abc", 3, "ab");
    check_clean("a\x1b[31m\n\x7f.", 32, "a [31m  .");
    check_clean("\xc2\x9b"
                "31m\xc2\xa0",
                32, " 31m\xc2\xa0");
    check_clean("\xe2\x80\xae"
                "abc\xe2\x81\xa6\xe2\x80\xa6",
                32, " abc \xe2\x80\xa6");
    /* marks of direction, ends of lines, and what is no character */
    check_clean("\xd8\x9c.\xe2\x80\x8e.\xe2\x80\x8f.\xe2\x80\xa8.\xe2\x80\xa9.", 32, " . . . . .");
    check_clean("\xef\xb7\x90.\xef\xb7\xaf.\xef\xbf\xbe.\xef\xbf\xbf.\xf0\x9f\xbf\xbe.", 32,
                " . . . . .");
    check_clean("\xe2\x80\x8d\xe2\x80\x90\xef\xb7\x8f\xef\xbf\xbd", 32,
                "\xe2\x80\x8d\xe2\x80\x90\xef\xb7\x8f\xef\xbf\xbd");
    check_clean("\xe2\x82\xac\xe2\x82\xac", 6, "\xe2\x82\xac"); /* cut between characters */
    check_clean("\xf0\x9f\x98\x80", 5, "\xf0\x9f\x98\x80");
    check_clean("\xff"
                "a\x80"
                "b\xc3",
                32, "?a?b?");
    check_clean("\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80", 32, "?? ??? ????");
    check_clean("\xe2\x82", 32, "??");
}
END_TEST

/* The bytes may hold NULs; a part is never found beyond their end. */
START_TEST(finds)
{
    char bytes[] = "aab\0abc";
    ck_assert_ptr_eq(cg_text_find(bytes, 7, "ab"), bytes + 1);
    ck_assert_ptr_eq(cg_text_find(bytes, 7, "abc"), bytes + 4);
    ck_assert_ptr_null(cg_text_find(bytes, 6, "abc"));
    ck_assert_ptr_null(cg_text_find(bytes, 7, "abcd"));
    ck_assert_ptr_null(cg_text_find(bytes, 0, "a"));
    ck_assert_ptr_null(cg_text_find(bytes, 7, "x"));
}
END_TEST

START_TEST(contains)
{
    ck_assert(cg_text_contains("Intel(R) Arc(TM) A770", "arc("));
    ck_assert(cg_text_contains("abc", "BC") && cg_text_contains("abc", ""));
    ck_assert(cg_text_contains("", ""));
    ck_assert(!cg_text_contains("abc", "bcd") && !cg_text_contains("", "a"));
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("text");
    tcase_add_test(cases, grows);
    tcase_add_test(cases, refuses_what_does_not_fit);
    tcase_add_test(cases, escapes_html);
    tcase_add_test(cases, writes_base64);
    tcase_add_test(cases, cleans);
    tcase_add_test(cases, finds);
    tcase_add_test(cases, contains);
    return run_case(cases, "base/text");
}
