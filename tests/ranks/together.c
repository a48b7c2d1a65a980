/* tests/ranks/together.sh starts several of this program at once: `ranks_together CASE`. */
#include "base/platform.h"
#include "ranks/ranks.h"

#include <clgan/log.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RANKS_MAX = 8, ROOM = 1 << 22 };

static cg_ranks *ranks;
static size_t count, mine;
static unsigned char sent[ROOM], received[ROOM];

static void need_at(bool right, int line, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "rank %zu: line %d: %s\n", mine, line, what);
    cg_ranks_close(ranks, CG_ERR_SHAPE);
    exit(1);
}

#define NEED(right) need_at(right, __LINE__, #right)

/* Blocks from rank to rank are of very different sizes, some of none. */
static size_t size_between(size_t from, size_t to, size_t scale)
{
    static const size_t sizes[] = {0, 1, 3, 0, 200, 7, 64};
    return sizes[(3 * from + 5 * to) % 7] * scale;
}

static unsigned char byte_between(size_t from, size_t to, size_t i)
{
    return (unsigned char)(31 * from + 17 * to + 7 * i + i / 251);
}

/* An exchange has sizes, and a place in both arrays where its blocks begin. */
typedef struct trial {
    size_t from[RANKS_MAX], to[RANKS_MAX], scale, at_sent, at_received;
    cg_exchange *exchange;
} trial;

static void prepare(trial *t, size_t scale, size_t at)
{
    *t = (trial){.scale = scale, .at_sent = at, .at_received = at};
    size_t out = at;
    for (size_t r = 0; r < count; r++) {
        t->from[r] = size_between(r, mine, scale);
        t->to[r] = size_between(mine, r, scale);
        for (size_t i = 0; i < t->to[r]; i++)
            sent[out++] = byte_between(mine, r, i);
    }
    NEED(out <= ROOM);
}

static void check(const trial *t)
{
    size_t in = t->at_received;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < t->from[r]; i++)
            NEED(received[in++] == byte_between(r, mine, i));
}

static void try_exchange(void)
{
    static const size_t scales[] = {1, 50, 3000};
    for (size_t s = 0; s < 3; s++) {
        trial t;
        prepare(&t, scales[s], 0);
        memset(received, 0xA5, sizeof received);
        NEED(cg_ranks_exchange(ranks, received, t.from, sent, t.to) == CG_OK);
        check(&t);
    }
}

/* Two under way at once, ended in the other order, with other calls between. */
static void try_halves(void)
{
    trial a, b;
    int word = mine == 0 ? 4711 : 0;
    prepare(&a, 2000, 0);
    prepare(&b, 9, ROOM / 2);
    memset(received, 0xA5, sizeof received);
    NEED(cg_ranks_begin_exchange(ranks, &a.exchange, received, a.from, sent, a.to) == CG_OK);
    NEED(cg_ranks_begin_exchange(ranks, &b.exchange, received + ROOM / 2, b.from, sent + ROOM / 2,
                                 b.to) == CG_OK);
    NEED(cg_ranks_share(ranks, &word, sizeof word) == CG_OK && word == 4711);
    NEED(cg_ranks_end_exchange(ranks, &b.exchange) == CG_OK && !b.exchange);
    check(&b);
    NEED(cg_ranks_end_exchange(ranks, &a.exchange) == CG_OK && !a.exchange);
    check(&a);
    NEED(cg_ranks_end_exchange(ranks, &a.exchange) == CG_OK);
}

static void try_gather(size_t scale)
{
    size_t bytes[RANKS_MAX], at = 0;
    memset(received, 0xA5, sizeof received);
    for (size_t r = 0; r < count; r++) {
        bytes[r] = size_between(r, 0, scale);
        for (size_t i = 0; r == mine && i < bytes[r]; i++)
            received[at + i] = byte_between(r, 0, i);
        at += bytes[r];
    }
    NEED(cg_ranks_gather(ranks, received, bytes) == CG_OK);
    at = 0;
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < bytes[r]; i++)
            NEED(received[at++] == byte_between(r, 0, i));
}

static void try_texts(void)
{
    cg_ranks_text texts[RANKS_MAX];
    char text[300], wanted[32];
    memset(text, 'y', sizeof text);
    int end = snprintf(text, sizeof text, "rank %zu", mine);
    text[sizeof text - 1] = '\0';
    if (mine) /* others than rank 0 give more than there is room for */
        text[end] = 'y';
    NEED(cg_ranks_gather_texts(ranks, texts, text) == CG_OK);
    for (size_t r = 0; r < count; r++) {
        snprintf(wanted, sizeof wanted, "rank %zu", r);
        NEED(strncmp(texts[r].text, wanted, strlen(wanted)) == 0);
        NEED(strlen(texts[r].text) == (r ? CG_RANKS_TEXT - 1 : strlen(wanted)));
    }
}

static void try_share(size_t bytes)
{
    memset(received, 0xA5, sizeof received);
    for (size_t i = 0; mine == 0 && i < bytes; i++)
        received[i] = byte_between(0, 0, i);
    NEED(cg_ranks_share(ranks, received, bytes) == CG_OK);
    for (size_t i = 0; i < bytes; i++)
        NEED(received[i] == byte_between(0, 0, i));
    NEED(received[bytes] == 0xA5);
}

static void run_exchange(void)
{
    NEED(cg_ranks_share(ranks, NULL, 0) == CG_OK);
    for (int round = 0; round < 2; round++) {
        try_share(1000003);
        try_gather(1);
        try_gather(1000);
        try_texts();
        try_exchange();
        try_halves();
        cg_ranks_set_limits(ranks, 977, CG_RANKS_SILENCE, CG_RANKS_GRACE); /* cut into pieces */
    }
    cg_log(CG_LOG_INFO, "all is right");
    cg_log(CG_LOG_WARNING, "%zu ranks", count);
}

/* Rank 0 is late: the others' time of the processor stays far below what they waited for. */
static void run_wait(void)
{
    const double seconds = 2;
    int order = 0;
    clock_t before = clock();
    if (mine == 0)
        cg_platform_sleep(seconds);
    NEED(cg_ranks_share(ranks, &order, sizeof order) == CG_OK);
    double used = (double)(clock() - before) / CLOCKS_PER_SEC;
    fprintf(stderr, "rank %zu waited %g s and used %.4f s of a processor\n", mine, seconds, used);
    NEED(used < 0.25 * seconds);
}

/* The last rank goes, by a signal that it sends to itself; the others wait for its part. */
static void run_signal(int signal_number)
{
    int order = 0;
    size_t bytes[RANKS_MAX] = {0};
    cg_ranks_set_limits(ranks, ROOM, 2, 1);
    NEED(cg_ranks_share(ranks, &order, sizeof order) == CG_OK);
    if (mine == count - 1)
        raise(signal_number);
    for (size_t r = 0; r < count; r++)
        bytes[r] = 8;
    cg_status status = cg_ranks_gather(ranks, received, bytes);
    fprintf(stderr, "rank %zu: gathering is %s\n", mine, cg_status_name(status));
    cg_ranks_close(ranks, status);
}

/* One fails, while the others wait, or compute and never ask. */
static void run_fail(bool compute)
{
    int order = 0;
    cg_ranks_set_limits(ranks, ROOM, CG_RANKS_SILENCE, 1);
    if (mine == count - 1)
        cg_ranks_close(ranks, cg_fail(CG_ERR_WRONG, "this device computes wrong results"));
    if (compute)
        cg_platform_sleep(60);
    if (mine == 0)
        cg_platform_sleep(1);
    cg_status status = cg_ranks_share(ranks, &order, sizeof order);
    if (status == CG_OK && mine == 0) {
        size_t bytes[RANKS_MAX] = {[0] = 1, [RANKS_MAX - 1] = 0};
        bytes[count - 1] = 1;
        status = cg_ranks_gather(ranks, received, bytes);
    }
    cg_ranks_close(ranks, status);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    cg_rank rank;
    if (cg_ranks_open(&ranks) != CG_OK)
        return 2;
    count = cg_ranks_count(ranks);
    mine = cg_ranks_mine(ranks);
    NEED(cg_rank_find(&rank) == (count > 1) && rank.mine == mine && rank.count == count);
    if (strcmp(name, "exchange") == 0)
        run_exchange();
    else if (strcmp(name, "wait") == 0)
        run_wait();
    else if (strcmp(name, "killed") == 0)
        run_signal(SIGKILL);
    else if (strcmp(name, "silent") == 0)
        run_signal(SIGSTOP);
    else if (strcmp(name, "fails") == 0 || strcmp(name, "fails-late") == 0)
        run_fail(name[5] != 0);
    else
        return 2;
    cg_ranks_close(ranks, CG_OK);
    return 0;
}
