/* The ranks of a build without MPI: one process alone. */
#include "base/argument.h"
#include "ranks/ranks.h"

#include <stdio.h>
#include <string.h>

const char *cg_ranks_library(void)
{
    return NULL;
}

void cg_ranks_end(int exit_status)
{
    (void)exit_status;
}

bool cg_ranks_are_ending(void)
{
    return false;
}

cg_status cg_ranks_open(cg_ranks **ranks)
{
    cg_rank rank;
    CG_NEED(ranks);
    *ranks = NULL;
    if (!cg_rank_find(&rank))
        return CG_OK;
    return cg_fail(CG_ERR_ARGUMENT, "this clgan was started as one of several ranks, and was built "
                                    "without MPI: build it with -DCLGAN_MPI=ON, or start it alone");
}

size_t cg_ranks_count(const cg_ranks *ranks)
{
    (void)ranks;
    return 1;
}

size_t cg_ranks_mine(const cg_ranks *ranks)
{
    (void)ranks;
    return 0;
}

cg_status cg_ranks_share(cg_ranks *ranks, void *data, size_t bytes)
{
    (void)ranks;
    (void)data;
    (void)bytes;
    return CG_OK;
}

cg_status cg_ranks_gather(cg_ranks *ranks, void *all, const size_t bytes[])
{
    (void)ranks;
    (void)all;
    (void)bytes;
    return CG_OK;
}

cg_status cg_ranks_gather_texts(cg_ranks *ranks, cg_ranks_text texts[], const char *mine)
{
    (void)ranks;
    snprintf(texts[0].text, CG_RANKS_TEXT, "%s", mine);
    return CG_OK;
}

cg_status cg_ranks_exchange(cg_ranks *ranks, void *received, const size_t from[], const void *sent,
                            const size_t to[])
{
    (void)ranks;
    (void)to;
    if (from[0])
        memcpy(received, sent, from[0]);
    return CG_OK;
}

cg_status cg_ranks_begin_exchange(cg_ranks *ranks, cg_exchange **exchange, void *received,
                                  const size_t from[], const void *sent, const size_t to[])
{
    *exchange = NULL;
    return cg_ranks_exchange(ranks, received, from, sent, to);
}

void cg_ranks_drop_exchange(cg_ranks *ranks, cg_exchange **exchange)
{
    (void)ranks;
    *exchange = NULL;
}

cg_status cg_ranks_end_exchange(cg_ranks *ranks, cg_exchange **exchange)
{
    (void)ranks;
    *exchange = NULL;
    return CG_OK;
}

void cg_ranks_close(cg_ranks *ranks, cg_status status)
{
    (void)ranks;
    (void)status;
}

void cg_ranks_abort(cg_ranks *ranks, int exit_status)
{
    (void)ranks;
    (void)exit_status;
}

int cg_ranks_failure(const cg_ranks *ranks)
{
    (void)ranks;
    return 0;
}

void cg_ranks_set_limits(cg_ranks *ranks, size_t piece, double silence, double grace)
{
    (void)ranks;
    (void)piece;
    (void)silence;
    (void)grace;
}
