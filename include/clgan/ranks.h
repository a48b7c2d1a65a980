/* A process may be one of several that mpirun, srun or their like started together. Each of them is
 * a rank: one process with one device.
 *
 *     cg_rank rank;
 *     if (cg_rank_find(&rank) && rank.mine > 0)
 *         printf("rank %zu of %zu\n", rank.mine, rank.count);
 *
 * Threads: any thread may call these, the first one while none changes the environment.
 */
#ifndef CLGAN_RANKS_H
#define CLGAN_RANKS_H

#include <clgan/status.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cg_rank {
    size_t mine;  /* from 0; rank 0 writes the files and tells what goes on          */
    size_t count; /* of all ranks; 0: only MPI knows                                 */
    size_t local; /* how many of them are on this machine, at least 1; 1: not known  */
} cg_rank;

/* True when the process was started as one of several; *rank, which is rank 0 of one otherwise,
 * then says which. Reads the variables that launchers set (Open MPI, MPICH and others with Hydra,
 * Slurm, PMIx), and starts nothing. */
CG_API bool cg_rank_find(cg_rank *rank);

/* The name and version, on one line, of the MPI that the library was built with: "Open MPI v4.1.4,
 * ..."; NULL in a build without MPI, where no ranks can train together. */
CG_API const char *cg_ranks_library(void);

/* Ends this process, in the midst of a cg_train() on several ranks, and the other ranks. All of
 * them, and what started them, have the exit status, and say nothing. Returns where this process
 * is no such rank. For a thread that takes signals. */
CG_API void cg_ranks_end(int exit_status);

/* True when another rank of this process's training has ended, or is about to: then this process
 * ends, too, and what it might say has been said. */
CG_API bool cg_ranks_are_ending(void);

#ifdef __cplusplus
}
#endif
#endif
