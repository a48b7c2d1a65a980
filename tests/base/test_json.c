/* JSON is written whole or not at all. */
#include "base/json.h"

#include "failing_memory.h"
#include "support.h"

#include <math.h>

static cg_status print_sample(char **text, cg_json_form form)
{
    cg_json json;
    cg_json_init(&json);
    cg_json_add_number(&json, json.root, "format", 1);
    cg_json_add_uint64(&json, json.root, "seed", UINT64_MAX);
    cJSON *device = cg_json_add_object(&json, json.root, "device");
    cg_json_add_text(&json, device, "name", "a \"GPU\"");
    cg_json_add_bool(&json, device, "default", true);
    cJSON *list = cg_json_add_array(&json, json.root, "list");
    cg_json_add_number(&json, list, NULL, 0.5);
    cg_json_add_number(&json, cg_json_add_object(&json, list, NULL), "x", 2);
    cg_status status = cg_json_print(text, &json, form);
    cg_json_deinit(&json);
    return status;
}

START_TEST(members_are_printed_in_order)
{
    char *text;
    ck_assert_int_eq(print_sample(&text, CG_JSON_COMPACT), CG_OK);
    ck_assert_str_eq(text, "{\"format\":1,\"seed\":18446744073709551615,"
                           "\"device\":{\"name\":\"a \\\"GPU\\\"\",\"default\":true},"
                           "\"list\":[0.5,{\"x\":2}]}");
    cJSON_free(text);
    ck_assert_int_eq(print_sample(&text, CG_JSON_INDENTED), CG_OK);
    ck_assert_ptr_nonnull(strstr(text, "\n\t\"format\":\t1,\n"));
    cJSON_free(text);
}
END_TEST

START_TEST(files_end_with_a_line)
{
    char *text, got[64] = "";
    cg_json json;
    cg_json_init(&json);
    cg_json_add_finite(&json, json.root, "a", 2);
    cg_json_add_finite(&json, json.root, "b", INFINITY);
    cg_json_add_finite(&json, json.root, "c", NAN);
    ck_assert_int_eq(cg_json_print(&text, &json, CG_JSON_COMPACT), CG_OK);
    cg_json_deinit(&json);
    ck_assert_int_eq(cg_json_write(scratch_path("file.json"), text), CG_OK);
    cJSON_free(text);
    FILE *file = fopen(scratch_path("file.json"), "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(got, 1, sizeof got, file), 0);
    fclose(file);
    ck_assert_msg(strncmp(got, "{\"a\":2,\"b\":1.79", 15) == 0, "%s", got);
    ck_assert_ptr_nonnull(strstr(got, "e+308}\n"));
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
    size_t failures = 0;
    for (;; failures++) {
        char *text = "";
        fail_json_allocation(failures);
        cg_status status = print_sample(&text, CG_JSON_COMPACT);
        if (!json_allocation_failed()) {
            ck_assert_int_eq(status, CG_OK);
            free(text);
            break;
        }
        ck_assert_int_eq(status, CG_ERR_MEMORY);
        ck_assert_ptr_null(text);
    }
    ck_assert_uint_ge(failures, 20); /* 10 items, 8 names, 2 values as text, the printed text */
}
END_TEST

/* The reader tells text that is no JSON from JSON that it had no memory for, at each allocation. */
static void expect_parsed(const char *text, cg_status wanted)
{
    for (size_t failing = 0;; failing++) {
        cJSON *json;
        fail_json_allocation(failing);
        cg_status status = cg_json_parse(&json, text, strlen(text), CG_JSON_MEMORY);
        bool failed = json_allocation_failed();
        cJSON_Delete(json);
        if (!failed || wanted == CG_ERR_INPUT) {
            ck_assert_msg(status == wanted, "%s: %s", text, cg_status_name(status));
            ck_assert((json != NULL) == (wanted == CG_OK));
        } else {
            ck_assert_msg(status == CG_ERR_MEMORY, "%s: allocation %zu", text, failing);
            ck_assert_ptr_null(json);
        }
        if (!failed)
            break;
    }
}

START_TEST(no_memory_is_not_damage)
{
    static const char *const sound[] = {
        "{}",
        " [ ] ",
        "null",
        "true",
        "false",
        "\"\"",
        "-1.5e3",
        "[1,2,[3,{}],\"x\"]\n",
        "{\"a\":{\"b\":[true,false,null]},\"c\":\"\\u00e9\\n\\\"\",\"d\":0}",
        "\"\\ud83d\\ude00\\uE000\\ud7ff\"",
        "\xEF\xBB\xBF{\"a\":1}"};
    static const char *const damaged[] = {
        "", " ", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "[1,]",
        "[1 2]", "nul", "\"x", "\"\\x\"", "\"\\u12\"", "{a:1}", "{\"a\" 1}", "-", "[1]]", "{} {}",
        /* halves of characters */
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\ud800\\ud800\"",
        "\"\\ud83d\\u"};
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++)
        expect_parsed(sound[i], CG_OK);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        expect_parsed(damaged[i], CG_ERR_INPUT);
}
END_TEST

/* Each value costs as much as it may take, whatever its kind. */
static void check_limit(const char *text, size_t values, size_t strings)
{
    const size_t length = strlen(text), least = values * sizeof(cJSON) + strings;
    cJSON *json;
    ck_assert_int_eq(
        cg_json_parse(&json, text, length, least + length + values * 16 + strings * 31), CG_OK);
    cJSON_Delete(json);
    ck_assert_int_eq(cg_json_parse(&json, text, length, least), CG_ERR_INPUT);
    ck_assert_ptr_null(json);
}

START_TEST(text_is_parsed_within_a_limit)
{
    cJSON *json;
    ck_assert_int_eq(cg_json_parse(&json, "{}\0x", 4, CG_JSON_MEMORY), CG_ERR_INPUT);
    ck_assert_int_eq(cg_json_parse(&json, "\"\\\0\"", 4, CG_JSON_MEMORY), CG_ERR_INPUT);
    check_limit("[1,2,3]", 4, 0);
    check_limit("[[],{},[[]]]", 8, 0); /* an empty list might have one */
    check_limit("{\"a\":\"b\",\"c\":[null,\"\"]}", 5, 4);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, scratch_setup, scratch_teardown);
    tcase_add_test(tests, members_are_printed_in_order);
    tcase_add_test(tests, files_end_with_a_line);
    tcase_add_test(tests, every_failed_allocation_is_an_error);
    tcase_add_test(tests, text_is_parsed_within_a_limit);
    tcase_add_test(tests, no_memory_is_not_damage);
    return run_case(tests, "json");
}
