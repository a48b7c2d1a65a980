/* Samples of a run's newest checkpoint: walks between vectors of noise, and digits beside the
 * training images that are nearest to them. */
#ifndef CLGAN_REPORT_RUN_SAMPLES_H
#define CLGAN_REPORT_RUN_SAMPLES_H

#include "report/run_data.h"

#include <clgan/report.h>

enum {
    CG_WALKS = 6,          /* rows: from a vector of the run's pictures to the next */
    CG_WALK_PICTURES = 10, /* of a row, both ends among them                        */
    CG_RUN_SAMPLES_NEIGHBOURS = 10
};

/* Both pictures are bytes of a PNG, empty where there is none: a note says why. */
typedef struct cg_run_samples {
    uint64_t step; /* of the checkpoint; 0: there is none */
    cg_text walk;
    cg_text neighbours;                          /* generated digits above their neighbours */
    double distances[CG_RUN_SAMPLES_NEIGHBOURS]; /* root mean square of the pixels' differences */
    size_t nearest[CG_RUN_SAMPLES_NEIGHBOURS];   /* which training image, from 0 */
} cg_run_samples;

/* The sampler of a report: a device, a network and training images, opened at the first use. */
typedef struct cg_report_sampler cg_report_sampler;

cg_status cg_report_sampler_create(cg_report_sampler **sampler, const cg_report_options *options);
void cg_report_sampler_release(cg_report_sampler *sampler);

/* *samples = of the run's newest sound checkpoint. The reason for a picture that is left out
 * becomes a note of the run. CG_ERR_DEVICE, CG_ERR_CL, CG_ERR_MEMORY; CG_ERR_INPUT where the
 * options' own data cannot be read. To be given to cg_run_samples_deinit() whatever the status. */
cg_status cg_run_samples_draw(cg_run_samples *samples, cg_report_sampler *sampler,
                              cg_run_data *run);
void cg_run_samples_deinit(cg_run_samples *samples);

#endif
