/* Every public function with NULL, with zeroed structs, and with what is out of range: it is
 * refused with a message, or means what the header says, and nothing crashes. A function that a
 * header declares and no line here calls fails the last test. There is no device and no data here,
 * so that what begins to work ends soon. */
#include "support.h"

#include <clgan/bench.h>
#include <clgan/cache.h>
#include <clgan/classifier.h>
#include <clgan/compare.h>
#include <clgan/dataset.h>
#include <clgan/evaluate.h>
#include <clgan/generator.h>
#include <clgan/idx.h>
#include <clgan/image.h>
#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/report.h>
#include <clgan/runlog.h>
#include <clgan/runs.h>
#include <clgan/runtime.h>
#include <clgan/safetensors.h>
#include <clgan/sample.h>
#include <clgan/selftest.h>
#include <clgan/terminal.h>
#include <clgan/train.h>
#include <clgan/tune.h>
#include <clgan/unfinished.h>
#include <clgan/waiting.h>

/* To be called first: messages go to a file, and there is neither a device nor data. */
static void leave_alone(void)
{
    ck_assert_ptr_nonnull(freopen(scratch_path("messages"), "w", stderr));
    setenv("OCL_ICD_VENDORS", scratch_folder, 1);
    setenv("OCL_ICD_FILENAMES", "", 1);
    setenv("CLGAN_DATA_DIR", scratch_path("nowhere"), 1);
    setenv("CLGAN_CACHE_DIR", scratch_path("cache"), 1);
    ck_assert_int_eq(chdir(scratch_folder), 0);
}

/* `status` is that of a call which cannot be served, and said why. */
static void check_refused(cg_status status, const char *call)
{
    static long told;
    fflush(stderr);
    long now = ftell(stderr);
    ck_assert_msg(status != CG_OK, "%s is CG_OK", call);
    ck_assert_msg(now > told, "%s says nothing", call);
    told = now;
}

#define REFUSED(call) check_refused(call, #call)

static cg_status visit(void *user, const char *line)
{
    (void)user;
    (void)line;
    return CG_OK;
}

static char taken[32];

static void take_line(void *user, cg_log_level level, const char *line)
{
    (void)user;
    snprintf(taken, sizeof taken, "%d %s", (int)level, line);
}

START_TEST(status_and_log)
{
    leave_alone();
    ck_assert_str_eq(cg_status_name((cg_status)99), "unknown status");
    ck_assert_int_eq(cg_exit_status((cg_status)99), 1);
    ck_assert_int_eq(cg_exit_status(CG_ERR_WRONG), 4);
    cg_log_set_level((cg_log_level)-1);
    cg_log_set_level(CG_LOG_INFO);
    ck_assert_int_eq(cg_log_get_level(), CG_LOG_INFO);
    cg_log_catch_drivers(true);
    cg_log_catch_drivers(false);
    cg_log((cg_log_level)99, "no such level");
    cg_log_set_handler(take_line, NULL);
    cg_log(CG_LOG_INFO, "%d\n", 7);
    ck_assert_str_eq(taken, "2 7?");
    cg_log(CG_LOG_INFO, "%s",
           "a\xc2\x9b"
           "31m \xe2\x80\xae b\xff");
    ck_assert_str_eq(taken, "2 a?31m ? b?");
    cg_log_set_prefix("rank 1: ");
    cg_log(CG_LOG_INFO, "%d", 8);
    ck_assert_str_eq(taken, "2 rank 1: 8");
    cg_log_set_prefix(
        "a prefix of more bytes than there is any room for in a line of the log, which has 63");
    cg_log(CG_LOG_INFO, "%d", 8);
    ck_assert_str_eq(taken, "2 a prefix of more bytes than t");
    cg_log_set_prefix(NULL);
    cg_log_set_handler(NULL, NULL);
    ck_assert(!cg_rank_find(NULL));
    ck_assert(!cg_ranks_library() || *cg_ranks_library());
    ck_assert(!cg_ranks_are_ending());
    cg_ranks_end(1);           /* which ends no process that is alone */
    cg_log(CG_LOG_INFO, NULL); // NOLINT: this is what is tested
    ck_assert(!cg_waiting_look(NULL));
    cg_unfinished_remove();
    ck_assert_int_eq(cg_fail(CG_ERR_INPUT, NULL), CG_ERR_INPUT); // NOLINT
}
END_TEST

START_TEST(devices)
{
    leave_alone();
    size_t index;
    bool selected;
    const cg_device_info zeroed = {0};
    cg_devices *list;
    cg_runtime *rt = (cg_runtime *)1;
    REFUSED(cg_devices_create(NULL));
    ck_assert_int_eq(cg_devices_create(&list), CG_OK);
    ck_assert_uint_eq(cg_devices_count(list), 0);
    ck_assert_uint_eq(cg_devices_count(NULL), 0);
    ck_assert_ptr_null(cg_devices_info(list, 0));
    ck_assert_ptr_null(cg_devices_info(NULL, 0));
    ck_assert_str_eq(cg_device_type_name((cg_device_type)99), "unknown");
    REFUSED(cg_device_select(NULL, &zeroed, 1, NULL));
    REFUSED(cg_device_select(&index, NULL, 1, NULL));
    REFUSED(cg_device_select(&index, NULL, 0, NULL));
    REFUSED(cg_device_select_all(NULL, &zeroed, 1, NULL));
    REFUSED(cg_device_select_all(&selected, NULL, 1, NULL));
    REFUSED(cg_device_select_all(&selected, NULL, 0, NULL));
    ck_assert_int_eq(cg_device_select_all(&selected, &zeroed, 1, NULL), CG_OK);
    REFUSED(cg_runtime_create(NULL, list, 0));
    REFUSED(cg_runtime_create(&rt, list, 0));
    ck_assert_ptr_null(rt);
    REFUSED(cg_runtime_create(&rt, NULL, 0));
    REFUSED(cg_runtime_create_selected(NULL, NULL));
    REFUSED(cg_runtime_create_selected(&rt, NULL));
    ck_assert_ptr_null(cg_runtime_device(NULL));
    REFUSED(cg_runtime_finish(NULL));
    cg_runtime_release(NULL);
    cg_devices_release(list);
    cg_devices_release(NULL);
}
END_TEST

START_TEST(data_files)
{
    leave_alone();
    cg_dataset dataset;
    cg_idx idx;
    const size_t dims[1] = {1};
    const unsigned char byte = 7;
    REFUSED(cg_dataset_read(NULL, ".", CG_DATASET_TRAIN));
    REFUSED(cg_dataset_read(&dataset, NULL, CG_DATASET_TRAIN));
    REFUSED(cg_dataset_read(&dataset, ".", (cg_dataset_part)99));
    ck_assert(!cg_dataset_has(NULL, CG_DATASET_TEST));
    ck_assert(!cg_dataset_has(".", (cg_dataset_part)99));
    ck_assert_ptr_nonnull(cg_dataset_default());
    cg_dataset_deinit(&(cg_dataset){0});
    cg_dataset_deinit(NULL);
    REFUSED(cg_idx_read(NULL, "file"));
    REFUSED(cg_idx_read(&idx, NULL));
    REFUSED(cg_idx_write(NULL, 1, dims, &byte));
    REFUSED(cg_idx_write("file", 1, NULL, &byte));
    REFUSED(cg_idx_write("file", 1, dims, NULL));
    REFUSED(cg_idx_write("file", 0, dims, &byte));
    cg_idx_deinit(&(cg_idx){0});
    cg_idx_deinit(NULL);
}
END_TEST

START_TEST(pictures)
{
    leave_alone();
    const cg_image zeroed = {0}, hollow = {.width = 1, .height = 1};
    const unsigned char tile = 7;
    const float x = 0;
    unsigned char out, *file;
    size_t size;
    cg_image image;
    cg_pixels_from_floats(NULL, &x, 1);
    cg_pixels_from_floats(&out, NULL, 1);
    REFUSED(cg_image_grid(NULL, &tile, 1, 1, 1, 1));
    REFUSED(cg_image_grid(&image, NULL, 1, 1, 1, 1));
    REFUSED(cg_image_grid(&image, &tile, 0, 1, 1, 1));
    REFUSED(cg_png_encode(NULL, &size, &hollow));
    REFUSED(cg_png_encode(&file, NULL, &hollow));
    REFUSED(cg_png_encode(&file, &size, NULL));
    REFUSED(cg_png_encode(&file, &size, &zeroed));
    REFUSED(cg_png_encode(&file, &size, &hollow));
    REFUSED(cg_png_write(NULL, &hollow));
    REFUSED(cg_png_write("picture.png", NULL));
    REFUSED(cg_png_write("picture.png", &zeroed));
    REFUSED(cg_png_read(NULL, "picture.png"));
    REFUSED(cg_png_read(&image, NULL));
    REFUSED(cg_gif_write(NULL, &hollow, 1, 0));
    REFUSED(cg_gif_write("film.gif", NULL, 1, 0));
    REFUSED(cg_gif_write("film.gif", NULL, 0, 0));
    REFUSED(cg_gif_write("film.gif", &zeroed, 1, 0));
    REFUSED(cg_gif_write("film.gif", &hollow, 1, 0));
    cg_image_deinit(&image);
    cg_image_deinit(NULL);
}
END_TEST

START_TEST(tensors_and_logs)
{
    leave_alone();
    const cg_host_tensor zeroed = {0};
    const cg_metadata none = {0};
    cg_safetensors *file;
    cg_runlog *log;
    REFUSED(cg_safetensors_write(NULL, NULL, 0, NULL, 0));
    REFUSED(cg_safetensors_write("file", NULL, 1, NULL, 0));
    REFUSED(cg_safetensors_write("file", &zeroed, 1, NULL, 0));
    REFUSED(cg_safetensors_write("file", NULL, 0, NULL, 1));
    REFUSED(cg_safetensors_write("file", NULL, 0, &none, 1));
    REFUSED(cg_safetensors_read(NULL, "file"));
    REFUSED(cg_safetensors_read(&file, NULL));
    ck_assert_ptr_null(cg_safetensors_get(NULL, "name"));
    ck_assert_uint_eq(cg_safetensors_count(NULL), 0);
    ck_assert_ptr_null(cg_safetensors_at(NULL, 0));
    ck_assert_ptr_null(cg_safetensors_metadata(NULL, "key"));
    ck_assert_int_eq(cg_safetensors_write("file", NULL, 0, NULL, 0), CG_OK);
    ck_assert_int_eq(cg_safetensors_read(&file, "file"), CG_OK);
    ck_assert_ptr_null(cg_safetensors_get(file, NULL));
    ck_assert_ptr_null(cg_safetensors_at(file, 0));
    ck_assert_ptr_null(cg_safetensors_metadata(file, NULL));
    cg_safetensors_release(file);
    cg_safetensors_release(NULL);
    ck_assert(!cg_safetensors_is_whole(NULL));
    REFUSED(cg_runlog_open(NULL, "log"));
    REFUSED(cg_runlog_open(&log, NULL));
    ck_assert_int_eq(cg_runlog_open(&log, "log"), CG_OK);
    REFUSED(cg_runlog_append(log, NULL));
    REFUSED(cg_runlog_append(NULL, "{\"step\":1}"));
    cg_runlog_release(log);
    cg_runlog_release(NULL);
    REFUSED(cg_runlog_sync(NULL));
    REFUSED(cg_runlog_truncate(NULL, &(cg_runlog_end){.every = 1}));
    REFUSED(cg_runlog_truncate("log", NULL));
    REFUSED(cg_runlog_truncate("log", &(cg_runlog_end){0}));
    REFUSED(cg_runlog_read(NULL, visit, NULL));
    REFUSED(cg_runlog_read("log", NULL, NULL));
}
END_TEST

START_TEST(drawing)
{
    leave_alone();
    cg_generator *generator = (cg_generator *)1;
    unsigned char pixels;
    float x;
    REFUSED(cg_generator_open(NULL, "file", NULL));
    REFUSED(cg_generator_open(&generator, NULL, NULL));
    ck_assert_ptr_null(generator);
    REFUSED(cg_generator_open(&generator, "missing", NULL));
    REFUSED(cg_generator_draw(NULL, &pixels, 1, 0, 1));
    REFUSED(cg_generator_draw_floats(NULL, &x, 1, 0, 1));
    cg_generator_close(NULL);
    cg_sample_options options = cg_sample_defaults();
    REFUSED(cg_sample(NULL));
    REFUSED(cg_sample(&options));
    REFUSED(cg_sample(&(cg_sample_options){0}));
    REFUSED(cg_sample(&(cg_sample_options){.checkpoint = "missing"}));
    REFUSED(cg_sample(&(cg_sample_options){.out = "out.png"}));
    REFUSED(cg_sample(&(cg_sample_options){.checkpoint = "missing", .out = "out.png"}));
    ck_assert_int_ne(access("out.png", F_OK), 0);
}
END_TEST

/* True when a message names the place of the default data: the options went through. */
static bool looked_for_data(void)
{
    size_t size;
    fflush(stderr);
    char *text = (char *)get_file("messages", &size);
    bool found = strstr(text, "nowhere/mnist") != NULL;
    free(text);
    return found;
}

/* Numbers beyond what config.json can hold are refused before anything is done. */
START_TEST(numbers_beyond_their_limits)
{
    leave_alone();
    cg_train_options options = cg_train_defaults();
    cg_option_number *const numbers[CG_RUN_NUMBER_COUNT] = {
        &options.epochs,    &options.keep,           &options.checkpoint_every,
        &options.log_every, &options.evaluate_every, &options.evaluate_samples,
    };
    for (size_t i = 0; i < CG_RUN_NUMBER_COUNT; i++) {
        ck_assert_uint_eq(numbers[i]->value, cg_run_numbers[i].usual);
        *numbers[i] = (cg_option_number){cg_run_numbers[i].max + 1, true};
        REFUSED(cg_train(&options));
        numbers[i]->value = cg_run_numbers[i].max;
    }
    options.recipe.batch = (cg_option_number){CG_BATCH_MOST + 1, true};
    REFUSED(cg_train(&options));
    ck_assert(!looked_for_data());
    options.recipe.batch.value = CG_BATCH_MOST;
    REFUSED(cg_train(&options));
    ck_assert(looked_for_data());
}
END_TEST

START_TEST(training)
{
    leave_alone();
    cg_classifier_result result;
    cg_train_options options = cg_train_defaults();
    cg_classifier_options classifier = cg_classifier_defaults();
    REFUSED(cg_train(NULL));
    options.log_every = (cg_option_number){0, true};
    REFUSED(cg_train(&options));
    options.log_every.value = 1;
    options.recipe.batch.given = true;
    REFUSED(cg_train(&options));
    ck_assert(!looked_for_data());
    REFUSED(cg_train(&(cg_train_options){0}));
    ck_assert(looked_for_data());
    REFUSED(cg_train_classifier(NULL, &classifier));
    REFUSED(cg_train_classifier(&result, NULL));
    REFUSED(cg_train_classifier(&result, &classifier));
    REFUSED(cg_train_classifier(&result, &(cg_classifier_options){0}));
    REFUSED(cg_train_classifier(&result, &(cg_classifier_options){.out = "out"}));
}
END_TEST

START_TEST(measuring)
{
    leave_alone();
    cg_bench bench;
    cg_tune tune;
    char *text = NULL;
    size_t removed;
    const cg_bench_options bench_options = cg_bench_defaults();
    const cg_tune_options tune_options = cg_tune_defaults();
    cg_devices *list;
    ck_assert_int_eq(cg_devices_create(&list), CG_OK);
    REFUSED(cg_bench_run(NULL, list, 0, &bench_options));
    REFUSED(cg_bench_run(&bench, list, 0, NULL));
    REFUSED(cg_bench_run(&bench, NULL, 0, &bench_options));
    REFUSED(cg_bench_run(&bench, list, 0, &(cg_bench_options){0}));
    cg_bench_deinit(&bench);
    cg_bench_deinit(NULL);
    REFUSED(cg_bench_json(NULL, &bench, 1));
    REFUSED(cg_bench_json(&text, NULL, 1));
    ck_assert_int_eq(cg_bench_json(&text, &(cg_bench){0}, 1), CG_OK);
    free(text);
    REFUSED(cg_bench_write(NULL, NULL, 0));
    REFUSED(cg_bench_write("file", NULL, 1));
    REFUSED(cg_bench_probe(NULL));
    cg_bench_ranks ranks;
    REFUSED(cg_bench_run_ranks(NULL, &(cg_bench_ranks_options){0}));
    REFUSED(cg_bench_run_ranks(&ranks, NULL));
    REFUSED(cg_bench_run_ranks(&ranks, &(cg_bench_ranks_options){.shards = 65}));
    cg_bench_ranks_deinit(&ranks);
    cg_bench_ranks_deinit(NULL);
    REFUSED(cg_bench_ranks_json(NULL, &(cg_bench_ranks){0}));
    REFUSED(cg_bench_ranks_json(&text, NULL));
    REFUSED(cg_bench_ranks_json(&text, &(cg_bench_ranks){.count = 1}));
    ck_assert_int_eq(cg_bench_ranks_json(&text, &(cg_bench_ranks){0}), CG_OK);
    free(text);
    REFUSED(cg_tune_run(NULL, list, 0, &tune_options));
    REFUSED(cg_tune_run(&tune, list, 0, NULL));
    REFUSED(cg_tune_run(&tune, NULL, 0, &tune_options));
    REFUSED(cg_tune_run(&tune, list, 0, &(cg_tune_options){0}));
    cg_tune_deinit(&tune);
    cg_tune_deinit(NULL);
    cg_devices_release(list);
    REFUSED(cg_cache_get_info(NULL));
    ck_assert_int_eq(cg_cache_get_info(&(cg_cache_info){0}), CG_OK);
    REFUSED(cg_cache_clear(NULL));
    ck_assert_int_eq(cg_cache_clear(&removed), CG_OK);
}
END_TEST

START_TEST(testing_devices)
{
    leave_alone();
    cg_selftest test;
    char *text = (char *)1;
    const cg_selftest_options options = cg_selftest_defaults();
    cg_devices *list;
    ck_assert_int_eq(cg_devices_create(&list), CG_OK);
    REFUSED(cg_selftest_run(NULL, list, 0, &options));
    REFUSED(cg_selftest_run(&test, list, 0, NULL));
    REFUSED(cg_selftest_run(&test, NULL, 0, &options));
    REFUSED(cg_selftest_run(&test, list, 0, &(cg_selftest_options){0}));
    ck_assert(!test.ok);
    cg_selftest_deinit(&test);
    cg_selftest_deinit(NULL);
    cg_devices_release(list);
    REFUSED(cg_selftest_json(NULL, &test, 1));
    REFUSED(cg_selftest_json(&text, NULL, 1));
    ck_assert_ptr_null(text);
    ck_assert_int_eq(cg_selftest_json(&text, &(cg_selftest){0}, 1), CG_OK);
    free(text);
    REFUSED(cg_selftest_write(NULL, NULL, 0));
    REFUSED(cg_selftest_write("file", NULL, 1));
    REFUSED(cg_selftest_probe(NULL));
}
END_TEST

START_TEST(judging)
{
    leave_alone();
    cg_evaluation evaluation, zeroed = {0};
    cg_evaluate_options options = cg_evaluate_defaults();
    char *text = NULL;
    REFUSED(cg_evaluate(NULL, &options));
    REFUSED(cg_evaluate(&evaluation, NULL));
    REFUSED(cg_evaluate(&evaluation, &options));
    REFUSED(cg_evaluate(&evaluation, &(cg_evaluate_options){0}));
    REFUSED(cg_evaluate(&evaluation, &(cg_evaluate_options){.checkpoint = "missing"}));
    cg_evaluation_deinit(&evaluation);
    cg_evaluation_deinit(NULL);
    REFUSED(cg_evaluation_json(NULL, &zeroed));
    REFUSED(cg_evaluation_json(&text, NULL));
    ck_assert_int_eq(cg_evaluation_json(&text, &zeroed), CG_OK);
    free(text);
    REFUSED(cg_evaluation_write(NULL, &zeroed));
    REFUSED(cg_evaluation_write("file", NULL));
    REFUSED(cg_evaluation_probe(NULL));
    ck_assert_str_eq(cg_scores_remark(NULL, NULL), "");
}
END_TEST

START_TEST(pages)
{
    leave_alone();
    cg_comparison zeroed = {0};
    cg_report_options options = cg_report_defaults();
    const char *const runs[] = {NULL};
    REFUSED(cg_comparison_add(NULL, "file"));
    REFUSED(cg_comparison_add(&zeroed, NULL));
    REFUSED(cg_comparison_write_html(NULL, "page.html"));
    REFUSED(cg_comparison_write_html(&zeroed, "page.html"));
    REFUSED(cg_comparison_write_html(&zeroed, NULL));
    REFUSED(cg_comparison_write_png(NULL, "figure.png"));
    REFUSED(cg_comparison_write_png(&zeroed, "figure.png"));
    REFUSED(cg_comparison_write_png(&zeroed, NULL));
    REFUSED(cg_comparison_probe("page.txt", NULL));
    REFUSED(cg_comparison_probe(NULL, "figure.txt"));
    ck_assert_int_eq(cg_comparison_probe(NULL, NULL), CG_OK);
    cg_comparison_deinit(&zeroed);
    cg_comparison_deinit(NULL);
    cg_runs list;
    char *text = NULL;
    REFUSED(cg_runs_list(NULL, "."));
    ck_assert_int_eq(cg_runs_list(&list, NULL), CG_OK);
    ck_assert_uint_eq(list.count, 0);
    REFUSED(cg_runs_find_latest(NULL, "."));
    ck_assert_int_eq(cg_runs_find_latest(&text, NULL), CG_OK);
    ck_assert_ptr_null(text);
    ck_assert_str_eq(cg_run_state_name((cg_run_state)99), "");
    REFUSED(cg_runs_json(NULL, &list));
    REFUSED(cg_runs_json(&text, NULL));
    ck_assert_int_eq(cg_runs_json(&text, &list), CG_OK);
    free(text);
    cg_runs_deinit(&list);
    cg_runs_deinit(NULL);
    REFUSED(cg_report(NULL));
    REFUSED(cg_report(&options));
    options = (cg_report_options){.runs = runs, .run_count = 1, .out = "page.html"};
    REFUSED(cg_report(&options));
    options.out = NULL;
    REFUSED(cg_report(&options));
    options = (cg_report_options){.runs = runs, .run_count = 0, .out = "page.html"};
    REFUSED(cg_report(&options));
    ck_assert_int_ne(access("page.html", F_OK), 0);
}
END_TEST

START_TEST(terminals)
{
    char line[CG_COMMAND_LINE], hint[CG_HINT];
    leave_alone();
    setenv("COLUMNS", "", 1);
    ck_assert_uint_eq(cg_terminal_columns(NULL), 0);
    ck_assert(!cg_terminal_obeys(NULL) && !cg_terminal_has_colors(NULL));
    ck_assert_uint_eq(cg_text_columns(NULL), 0);
    ck_assert_uint_eq(cg_text_fit(NULL, 3), 0);
    cg_terminal_set_program(NULL);
    ck_assert_str_eq(cg_command_line(line, NULL), "clgan");
    ck_assert_str_eq(cg_command_line(NULL, NULL), "");
    ck_assert_str_eq(cg_did_you_mean(hint, NULL, "trian", (const char *const[]){"train"}, 1),
                     "; did you mean train?");
    ck_assert_str_eq(cg_did_you_mean(hint, "", NULL, NULL, 1), "");
    ck_assert_str_eq(cg_did_you_mean(NULL, "", NULL, NULL, 1), "");
}
END_TEST

/* Asserts that `source` calls each function that the header declares; returns their number. */
static int check_header(const char *path, const char *source)
{
    static const char mark[] = "\nCG_API ";
    size_t size;
    int count = 0;
    char *text = (char *)get_file(path, &size), name[80];
    for (char *at = text; (at = strstr(at, mark)); count++) {
        at += strlen(mark);
        size_t before = strcspn(at, "(;"), start = before;
        if (at[before] == ';') /* an array */
            continue;
        while (start > 0 && at[start - 1] != ' ' && at[start - 1] != '*')
            start--;
        snprintf(name, sizeof name, "%.*s(", (int)(before - start), at + start);
        ck_assert_msg(strstr(source, name) != NULL, "%s: no case calls %s)", path, name);
    }
    free(text);
    return count;
}

START_TEST(every_function_has_a_case)
{
    size_t size;
    int count = 0;
    char *source = (char *)get_file(CLGAN_TEST_DIR "/run/test_arguments.c", &size), path[4096];
    DIR *folder = opendir(CLGAN_SOURCE_DIR "/include/clgan");
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(path, sizeof path, "%s/include/clgan/%s", CLGAN_SOURCE_DIR, entry->d_name);
        if (entry->d_name[0] != '.')
            count += check_header(path, source);
    }
    closedir(folder);
    free(source);
    ck_assert_int_gt(count, 50);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("arguments");
    tcase_add_test(tests, status_and_log);
    tcase_add_test(tests, devices);
    tcase_add_test(tests, data_files);
    tcase_add_test(tests, pictures);
    tcase_add_test(tests, tensors_and_logs);
    tcase_add_test(tests, drawing);
    tcase_add_test(tests, numbers_beyond_their_limits);
    tcase_add_test(tests, training);
    tcase_add_test(tests, measuring);
    tcase_add_test(tests, testing_devices);
    tcase_add_test(tests, judging);
    tcase_add_test(tests, pages);
    tcase_add_test(tests, terminals);
    tcase_add_test(tests, every_function_has_a_case);
    return run_case(tests, "arguments");
}
