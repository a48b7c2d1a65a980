/* A thread of each rank tells rank 0 each second that the rank is alive, and rank 0's tells all
 * others. A rank that was silent for too long, or told that it ends, makes the run end. */
#ifndef CLGAN_RANKS_HEARTBEAT_MPI_H
#define CLGAN_RANKS_HEARTBEAT_MPI_H

#include "ranks/ranks.h"

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct cg_heartbeat cg_heartbeat;

/* *heartbeat = a new one over a communicator of its own, which MPI lets several threads use. hosts
 * [ranks]: borrowed. CG_ERR_MEMORY. */
cg_status cg_heartbeat_start(cg_heartbeat **heartbeat, MPI_Comm comm, const cg_ranks_text hosts[]);

/* After at least this many seconds of silence the run has failed; after this many more the process
 * ends, if it has not by itself. */
void cg_heartbeat_set_limits(cg_heartbeat *heartbeat, double silence, double grace);

/* True when another rank ended, which was logged here or there. False for NULL, as is all else. It
 * does not return any more once cg_ranks_end() was called. */
bool cg_heartbeat_has_failed(const cg_heartbeat *heartbeat);

/* The exit status of that end, as it was told; 0: there was none. */
int cg_heartbeat_failure(const cg_heartbeat *heartbeat);

/* +1 and -1: an exchange begins, ends. Meanwhile the thread looks after MPI more often, so that
 * bytes travel while the other thread computes. */
void cg_heartbeat_count_exchange(cg_heartbeat *heartbeat, int change);

/* Tells the others that this rank ends with the exit status, and returns soon; a rank that is not
 * rank 0 later, unless rank 0 ends all meanwhile. */
void cg_heartbeat_tell_end(cg_heartbeat *heartbeat, int exit_status);

/* Ends the thread when all ranks do. Ends the process where another rank does not. */
void cg_heartbeat_stop(cg_heartbeat *heartbeat);

/* Ends this process and, by MPI, all others of the run; the exit status is that of the rank that
 * told its end first, if one did. */
_Noreturn void cg_heartbeat_end_process(cg_heartbeat *heartbeat, int exit_status);

#endif
