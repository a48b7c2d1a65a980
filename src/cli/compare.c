/* clgan compare: measurements side by side. */
#include "cli/cli.h"
#include "cli/output.h"

#include <clgan/bench.h>
#include <clgan/compare.h>
#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

enum { BAR = 30 /* columns */ };

static const cg_comparison_entry *first_measured(const cg_comparison *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (!c->entries[i].reason[0])
            return &c->entries[i];
    return NULL;
}

/* cell = a bar as long as the entry's speed beside the fastest one's. */
static void draw_bar(char cell[CG_TABLE_CELL], const cg_comparison *c,
                     const cg_comparison_entry *entry)
{
    double most = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->entries[i].images_per_second > most)
            most = c->entries[i].images_per_second;
    int length = most > 0 ? (int)(BAR * entry->images_per_second / most + 0.5) : 0;
    snprintf(cell, CG_TABLE_CELL, " %.*s", length, "##############################");
}

/* The names of devices come last of those that go, their drivers first. */
static const cg_table_column columns[] = {
    {"device", NULL, 32, 0, true},   {"driver", NULL, 16, 1, true},
    {"clgan", NULL, 8, 3, true},     {"batch", NULL, 6, 5, false},
    {"ms/step", NULL, 10, 7, false}, {"images/s", NULL, 9, 8, false},
    {"GFLOP/s", NULL, 9, 2, false},  {"MiB", NULL, 8, 4, false},
    {"ratio", NULL, 6, 9, false},    {"", NULL, BAR + 1, 6, true},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void print_entry(const cg_table *table, const cg_comparison *c, const cg_comparison_entry *e)
{
    cg_cells cells = {0};
    snprintf(cells[0], CG_TABLE_CELL, "%s", e->device);
    snprintf(cells[1], CG_TABLE_CELL, "%s", e->driver);
    snprintf(cells[2], CG_TABLE_CELL, "%s", e->clgan);
    cg_cell_number(cells[3], 0, (double)e->batch);
    if (e->reason[0]) {
        cg_table_print_with(table, cells, e->reason);
        return;
    }
    cg_cell_number(cells[4], 3, 1e3 * e->seconds);
    cg_cell_number(cells[5], 0, e->images_per_second);
    cg_cell_number(cells[6], 0, e->gflops);
    cg_cell_number(cells[7], 0, e->memory_bytes / (1 << 20));
    cg_cell_number(cells[8], 2, e->ratio);
    draw_bar(cells[9], c, e);
    cg_table_print(table, cells);
}

static void print_table(const cg_comparison *c)
{
    cg_table table;
    cg_table_begin(&table, columns, COLUMNS);
    for (size_t i = 0; i < c->count; i++)
        print_entry(&table, c, &c->entries[i]);
}

/* Regressions are looked for on one device. */
static cg_status check_same_device(const cg_comparison *c)
{
    const cg_comparison_entry *first = &c->entries[0];
    for (size_t i = 1; i < c->count; i++) {
        const cg_comparison_entry *e = &c->entries[i];
        if (strcmp(e->device, first->device) != 0)
            return cg_fail(CG_ERR_ARGUMENT, "--fail-below: %s measures '%s', %s '%s'", e->file,
                           e->device, first->file, first->device);
    }
    return CG_OK;
}

/* Counts those that are slower than `least` times the first, or have no figures, and prints their
 * names. */
static int count_slower(const cg_comparison *c, double least)
{
    int slower = 0;
    for (size_t i = 0; i < c->count; i++) {
        const cg_comparison_entry *e = &c->entries[i];
        bool is_first = e == first_measured(c);
        if (is_first || e->ratio >= least)
            continue;
        if (e->reason[0])
            cg_log(CG_LOG_ERROR, "%s: no figures: %s", e->file, e->reason);
        else
            cg_log(CG_LOG_ERROR, "%s: %.3f of the first one's images a second, less than %g",
                   e->file, e->ratio, least);
        slower++;
    }
    return slower;
}

typedef struct compare_options {
    double least; /* 0: regressions are not looked for */
    const char *html, *png;
} compare_options;

static cg_status write_files(const cg_comparison *c, const compare_options *options)
{
    cg_status status = options->html ? cg_comparison_write_html(c, options->html) : CG_OK;
    return status == CG_OK && options->png ? cg_comparison_write_png(c, options->png) : status;
}

static int compare_files(const cg_operands *files, const compare_options *options)
{
    cg_comparison c = {0};
    cg_status status = cg_comparison_probe(options->html, options->png);
    int slower = 0;
    for (size_t i = 0; status == CG_OK && i < files->count; i++)
        status = cg_comparison_add(&c, files->items[i]);
    if (status == CG_OK && options->least > 0)
        status = check_same_device(&c);
    if (status == CG_OK) {
        print_table(&c);
        slower = options->least > 0 ? count_slower(&c, options->least) : 0;
        status = write_files(&c, options);
    }
    cg_comparison_deinit(&c);
    return status == CG_OK && slower ? CG_EXIT_FAILED : cg_exit_status(status);
}

static int run_compare(const cg_command *command, int argc, char **argv)
{
    cg_operands files = {0};
    compare_options chosen = {0};
    bool helped;
    const cg_option options[] = {
        {"FILE", CG_OPTION_OPERANDS, &files, NULL, 1, CG_OPERANDS_MAX, NULL,
         "what clgan bench --json wrote; the first is what the others are compared with"},
        {"html", CG_OPTION_OUTPUT, &chosen.html, NULL, 0, 0, "FILE.html",
         "write a page with tables and a figure there"},
        {"png", CG_OPTION_OUTPUT, &chosen.png, NULL, 0, 0, "FILE.png", "write the figure there"},
        {"fail-below", CG_OPTION_REAL, &chosen.least, NULL, 1, 0, "R",
         "exit with 1 when one is slower than R times the first"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status != CG_OK || helped)
        return cg_exit_status(status);
    return compare_files(&files, &chosen);
}

const cg_command cg_command_compare = {
    .name = "compare",
    .summary = "shows measurements of clgan bench side by side",
    .synopsis = "FILE [FILE...] [--html FILE.html] [--png FILE.png] [--fail-below R]",
    .example = "clgan compare before.json after.json --html compare.html --fail-below 0.95",
    .run = run_compare,
};
