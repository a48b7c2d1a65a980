/* clgan evaluate: options, a table on stdout, and the JSON file. */
#include "cli/cli.h"
#include "cli/output.h"

#include <clgan/evaluate.h>
#include <clgan/log.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ------------------------------------------------------------------------------- */

/* A line of scores: a number or an interval of cg_scores, and what it is. */
typedef struct row {
    const char *name;
    size_t offset;
    bool interval;
    const char *meaning;
} row;

static const row rows[] = {
    {"fid", offsetof(cg_scores, fid), true, "Frechet distance to the test set"},
    {"kid", offsetof(cg_scores, kid), true, "kernel distance to the test set"},
    {"fid_train", offsetof(cg_scores, fid_train), true, "the same to the training set"},
    {"kid_train", offsetof(cg_scores, kid_train), true, ""},
    {"precision", offsetof(cg_scores, precision), false, "samples that look real"},
    {"recall", offsetof(cg_scores, recall), false, "real images that samples look like"},
    {"density", offsetof(cg_scores, density), false, "real images around a sample"},
    {"coverage", offsetof(cg_scores, coverage), false, "real images with a sample close by"},
    {"kl_uniform", offsetof(cg_scores, kl_uniform), false, "of the classes to equal shares, nats"},
    {"confidence", offsetof(cg_scores, confidence), false, "of the classifier"},
    {"nearest_train", offsetof(cg_scores, nearest_train), false, "to the nearest training image"},
    {"nearest_train_low", offsetof(cg_scores, nearest_train_low), false, "1 in 20 is nearer"},
};

static double value_of(const cg_scores *scores, const row *r)
{
    return *(const double *)((const char *)scores + r->offset); /* an interval's first is it too */
}

static const cg_table_column columns[] = {
    {"", NULL, 20, 0, true},
    {"value", NULL, 10, 0, false},
    {" 95 % interval", NULL, 21, 2, true},
    {"real", NULL, 10, 3, false},
    {"", NULL, 38, 1, true},
};

/* "-" for what was not measured. */
static void print_number(char cell[CG_TABLE_CELL], double value)
{
    snprintf(cell, CG_TABLE_CELL, isfinite(value) ? "%.4g" : "-", value);
}

static void print_row(const cg_table *table, const row *r, const cg_scores *scores,
                      const cg_scores *floor)
{
    cg_cells cells = {0};
    snprintf(cells[0], CG_TABLE_CELL, "  %s", r->name);
    print_number(cells[1], value_of(scores, r));
    print_number(cells[3], value_of(floor, r));
    snprintf(cells[4], CG_TABLE_CELL, "%s%s", *r->meaning ? " " : "", r->meaning);
    if (r->interval) {
        const cg_interval *i = (const cg_interval *)((const char *)scores + r->offset);
        bool known = isfinite(i->low) && isfinite(i->high);
        snprintf(cells[2], CG_TABLE_CELL, known ? " %.4g .. %.4g" : " -", i->low, i->high);
    }
    cg_table_print(table, cells);
}

static void print_histogram(const char *name, const cg_scores *s)
{
    enum { LINE = 10, AT = 21 };
    char text[256];
    for (size_t first = 0; first < s->classes; first += LINE) {
        int used = 0;
        for (size_t c = first; c < s->classes && c < first + LINE; c++)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s%5zu", used ? " " : "",
                             s->histogram[c]);
        if (first + LINE >= s->classes)
            snprintf(text + used, sizeof text - (size_t)used, "  %zu of %zu classes",
                     s->classes_covered, s->classes);
        printf("  %-18s ", first ? "" : name);
        cg_output_result(text, AT, AT);
    }
}

static void print_entry(const cg_evaluation_entry *entry, const cg_scores *floor)
{
    const char *remark = cg_scores_remark(&entry->scores, floor);
    cg_table table;
    printf("\n%s", entry->name);
    if (entry->step)
        printf(", epoch %llu", (unsigned long long)entry->epoch);
    puts("");
    cg_table_begin(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        print_row(&table, &rows[i], &entry->scores, floor);
    print_histogram("classes", &entry->scores);
    print_histogram("classes, real", floor);
    if (*remark)
        printf("  %s: precision and density mean little\n", remark);
}

static void print_table(const cg_evaluation *e)
{
    printf("%zu samples, by classifier %s (sha256 %.12s...)%s\n", e->samples, e->classifier,
           e->classifier_sha256, e->classifier_fits ? "" : ", which was made for other images");
    for (size_t i = 0; i < e->count; i++)
        print_entry(&e->entries[i], &e->floor);
}

/* ---- the command ----------------------------------------------------------------------------- */

static cg_status print_json(const cg_evaluation *evaluation)
{
    char *text = NULL;
    cg_status status = cg_evaluation_json(&text, evaluation);
    if (status == CG_OK)
        puts(text);
    free(text);
    return status;
}

static cg_status evaluate_and_write(const cg_evaluate_options *options, const char *json)
{
    cg_evaluation evaluation;
    bool to_stdout = json && strcmp(json, "-") == 0;
    cg_status status = json && !to_stdout ? cg_evaluation_probe(json) : CG_OK;
    if (status != CG_OK)
        return status;
    status = cg_evaluate(&evaluation, options);
    if (status == CG_OK && !to_stdout)
        print_table(&evaluation);
    if (status == CG_OK && json)
        status = to_stdout ? print_json(&evaluation) : cg_evaluation_write(json, &evaluation);
    cg_evaluation_deinit(&evaluation);
    return status;
}

/* The run that was written last is judged where nothing is named. */
static cg_status evaluate_named(cg_evaluate_options *options, const char *json)
{
    char *latest = NULL;
    cg_status status = CG_OK;
    if (!options->checkpoint && !options->run && !options->images) {
        status = cg_take_latest_run(&latest, "evaluate needs a --run, --checkpoint or --images");
        options->run = latest;
    }
    if (status == CG_OK)
        status = evaluate_and_write(options, json);
    free(latest);
    return status;
}

static int run_evaluate(const cg_command *command, int argc, char **argv)
{
    cg_evaluate_options o = cg_evaluate_defaults();
    uint64_t samples = o.samples;
    const char *json = NULL;
    bool helped;
    o.device = getenv("CLGAN_DEVICE");
    const cg_option options[] = {
        {"checkpoint", CG_OPTION_TEXT, &o.checkpoint, NULL, 0, 0, "FILE",
         "judge what it draws, as clgan sample does"},
        {"run", CG_OPTION_TEXT, &o.run, NULL, 0, 0, "DIR",
         "or all checkpoints of a run (default: the latest run)"},
        {"images", CG_OPTION_TEXT, &o.images, NULL, 0, 0, "FILE",
         "or the images of an IDX file, FILE.idx or FILE.idx.gz"},
        {"data", CG_OPTION_TEXT, &o.data, NULL, 0, 0, "PATH",
         "the real images (default: those of the training)"},
        {"other-data", CG_OPTION_FLAG, &o.other_data, NULL, 0, 0, NULL,
         "judge by them though the training's were others"},
        {"classifier", CG_OPTION_TEXT, &o.classifier, NULL, 0, 0, "FILE",
         "by train-classifier (default: the run's or MNIST's)"},
        {"samples", CG_OPTION_NUMBER, &samples, NULL, CG_EVALUATE_LEAST, CG_EVALUATE_MOST, "N",
         "how many are judged (10000)"},
        {"seed", CG_OPTION_NUMBER, &o.seed, NULL, 0, UINT64_MAX, "N",
         "of samples and intervals (1)"},
        {"device", CG_OPTION_TEXT, &o.device, NULL, 0, 0, "SEL",
         "device, by which last digits differ (default: the best)"},
        {"json", CG_OPTION_OUTPUT, &json, NULL, 0, 0, "FILE", "also as JSON; - for stdout alone"},
        {"no-selftest", CG_OPTION_FLAG, &o.no_selftest, NULL, 0, 0, NULL,
         "do not test whether the device computes right"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    o.samples = (size_t)samples;
    if (status == CG_OK && !helped)
        status = evaluate_named(&o, json);
    return cg_exit_status(status);
}

const cg_command cg_command_evaluate = {
    .name = "evaluate",
    .summary = "tells how good pictures are, beside real ones",
    .synopsis = "[--run DIR | --checkpoint FILE | --images FILE] [OPTIONS]",
    .example = "clgan evaluate --run runs/001 --json scores.json",
    .run = run_evaluate,
};
