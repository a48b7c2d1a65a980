/* log.jsonl: append, and cut back. */
#include <clgan/runlog.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "io/log_lines.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t max_log = (size_t)1 << 30;

struct cg_runlog {
    int fd;
    char *path;
};

/* *fd = the file at the path, which survives a power cut if it is new. */
static cg_status open_path(int *fd, const char *path)
{
    bool there = cg_file_exists(path);
    cg_file_info info;
    *fd = cg_platform_open(path, CG_OPEN_APPEND);
    if (*fd >= 0 && cg_platform_file_info(&info, *fd) && !info.regular) {
        close(*fd);
        *fd = -1;
        return cg_fail(CG_ERR_WRITE, "cannot write %s: it is not a regular file", path);
    }
    return *fd >= 0 && (there || cg_path_sync(path))
               ? CG_OK
               : cg_fail(CG_ERR_WRITE, "cannot write %s: %s", path, strerror(errno));
}

cg_status cg_runlog_open(cg_runlog **log, const char *path)
{
    CG_NEED(log);
    CG_NEED(path);
    cg_status status = CG_OK;
    *log = NULL;
    cg_runlog *opened = NULL;
    CG_TRY(cg_memory_create(&opened, 1, sizeof *opened));
    opened->fd = -1;
    CG_TRY(cg_memory_copy_text(&opened->path, path));
    CG_TRY(open_path(&opened->fd, path));
    *log = opened;
    opened = NULL;
done:
    cg_runlog_release(opened);
    return status;
}

static bool get_step(double *step, const cJSON *record)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, "step");
    if (!cJSON_IsObject(record) || !cJSON_IsNumber(item))
        return false;
    *step = item->valuedouble;
    return true;
}

/* *record = the line's, for cJSON_Delete(), and its step; NULL where it is none. CG_ERR_MEMORY. */
static cg_status parse_line(cJSON **record, double *step, const char *line, size_t length)
{
    *record = NULL;
    if (memchr(line, '\0', length))
        return CG_OK;
    cg_status status = cg_json_parse(record, line, length, CG_JSON_MEMORY);
    if (!get_step(step, *record)) {
        cJSON_Delete(*record);
        *record = NULL;
    }
    return status == CG_ERR_INPUT ? CG_OK : status;
}

static cg_status is_record(bool *is, const char *line, size_t length)
{
    double step;
    cJSON *record;
    cg_status status = parse_line(&record, &step, line, length);
    *is = record != NULL;
    cJSON_Delete(record);
    return status;
}

/* *are = each line is one. */
static cg_status are_records(bool *are, const char *lines)
{
    for (;;) {
        size_t length = strcspn(lines, "\n");
        cg_status status = is_record(are, lines, length);
        if (status != CG_OK || !*are || !lines[length])
            return status;
        lines += length + 1;
    }
}

/* Has the log be the file at its path again, if somebody has removed that or put another there. */
static cg_status follow_path(cg_runlog *log)
{
    cg_status status = CG_OK;
    int fd = -1;
    if (cg_platform_is_at(log->fd, log->path))
        return CG_OK;
    CG_TRY(open_path(&fd, log->path));
    close(log->fd);
    log->fd = fd;
    fd = -1;
    cg_log(CG_LOG_WARNING,
           "%s was removed or replaced meanwhile: records go on in the file that is there now",
           log->path);
done:
    if (fd >= 0)
        close(fd);
    return status;
}

/* All goes out in one write(), so that a program that is killed leaves whole lines. */
static cg_status write_lines(const cg_runlog *log, const char *line, size_t size)
{
    return cg_platform_write(log->fd, line, size)
               ? CG_OK
               : cg_fail(CG_ERR_WRITE, "cannot write %s: %s", log->path, strerror(errno));
}

cg_status cg_runlog_append(cg_runlog *log, const char *json_lines)
{
    CG_NEED(log);
    CG_NEED(json_lines);
    size_t length = strlen(json_lines);
    char *line = NULL;
    cg_status status = CG_OK;
    bool sound;
    CG_TRY(are_records(&sound, json_lines));
    if (!sound)
        return cg_fail(CG_ERR_ARGUMENT, "%s: a record must be one line of JSON with a step: %s",
                       log->path, json_lines);
    CG_TRY(follow_path(log));
    CG_TRY(cg_memory_create(&line, length + 2, 1));
    snprintf(line, length + 2, "%s\n", json_lines);
    CG_TRY(write_lines(log, line, length + 1));
done:
    free(line);
    return status;
}

cg_status cg_runlog_sync(cg_runlog *log)
{
    CG_NEED(log);
    return cg_platform_sync(log->fd)
               ? CG_OK
               : cg_fail(CG_ERR_WRITE, "cannot write %s: %s", log->path, strerror(errno));
}

void cg_runlog_release(cg_runlog *log)
{
    if (!log)
        return;
    if (log->fd >= 0)
        close(log->fd);
    free(log->path);
    free(log);
}

/* *damaged: it is no record. */
static cg_status is_kept(bool *kept, bool *damaged, const char *line, size_t length,
                         const cg_runlog_end *end)
{
    double step = 0;
    cJSON *record;
    cg_status status = parse_line(&record, &step, line, length);
    *damaged = !record;
    *kept = record && step <= (double)end->step;
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
    if (type && strcmp(type, "step") == 0 && step > (double)end->first &&
        fmod(step, (double)end->every) != 0)
        *kept = false;
    cJSON_Delete(record);
    return status;
}

/* An epoch's judging writes several records at once: the first kind, and what may follow it. */
typedef enum verdict_part { VERDICT_NONE, VERDICT_FIRST, VERDICT_MORE } verdict_part;
static const char *const verdict_types[] = {"evaluation", "warning", "cleared"};

static cg_status find_part(verdict_part *part, const char *line, size_t length)
{
    double step;
    cJSON *record;
    cg_status status = parse_line(&record, &step, line, length);
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
    *part = VERDICT_NONE;
    for (size_t i = 0; type && i < CG_COUNT(verdict_types); i++)
        if (strcmp(type, verdict_types[i]) == 0)
            *part = i == 0 ? VERDICT_FIRST : VERDICT_MORE;
    cJSON_Delete(record);
    return status;
}

/* True when the part of a record that is there is not of one that may follow an evaluation. */
static bool begins_anew(const char *torn, size_t length)
{
    static const char before[] = "{\"type\":\"";
    const size_t skip = sizeof before - 1;
    if (length < skip || memcmp(torn, before, skip) != 0)
        return false;
    bool more = false;
    for (size_t i = 1; i < CG_COUNT(verdict_types); i++) {
        size_t known = strlen(verdict_types[i]);
        if (known > length - skip)
            known = length - skip;
        more |= memcmp(torn + skip, verdict_types[i], known) == 0;
    }
    return !more;
}

static size_t line_start(const char *data, size_t end)
{
    while (end > 0 && data[end - 1] != '\n')
        end--;
    return end;
}

/* *counted = how much of the log counts: its whole lines. A last one without an end is of a write
 * of which a power cut has left a part. An epoch's evaluation that belongs to it does not count,
 * nor does what followed from that, so that the epoch is judged again. */
static cg_status find_end(size_t *counted, const char *data, size_t size)
{
    cg_status status = CG_OK;
    const size_t end = line_start(data, size);
    const bool torn = end < size && !begins_anew(data + end, size - end);
    verdict_part part = VERDICT_MORE;
    size_t line = end;
    while (torn && line > 0 && part == VERDICT_MORE) {
        size_t stop = line - 1;
        line = line_start(data, stop);
        CG_TRY(find_part(&part, data + line, stop - line));
    }
    *counted = part == VERDICT_FIRST ? line : end;
done:
    return status;
}

cg_status cg_log_lines_visit(const char *path, cg_log_line_visitor *visit, void *user)
{
    void *data = NULL;
    size_t size = 0, counted;
    bool there;
    cg_status status = cg_file_find(&there, path);
    if (!there)
        return status;
    CG_TRY(cg_file_read(&data, &size, path, max_log));
    CG_TRY(find_end(&counted, data, size));
    char *line = data, *end = line + counted, *next;
    for (; (next = memchr(line, '\n', (size_t)(end - line))); line = next + 1) {
        *next = '\0';
        CG_TRY(visit(user, line, (size_t)(next - line)));
    }
done:
    free(data);
    return status;
}

/* A log that is taken back. */
typedef struct cutting {
    const char *path;
    const cg_runlog_end *end;
    cg_writer writer; /* {0} until the log could be read */
    size_t lost;      /* lines that are no records */
} cutting;

static cg_status open_cut(cutting *c)
{
    return c->writer.path ? CG_OK : cg_writer_open(&c->writer, c->path);
}

static cg_status write_kept(void *user, const char *line, size_t length)
{
    cutting *c = user;
    cg_status status = CG_OK;
    bool kept, damaged;
    CG_TRY(open_cut(c));
    CG_TRY(is_kept(&kept, &damaged, line, length, c->end));
    if (kept)
        CG_TRY(cg_writer_write(&c->writer, line, length));
    if (kept)
        CG_TRY(cg_writer_write(&c->writer, "\n", 1));
    c->lost += damaged;
done:
    return status;
}

cg_status cg_runlog_truncate(const char *path, const cg_runlog_end *end)
{
    CG_NEED(path);
    CG_NEED(end && end->every);
    cutting c = {.path = path, .end = end};
    bool there;
    cg_status status = cg_file_find(&there, path);
    if (!there)
        return status;
    CG_TRY(cg_log_lines_visit(path, write_kept, &c));
    CG_TRY(open_cut(&c));
    CG_TRY(cg_writer_commit(&c.writer));
    if (c.lost)
        cg_log(CG_LOG_WARNING, "%s: %zu of its lines were no records and are gone", path, c.lost);
done:
    cg_writer_abandon(&c.writer);
    return status;
}

/* A caller of cg_runlog_read(). */
typedef struct reading {
    cg_status (*visit)(void *user, const char *line);
    void *user;
} reading;

static cg_status read_record(void *user, const char *line, size_t length)
{
    const reading *r = user;
    bool sound;
    cg_status status = is_record(&sound, line, length);
    return sound ? r->visit(r->user, line) : status;
}

cg_status cg_runlog_read(const char *path, cg_status (*visit)(void *user, const char *line),
                         void *user)
{
    CG_NEED(path);
    CG_NEED(visit);
    return cg_log_lines_visit(path, read_record, &(reading){visit, user});
}
