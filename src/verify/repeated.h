/* A batch in which images repeat: a stage has to make the same of images that are the same, but for
 * rounding, and that is looked at in each element, where float64 serves for some.
 *
 * Fakes and reals each repeat after cg_repeated_period() images. It is odd, so that two images that
 * are the same do not have the same place among 2, 4, 8 ... that a kernel takes together, and about
 * half of the batch, so that an image that is taken for another one still shows in float64.
 */
#ifndef CLGAN_VERIFY_REPEATED_H
#define CLGAN_VERIFY_REPEATED_H

#include "verify/spot_array.h"

/* The images of `n` after which they repeat; 0: there are too few. */
size_t cg_repeated_period(size_t n);

/* Has noise, masks and real images of the network's batch repeat; blocking. */
cg_status cg_repeated_make(cg_network *net);

/* Compares the images of a map that the stage wrote with each other. An element differs where that
 * is more than a thousandth of what the other image has; one image may have a few that do, as
 * rounding decides on which side of 0 LeakyReLU is. */
void cg_repeated_compare(const cg_spot *spot, cg_verify_result *result, const cg_spot_output *o);

#endif
