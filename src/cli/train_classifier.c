/* clgan train-classifier: options, and the result on stdout. */
#include "cli/cli.h"

#include <clgan/classifier.h>
#include <clgan/log.h>
#include <clgan/recipe.h>
#include <stdio.h>
#include <stdlib.h>

static cg_status train_and_print(const cg_classifier_options *o)
{
    cg_classifier_result result;
    if (!o->out)
        return cg_fail(CG_ERR_ARGUMENT, "train-classifier needs --out");
    cg_status status = cg_train_classifier(&result, o);
    if (status == CG_OK)
        printf("%s: %.2f %% of the test set right, after %.0f s\nsha256 %s\n", o->out,
               100 * result.test_accuracy, result.seconds, result.sha256);
    return status;
}

static int run_train_classifier(const cg_command *command, int argc, char **argv)
{
    cg_classifier_options o = cg_classifier_defaults();
    bool helped;
    o.device = getenv("CLGAN_DEVICE");
    const cg_option options[] = {
        {"out", CG_OPTION_OUTPUT, &o.out, NULL, 0, 0, "FILE", "FILE.safetensors"},
        {"data", CG_OPTION_TEXT, &o.data, NULL, 0, 0, "PATH",
         "IDX files with labels, training and test (default: data/mnist)"},
        {"device", CG_OPTION_TEXT, &o.device, NULL, 0, 0, "SEL", "device (default: the best)"},
        {"epochs", CG_OPTION_NUMBER, &o.epochs, NULL, 1, 1000, "N", "epochs to train (10)"},
        {"batch", CG_OPTION_NUMBER, &o.batch, NULL, 1, CG_BATCH_MOST, "N", "images a step (256)"},
        {"seed", CG_OPTION_NUMBER, &o.seed, NULL, 0, UINT64_MAX, "N", "of all random numbers (1)"},
        {"learning-rate", CG_OPTION_REAL, &o.learning_rate, NULL, 1, 0, "X",
         "Adam's, of the first step (0.003)"},
        {"no-selftest", CG_OPTION_FLAG, &o.no_selftest, NULL, 0, 0, NULL,
         "do not test whether the device computes right"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = train_and_print(&o);
    return cg_exit_status(status);
}

const cg_command cg_command_train_classifier = {
    .name = "train-classifier",
    .summary = "trains the classifier that evaluation sees images with",
    .synopsis = "--out FILE [OPTIONS]",
    .example = "clgan train-classifier --data data/fashion --out fashion-1.safetensors",
    .run = run_train_classifier,
};
