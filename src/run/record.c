/* The table of records, and what follows from it. */
#include "run/record.h"

#include "base/json.h"
#include "io/log_lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(member) offsetof(cg_record, member), sizeof((cg_record *)0)->member
#define PLACE(member, meaning)                                   \
    {                                                            \
#member, CG_FIELD_PLACE, MEMBER(member), "%.0f", meaning \
    }
#define NUMBER(member, format, meaning)                           \
    {                                                             \
#member, CG_FIELD_NUMBER, MEMBER(member), format, meaning \
    }
#define TEXT(key, member, meaning)                        \
    {                                                     \
        key, CG_FIELD_TEXT, MEMBER(member), NULL, meaning \
    }

#define STEP  PLACE(step, "steps done, from 1")
#define EPOCH PLACE(epoch, "the epoch of this step, from 1")

/* clang-format off */
const cg_record_spec cg_record_specs[CG_RECORD_KINDS] = {
    [CG_RECORD_STEP] = {
        "step", "every `--log-every` steps, and at the last step of a process", {
        STEP, EPOCH,
        NUMBER(loss_d, "%.9g", "`loss_d_real` + `loss_d_fake`, of this one step"),
        NUMBER(loss_d_real, "%.9g", "D's loss on the real images, in nats"),
        NUMBER(loss_d_fake, "%.9g", "D's loss on the fakes, in nats"),
        NUMBER(loss_g, "%.9g", "G's loss, in nats"),
        NUMBER(d_real, "%.9g", "mean D(x), a probability"),
        NUMBER(d_fake, "%.9g", "mean D(G(z)), a probability"),
        NUMBER(images_per_second, "%.1f",
               "steps since the last record x batch over their time; a short last batch counts in full"),
        NUMBER(seconds, "%.3f", "since this process began to train")}},
    [CG_RECORD_EPOCH] = {
        "epoch", "at the end of each epoch", {
        EPOCH, STEP,
        NUMBER(loss_d, "%.9g", "mean over the epoch's steps"),
        NUMBER(loss_g, "%.9g", "mean over the epoch's steps"),
        NUMBER(seconds, "%.3f", "since the last epoch's end, or since the process began, without evaluations")}},
    [CG_RECORD_EVALUATION] = {
        "evaluation", "at the end of every `--evaluate-every`-th epoch, after its `epoch`", {
        STEP, EPOCH,
        NUMBER(samples, "%.0f", "pictures that were drawn and compared with the test set"),
        {"fid", CG_FIELD_NUMBER, MEMBER(fid), "%.9g", "Frechet distance of the classifier's features", true},
        NUMBER(precision, "%.9g", "share of the samples that lie where test images do"),
        NUMBER(recall, "%.9g", "share of the test images that lie where samples do"),
        NUMBER(density, "%.9g", "as precision, with each test image around counted; 1: like the test set"),
        NUMBER(coverage, "%.9g", "share of the test images with a sample close by"),
        NUMBER(classes_covered, "%.0f", "classes with a tenth of an equal share of the samples or more"),
        {"histogram", CG_FIELD_COUNTS, MEMBER(histogram), "%.0f", "samples that are taken for each class"},
        NUMBER(kl_uniform, "%.9g", "divergence of the histogram from equal shares, in nats"),
        NUMBER(confidence, "%.9g", "mean probability of the class that is taken"),
        TEXT("classifier", classifier, "name and begin of its SHA-256"),
        NUMBER(seconds, "%.3f", "that the evaluation took")}},
    [CG_RECORD_WARNING] = {
        "warning", "at the end of an epoch at which its condition begins to hold", {
        STEP, EPOCH,
        TEXT("kind", warning, "`classes`, `alike`, `d_wins` or `classifier`"),
        TEXT("message", message, "what was seen, and what usually helps")}},
    [CG_RECORD_CLEARED] = {
        "cleared", "at the end of an epoch at which it does not hold any more", {
        STEP, EPOCH,
        TEXT("kind", warning, "as in `warning`")}},
};
/* clang-format on */

static double *numbers_of(cg_record *record, const cg_record_field *field)
{
    return (double *)((char *)record + field->offset);
}

static const double *const_numbers_of(const cg_record *record, const cg_record_field *field)
{
    return (const double *)((const char *)record + field->offset);
}

cg_record cg_record_make(cg_record_kind kind)
{
    cg_record record;
    memset(&record, 0, sizeof record);
    for (size_t k = 0; k < CG_RECORD_KINDS; k++)
        for (const cg_record_field *f = cg_record_specs[k].fields; f->key; f++)
            for (size_t i = 0; f->type != CG_FIELD_TEXT && i < f->size / sizeof(double); i++)
                numbers_of(&record, f)[i] = NAN;
    record.kind = kind;
    return record;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void print_text(cg_text *line, const char *value)
{
    cJSON *json = cJSON_CreateString(value);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        cg_text_printf(line, "%s", text);
    else if (line->status == CG_OK)
        line->status = cg_fail(CG_ERR_MEMORY, "no memory for a record of the log");
    free(text);
    cJSON_Delete(json);
}

enum { DIGITS = 48 };

/* Formats are the table's; the compiler cannot see that each takes one double. */
static void format_number(char digits[DIGITS], const char *format, double value)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(digits, DIGITS, format, value);
#pragma GCC diagnostic pop
}

/* A number that is not finite and not nullable is no JSON, which the log refuses. */
static void print_number(cg_text *line, const cg_record_field *field, double value)
{
    char digits[DIGITS] = "null";
    if (!field->nullable || !isnan(value))
        format_number(digits, field->format, value);
    cg_text_printf(line, "%s", digits);
}

static void print_counts(cg_text *line, const cg_record_field *field, const double *counts)
{
    cg_text_printf(line, "[");
    for (size_t i = 0; i < CG_EVALUATE_CLASSES && !isnan(counts[i]); i++) {
        cg_text_printf(line, "%s", i ? "," : "");
        print_number(line, field, counts[i]);
    }
    cg_text_printf(line, "]");
}

void cg_record_print(cg_text *line, const cg_record *record)
{
    const cg_record_spec *spec = &cg_record_specs[record->kind];
    cg_text_printf(line, "{\"type\":\"%s\"", spec->type);
    for (const cg_record_field *f = spec->fields; f->key; f++) {
        cg_text_printf(line, ",\"%s\":", f->key);
        if (f->type == CG_FIELD_TEXT)
            print_text(line, (const char *)record + f->offset);
        else if (f->type == CG_FIELD_COUNTS)
            print_counts(line, f, const_numbers_of(record, f));
        else
            print_number(line, f, *const_numbers_of(record, f));
    }
    cg_text_printf(line, "}");
}

void cg_record_round(cg_record *record)
{
    char digits[DIGITS];
    for (const cg_record_field *f = cg_record_specs[record->kind].fields; f->key; f++)
        for (size_t i = 0; f->type != CG_FIELD_TEXT && i < f->size / sizeof(double); i++) {
            format_number(digits, f->format, numbers_of(record, f)[i]);
            numbers_of(record, f)[i] = strtod(digits, NULL);
        }
}

/* ---- reading --------------------------------------------------------------------------------- */

static double read_number(const cJSON *value)
{
    return cJSON_IsNumber(value) && isfinite(value->valuedouble) ? value->valuedouble : NAN;
}

static void read_field(cg_record *record, const cg_record_field *field, const cJSON *value)
{
    if (field->type == CG_FIELD_TEXT && cJSON_IsString(value))
        snprintf((char *)record + field->offset, field->size, "%s", value->valuestring);
    else if (field->type == CG_FIELD_COUNTS)
        for (int i = 0; i < CG_EVALUATE_CLASSES; i++)
            numbers_of(record, field)[i] = read_number(cJSON_GetArrayItem(value, i));
    else if (field->type != CG_FIELD_TEXT)
        *numbers_of(record, field) = read_number(value);
}

static cg_record_kind find_kind(const char *type)
{
    size_t kind = 0;
    while (kind < CG_RECORD_KINDS && strcmp(type, cg_record_specs[kind].type) != 0)
        kind++;
    return (cg_record_kind)kind;
}

cg_status cg_record_read(bool *sound, cg_record *record, const char *line, size_t length)
{
    cJSON *json = NULL;
    cg_status status = memchr(line, '\0', length)
                           ? CG_ERR_INPUT
                           : cg_json_parse(&json, line, length, CG_JSON_MEMORY);
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));
    *record = cg_record_make(type ? find_kind(type) : CG_RECORD_KINDS);
    record->step = read_number(cJSON_GetObjectItemCaseSensitive(json, "step"));
    record->epoch = read_number(cJSON_GetObjectItemCaseSensitive(json, "epoch"));
    if (record->kind < CG_RECORD_KINDS)
        for (const cg_record_field *f = cg_record_specs[record->kind].fields; f->key; f++)
            read_field(record, f, cJSON_GetObjectItemCaseSensitive(json, f->key));
    cJSON_Delete(json);
    *sound = type && record->step >= 0;
    return status == CG_ERR_INPUT ? CG_OK : status;
}

typedef struct visiting {
    cg_record_visitor *visit;
    void *user;
} visiting;

static cg_status visit_line(void *user, const char *line, size_t length)
{
    const visiting *v = user;
    cg_record record;
    bool sound;
    cg_status status = cg_record_read(&sound, &record, line, length);
    return sound ? v->visit(v->user, &record) : status;
}

cg_status cg_record_visit(const char *log, cg_record_visitor *visit, void *user)
{
    return cg_log_lines_visit(log, visit_line, &(visiting){visit, user});
}

size_t cg_record_classes(const cg_record *record)
{
    size_t count = 0;
    while (count < CG_EVALUATE_CLASSES && !isnan(record->histogram[count]))
        count++;
    return count;
}

double cg_record_number(const cg_record *record, const char *key)
{
    if (record->kind < CG_RECORD_KINDS)
        for (const cg_record_field *f = cg_record_specs[record->kind].fields; f->key; f++)
            if ((f->type == CG_FIELD_PLACE || f->type == CG_FIELD_NUMBER) &&
                strcmp(f->key, key) == 0)
                return *const_numbers_of(record, f);
    return NAN;
}
