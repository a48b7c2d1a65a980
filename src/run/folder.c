/* Names and paths. */
#include "run/folder.h"

#include "base/memory.h"

#include <clgan/log.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const folder_names[] = {CG_RUN_IMAGES, CG_RUN_CHECKPOINTS};

cg_status cg_run_path(char **path, const cg_run *run, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return cg_path_join(path, run->path, name);
}

cg_status cg_run_checkpoint_path(char **path, const cg_run *run, uint64_t step)
{
    return cg_run_path(path, run, CG_RUN_CHECKPOINTS "/step_%08" PRIu64 ".safetensors", step);
}

cg_status cg_run_best_path(char **path, const cg_run *run)
{
    return cg_run_path(path, run, CG_RUN_CHECKPOINTS "/best.safetensors");
}

cg_status cg_run_picture_path(char **path, const cg_run *run, size_t epoch)
{
    return cg_run_path(path, run, CG_RUN_IMAGES "/image_at_epoch_%04zu.png", epoch);
}

cg_status cg_run_has_file(bool *has, const cg_run *run, const char *name)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, "%s", name);
    *has = false;
    if (status == CG_OK)
        status = cg_file_find(has, path);
    free(path);
    return status;
}

cg_status cg_run_visit(const cg_run *run, const char *folder, cg_folder_visitor *visit, void *user)
{
    char *path = NULL;
    cg_status status = cg_run_path(&path, run, "%s", folder);
    if (status == CG_OK)
        status = cg_folder_visit(path, visit, user);
    free(path);
    return status;
}

cg_status cg_run_visit_all(const cg_run *run, cg_folder_visitor *visit, void *user)
{
    cg_status status = cg_run_visit(run, ".", visit, user);
    for (size_t i = 0; status == CG_OK && i < CG_COUNT(folder_names); i++)
        status = cg_run_visit(run, folder_names[i], visit, user);
    return status;
}

cg_status cg_run_remove_file(const char *folder, const char *name)
{
    char *path = NULL;
    cg_status status = cg_path_join(&path, folder, name);
    if (status == CG_OK && unlink(path) != 0 && errno != ENOENT)
        cg_log(CG_LOG_WARNING, "cannot remove %s: %s", path, strerror(errno));
    free(path);
    return status;
}

cg_status cg_run_create_folders(const cg_run *run)
{
    for (size_t i = 0; i < CG_COUNT(folder_names); i++) {
        char *path = NULL;
        cg_status status = cg_run_path(&path, run, "%s", folder_names[i]);
        if (status == CG_OK)
            status = cg_dir_create(path);
        status = status == CG_ERR_WRITE ? CG_ERR_RUN : status;
        free(path);
        if (status != CG_OK)
            return status;
    }
    return CG_OK;
}

void cg_run_remove_folders(const cg_run *run)
{
    for (size_t i = 0; i < CG_COUNT(folder_names); i++) {
        char *path = NULL;
        if (cg_run_path(&path, run, "%s", folder_names[i]) == CG_OK)
            rmdir(path);
        free(path);
    }
}
