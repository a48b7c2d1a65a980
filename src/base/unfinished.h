/* The list of temporary files that are being written, from which clgan/unfinished.h removes them.
 * Any thread may call these. */
#ifndef CLGAN_BASE_UNFINISHED_H
#define CLGAN_BASE_UNFINISHED_H

#include <clgan/unfinished.h>

/* Opens a new file as cg_platform_open() does with CG_OPEN_NEW, and enters it into the list. */
int cg_unfinished_open(const char *path);

/* Takes it from the list again, once it is renamed or removed. */
void cg_unfinished_forget(const char *path);

#endif
