/* The files of a run, by their names. */
#include "run/run_files.h"

#include "base/file.h"
#include "base/try.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const cg_run_folders[CG_RUN_FOLDERS] = {"images", "checkpoints"};

/* ---- names ----------------------------------------------------------------------------------- */

cg_status cg_run_path(char **path, const cg_run *run, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    return cg_path_join(path, run->path, name);
}

/* *number = N of a name that is `prefix`, digits, `suffix`. */
static bool parse_name(uint64_t *number, const char *name, const char *prefix, const char *suffix)
{
    size_t start = strlen(prefix), digits;
    if (strncmp(name, prefix, start) != 0)
        return false;
    digits = strspn(name + start, "0123456789");
    *number = strtoull(name + start, NULL, 10);
    return digits > 0 && digits < 19 && strcmp(name + start + digits, suffix) == 0;
}

cg_status cg_run_checkpoint_path(char **path, const cg_run *run, uint64_t step)
{
    return cg_run_path(path, run, "checkpoints/step_%08" PRIu64 ".safetensors", step);
}

cg_status cg_run_best_path(char **path, const cg_run *run)
{
    return cg_run_path(path, run, "checkpoints/best.safetensors");
}

cg_status cg_run_picture_path(char **path, const cg_run *run, size_t epoch)
{
    return cg_run_path(path, run, "images/image_at_epoch_%04zu.png", epoch);
}

/* ---- folders --------------------------------------------------------------------------------- */

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
    for (size_t i = 0; status == CG_OK && i < CG_RUN_FOLDERS; i++)
        status = cg_run_visit(run, cg_run_folders[i], visit, user);
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

/* Temporary files of atomic writers are named ".NAME.tmp" (base/file.h). */
static cg_status remove_leftover(void *user, const char *folder, const char *name)
{
    size_t length = strlen(name);
    (void)user;
    bool leftover = name[0] == '.' && length > 5 && strcmp(name + length - 4, ".tmp") == 0;
    return leftover ? cg_run_remove_file(folder, name) : CG_OK;
}

cg_status cg_run_remove_leftovers(const cg_run *run)
{
    return cg_run_visit_all(run, remove_leftover, NULL);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The numbers in the names of a folder's files. */
typedef struct number_list {
    const char *prefix, *suffix;
    uint64_t *numbers;
    size_t count, room;
} number_list;

static cg_status add_number(void *user, const char *folder, const char *name)
{
    number_list *list = user;
    uint64_t number;
    (void)folder;
    if (!parse_name(&number, name, list->prefix, list->suffix))
        return CG_OK;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        uint64_t *larger = realloc(list->numbers, room * sizeof *larger);
        if (!larger)
            return cg_fail(CG_ERR_MEMORY, "no memory for a list of %zu files", room);
        list->numbers = larger;
        list->room = room;
    }
    list->numbers[list->count++] = number;
    return CG_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static cg_status list_numbers(uint64_t **numbers, size_t *count, number_list list,
                              const cg_run *run, const char *folder)
{
    cg_status status = cg_run_visit(run, folder, add_number, &list);
    if (status != CG_OK) {
        free(list.numbers);
        list = (number_list){0};
    }
    if (list.count)
        qsort(list.numbers, list.count, sizeof *list.numbers, compare_numbers);
    *numbers = list.numbers;
    *count = list.count;
    return status;
}

cg_status cg_run_checkpoints(uint64_t **steps, size_t *count, const cg_run *run)
{
    return list_numbers(steps, count, (number_list){.prefix = "step_", .suffix = ".safetensors"},
                        run, "checkpoints");
}

cg_status cg_run_picture_epochs(uint64_t **epochs, size_t *count, const cg_run *run)
{
    return list_numbers(epochs, count, (number_list){.prefix = "image_at_epoch_", .suffix = ".png"},
                        run, "images");
}

/* ---- a way through the checkpoints ----------------------------------------------------------- */

static bool is_seen(const cg_run_walk *walk, uint64_t step)
{
    size_t i = 0;
    while (i < walk->seen_count && walk->seen[i] != step)
        i++;
    return i < walk->seen_count;
}

static cg_status note_seen(cg_run_walk *walk, uint64_t step)
{
    if (walk->seen_count == walk->seen_room) {
        size_t room = walk->seen_room ? 2 * walk->seen_room : 64;
        uint64_t *larger = realloc(walk->seen, room * sizeof *larger);
        if (!larger)
            return cg_fail(CG_ERR_MEMORY, "no memory for a list of %zu files", room);
        walk->seen = larger;
        walk->seen_room = room;
    }
    walk->seen[walk->seen_count++] = step;
    return CG_OK;
}

static cg_status list_again(cg_run_walk *walk)
{
    free(walk->listed);
    walk->listed = NULL;
    walk->at = 0;
    return cg_run_checkpoints(&walk->listed, &walk->listed_count, walk->run);
}

/* Takes the next step of the list. False at its end. */
static bool take_listed(cg_run_walk *walk)
{
    while (walk->at < walk->listed_count) {
        size_t i = walk->at++;
        walk->step = walk->listed[walk->oldest_first ? i : walk->listed_count - 1 - i];
        if (!is_seen(walk, walk->step))
            return true;
    }
    return false;
}

cg_status cg_run_walk_next(cg_run_walk *walk)
{
    cg_status status = CG_OK;
    bool there = walk->seen_count > 0;
    if (walk->path)
        CG_TRY(cg_file_find(&there, walk->path));
    do {
        free(walk->path);
        walk->path = NULL;
        if (!there)
            CG_TRY(list_again(walk));
        if (!take_listed(walk))
            break;
        CG_TRY(note_seen(walk, walk->step));
        CG_TRY(cg_run_checkpoint_path(&walk->path, walk->run, walk->step));
        CG_TRY(cg_file_find(&there, walk->path));
    } while (!there);
done:
    return status;
}

void cg_run_walk_deinit(cg_run_walk *walk)
{
    free(walk->path);
    free(walk->listed);
    free(walk->seen);
    *walk = (cg_run_walk){.run = walk->run};
}

/* ---- what stays ------------------------------------------------------------------------------ */

static bool is_scheduled(const cg_keep_rule *rule, uint64_t step)
{
    return step % rule->epoch_steps == 0 || (rule->every && step % rule->every == 0);
}

/* The best step when `step` was done, 0 for none. */
static uint64_t best_of_then(const cg_keep_rule *rule, uint64_t step)
{
    size_t i = rule->best_count;
    while (i > 0 && rule->bests[i - 1] > step)
        i--;
    return i > 0 ? rule->bests[i - 1] : 0;
}

cg_status cg_run_prune(const cg_run *run, const cg_keep_rule *rule)
{
    cg_status status = CG_OK;
    uint64_t *steps = NULL, best = 0; /* best: of the time of the last one that stayed */
    size_t count = 0, newer = 0; /* newer: scheduled ones; those of stops must not push them out */
    CG_TRY(cg_run_checkpoints(&steps, &count, run));
    for (size_t i = count; i-- > 0;) {
        char *path = NULL;
        bool scheduled = is_scheduled(rule, steps[i]);
        if (steps[i] > rule->step)
            continue;
        bool stays = scheduled ? newer < rule->keep : steps[i] == rule->step;
        newer += scheduled;
        if (stays || steps[i] % (10 * rule->epoch_steps) == 0 || steps[i] == best) {
            best = best_of_then(rule, steps[i]);
            continue;
        }
        CG_TRY(cg_run_checkpoint_path(&path, run, steps[i]));
        if (unlink(path) != 0 && errno != ENOENT)
            cg_log(CG_LOG_WARNING, "cannot remove %s: %s", path, strerror(errno));
        free(path);
    }
done:
    free(steps);
    return status;
}

static cg_status remove_picture(void *user, const char *folder, const char *name)
{
    const size_t *epoch = user;
    uint64_t number;
    bool newer = (parse_name(&number, name, "image_at_epoch_", ".png") && number > *epoch) ||
                 parse_name(&number, name, "image_at_step_", ".png");
    return newer ? cg_run_remove_file(folder, name) : CG_OK;
}

cg_status cg_run_remove_pictures(const cg_run *run, size_t epoch)
{
    return cg_run_visit(run, "images", remove_picture, &epoch);
}
