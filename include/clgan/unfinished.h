/* Files that are being written, for a program that ends at once.
 *
 * The library writes a file beside its target and renames it when it is whole, so that nobody ever
 * reads a part. A program that ends in the midst of that takes the part away first:
 *
 *     cg_unfinished_remove();
 *     _exit(130);
 *
 * Threads: any thread may call it, but no signal handler.
 */
#ifndef CLGAN_UNFINISHED_H
#define CLGAN_UNFINISHED_H

#include <clgan/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Removes the temporary files of this process. From then on no file is begun or finished: threads
 * that try wait until the process ends. */
CG_API void cg_unfinished_remove(void);

#ifdef __cplusplus
}
#endif
#endif
