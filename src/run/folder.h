/* The folder of a run: the names and the paths of what lies in it. */
#ifndef CLGAN_RUN_FOLDER_H
#define CLGAN_RUN_FOLDER_H

#include "base/file.h"

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The files and folders of a run, but for those that are numbered (run/numbered.h). */
#define CG_RUN_CONFIG      "config.json"
#define CG_RUN_LOG         "log.jsonl"
#define CG_RUN_GIF         "dcgan.gif"
#define CG_RUN_IMAGES      "images"
#define CG_RUN_REAL        CG_RUN_IMAGES "/real.png"
#define CG_RUN_CHECKPOINTS "checkpoints"

typedef struct cg_run {
    char *path; /* as given or chosen: "runs/001" */
    int lock;   /* descriptor of the lock file, -1 when not held */
    bool fresh; /* this process began the run                    */
    bool made;  /* and its folder                                */
} cg_run;

/* *path = a file in the run, for free(); `format` with its arguments is its name. */
cg_status cg_run_path(char **path, const cg_run *run, const char *format, ...);

/* *path = the checkpoint after a step, and an epoch's picture, whether they are there or not; for
 * free(). */
cg_status cg_run_checkpoint_path(char **path, const cg_run *run, uint64_t step);
cg_status cg_run_picture_path(char **path, const cg_run *run, size_t epoch);

/* *path = the checkpoint of the best evaluation, likewise. */
cg_status cg_run_best_path(char **path, const cg_run *run);

/* Visits each entry of a folder in the run, "." for its own; none where there is no such folder.
 * CG_ERR_READ, CG_ERR_MEMORY, and what `visit` returns. */
cg_status cg_run_visit(const cg_run *run, const char *folder, cg_folder_visitor *visit, void *user);

/* Visits those of all folders in which a run has files. */
cg_status cg_run_visit_all(const cg_run *run, cg_folder_visitor *visit, void *user);

/* *has = there is a file of that name in the run. CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_run_has_file(bool *has, const cg_run *run, const char *name);

/* Removes the file of that name; that it cannot be removed is a warning. CG_ERR_MEMORY. */
cg_status cg_run_remove_file(const char *folder, const char *name);

/* Creates the folders in which a run has files (CG_ERR_RUN); removes those that are empty. */
cg_status cg_run_create_folders(const cg_run *run);
void cg_run_remove_folders(const cg_run *run);

#endif
