/* The figures of several ranks. */
#include "cli/bench_ranks.h"

#include "cli/output.h"
#include "cli/ranks.h"
#include "cli/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cg_table_column columns[] = {
    {"rank", NULL, 4, 0, false},       {"shards", NULL, 6, 1, false},
    {"ms", "computing", 10, 0, false}, {"ms", "exchanging", 10, 0, false},
    {"ms", "waiting", 8, 0, false},    {"MB", "sent", 7, 3, false},
    {"MB", "received", 8, 2, false},
};

static void print_rank(const cg_table *table, size_t number, const cg_bench_rank *rank)
{
    cg_cells cells;
    char where[CG_TABLE_CELL + 256];
    snprintf(cells[0], CG_TABLE_CELL, "%zu", number);
    snprintf(cells[1], CG_TABLE_CELL, "%zu", rank->shards);
    cg_cell_number(cells[2], 2, 1e3 * rank->computing);
    cg_cell_number(cells[3], 2, 1e3 * rank->exchanging);
    cg_cell_number(cells[4], 2, 1e3 * rank->waiting);
    cg_cell_number(cells[5], 2, 1e-6 * rank->sent);
    cg_cell_number(cells[6], 2, 1e-6 * rank->received);
    snprintf(where, sizeof where, "%s %s on %s", rank->device.id, rank->device.name, rank->host);
    cg_table_print_with(table, cells, where);
}

/* Prints a line: steps of so many ranks, and in words how fast all ranks are beside them. */
static void print_step(const char *who, const cg_bench_step *step, const char *beside)
{
    char text[512];
    snprintf(text, sizeof text, "%s: median %.3f ms (%.3f to %.3f, %zu times), %.0f images/s%s",
             who, 1e3 * step->seconds_median, 1e3 * step->seconds_min, 1e3 * step->seconds_max,
             step->repetitions, step->images_per_second, beside);
    cg_output_result(text, 0, 2);
}

static void print_result(const cg_bench_ranks *r)
{
    char who[96], beside[96] = "";
    cg_table table;
    cg_table_begin(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < r->count; i++)
        print_rank(&table, i, &r->ranks[i]);
    putchar('\n');
    snprintf(who, sizeof who, "step of batch %zu in %zu shards on %zu rank%s", r->batch, r->shards,
             r->count, r->count > 1 ? "s" : "");
    print_step(who, &r->step, "");
    if (r->alone.repetitions) {
        snprintf(beside, sizeof beside, ": the efficiency is %.1f %%", 100 * r->efficiency);
        print_step("the same on rank 0 alone", &r->alone, beside);
    }
    snprintf(beside, sizeof beside, ": the efficiency is %.1f %%", 100 * r->efficiency_whole);
    print_step("without shards on rank 0 alone", &r->whole, beside);
}

static cg_status print_json(const cg_bench_ranks *result)
{
    char *text;
    cg_status status = cg_bench_ranks_json(&text, result);
    if (status == CG_OK)
        puts(text);
    free(text);
    return status;
}

cg_status cg_bench_ranks_command(const cg_bench_ranks_options *options)
{
    cg_bench_ranks result;
    cg_bench_ranks_options own = *options;
    const bool to_stdout = own.file && strcmp(own.file, "-") == 0;
    if (to_stdout)
        own.file = NULL;
    cg_ranks_on_stop(cg_stop_at_once);
    cg_status status = cg_bench_run_ranks(&result, &own);
    if (status == CG_OK && result.mine == 0 && to_stdout)
        status = print_json(&result);
    else if (status == CG_OK && result.mine == 0)
        print_result(&result);
    cg_bench_ranks_deinit(&result);
    return status;
}
