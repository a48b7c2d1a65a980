/* Exchanges of bytes by MPI. All calls are those that do not wait: the waiting is done here,
 * asleep, since MPI's own spins on a core that a device of the processor's kind computes on. */
#include "ranks/exchange_mpi.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "base/waiting.h"

#include <stdlib.h>
#include <string.h>

struct cg_exchange {
    MPI_Request *requests;
    int count;
    bool *receives;
};

/* ---- waiting --------------------------------------------------------------------------------- */

cg_status cg_ranks_check(const cg_ranks *ranks, int error, const char *call)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;
    if (error == MPI_SUCCESS)
        return CG_OK;
    if (cg_heartbeat_has_failed(ranks->heartbeat))
        return CG_ERR_RANK; /* which was told */
    MPI_Error_string(error, text, &length);
    return cg_fail(CG_ERR_RANK, "%s fails, so that this run ends: %s", call, text);
}

/* Sleeps for a share of the time that it has waited by now: what comes soon is taken soon, and
 * what takes long costs nothing. */
static void doze(double waited)
{
    const double shortest = 2e-5, longest = 1e-3, share = 1.0 / 16;
    double nap = share * waited;
    cg_platform_sleep(nap < shortest ? shortest : nap > longest ? longest : nap);
}

/* *done = all have arrived; *first = the first that has not. A look at one moves all. */
static cg_status look(cg_ranks *ranks, MPI_Request *requests, int count, int *first, bool *done)
{
    for (int arrived = 1; *first < count; *first += arrived) {
        cg_status status =
            cg_ranks_check(ranks, MPI_Test(&requests[*first], &arrived, MPI_STATUS_IGNORE),
                           "exchanging data with the other ranks");
        if (status != CG_OK || !arrived)
            return status;
    }
    *done = true;
    return CG_OK;
}

cg_status cg_ranks_wait(cg_ranks *ranks, MPI_Request *requests, int count)
{
    const double since = cg_platform_clock();
    cg_status status = CG_OK;
    cg_wait wait;
    int first = 0;
    bool done = false;
    /* Others may rightly wait for long: for rank 0's next order. */
    if (ranks->mine == 0)
        cg_wait_begin(&wait, CG_WAIT_USUAL, "waiting for the other ranks");
    while (!done && status == CG_OK) {
        status = look(ranks, requests, count, &first, &done);
        if (!done && status == CG_OK && cg_heartbeat_has_failed(ranks->heartbeat))
            status = CG_ERR_RANK;
        if (!done && status == CG_OK)
            doze(cg_platform_clock() - since);
    }
    if (ranks->mine == 0)
        cg_wait_end(&wait);
    return status;
}

/* ---- exchanges ------------------------------------------------------------------------------- */

/* An exchange is asked for this. `same`: all ranks get the same bytes, from[mine] of them, and
 * there is no `to`. */
typedef struct plan {
    char *in;
    const char *out;
    const size_t *from, *to;
    bool same;
} plan;

static size_t sum_of(const size_t sizes[], int count)
{
    size_t sum = 0;
    for (int r = 0; r < count; r++)
        sum += sizes[r];
    return sum;
}

static size_t bytes_to(const plan *p, int rank, int mine)
{
    return p->same ? p->from[mine] : rank == mine ? 0 : p->to[rank];
}

static size_t count_pieces(const cg_ranks *ranks, const plan *p)
{
    size_t count = 0;
    for (int r = 0; r < ranks->count; r++)
        if (r != ranks->mine)
            count += cg_ceil_div(p->from[r], ranks->piece) +
                     cg_ceil_div(bytes_to(p, r, ranks->mine), ranks->piece);
    return count;
}

static cg_status post_receive(cg_ranks *ranks, cg_exchange *e, char *in, size_t bytes, int rank)
{
    cg_status status = CG_OK;
    for (size_t size; bytes && status == CG_OK; bytes -= size, in += size) {
        size = bytes < ranks->piece ? bytes : ranks->piece;
        e->receives[e->count] = true;
        status = cg_ranks_check(
            ranks,
            MPI_Irecv(in, (int)size, MPI_BYTE, rank, 0, ranks->talk, &e->requests[e->count++]),
            "receiving from another rank");
    }
    return status;
}

static cg_status post_send(cg_ranks *ranks, cg_exchange *e, const char *out, size_t bytes, int rank)
{
    cg_status status = CG_OK;
    for (size_t size; bytes && status == CG_OK; bytes -= size, out += size) {
        size = bytes < ranks->piece ? bytes : ranks->piece;
        status = cg_ranks_check(
            ranks,
            MPI_Isend(out, (int)size, MPI_BYTE, rank, 0, ranks->talk, &e->requests[e->count++]),
            "sending to another rank");
    }
    return status;
}

/* Receives first, and the ranks behind this one before those in front of it, so that not all send
 * to the same rank at once. */
static cg_status post(cg_ranks *ranks, cg_exchange *e, const plan *p)
{
    cg_status status = CG_OK;
    for (int i = 1; i < ranks->count && status == CG_OK; i++) {
        int r = (ranks->mine + ranks->count - i) % ranks->count;
        status = post_receive(ranks, e, p->in + sum_of(p->from, r), p->from[r], r);
    }
    for (int i = 1; i < ranks->count && status == CG_OK; i++) {
        int r = (ranks->mine + i) % ranks->count;
        const char *out = p->same ? p->out : p->out + sum_of(p->to, r);
        status = post_send(ranks, e, out, bytes_to(p, r, ranks->mine), r);
    }
    return status;
}

static bool has_ended(cg_exchange *e)
{
    bool all = true;
    for (int i = 0; i < e->count; i++) {
        int ended = 1;
        if (e->requests[i] != MPI_REQUEST_NULL)
            MPI_Test(&e->requests[i], &ended, MPI_STATUS_IGNORE);
        all = all && ended;
    }
    return all;
}

/* Gives an exchange up whose run is about to end. A request that is cancelled ends soon, or its
 * bytes arrive: a moment is left for that, and for what is sent, before the arrays may go. */
static void cancel(cg_exchange *e)
{
    const double moment = 1, nap = 1e-3; /* seconds */
    const double since = cg_platform_clock();
    for (int i = 0; i < e->count; i++)
        if (e->receives[i] && e->requests[i] != MPI_REQUEST_NULL)
            MPI_Cancel(&e->requests[i]);
    while (!has_ended(e) && cg_platform_clock() - since < moment)
        cg_platform_sleep(nap);
}

static void release(cg_exchange *e)
{
    if (e) {
        free(e->requests);
        free(e->receives);
    }
    free(e);
}

static cg_status begin(cg_ranks *ranks, cg_exchange **exchange, const plan *p)
{
    cg_status status;
    cg_exchange *e = NULL;
    const size_t count = count_pieces(ranks, p);
    *exchange = NULL;
    if (cg_heartbeat_has_failed(ranks->heartbeat))
        return CG_ERR_RANK;
    CG_TRY(cg_memory_create(&e, 1, sizeof *e));
    CG_TRY(cg_memory_create(&e->requests, count + 1, sizeof *e->requests));
    CG_TRY(cg_memory_create(&e->receives, count + 1, sizeof *e->receives));
    CG_TRY(post(ranks, e, p));
    cg_heartbeat_count_exchange(ranks->heartbeat, 1);
    *exchange = e;
    return CG_OK;
done:
    if (e && e->receives)
        cancel(e);
    release(e);
    return status;
}

void cg_ranks_drop_exchange(cg_ranks *ranks, cg_exchange **exchange)
{
    if (!*exchange)
        return;
    cg_heartbeat_count_exchange(ranks->heartbeat, -1);
    cancel(*exchange);
    release(*exchange);
    *exchange = NULL;
}

cg_status cg_ranks_end_exchange(cg_ranks *ranks, cg_exchange **exchange)
{
    cg_exchange *e = *exchange;
    *exchange = NULL;
    if (!e)
        return CG_OK;
    cg_status status = cg_ranks_wait(ranks, e->requests, e->count);
    cg_heartbeat_count_exchange(ranks->heartbeat, -1);
    if (status != CG_OK)
        cancel(e);
    release(e);
    return status;
}

cg_status cg_ranks_begin_exchange(cg_ranks *ranks, cg_exchange **exchange, void *received,
                                  const size_t from[], const void *sent, const size_t to[])
{
    const int mine = ranks ? ranks->mine : 0;
    const plan p = {.in = received, .out = sent, .from = from, .to = to};
    *exchange = NULL;
    if (from[mine])
        memcpy(p.in + sum_of(from, mine), p.out + sum_of(to, mine), from[mine]);
    return ranks ? begin(ranks, exchange, &p) : CG_OK;
}

cg_status cg_ranks_exchange(cg_ranks *ranks, void *received, const size_t from[], const void *sent,
                            const size_t to[])
{
    cg_exchange *exchange;
    cg_status status = cg_ranks_begin_exchange(ranks, &exchange, received, from, sent, to);
    return status == CG_OK ? cg_ranks_end_exchange(ranks, &exchange) : status;
}

cg_status cg_ranks_gather(cg_ranks *ranks, void *all, const size_t bytes[])
{
    cg_exchange *exchange;
    if (!ranks)
        return CG_OK;
    char *own = (char *)all + sum_of(bytes, ranks->mine);
    const plan p = {.in = all, .out = own, .from = bytes, .same = true};
    cg_status status = begin(ranks, &exchange, &p);
    return status == CG_OK ? cg_ranks_end_exchange(ranks, &exchange) : status;
}

cg_status cg_ranks_share(cg_ranks *ranks, void *data, size_t bytes)
{
    cg_status status = CG_OK;
    char *at = data;
    for (size_t size; ranks && bytes && status == CG_OK; bytes -= size, at += size) {
        MPI_Request request = MPI_REQUEST_NULL;
        size = bytes < ranks->piece ? bytes : ranks->piece;
        if (cg_heartbeat_has_failed(ranks->heartbeat))
            return CG_ERR_RANK;
        status =
            cg_ranks_check(ranks, MPI_Ibcast(at, (int)size, MPI_BYTE, 0, ranks->talk, &request),
                           "sharing data with the other ranks");
        if (status == CG_OK)
            status = cg_ranks_wait(ranks, &request, 1);
    }
    return status;
}
