/* The subject of an evaluation, and all else that it needs from files: read and found to be usable
 * before any work. */
#ifndef CLGAN_RUN_SUBJECT_H
#define CLGAN_RUN_SUBJECT_H

#include "run/config.h"

#include <clgan/dataset.h>
#include <clgan/evaluate.h>
#include <clgan/idx.h>

typedef struct cg_subject {
    char **paths; /* checkpoints that can be read, by steps, or the file of images; owned */
    size_t count;
    cg_idx images;         /* of a file, else none                                   */
    cg_run_config *config; /* of the run that the checkpoints are of; NULL: not known */
    char trained_on[65];   /* SHA-256 of the images that they were trained on; "": of no training */
    const char *data;      /* folder of the real images; borrowed                    */
    const char *classifier; /* file; NULL: the default one; borrowed                  */
    cg_dataset train, test; /* the real images                                        */
} cg_subject;

/* Reads what the options name. A damaged checkpoint of a run is left out, with a word. The real
 * images are those of options->data, else those that the checkpoints were trained on, from the
 * folder that their run names or from cg_dataset_default(). CG_ERR_INPUT when something is missing
 * or damaged, or the real images are others than those of the training and options->other_data is
 * false. To be given to cg_subject_deinit() whatever the status. */
cg_status cg_subject_open(cg_subject *subject, const cg_evaluate_options *options);

/* Lists a run's checkpoints anew, where a training has removed those that were there. CG_ERR_INPUT
 * when there is no sound one. */
cg_status cg_subject_list_again(cg_subject *subject, const char *run);
void cg_subject_deinit(cg_subject *subject);

#endif
