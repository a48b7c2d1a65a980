/* The best checkpoint's file. */
#include "train/best.h"

#include "base/file.h"
#include "base/try.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKPOINT_LIMIT = 1 << 30 };

/* *is = the file is a sound checkpoint of that step. */
static cg_status is_checkpoint(bool *is, const char *path, uint64_t step, const cg_recipe *own)
{
    uint64_t found = 0;
    cg_status status = cg_checkpoint_try(is, &found, path, own);
    *is = *is && found == step;
    return status;
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

/* The file is known to be another one than the log tells of, damaged or gone. */
static cg_status remove_best(const char *best, uint64_t step)
{
    bool there;
    cg_status status = cg_file_find(&there, best);
    if (status == CG_OK && (step || there))
        cg_log(CG_LOG_WARNING,
               "the log's best checkpoint (step %" PRIu64
               ") is not there: %s will be the best from here on",
               step, best);
    if (there && unlink(best) != 0)
        return cg_fail(CG_ERR_WRITE, "cannot remove %s: %s", best, strerror(errno));
    return status;
}

cg_status cg_best_restore(const cg_run *run, uint64_t step, const cg_recipe *own)
{
    cg_status status = CG_OK;
    char *best = NULL, *source = NULL;
    bool is = false;
    CG_TRY(cg_run_best_path(&best, run));
    CG_TRY(cg_run_checkpoint_path(&source, run, step));
    if (step)
        CG_TRY(is_checkpoint(&is, best, step, own));
    if (step && is)
        goto done;
    if (step)
        CG_TRY(is_checkpoint(&is, source, step, own));
    status = step && is ? copy_file(best, source) : remove_best(best, step);
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
