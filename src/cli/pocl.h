/* The environment of PoCL, where operating systems differ: CMake compiles pocl_posix.c or
 * pocl_windows.c. It counts where it is set before anything asks for devices. */
#ifndef CLGAN_CLI_POCL_H
#define CLGAN_CLI_POCL_H

#include <stddef.h>

/* PoCL's threads may share a core in short runs unless each is bound to its own. PoCL binds its
 * i-th thread to processor i, and ends the process where it may not. Binding is right only where
 * every processor is ours and no thread is left over: there this sets POCL_AFFINITY, unless the
 * user has. With several ranks on this machine, `ranks` of them, none is bound, and each rank has
 * its part of the processors as threads, unless the user has said how many. */
void cg_pocl_set_threads(size_t ranks);

/* Takes back what that has set, before this process starts others that share the processors: they
 * would inherit it, and each bind its first thread to processor 0. */
void cg_pocl_unset_threads(void);

/* PoCL lists no device where it cannot write its folder of compiled kernels: then this sets
 * POCL_CACHE_DIR to one of the user's own among the temporary files. */
void cg_pocl_find_cache(void);

#endif
