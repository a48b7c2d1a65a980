/* runs/latest. */
#include "run/latest.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"

#include <clgan/log.h>
#include <clgan/runs.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char link_path[] = CG_RUNS_FOLDER "/" CG_RUNS_LATEST;

/* True when both paths lead to the same folder. */
static bool is_same_folder(const char *a, const char *b)
{
    char *real_a = cg_platform_resolve(a), *real_b = cg_platform_resolve(b);
    bool same = real_a && real_b && strcmp(real_a, real_b) == 0;
    free(real_a);
    free(real_b);
    return same;
}

/* The run's name is a path's last part: the link is relative, so that the folder may be moved. */
void cg_run_mark_latest(const cg_run *run)
{
    char *path = NULL;
    if (cg_memory_copy_text(&path, run->path) != CG_OK)
        return;
    size_t length = strlen(path);
    while (length > 1 && cg_platform_is_separator(path[length - 1]))
        path[--length] = '\0';
    char *name = path + cg_platform_folder_length(path), *folder = NULL;
    bool wanted = name > path && name[0] && name[0] != '.' && strcmp(name, CG_RUNS_LATEST) != 0;
    if (wanted && cg_path_folder(&folder, path) == CG_OK) {
        if (is_same_folder(folder, CG_RUNS_FOLDER) && !cg_platform_link(name, link_path))
            cg_log(CG_LOG_DEBUG, "%s stays as it is: %s", link_path, strerror(errno));
    }
    free(folder);
    free(path);
}

void cg_run_clear_latest(void)
{
    cg_file_info info;
    bool link = cg_platform_link_info(&info, link_path) && !info.regular && !info.folder;
    if (link && !cg_file_exists(link_path))
        unlink(link_path);
}
