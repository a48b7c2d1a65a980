/* clgan: a table of commands. */
#include "cli/cli.h"
#include "cli/process.h"

#include <clgan/log.h>
#include <clgan/unfinished.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cg_command *const commands[] = {
    &cg_command_devices, &cg_command_train,    &cg_command_sample,
    &cg_command_bench,   &cg_command_tune,     &cg_command_compare,
    &cg_command_cache,   &cg_command_evaluate, &cg_command_train_classifier,
    &cg_command_report,  &cg_command_runs,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out)
{
    fprintf(out, "clgan " CLGAN_VERSION ": trains the TensorFlow tutorial's DCGAN on MNIST, on any "
                 "OpenCL device.\n\nusage: clgan COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out,
            "\nclgan COMMAND --help lists a command's options. CLGAN_DEVICE is the default of "
            "--device,\nCLGAN_LOG=error|warning|info|debug sets which messages are printed.\n");
}

static void set_log_level(void)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const char *wanted = getenv("CLGAN_LOG");
    for (int i = 0; wanted && i < 4; i++)
        if (strcmp(wanted, names[i]) == 0)
            cg_log_set_level((cg_log_level)i);
}

static int run_command_line(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("clgan " CLGAN_VERSION);
        return 0;
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 2, argv + 2);
    if (argc > 1)
        cg_fail(CG_ERR_ARGUMENT, "unknown command '%s'", argv[1]);
    print_usage(stderr);
    return 2;
}

/* A signal ends commands that have nothing to save. */
static void end_at_once(int signal_number, bool again)
{
    (void)again;
    cg_unfinished_remove();
    cg_process_say("\nclgan: stopped\n");
    cg_process_end(128 + signal_number);
}

/* Results that could not be printed are an error, but not to a reader that had enough of them, such
 * as head(1). */
static cg_status check_output(void)
{
    bool printed = fflush(stdout) == 0 && !ferror(stdout);
    if (printed || !cg_process_has_reader())
        return CG_OK;
    return cg_fail(CG_ERR_WRITE, "cannot write to standard output");
}

int main(int argc, char **argv)
{
    cg_process_start(end_at_once);
    set_log_level();
    cg_process_bind_pocl_threads();
    cg_process_find_pocl_cache();
    int exit_status = run_command_line(argc, argv);
    return exit_status ? exit_status : cg_exit_status(check_output());
}
