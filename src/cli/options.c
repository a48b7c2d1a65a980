/* Options: one table a command, one parser for all. */
#include "cli/cli.h"
#include "cli/pages.h"

#include <clgan/log.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cg_status parse_number(const cg_option *option, const char *text)
{
    uint64_t value = 0;
    char *end = NULL;
    errno = 0;
    if (text[0] >= '0' && text[0] <= '9')
        value = strtoull(text, &end, 10);
    if (!end || *end || errno || value < option->min || value > option->max)
        return cg_fail(CG_ERR_ARGUMENT,
                       "--%s must be a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'",
                       option->name, option->min, option->max, text);
    *(uint64_t *)option->target = value;
    return CG_OK;
}

static cg_status parse_real(const cg_option *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    bool too_small = option->min ? value <= 0 : value < 0;
    if (end == text || *end || !isfinite(value) || too_small)
        return cg_fail(CG_ERR_ARGUMENT, "--%s must be a positive number%s, not '%s'", option->name,
                       option->min ? "" : " or 0", text);
    *(double *)option->target = value;
    return CG_OK;
}

static cg_status parse_grid(const cg_option *option, const char *text)
{
    unsigned rows, columns;
    char rest;
    size_t *grid = option->target;
    if (strspn(text, "0123456789x") != strlen(text) || strlen(text) > 9 ||
        sscanf(text, "%ux%u%c", &rows, &columns, &rest) != 2 || !rows || !columns ||
        rows > option->max || columns > option->max)
        return cg_fail(CG_ERR_ARGUMENT,
                       "--%s must be ROWSxCOLUMNS, each from 1 to %" PRIu64 ", not '%s'",
                       option->name, option->max, text);
    grid[0] = rows;
    grid[1] = columns;
    return CG_OK;
}

static cg_status parse_value(const cg_option *option, const char *text)
{
    switch (option->kind) {
    case CG_OPTION_NUMBER:
        return parse_number(option, text);
    case CG_OPTION_REAL:
        return parse_real(option, text);
    case CG_OPTION_GRID:
        return parse_grid(option, text);
    default:
        if (!*text)
            return cg_fail(CG_ERR_ARGUMENT, "--%s must not be empty", option->name);
        *(const char **)option->target = text;
        return CG_OK;
    }
}

static const cg_option *find_option(const cg_option *options, size_t count, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

/* The line of the table that takes what is no option, or NULL. */
static const cg_option *find_operands(const cg_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].kind == CG_OPTION_OPERANDS)
            return &options[i];
    return NULL;
}

static cg_status take_operand(const cg_command *command, const cg_option *option,
                              const char *argument)
{
    cg_operands *operands = option ? option->target : NULL;
    if (!operands || operands->count >= option->max)
        return cg_fail(CG_ERR_ARGUMENT, "%s: unexpected argument '%s' (see clgan %s --help)",
                       command->name, argument, command->name);
    operands->items[operands->count++] = argument;
    return CG_OK;
}

static cg_status check_operands(const cg_command *command, const cg_option *option)
{
    if (option && ((const cg_operands *)option->target)->count < option->min)
        return cg_fail(CG_ERR_ARGUMENT, "%s needs a %s (see clgan %s --help)", command->name,
                       option->name, command->name);
    return CG_OK;
}

/* Reads the option at argv[*i] and moves *i behind it. */
static cg_status parse_option(const cg_command *command, const cg_option *options, size_t count,
                              int argc, char **argv, int *i)
{
    const char *argument = argv[(*i)++];
    if (strncmp(argument, "--", 2) != 0)
        return take_operand(command, find_operands(options, count), argument);
    const char *name = argument + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const cg_option *option = find_option(options, count, name, length);
    if (!option || option->kind == CG_OPTION_OPERANDS)
        return cg_fail(CG_ERR_ARGUMENT, "%s: unknown option '%s' (see clgan %s --help)",
                       command->name, argument, command->name);
    if (option->given)
        *option->given = true;
    if (option->kind == CG_OPTION_FLAG) {
        if (equals)
            return cg_fail(CG_ERR_ARGUMENT, "--%s takes no value", option->name);
        *(bool *)option->target = true;
        return CG_OK;
    }
    if (!equals && *i >= argc)
        return cg_fail(CG_ERR_ARGUMENT, "--%s needs a value", option->name);
    return parse_value(option, equals ? equals + 1 : argv[(*i)++]);
}

static void print_help(const cg_command *command, const cg_option *options, size_t count)
{
    printf("%s\n\nusage: clgan %s %s\n\n", command->summary, command->name, command->synopsis);
    for (size_t i = 0; i < count; i++) {
        char left[64];
        bool operands = options[i].kind == CG_OPTION_OPERANDS;
        snprintf(left, sizeof left, "%s%s%s%s", operands ? "" : "--", options[i].name,
                 options[i].value ? " " : "", options[i].value ? options[i].value : "");
        printf("  %-24s %s\n", left, options[i].help);
    }
    printf("  %-24s %s\n\nexample: %s\n", "--help", "this page", command->example);
}

cg_status cg_options_parse(const cg_command *command, const cg_option *options, size_t count,
                           int argc, char **argv, bool *helped)
{
    *helped = false;
    for (int i = 0; i < argc; i++) {
        bool plain = strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        cg_page_print *print = plain ? print_help : cg_page_find(argv[i]);
        if (print) {
            print(command, options, count);
            *helped = true;
            return CG_OK;
        }
    }
    for (int i = 0; i < argc;) {
        cg_status status = parse_option(command, options, count, argc, argv, &i);
        if (status != CG_OK)
            return status;
    }
    return check_operands(command, find_operands(options, count));
}

cg_status cg_join_algorithms(const char **joined, char text[CG_ALGORITHMS_OPTION],
                             const char *algorithm, const char *gemm)
{
    int n = snprintf(text, CG_ALGORITHMS_OPTION, "%s%s%s", algorithm ? algorithm : "",
                     gemm ? " g.dense=" : "", gemm ? gemm : "");
    *joined = algorithm || gemm ? text : NULL;
    return n < CG_ALGORITHMS_OPTION ? CG_OK : cg_fail(CG_ERR_ARGUMENT, "--algorithm is too long");
}
