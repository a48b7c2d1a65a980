/* A run's recipe: what belongs to it for good and must agree when it is resumed. */
#ifndef CLGAN_RUN_RECIPE_H
#define CLGAN_RUN_RECIPE_H

#include "base/json.h"
#include "nn/choice.h"

#include <clgan/recipe.h>

typedef struct cg_recipe {
    char name[16]; /* "tutorial" or "fast": what the numbers began as */
    uint64_t seed;
    uint64_t batch;
    uint64_t shards; /* of a batch (nn/shards.h); 0: it is whole */
    double hypers[CG_HYPER_COUNT];
    bool strict; /* the same bits on every device: its kernels' arithmetic is docs/strict.md's */
    char data_sha256[65];
    char device[160], platform[160], driver[160];
    char algorithms[CG_CHOICE_TEXT]; /* of each operation: nn/choice.h */
} cg_recipe;

/* Name, batch and numbers, those given among the options before the named recipe's.
 * CG_ERR_ARGUMENT for an unknown name, or a number out of its range. */
cg_status cg_recipe_resolve(cg_recipe *recipe, const cg_recipe_options *options);

/* CG_ERR_ARGUMENT, with a sentence, where a name, batch or number that is given is not the
 * recipe's. */
cg_status cg_recipe_compare(const cg_recipe *recipe, const cg_recipe_options *options);

/* Adds name and numbers, not the batch, to the root object, and reads them back. Files that are
 * older than the recipes have the learning rate at most, of both networks; the others are the
 * tutorial's. Returns NULL, or the name of a member that is missing from a newer file, or not in
 * its range. */
void cg_recipe_add_json(cg_json *json, const cg_recipe *recipe);
const char *cg_recipe_read_json(cg_recipe *recipe, const cJSON *json);

/* The name of what differs first between the recipes of two trainings, "learning_rate"; NULL where
 * they are of the same one, on any device and by any algorithms. */
const char *cg_recipe_find_difference(const cg_recipe *a, const cg_recipe *b);

/* True when the recipe is of a run on that device, by that driver. */
bool cg_recipe_is_of(const cg_recipe *recipe, const cg_device_info *device);

/* Sets the network's optimizer, losses and average, before it is initialised or restored. */
cg_status cg_recipe_apply(const cg_recipe *recipe, cg_network *net);

/* True for the recipe of that name, with its numbers or others. */
bool cg_recipe_is_tutorial(const cg_recipe *recipe);

#endif
