/* The time that a tuning may take, as its user waits for it: what may still be begun. Knows neither
 * devices nor the system's clock.
 *
 * An attempt that has begun is finished, so the end comes late by one attempt at most. To come late
 * seldom, an attempt is begun only if there is time for one as long as they were on average. */
#ifndef CLGAN_BENCH_BUDGET_H
#define CLGAN_BENCH_BUDGET_H

#include <clgan/status.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct cg_budget {
    double (*clock)(void);             /* seconds since some moment */
    const volatile sig_atomic_t *stop; /* not NULL: once it is not 0, the time is over */
    double end;                        /* by that clock                                */
    double reserve;                    /* seconds before it that are for something else */
} cg_budget;

/* A budget of this many seconds from now, without a reserve. */
cg_budget cg_budget_start(double seconds, double (*clock)(void), const volatile sig_atomic_t *stop);

/* A budget of that share, 0 to 1, of what is left. */
cg_budget cg_budget_share(const cg_budget *budget, double share);

/* Seconds for what is not in reserve; 0 when there are none, or a stop was asked for. */
double cg_budget_left(const cg_budget *budget);

static inline bool cg_budget_is_over(const cg_budget *budget)
{
    return !(cg_budget_left(budget) > 0);
}

/* Calls attempt(user, i) for i = 0, 1, ... up to count - 1 while there is time; `expected` are the
 * seconds that one will take at least, 0: not known. *tried = how many were begun. The first status
 * of an attempt that is not CG_OK ends it. */
cg_status cg_budget_spend(size_t *tried, const cg_budget *budget, double expected, size_t count,
                          cg_status (*attempt)(void *user, size_t i), void *user);

#endif
