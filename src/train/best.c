/* The best checkpoint's file. */
#include "train/best.h"

#include "base/file.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHECKPOINT_LIMIT = 1 << 30 };

/* True when the file is a sound checkpoint of that step. */
static bool is_checkpoint(const char *path, uint64_t step)
{
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t found = 0;
    bool is = cg_file_exists(path) && cg_checkpoint_read(&file, &recipe, &found, path) == CG_OK &&
              found == step;
    cg_safetensors_release(file);
    return is;
}

static cg_status copy_file(const char *to, const char *from)
{
    void *data;
    size_t size;
    cg_status status = cg_file_read(&data, &size, from, CHECKPOINT_LIMIT);
    if (status == CG_OK)
        status = cg_file_write(to, data, size);
    free(data);
    return status;
}

static cg_status remove_best(const char *best, uint64_t step)
{
    if (step || cg_file_exists(best))
        cg_log(CG_LOG_WARNING,
               "the log's best checkpoint (step %" PRIu64
               ") is not there: %s will be the best from here on",
               step, best);
    if (cg_file_exists(best) && unlink(best) != 0)
        return cg_fail(CG_ERR_WRITE, "cannot remove %s", best);
    return CG_OK;
}

cg_status cg_best_restore(const cg_run *run, uint64_t step)
{
    cg_status status = CG_OK;
    char *best = NULL, *source = NULL;
    CG_TRY(cg_run_best_path(&best, run));
    CG_TRY(cg_run_checkpoint_path(&source, run, step));
    if (step && is_checkpoint(best, step))
        goto done;
    status =
        step && is_checkpoint(source, step) ? copy_file(best, source) : remove_best(best, step);
done:
    free(best);
    free(source);
    return status;
}

cg_status cg_best_save(const cg_run *run, const cg_network *net, const cg_recipe *recipe,
                       uint64_t step, size_t epoch)
{
    char *path = NULL;
    cg_status status = cg_run_best_path(&path, run);
    if (status == CG_OK)
        status = cg_checkpoint_write(path, net, recipe, step, epoch, 0);
    free(path);
    return status;
}
