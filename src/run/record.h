/* The records of a run's log: one typed struct, and one table of what each kind has. The writer,
 * the reader, TensorBoard's tags and the table in docs/file-formats.md all follow from the table.
 *
 *     cg_record record = cg_record_make(CG_RECORD_STEP);
 *     record.step = 50;
 *     record.loss_g = 0.7;
 *     cg_text line = {0};
 *     cg_record_print(&line, &record);
 *     if (line.status == CG_OK)
 *         status = cg_runlog_append(log, line.data);
 *     cg_text_deinit(&line);
 */
#ifndef CLGAN_RUN_RECORD_H
#define CLGAN_RUN_RECORD_H

#include "base/text.h"

#include <clgan/evaluate.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum cg_record_kind {
    CG_RECORD_STEP,       /* one step's losses                        */
    CG_RECORD_EPOCH,      /* means over an epoch                      */
    CG_RECORD_EVALUATION, /* measures of an epoch's samples           */
    CG_RECORD_WARNING,    /* a warning's condition begins to hold     */
    CG_RECORD_CLEARED,    /* and does not hold any more               */
    CG_RECORD_KINDS       /* also: a kind that this version does not know */
} cg_record_kind;

/* A record. A field that its kind does not have, or that the log did not give, is NAN or "". Steps
 * and counts are whole numbers below 2^53. */
typedef struct cg_record {
    cg_record_kind kind;
    double step, epoch;
    double loss_d, loss_d_real, loss_d_fake, loss_g, d_real, d_fake;
    double images_per_second, seconds;
    double samples, fid, precision, recall, density, coverage, classes_covered, kl_uniform,
        confidence;
    double histogram[CG_EVALUATE_CLASSES];  /* NAN behind the classifier's classes */
    char classifier[CG_EVALUATE_NAME + 16]; /* name and begin of its SHA-256 */
    char warning[32];                       /* its kind's name               */
    char message[512];
} cg_record;

typedef enum cg_field_type {
    CG_FIELD_PLACE,  /* where the record is in its run: a number that is no result */
    CG_FIELD_NUMBER, /* a double                               */
    CG_FIELD_COUNTS, /* double [CG_EVALUATE_CLASSES], up to the first NAN */
    CG_FIELD_TEXT    /* char []                                */
} cg_field_type;

/* One field of a kind, in the order in which records have them. */
typedef struct cg_record_field {
    const char *key;
    cg_field_type type;
    size_t offset, size; /* of the member in cg_record, in bytes        */
    const char *format;  /* of a number, as printf has it               */
    const char *meaning; /* with its unit, as docs/file-formats.md says */
    bool nullable;       /* NAN, where nothing measured it, is null     */
} cg_record_field;

enum { CG_RECORD_FIELDS = 16 }; /* of a kind at most, and an end with key NULL */

typedef struct cg_record_spec {
    const char *type; /* "step": the record's "type" */
    const char *when; /* it is written               */
    cg_record_field fields[CG_RECORD_FIELDS];
} cg_record_spec;

extern const cg_record_spec cg_record_specs[CG_RECORD_KINDS];

/* A record of that kind without any field. */
cg_record cg_record_make(cg_record_kind kind);

/* Appends the record as one line of JSON, without a line end. The text's status is CG_ERR_MEMORY
 * when there was no memory. */
void cg_record_print(cg_text *line, const cg_record *record);

/* Rounds every number of the record to its text in the log, so that a reader of the record gets the
 * same numbers as a reader of the log. */
void cg_record_round(cg_record *record);

/* *record = the line [length]. *sound = it is a JSON object with a type and a step that is not
 * negative. A type that is not known gives the kind CG_RECORD_KINDS and nothing but step and epoch;
 * a field of another type than the table's counts as not given. CG_ERR_MEMORY. */
cg_status cg_record_read(bool *sound, cg_record *record, const char *line, size_t length);

/* Calls visit(user, record) for each record of a log (clgan/runlog.h), until one is not CG_OK,
 * which is then the result. A log that is not there has none. */
typedef cg_status cg_record_visitor(void *user, const cg_record *record);
cg_status cg_record_visit(const char *log, cg_record_visitor *visit, void *user);

/* The classes of an evaluation's histogram, 0 where it has none. */
size_t cg_record_classes(const cg_record *record);

/* The number that the kind has under that key, NAN where it has none. */
double cg_record_number(const cg_record *record, const char *key);

#endif
