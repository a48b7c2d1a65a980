/* Each thread takes every n-th part, so that parts of unlike size meet by chance. */
#include "base/parallel.h"

#include "base/platform.h"

typedef struct job {
    size_t count, threads;
    void (*work)(void *user, size_t i);
    void *user;
} job;

static void run_share(void *argument, size_t thread)
{
    const job *j = argument;
    for (size_t i = thread; i < j->count; i += j->threads)
        j->work(j->user, i);
}

void cg_parallel_run(size_t count, void (*work)(void *user, size_t i), void *user)
{
    job j = {count, cg_platform_processors(), work, user};
    j.threads = j.threads < CG_PLATFORM_THREADS ? j.threads : CG_PLATFORM_THREADS;
    j.threads = j.threads < count ? j.threads : count;
    cg_platform_run_together(j.threads, run_share, &j);
}
