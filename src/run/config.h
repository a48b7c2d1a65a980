/* config.json: what a run is and how it was last started. */
#ifndef CLGAN_RUN_CONFIG_H
#define CLGAN_RUN_CONFIG_H

#include "run/checkpoint.h"
#include "run/run.h"

/* The numbers that a resumed run takes from here when they are not given again. */
typedef struct cg_run_config {
    uint64_t epochs, keep, checkpoint_every, log_every, evaluate_every, evaluate_samples;
    uint64_t first_step;   /* step after which the program that wrote this began */
    uint64_t images;       /* in the data set */
    char data[4096];       /* its folder, as given or as in the file */
    char classifier[4096]; /* file that evaluation is by; "": cg_classifier_default() */
    cg_recipe recipe;
    const char *algorithms_from; /* cg_tuning_join(); not read back */
} cg_run_config;

/* Writes the file, atomically; the data's folder and the classifier as absolute paths without
 * links, so that a resume finds them from anywhere. */
cg_status cg_config_write(const cg_run *run, const cg_run_config *config,
                          const cg_device_info *device);

/* Reads it back. A file of an older clgan may lack parts of the recipe: its algorithms are then "".
 * CG_ERR_INPUT when it is damaged. */
cg_status cg_config_read(cg_run_config *config, const cg_run *run);

#endif
