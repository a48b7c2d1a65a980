/* config.json: what a run is and how it was last started. */
#ifndef CLGAN_RUN_CONFIG_H
#define CLGAN_RUN_CONFIG_H

#include "run/folder.h"
#include "run/recipe.h"
#include "run/run.h"

/* A rank of a run of several (docs/many-devices.md): its device, and where that is. */
typedef struct cg_config_rank {
    char id[24]; /* of the device on its host, "P:D" */
    char device[160], platform[160], driver[160], host[64];
} cg_config_rank;

/* The numbers that a resumed run takes from here when they are not given again. */
typedef struct cg_run_config {
    uint64_t epochs, keep, checkpoint_every, log_every, evaluate_every, evaluate_samples;
    uint64_t first_step;   /* step after which the program that wrote this began */
    uint64_t images;       /* in the data set */
    char data[4096];       /* its folder, as given or as in the file */
    char classifier[4096]; /* file that evaluation is by; "": cg_classifier_default() */
    cg_recipe recipe;
    const char *algorithms_from; /* cg_tuning_join(); not read back */
    const cg_config_rank *ranks; /* of the process that wrote this, where there were several; not
                                    read back */
    size_t rank_count;
    bool no_selftest; /* the device was not to be tested; false in older files */
} cg_run_config;

/* Returns the place of that number in the settings. */
uint64_t *cg_config_number(cg_run_config *config, cg_run_number number);

/* Writes the file, atomically; the data's folder and the classifier as absolute paths without
 * links, so that a resume finds them from anywhere. */
cg_status cg_config_write(const cg_run *run, const cg_run_config *config,
                          const cg_device_info *device);

/* *config = what the text of such a file says. CG_ERR_INPUT, not logged, when it is damaged: *wrong
 * is the name of what is missing, or not what clgan writes, "" for what is no JSON. CG_ERR_MEMORY.
 */
cg_status cg_config_parse(cg_run_config *config, const char **wrong, const char *text);

/* *seed = all 64 bits of the one in such a text, of which a number of cJSON holds 53. False where
 * there is none. */
bool cg_config_read_seed(uint64_t *seed, const char *text);

/* Reads the file of a run. CG_ERR_INPUT when it is damaged, CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_config_read(cg_run_config *config, const cg_run *run);

/* The same of a run that may have none: *readable = it has one that is what clgan writes; what is
 * wrong with it is a warning. CG_ERR_READ, CG_ERR_MEMORY. */
cg_status cg_config_try(bool *readable, cg_run_config *config, const cg_run *run);

/* *found = the folder has such a file, and it says what recipe its checkpoints have to have. A file
 * that cannot be used is none; what is wrong with its text is not said. CG_ERR_MEMORY. */
cg_status cg_config_find_recipe(bool *found, cg_recipe *recipe, const cg_run *run);

#endif
