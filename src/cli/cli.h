/* The command: a table of commands, each with a table of options. */
#ifndef CLGAN_CLI_CLI_H
#define CLGAN_CLI_CLI_H

#include <cjson/cJSON.h>
#include <clgan/device.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kind of an option's value, and the type that its target points to. */
typedef enum cg_option_kind {
    CG_OPTION_FLAG,    /* bool *, no value                              */
    CG_OPTION_TEXT,    /* const char **                                 */
    CG_OPTION_OUTPUT,  /* const char **, a file to write; - is none     */
    CG_OPTION_NUMBER,  /* uint64_t *, decimal, min <= value <= max      */
    CG_OPTION_REAL,    /* double *, finite, positive or with min 0 also 0 */
    CG_OPTION_GRID,    /* size_t [2], rows x columns, each at least 1   */
    CG_OPTION_OPERANDS /* cg_operands, from min to max of them          */
} cg_option_kind;

enum { CG_OPERANDS_MAX = 64 };

/* Arguments that are no options; borrowed from argv. */
typedef struct cg_operands {
    const char *items[CG_OPERANDS_MAX];
    size_t count;
} cg_operands;

typedef struct cg_option {
    const char *name; /* without "--" */
    cg_option_kind kind;
    void *target;
    bool *given; /* set when the option occurs; may be NULL */
    uint64_t min, max;
    const char *value; /* its name in the help, "N" */
    const char *help;
} cg_option;

typedef struct cg_command {
    const char *name;
    const char *summary; /* one line */
    const char *synopsis;
    const char *example;
    /* Runs with the arguments behind the command's name; the result is the exit status. */
    int (*run)(const struct cg_command *command, int argc, char **argv);
} cg_command;

extern const cg_command cg_command_devices, cg_command_train, cg_command_sample, cg_command_bench,
    cg_command_tune, cg_command_compare, cg_command_cache, cg_command_train_classifier,
    cg_command_evaluate, cg_command_report, cg_command_runs, cg_command_selftest;

/* Reads argv into the options' targets. Options are `--name value` or `--name=value`; anything
 * else where the table has no operands, too few or too many of these, an unknown name, and an
 * output that would take the place of what another option or operand names, is CG_ERR_ARGUMENT,
 * logged. --help prints the command's help to stdout and sets *helped: the command then has nothing
 * more to do. --help and --quiet, which leaves warnings and errors, are in every command's table
 * beside its own. */
cg_status cg_options_parse(const cg_command *command, const cg_option *options, size_t count,
                           int argc, char **argv, bool *helped);

enum { CG_ALGORITHMS_OPTION = 512 };

/* *joined = the choice that --algorithm and --gemm (each NULL where it is not given) make together:
 * `text`, or NULL when neither is given. CG_ERR_ARGUMENT when that is too long. */
cg_status cg_join_algorithms(const char **joined, char text[CG_ALGORITHMS_OPTION],
                             const char *algorithm, const char *gemm);

/* *devices = the list of all; (*selected)[i] = the selector, which may say "all", means the i-th.
 * Both are the caller's, for cg_devices_release() and free(), whatever the status. */
cg_status cg_select_devices(cg_devices **devices, bool **selected, const char *selector);

/* The same, where each device that one of the selector's terms means is selected. */
cg_status cg_select_each_device(cg_devices **devices, bool **selected, const char *selector);

/* *run = the run under runs/ that was written last, for free(), with a word about which it is.
 * CG_ERR_INPUT, logged, where there is none: `needed` is the beginning of that sentence. */
cg_status cg_take_latest_run(char **run, const char *needed);

/* Prints the JSON and a line break to stdout. NULL stands for JSON that there was no memory for.
 * CG_ERR_MEMORY, logged, for that and when there is none to print it. */
cg_status cg_print_json(const cJSON *json);

#endif
