/* The time that is left. */
#include "bench/budget.h"

#include <math.h>

cg_budget cg_budget_start(double seconds, double (*clock)(void), const volatile sig_atomic_t *stop)
{
    return (cg_budget){.clock = clock, .stop = stop, .end = clock() + seconds};
}

cg_budget cg_budget_share(const cg_budget *budget, double share)
{
    cg_budget part = *budget;
    part.reserve += (1 - share) * cg_budget_left(budget);
    return part;
}

double cg_budget_left(const cg_budget *budget)
{
    if (budget->stop && *budget->stop)
        return 0;
    return fmax(budget->end - budget->reserve - budget->clock(), 0);
}

cg_status cg_budget_spend(size_t *tried, const cg_budget *budget, double expected, size_t count,
                          cg_status (*attempt)(void *user, size_t i), void *user)
{
    cg_status status = CG_OK;
    double start = budget->clock(), mean = 0;
    for (*tried = 0; *tried < count && status == CG_OK;) {
        if (cg_budget_is_over(budget) || cg_budget_left(budget) < fmax(expected, mean))
            break;
        status = attempt(user, *tried);
        mean = (budget->clock() - start) / (double)++*tried;
    }
    return status;
}
