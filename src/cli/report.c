/* clgan report: options, and a word about what was written. */
#include "cli/cli.h"

#include <clgan/log.h>
#include <clgan/report.h>
#include <stdlib.h>

/* The run that was written last is shown where none is named. */
static cg_status write_report(cg_report_options *options, cg_operands *runs)
{
    if (!options->out)
        return cg_fail(CG_ERR_ARGUMENT, "report needs --out FILE.html");
    char *latest = NULL;
    cg_status status = CG_OK;
    if (!runs->count) {
        status = cg_take_latest_run(&latest, "report needs a RUN");
        runs->items[runs->count++] = latest;
    }
    options->runs = runs->items;
    options->run_count = runs->count;
    if (status == CG_OK)
        status = cg_report(options);
    if (status == CG_OK)
        cg_log(CG_LOG_INFO, "written: %s%s%s", options->out, options->png ? ", " : "",
               options->png ? options->png : "");
    free(latest);
    return status;
}

static int run_report(const cg_command *command, int argc, char **argv)
{
    cg_report_options o = {.device = getenv("CLGAN_DEVICE")};
    cg_operands runs = {0};
    bool helped;
    const cg_option options[] = {
        {"RUN", CG_OPTION_OPERANDS, &runs, NULL, 0, CG_REPORT_RUNS, NULL,
         "runs, side by side (default: the latest run)"},
        {"out", CG_OPTION_OUTPUT, &o.out, NULL, 0, 0, "FILE.html", "write the page there"},
        {"png", CG_OPTION_OUTPUT, &o.png, NULL, 0, 0, "FILE.png",
         "write the curves alone as a picture"},
        {"device", CG_OPTION_TEXT, &o.device, NULL, 0, 0, "SEL",
         "draws from the newest checkpoints (default: the best)"},
        {"data", CG_OPTION_TEXT, &o.data, NULL, 0, 0, "PATH",
         "the training images (default: what each run says)"},
        {"no-selftest", CG_OPTION_FLAG, &o.no_selftest, NULL, 0, 0, NULL,
         "do not test whether the device computes right"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = write_report(&o, &runs);
    return cg_exit_status(status);
}

const cg_command cg_command_report = {
    .name = "report",
    .summary = "shows runs as one page: pictures, quality, curves, options",
    .synopsis = "[RUN...] --out FILE.html [OPTIONS]",
    .example = "clgan report runs/001 runs/002 --out report.html",
    .run = run_report,
};
