/* The files of ranks by MPI share this: the ranks themselves, and waiting for MPI. */
#ifndef CLGAN_RANKS_EXCHANGE_MPI_H
#define CLGAN_RANKS_EXCHANGE_MPI_H

#include "ranks/heartbeat_mpi.h"
#include "ranks/ranks.h"

#include <mpi.h>

struct cg_ranks {
    int mine, count;
    MPI_Comm talk, beat;
    size_t piece; /* bytes of a message, at most: MPI counts them in an int */
    cg_ranks_text *hosts;
    cg_heartbeat *heartbeat; /* NULL where MPI serves one thread alone */
};

/* CG_OK for MPI_SUCCESS; else CG_ERR_RANK, with a sentence about the call and what MPI said of it,
 * unless the end of another rank was told already. */
cg_status cg_ranks_check(const cg_ranks *ranks, int error, const char *call);

/* Sleeps until all requests have arrived. CG_ERR_RANK where one fails or another rank ended. */
cg_status cg_ranks_wait(cg_ranks *ranks, MPI_Request *requests, int count);

#endif
