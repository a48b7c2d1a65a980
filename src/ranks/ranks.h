/* The processes of one run, which exchange bytes of host memory by MPI.
 *
 *     cg_ranks *ranks;
 *     status = cg_ranks_open(&ranks);
 *     ...
 *     status = cg_ranks_share(ranks, &order, sizeof order);
 *     ...
 *     cg_ranks_close(ranks, status);
 *
 * NULL stands for one process alone, everywhere: count 1, rank 0, and nothing to exchange. All
 * ranks make the same calls, in the same order, with sizes that fit each other. A call that waits
 * sleeps meanwhile and takes next to no time of a processor, however long it waits; but when
 * another rank ended, failed, or was not heard of for CG_RANKS_SILENCE seconds, it returns
 * CG_ERR_RANK. Then, and after any other error of a rank, there is only cg_ranks_close() left.
 *
 * Threads: one thread at a time. The files *_mpi.c alone know MPI; without_mpi.c takes their place
 * in a build without it. */
#ifndef CLGAN_RANKS_RANKS_H
#define CLGAN_RANKS_RANKS_H

#include <clgan/ranks.h>
#include <clgan/status.h>
#include <stddef.h>

typedef struct cg_ranks cg_ranks;

/* An exchange that was begun and not ended. */
typedef struct cg_exchange cg_exchange;

enum {
    CG_RANKS_SILENCE = 20, /* seconds without a sign of life after which a rank counts as gone */
    CG_RANKS_GRACE = 4,    /* seconds that a rank has to end itself when another one is gone   */
};

/* *ranks = the ranks of this run, all of which make this call; NULL where the process was not
 * started as one of several (cg_rank_find). MPI is not touched then. Ranks other than 0 log no more
 * than warnings from here on, unless CG_LOG_DEBUG is on, and their lines begin with "rank 1: ".
 * CG_ERR_ARGUMENT, logged, in a build without MPI, and where the launcher started more processes
 * than its MPI is aware of; CG_ERR_RANK, CG_ERR_MEMORY. *ranks is NULL then. */
cg_status cg_ranks_open(cg_ranks **ranks);

/* At least 1; below the count. */
size_t cg_ranks_count(const cg_ranks *ranks);
size_t cg_ranks_mine(const cg_ranks *ranks);

/* data [bytes]: rank 0's become everybody's. CG_ERR_RANK. */
cg_status cg_ranks_share(cg_ranks *ranks, void *data, size_t bytes);

/* all [sum of bytes]: the ranks' blocks one behind the other, block r of bytes[r] bytes, which may
 * be 0. A rank has written its own; afterwards all have all. bytes [count] is the same everywhere.
 * CG_ERR_RANK, CG_ERR_MEMORY. */
cg_status cg_ranks_gather(cg_ranks *ranks, void *all, const size_t bytes[]);

/* received [sum of from], sent [sum of to]: blocks in the ranks' order, the rank's own among them.
 * Block r of `received`, from[r] bytes, = the block for this rank of what rank r sent, so that its
 * to[mine] is the same. 0 is a size; the arrays do not overlap. CG_ERR_RANK, CG_ERR_MEMORY. */
cg_status cg_ranks_exchange(cg_ranks *ranks, void *received, const size_t from[], const void *sent,
                            const size_t to[]);

/* The same in two halves: bytes travel while the caller computes. Both arrays of bytes, not those
 * of sizes, stay as they are until the end; several exchanges may be under way, and are ended in
 * any order. *exchange is NULL where nothing is, which cg_ranks_end_exchange() takes, too. */
cg_status cg_ranks_begin_exchange(cg_ranks *ranks, cg_exchange **exchange, void *received,
                                  const size_t from[], const void *sent, const size_t to[]);

/* Waits for the end. *exchange is NULL afterwards, whatever the status. CG_ERR_RANK. */
cg_status cg_ranks_end_exchange(cg_ranks *ranks, cg_exchange **exchange);

/* Gives one up, after an error of this rank: waits a second at most until nothing uses its arrays
 * any more. *exchange is NULL afterwards. */
void cg_ranks_drop_exchange(cg_ranks *ranks, cg_exchange **exchange);

enum { CG_RANKS_TEXT = 256 };

typedef struct cg_ranks_text {
    char text[CG_RANKS_TEXT];
} cg_ranks_text;

/* texts [count] = what each rank gives, cut where it is longer. CG_ERR_RANK, CG_ERR_MEMORY. */
cg_status cg_ranks_gather_texts(cg_ranks *ranks, cg_ranks_text texts[], const char *mine);

enum { CG_RANKS_DEVICE = 1024 };

/* own = the part of a --device that is for rank `mine` of `count`, as cg_device_select() takes it;
 * "" for NULL:
 *
 *     rank:0=A,B,1=C   A or else B for rank 0, C for rank 1
 *     A,B              of two ranks, A for rank 0 and B for rank 1; exclusions are for both
 *     other lists      the whole, for each rank
 *
 * CG_ERR_ARGUMENT, logged, for a rank that there is not, a rank without a device, and more bytes
 * than there is room for. */
cg_status cg_ranks_take_device(char own[CG_RANKS_DEVICE], const char *selector, size_t mine,
                               size_t count);

/* CG_OK, and what a training ends with when its state was saved (CG_ERR_STOPPED, CG_ERR_COLLAPSED):
 * waits until all ranks call it, and they end well together. Any other status ends all of them,
 * the launcher with the status' exit status or that of the rank that failed first, and does not
 * return: it writes what stands in C streams and removes files that are not finished. */
void cg_ranks_close(cg_ranks *ranks, cg_status status);

/* Ends all ranks with the exit status, as cg_ranks_close() does after an error; returns for NULL
 * alone. Ranks other than 0 give rank 0 a moment to say what follows. */
void cg_ranks_abort(cg_ranks *ranks, int exit_status);

/* The exit status that another rank told when it ended, or that is due to one that was not heard of
 * any more; 0: none has. */
int cg_ranks_failure(const cg_ranks *ranks);

/* For tests: messages are cut into pieces of this many bytes, at least 1, and silence and grace are
 * this many seconds. */
void cg_ranks_set_limits(cg_ranks *ranks, size_t piece, double silence, double grace);

#endif
