/* Checkpoints: all of a run's state in one safetensors file, docs/file-formats.md. */
#ifndef CLGAN_RUN_CHECKPOINT_H
#define CLGAN_RUN_CHECKPOINT_H

#include "run/numbered.h"
#include "run/recipe.h"
#include "run/run.h"

#include <clgan/safetensors.h>

enum { CG_CHECKPOINT_FORMAT = 1 };

/* Writes net's state after `step`, which ended `rows` steps into `epoch`; the epoch's metrics so
 * far go with it. Blocking, atomic. CG_ERR_WRITE; CG_ERR_DIVERGED, and nothing is written, when
 * a number is not finite. */
cg_status cg_checkpoint_write(const char *path, const cg_network *net, const cg_recipe *recipe,
                              uint64_t step, size_t epoch, size_t rows);

/* *text = the options that a resumed run must share, as JSON for cJSON_free(). CG_ERR_MEMORY. */
cg_status cg_checkpoint_print_options(char **text, const cg_recipe *recipe);

/* Reads them back. CG_ERR_INPUT, not logged, when one is missing or out of its range, and for NULL;
 * CG_ERR_MEMORY. */
cg_status cg_checkpoint_read_options(cg_recipe *recipe, const char *text);

/* Reads and validates a checkpoint: *file holds its tensors, to be released; *recipe and *step are
 * those of its metadata. CG_ERR_INPUT, CG_ERR_READ, CG_ERR_MEMORY, logged. */
cg_status cg_checkpoint_read(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                             const char *path);

/* The same of a run with that recipe, unless it is NULL: the checkpoint of another training is
 * CG_ERR_INPUT, too. */
cg_status cg_checkpoint_read_own(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                 const char *path, const cg_recipe *own);

/* The one that the walk has come to, which has to be of the step that its name tells, too. */
cg_status cg_checkpoint_read_walked(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                    const cg_run_walk *walk, const cg_recipe *own);

/* *sound = there is a checkpoint, and it is sound and of a run with that recipe; *step is its own
 * then. CG_ERR_READ where that cannot be told now, CG_ERR_MEMORY. */
cg_status cg_checkpoint_try(bool *sound, uint64_t *step, const char *path, const cg_recipe *own);

/* A checkpoint that is not taken: CG_ERR_INPUT, or CG_ERR_READ for one that cannot be read now; the
 * log has why. CG_OK goes on with the one before. */
typedef cg_status cg_checkpoint_skipped(void *user, uint64_t step, cg_status status);

/* The newest checkpoint of a run that is sound, as cg_checkpoint_read_walked() has it; *file is
 * NULL where there is none. `skipped` is asked about each that is not. CG_ERR_MEMORY. */
cg_status cg_checkpoint_read_newest(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                    const cg_run *run, const cg_recipe *own,
                                    cg_checkpoint_skipped *skipped, void *user);

/* The checkpoint of a run's best evaluation, where there is a sound one, else the newest sound one,
 * likewise; a word says which. CG_ERR_INPUT when the folder holds none, CG_ERR_READ. */
cg_status cg_checkpoint_read_best(cg_safetensors **file, cg_recipe *recipe, uint64_t *step,
                                  const char *run);

/* Uploads all that net has room for (a network that only draws has no moments) and the metrics of
 * the epoch's first `rows` steps; `recipe` is the file's. CG_ERR_INPUT when the file holds another
 * number of them. */
cg_status cg_checkpoint_restore(cg_network *net, const cg_safetensors *file,
                                const cg_recipe *recipe, size_t rows);

#endif
