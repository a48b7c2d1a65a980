/* config.json and log.jsonl of a run, as far as they can be read. A record is one line; the last
 * may still be on its way. */
#include "report/run_data.h"

#include "base/file.h"
#include "base/json.h"
#include "base/median.h"
#include "base/memory.h"
#include "base/try.h"
#include "io/log_lines.h"
#include "run/config.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A longer log is thinned out, evenly: a curve needs no more records of a kind. */
enum { CONFIG_LIMIT = 1 << 20, RECORDS_MOST = 1 << 16, NOTES_MOST = 1 << 16 };

const cg_column cg_columns[CG_SHOWN_KINDS][CG_RUN_DATA_COLUMNS + 1] = {
    [CG_RECORD_STEP] = {{"step", "step", 0},
                        {"loss_d", "loss of D", 4},
                        {"loss_g", "loss of G", 4},
                        {"d_real", "D(x)", 4},
                        {"d_fake", "D(G(z))", 4},
                        {"images_per_second", "images/s", 1}},
    [CG_RECORD_EPOCH] = {{"epoch", "epoch", 0},
                         {"step", "step", 0},
                         {"loss_d", "loss of D, mean", 4},
                         {"loss_g", "loss of G, mean", 4},
                         {"seconds", "seconds", 2}},
    [CG_RECORD_EVALUATION] = {{"epoch", "epoch", 0},
                              {"step", "step", 0},
                              {"samples", "samples", 0},
                              {"fid", "FID", 2},
                              {"precision", "precision", 3},
                              {"recall", "recall", 3},
                              {"density", "density", 3},
                              {"coverage", "coverage", 3},
                              {"classes_covered", "classes", 0},
                              {"confidence", "confidence", 3}},
};

/* ---- options --------------------------------------------------------------------------------- */

/* The place of each option in config.json: a member, or a member of that one. A recipe's numbers
 * follow these. */
static const struct {
    const char *name, *key, *inner;
} facts[CG_RUN_FACTS] = {
    {"device", "device", "name"},
    {"platform", "device", "platform"},
    {"vendor", "device", "vendor"},
    {"driver", "device", "driver"},
    {"type", "device", "type"},
    {"seed", "seed", NULL},
    {"batch", "batch", NULL},
    {"epochs, as asked for", "epochs", NULL},
    {"training images", "images", NULL},
    {"data", "data", NULL},
    {"data's SHA-256", "data_sha256", NULL},
    {"recipe", "recipe", NULL},
    {"algorithms from", "algorithms_from", NULL},
    {"log every (steps)", "log_every", NULL},
    {"clgan", "clgan", NULL},
};

static const cJSON *item(const cJSON *json, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(json, key);
}

static bool is_count(const cJSON *value)
{
    return cJSON_IsNumber(value) && value->valuedouble >= 0;
}

static void set_option(cg_run_data *h, size_t i, const cJSON *config)
{
    const cg_hyper_spec *hyper = i < CG_RUN_FACTS ? NULL : &cg_hypers[i - CG_RUN_FACTS];
    const char *key = hyper ? hyper->name : facts[i].key;
    const cJSON *value = item(config, key);
    cg_option_text *option = &h->options[i];
    option->name = hyper ? hyper->option : facts[i].name;
    if (!hyper && facts[i].inner)
        value = item(value, facts[i].inner);
    if (cJSON_IsString(value))
        cg_text_clean(option->text, sizeof option->text, value->valuestring);
    else if (cJSON_IsNumber(value) && strcmp(key, "seed") == 0)
        snprintf(option->text, sizeof option->text, "%" PRIu64, h->seed);
    else if (cJSON_IsNumber(value))
        snprintf(option->text, sizeof option->text, "%.15g", value->valuedouble);
}

static void set_algorithms(cg_run_data *h, const cJSON *config)
{
    const cJSON *one;
    char text[CG_RUN_DATA_TEXT];
    cJSON_ArrayForEach (one, item(config, "algorithms")) {
        if (!cJSON_IsString(one))
            continue;
        cg_text_printf(&h->algorithms, "%s", h->algorithms.size ? ", " : "");
        cg_text_clean(text, sizeof text, one->string);
        cg_text_printf(&h->algorithms, "%s ", text);
        cg_text_clean(text, sizeof text, one->valuestring);
        cg_text_printf(&h->algorithms, "%s", text);
    }
}

static cg_status read_config(cg_run_data *h)
{
    cg_status status = CG_OK;
    char *path = NULL;
    void *text = NULL;
    size_t size;
    bool there;
    cJSON *json = NULL;

    CG_TRY(cg_run_path(&path, &h->run, CG_RUN_CONFIG));
    CG_TRY(cg_file_find(&there, path));
    if (!there) {
        status = cg_fail(CG_ERR_INPUT, "%s holds no run (no config.json)", h->run.path);
        goto done;
    }
    CG_TRY(cg_file_read(&text, &size, path, CONFIG_LIMIT));
    status = cg_json_parse(&json, text, size, CG_JSON_MEMORY);
    if (status == CG_ERR_MEMORY)
        goto done;
    if (!cJSON_IsObject(json) || !item(json, "batch") || !cg_config_read_seed(&h->seed, text)) {
        status = cg_fail(CG_ERR_INPUT, "%s is damaged: it is not what clgan writes", path);
        goto done;
    }
    for (size_t i = 0; i < CG_RUN_OPTIONS; i++)
        set_option(h, i, json);
    set_algorithms(h, json);
    if (is_count(item(json, "epochs")))
        h->epochs = item(json, "epochs")->valuedouble;
    const char *data = cJSON_GetStringValue(item(json, "data"));
    const char *hash = cJSON_GetStringValue(item(json, "data_sha256"));
    if (data)
        CG_TRY(cg_memory_copy_text(&h->data, data));
    cg_text_clean(h->data_sha256, sizeof h->data_sha256, hash ? hash : "");
    CG_TRY(h->algorithms.status);
done:
    cJSON_Delete(json);
    free(text);
    free(path);
    return status;
}

/* ---- the log --------------------------------------------------------------------------------- */

static cg_status grow_columns(cg_track *track, size_t columns)
{
    size_t room = track->room ? 2 * track->room : 64;
    for (size_t i = 0; i < columns; i++) {
        double *larger = realloc(track->columns[i], room * sizeof *larger);
        if (!larger)
            return cg_fail(CG_ERR_MEMORY, "no memory for a log of %zu records", room);
        track->columns[i] = larger;
    }
    track->room = room;
    return CG_OK;
}

static size_t count_columns(cg_record_kind kind)
{
    size_t count = 0;
    while (cg_columns[kind][count].key)
        count++;
    return count;
}

/* Leaves each second record. */
static void thin_out(cg_track *track, size_t columns)
{
    track->count /= 2;
    for (size_t i = 0; i < columns; i++)
        for (size_t row = 0; row < track->count; row++)
            track->columns[i][row] = track->columns[i][2 * row + 1];
    track->stride *= 2;
}

static cg_status add_record(cg_track *track, const cg_record *record)
{
    cg_status status = CG_OK;
    const size_t columns = count_columns(record->kind);
    track->stride = track->stride ? track->stride : 1;
    if (track->count == RECORDS_MOST)
        thin_out(track, columns);
    if (++track->seen % track->stride)
        return CG_OK;
    if (track->count == track->room)
        CG_TRY(grow_columns(track, columns));
    for (size_t i = 0; i < columns; i++)
        track->columns[i][track->count] = cg_record_number(record, cg_columns[record->kind][i].key);
    track->count++;
done:
    return status;
}

static void set_histogram(cg_run_data *h, const cg_record *record)
{
    double all = 0;
    h->classes = cg_record_classes(record);
    for (size_t c = 0; c < CG_EVALUATE_CLASSES; c++) {
        h->histogram[c] = record->histogram[c] > 0 ? record->histogram[c] : 0;
        all += h->histogram[c];
    }
    for (size_t c = 0; c < h->classes && all > 0; c++)
        h->histogram[c] /= all;
    h->classes = all > 0 ? h->classes : 0;
}

/* Notes a warning of the training, or that it was over. */
static void add_warning(cg_run_data *h, const cg_record *record)
{
    bool cleared = record->kind == CG_RECORD_CLEARED;
    const char *text = cleared ? record->warning : record->message;
    if (record->epoch >= 0 && *text)
        cg_run_data_note(h, "epoch %.0f: %s%s", record->epoch,
                         cleared ? "over is the warning " : "", text);
}

/* Adds a record to the table of its kind, whose first column is the axis of curves. False when it
 * has no number there. */
static bool add_shown(cg_run_data *h, const cg_record *record, cg_status *status)
{
    if (!(cg_record_number(record, cg_columns[record->kind][0].key) >= 0))
        return false;
    *status = add_record(&h->tracks[record->kind], record);
    if (record->kind == CG_RECORD_EVALUATION)
        set_histogram(h, record);
    return true;
}

/* A line without its end. Types that are not known here are passed over: others may write them. */
static cg_status read_line(void *user, const char *line, size_t length)
{
    cg_run_data *h = user;
    cg_status status = CG_OK;
    cg_record record;
    bool sound;
    CG_TRY(cg_record_read(&sound, &record, line, length));
    if (sound && (size_t)record.kind < CG_SHOWN_KINDS)
        sound = add_shown(h, &record, &status);
    else if (sound && record.kind < CG_RECORD_KINDS)
        add_warning(h, &record);
    h->damaged += !sound;
done:
    return status;
}

static cg_status read_log(cg_run_data *h)
{
    cg_status status = CG_OK;
    char *path = NULL;
    bool there;
    CG_TRY(cg_run_path(&path, &h->run, CG_RUN_LOG));
    CG_TRY(cg_file_find(&there, path));
    if (!there) {
        cg_run_data_note(h, "log.jsonl is not there: the curves are left out");
        goto done;
    }
    status = cg_log_lines_visit(path, read_line, h);
    if (status == CG_ERR_INPUT || status == CG_ERR_READ) {
        cg_run_data_note(h, "log.jsonl cannot be read: the curves are left out");
        status = CG_OK;
        goto done;
    }
    CG_TRY(status);
    for (size_t kind = 0; kind < CG_SHOWN_KINDS; kind++)
        if (h->tracks[kind].stride > 1)
            cg_run_data_note(h, "log.jsonl has %zu records of type %s: each %zu-th is shown",
                             h->tracks[kind].seen, cg_record_specs[kind].type,
                             h->tracks[kind].stride);
    if (h->damaged) {
        cg_log(CG_LOG_WARNING, "%s: damaged lines are left out: %zu", path, h->damaged);
        cg_run_data_note(h, "log.jsonl has %zu damaged line%s: left out", h->damaged,
                         h->damaged == 1 ? "" : "s");
    }
done:
    free(path);
    return status;
}

/* ---- a run ----------------------------------------------------------------------------------- */

void cg_run_data_note(cg_run_data *run, const char *format, ...)
{
    char line[512], clean[512];
    va_list arguments;
    if (run->notes.size > NOTES_MOST)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    cg_text_clean(clean, sizeof clean, line);
    cg_text_printf(&run->notes, "%s\n", clean);
    if (run->notes.size > NOTES_MOST)
        cg_text_printf(&run->notes, "more notes are left out\n");
}

cg_status cg_run_data_read(cg_run_data *run, const char *folder)
{
    cg_status status = CG_OK;
    *run = (cg_run_data){.run.lock = -1};
    cg_text_clean(run->name, sizeof run->name, folder);
    CG_TRY(cg_memory_copy_text(&run->run.path, folder));
    CG_TRY(read_config(run));
    CG_TRY(read_log(run));
    CG_TRY(run->notes.status);
done:
    return status;
}

void cg_run_data_deinit(cg_run_data *run)
{
    for (size_t kind = 0; kind < CG_SHOWN_KINDS; kind++)
        for (size_t i = 0; i < CG_RUN_DATA_COLUMNS; i++)
            free(run->tracks[kind].columns[i]);
    cg_text_deinit(&run->algorithms);
    cg_text_deinit(&run->notes);
    free(run->data);
    free(run->run.path);
    *run = (cg_run_data){.run.lock = -1};
}

/* ---- numbers --------------------------------------------------------------------------------- */

cg_status cg_track_median(double *median, const cg_track *track, size_t column)
{
    cg_status status = CG_OK;
    double *sorted = NULL;
    size_t count = 0;
    *median = 0;
    CG_TRY(cg_memory_create(&sorted, track->count, sizeof *sorted));
    for (size_t i = 0; i < track->count; i++)
        if (isfinite(track->columns[column][i]))
            sorted[count++] = track->columns[column][i];
    if (count)
        *median = cg_median(sorted, count);
done:
    free(sorted);
    return status;
}

double cg_track_sum(const cg_track *track, size_t column)
{
    double sum = 0;
    for (size_t i = 0; i < track->count; i++)
        if (isfinite(track->columns[column][i]))
            sum += track->columns[column][i];
    return sum;
}

double cg_track_most(const cg_track *track, size_t column)
{
    double most = 0;
    for (size_t i = 0; i < track->count; i++)
        most = fmax(most, track->columns[column][i]); /* which passes over NAN */
    return most;
}
