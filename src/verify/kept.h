/* The arrays of a training step that stay as they are from the stage that writes them, or from the
 * step before, until Adam takes them: parameters, moments, averages; gradients and moving
 * statistics. A kernel that writes where it should not shows there, as no stage's own check looks
 * at what others left.
 *
 *     cg_kept_watch watch = {0};
 *     CG_TRY(cg_kept_watch_begin(&watch, net));
 *     ... and after each stage:
 *     CG_TRY(cg_kept_watch_stage(&watch, stage));
 *     ... and before Adam:
 *     CG_TRY(cg_kept_watch_end(&result, &watch));
 */
#ifndef CLGAN_VERIFY_KEPT_H
#define CLGAN_VERIFY_KEPT_H

#include "verify/spot_array.h"

enum { CG_KEPT_MOST = 40 };

typedef struct cg_kept_array {
    const cg_stage *stage; /* that wrote it; NULL: the step before */
    cg_spot_extent extent;
    size_t slot; /* of its checksum */
} cg_kept_array;

/* The arrays with their checksums; {0} is one that watches nothing. */
typedef struct cg_kept_watch {
    cg_network *net;
    cg_kept_array arrays[CG_KEPT_MOST];
    size_t count;
    cg_buffer *sums; /* of all of them, at both times */
    size_t used;     /* that many of these are */
} cg_kept_watch;

/* Begins with what no stage before Adam writes. Asynchronous, as the next one. To be given to
 * deinit whatever the status. */
cg_status cg_kept_watch_begin(cg_kept_watch *watch, cg_network *net);

/* Notes the arrays that the stage, which has run, leaves for Adam. */
cg_status cg_kept_watch_stage(cg_kept_watch *watch, const cg_stage *stage);

/* *result = whether all arrays are as they were left; blocking. CG_OK whether or not they are. */
cg_status cg_kept_watch_end(cg_verify_result *result, cg_kept_watch *watch);

void cg_kept_watch_deinit(cg_kept_watch *watch);

#endif
