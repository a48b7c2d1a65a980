/* runs/latest: the run that was written last, as a link for who looks into the folder. clgan itself
 * never reads it (clgan/runs.h). */
#ifndef CLGAN_RUN_LATEST_H
#define CLGAN_RUN_LATEST_H

#include "run/run.h"

#define CG_RUNS_LATEST "latest" /* the link's name */

/* Lets runs/latest point to the run, where that lies in runs/ and the system has symbolic links.
 * Whatever else has that name stays. No failure is one of the run. */
void cg_run_mark_latest(const cg_run *run);

/* Removes runs/latest where it is a link that leads nowhere any more. */
void cg_run_clear_latest(void);

#endif
