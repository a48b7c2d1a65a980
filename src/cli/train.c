/* clgan train: options, signals, and the run's name on stdout. */
#include "cli/cli.h"
#include "cli/process.h"
#include "cli/ranks.h"
#include "cli/seeds.h"

#include <assert.h>
#include <clgan/log.h>
#include <clgan/ranks.h>
#include <clgan/terminal.h>
#include <clgan/train.h>
#include <clgan/unfinished.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stop_signal, settled;
static char go_on[CG_COMMAND_LINE]; /* the command that goes on with the run; "" before it begins */

/* The first signal asks for a stop at the next step, the second ends at once; so does the first
 * while there is nothing to save. */
static void on_signal(int signal_number, bool again)
{
    static const char *const moments[] = {[CG_TRAIN_STARTED] = "before a step was done",
                                          [CG_TRAIN_JUDGING] = "while an epoch was judged"};
    char text[CG_COMMAND_LINE + 80];
    const int saved = settled;
    if (cg_ranks_are_ending())
        return;
    if (saved) {
        snprintf(text, sizeof text, "clgan: stopped %s, saved; go on with: %s\n", moments[saved],
                 go_on);
        cg_process_say(text);
    }
    if (again || saved) {
        cg_unfinished_remove();
        cg_ranks_end(CG_EXIT_SIGNAL + signal_number);
        cg_process_end(CG_EXIT_SIGNAL + signal_number);
    }
    stop_signal = signal_number;
    cg_process_say(go_on[0]
                       ? "clgan: stopping after this step; a second signal ends at once\n"
                       : "clgan: stopping before the first step; a second signal ends at once\n");
}

static void print_run(const char *run)
{
    cg_command_line(go_on, (const char *const[]){"train", "--out", run, "--resume", NULL});
    puts(run);
    fflush(stdout);
}

enum { HELP_SIZE = 128, OPTIONS_MAX = 29 + CG_HYPER_COUNT };

/* The values of the command line, and the options that read them. */
typedef struct arguments {
    cg_train_options train;
    uint64_t ranks;
    const char *seeds, *devices;
    const char *algorithm, *gemm;
    char algorithms[CG_ALGORITHMS_OPTION]; /* both of them, joined */
    cg_option options[OPTIONS_MAX];
    size_t count;
    char number_helps[CG_RUN_NUMBER_COUNT][HELP_SIZE], hyper_helps[CG_HYPER_COUNT][HELP_SIZE];
} arguments;

static void add_options(arguments *a, const cg_option *options, size_t count)
{
    assert(a->count + count <= OPTIONS_MAX);
    memcpy(a->options + a->count, options, count * sizeof *options);
    a->count += count;
}

/* The option of a run's number. */
static cg_option number_option(arguments *a, cg_run_number number, cg_option_number *target)
{
    const cg_run_number_spec *n = &cg_run_numbers[number];
    char usual[24], *help = a->number_helps[number];
    snprintf(usual, sizeof usual, "%" PRIu64 "%s", n->usual, n->zero && n->usual ? "; 0" : "");
    snprintf(help, HELP_SIZE, "%s (%s%s%s)", n->help, usual, n->zero ? ": " : "",
             n->zero ? n->zero : "");
    return (cg_option){
        n->option, CG_OPTION_NUMBER, &target->value, &target->given, n->min, n->max, "N", help};
}

#define NUMBER(name, field, min, max, help)                                           \
    {                                                                                 \
        name, CG_OPTION_NUMBER, &t->field.value, &t->field.given, min, max, "N", help \
    }

static void add_run_options(arguments *a)
{
    cg_train_options *t = &a->train;
    const cg_option options[] = {
        {"device", CG_OPTION_TEXT, &t->device, NULL, 0, 0, "SEL", "device (default: the best)"},
        {"data", CG_OPTION_TEXT, &t->data, NULL, 0, 0, "PATH",
         "folder of IDX files or mnist.npz, or the images' file (default: data/mnist)"},
        {"out", CG_OPTION_TEXT, &t->out, NULL, 0, 0, "DIR",
         "run (default: the first free runs/NNN)"},
        number_option(a, CG_RUN_EPOCHS, &t->epochs),
        NUMBER("batch", recipe.batch, 1, CG_BATCH_MOST, "images a step (256; fast 64)"),
        NUMBER("seed", seed, 0, UINT64_MAX, "of all random numbers (1)"),
        {"max-steps", CG_OPTION_NUMBER, &t->max_steps, NULL, 1, 1000000000, "N",
         "stop after step N of the run"},
        {"resume", CG_OPTION_FLAG, &t->resume, NULL, 0, 0, NULL,
         "go on with --out, or with the latest run"},
        {"ranks", CG_OPTION_NUMBER, &a->ranks, NULL, 1, CG_SHARDS_MOST, "N",
         "processes of this machine that train one run together, by MPI (1)"},
    };
    add_options(a, options, sizeof options / sizeof options[0]);
}

static void add_seed_options(arguments *a)
{
    const cg_option options[] = {
        {"seeds", CG_OPTION_TEXT, &a->seeds, NULL, 0, 0, "A,B,...",
         "a run for each seed, one at a time on each device, in DIR/seed_A, DIR/seed_B of --out "
         "DIR"},
        {"devices", CG_OPTION_TEXT, &a->devices, NULL, 0, 0, "SEL",
         "for --seeds: all that SEL means, or all; one that two platforms have counts twice"},
    };
    add_options(a, options, sizeof options / sizeof options[0]);
}

static void add_record_options(arguments *a)
{
    cg_train_options *t = &a->train;
    const cg_option options[] = {
        number_option(a, CG_RUN_CHECKPOINT_EVERY, &t->checkpoint_every),
        number_option(a, CG_RUN_KEEP, &t->keep),
        number_option(a, CG_RUN_LOG_EVERY, &t->log_every),
        number_option(a, CG_RUN_EVALUATE_EVERY, &t->evaluate_every),
        number_option(a, CG_RUN_EVALUATE_SAMPLES, &t->evaluate_samples),
        {"classifier", CG_OPTION_TEXT, &t->classifier, NULL, 0, 0, "FILE",
         "that evaluation is by (default: MNIST's)"},
        {"stop-on-collapse", CG_OPTION_FLAG, &t->stop_on_collapse, NULL, 0, 0, NULL,
         "end when samples are alike at two evaluations in a row"},
    };
    add_options(a, options, sizeof options / sizeof options[0]);
}

static void add_recipe_options(arguments *a)
{
    cg_train_options *t = &a->train;
    const cg_option options[] = {
        {"recipe", CG_OPTION_TEXT, &t->recipe.name, NULL, 0, 0, "tutorial|fast",
         "what the options below begin as (tutorial)"},
        NUMBER("shards", recipe.shards, 1, CG_SHARDS_MOST,
               "cut a batch, for several devices to share (none; with ranks 8)"),
        {"strict", CG_OPTION_FLAG, &t->recipe.strict, NULL, 0, 0, NULL,
         "checkpoints with the same bits on every device"},
        {"algorithm", CG_OPTION_TEXT, &a->algorithm, NULL, 0, 0, "[OP=]NAME",
         "of all convolutions, or of one operation; a,b,... (default: the device's)"},
        {"gemm", CG_OPTION_TEXT, &a->gemm, NULL, 0, 0, "own|clblast|plain",
         "of the dense layers' products"},
        {"tensorboard", CG_OPTION_FLAG, &t->tensorboard, NULL, 0, 0, NULL,
         "also write event files for TensorBoard into the run"},
        {"allow-device-change", CG_OPTION_FLAG, &t->allow_device_change, NULL, 0, 0, NULL,
         "resume on another device or driver"},
        {"no-selftest", CG_OPTION_FLAG, &t->no_selftest, NULL, 0, 0, NULL,
         "do not test whether the device computes right"},
    };
    add_options(a, options, sizeof options / sizeof options[0]);
}

/* An option for each of a recipe's numbers, with the values that the two recipes give it. */
static void add_hyper_options(arguments *a)
{
    for (size_t i = 0; i < CG_HYPER_COUNT; i++) {
        const cg_hyper_spec *h = &cg_hypers[i];
        cg_option_real *hyper = &a->train.recipe.hypers[i];
        snprintf(a->hyper_helps[i], HELP_SIZE, "%s (%g; fast %g)", h->help, h->tutorial, h->fast);
        const cg_option option = {h->option,     CG_OPTION_REAL,   &hyper->value,
                                  &hyper->given, h->min > 0,       0,
                                  "X",           a->hyper_helps[i]};
        add_options(a, &option, 1);
    }
}

static cg_status train_by_arguments(arguments *a)
{
    cg_status status =
        cg_join_algorithms(&a->train.algorithm, a->algorithms, a->algorithm, a->gemm);
    if (status != CG_OK)
        return status;
    cg_ranks_on_stop(on_signal);
    a->train.stop = &stop_signal;
    a->train.settled = &settled;
    a->train.started = print_run;
    return cg_train(&a->train);
}

static int train_seeds(const arguments *a, int argc, char **argv)
{
    return cg_seeds_train(&(cg_seeds_request){.seeds = a->seeds,
                                              .devices = a->devices,
                                              .device = a->train.device,
                                              .out = a->train.out,
                                              .resume = a->train.resume,
                                              .allow_device_change = a->train.allow_device_change,
                                              .options = a->options,
                                              .option_count = a->count,
                                              .argv = argv,
                                              .argc = argc});
}

static int run_train(const cg_command *command, int argc, char **argv)
{
    arguments a = {.train = cg_train_defaults()};
    bool helped;
    a.train.device = getenv("CLGAN_DEVICE");
    add_run_options(&a);
    add_seed_options(&a);
    add_record_options(&a);
    add_recipe_options(&a);
    add_hyper_options(&a);
    cg_ranks_hush(true);
    cg_status status = cg_options_parse(command, a.options, a.count, argc, argv, &helped);
    cg_ranks_hush(false);
    if (status == CG_OK && !helped && (a.seeds || a.devices))
        return train_seeds(&a, argc, argv);
    if (status == CG_OK && !helped && a.ranks > 1)
        return cg_ranks_start("train", (size_t)a.ranks, argc, argv);
    if (status == CG_OK && !helped)
        status = train_by_arguments(&a);
    bool stopped = stop_signal && (status == CG_OK || status == CG_ERR_STOPPED);
    return stopped ? CG_EXIT_SIGNAL + (int)stop_signal : cg_exit_status(status);
}

const cg_command cg_command_train = {
    .name = "train",
    .summary = "trains the DCGAN, or goes on with a run",
    .synopsis = "[OPTIONS]",
    .example = "clgan train --epochs 2 --device pocl --out runs/first",
    .run = run_train,
};
