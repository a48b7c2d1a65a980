/* clgan train: options, signals, and the run's name on stdout. */
#include "cli/cli.h"
#include "cli/process.h"

#include <clgan/evaluate.h>
#include <clgan/log.h>
#include <clgan/train.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop_signal;

/* The first signal asks for a stop at the next step, the second ends at once. */
static void on_signal(int signal_number)
{
    if (stop_signal)
        cg_process_end(128 + signal_number);
    stop_signal = signal_number;
    cg_process_say("\nclgan: stopping after this step; once more ends at once\n");
}

static void print_run(const char *run)
{
    puts(run);
    fflush(stdout);
}

enum { HELP_SIZE = 128 };

/* An option for each of a recipe's numbers, with what both recipes have. */
static void add_hypers(cg_option *options, char helps[][HELP_SIZE], cg_train_options *o)
{
    for (size_t i = 0; i < CG_HYPER_COUNT; i++) {
        const cg_hyper_spec *h = &cg_hypers[i];
        snprintf(helps[i], HELP_SIZE, "%s (%g; fast %g)", h->help, h->tutorial, h->fast);
        options[i] = (cg_option){h->option,
                                 CG_OPTION_REAL,
                                 &o->recipe.hypers[i].value,
                                 &o->recipe.hypers[i].given,
                                 h->min > 0,
                                 0,
                                 "X",
                                 helps[i]};
    }
}

static int run(const cg_command *command, int argc, char **argv)
{
    cg_train_options o = cg_train_defaults();
    o.device = getenv("CLGAN_DEVICE");
    const char *algorithm = NULL, *gemm = NULL;
    char algorithms[CG_ALGORITHMS_OPTION];
    bool helped;
#define NUMBER(name, field, min, max, help)                                         \
    {                                                                               \
        name, CG_OPTION_NUMBER, &o.field.value, &o.field.given, min, max, "N", help \
    }
    const cg_option fixed[] = {
        {"device", CG_OPTION_TEXT, &o.device, NULL, 0, 0, "SEL", "device (default: the best)"},
        {"data", CG_OPTION_TEXT, &o.data, NULL, 0, 0, "DIR", "IDX files (default: data/mnist)"},
        {"out", CG_OPTION_TEXT, &o.out, NULL, 0, 0, "DIR",
         "run (default: the first free runs/NNN)"},
        NUMBER("epochs", epochs, 1, 1000000, "epochs to train (50)"),
        NUMBER("batch", recipe.batch, 1, 65536, "images a step (256; fast 64)"),
        NUMBER("seed", seed, 0, UINT64_MAX, "of all random numbers (1)"),
        {"max-steps", CG_OPTION_NUMBER, &o.max_steps, NULL, 1, 1000000000, "N",
         "stop after step N of the run"},
        {"resume", CG_OPTION_FLAG, &o.resume, NULL, 0, 0, NULL,
         "go on with --out, or with the newest run"},
        NUMBER("checkpoint-every", checkpoint_every, 0, 1000000000,
               "steps between checkpoints (0: each epoch)"),
        NUMBER("keep", keep, 1, 1000000, "checkpoints to keep beside every tenth epoch's (3)"),
        NUMBER("log-every", log_every, 1, 1000000000, "steps between log records (50)"),
        NUMBER("evaluate-every", evaluate_every, 0, 1000000,
               "epochs between evaluations (1; 0: none)"),
        NUMBER("evaluate-samples", evaluate_samples, CG_EVALUATE_LEAST, CG_EVALUATE_MOST,
               "drawn for each (2000)"),
        {"classifier", CG_OPTION_TEXT, &o.classifier, NULL, 0, 0, "FILE",
         "that evaluation is by (default: MNIST's)"},
        {"stop-on-collapse", CG_OPTION_FLAG, &o.stop_on_collapse, NULL, 0, 0, NULL,
         "end when samples are alike at two evaluations in a row"},
        {"recipe", CG_OPTION_TEXT, &o.recipe.name, NULL, 0, 0, "NAME",
         "tutorial or fast: what the options below begin as (tutorial)"},
        {"algorithm", CG_OPTION_TEXT, &algorithm, NULL, 0, 0, "[OP=]NAME",
         "of all convolutions, or of one operation; a,b,... (default: the device's)"},
        {"gemm", CG_OPTION_TEXT, &gemm, NULL, 0, 0, "NAME",
         "of the dense layers' products: own or clblast"},
        {"tensorboard", CG_OPTION_FLAG, &o.tensorboard, NULL, 0, 0, NULL,
         "also write event files for TensorBoard into the run"},
        {"allow-device-change", CG_OPTION_FLAG, &o.allow_device_change, NULL, 0, 0, NULL,
         "resume on another device or driver"},
    };
    enum { FIXED = sizeof fixed / sizeof fixed[0] };
    cg_option options[FIXED + CG_HYPER_COUNT];
    char helps[CG_HYPER_COUNT][HELP_SIZE];
    memcpy(options, fixed, sizeof fixed);
    add_hypers(options + FIXED, helps, &o);
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status != CG_OK || helped)
        return cg_exit_status(status);
    status = cg_join_algorithms(&o.algorithm, algorithms, algorithm, gemm);
    if (status != CG_OK)
        return cg_exit_status(status);
    cg_process_on_stop(on_signal);
    o.stop = &stop_signal;
    o.started = print_run;
    status = cg_train(&o);
    return status == CG_ERR_STOPPED ? 128 + (int)stop_signal : cg_exit_status(status);
}

const cg_command cg_command_train = {
    .name = "train",
    .summary = "trains the DCGAN, or goes on with a run",
    .synopsis = "[OPTIONS]",
    .example = "clgan train --epochs 2 --device pocl --out runs/first",
    .run = run,
};
