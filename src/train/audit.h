/* The audit of a training: whether the device still computes right, and still holds what it was
 * given. Training's bits are the same with it and without, and so are its files.
 *
 * | audit_due       | at which steps, which follow from the seed                                  |
 * | audit_step      | a step is done twice from the same state                                    |
 * | audit_shards    | and so is one of a batch in shards                                          |
 * | audit_unchanged | the data set, and what drawing and judging have to leave alone              |
 * | retry           | a loss or a state that is not finite is tried again                         |
 *
 * They stand on what is here: a copy of the training's state on the device, checksums of what is
 * there, and the sentence on a device that is wrong.
 */
#ifndef CLGAN_TRAIN_AUDIT_H
#define CLGAN_TRAIN_AUDIT_H

#include "nn/shards.h"
#include "verify/spot_array.h"

#include <clgan/dataset.h>

/* The checksums that there is room for on the device, of so many arrays, twice. */
enum { CG_AUDIT_SUMS = 192 };

typedef struct cg_audit {
    cg_network *net;
    cg_shards *shards;                    /* of which it is the head; NULL: batches are whole */
    cg_buffer *saved[CG_ARENA_COUNT + 1]; /* the state after step `kept`: arenas, statistics */
    uint64_t kept;
    cg_buffer *sums;        /* [2][CG_AUDIT_SUMS] checksums */
    double begun, spent;    /* seconds on the clock, and of them in audits */
    uint64_t passed;        /* the last step whose audit has passed, of this run; 0: none */
    const cg_dataset *data; /* as the host has it */
    cg_buffer *images;
    size_t part;   /* of the data set: the next one to be compared */
    uint32_t held; /* the state's checksum before something that leaves it alone */
} cg_audit;

/* Room on the device for audits of a network's training, by batches in shards (NULL: whole ones).
 * To be given to cg_audit_deinit(), also on failure; before the network. */
cg_status cg_audit_create(cg_audit *audit, cg_network *net, cg_shards *shards);
void cg_audit_deinit(cg_audit *audit);

/* Logs what is wrong with the device, seen in a step. Returns CG_ERR_WRONG. */
cg_status CG_PRINTF(3, 4)
    cg_audit_refuse(const cg_audit *audit, uint64_t step, const char *format, ...);

/* Keeps the network's state, which is that after `step`; gives it back. Asynchronous. */
cg_status cg_audit_save_state(cg_audit *audit, uint64_t step);
cg_status cg_audit_restore_state(const cg_audit *audit);

/* *tame = neither a parameter of the kept state nor the learning rate is as large as in a training
 * that diverges, where float32 overflows in the midst of operations that float64 carries out.
 * Blocking, as the next two. */
cg_status cg_audit_find_tame(bool *tame, const cg_audit *audit);

/* *finite = each number of the network's state is one. */
cg_status cg_audit_find_finite(bool *finite, const cg_audit *audit);

/* *sum = the checksum of the network's state. */
cg_status cg_audit_sum_state(uint32_t *sum, const cg_audit *audit);

/* A number that follows from a run's seed and a step alone. */
uint32_t cg_audit_draw(uint64_t seed, uint64_t step, uint32_t which);

/* sums[slot] += that of a part of a buffer, by the network's kernels. Asynchronous. */
cg_status cg_audit_add_sum(const cg_audit *audit, size_t slot, const cg_spot_extent *extent);

#endif
