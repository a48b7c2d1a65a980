/* Algorithms by the operations' names. */
#include "nn/choice.h"

#include "ocl/runtime.h"
#include "ops/conv2d_algorithm.h"
#include "ops/dense.h"

#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

enum { ITEM = 96, LIST = 512 };

static bool has_choice(const cg_stage *stage)
{
    return stage->conv || stage->dense;
}

/* The variants of the index-th algorithm for such a stage, NULL after the last. */
static const cg_variant *variants_at(const cg_stage *stage, size_t index)
{
    const cg_conv2d_algorithm *conv = stage->conv ? cg_conv2d_algorithm_at(index) : NULL;
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

static void append(char list[LIST], const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, LIST - used, "%s%s", used ? ", " : "", name);
}

static cg_status refuse_name(const cg_stage *stage, const char *wanted)
{
    char list[LIST] = "";
    const char *name;
    for (size_t i = 0; (name = cg_choice_name_at(stage, i)); i++)
        append(list, name);
    return cg_fail(CG_ERR_ARGUMENT, "no --algorithm '%s'; there are: %s", wanted, list);
}

static cg_status refuse_operation(const char *wanted)
{
    char list[LIST] = "";
    size_t count;
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < count; i++)
        if (has_choice(&stages[i]) && !strstr(list, stages[i].name))
            append(list, stages[i].name);
    return cg_fail(CG_ERR_ARGUMENT, "--algorithm: no operation '%s'; there are: %s, vec", wanted,
                   list);
}

static cg_status refuse_width(const cg_runtime *rt, const char *wanted)
{
    char list[LIST] = "", number[24];
    for (const size_t *width = cg_runtime_widths(rt); *width; width++) {
        snprintf(number, sizeof number, "%zu", *width);
        append(list, number);
    }
    return cg_fail(CG_ERR_ARGUMENT, "no --algorithm vec=%s on %s; there are: %s", wanted,
                   rt->info.name, list);
}

/* ---- text to choice -------------------------------------------------------------------------- */

/* A choice on its way. */
typedef struct parser {
    cg_choice *choice;
    const cg_runtime *rt;
    bool quiet; /* refuses without a word */
} parser;

/* Whether `operation`, "OP" or "OP/PASS", means the stage; NULL means all convolutions. */
static bool means(const char *operation, const cg_stage *stage)
{
    size_t length = strlen(stage->name);
    if (!operation)
        return stage->conv != NULL;
    if (strncmp(operation, stage->name, length) != 0)
        return false;
    return !operation[length] ||
           (operation[length] == '/' && strcmp(operation + length + 1, stage->pass) == 0);
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
    size_t count;
    const cg_stage *stages = cg_network_stages(&count);
    for (size_t i = 0; i < count; i++) {
        if (!has_choice(&stages[i]) || !means(operation, &stages[i]))
            continue;
        p->choice->algorithms[i] = find_name(&stages[i], wanted);
        if (!p->choice->algorithms[i])
            return p->quiet ? CG_ERR_ARGUMENT : refuse_name(&stages[i], wanted);
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

static cg_status parse(parser *p, const char *text)
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

cg_status cg_choice_parse(cg_choice *choice, const cg_runtime *rt, const char *text)
{
    return parse(&(parser){.choice = choice, .rt = rt}, text);
}

bool cg_choice_is_usable(cg_runtime *rt, const char *text)
{
    cg_spectrum spectra[CG_SPECTRA] = {{0}};
    cg_network shapes = {.rt = rt, .fakes = 1, .reals = 1, .spectra = spectra}; /* and no memory */
    size_t count;
    const cg_stage *stages = cg_network_stages(&count);
    if (parse(&(parser){.choice = &shapes.choice, .rt = rt, .quiet = true}, text) != CG_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!cg_choice_name(&shapes, &stages[i]))
            return false;
    return true;
}

bool cg_choice_suits(const cg_network *net, const cg_stage *stage, const char *name)
{
    if (stage->conv) {
        cg_conv2d call = stage->conv(net);
        call.algorithm = name;
        const cg_conv2d_algorithm *a = cg_conv2d_choose(net->rt, &call);
        return a && cg_conv2d_suits(net->rt, a);
    }
    const cg_dense_algorithm *a = stage->dense ? cg_dense_choose(net->rt, name) : NULL;
    return a && cg_dense_suits(net->rt, a);
}

/* ---- choice to text -------------------------------------------------------------------------- */

const char *cg_choice_name(const cg_network *net, const cg_stage *stage)
{
    if (stage->conv) {
        cg_conv2d call = cg_stage_conv(stage, net);
        const cg_conv2d_algorithm *a = cg_conv2d_choose(net->rt, &call);
        return a ? cg_variant_find(a->variants, call.algorithm)->name : NULL;
    }
    if (stage->dense) {
        const char *chosen = cg_stage_algorithm(stage, net);
        const cg_dense_algorithm *a = cg_dense_choose(net->rt, chosen);
        return a ? cg_variant_find(a->variants, chosen)->name : NULL;
    }
    return "";
}

cg_status cg_choice_describe(char text[CG_CHOICE_TEXT], const cg_network *net)
{
    size_t count, used = 0;
    const cg_stage *stages = cg_network_stages(&count);
    text[0] = '\0';
    if (net->rt->vec != *cg_runtime_widths(net->rt))
        used = (size_t)snprintf(text, CG_CHOICE_TEXT, "vec=%zu", net->rt->vec);
    for (size_t i = 0; i < count; i++) {
        const char *name = cg_choice_name(net, &stages[i]);
        if (!name)
            return cg_fail(CG_ERR_ARGUMENT, "--algorithm '%s' does not serve %s/%s on %s",
                           cg_stage_algorithm(&stages[i], net), stages[i].name, stages[i].pass,
                           net->rt->info.name);
        if (!*name)
            continue;
        int n = snprintf(text + used, CG_CHOICE_TEXT - used, "%s%s/%s=%s", used ? " " : "",
                         stages[i].name, stages[i].pass, name);
        used += n > 0 && (size_t)n < CG_CHOICE_TEXT - used ? (size_t)n : 0;
    }
    return CG_OK;
}
