/* The kernels of a training step that have no build options, as one program: a driver's cost per
 * program, at each start of a process, is larger than its cost for these kernels.
 *
 * The files share one space of names: none of them may define a type, a function or a macro that
 * another one defines, not even as a default by #ifndef, which would silently be the first file's.
 * scripts/check-kernels.sh checks it.
 */
#include "adam.cl"
#include "batchnorm.cl"
#include "bias.cl"
#include "checksum.cl"
#include "commands.cl"
#include "dense.cl"
#include "gather.cl"
#include "loss.cl"
#include "random.cl"
#include "partials.cl"
