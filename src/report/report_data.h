/* The data of a report. */
#ifndef CLGAN_REPORT_REPORT_DATA_H
#define CLGAN_REPORT_REPORT_DATA_H

#include "report/figures.h"
#include "report/run_pictures.h"
#include "report/run_samples.h"

/* The runs as read, their pictures and their samples, [runs.count] each. */
typedef struct cg_report_data {
    cg_runs_data runs;
    cg_run_pictures *pictures;
    cg_run_samples *samples;
} cg_report_data;

#endif
