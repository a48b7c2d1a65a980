/* clgan sample: options. */
#include "cli/cli.h"

#include <clgan/log.h>
#include <clgan/sample.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_SIDE = 200, MAX_COUNT = 2700000 /* an IDX file of 2 GiB */ };

/* Sets the numbers that are given; the others follow from them (clgan/sample.h). */
static cg_status take_count(cg_sample_options *o, const size_t grid[2], uint64_t count)
{
    size_t length = o->out ? strlen(o->out) : 0;
    bool png = length > 4 && strcasecmp(o->out + length - 4, ".png") == 0;
    if (!o->out)
        return cg_fail(CG_ERR_ARGUMENT, "sample needs --out FILE.png, FILE.idx or FILE.idx.gz");
    if (grid[0] && count)
        return cg_fail(CG_ERR_ARGUMENT, "--grid and --count exclude each other");
    if (png && count > MAX_SIDE * MAX_SIDE)
        return cg_fail(CG_ERR_ARGUMENT, "--count for a PNG is at most %d", MAX_SIDE * MAX_SIDE);
    o->count = (size_t)count;
    o->rows = grid[0];
    o->columns = grid[1];
    return CG_OK;
}

/* The run that was written last draws where nothing is named. */
static cg_status sample_named(cg_sample_options *o)
{
    char *latest = NULL;
    cg_status status = CG_OK;
    if (!o->checkpoint && !o->run) {
        status = cg_take_latest_run(&latest, "sample needs a --run or --checkpoint");
        o->run = latest;
    }
    if (status == CG_OK)
        status = cg_sample(o);
    free(latest);
    return status;
}

static int run_sample(const cg_command *command, int argc, char **argv)
{
    cg_sample_options o = {.seed = 1, .device = getenv("CLGAN_DEVICE")};
    size_t grid[2] = {0, 0};
    uint64_t count = 0;
    bool helped;
    const cg_option options[] = {
        {"checkpoint", CG_OPTION_TEXT, &o.checkpoint, NULL, 0, 0, "FILE",
         "a run's checkpoints/step_*.safetensors"},
        {"run", CG_OPTION_TEXT, &o.run, NULL, 0, 0, "DIR",
         "or the best one of a run (default: the latest run)"},
        {"out", CG_OPTION_OUTPUT, &o.out, NULL, 0, 0, "FILE", "FILE.png, FILE.idx or FILE.idx.gz"},
        {"grid", CG_OPTION_GRID, grid, NULL, 0, MAX_SIDE, "RxC", "rows x columns (4x4)"},
        {"count", CG_OPTION_NUMBER, &count, NULL, 1, MAX_COUNT, "N", "how many images"},
        {"seed", CG_OPTION_NUMBER, &o.seed, NULL, 0, UINT64_MAX, "N", "of the noise (1)"},
        {"device", CG_OPTION_TEXT, &o.device, NULL, 0, 0, "SEL", "device (default: the best)"},
        {"no-selftest", CG_OPTION_FLAG, &o.no_selftest, NULL, 0, 0, NULL,
         "do not test whether the device computes right"},
    };
    cg_status status =
        cg_options_parse(command, options, sizeof options / sizeof options[0], argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = take_count(&o, grid, count);
    if (status == CG_OK && !helped)
        status = sample_named(&o);
    return cg_exit_status(status);
}

const cg_command cg_command_sample = {
    .name = "sample",
    .summary = "draws pictures from a run or a checkpoint",
    .synopsis = "[--run DIR | --checkpoint FILE] --out FILE [OPTIONS]",
    .example = "clgan sample --run runs/001 --grid 8x8 --out digits.png",
    .run = run_sample,
};
