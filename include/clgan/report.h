/* Runs as one page: their curves, pictures and options, and what their newest checkpoints draw.
 *
 *     const char *runs[] = {"runs/001", "runs/002"};
 *     cg_report_options options = cg_report_defaults();
 *     options.runs = runs;
 *     options.run_count = 2;
 *     options.out = "report.html";
 *     status = cg_report(&options);
 *
 * Threads: any thread may call these functions, several at once. */
#ifndef CLGAN_REPORT_H
#define CLGAN_REPORT_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CG_REPORT_RUNS = 24 }; /* at most: as many as figures have colors */

typedef struct cg_report_options {
    const char *const *runs; /* directories of runs */
    size_t run_count;        /* 1 to CG_REPORT_RUNS */
    const char *out;         /* the page, FILE.html */
    const char *png;         /* the figures alone as one picture, FILE.png; NULL: none           */
    const char *device;      /* cg_device_select, draws from checkpoints; NULL: the best, and
                                where there is none the page goes without what it would draw     */
    const char *data;        /* folder of the runs' training images; NULL: what each run says    */
    bool no_selftest;        /* trust a device that has not proved that it draws right           */
} cg_report_options;

/* No run and no page yet; the best device, the data of the runs. */
CG_API cg_report_options cg_report_defaults(void);

/* Reads the runs, also while they are trained, and changes nothing in them. Both files appear whole
 * or not at all. Parts of a run that are missing or damaged are left out, and the page says so.
 * CG_ERR_INPUT when a folder holds no run, CG_ERR_DEVICE, CG_ERR_WRONG for a device that fails the
 * self-test; before anything is read CG_ERR_ARGUMENT for too many runs and names that do not end as
 * they should, CG_ERR_WRITE, and CG_ERR_ABSENT in a build without cairo. */
CG_API cg_status cg_report(const cg_report_options *options);

#ifdef __cplusplus
}
#endif
#endif
