/* The options of a run in its checkpoints and its config.json: all of them or an error. */
#include "run/checkpoint.h"
#include "run/config.h"

#include <clgan/evaluate.h>

#include "failing_memory.h"
#include "support.h"

static cg_recipe make_recipe(void)
{
    cg_recipe recipe = {.seed = 7,
                        .data_sha256 = "ba89",
                        .device = "a device",
                        .platform = "a platform",
                        .driver = "1.0",
                        .algorithms = "g.convt1/fwd=direct d.conv1/fwd=plain"};
    const cg_recipe_options options = {.name = "fast"};
    ck_assert_int_eq(cg_recipe_resolve(&recipe, &options), CG_OK);
    return recipe;
}

/* The options as JSON, without the member `name` unless that is NULL; for cJSON_free(). */
static char *print_without(const char *name)
{
    cg_recipe recipe = make_recipe();
    char *text;
    ck_assert_int_eq(cg_checkpoint_print_options(&text, &recipe), CG_OK);
    cJSON *json = cJSON_Parse(text);
    cJSON_free(text);
    if (name) {
        ck_assert_msg(cJSON_HasObjectItem(json, name), "no option %s", name);
        cJSON_DeleteItemFromObjectCaseSensitive(json, name);
    }
    text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

START_TEST(options_come_back)
{
    cg_recipe recipe = make_recipe(), got = {0};
    char *text = print_without(NULL);
    ck_assert_int_eq(cg_checkpoint_read_options(&got, text), CG_OK);
    ck_assert_str_eq(got.name, "fast");
    ck_assert_uint_eq(got.batch, recipe.batch);
    ck_assert_mem_eq(got.hypers, recipe.hypers, sizeof got.hypers);
    ck_assert_str_eq(got.data_sha256, recipe.data_sha256);
    ck_assert_str_eq(got.device, recipe.device);
    ck_assert_str_eq(got.platform, recipe.platform);
    ck_assert_str_eq(got.driver, recipe.driver);
    ck_assert_str_eq(got.algorithms, recipe.algorithms);
    cJSON_free(text);
}
END_TEST

START_TEST(a_missing_option_is_refused)
{
    static const char *const names[] = {"batch",    "recipe", "data_sha256", "device",
                                        "platform", "driver", "algorithms"};
    cg_recipe got = {0};
    ck_assert_int_eq(cg_checkpoint_read_options(&got, NULL), CG_ERR_INPUT);
    for (size_t i = 0; i < sizeof names / sizeof names[0] + CG_HYPER_COUNT; i++) {
        size_t count = sizeof names / sizeof names[0];
        const char *name = i < count ? names[i] : cg_hypers[i - count].name;
        char *text = print_without(name);
        ck_assert_msg(cg_checkpoint_read_options(&got, text) == CG_ERR_INPUT, "read without %s",
                      name);
        cJSON_free(text);
    }
}
END_TEST

static void read_old(cg_recipe *recipe, const char *text)
{
    ck_assert_int_eq(cg_checkpoint_read_options(recipe, text), CG_OK);
}

/* Files of before the recipes have no name and at most one number, the learning rate of both
 * networks. */
START_TEST(options_without_a_recipe_are_the_tutorial)
{
    cg_recipe got = {0};
    read_old(&got, "{\"batch\":256,\"data_sha256\":\"ba89\",\"device\":\"a\",\"platform\":\"b\","
                   "\"driver\":\"c\",\"algorithms\":\"\"}");
    ck_assert_str_eq(got.name, "tutorial");
    for (size_t i = 0; i < CG_HYPER_COUNT; i++)
        ck_assert_double_eq(got.hypers[i], cg_hypers[i].tutorial);
    read_old(&got,
             "{\"batch\":256,\"learning_rate\":0.0002,\"data_sha256\":\"ba89\",\"device\":\"a\","
             "\"platform\":\"b\",\"driver\":\"c\",\"algorithms\":\"\"}");
    for (size_t i = 0; i < CG_HYPER_COUNT; i++)
        ck_assert_double_eq(got.hypers[i],
                            i == CG_HYPER_LEARNING_RATE || i == CG_HYPER_LEARNING_RATE_D
                                ? 0.0002
                                : cg_hypers[i].tutorial);
}
END_TEST

START_TEST(options_are_printed_whole_or_not_at_all)
{
    cg_recipe recipe = make_recipe();
    for (size_t i = 0;; i++) {
        char *text = "";
        fail_json_allocation(i);
        cg_status status = cg_checkpoint_print_options(&text, &recipe);
        if (!json_allocation_failed()) {
            ck_assert_int_eq(status, CG_OK);
            ck_assert_uint_ge(i, 20); /* that many allocations have failed */
            free(text);
            break;
        }
        ck_assert_int_eq(status, CG_ERR_MEMORY);
        ck_assert_ptr_null(text);
    }
}
END_TEST

START_TEST(a_config_is_written_whole_or_not_at_all)
{
    const cg_run run = {.path = scratch_folder};
    const cg_device_info device = {.name = "a device"};
    cg_run_config config = {.recipe = make_recipe(), .data = ".", .algorithms_from = "defaults"};
    for (size_t i = 0;; i++) {
        fail_json_allocation(i);
        cg_status status = cg_config_write(&run, &config, &device);
        if (!json_allocation_failed()) {
            ck_assert_int_eq(status, CG_OK);
            ck_assert_uint_ge(i, 20);
            break;
        }
        ck_assert_int_eq(status, CG_ERR_MEMORY);
        ck_assert_int_eq(scratch_count(), 0);
    }
    ck_assert_int_eq(scratch_count(), 1);
}
END_TEST

/* A config.json as clgan writes it. */
static cJSON *make_config(void)
{
    const cg_run run = {.path = scratch_folder};
    const cg_device_info device = {.name = "a device"};
    cg_run_config config = {.recipe = make_recipe(),
                            .images = 1,
                            .evaluate_samples = CG_EVALUATE_LEAST,
                            .data = ".",
                            .classifier = "a classifier",
                            .algorithms_from = "defaults"};
    for (size_t i = 0; i < CG_RUN_NUMBER_COUNT; i++)
        *cg_config_number(&config, (cg_run_number)i) = cg_run_numbers[i].usual;
    ck_assert_int_eq(cg_config_write(&run, &config, &device), CG_OK);
    void *text;
    size_t size;
    char path[sizeof scratch_folder + 16];
    snprintf(path, sizeof path, "%s/config.json", scratch_folder);
    ck_assert_int_eq(cg_file_read(&text, &size, path, 1 << 20), CG_OK);
    cJSON *json = cJSON_Parse(text);
    ck_assert(json != NULL);
    free(text);
    return json;
}

/* Parses it without a member, or with other text there: what is said to be wrong. */
static void check_wrong(const char *member, const char *other, bool may_miss)
{
    cg_run_config config;
    const char *wrong;
    cJSON *json = make_config();
    cJSON_DeleteItemFromObject(json, member);
    if (other)
        ck_assert(cJSON_AddRawToObject(json, member, other));
    char *text = cJSON_PrintUnformatted(json);
    cg_status status = cg_config_parse(&config, &wrong, text);
    if (!other && may_miss)
        ck_assert_msg(status == CG_OK, "without %s: %s is wrong", member, wrong);
    else
        ck_assert_msg(status == CG_ERR_INPUT && strcmp(wrong, member) == 0,
                      "%s = %s: status %d, wrong is %s", member, other ? other : "absent", status,
                      wrong ? wrong : "nothing");
    cJSON_free(text);
    cJSON_Delete(json);
}

/* The member that is missing, or of another kind, is named; no number is cut to a whole one. */
START_TEST(each_member_is_needed)
{
    static const struct {
        const char *name;
        bool may_miss;
    } members[] = {
        {"format", false},
        {"seed", false},
        {"batch", false},
        {"beta2", false},
        {"beta1", false},
        {"epochs", false},
        {"keep", false},
        {"log_every", false},
        {"evaluate_every", true},
        {"first_step", true},
        {"images", false},
        {"data", false},
        {"classifier", true},
        {"data_sha256", false},
        {"device", false},
        {"algorithms", false},
        {"selftest", true},
        {"average", false},
        {"checkpoint_every", false},
    };
    static const char *const others[] = {NULL, "null", "[]", "{}", "-1", "1e308", "[1]"};
    for (size_t i = 0; i < CG_COUNT(members); i++)
        for (size_t k = 0; k < CG_COUNT(others); k++)
            check_wrong(members[i].name, others[k], members[i].may_miss);
    static const char *const whole[] = {"seed", "batch", "epochs", "keep", "images", "format"};
    for (size_t i = 0; i < CG_COUNT(whole); i++)
        check_wrong(whole[i], "2.5", false);
    check_wrong("format", "2", false);
}
END_TEST

/* config.json can hold what the options may be, and no more. */
START_TEST(numbers_have_one_table)
{
    const cg_run_number_spec *spec = &cg_run_numbers[_i];
    const struct {
        uint64_t value;
        cg_status status;
    } cases[] = {{spec->min, CG_OK},
                 {spec->usual, CG_OK},
                 {spec->max, CG_OK},
                 {spec->max + 1, CG_ERR_INPUT}};
    for (size_t c = 0; c < CG_COUNT(cases); c++) {
        cg_run_config config;
        const char *wrong;
        cJSON *json = make_config();
        cJSON_SetNumberValue(cJSON_GetObjectItem(json, spec->name), (double)cases[c].value);
        char *text = cJSON_PrintUnformatted(json);
        ck_assert_int_eq(cg_config_parse(&config, &wrong, text), cases[c].status);
        if (cases[c].status == CG_OK)
            ck_assert_uint_eq(*cg_config_number(&config, (cg_run_number)_i), cases[c].value);
        else
            ck_assert_str_eq(wrong, spec->name);
        cJSON_free(text);
        cJSON_Delete(json);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, options_come_back);
    tcase_add_test(tests, a_missing_option_is_refused);
    tcase_add_test(tests, options_without_a_recipe_are_the_tutorial);
    tcase_add_test(tests, options_are_printed_whole_or_not_at_all);
    tcase_add_test(tests, a_config_is_written_whole_or_not_at_all);
    tcase_add_test(tests, each_member_is_needed);
    tcase_add_loop_test(tests, numbers_have_one_table, 0, CG_RUN_NUMBER_COUNT);
    return run_case(tests, "options");
}
