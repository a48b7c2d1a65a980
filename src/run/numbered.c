/* Numbers in names. */
#include "run/numbered.h"

#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- lists ----------------------------------------------------------------------------------- */

static cg_status add_number(cg_run_list *list, uint64_t number)
{
    cg_status status = cg_memory_grow(&list->items, list->count, sizeof *list->items);
    if (status == CG_OK)
        list->items[list->count++] = number;
    return status;
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

/* The files of a folder whose names are `prefix`, a number, `suffix`. */
typedef struct search {
    const char *prefix, *suffix;
    cg_run_list found;
} search;

static cg_status add_file(void *user, const char *folder, const char *name)
{
    search *s = user;
    uint64_t number;
    (void)folder;
    return parse_name(&number, name, s->prefix, s->suffix) ? add_number(&s->found, number) : CG_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* *list = their numbers, ascending. */
static cg_status list_files(cg_run_list *list, search s, const cg_run *run, const char *folder)
{
    cg_status status = cg_run_visit(run, folder, add_file, &s);
    if (status != CG_OK) {
        free(s.found.items);
        s.found = (cg_run_list){0};
    }
    if (s.found.count)
        qsort(s.found.items, s.found.count, sizeof *s.found.items, compare_numbers);
    *list = s.found;
    return status;
}

static cg_status list_checkpoints(cg_run_list *list, const cg_run *run)
{
    return list_files(list, (search){.prefix = "step_", .suffix = ".safetensors"}, run,
                      CG_RUN_CHECKPOINTS);
}

cg_status cg_run_checkpoints(uint64_t **steps, size_t *count, const cg_run *run)
{
    cg_run_list list;
    cg_status status = list_checkpoints(&list, run);
    *steps = list.items;
    *count = list.count;
    return status;
}

static const char picture_prefix[] = "image_at_epoch_", picture_suffix[] = ".png";

cg_status cg_run_picture_epochs(uint64_t **epochs, size_t *count, const cg_run *run)
{
    cg_run_list list;
    cg_status status = list_files(
        &list, (search){.prefix = picture_prefix, .suffix = picture_suffix}, run, CG_RUN_IMAGES);
    *epochs = list.items;
    *count = list.count;
    return status;
}

/* ---- a walk ---------------------------------------------------------------------------------- */

static bool is_seen(const cg_run_walk *walk, uint64_t step)
{
    size_t i = 0;
    while (i < walk->seen.count && walk->seen.items[i] != step)
        i++;
    return i < walk->seen.count;
}

static cg_status list_again(cg_run_walk *walk)
{
    free(walk->listed.items);
    walk->at = 0;
    return list_checkpoints(&walk->listed, walk->run);
}

/* Takes the next step of the list. False at its end. */
static bool take_listed(cg_run_walk *walk)
{
    while (walk->at < walk->listed.count) {
        size_t i = walk->at++;
        walk->step = walk->listed.items[walk->oldest_first ? i : walk->listed.count - 1 - i];
        if (!is_seen(walk, walk->step))
            return true;
    }
    return false;
}

cg_status cg_run_walk_next(cg_run_walk *walk)
{
    cg_status status = CG_OK;
    bool there = walk->seen.count > 0;
    if (walk->path)
        CG_TRY(cg_file_find(&there, walk->path));
    do {
        free(walk->path);
        walk->path = NULL;
        if (!there)
            CG_TRY(list_again(walk));
        if (!take_listed(walk))
            break;
        CG_TRY(add_number(&walk->seen, walk->step));
        CG_TRY(cg_run_checkpoint_path(&walk->path, walk->run, walk->step));
        CG_TRY(cg_file_find(&there, walk->path));
    } while (!there);
done:
    return status;
}

void cg_run_walk_deinit(cg_run_walk *walk)
{
    free(walk->path);
    free(walk->listed.items);
    free(walk->seen.items);
    *walk = (cg_run_walk){.run = walk->run};
}

/* ---- what goes ------------------------------------------------------------------------------- */

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
        status = cg_run_remove_file("", path);
        free(path);
        CG_TRY(status);
    }
done:
    free(steps);
    return status;
}

static cg_status remove_picture(void *user, const char *folder, const char *name)
{
    const size_t *epoch = user;
    uint64_t number;
    bool newer = (parse_name(&number, name, picture_prefix, picture_suffix) && number > *epoch) ||
                 parse_name(&number, name, "image_at_step_", picture_suffix);
    return newer ? cg_run_remove_file(folder, name) : CG_OK;
}

cg_status cg_run_remove_pictures(const cg_run *run, size_t epoch)
{
    return cg_run_visit(run, CG_RUN_IMAGES, remove_picture, &epoch);
}
