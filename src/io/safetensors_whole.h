/* Inside the library: cg_safetensors_is_whole(), which says why it cannot tell. */
#ifndef CLGAN_IO_SAFETENSORS_WHOLE_H
#define CLGAN_IO_SAFETENSORS_WHOLE_H

#include <clgan/status.h>
#include <stdbool.h>

/* *whole = the file is there and has the size that its header asks for. CG_ERR_READ where the
 * system does not let it be read, CG_ERR_MEMORY, logged. */
cg_status cg_safetensors_check_whole(bool *whole, const char *path);

#endif
