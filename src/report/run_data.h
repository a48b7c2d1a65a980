/* A run as read from its files: its options, and its log as tables of numbers. */
#ifndef CLGAN_REPORT_RUN_DATA_H
#define CLGAN_REPORT_RUN_DATA_H

#include "base/text.h"
#include "run/record.h"
#include "run/run.h"

#include <clgan/recipe.h>
#include <stdint.h>

enum { CG_RUN_DATA_TEXT = 160, CG_RUN_DATA_COLUMNS = 10 };

/* The kinds of records that are shown as tables and curves: those before the warnings. */
enum { CG_SHOWN_KINDS = CG_RECORD_WARNING };

/* Columns, by the kinds' own order; the first is what a figure has below its axis. */
enum {
    CG_STEP_NUMBER,
    CG_STEP_LOSS_D,
    CG_STEP_LOSS_G,
    CG_STEP_D_REAL,
    CG_STEP_D_FAKE,
    CG_STEP_RATE
};
enum { CG_EPOCH_NUMBER, CG_EPOCH_STEP, CG_EPOCH_LOSS_D, CG_EPOCH_LOSS_G, CG_EPOCH_SECONDS };
enum {
    CG_EVALUATION_EPOCH,
    CG_EVALUATION_STEP,
    CG_EVALUATION_SAMPLES,
    CG_EVALUATION_FID,
    CG_EVALUATION_PRECISION,
    CG_EVALUATION_RECALL,
    CG_EVALUATION_DENSITY,
    CG_EVALUATION_COVERAGE,
    CG_EVALUATION_CLASSES,
    CG_EVALUATION_CONFIDENCE
};

/* A kind's columns: keys of the log, how a table heads them, and the decimals of the numbers; NULL
 * behind the last. */
typedef struct cg_column {
    const char *key, *title;
    int decimals;
} cg_column;

extern const cg_column cg_columns[CG_SHOWN_KINDS][CG_RUN_DATA_COLUMNS + 1];

/* The records of a kind. A number that a record does not give is NAN. */
typedef struct cg_track {
    double *columns[CG_RUN_DATA_COLUMNS]; /* [count] each; owned */
    size_t count, room;
    size_t seen, stride; /* records that there are; each stride-th is kept */
} cg_track;

/* A row of the table of options, read from config.json. */
typedef struct cg_option_text {
    const char *name;
    char text[CG_RUN_DATA_TEXT]; /* "" where the file does not say */
} cg_option_text;

enum { CG_RUN_FACTS = 15, CG_RUN_OPTIONS = CG_RUN_FACTS + CG_HYPER_COUNT };

typedef struct cg_run_data {
    char name[CG_RUN_DATA_TEXT]; /* the folder, fit to be shown */
    cg_run run;                  /* not locked; the path is owned */
    cg_option_text options[CG_RUN_OPTIONS];
    cg_text algorithms; /* "g.convt1/fwd direct, ..." */
    char *data;         /* folder of the images; NULL where the file does not say; owned */
    char data_sha256[65];
    uint64_t seed;
    double epochs; /* to be trained; 0 where the file does not say */
    cg_track tracks[CG_SHOWN_KINDS];
    double histogram[CG_EVALUATE_CLASSES]; /* of the last evaluation, shares of all */
    size_t classes;                        /* of that histogram; 0 without one      */
    size_t damaged;                        /* lines of the log that are no records  */
    cg_text notes; /* what is left out, and why, and what training warned of: lines */
} cg_run_data;

/* Reads config.json and log.jsonl. CG_ERR_INPUT, with a sentence, when the folder holds no run. A
 * log that is missing, or damaged, is a note. To be given to cg_run_data_deinit() whatever the
 * status. */
cg_status cg_run_data_read(cg_run_data *run, const char *folder);
void cg_run_data_deinit(cg_run_data *run);

/* Adds a line to the notes. */
void cg_run_data_note(cg_run_data *run, const char *format, ...) CG_PRINTF(2, 3);

/* The median, the sum and the largest of a column's numbers, 0 where there are none. */
cg_status cg_track_median(double *median, const cg_track *track, size_t column);
double cg_track_sum(const cg_track *track, size_t column);
double cg_track_most(const cg_track *track, size_t column);

#endif
