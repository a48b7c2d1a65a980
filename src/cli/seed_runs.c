/* The end of several runs: a table of them, and the commands to go on with. */
#include "cli/seed_runs.h"

#include "cli/output.h"

#include <clgan/log.h>
#include <clgan/report.h>
#include <clgan/runs.h>
#include <clgan/terminal.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *cg_seeds_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    bool ends = length && folder[length - 1] == '/';
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s%s%s", folder, ends ? "" : "/", name);
    return path;
}

bool cg_seeds_has_run(const char *folder)
{
    static const char *const names[] = {"config.json", "log.jsonl"};
    bool has = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !has; i++) {
        struct stat info;
        char *path = cg_seeds_join(folder, names[i]);
        has = path && stat(path, &info) == 0;
        free(path);
    }
    return has;
}

/* ---- cells ----------------------------------------------------------------------------------- */

enum { SEED, RUN, DEVICE, STEPS, FID, EPOCH, RATE, TIME, STATE, COLUMNS };

/* Their widths are those of their widest cells. */
static const cg_table_column columns[COLUMNS] = {
    [SEED] = {.title = "seed"},
    [RUN] = {.title = " run", .worth = 4, .is_text = true},
    [DEVICE] = {.title = " device", .worth = 2, .is_text = true},
    [STEPS] = {.title = "steps", .worth = 7},
    [FID] = {.title = "best FID", .worth = 6},
    [EPOCH] = {.title = "in epoch", .worth = 1},
    [RATE] = {.title = "images/s", .worth = 3},
    [TIME] = {.title = "time", .worth = 5},
    [STATE] = {.title = " state", .is_text = true, .whole = true},
};

static bool is_stopped(const cg_seed_run *run)
{
    static const int stops[] = {129, 130, 143};
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        if (run->state == CG_SEED_ENDED && run->exit_status == stops[i])
            return true;
    return false;
}

static void format_state(char cell[CG_TABLE_CELL], const cg_seed_run *run)
{
    static const char *const words[CG_EXIT_COUNT] = {
        [CG_EXIT_DONE] = "done",           [CG_EXIT_FAILED] = "failed",
        [CG_EXIT_REFUSED] = "refused",     [CG_EXIT_NO_DEVICE] = "no device",
        [CG_EXIT_WRONG] = "wrong results",
    };
    const int status = run->exit_status;
    if (run->state != CG_SEED_ENDED)
        snprintf(cell, CG_TABLE_CELL, " not started");
    else if (status >= 0 && status < CG_EXIT_COUNT)
        snprintf(cell, CG_TABLE_CELL, " %s", words[status]);
    else if (run->killed || is_stopped(run))
        snprintf(cell, CG_TABLE_CELL, " stopped");
    else
        snprintf(cell, CG_TABLE_CELL, " crashed (%d)", status);
}

static void format_time(char cell[CG_TABLE_CELL], double seconds)
{
    const uint64_t whole = (uint64_t)(seconds > 0 ? seconds + .5 : 0);
    const unsigned minutes = (unsigned)(whole / 60 % 60), rest = (unsigned)(whole % 60);
    if (whole < 3600)
        snprintf(cell, CG_TABLE_CELL, "%u:%02u", minutes, rest);
    else
        snprintf(cell, CG_TABLE_CELL, "%" PRIu64 ":%02u:%02u", whole / 3600, minutes, rest);
}

static void fill_cells(cg_cells cells, const cg_seeds *s, const cg_seed_run *run,
                       const cg_run_info *info)
{
    const bool tried = run->seconds > 0 || run->state == CG_SEED_ENDED;
    const cg_device_info *device = tried ? cg_devices_info(s->devices, run->device) : NULL;
    snprintf(cells[SEED], CG_TABLE_CELL, "%" PRIu64, run->seed);
    snprintf(cells[RUN], CG_TABLE_CELL, " %.*s", CG_TABLE_CELL - 2, run->path ? run->path : "-");
    snprintf(cells[DEVICE], CG_TABLE_CELL, " %s %s", device ? device->id : "-",
             device ? device->name : "");
    snprintf(cells[STEPS], CG_TABLE_CELL, "%" PRIu64, info->step);
    snprintf(cells[FID], CG_TABLE_CELL, isfinite(info->best_fid) ? "%.4g" : "-", info->best_fid);
    cg_cell_number(cells[EPOCH], 0, info->best_epoch);
    cg_cell_number(cells[RATE], 0, info->images_per_second);
    format_time(cells[TIME], run->seconds);
    format_state(cells[STATE], run);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* *info = what the run's files say. */
static void describe_run(cg_run_info *info, const cg_seed_run *run)
{
    cg_runs runs = {0};
    *info = (cg_run_info){.best_fid = NAN, .best_epoch = NAN, .images_per_second = NAN};
    if (run->path && cg_seeds_has_run(run->path) && cg_runs_list(&runs, run->path) == CG_OK &&
        runs.count)
        *info = runs.items[0];
    info->path = NULL;
    cg_runs_deinit(&runs);
}

typedef struct described {
    const cg_seeds *seeds;
    const cg_run_info *infos;
} described;

static void fill_row(cg_cells cells, const void *user, size_t row)
{
    const described *d = user;
    fill_cells(cells, d->seeds, &d->seeds->runs[row], &d->infos[row]);
}

static void print_table(const cg_seeds *s, const cg_run_info *infos)
{
    const described all = {s, infos};
    cg_table_column wide[CG_TABLE_COLUMNS];
    cg_table table;
    cg_cells cells;
    cg_table_fit(wide, columns, COLUMNS, fill_row, &all, s->count);
    cg_table_begin(&table, wide, COLUMNS);
    for (size_t i = 0; i < s->count; i++) {
        fill_row(cells, &all, i);
        cg_table_print(&table, cells);
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/* Prints the word with a blank before it, for a shell; any length of one that needs no quotes. */
static void print_word(const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=";
    char program[CG_COMMAND_LINE], line[CG_COMMAND_LINE];
    if (*word && strspn(word, plain) == strlen(word)) {
        printf(" %s", word);
        return;
    }
    cg_command_line(program, (const char *const[]){NULL});
    cg_command_line(line, (const char *const[]){word, NULL});
    printf("%s", line + strlen(program));
}

static void begin_command(const char *what, const char *command)
{
    char line[CG_COMMAND_LINE];
    printf("%s: %s", what, cg_command_line(line, (const char *const[]){command, NULL}));
}

/* Prints a path that stands where options may. */
static void print_path(const char *path)
{
    char *safe = path[0] == '-' ? cg_seeds_join(".", path) : NULL;
    print_word(safe ? safe : path);
    free(safe);
}

/* A page shows so many runs at most. */
static void print_report(const cg_seeds *s, const cg_run_info *infos)
{
    size_t shown = 0;
    const char *out = s->request->out;
    for (size_t i = 0; i < s->count && shown < CG_REPORT_RUNS; i++) {
        if (!infos[i].step)
            continue;
        if (!shown++)
            begin_command("side by side", "report");
        print_path(s->runs[i].path);
    }
    if (!shown)
        return;
    print_word("--out");
    char *page = out ? cg_seeds_join(out, "report.html") : NULL;
    print_word(page ? page : "report.html");
    free(page);
    putchar('\n');
}

static void print_words(const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_word(words[i]);
}

/* True for one that is not done, unless it was refused, which it would be again. */
static bool can_go_on(const cg_seed_run *run)
{
    return run->state != CG_SEED_ENDED ||
           (run->exit_status != 0 && run->exit_status != CG_EXIT_REFUSED);
}

/* One that has begun, in a folder that it has found for itself. */
static void print_go_on(const cg_seeds *s, const cg_seed_run *run)
{
    begin_command("go on with", "train");
    print_words(s->kept, s->kept_count);
    print_words((const char *const[]){"--device", cg_devices_info(s->devices, run->device)->id,
                                      "--out", run->path, "--resume"},
                5);
    putchar('\n');
}

/* Those that have not begun. */
static void print_begin(const cg_seeds *s, const cg_run_info *infos)
{
    bool any = false;
    for (size_t i = 0; i < s->count; i++) {
        if (!can_go_on(&s->runs[i]) || infos[i].step)
            continue;
        if (!any)
            begin_command("go on with", "train");
        printf("%s%" PRIu64, any ? "," : " --seeds ", s->runs[i].seed);
        any = true;
    }
    if (!any)
        return;
    if (s->request->devices)
        print_words((const char *const[]){"--devices", s->request->devices}, 2);
    else if (s->request->device)
        print_words((const char *const[]){"--device", s->request->device}, 2);
    print_words(s->kept, s->kept_count);
    putchar('\n');
}

static void print_rest(const cg_seeds *s, const cg_run_info *infos)
{
    const cg_seeds_request *r = s->request;
    bool any = false;
    for (size_t i = 0; i < s->count; i++)
        any |= can_go_on(&s->runs[i]);
    if (!any)
        return;
    if (r->out) {
        begin_command("go on with", "train");
        print_words((const char *const *)r->argv, (size_t)r->argc);
        if (!r->resume)
            print_word("--resume");
        putchar('\n');
        return;
    }
    for (size_t i = 0; i < s->count; i++)
        if (can_go_on(&s->runs[i]) && infos[i].step)
            print_go_on(s, &s->runs[i]);
    print_begin(s, infos);
}

void cg_seeds_summarize(const cg_seeds *seeds)
{
    cg_run_info *infos = calloc(seeds->count, sizeof *infos);
    if (!infos) {
        cg_log(CG_LOG_ERROR, "no memory for a table of %zu runs", seeds->count);
        return;
    }
    for (size_t i = 0; i < seeds->count; i++)
        describe_run(&infos[i], &seeds->runs[i]);
    print_table(seeds, infos);
    print_report(seeds, infos);
    print_rest(seeds, infos);
    free(infos);
}
