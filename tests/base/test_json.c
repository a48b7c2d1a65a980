/* JSON is written whole or not at all. */
#include "base/json.h"

#include "failing_memory.h"
#include "support.h"

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

/* Each value costs as much as it may take, whatever its kind. */
static void check_limit(const char *text, size_t values, size_t strings)
{
    const size_t length = strlen(text), least = values * sizeof(cJSON) + strings;
    cJSON *json = cg_json_parse(text, length, least + length + values * 16 + strings * 31);
    ck_assert_ptr_nonnull(json);
    cJSON_Delete(json);
    ck_assert_ptr_null(cg_json_parse(text, length, least));
}

START_TEST(text_is_parsed_within_a_limit)
{
    static const char *const refused[] = {"", " ", "{", "{}x", "{} {}", "[1,]", "nul", "[1]]"};
    static const char *const taken[] = {"{}", " [1]\r\n", "\t\"a\" ", "null"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_ptr_null(cg_json_parse(refused[i], strlen(refused[i]), CG_JSON_MEMORY));
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        cJSON *json = cg_json_parse(taken[i], strlen(taken[i]), CG_JSON_MEMORY);
        ck_assert_ptr_nonnull(json);
        cJSON_Delete(json);
    }
    ck_assert_ptr_null(cg_json_parse("{}\0x", 4, CG_JSON_MEMORY));
    check_limit("[1,2,3]", 4, 0);
    check_limit("[[],{},[[]]]", 8, 0); /* an empty list might have one */
    check_limit("{\"a\":\"b\",\"c\":[null,\"\"]}", 5, 4);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, members_are_printed_in_order);
    tcase_add_test(tests, every_failed_allocation_is_an_error);
    tcase_add_test(tests, text_is_parsed_within_a_limit);
    return run_case(tests, "json");
}
