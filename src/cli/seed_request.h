/* The request of `clgan train --seeds`: which seeds, with which options, in which folders, on which
 * devices. */
#ifndef CLGAN_CLI_SEED_REQUEST_H
#define CLGAN_CLI_SEED_REQUEST_H

#include "cli/seed_runs.h"

/* Reads seeds->request: all runs wait then, each knows its folder, and which devices there are for
 * them is known, too. Nothing is created or changed. CG_ERR_ARGUMENT, CG_ERR_RUN for a folder that
 * holds what it must not, CG_ERR_MEMORY, and as cg_select_devices(). */
cg_status cg_seeds_prepare(cg_seeds *seeds);

#endif
