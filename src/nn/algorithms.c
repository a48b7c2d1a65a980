/* Algorithms by the operations' names. */
#include "nn/algorithms.h"

#include "ops/dense.h"

#include <clgan/log.h>
#include <stdio.h>
#include <string.h>

enum { ITEM = 96 };

static const char *conv_name_at(size_t index)
{
    const cg_conv2d_algorithm *a = cg_conv2d_algorithm_at(index);
    return a ? a->name : NULL;
}

static const char *dense_name_at(size_t index)
{
    const cg_dense_algorithm *a = cg_dense_algorithm_at(index);
    return a ? a->name : NULL;
}

static bool has_choice(const cg_stage *stage)
{
    return stage->conv || stage->dense;
}

/* The table's own copy of a name, NULL when there is none of it. */
static const char *find_name(const char *(*name_at)(size_t), const char *wanted)
{
    const char *name;
    for (size_t i = 0; (name = name_at(i)); i++)
        if (strcmp(name, wanted) == 0)
            return name;
    return NULL;
}

static void append(char list[ITEM], const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, ITEM - used, "%s%s", used ? ", " : "", name);
}

static cg_status refuse_name(const char *(*name_at)(size_t), const char *wanted)
{
    char list[ITEM] = "";
    const char *name;
    for (size_t i = 0; (name = name_at(i)); i++)
        append(list, name);
    return cg_fail(CG_ERR_ARGUMENT, "no --algorithm '%s'; there are: %s", wanted, list);
}

static cg_status refuse_operation(const char *wanted)
{
    char list[ITEM] = "";
    size_t count;
    const cg_stage *stages = cg_dcgan_stages(&count);
    for (size_t i = 0; i < count; i++)
        if (has_choice(&stages[i]) && !strstr(list, stages[i].name))
            append(list, stages[i].name);
    return cg_fail(CG_ERR_ARGUMENT, "--algorithm: no operation '%s'; there are: %s", wanted, list);
}

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

static cg_status choose_one(cg_dcgan *net, const char *operation, const char *wanted)
{
    bool found = false;
    size_t count;
    const cg_stage *stages = cg_dcgan_stages(&count);
    for (size_t i = 0; i < count; i++) {
        if (!has_choice(&stages[i]) || !means(operation, &stages[i]))
            continue;
        const char *(*name_at)(size_t) = stages[i].conv ? conv_name_at : dense_name_at;
        net->algorithms[i] = find_name(name_at, wanted);
        if (!net->algorithms[i])
            return refuse_name(name_at, wanted);
        found = true;
    }
    return found ? CG_OK : refuse_operation(operation);
}

cg_status cg_algorithms_choose(cg_dcgan *net, const char *text)
{
    static const char separators[] = " ,";
    memset(net->algorithms, 0, sizeof net->algorithms);
    for (const char *at = text ? text : ""; *(at += strspn(at, separators));) {
        char item[ITEM];
        size_t length = strcspn(at, separators);
        snprintf(item, sizeof item, "%.*s", (int)(length < ITEM ? length : ITEM - 1), at);
        char *equals = strchr(item, '=');
        if (equals)
            *equals = '\0';
        cg_status status = choose_one(net, equals ? item : NULL, equals ? equals + 1 : item);
        if (status != CG_OK)
            return status;
        at += length;
    }
    return CG_OK;
}

const char *cg_algorithms_name(const cg_dcgan *net, const cg_stage *stage)
{
    if (stage->conv) {
        cg_conv2d call = cg_stage_conv(stage, net);
        const cg_conv2d_algorithm *a = cg_conv2d_choose(net->rt, &call);
        return a ? a->name : NULL;
    }
    if (stage->dense) {
        const cg_dense_algorithm *a = cg_dense_choose(net->rt, cg_stage_algorithm(stage, net));
        return a ? a->name : NULL;
    }
    return "";
}

cg_status cg_algorithms_describe(char text[CG_ALGORITHMS_TEXT], const cg_dcgan *net)
{
    size_t count, used = 0;
    const cg_stage *stages = cg_dcgan_stages(&count);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *name = cg_algorithms_name(net, &stages[i]);
        if (!name)
            return cg_fail(CG_ERR_ARGUMENT, "--algorithm '%s' does not serve %s/%s on %s",
                           cg_stage_algorithm(&stages[i], net), stages[i].name, stages[i].pass,
                           net->rt->info.name);
        if (!*name)
            continue;
        int n = snprintf(text + used, CG_ALGORITHMS_TEXT - used, "%s%s/%s=%s", used ? " " : "",
                         stages[i].name, stages[i].pass, name);
        used += n > 0 && (size_t)n < CG_ALGORITHMS_TEXT - used ? (size_t)n : 0;
    }
    return CG_OK;
}
