/* The runs of `clgan train --seeds`, and what is printed of them in the end. */
#ifndef CLGAN_CLI_SEED_RUNS_H
#define CLGAN_CLI_SEED_RUNS_H

#include "cli/child.h"
#include "cli/cli.h"

#include <clgan/device.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command line of `train`, with what it says of several runs. All is borrowed. */
typedef struct cg_seeds_request {
    const char *seeds, *devices; /* as given; NULL: not */
    const char *device;          /* for all of them, where no devices are given; NULL: the best */
    const char *out;             /* the folder of their runs; NULL: the first free runs/NNN each */
    bool resume, allow_device_change;
    const cg_option *options; /* that argv was read by */
    size_t option_count;
    char **argv; /* behind the command's name */
    int argc;
} cg_seeds_request;

typedef enum cg_seed_state { CG_SEED_WAITING, CG_SEED_RUNNING, CG_SEED_ENDED } cg_seed_state;

enum { CG_SEED_PROGRESS = 96 };

typedef struct cg_seed_run {
    uint64_t seed;
    char *folder;                         /* of --out; NULL: it takes one */
    char *path;                           /* of its run, as it says; NULL: not known yet */
    bool told;                            /* the path was printed */
    bool resumed;                         /* the folder held its run before */
    char device_name[160], platform[160]; /* that a resumed run is of */
    bool killed;                          /* after a third signal */
    cg_seed_state state;
    int exit_status; /* when it has ended, or its device did not serve */
    size_t device;   /* the last one that it was tried on */
    double started, seconds;
    char progress[CG_SEED_PROGRESS]; /* what it does */
} cg_seed_run;

typedef struct cg_seeds {
    const cg_seeds_request *request;
    cg_seed_run *runs;
    size_t count;
    cg_devices *devices;
    size_t device_count;
    bool *usable;        /* a device: it is one of those, and has not failed */
    cg_child **children; /* of the devices; NULL: idle */
    size_t *current;     /* the run of each that is not idle */
    const char **kept;   /* the options that each run gets */
    size_t kept_count;
    int stop_signal;   /* 0: nobody has asked for an end */
    int device_status; /* the exit status of a run whose device did not serve; 0: all did */
    bool on_terminal;
    char shown[512]; /* the line there */
} cg_seeds;

/* Prints a table of the runs, and the commands that show them and go on with them. */
void cg_seeds_summarize(const cg_seeds *seeds);

/* True when the folder holds a run. */
bool cg_seeds_has_run(const char *folder);

/* The path of what has that name in the folder, for free(); NULL without memory. */
char *cg_seeds_join(const char *folder, const char *name);

#endif
