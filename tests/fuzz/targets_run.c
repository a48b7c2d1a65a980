/* Runs and benches, and the pages of both. */
#include "fuzz/fuzz.h"
#include "system.h"

#include "base/file.h"
#include "base/text.h"
#include "figure/page.h"
#include "report/page.h"
#include "run/config.h"
#include "run/recipe.h"
#include "train/history.h"

#include <clgan/compare.h>
#include <clgan/runlog.h>
#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <stdlib.h>
#include <string.h>

void fuzz_config(const unsigned char *data, size_t size)
{
    char *text = fuzz_text(data, size);
    cg_run_config *config = calloc(1, sizeof *config);
    fuzz_need(config != NULL, "there is memory for the test");
    const char *wrong;
    if (cg_config_parse(config, &wrong, text) == CG_OK)
        fuzz_need(config->images > 0, "a configuration has images");
    free(config);
    free(text);
}

/* A record that was read is written as JSON, which is read as the same kind. */
static cg_status use_line(void *user, const char *line)
{
    cg_record record, again;
    cg_text written = {0};
    bool sound, same;
    (void)user;
    if (cg_record_read(&sound, &record, line, strlen(line)) == CG_OK && sound &&
        record.kind < CG_RECORD_KINDS) {
        cg_record_classes(&record);
        cg_record_print(&written, &record);
        fuzz_need(cg_record_read(&same, &again, written.data, written.size) != CG_OK || !same ||
                      again.kind == record.kind,
                  "a record stays of its kind");
    }
    cg_text_deinit(&written);
    return CG_OK;
}

void fuzz_log(const unsigned char *data, size_t size)
{
    const char *path = fuzz_put("log.jsonl", data, size);
    const cg_runlog_end end = {.step = 100, .first = 50, .every = 10};
    cg_history history;
    size_t lines = 0;
    cg_history_read(&history, path);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    fuzz_need(history.best_count <= lines, "there are no more bests than lines");
    cg_history_deinit(&history);
    cg_runlog_read(path, use_line, NULL);
    cg_runlog_truncate(path, &end);
}

/* Makes the folder of a run: config.json, log.jsonl, an epoch's picture. Returns its path. */
static const char *make_run(const unsigned char *data, size_t size)
{
    static const char *const names[] = {"run/config.json", "run/log.jsonl",
                                        "run/images/image_at_epoch_0001.png"};
    fuzz_part rest = {data, size};
    mkdir(fuzz_path("run"), 0700);
    mkdir(fuzz_path("run/images"), 0700);
    mkdir(fuzz_path("run/checkpoints"), 0700);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fuzz_part part = fuzz_next(&rest);
        fuzz_put(names[i], part.data, part.size);
    }
    return fuzz_path("run");
}

void fuzz_run_folder(const unsigned char *data, size_t size)
{
    cg_runs runs;
    char *text = NULL, line[CG_COMMAND_LINE];
    cg_status status = cg_runs_list(&runs, make_run(data, size));
    for (size_t i = 0; status == CG_OK && i < runs.count; i++) {
        fuzz_check_shown(runs.items[i].name);
        fuzz_check_shown(runs.items[i].device);
    }
    if (status == CG_OK && cg_runs_json(&text, &runs) == CG_OK)
        fuzz_check_json(text);
    cg_command_line(line, (const char *const[]){"train", text, NULL});
    free(text);
    cg_runs_deinit(&runs);
}

/* A report without a device draws nothing. */
void fuzz_report(const unsigned char *data, size_t size)
{
    cg_run_data run;
    cg_run_pictures pictures = {0};
    cg_run_samples samples = {0};
    cg_report_data all = {{&run, 1}, &pictures, &samples};
    cg_text page = {0};
    if (cg_run_data_read(&run, make_run(data, size)) == CG_OK &&
        cg_run_pictures_read(&pictures, &run) == CG_OK && cg_report_add_page(&page, &all) == CG_OK)
        fuzz_check_page(page.data);
    cg_text_deinit(&page);
    cg_run_pictures_deinit(&pictures);
    cg_run_data_deinit(&run);
}

static void check_entry(const cg_comparison_entry *entry)
{
    fuzz_check_shown(entry->file);
    fuzz_check_shown(entry->device);
    fuzz_check_shown(entry->platform);
    fuzz_check_shown(entry->driver);
    fuzz_check_shown(entry->clgan);
    fuzz_check_shown(entry->reason);
    for (size_t i = 0; i < entry->layer_count; i++) {
        fuzz_check_shown(entry->layers[i].name);
        fuzz_check_shown(entry->layers[i].pass);
        fuzz_check_shown(entry->layers[i].algorithm);
    }
}

void fuzz_compare(const unsigned char *data, size_t size)
{
    cg_comparison comparison = {0};
    cg_comparison_add(&comparison, fuzz_put("bench.json", data, size));
    for (size_t i = 0; i < comparison.count; i++)
        check_entry(&comparison.entries[i]);
    cg_comparison_deinit(&comparison);
}

void fuzz_compare_page(const unsigned char *data, size_t size)
{
    cg_comparison comparison = {0};
    void *page = NULL;
    size_t length;
    if (cg_comparison_add(&comparison, fuzz_put("bench.json", data, size)) == CG_OK &&
        cg_comparison_write_html(&comparison, fuzz_path("compare.html")) == CG_OK &&
        cg_file_read(&page, &length, fuzz_path("compare.html"), 1 << 28) == CG_OK) {
        ((char *)page)[length] = '\0';
        fuzz_check_page(page);
    }
    free(page);
    cg_comparison_deinit(&comparison);
}

/* Words: of options that name a recipe, of messages, of pages. */
void fuzz_words(const unsigned char *data, size_t size)
{
    static const char *const names[] = {"train", "tutorial", "fast", "evaluate"};
    char hint[CG_HINT], line[CG_COMMAND_LINE], small[24];
    char *text = fuzz_text(data, size);
    cg_text page = {0};
    cg_recipe recipe;
    cg_text_clean(small, sizeof small, text);
    fuzz_check_shown(small);
    fuzz_need(cg_text_fit(text, 20) <= strlen(text), "what fits is a part");
    cg_text_columns(text);
    cg_did_you_mean(hint, "--", text, names, 4);
    cg_command_line(line, (const char *const[]){text, text, NULL});
    cg_recipe_resolve(&recipe, &(cg_recipe_options){.name = text});
    cg_page_begin(&page, "words", "");
    cg_page_add_text(&page, text);
    cg_text_add_base64(&page, data, size);
    cg_page_end(&page);
    fuzz_check_page(page.data);
    cg_text_deinit(&page);
    free(text);
}
