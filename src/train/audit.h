/* The audit of a training: whether the device still computes right, and still holds what it was
 * given. Training's bits are the same with it and without, and so are its files.
 *
 * Every CG_AUDIT_EVERY steps, at steps that follow from the seed, a step is done twice from the
 * same state. The second time all that a stage overwrites holds NaN before, and some stages go
 * through their spot checks (verify/spot.h): the small ones and Adam each time, the others in turn,
 * because what is wrong in the same way each time shows there alone. All arrays that the stages
 * write must have the same checksums both times: a launch that is left out, work-groups that do not
 * run, bits that flip and races show in the first stage that they concern. A row of launches
 * follows, which add up. Log intervals compare a part of the data set; the state is compared before
 * and after drawing and judging. A loss that is not finite is tried again from the state before the
 * last audited step.
 */
#ifndef CLGAN_TRAIN_AUDIT_H
#define CLGAN_TRAIN_AUDIT_H

#include "run/run.h"
#include "train/step.h"

#include <clgan/dataset.h>

/* A step is audited each so many, the first within the first CG_AUDIT_FIRST: short runs are audited
 * once. Each CG_AUDIT_CERTAIN-th of them is audited in any case; the others are left out while
 * audits take more than 1 % of the time, as on a GPU whose 500 steps take 0.7 s. */
enum { CG_AUDIT_EVERY = 500, CG_AUDIT_FIRST = 200, CG_AUDIT_CERTAIN = 4 };

enum { CG_AUDIT_MARKS = 192 };

/* An array after a stage, in the order in which a step writes them; or before it. */
typedef struct cg_audit_mark {
    const char *stage, *pass, *array;
    bool before;
} cg_audit_mark;

typedef struct cg_audit {
    cg_network *net;
    cg_shards *shards;                    /* of which it is the head; NULL: batches are whole */
    cg_buffer *saved[CG_ARENA_COUNT + 1]; /* the state after step `kept`: arenas, statistics */
    uint64_t kept;
    double begun, spent; /* seconds on the clock, and of them in audits */
    cg_buffer *sums;     /* [2][CG_AUDIT_MARKS] checksums */
    cg_audit_mark marks[CG_AUDIT_MARKS];
    size_t mark_count;
    const cg_dataset *data; /* as the host has it */
    cg_buffer *images;
    size_t part;       /* of the data set: the next one to be compared */
    uint32_t state[2]; /* the state's checksum before and after something that leaves it alone */
    uint64_t passed;   /* the last step whose audit has passed, of this run; 0: none */
} cg_audit;

/* Room on the device for audits of a network's training, by batches in shards (NULL: whole ones).
 * To be given to cg_audit_deinit(), also on failure; before the network. */
cg_status cg_audit_create(cg_audit *audit, cg_network *net, cg_shards *shards);
void cg_audit_deinit(cg_audit *audit);

/* The last step whose audit passed for sure in a run that has come to `step`; 0: none. */
uint64_t cg_audit_find_passed(uint64_t seed, uint64_t step);

/* Compares the data set on the device, images [count, 28, 28], with the host's; from then on a part
 * of it can be compared. Keeps the state, which is that after `step`. Blocking. CG_ERR_WRONG,
 * logged. */
cg_status cg_audit_begin(cg_audit *audit, cg_buffer *images, const cg_dataset *data, uint64_t step);

/* True when the step is to be audited. */
bool cg_audit_is_due(const cg_audit *audit, uint64_t seed, uint64_t step);

/* Runs the step as cg_step_run() does, and audits it. If the batch is in shards, the head's is
 * audited as if it were a batch: it has the same kernels and sizes. Blocking, as all below.
 * CG_ERR_WRONG, logged with the step, as all below. */
cg_status cg_audit_step(cg_audit *audit, const cg_step_source *source, const cg_step_place *place);

/* A loss or a state that is not finite is tried again (train/retry.h). The network takes the kept
 * state back, once all stages of the step after it have gone through their spot checks; of a batch
 * in shards, the head's. */
cg_status cg_audit_take_back(cg_audit *audit, const cg_step_source *source);

/* Compares, after the steps from the kept state up to `place` were done again and this network has
 * the whole state. Not all results must be finite then. CG_OK where they are not, which is no fault
 * of a device. */
cg_status cg_audit_judge_retry(const cg_audit *audit, const cg_step_place *place);

/* Compares the next part of the data set, after a step. */
cg_status cg_audit_data(cg_audit *audit, uint64_t step);

/* Compares some of the real images of the step that was done last with those of the data set in
 * the epoch's order. */
cg_status cg_audit_batch(const cg_audit *audit, const cg_step_source *source,
                         const cg_step_place *place);

/* Between these two the state of the training has to stay as it is: "pictures were drawn". */
cg_status cg_audit_hold(cg_audit *audit);
cg_status cg_audit_compare(cg_audit *audit, uint64_t step, const char *meanwhile);

/* Metrics are cleared before their steps: a row that was not written shows. */
cg_status cg_audit_clear_metrics(cg_network *net);
cg_status cg_audit_metrics(const cg_audit *audit, const cg_metrics *metrics, uint64_t step);

/* Logs which checkpoint is the last one known to be good, and how to go on. */
void cg_audit_advise(const cg_audit *audit, const cg_run *run);

#endif
