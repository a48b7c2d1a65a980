/* The thread alone uses the communicator. It never waits in MPI: a message to a host that has gone
 * would never leave. */
#include "ranks/heartbeat_mpi.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"

#include <clgan/unfinished.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* A message is one of these words, WORD_END with the exit status added to it. */
enum { WORD_ALIVE, WORD_BYE, WORD_END, WORD_NONE = -1 };

static const double beat_seconds = 1;
static const double idle_seconds = 2e-3; /* between two looks at MPI */
static const double busy_seconds = 2e-4; /* likewise, while bytes travel */
static const double late_seconds = 5;    /* a process that stood still for longer listens anew */
static const double tell_seconds = 1;    /* for the word of an end to leave */
/* Another rank than the first to tell waits for so much longer: that one has ended all by then. */
static const double later_seconds = CG_RANKS_GRACE + 2;
static const double word_seconds = 2; /* for rank 0, which has the last word, to end all */
static const double end_seconds = 3;  /* for MPI_Abort(), which may wait for a host that has gone */

typedef struct peer {
    int rank, in, out;
    MPI_Request receive, send;
    int heard_word, sent_word;
    double heard, sent; /* when, on the clock */
} peer;

struct cg_heartbeat {
    MPI_Comm comm;
    int mine;
    const cg_ranks_text *hosts;
    peer *peers;
    size_t count;
    _Atomic double silence, grace; /* seconds */
    double looked, failed_at;      /* on the clock; the thread's own */
    atomic_int word;               /* to be said to all */
    atomic_int exit_status;        /* once failed */
    atomic_int exchanges;
    atomic_bool failed, told, stopped;
    atomic_bool leaving; /* a thread ends the process: no other one goes on */
};

static atomic_flag ending = ATOMIC_FLAG_INIT;

/* A process has one for good, which any thread may ask for at any time. */
static _Atomic(cg_heartbeat *) current;

/* ---- the end of the process ------------------------------------------------------------------ */

static void end_late(void *exit_status)
{
    cg_platform_sleep(end_seconds);
    _Exit(*(int *)exit_status);
}

/* A second caller waits for the first, which does not return. */
void cg_heartbeat_end_process(cg_heartbeat *heartbeat, int exit_status)
{
    static int with;
    while (atomic_flag_test_and_set(&ending))
        cg_platform_sleep(beat_seconds);
    with = heartbeat && atomic_load(&heartbeat->failed) ? atomic_load(&heartbeat->exit_status)
                                                        : exit_status;
    cg_platform_start_thread(end_late, &with);
    cg_unfinished_remove();
    fflush(NULL);
    MPI_Abort(MPI_COMM_WORLD, with);
    _Exit(with);
}

/* The run has failed; the exit status goes to the others, too. */
static void fail(cg_heartbeat *h, int exit_status)
{
    if (atomic_load(&h->failed))
        return;
    h->failed_at = cg_platform_clock();
    atomic_store(&h->exit_status, exit_status);
    atomic_store(&h->word, WORD_END + exit_status);
    atomic_store(&h->failed, true);
}

static void fail_by(cg_heartbeat *h, const peer *p, const char *what)
{
    if (!atomic_load(&h->failed))
        cg_log(CG_LOG_ERROR, "rank %d on %s %s: this run ends; its last checkpoint can be resumed",
               p->rank, h->hosts[p->rank].text, what);
    fail(h, cg_exit_status(CG_ERR_RANK));
}

/* ---- words ----------------------------------------------------------------------------------- */

static void fail_by_mpi(cg_heartbeat *h, const peer *p, int error)
{
    char text[MPI_MAX_ERROR_STRING] = "", what[MPI_MAX_ERROR_STRING + 32];
    int length;
    MPI_Error_string(error, text, &length);
    snprintf(what, sizeof what, "cannot be reached (%s)", text);
    fail_by(h, p, what);
}

static void listen_to(cg_heartbeat *h, peer *p)
{
    int error = MPI_Irecv(&p->in, 1, MPI_INT, p->rank, 0, h->comm, &p->receive);
    if (error != MPI_SUCCESS)
        fail_by_mpi(h, p, error);
}

/* Takes all that has arrived. */
static void hear(cg_heartbeat *h, peer *p, double now)
{
    while (p->heard_word == WORD_ALIVE) {
        int arrived = 0, error = MPI_Test(&p->receive, &arrived, MPI_STATUS_IGNORE);
        if (error != MPI_SUCCESS) {
            fail_by_mpi(h, p, error);
            return;
        }
        if (!arrived)
            return;
        p->heard = now;
        p->heard_word = p->in;
        if (p->in >= WORD_END)
            fail(h, p->in - WORD_END);
        else if (p->in == WORD_ALIVE)
            listen_to(h, p);
    }
}

/* Says what is to be said when that is new, or a second has gone; not while the word before has not
 * left. BYE and the end are said once. */
static void say(cg_heartbeat *h, peer *p, double now)
{
    int left = 1, error = MPI_Test(&p->send, &left, MPI_STATUS_IGNORE);
    int word = atomic_load(&h->word);
    bool due = word != p->sent_word || (word == WORD_ALIVE && now - p->sent >= beat_seconds);
    if (error == MPI_SUCCESS && left && due) {
        p->out = word;
        p->sent_word = word;
        p->sent = now;
        error = MPI_Isend(&p->out, 1, MPI_INT, p->rank, 0, h->comm, &p->send);
    }
    if (error != MPI_SUCCESS)
        fail_by_mpi(h, p, error);
}

/* When rank 0 is silent, all others hear that, and rank 1 is the first to say so. */
static void check_silence(cg_heartbeat *h, const peer *p, double now)
{
    char what[64];
    const double most = h->silence + (h->mine > 1 ? later_seconds : 0);
    if (p->heard_word != WORD_ALIVE || now - p->heard < most)
        return;
    snprintf(what, sizeof what, "has not been heard of for %.0f seconds", now - p->heard);
    fail_by(h, p, what);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* True when the word was said to all and has left; of BYE also when all have said it. */
static bool is_said(cg_heartbeat *h, int word)
{
    for (size_t i = 0; i < h->count; i++) {
        peer *p = &h->peers[i];
        int left = 0;
        if (p->sent_word != word || (word == WORD_BYE && p->heard_word != WORD_BYE) ||
            MPI_Test(&p->send, &left, MPI_STATUS_IGNORE) != MPI_SUCCESS || !left)
            return false;
    }
    return true;
}

static void look(cg_heartbeat *h)
{
    double now = cg_platform_clock();
    bool stood_still = now - h->looked > late_seconds;
    h->looked = now;
    for (size_t i = 0; i < h->count; i++) {
        peer *p = &h->peers[i];
        if (stood_still)
            p->heard = now;
        hear(h, p, now);
        check_silence(h, p, now);
        say(h, p, now);
    }
    int word = atomic_load(&h->word);
    if (word >= WORD_END && is_said(h, word))
        atomic_store(&h->told, true);
    if (atomic_load(&h->failed) && now - h->failed_at > h->grace)
        cg_heartbeat_end_process(h, 1);
}

static void beat(void *heartbeat)
{
    cg_heartbeat *h = heartbeat;
    for (size_t i = 0; i < h->count; i++)
        listen_to(h, &h->peers[i]);
    while (!is_said(h, WORD_BYE)) {
        look(h);
        cg_platform_sleep(atomic_load(&h->exchanges) > 0 ? busy_seconds : idle_seconds);
    }
    atomic_store(&h->stopped, true);
}

/* ---- for the other thread -------------------------------------------------------------------- */

/* Rank 0's peers are all others, theirs is rank 0. */
static void add_peers(cg_heartbeat *h, int mine)
{
    double now = cg_platform_clock();
    for (size_t i = 0; i < h->count; i++)
        h->peers[i] = (peer){.rank = mine ? 0 : (int)i + 1,
                             .receive = MPI_REQUEST_NULL,
                             .send = MPI_REQUEST_NULL,
                             .sent_word = WORD_NONE,
                             .heard = now};
    h->looked = now;
}

cg_status cg_heartbeat_start(cg_heartbeat **heartbeat, MPI_Comm comm, const cg_ranks_text hosts[])
{
    cg_status status;
    int mine, ranks;
    cg_heartbeat *h = NULL;
    *heartbeat = NULL;
    MPI_Comm_rank(comm, &mine);
    MPI_Comm_size(comm, &ranks);
    CG_TRY(cg_memory_create(&h, 1, sizeof *h));
    h->comm = comm;
    h->mine = mine;
    h->hosts = hosts;
    h->count = mine ? 1 : (size_t)ranks - 1;
    h->silence = CG_RANKS_SILENCE;
    h->grace = CG_RANKS_GRACE;
    CG_TRY(cg_memory_create(&h->peers, h->count, sizeof *h->peers));
    add_peers(h, mine);
    if (!cg_platform_start_thread(beat, h))
        CG_TRY(cg_fail(CG_ERR_MEMORY, "no thread can be had for the ranks' heartbeat"));
    *heartbeat = h;
    atomic_store(&current, h);
    return CG_OK;
done:
    if (h)
        free(h->peers);
    free(h);
    return status;
}

void cg_heartbeat_set_limits(cg_heartbeat *heartbeat, double silence, double grace)
{
    if (!heartbeat)
        return;
    heartbeat->silence = silence;
    heartbeat->grace = grace;
}

bool cg_heartbeat_has_failed(const cg_heartbeat *heartbeat)
{
    while (heartbeat && atomic_load(&heartbeat->leaving))
        cg_platform_sleep(beat_seconds);
    return heartbeat && atomic_load(&heartbeat->failed);
}

int cg_heartbeat_failure(const cg_heartbeat *heartbeat)
{
    return cg_heartbeat_has_failed(heartbeat) ? atomic_load(&heartbeat->exit_status) : 0;
}

void cg_heartbeat_count_exchange(cg_heartbeat *heartbeat, int change)
{
    if (heartbeat)
        atomic_fetch_add(&heartbeat->exchanges, change);
}

void cg_heartbeat_tell_end(cg_heartbeat *heartbeat, int exit_status)
{
    if (!heartbeat || atomic_load(&heartbeat->failed))
        return;
    const double until = cg_platform_clock() + tell_seconds;
    atomic_store(&heartbeat->word, WORD_END + exit_status);
    while (!atomic_load(&heartbeat->told) && cg_platform_clock() < until)
        cg_platform_sleep(busy_seconds);
    if (heartbeat->mine)
        cg_platform_sleep(word_seconds);
}

void cg_ranks_end(int exit_status)
{
    cg_heartbeat *h = atomic_load(&current);
    if (!h || atomic_load(&h->stopped))
        return;
    atomic_store(&h->leaving, true);
    cg_heartbeat_tell_end(h, exit_status);
    cg_heartbeat_end_process(h, exit_status);
}

bool cg_ranks_are_ending(void)
{
    return cg_heartbeat_has_failed(atomic_load(&current));
}

void cg_heartbeat_stop(cg_heartbeat *heartbeat)
{
    if (!heartbeat)
        return;
    atomic_store(&heartbeat->word, WORD_BYE);
    while (!atomic_load(&heartbeat->stopped)) {
        if (atomic_load(&heartbeat->failed))
            cg_heartbeat_end_process(heartbeat, 1);
        cg_platform_sleep(busy_seconds);
    }
}
