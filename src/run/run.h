/* The run directory from its beginning to its end: which folder it is, who may write there, and how
 * a start that came to nothing is taken back. */
#ifndef CLGAN_RUN_RUN_H
#define CLGAN_RUN_RUN_H

#include "run/folder.h"

/* A new run in `out`, or in the first free runs/NNN when out is NULL, which is one that is not
 * there or where a start was killed. Creates the directory and its folders and locks it. CG_ERR_RUN
 * when it holds a run, is locked, or cannot be written; what was created is gone then. */
cg_status cg_run_create(cg_run *run, const char *out);

/* Closes a run in which nothing was done, and removes what cg_run_create() made of it. A run that
 * was there before, and files of others, stay. */
void cg_run_discard(cg_run *run);

/* The existing run in that folder; locked, leftovers of killed writers removed. CG_ERR_INPUT when
 * there is none, CG_ERR_RUN when it is locked. */
cg_status cg_run_open(cg_run *run, const char *path);
void cg_run_close(cg_run *run);

/* Sees to it that the folder at run->path still is the one that was opened, before more is written
 * there: it may have been moved, removed or replaced. A lock that was removed is taken anew.
 * CG_ERR_WRITE; CG_ERR_RUN when another process has begun to write there. */
cg_status cg_run_check(cg_run *run);

/* *holds = a run is there: one that has been written to, or is whole. CG_ERR_MEMORY. */
cg_status cg_run_holds(bool *holds, const cg_run *run);

#endif
