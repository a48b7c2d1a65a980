/* The kernels of a training step that have no build options, as one program: what a program costs a
 * driver at each start of a process, whatever is in it, is more than what these kernels do.
 */
#include "adam.cl"
#include "batchnorm.cl"
#include "bias.cl"
#include "dense.cl"
#include "gather.cl"
#include "loss.cl"
#include "random.cl"
#include "partials.cl"
