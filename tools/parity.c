/* clgan-parity FILE.json [--device SEL] [--algorithm NAME] [--shards N]: what scripts/parity.sh
 * runs.
 * Prints a line per tensor and step, then PARITY PASS or FAIL with the largest error in units of
 * its limit; exit 0, 1, 2 when the file or the options are not acceptable, 3 without a device. */
#include "verify/case.h"
#include "verify/fixture.h"
#include "verify/parity.h"

#include <clgan/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The line that is furthest towards, or over, its limit. */
typedef struct worst {
    double share;
    size_t step;
    char name[64];
} worst;

static void print_line(void *user, const cg_fixture_line *line)
{
    worst *w = user;
    double share = cg_verify_share(line->error, line->limit);
    printf("step %zu  %-32s error %.3e  limit %.1e  %s\n", line->step, line->name, line->error,
           line->limit, line->ok ? "ok" : "FAIL");
    if (share > w->share) {
        w->share = share;
        w->step = line->step;
        snprintf(w->name, sizeof w->name, "%s", line->name);
    }
}

/* The exit status of a run without a verdict. CG_ERR_SHAPE stands for a convolution that
 * --algorithm does not serve. */
static int exit_status_of(cg_status status)
{
    bool refused = status == CG_ERR_INPUT || status == CG_ERR_ARGUMENT || status == CG_ERR_SHAPE;
    return refused ? 2 : status == CG_ERR_DEVICE ? 3 : 1;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: clgan-parity FILE.json [--device SEL] [--algorithm NAME] [--shards N]\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *file = NULL, *device = getenv("CLGAN_DEVICE");
    cg_parity_settings settings = {0};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--device") == 0 && i + 1 < argc)
            device = argv[++i];
        else if (strcmp(argv[i], "--algorithm") == 0 && i + 1 < argc)
            settings.algorithm = argv[++i];
        else if (strcmp(argv[i], "--shards") == 0 && i + 1 < argc && atol(argv[i + 1]) > 0)
            settings.shards = (size_t)atol(argv[++i]);
        else if (argv[i][0] != '-' && !file)
            file = argv[i];
        else
            return usage();
    }
    if (!file)
        return usage();

    int exit_status = 1;
    cg_fixture *fixture = NULL;
    cg_runtime *rt = NULL;
    bool ok = false;
    worst w = {.share = -1};
    cg_status status = cg_fixture_read(&fixture, file);
    if (status == CG_OK)
        status = cg_runtime_create_selected(&rt, device);
    if (status == CG_OK)
        status = cg_parity_run(&ok, rt, fixture, &settings, print_line, &w);
    if (status == CG_OK) {
        printf("PARITY %s worst=%.3f at step %zu %s\n", ok ? "PASS" : "FAIL", w.share, w.step,
               w.name);
        exit_status = ok ? 0 : 1;
    } else {
        exit_status = exit_status_of(status);
    }
    cg_runtime_release(rt);
    cg_fixture_release(fixture);
    return exit_status;
}
