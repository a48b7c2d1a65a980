/* Which algorithm each operation of a step takes.
 *
 * As text: items with spaces or commas between them, each NAME (of all convolutions), OP=NAME or
 * OP/PASS=NAME, as in "direct", "g.dense=clblast" or "g.convt1/fwd=plain g.convt2=direct". A later
 * item counts more than an earlier one; operations without one take the device's default.
 */
#ifndef CLGAN_NN_ALGORITHMS_H
#define CLGAN_NN_ALGORITHMS_H

#include "nn/dcgan.h"

enum { CG_ALGORITHMS_TEXT = 1024 };

/* Sets the network's choice; NULL and "": the defaults. CG_ERR_ARGUMENT when there is no such
 * operation or algorithm, and says which there are. */
cg_status cg_algorithms_choose(cg_dcgan *net, const char *text);

/* text = what each operation takes, "g.dense/fwd=own g.convt1/fwd=fourier ...": on the same device
 * the same choice. CG_ERR_ARGUMENT when one that was chosen does not serve there. */
cg_status cg_algorithms_describe(char text[CG_ALGORITHMS_TEXT], const cg_dcgan *net);

/* The name of the algorithm that a stage takes, "" where it has none, NULL where the chosen one
 * does not serve. */
const char *cg_algorithms_name(const cg_dcgan *net, const cg_stage *stage);

#endif
