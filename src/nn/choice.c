/* Algorithms by the operations' names. */
#include "nn/choice.h"

#include "ocl/runtime.h"
#include "ops/conv2d_algorithm.h"
#include "ops/dense.h"

#include <clgan/terminal.h>
#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

enum { ITEM = 96, LIST = 512 };

/* The variants of the index-th algorithm for such a stage, NULL after the last. */
static const cg_variant *variants_at(const cg_stage *stage, size_t index)
{
    const cg_conv2d_algorithm *conv = stage->layer ? cg_conv2d_algorithm_at(index) : NULL;
    const cg_dense_algorithm *dense = stage->dense ? cg_dense_algorithm_at(index) : NULL;
    return conv ? conv->variants : dense ? dense->variants : NULL;
}

const char *cg_choice_name_at(const cg_stage *stage, size_t index)
{
    const cg_variant *variants;
    for (size_t a = 0; (variants = variants_at(stage, a)); a++)
        for (const cg_variant *v = variants; v->name; v++)
            if (index-- == 0)
                return v->name;
    return NULL;
}

/* The table's own copy of a name, NULL when there is none of it. */
static const char *find_name(const cg_stage *stage, const char *wanted)
{
    const char *name;
    for (size_t i = 0; (name = cg_choice_name_at(stage, i)); i++)
        if (strcmp(name, wanted) == 0)
            return name;
    return NULL;
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void append_name(char list[LIST], const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, LIST - used, "%s%s", used ? ", " : "", name);
}

enum { NAMES = 64 };

/* Refuses a name of an algorithm of the operation, to which the stage belongs; NULL: of all
 * convolutions. */
static cg_status refuse_name(const cg_stage *stage, const char *operation, const char *wanted)
{
    char list[LIST] = "", hint[CG_HINT];
    const char *names[NAMES];
    size_t count = 0;
    for (; count < NAMES && (names[count] = cg_choice_name_at(stage, count)); count++)
        append_name(list, names[count]);
    return cg_fail(CG_ERR_ARGUMENT, "no algorithm '%s' of %s; there are: %s%s", wanted,
                   operation ? operation : "convolutions", list,
                   cg_did_you_mean(hint, "", wanted, names, count));
}

static cg_status refuse_operation(const char *wanted)
{
    char list[LIST] = "", hint[CG_HINT];
    const char *names[CG_STAGES];
    size_t count = 0;
    for (size_t i = 0; i < CG_STAGES; i++)
        if (cg_stage_named(cg_stages[i].name) == &cg_stages[i])
            append_name(list, names[count++] = cg_stages[i].name);
    return cg_fail(CG_ERR_ARGUMENT, "--algorithm: no operation '%s'; there are: %s, vec%s", wanted,
                   list, cg_did_you_mean(hint, "", wanted, names, count));
}

static cg_status refuse_width(const cg_runtime *rt, const char *wanted)
{
    char list[LIST] = "", number[24];
    for (const size_t *width = cg_runtime_widths(rt); *width; width++) {
        snprintf(number, sizeof number, "%zu", *width);
        append_name(list, number);
    }
    return cg_fail(CG_ERR_ARGUMENT, "no --algorithm vec=%s on %s; there are: %s", wanted,
                   rt->info.name, list);
}

/* ---- text to choice -------------------------------------------------------------------------- */

/* A choice that is being parsed. */
typedef struct parser {
    cg_choice *choice;
    const cg_runtime *rt;
    bool quiet; /* refuses without a message */
} parser;

/* True when `operation`, "OP" or "OP/PASS", means the stage; NULL means all convolutions. */
static bool means_stage(const char *operation, const cg_stage *stage)
{
    size_t length = strlen(stage->name);
    if (!operation)
        return stage->layer != NULL;
    if (strncmp(operation, stage->name, length) != 0)
        return false;
    return !operation[length] || (operation[length] == '/' &&
                                  strcmp(operation + length + 1, cg_pass_names[stage->pass]) == 0);
}

static cg_status choose_width(parser *p, const char *wanted)
{
    char number[24];
    for (const size_t *width = cg_runtime_widths(p->rt); *width; width++) {
        snprintf(number, sizeof number, "%zu", *width);
        if (strcmp(number, wanted) == 0) {
            p->choice->vec = *width;
            return CG_OK;
        }
    }
    return p->quiet ? CG_ERR_ARGUMENT : refuse_width(p->rt, wanted);
}

static cg_status choose_algorithm(parser *p, const char *operation, const char *wanted)
{
    bool found = false;
    for (size_t i = 0; i < CG_STAGES; i++) {
        const cg_stage *stage = &cg_stages[i];
        if (!cg_stage_has_choice(stage) || !means_stage(operation, stage))
            continue;
        p->choice->algorithms[i] = find_name(stage, wanted);
        if (!p->choice->algorithms[i])
            return p->quiet ? CG_ERR_ARGUMENT : refuse_name(stage, operation, wanted);
        found = true;
    }
    if (found)
        return CG_OK;
    return p->quiet ? CG_ERR_ARGUMENT : refuse_operation(operation);
}

static cg_status parse_item(parser *p, char *item)
{
    char *equals = strchr(item, '=');
    if (equals)
        *equals = '\0';
    if (equals && strcmp(item, "vec") == 0)
        return choose_width(p, equals + 1);
    return choose_algorithm(p, equals ? item : NULL, equals ? equals + 1 : item);
}

static cg_status parse_items(parser *p, const char *text)
{
    static const char separators[] = " ,";
    *p->choice = (cg_choice){0};
    for (const char *at = text ? text : ""; *(at += strspn(at, separators));) {
        char item[ITEM];
        size_t length = strcspn(at, separators);
        snprintf(item, sizeof item, "%.*s", (int)(length < ITEM ? length : ITEM - 1), at);
        cg_status status = parse_item(p, item);
        if (status != CG_OK)
            return status;
        at += length;
    }
    return CG_OK;
}

/* The strict algorithm of a stage, NULL when none serves. */
static const char *find_strict(const cg_runtime *rt, const cg_stage *stage)
{
    cg_conv2d call = {0};
    if (stage->layer)
        call = cg_layer_geometry(stage->layer, stage->pass, 1);
    const cg_conv2d_algorithm *conv = stage->layer ? cg_conv2d_choose_strict(rt, &call) : NULL;
    const cg_dense_algorithm *dense = stage->dense ? cg_dense_choose_strict(rt) : NULL;
    return conv ? conv->variants->name : dense ? dense->variants->name : NULL;
}

cg_status cg_choice_parse(cg_choice *choice, cg_runtime *rt, const char *text, bool strict)
{
    cg_status status = parse_items(&(parser){.choice = choice, .rt = rt}, text);
    choice->strict = strict;
    cg_mode before = cg_choice_enter(choice, rt);
    for (size_t i = 0; strict && i < CG_STAGES; i++)
        if (!choice->algorithms[i])
            choice->algorithms[i] = find_strict(rt, &cg_stages[i]);
    cg_runtime_set_mode(rt, before);
    return status;
}

/* ---- which algorithm serves ------------------------------------------------------------------
 *
 * That is a question of a stage's geometry, of the device and of the width: no network is needed.
 */

static const char *find_conv(const cg_runtime *rt, const cg_stage *stage, const char *chosen)
{
    cg_conv2d call = cg_layer_geometry(stage->layer, stage->pass, 1);
    call.algorithm = chosen;
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, &call);
    return a && (a->strict || !rt->strict) ? cg_variant_find(a->variants, chosen)->name : NULL;
}

static const char *find_dense(const cg_runtime *rt, const char *chosen)
{
    const cg_dense_algorithm *a = cg_dense_choose(rt, chosen);
    return a && (a->strict || !rt->strict) ? cg_variant_find(a->variants, chosen)->name : NULL;
}

const char *cg_choice_name(cg_runtime *rt, const cg_choice *choice, const cg_stage *stage)
{
    const char *chosen = cg_stage_algorithm(stage, choice);
    cg_mode before = cg_choice_enter(choice, rt);
    const char *name = stage->layer   ? find_conv(rt, stage, chosen)
                       : stage->dense ? find_dense(rt, chosen)
                                      : "";
    cg_runtime_set_mode(rt, before);
    return name;
}

bool cg_choice_is_usable(cg_runtime *rt, const char *text)
{
    cg_choice choice;
    if (parse_items(&(parser){.choice = &choice, .rt = rt, .quiet = true}, text) != CG_OK)
        return false;
    for (size_t i = 0; i < CG_STAGES; i++)
        if (!cg_choice_name(rt, &choice, &cg_stages[i]))
            return false;
    return true;
}

static bool suits_conv(const cg_runtime *rt, const cg_stage *stage, const char *name)
{
    cg_conv2d call = cg_layer_geometry(stage->layer, stage->pass, 1);
    call.algorithm = name;
    const cg_conv2d_algorithm *a = cg_conv2d_choose(rt, &call);
    return a && cg_conv2d_suits(rt, a);
}

static bool suits_dense(const cg_runtime *rt, const char *name)
{
    const cg_dense_algorithm *a = cg_dense_choose(rt, name);
    return a && cg_dense_suits(rt, a);
}

bool cg_choice_suits(cg_runtime *rt, const cg_choice *choice, const cg_stage *stage,
                     const char *name)
{
    cg_mode before = cg_choice_enter(choice, rt);
    bool suits = stage->layer ? suits_conv(rt, stage, name) : stage->dense && suits_dense(rt, name);
    cg_runtime_set_mode(rt, before);
    return suits;
}

static cg_status refuse_stage(const cg_runtime *rt, const cg_stage *stage, const cg_choice *choice)
{
    const char *chosen = cg_stage_algorithm(stage, choice), *pass = cg_pass_names[stage->pass];
    const char *how = choice->strict ? " with --strict" : "";
    if (!chosen)
        return cg_fail(CG_ERR_ARGUMENT, "%s: no algorithm serves %s/%s%s", rt->info.name,
                       stage->name, pass, how);
    return cg_fail(CG_ERR_ARGUMENT, "--algorithm '%s' does not serve %s/%s on %s%s", chosen,
                   stage->name, pass, rt->info.name, how);
}

/* ---- choice to text -------------------------------------------------------------------------- */

cg_status cg_choice_describe(char text[CG_CHOICE_TEXT], cg_runtime *rt, const cg_choice *choice)
{
    size_t used = 0, width = cg_choice_width(choice, rt);
    text[0] = '\0';
    if (width != *cg_runtime_widths(rt))
        used = (size_t)snprintf(text, CG_CHOICE_TEXT, "vec=%zu", width);
    for (const cg_stage *stage = cg_stages; stage < cg_stages + CG_STAGES; stage++) {
        const char *name = cg_choice_name(rt, choice, stage);
        const char *pass = cg_pass_names[stage->pass];
        if (!name)
            return refuse_stage(rt, stage, choice);
        if (!*name)
            continue;
        int n = snprintf(text + used, CG_CHOICE_TEXT - used, "%s%s/%s=%s", used ? " " : "",
                         stage->name, pass, name);
        used += n > 0 && (size_t)n < CG_CHOICE_TEXT - used ? (size_t)n : 0;
    }
    return CG_OK;
}
