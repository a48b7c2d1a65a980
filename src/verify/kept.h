/* The arrays of a training step that stay as they are from the stage that writes them, or from the
 * step before, until Adam takes them: parameters, moments, averages; gradients and moving
 * statistics. A kernel that writes where it should not shows there, as no stage's own check looks
 * at what others left.
 *
 *     cg_kept kept;
 *     cg_kept_begin(&kept, net);
 *     ... a checksum of each of kept.arrays; and after each stage, for each array that it wrote:
 *     i = cg_kept_note(&kept, net, stage, &extent); // CG_KEPT_MOST: it is not one of these
 *     ... a checksum of kept.arrays[i]; and before Adam all of them again
 *
 * An audit does so beside its other checksums. cg_kept_watch does it for the self-test.
 */
#ifndef CLGAN_VERIFY_KEPT_H
#define CLGAN_VERIFY_KEPT_H

#include "verify/spot_array.h"

enum { CG_KEPT_MOST = 40 };

typedef struct cg_kept_array {
    const cg_stage *stage; /* that wrote it; NULL: the step before */
    cg_spot_extent extent;
} cg_kept_array;

typedef struct cg_kept {
    cg_kept_array arrays[CG_KEPT_MOST];
    size_t count;
} cg_kept;

/* Begins with what no stage before Adam writes. */
void cg_kept_begin(cg_kept *kept, const cg_network *net);

/* Returns the place of an array that the stage has written, a new one or one that it had before;
 * CG_KEPT_MOST where it may be written again. */
size_t cg_kept_note(cg_kept *kept, const cg_network *net, const cg_stage *stage,
                    const cg_spot_extent *extent);

/* A step's arrays with their checksums; {0} is one that watches nothing. */
typedef struct cg_kept_watch {
    cg_kept kept;
    cg_network *net;
    cg_buffer *sums;            /* of all of them, at both times */
    size_t slots[CG_KEPT_MOST]; /* of them, the arrays' */
    size_t used;
} cg_kept_watch;

/* To be called before the first stage, after each one, and before Adam. To be given to deinit
 * whatever the status. */
cg_status cg_kept_watch_begin(cg_kept_watch *watch, cg_network *net);
cg_status cg_kept_watch_stage(cg_kept_watch *watch, const cg_stage *stage);
void cg_kept_watch_deinit(cg_kept_watch *watch);

/* *result = whether all arrays are as they were left; blocking. CG_OK whether or not they are. */
cg_status cg_kept_watch_end(cg_verify_result *result, cg_kept_watch *watch);

#endif
