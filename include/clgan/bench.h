/* Measures what a device can do: its peak, each layer and pass of a training step, and whole steps.
 *
 *     cg_bench bench;
 *     if (cg_bench_run(&bench, devices, index, &(cg_bench_options){.batch = 256}) == CG_OK)
 *         printf("%.0f images/s\n", bench.step.images_per_second);
 *     cg_bench_deinit(&bench);
 *
 * Threads: any thread may call these functions; measurements at the same time disturb each other.
 */
#ifndef CLGAN_BENCH_H
#define CLGAN_BENCH_H

#include <clgan/device.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CG_BENCH_SECONDS = 60,   /* of measuring a device, at most                     */
    CG_BENCH_IMAGES = 60000, /* an epoch's                                         */
    CG_BENCH_CHECK = 64,     /* room for a check's name, its end included          */
    CG_BENCH_MESSAGE = 640   /* and for a reason                                   */
};

/* The comparison with the float64 reference that comes before any measuring. */
typedef struct cg_bench_check {
    bool ok;
    double max_error; /* the largest of the checks' errors, each that of the element which came
                       * closest to its bound; infinite for a result that is not a number */
    double max_share; /* the largest error as a share of its bound; above 1 it is wrong */
    char worst[CG_BENCH_CHECK];     /* the check that had this share; "" before any was run */
    char message[CG_BENCH_MESSAGE]; /* why there are no figures; "" when there are */
} cg_bench_check;

/* The peak that the device reaches with nothing else to do: multiply-adds in registers, counted as
 * two, and reading plus writing of a buffer well beyond its caches. 10^9 a second. */
typedef struct cg_bench_peak {
    double gflops, gbps;
} cg_bench_peak;

/* A stage of a training step. Rates are 10^9 a second by the median, 0 where nothing is counted. */
typedef struct cg_bench_layer {
    const char *name, *pass; /* "g.convt1", "fwd"; static, as is the next      */
    const char *algorithm;   /* of a convolution or a dense layer's product, else "" */
    size_t repetitions;      /* how often it was timed                         */
    size_t launches;
    double seconds_median, seconds_min, seconds_max;
    double gflops_nominal; /* with the multiply-adds that meet padding         */
    double gflops_real;    /* without them                                     */
    double gflops_done;    /* of the operations that the algorithm really does */
    double peak_share;     /* gflops_real over the peak's                      */
    double done_share;     /* gflops_done over the peak's                      */
    double bytes;          /* that it must move at least, in and out, once     */
    double gbps;           /* of them                                          */
} cg_bench_layer;

/* The time from opening a device to the end of a first step: less where the driver has the programs
 * in its cache, or clgan in its own. */
typedef struct cg_bench_startup {
    double runtime_seconds;    /* opening the device                                */
    double first_step_seconds; /* the first step, of one image: kernels are built   */
    double compile_seconds;    /* of it, building programs or loading them, and the kernels' first
                                  launches, at which drivers compile                */
    double check_seconds;      /* comparing with the reference                      */
} cg_bench_startup;

/* Whole steps: noise, masks and images drawn, both gradients, the update. */
typedef struct cg_bench_step {
    size_t repetitions; /* 1: it was run once, or, without time for that, the stages were, whose
                           sum it then is */
    double seconds_median, seconds_min, seconds_max;
    size_t launches;
    double images_per_second; /* real images, by the median         */
    double epoch_seconds;     /* ceil(CG_BENCH_IMAGES / batch) steps */
} cg_bench_step;

/* One launch of a step, from OpenCL's events. */
typedef struct cg_bench_launch {
    const char *name, *pass; /* of the stage, as above */
    const char *kernel; /* "fill", or a CLBlast routine, which may be several kernels; static */
    double seconds;     /* from the end of the one before to its own end, a median */
} cg_bench_launch;

typedef struct cg_bench_options {
    size_t batch;          /* fakes in a step, and as many reals; 0: 256 */
    bool profile;          /* also the time of each launch */
    const char *algorithm; /* as for cg_train(); NULL: as tuned, else the defaults */
    double seconds;        /* of measuring; 0: CG_BENCH_SECONDS */
    bool strict;           /* of a strict training (clgan/recipe.h) */
} cg_bench_options;

/* Batch 256, 60 seconds. */
CG_API cg_bench_options cg_bench_defaults(void);

typedef struct cg_bench {
    cg_device_info device;
    size_t batch;
    bool strict;
    cg_bench_check check;
    bool measured; /* all below is there */
    cg_bench_startup startup;
    cg_bench_peak peak;
    cg_bench_layer *layers; /* in the order of a step; owned */
    size_t layer_count;
    cg_bench_step step;
    cg_bench_launch *launches; /* of a step, in order, where a profile was wanted; owned */
    size_t launch_count;
    size_t memory_bytes;         /* of the device, held for training at this batch */
    size_t memory_peak_bytes;    /* the most that was held of it while steps ran */
    size_t host_peak_bytes;      /* the most that the process has had resident so far */
    const char *algorithms_from; /* "options", "tuning" (clgan/tune.h) or "defaults"; static */
} cg_bench;

/* Measures the index-th device for `options->seconds` at most; blocking. Building the kernels and
 * comparing results with the reference come before and do not count: they take as long as the
 * driver's compiler and one processor of the host need. Progress is logged. The result is to be
 * given to cg_bench_deinit() whatever the status; when that is not CG_OK, it holds the device and a
 * reason in check.message.
 * CG_ERR_WRONG when the device's results differ from the reference; CG_ERR_ARGUMENT when a step of
 * this batch would take longer than the time there is. */
CG_API cg_status cg_bench_run(cg_bench *bench, const cg_devices *devices, size_t index,
                              const cg_bench_options *options);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_bench_deinit(cg_bench *bench);

/* *text = the results as JSON, {"format": 1, ...}, for free(); a device that was not measured has
 * no figures. CG_ERR_MEMORY. */
CG_API cg_status cg_bench_json(char **text, const cg_bench *benches, size_t count);

/* The same as a file, which appears whole or not at all. CG_ERR_WRITE. */
CG_API cg_status cg_bench_write(const char *path, const cg_bench *benches, size_t count);

/* Tells whether that file can be written, to be asked before minutes are spent on its content:
 * CG_OK, or CG_ERR_WRITE. Nothing is changed. */
CG_API cg_status cg_bench_probe(const char *path);

/* ---- ranks ------------------------------------------------------------------------------------
 *
 * Several processes share a batch (clgan/ranks.h), each with its device; this is what it brings:
 *
 *     cg_bench_ranks result;
 *     if (cg_bench_run_ranks(&result, &(cg_bench_ranks_options){.batch = 256}) == CG_OK &&
 *         result.mine == 0)
 *         printf("%.0f images/s\n", result.step.images_per_second);
 *     cg_bench_ranks_deinit(&result);
 */

typedef struct cg_bench_ranks_options {
    size_t batch;          /* images of a step, of all ranks together; 0: 256              */
    size_t shards;         /* that it is cut into; 0: as clgan train does for that many ranks */
    double seconds;        /* of measuring; 0: CG_BENCH_SECONDS                            */
    const char *device;    /* by rank, as for cg_train(); NULL: each takes the best        */
    const char *algorithm; /* as for cg_train(); NULL: as tuned, else the defaults         */
    const char *file;      /* that rank 0 writes the result to; NULL: none                 */
    bool strict;           /* of a strict training                                         */
} cg_bench_ranks_options;

/* A rank's part of a step: medians over the steps. */
typedef struct cg_bench_rank {
    cg_device_info device;
    char host[64];
    size_t shards;         /* of the batch, that it computes                                 */
    double computing;      /* seconds in which its device works, or its kernels are enqueued */
    double exchanging;     /* seconds of copies between device and host, and of transfers    */
    double waiting;        /* seconds for slower ranks                                       */
    double sent, received; /* bytes to and from other ranks                                  */
} cg_bench_rank;

typedef struct cg_bench_ranks {
    size_t mine;  /* rank, from 0 */
    size_t count; /* of all ranks; the rest is rank 0's alone */
    size_t batch, shards;
    bool strict;
    cg_bench_step step;  /* of all ranks together, by the slowest one                          */
    cg_bench_step alone; /* of rank 0 with all shards; repetitions 0: there is one rank anyway */
    cg_bench_step whole; /* of rank 0 without shards                                           */
    double efficiency;   /* speed over that of `alone`, for each rank; 1 of one rank           */
    double efficiency_whole; /* over that of `whole`, for each rank                             */
    cg_bench_rank *ranks; /* [count]; owned                                                     */
} cg_bench_ranks;

/* Measures steps of all ranks, and in turn those of rank 0 alone, with as many shards and without
 * any, for `options->seconds` in all. A process that was not started as one of several is the only
 * rank. Blocking; all ranks make the call, which returns in all of them once all are done. A device
 * that has not been tested for a training is tested before. The result is to be given to
 * cg_bench_ranks_deinit() whatever the status.
 * CG_ERR_ARGUMENT for more ranks than shards, or more shards than images or than 64; CG_ERR_WRONG
 * when a device's results differ from the reference; CG_ERR_WRITE. An error of one of several ranks
 * ends the processes of all (cg_train()). */
CG_API cg_status cg_bench_run_ranks(cg_bench_ranks *result, const cg_bench_ranks_options *options);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_bench_ranks_deinit(cg_bench_ranks *result);

/* *text = the result as JSON, {"format": 1, ..., "ranks": {...}}, for free(). CG_ERR_MEMORY. */
CG_API cg_status cg_bench_ranks_json(char **text, const cg_bench_ranks *result);

#ifdef __cplusplus
}
#endif
#endif
