/* Tuning: which algorithms, tile sizes and vector width are fastest on a device.
 *
 *     cg_tune tune;
 *     if (cg_tune_run(&tune, devices, index, &(cg_tune_options){.batch = 256}) == CG_OK)
 *         printf("%.1f instead of %.1f ms\n", 1e3 * tune.after, 1e3 * tune.before);
 *     cg_tune_deinit(&tune);
 *
 * The result goes to a file: $CLGAN_TUNING, else $XDG_CONFIG_HOME/clgan/tuning.json, else
 * $HOME/.config/clgan/tuning.json; nowhere when CLGAN_TUNING is empty. cg_train() and
 * cg_bench_run() take from there what their options do not name.
 */
#ifndef CLGAN_TUNE_H
#define CLGAN_TUNE_H

#include <clgan/device.h>
#include <signal.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CG_TUNE_SECONDS = 120, CG_TUNE_SECONDS_MOST = 3600, CG_TUNE_NAME = 40 };

typedef struct cg_tune_options {
    size_t batch; /* fakes in a step, and as many reals */
    /* In all: comparing, building, measuring; 0: CG_TUNE_SECONDS. A kernel's compilation or a
     * comparison that has begun by then is finished, and then whole steps are timed. */
    double seconds;
    const volatile sig_atomic_t *stop; /* not NULL: when it turns non-zero, the time is over   */
} cg_tune_options;

/* An operation by its default and by the winner; a step for the width, whose name is "vec". */
typedef struct cg_tune_row {
    char name[CG_TUNE_NAME], pass[CG_TUNE_NAME]; /* "g.convt1", "fwd" */
    char before[CG_TUNE_NAME], after[CG_TUNE_NAME];
    double before_seconds, after_seconds; /* medians */
} cg_tune_row;

typedef struct cg_tune {
    cg_device_info device;
    size_t batch;
    cg_tune_row *rows; /* owned */
    size_t row_count;
    size_t candidates, wrong; /* that were compared with the reference, and failed there */
    size_t untried;           /* that there was no time for                              */
    bool compared;            /* whole steps were; else there was no time for anything, the defaults
                                 stay, nothing is stored, and there are no rows          */
    double before, after;     /* seconds of a step: with the defaults, with what was chosen */
    bool changed;             /* something else than the defaults was chosen */
    double measuring_seconds, other_seconds; /* other: building kernels, comparing results */
    /* The file in which it was stored; NULL: none, as no file is named, nothing was tried, or there
     * was no time to try what is stored there. Owned. */
    char *file;
} cg_tune;

/* Tunes the index-th device and stores the result; blocking. Progress is logged. Each candidate is
 * first compared with the float64 reference; one that fails is named in a warning and not chosen.
 * Those that promise most come first: what is stored for the device, other sizes of the shipped
 * algorithms' tiles, algorithms that are shipped elsewhere. A change is taken when it is clearly
 * faster, and all together when the step is not slower: so the result is sound whenever the time is
 * over. Kernels that were built stay in the driver's or clgan's cache: another call gets further.
 * To be given to cg_tune_deinit() whatever the status.
 * CG_ERR_STOPPED after a stop, with the result stored; CG_ERR_WRONG when the defaults' results
 * differ from the reference; CG_ERR_ARGUMENT when a step of this batch takes too long; CG_ERR_INPUT
 * and CG_ERR_WRITE when the file is something else or cannot be written, before anything is
 * measured. */
cg_status cg_tune_run(cg_tune *tune, const cg_devices *devices, size_t index,
                      const cg_tune_options *options);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
void cg_tune_deinit(cg_tune *tune);

#ifdef __cplusplus
}
#endif
#endif
