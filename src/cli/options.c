/* Options: one table a command, one parser for all. */
#include "cli/cli.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "cli/process.h"

#include <assert.h>
#include <clgan/log.h>
#include <clgan/terminal.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MOST = 64 }; /* of a command, with those that every command has */

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
    if (end == text || *end || !isfinite(value) || too_small || isspace((unsigned char)*text))
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

/* True for a word that is an option of the command: no value, where the one before it should have
 * one, but what follows an empty variable of a shell. */
static bool is_option(const cg_option *options, size_t count, const char *word)
{
    return strncmp(word, "--", 2) == 0 &&
           find_option(options, count, word + 2, strcspn(word + 2, "="));
}

/* The line of the table that takes what is no option, or NULL. */
static const cg_option *find_operands(const cg_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].kind == CG_OPTION_OPERANDS)
            return &options[i];
    return NULL;
}

/* ---- what cannot be understood --------------------------------------------------------------- */

/* The names of the options; returns how many. */
static size_t list_names(const char *names[OPTIONS_MOST], const cg_option *options, size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (options[i].kind != CG_OPTION_OPERANDS)
            names[used++] = options[i].name;
    return used;
}

/* `what` is "unknown option" or the like. */
static cg_status refuse_argument(const cg_command *command, const cg_option *options, size_t count,
                                 const char *what, const char *argument)
{
    char hint[CG_HINT] = "", line[CG_COMMAND_LINE], name[CG_HINT];
    const char *names[OPTIONS_MOST];
    size_t known = list_names(names, options, count), dashes = strspn(argument, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument + dashes, "="), argument + dashes);
    if (dashes)
        cg_did_you_mean(hint, "--", name, names, known);
    return cg_fail(CG_ERR_ARGUMENT, "%s: %s '%s'%s (see %s)", command->name, what, argument, hint,
                   cg_command_line(line, (const char *const[]){command->name, "--help", NULL}));
}

/* ---- parsing --------------------------------------------------------------------------------- */

static cg_status take_operand(const cg_command *command, const cg_option *options, size_t count,
                              const char *argument)
{
    const cg_option *option = find_operands(options, count);
    cg_operands *operands = option ? option->target : NULL;
    const bool full = operands && operands->count >= option->max;
    if (full && option->max > 1)
        return cg_fail(CG_ERR_ARGUMENT, "%s takes %" PRIu64 " at most of %s", command->name,
                       option->max, option->name);
    if (!operands || full)
        return refuse_argument(command, options, count, "unexpected argument", argument);
    operands->items[operands->count++] = argument;
    return CG_OK;
}

static cg_status check_operands(const cg_command *command, const cg_option *option)
{
    char line[CG_COMMAND_LINE];
    if (option && ((const cg_operands *)option->target)->count < option->min)
        return cg_fail(CG_ERR_ARGUMENT, "%s needs a %s (see %s)", command->name, option->name,
                       cg_command_line(line, (const char *const[]){command->name, "--help", NULL}));
    return CG_OK;
}

/* True for what names a file, by the name of its value. */
static bool is_path(const cg_option *option)
{
    static const char *const values[] = {"FILE", "PATH", "DIR", "RUN"};
    for (size_t i = 0; option->value && i < sizeof values / sizeof values[0]; i++)
        if (strncmp(option->value, values[i], strlen(values[i])) == 0)
            return option->kind == CG_OPTION_TEXT;
    return false;
}

/* The file that the text names must not be what the output would take the place of. */
static cg_status check_pair(const cg_option *output, const char *text)
{
    const char *path = *(const char **)output->target;
    if (!text || !cg_process_is_same_file(path, text))
        return CG_OK;
    return cg_fail(CG_ERR_ARGUMENT, "--%s would take the place of %s, which is to be read",
                   output->name, path);
}

/* No output may be a file that another option, or an operand, names. */
static cg_status check_output(const cg_option *output, const cg_option *options, size_t count)
{
    cg_status status = CG_OK;
    const char *path = *(const char **)output->target;
    if (!path || strcmp(path, "-") == 0)
        return CG_OK;
    for (size_t i = 0; i < count && status == CG_OK; i++) {
        const cg_option *other = &options[i];
        const cg_operands *operands =
            other->kind == CG_OPTION_OPERANDS ? other->target : &(const cg_operands){{NULL}, 0};
        if (is_path(other))
            status = check_pair(output, *(const char **)other->target);
        for (size_t k = 0; k < operands->count && status == CG_OK; k++)
            status = check_pair(output, operands->items[k]);
    }
    return status;
}

static cg_status check_outputs(const cg_option *options, size_t count)
{
    cg_status status = CG_OK;
    for (size_t i = 0; i < count && status == CG_OK; i++)
        if (options[i].kind == CG_OPTION_OUTPUT)
            status = check_output(&options[i], options, count);
    return status;
}

/* Reads the option at argv[*i] and moves *i behind it. */
static cg_status parse_option(const cg_command *command, const cg_option *options, size_t count,
                              int argc, char **argv, int *i)
{
    const char *argument = argv[(*i)++];
    if (strncmp(argument, "--", 2) != 0)
        return take_operand(command, options, count, argument);
    const char *name = argument + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const cg_option *option = find_option(options, count, name, length);
    if (!option || option->kind == CG_OPTION_OPERANDS)
        return refuse_argument(command, options, count, "unknown option", argument);
    if (option->given)
        *option->given = true;
    if (option->kind == CG_OPTION_FLAG) {
        if (equals)
            return cg_fail(CG_ERR_ARGUMENT, "--%s takes no value", option->name);
        *(bool *)option->target = true;
        return CG_OK;
    }
    if (!equals && (*i >= argc || is_option(options, count, argv[*i])))
        return cg_fail(CG_ERR_ARGUMENT, "--%s needs a value", option->name);
    return parse_value(option, equals ? equals + 1 : argv[(*i)++]);
}

/* ---- help ------------------------------------------------------------------------------------ */

enum { HELP_COLUMN = 27, NARROW_COLUMN = 6, NARROW_INDENT = 2 /* of further lines */ };

static void print_option(const cg_option *option)
{
    bool operands = option->kind == CG_OPTION_OPERANDS;
    int used = printf("  %s%s%s%s", operands ? "" : "--", option->name, option->value ? " " : "",
                      option->value ? option->value : "");
    int rest = HELP_COLUMN - used;
    if (cg_output_is_narrow()) {
        printf("\n%*s", NARROW_COLUMN, "");
        cg_output_wrap(option->help, NARROW_COLUMN, NARROW_COLUMN, "");
        return;
    }
    printf("%*s", rest > 1 ? rest : 1, "");
    cg_output_wrap(option->help, (size_t)(rest > 1 ? HELP_COLUMN : used + 1), HELP_COLUMN, "");
}

static void print_help(const cg_command *command, const cg_option *options, size_t count)
{
    static const char usage[] = "usage: clgan ", example[] = "example: ";
    bool narrow = cg_output_is_narrow();
    char synopsis[256];
    cg_output_wrap(command->summary, 0, 0, "");
    int at = printf("\n%s%s", usage, command->name) - 1;
    snprintf(synopsis, sizeof synopsis, " %s", command->synopsis);
    cg_output_wrap(synopsis, (size_t)at, narrow ? NARROW_INDENT : sizeof usage - 1, "");
    putchar('\n');
    for (size_t i = 0; i < count; i++)
        print_option(&options[i]);
    printf("\n%s", example);
    cg_output_wrap(command->example, sizeof example - 1,
                   narrow ? NARROW_INDENT : sizeof example - 1, " \\");
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Prints what the first argument that asks for help wants; false when none does. */
static bool print_wanted(const cg_command *command, const cg_option *options, size_t count,
                         int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        bool plain = strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        cg_manual_printer *print = plain ? print_help : cg_manual_find(argv[i]);
        if (print) {
            print(command, options, count);
            return true;
        }
    }
    return false;
}

cg_status cg_options_parse(const cg_command *command, const cg_option *options, size_t count,
                           int argc, char **argv, bool *helped)
{
    cg_status status = CG_OK;
    bool quiet = false;
    cg_option all[OPTIONS_MOST];
    const cg_option common[] = {
        {"quiet", CG_OPTION_FLAG, &quiet, NULL, 0, 0, NULL,
         "only warnings and errors on stderr, no progress"},
        {"help", CG_OPTION_FLAG, helped, NULL, 0, 0, NULL, "lists these options"},
    };
    enum { COMMON = sizeof common / sizeof common[0] };
    assert(count + COMMON <= OPTIONS_MOST);
    memcpy(all, options, count * sizeof *all);
    memcpy(all + count, common, sizeof common);
    count += COMMON;
    *helped = print_wanted(command, all, count, argc, argv);
    for (int i = 0; i < argc && status == CG_OK && !*helped;)
        status = parse_option(command, all, count, argc, argv, &i);
    if (quiet && cg_log_get_level() > CG_LOG_WARNING) /* what CLGAN_LOG has turned on goes, too */
        cg_log_set_level(CG_LOG_WARNING);
    if (status == CG_OK && !*helped)
        status = check_operands(command, find_operands(all, count));
    return status == CG_OK && !*helped ? check_outputs(all, count) : status;
}

cg_status cg_join_algorithms(const char **joined, char text[CG_ALGORITHMS_OPTION],
                             const char *algorithm, const char *gemm)
{
    int n = snprintf(text, CG_ALGORITHMS_OPTION, "%s%s%s", algorithm ? algorithm : "",
                     gemm ? " g.dense=" : "", gemm ? gemm : "");
    *joined = algorithm || gemm ? text : NULL;
    return n < CG_ALGORITHMS_OPTION ? CG_OK : cg_fail(CG_ERR_ARGUMENT, "--algorithm is too long");
}
