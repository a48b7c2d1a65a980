/* What a run's newest checkpoint draws: walks between vectors of noise, and digits beside the
 * training images that are nearest to them. */
#ifndef CLGAN_REPORT_SHOTS_H
#define CLGAN_REPORT_SHOTS_H

#include "report/chronicle.h"

#include <clgan/report.h>

enum {
    CG_WALKS = 6,          /* rows: from a vector of the run's pictures to the next */
    CG_WALK_PICTURES = 10, /* of a row, both ends among them                        */
    CG_SHOTS_NEIGHBOURS = 10
};

/* Both pictures are bytes of a PNG, empty where there is none: a note says why. */
typedef struct cg_shots {
    uint64_t step; /* of the checkpoint; 0: there is none */
    cg_text walk;
    cg_text neighbours;                    /* made digits, and below each its neighbour */
    double distances[CG_SHOTS_NEIGHBOURS]; /* root mean square of the pixels' differences */
    size_t nearest[CG_SHOTS_NEIGHBOURS];   /* which training image, from 0 */
} cg_shots;

/* What draws: the device, a network, training images; opened at its first use. */
typedef struct cg_studio cg_studio;

cg_status cg_studio_create(cg_studio **studio, const cg_report_options *options);
void cg_studio_release(cg_studio *studio);

/* *shots = of the run's newest sound checkpoint. Why something is left out becomes a note of the
 * chronicle. CG_ERR_DEVICE, CG_ERR_CL, CG_ERR_MEMORY; CG_ERR_INPUT where the options' own data
 * cannot be read. To be given to cg_shots_deinit() whatever the status. */
cg_status cg_shots_draw(cg_shots *shots, cg_studio *studio, cg_chronicle *chronicle);
void cg_shots_deinit(cg_shots *shots);

#endif
