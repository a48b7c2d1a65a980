/* Pictures and checkpoints. */
#include "train/save.h"

#include "base/file.h"
#include "base/try.h"
#include "ocl/runtime.h"
#include "run/checkpoint.h"
#include "run/latest.h"
#include "run/numbered.h"
#include "run/pictures.h"
#include "train/audit_unchanged.h"
#include "train/metrics.h"
#include "train/retry.h"

#include <inttypes.h>
#include <stdlib.h>

cg_status cg_save_picture(cg_trainer *t, const cg_step_place *place, bool epoch_end)
{
    cg_status status = CG_OK;
    unsigned char pixels[CG_PICTURE_COUNT * CG_PIXELS];
    char *path = NULL;
    CG_TRY(cg_audit_hold(&t->audit));
    CG_TRY(cg_sampler_update(&t->sampler));
    CG_TRY(cg_pictures_generate(pixels, t->sampler.net, t->source.seed, CG_STREAM_PICTURES,
                                CG_PICTURE_COUNT));
    CG_TRY(cg_audit_compare(&t->audit, place->step, "pictures were drawn"));
    CG_TRY(epoch_end ? cg_run_picture_path(&path, &t->run, place->epoch)
                     : cg_run_path(&path, &t->run, "images/image_at_step_%08" PRIu64 ".png",
                                   place->step));
    CG_TRY(cg_pictures_write_grid(path, pixels));
done:
    free(path);
    return status;
}

cg_status cg_save_prune(const cg_trainer *t, uint64_t step)
{
    const cg_history *history = &t->monitor.history;
    const cg_keep_rule rule = {.step = step,
                               .keep = t->config.keep,
                               .epoch_steps = t->epoch_steps,
                               .every = t->config.checkpoint_every,
                               .bests = history->bests,
                               .best_count = history->best_count};
    return cg_run_prune(&t->run, &rule);
}

/* Somebody may have removed config.json, without which nobody takes the folder for a run. */
static cg_status keep_config(cg_trainer *t)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, &t->run, CG_RUN_CONFIG);
    if (status == CG_OK && !cg_file_exists(path))
        status = cg_config_write(&t->run, &t->config, cg_runtime_device(t->rt));
    free(path);
    return status;
}

cg_status cg_save_checkpoint(cg_trainer *t, const cg_step_place *place)
{
    cg_status status = CG_OK;
    char *path = NULL;
    size_t rows = (place->row + 1) % t->epoch_steps; /* none at an epoch's end */

    CG_TRY(cg_run_check(&t->run));
    CG_TRY(cg_metrics_fetch(t, place));
    CG_TRY(cg_records_sync(&t->records));
    CG_TRY(keep_config(t));
    CG_TRY(cg_run_checkpoint_path(&path, &t->run, place->step));
    status = cg_checkpoint_write(path, t->net, &t->config.recipe, place->step, place->epoch, rows);
    if (status == CG_ERR_DIVERGED) {
        cg_status cause = cg_retry(t, place->step);
        status = cause == CG_OK ? status : cause;
    }
    CG_TRY(status);
    CG_TRY(cg_save_prune(t, place->step));
    cg_run_mark_latest(&t->run); /* another run may have been written meanwhile */
done:
    free(path);
    return status;
}
