/* Which stages are slow, and the sentence about them. */
#include "nn/slow.h"

#include "ops/conv2d_algorithm.h"

#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

enum { LIST = 512 };

/* The plain algorithms of all operations have one name. */
static bool is_plain(const char *name)
{
    return name && strcmp(name, cg_conv2d_plain.variants->name) == 0;
}

static bool is_slow(cg_runtime *rt, const cg_choice *choice, const cg_stage *stage)
{
    const cg_choice defaults = {.vec = choice->vec};
    return is_plain(cg_choice_name(rt, choice, stage)) &&
           is_plain(cg_choice_name(rt, &defaults, stage));
}

/* True when all stages of that name are slow that have a choice of algorithms. */
static bool all_are_slow(const bool slow[CG_STAGES], const char *name)
{
    for (size_t i = 0; i < CG_STAGES; i++)
        if (!slow[i] && cg_stage_has_choice(&cg_stages[i]) && strcmp(cg_stages[i].name, name) == 0)
            return false;
    return true;
}

/* list = "g.convt1, d.conv2/fwd, ...": a layer where all of its passes are slow, else a pass. */
static void list_stages(char list[LIST], const bool slow[CG_STAGES])
{
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < CG_STAGES; i++) {
        const cg_stage *stage = &cg_stages[i];
        bool whole = all_are_slow(slow, stage->name);
        if (!slow[i] || (whole && cg_stage_named(stage->name) != stage))
            continue;
        int n = snprintf(list + used, LIST - used, "%s%s%s%s", used ? ", " : "", stage->name,
                         whole ? "" : "/", whole ? "" : cg_pass_names[stage->pass]);
        used += n > 0 && (size_t)n < LIST - used ? (size_t)n : 0;
    }
}

void cg_slow_warn(cg_runtime *rt, const cg_choice *choice)
{
    bool slow[CG_STAGES];
    char list[LIST];
    for (size_t i = 0; i < CG_STAGES; i++)
        slow[i] = is_slow(rt, choice, &cg_stages[i]);
    list_stages(list, slow);
    if (*list)
        cg_log(CG_LOG_WARNING,
               "by 'plain', which is slow: %s; no faster algorithm fits %s, with work-groups of up "
               "to %zu and %.4g KiB of local memory%s",
               list, rt->info.name, rt->info.max_work_group,
               (double)rt->info.local_mem_bytes / 1024,
               rt->quirks.short_loops ? "; it ends long loops early" : "");
}
