/* Inside io/: IDX with any type of numbers that the format has. */
#ifndef CLGAN_IO_IDX_ARRAY_H
#define CLGAN_IO_IDX_ARRAY_H

#include "io/array.h"

/* Reads the array of an IDX file from its start. CG_ERR_INPUT, logged. To be given to
 * cg_array_deinit() whatever the status. */
cg_status cg_idx_read_array(cg_array *array, cg_source *in, cg_array_check *check);

#endif
