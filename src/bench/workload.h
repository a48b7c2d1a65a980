/* The workload of measurements: a network with all that a step needs. */
#ifndef CLGAN_BENCH_WORKLOAD_H
#define CLGAN_BENCH_WORKLOAD_H

#include "nn/shards.h"
#include "nn/stages.h"

typedef struct cg_workload {
    cg_network *net;
    cg_shards *shards; /* of which the network is the head; NULL: it has the batch for itself */
    cg_buffer *images; /* [count, 28, 28] bytes, random */
    cg_shuffle shuffle;
} cg_workload;

/* A network for `batch` fakes and as many reals, its weights as at a training's start, and a data
 * set of MNIST's size; holds the device memory that training holds. To be given to
 * cg_workload_deinit() whatever the status. Blocking. */
cg_status cg_workload_init(cg_workload *workload, cg_runtime *rt, size_t batch,
                           const char *algorithms, bool strict);

/* The same for a batch in shards, some of which are this rank's; all ranks make the call. `ranks`
 * stay the caller's; NULL: all shards are here. */
cg_status cg_workload_init_shards(cg_workload *workload, cg_runtime *rt, cg_ranks *ranks,
                                  size_t batch, size_t shards, const char *algorithms, bool strict);

/* Before the runtime is released. A zeroed struct is fine. */
void cg_workload_deinit(cg_workload *workload);

/* Draws noise, masks and images for the current batch, as training does. Asynchronous. */
cg_status cg_workload_draw(cg_workload *workload);

/* Bytes that this must move at least: the images' bytes in; noise, masks and images out. */
double cg_workload_draw_bytes(const cg_workload *workload);

/* A whole step: draw and all stages. Asynchronous. The second is one for cg_measure(). */
cg_status cg_workload_step(cg_workload *workload);
cg_status cg_workload_enqueue(void *workload);

/* Builds the kernels at a small batch and leaves the network at its full one. *seconds = what a
 * step of the full batch will take, extrapolated from small ones whose kernels were built before:
 * a kernel once enqueued cannot be stopped, so the caller refuses what is too long. Blocking. */
cg_status cg_workload_warm_up(double *seconds, cg_workload *workload);

#endif
