/* clgan runs: the runs of a folder as a table, or as JSON. */
#include "cli/cli.h"
#include "cli/output.h"

#include <clgan/log.h>
#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- cells ----------------------------------------------------------------------------------- */

enum { PATH, STATE, EPOCHS, FID, SIZE, DEVICE, COLUMNS };

/* Longer paths get lines of their own, as a path is to be used and never cut. */
enum { PATH_MOST = 40 };

/* Their widths are those of their widest cells. */
static const cg_table_column columns[COLUMNS] = {
    [PATH] = {.title = "  run", .is_text = true, .whole = true},
    [STATE] = {.title = "state", .worth = 5, .is_text = true, .whole = true},
    [EPOCHS] = {.title = "epochs", .worth = 4},
    [FID] = {.title = "FID", .worth = 3},
    [SIZE] = {.title = "size", .worth = 1},
    [DEVICE] = {.title = " device", .worth = 2, .is_text = true},
};

static void format_size(char cell[CG_TABLE_CELL], double bytes)
{
    static const struct {
        double bytes;
        const char *name;
    } units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
    size_t i = 0;
    while (i < 2 && bytes < units[i].bytes)
        i++;
    snprintf(cell, CG_TABLE_CELL, "%.*f %s", i == 0, bytes / units[i].bytes, units[i].name);
}

static void format_epochs(char cell[CG_TABLE_CELL], const cg_run_info *info)
{
    if (info->epochs)
        snprintf(cell, CG_TABLE_CELL, "%llu/%llu", (unsigned long long)info->epochs_done,
                 (unsigned long long)info->epochs);
    else
        snprintf(cell, CG_TABLE_CELL, "-");
}

static bool has_long_path(const cg_run_info *info)
{
    return cg_text_columns(info->name) > PATH_MOST;
}

static void fill_cells(cg_cells cells, const cg_run_info *info, bool latest)
{
    cells[PATH][0] = '\0';
    if (!has_long_path(info))
        snprintf(cells[PATH], CG_TABLE_CELL, "%c %.*s", latest ? '*' : ' ', CG_TABLE_CELL - 3,
                 info->name);
    snprintf(cells[STATE], CG_TABLE_CELL, "%s", cg_run_state_name(info->state));
    format_epochs(cells[EPOCHS], info);
    snprintf(cells[FID], CG_TABLE_CELL, isfinite(info->best_fid) ? "%.4g" : "-", info->best_fid);
    format_size(cells[SIZE], (double)info->bytes);
    snprintf(cells[DEVICE], CG_TABLE_CELL, " %s", info->device[0] ? info->device : "-");
}

/* ---- the table ------------------------------------------------------------------------------- */

static void fill_row(cg_cells cells, const void *user, size_t row)
{
    const cg_runs *runs = user;
    fill_cells(cells, &runs->items[row], row == runs->latest);
}

static void print_table(const cg_runs *runs)
{
    cg_table_column wide[CG_TABLE_COLUMNS];
    cg_table table;
    cg_cells cells;
    cg_table_fit(wide, columns, COLUMNS, fill_row, runs, runs->count);
    cg_table_begin(&table, wide, COLUMNS);
    for (size_t i = 0; i < runs->count; i++) {
        fill_row(cells, runs, i);
        if (has_long_path(&runs->items[i]))
            printf("%c %s\n", i == runs->latest ? '*' : ' ', runs->items[i].name);
        cg_table_print(&table, cells);
    }
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
        print_table(&runs);
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
