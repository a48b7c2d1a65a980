/* The ranks of a run by MPI, from their beginning to their end. */
#include "base/argument.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "ranks/exchange_mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 30 }; /* bytes */

const char *cg_ranks_library(void)
{
    static _Thread_local char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    if (MPI_Get_library_version(text, &length) != MPI_SUCCESS)
        snprintf(text, sizeof text, "MPI");
    text[strcspn(text, "\n")] = '\0';
    return text;
}

size_t cg_ranks_count(const cg_ranks *ranks)
{
    return ranks ? (size_t)ranks->count : 1;
}

size_t cg_ranks_mine(const cg_ranks *ranks)
{
    return ranks ? (size_t)ranks->mine : 0;
}

void cg_ranks_set_limits(cg_ranks *ranks, size_t piece, double silence, double grace)
{
    if (!ranks)
        return;
    ranks->piece = piece;
    cg_heartbeat_set_limits(ranks->heartbeat, silence, grace);
}

cg_status cg_ranks_gather_texts(cg_ranks *ranks, cg_ranks_text texts[], const char *mine)
{
    cg_status status;
    size_t *bytes = NULL;
    const size_t count = cg_ranks_count(ranks);
    CG_TRY(cg_memory_create(&bytes, count, sizeof *bytes));
    for (size_t r = 0; r < count; r++)
        bytes[r] = sizeof *texts;
    texts[cg_ranks_mine(ranks)] = (cg_ranks_text){""};
    snprintf(texts[cg_ranks_mine(ranks)].text, CG_RANKS_TEXT, "%s", mine);
    CG_TRY(cg_ranks_gather(ranks, texts, bytes));
done:
    free(bytes);
    return status;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void log_as(const cg_ranks *ranks)
{
    char prefix[32];
    if (ranks->mine == 0)
        return;
    snprintf(prefix, sizeof prefix, "rank %d: ", ranks->mine);
    cg_log_set_prefix(prefix);
    if (cg_log_get_level() == CG_LOG_INFO)
        cg_log_set_level(CG_LOG_WARNING);
}

static cg_status gather_hosts(cg_ranks *ranks)
{
    char own[CG_RANKS_TEXT];
    cg_status status;
    CG_TRY(cg_memory_create(&ranks->hosts, (size_t)ranks->count, sizeof *ranks->hosts));
    cg_platform_host_name(own, sizeof own);
    CG_TRY(cg_ranks_gather_texts(ranks, ranks->hosts, own));
done:
    return status;
}

static cg_status connect_ranks(cg_ranks *ranks, bool threads)
{
    cg_status status;
    ranks->talk = ranks->beat = MPI_COMM_NULL;
    CG_TRY(cg_ranks_check(ranks, MPI_Comm_dup(MPI_COMM_WORLD, &ranks->talk), "MPI_Comm_dup()"));
    CG_TRY(cg_ranks_check(ranks, MPI_Comm_dup(MPI_COMM_WORLD, &ranks->beat), "MPI_Comm_dup()"));
    CG_TRY(gather_hosts(ranks));
    if (threads)
        CG_TRY(cg_heartbeat_start(&ranks->heartbeat, ranks->beat, ranks->hosts));
    else
        cg_log(CG_LOG_DEBUG,
               "this MPI serves one thread alone: a host that vanishes is not noticed");
done:
    return status;
}

/* `started`: what the launcher said of this process. *ranks stays NULL where MPI says that it is
 * alone, which a launcher that tells no count may mean. */
static cg_status open_started(cg_ranks **ranks, const cg_rank *started)
{
    cg_status status;
    cg_ranks *r = NULL;
    int granted;
    CG_TRY(cg_memory_create(&r, 1, sizeof *r));
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &granted) != MPI_SUCCESS)
        CG_TRY(cg_fail(CG_ERR_RANK, "MPI_Init_thread() fails"));
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &r->mine);
    MPI_Comm_size(MPI_COMM_WORLD, &r->count);
    r->piece = PIECE;
    if (started->count && (size_t)r->count != started->count)
        CG_TRY(cg_fail(CG_ERR_ARGUMENT,
                       "the launcher started %zu ranks, and MPI knows of %d: use the mpirun of the "
                       "MPI that clgan was built with, or srun with --mpi=pmix",
                       started->count, r->count));
    if (r->count == 1) {
        MPI_Finalize();
        free(r);
        return CG_OK;
    }
    log_as(r);
    CG_TRY(connect_ranks(r, granted == MPI_THREAD_MULTIPLE));
    *ranks = r;
    return CG_OK;
done:
    if (r)
        free(r->hosts);
    free(r);
    return status;
}

cg_status cg_ranks_open(cg_ranks **ranks)
{
    cg_rank started;
    CG_NEED(ranks);
    *ranks = NULL;
    return cg_rank_find(&started) ? open_started(ranks, &started) : CG_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

/* MPI_Finalize() spins until all are there: they meet before. */
static void end_together(cg_ranks *ranks)
{
    MPI_Request request = MPI_REQUEST_NULL;
    cg_status status = cg_ranks_check(ranks, MPI_Ibarrier(ranks->talk, &request), "MPI_Ibarrier()");
    if (status == CG_OK)
        status = cg_ranks_wait(ranks, &request, 1);
    if (status != CG_OK)
        cg_heartbeat_end_process(ranks->heartbeat, cg_exit_status(status));
    cg_heartbeat_stop(ranks->heartbeat);
    MPI_Comm_free(&ranks->beat);
    MPI_Comm_free(&ranks->talk);
    MPI_Finalize();
    free(ranks->hosts);
    free(ranks);
}

void cg_ranks_close(cg_ranks *ranks, cg_status status)
{
    if (!ranks)
        return;
    if (status == CG_OK || status == CG_ERR_STOPPED || status == CG_ERR_COLLAPSED) {
        end_together(ranks);
        return;
    }
    cg_ranks_abort(ranks, cg_exit_status(status));
}

void cg_ranks_abort(cg_ranks *ranks, int exit_status)
{
    if (!ranks)
        return;
    cg_heartbeat_tell_end(ranks->heartbeat, exit_status);
    cg_heartbeat_end_process(ranks->heartbeat, exit_status);
}

int cg_ranks_failure(const cg_ranks *ranks)
{
    return ranks ? cg_heartbeat_failure(ranks->heartbeat) : 0;
}
