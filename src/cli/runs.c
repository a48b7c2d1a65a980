/* clgan runs: the runs of a folder as a table of at most 80 columns, or as JSON. */
#include "cli/cli.h"

#include <clgan/log.h>
#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, CELL = CG_RUN_NAME + 8, WIDTH = 79, LEAST_DEVICE = 10 };

/* The columns. A path is never cut, as it is to be used; a device's name is. */
enum { PATH, STATE, EPOCHS, FID, SIZE, DEVICE };

typedef struct row {
    char cells[COLUMNS][CELL];
} row;

/* ---- cells ----------------------------------------------------------------------------------- */

static void format_size(char cell[CELL], double bytes)
{
    static const struct {
        double bytes;
        const char *name;
    } units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
    size_t i = 0;
    while (i < 2 && bytes < units[i].bytes)
        i++;
    snprintf(cell, CELL, "%.*f %s", i == 0, bytes / units[i].bytes, units[i].name);
}

static void format_epochs(char cell[CELL], const cg_run_info *info)
{
    if (info->epochs)
        snprintf(cell, CELL, "%llu/%llu", (unsigned long long)info->epochs_done,
                 (unsigned long long)info->epochs);
    else
        snprintf(cell, CELL, "-");
}

static void fill_row(row *r, const cg_run_info *info, bool latest)
{
    snprintf(r->cells[PATH], CELL, "%c %s", latest ? '*' : ' ', info->name);
    snprintf(r->cells[STATE], CELL, "%s", cg_run_state_name(info->state));
    format_epochs(r->cells[EPOCHS], info);
    if (isfinite(info->best_fid))
        snprintf(r->cells[FID], CELL, "%.4g", info->best_fid);
    else
        snprintf(r->cells[FID], CELL, "-");
    format_size(r->cells[SIZE], (double)info->bytes);
    snprintf(r->cells[DEVICE], CELL, "%s", info->device[0] ? info->device : "-");
}

/* ---- the table ------------------------------------------------------------------------------- */

/* The columns' widths: of their widest cells. Paths that leave too little of a line to the device
 * get lines of their own, and do not count. */
static void measure_columns(size_t widths[COLUMNS], const row *rows, size_t count)
{
    size_t rest = WIDTH - LEAST_DEVICE - (COLUMNS - 1) * 2;
    memset(widths, 0, COLUMNS * sizeof *widths);
    for (size_t c = STATE; c < DEVICE; c++) {
        for (size_t i = 0; i < count; i++)
            if (cg_text_columns(rows[i].cells[c]) > widths[c])
                widths[c] = cg_text_columns(rows[i].cells[c]);
        rest -= widths[c];
    }
    for (size_t i = 0; i < count; i++) {
        size_t width = cg_text_columns(rows[i].cells[PATH]);
        if (width <= rest && width > widths[PATH])
            widths[PATH] = width;
    }
    widths[DEVICE] = LEAST_DEVICE + rest - widths[PATH];
}

static void print_cell(const char *text, size_t width, bool right)
{
    size_t blanks = width > cg_text_columns(text) ? width - cg_text_columns(text) : 0;
    printf("%*s%s%*s", right ? (int)blanks : 0, "", text, right ? 0 : (int)blanks, "");
}

/* Prints as much as there is room for, the last three columns of it "..." where that is not all. */
static void print_device(const char *text, size_t width)
{
    bool cut = cg_text_columns(text) > width;
    printf("%.*s%s\n", (int)cg_text_fit(text, cut ? width - 3 : width), text, cut ? "..." : "");
}

static void print_row(const row *r, const size_t widths[COLUMNS])
{
    bool apart = cg_text_columns(r->cells[PATH]) > widths[PATH];
    if (apart)
        puts(r->cells[PATH]);
    print_cell(apart ? "" : r->cells[PATH], widths[PATH], false);
    for (size_t c = STATE; c < DEVICE; c++) {
        fputs("  ", stdout);
        print_cell(r->cells[c], widths[c], c != STATE);
    }
    fputs("  ", stdout);
    print_device(r->cells[DEVICE], widths[DEVICE]);
}

static cg_status print_table(const cg_runs *runs)
{
    static const row titles = {{"  run", "state", "epochs", "FID", "size", "device"}};
    size_t widths[COLUMNS];
    row *rows = calloc(runs->count + 1, sizeof *rows);
    if (!rows)
        return cg_fail(CG_ERR_MEMORY, "no memory for %zu runs", runs->count);
    rows[0] = titles;
    for (size_t i = 0; i < runs->count; i++)
        fill_row(&rows[i + 1], &runs->items[i], i == runs->latest);
    measure_columns(widths, rows, runs->count + 1);
    for (size_t i = 0; i <= runs->count; i++)
        print_row(&rows[i], widths);
    free(rows);
    return CG_OK;
}

static cg_status print_json(const cg_runs *runs)
{
    char *text = NULL;
    cg_status status = cg_runs_json(&text, runs);
    if (status == CG_OK)
        puts(text);
    free(text);
    return status;
}

/* ---- the command ----------------------------------------------------------------------------- */

static cg_status list_runs(const char *folder, bool json)
{
    cg_runs runs;
    cg_status status = cg_runs_list(&runs, folder);
    if (status == CG_OK && json)
        status = print_json(&runs);
    else if (status == CG_OK && runs.count)
        status = print_table(&runs);
    else if (status == CG_OK)
        cg_log(CG_LOG_INFO, "there is no run in %s", folder);
    cg_runs_deinit(&runs);
    return status;
}

static int run_runs(const cg_command *command, int argc, char **argv)
{
    cg_operands folders = {0};
    bool json = false, helped;
    const cg_option options[] = {
        {"DIR", CG_OPTION_OPERANDS, &folders, NULL, 0, 1, NULL, "where the runs are (runs)"},
        {"json", CG_OPTION_FLAG, &json, NULL, 0, 0, NULL, "print JSON"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = list_runs(folders.count ? folders.items[0] : CG_RUNS_FOLDER, json);
    return cg_exit_status(status);
}

const cg_command cg_command_runs = {
    .name = "runs",
    .summary = "lists runs: state, epochs, best FID, size, device; * is the latest",
    .synopsis = "[DIR] [--json]",
    .example = "clgan runs --json",
    .run = run_runs,
};

/* ---- for other commands ---------------------------------------------------------------------- */

cg_status cg_take_latest_run(char **run, const char *needed)
{
    cg_status status = cg_runs_find_latest(run, CG_RUNS_FOLDER);
    if (status == CG_OK && !*run)
        return cg_fail(CG_ERR_INPUT, "%s: there is no run under %s/ to take instead", needed,
                       CG_RUNS_FOLDER);
    if (status == CG_OK)
        cg_log(CG_LOG_INFO, "taking %s, the run that was written last", *run);
    return status;
}
