/* clgan: a table of commands. */
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/launcher.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "cli/pocl.h"
#include "cli/process.h"
#include "cli/ranks.h"
#include "cli/stop.h"

#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/terminal.h>
#include <clgan/waiting.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cg_command *const commands[] = {
    &cg_command_devices, &cg_command_train,    &cg_command_sample,
    &cg_command_bench,   &cg_command_tune,     &cg_command_compare,
    &cg_command_cache,   &cg_command_evaluate, &cg_command_train_classifier,
    &cg_command_report,  &cg_command_runs,     &cg_command_selftest,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

enum { SUMMARY_COLUMN = 19, NARROW_COLUMN = 4 };

static void print_usage(void)
{
    bool narrow = cg_output_is_narrow();
    cg_output_wrap("clgan " CLGAN_VERSION ": trains the TensorFlow tutorial's DCGAN on MNIST, on "
                   "any OpenCL device.",
                   0, 0, "");
    puts("\nusage: clgan COMMAND [OPTIONS]\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        size_t at = narrow ? NARROW_COLUMN : SUMMARY_COLUMN;
        printf(narrow ? "  %s\n    " : "  %-16s ", commands[i]->name);
        cg_output_wrap(commands[i]->summary, at, at, "");
    }
    putchar('\n');
    cg_output_wrap(
        "clgan help COMMAND lists a command's options, clgan --version tells the version. "
        "CLGAN_DEVICE is the default of --device, CLGAN_LOG (error, warning, info or "
        "debug) sets which messages are printed.",
        0, 0, "");
}

static cg_status set_log_level(void)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const char *wanted = getenv("CLGAN_LOG");
    if (!wanted || !*wanted)
        return CG_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(wanted, names[i]) == 0) {
            cg_log_set_level((cg_log_level)i);
            return CG_OK;
        }
    return cg_fail(CG_ERR_ARGUMENT, "CLGAN_LOG must be error, warning, info or debug, not '%s'",
                   wanted);
}

static const cg_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

static cg_status refuse_command(const char *name)
{
    char hint[CG_HINT], line[CG_COMMAND_LINE];
    const char *names[COMMANDS + 3] = {"help", "--help", "--version"};
    for (size_t i = 0; i < COMMANDS; i++)
        names[3 + i] = commands[i]->name;
    return cg_fail(CG_ERR_ARGUMENT, "unknown command '%s'%s (%s lists them)", name,
                   cg_did_you_mean(hint, "", name, names, COMMANDS + 3),
                   cg_command_line(line, (const char *const[]){"help", NULL}));
}

/* clgan help [COMMAND] */
static int run_help(int argc, char **argv)
{
    char option[] = "--help", *help[] = {option, NULL};
    if (argc == 0 || strcmp(argv[0], "help") == 0 || strcmp(argv[0], option) == 0) {
        print_usage();
        return 0;
    }
    const cg_command *command = find_command(argv[0]);
    if (!command)
        return cg_exit_status(refuse_command(argv[0]));
    if (argc > 1)
        return cg_exit_status(cg_fail(CG_ERR_ARGUMENT, "help: unexpected argument '%s'", argv[1]));
    return command->run(command, 1, help);
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int run_command_line(int argc, char **argv)
{
    if (argc < 2) {
        char line[CG_COMMAND_LINE];
        fprintf(stderr, "usage: clgan COMMAND [OPTIONS]; %s lists the commands\n",
                cg_command_line(line, (const char *const[]){"help", NULL}));
        return CG_EXIT_REFUSED;
    }
    const char *word = argv[1];
    if (is_one_of(word, "--version", "-V")) {
        if (argc > 2)
            return cg_exit_status(
                cg_fail(CG_ERR_ARGUMENT, "%s: unexpected argument '%s'", word, argv[2]));
        puts("clgan " CLGAN_VERSION);
        return 0;
    }
    if (is_one_of(word, "--help", "-h") || strcmp(word, "help") == 0)
        return run_help(argc - 2, argv + 2);
    if (argc == 3 && strcmp(word, "--page") == 0)
        return cg_exit_status(cg_manual_write(argv[2], commands, COMMANDS));
    const cg_command *command = find_command(word);
    if (!command)
        return cg_exit_status(refuse_command(word));
    return command->run(command, argc - 2, argv + 2);
}

static cg_rank rank; /* of this process */

/* Results that could not be printed are an error, but not to a reader that had enough of them, such
 * as head(1). */
static cg_status check_output(void)
{
    bool printed = fflush(stdout) == 0 && !ferror(stdout);
    if (printed || !cg_process_has_reader())
        return CG_OK;
    return cg_fail(CG_ERR_WRITE, "cannot write to standard output");
}

/* Says what is waited for unusually long: on a terminal for as long as that lasts, else seldom. */
static void tell_waiting(void)
{
    cg_waiting_line line;
    char text[CG_WAITING_TEXT + 48], who[32] = "";
    if (!cg_waiting_look(&line))
        return;
    if (rank.mine > 0)
        snprintf(who, sizeof who, "rank %zu: ", rank.mine);
    snprintf(text, sizeof text, "clgan: %s%s\n", who, line.text);
    if (!(cg_log_get_level() >= CG_LOG_INFO && cg_process_show(line.text)) && line.due)
        cg_process_say(text);
}

int main(int argc, char **argv)
{
    if (cg_rank_find(&rank) && rank.mine == 0)
        cg_launcher_join_terminal();
    cg_process_start(cg_stop_at_once, cg_ranks_hear_continue());
    const char *program = argc > 0 ? argv[0] : "clgan";
    cg_child_set_program(program);
    cg_ranks_set_program(program);
    cg_terminal_set_program(cg_process_find_name(program));
    cg_status status = set_log_level();
    if (status != CG_OK)
        return cg_exit_status(status);
    cg_log_catch_drivers(true);
    cg_process_each_second(tell_waiting);
    cg_pocl_set_threads(rank.local);
    cg_pocl_find_cache();
    int exit_status = run_command_line(argc, argv);
    return exit_status ? exit_status : cg_exit_status(check_output());
}
