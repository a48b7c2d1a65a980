/* clgan tune: what is fastest on a device, as a table, and into the file of tunings. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/process.h"

#include <clgan/log.h>
#include <clgan/recipe.h>
#include <clgan/terminal.h>
#include <clgan/tune.h>
#include <clgan/unfinished.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cg_table_column columns[] = {
    {"operation", NULL, 9, 0, true}, {"pass", NULL, 10, 0, true},   {"default", NULL, 20, 3, true},
    {"ms", NULL, 8, 1, false},       {"winner", NULL, 20, 4, true}, {"ms", NULL, 8, 2, false},
};

static volatile sig_atomic_t stop_signal;

/* The first signal ends the search, and what was found stays; the second ends at once. */
static void on_signal(int signal_number, bool again)
{
    if (again) {
        cg_unfinished_remove();
        cg_process_end(CG_EXIT_SIGNAL + signal_number);
    }
    stop_signal = signal_number;
    cg_process_say("clgan: ending after what has begun; a second signal ends at once\n");
}

static void print_row(const cg_table *table, const cg_tune_row *row)
{
    bool same = strcmp(row->before, row->after) == 0;
    cg_cells cells;
    snprintf(cells[0], CG_TABLE_CELL, "%s", row->name);
    snprintf(cells[1], CG_TABLE_CELL, "%s", row->pass);
    snprintf(cells[2], CG_TABLE_CELL, "%s", row->before);
    cg_cell_number(cells[3], 3, 1e3 * row->before_seconds);
    snprintf(cells[4], CG_TABLE_CELL, "%s", same ? "-" : row->after);
    cg_cell_number(cells[5], 3, 1e3 * row->after_seconds);
    cg_table_print(table, cells);
}

static void print_table(const cg_tune *tune)
{
    const cg_device_info *d = &tune->device;
    char text[640];
    cg_table table;
    snprintf(text, sizeof text, "%s  %s (%s), driver %s", d->id, d->name, d->platform, d->driver);
    cg_output_result(text, 0, 2);
    printf("%zu candidates, %zu of them wrong; no time for %zu\n", tune->candidates, tune->wrong,
           tune->untried);
    printf("%.1f s of measuring, %.1f s of building and comparing\n", tune->measuring_seconds,
           tune->other_seconds);
    if (!tune->compared) {
        char line[CG_COMMAND_LINE];
        puts("no time to compare whole steps: the defaults stay, and nothing is stored");
        snprintf(text, sizeof text, "what was built is kept: %.512s gets further when called again",
                 cg_command_line(line, (const char *const[]){"tune", NULL}));
        cg_output_result(text, 0, 2);
        return;
    }
    putchar('\n');
    cg_table_begin(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < tune->row_count; i++)
        print_row(&table, &tune->rows[i]);
    if (tune->changed)
        printf("\nstep of batch %zu: %.3f ms instead of %.3f\n", tune->batch, 1e3 * tune->after,
               1e3 * tune->before);
    else
        printf("\nstep of batch %zu: %.3f ms; the defaults stay\n", tune->batch,
               1e3 * tune->before);
    if (tune->file)
        printf("stored in %s\n", tune->file);
    else if (tune->untried)
        puts("not stored: there was no time to try anything, or to try what is stored");
    else
        puts("not stored: CLGAN_TUNING is empty, or neither it nor HOME is set");
}

static cg_status tune_device(const char *selector, const cg_tune_options *options)
{
    cg_devices *devices = NULL;
    size_t index = 0;
    cg_status status = cg_devices_create(&devices);
    size_t count = status == CG_OK ? cg_devices_count(devices) : 0;
    if (status == CG_OK)
        status =
            cg_device_select(&index, count ? cg_devices_info(devices, 0) : NULL, count, selector);
    if (status == CG_OK) {
        cg_tune tune;
        status = cg_tune_run(&tune, devices, index, options);
        if (status == CG_OK || status == CG_ERR_STOPPED)
            print_table(&tune);
        cg_tune_deinit(&tune);
    }
    cg_devices_release(devices);
    return status;
}

static int run_tune(const cg_command *command, int argc, char **argv)
{
    const char *selector = getenv("CLGAN_DEVICE");
    uint64_t batch = 256, seconds = CG_TUNE_SECONDS;
    bool helped;
    const cg_option options[] = {
        {"device", CG_OPTION_TEXT, &selector, NULL, 0, 0, "SEL", "device (default: the best)"},
        {"batch", CG_OPTION_NUMBER, &batch, NULL, 1, CG_BATCH_MOST, "N", "images a step (256)"},
        {"seconds", CG_OPTION_NUMBER, &seconds, NULL, 1, CG_TUNE_SECONDS_MOST, "N",
         "in all, building and comparing included (120)"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped) {
        cg_process_on_stop(on_signal);
        status = tune_device(
            selector, &(cg_tune_options){(size_t)batch, (double)seconds, .stop = &stop_signal});
    }
    return status == CG_ERR_STOPPED ? CG_EXIT_SIGNAL + (int)stop_signal : cg_exit_status(status);
}

const cg_command cg_command_tune = {
    .name = "tune",
    .summary = "finds the fastest algorithms on a device; train and bench take them",
    .synopsis = "[--device SEL] [--batch 256] [--seconds 120]",
    .example = "clgan tune --device gpu",
    .run = run_tune,
};
