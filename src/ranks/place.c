/* Launchers tell a process by its environment which of several it is. */
#include <clgan/ranks.h>
#include <stdint.h>
#include <stdlib.h>

/* A launcher's variables; NULL where it has none. The first whose `mine` is set counts: mpirun of a
 * job of Slurm has srun's variables in its environment, too. Those that srun sets in its steps are
 * not there in the script of a job, which is one process. */
static const struct {
    const char *mine, *count, *local;
} launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_TASKS_PER_NODE"},
    {"PMIX_RANK", NULL, NULL},
};

/* *number = what the variable begins with, "2" of "2(x3)"; false where it is no such number. */
static bool find_number(size_t *number, const char *name)
{
    const char *text = name ? getenv(name) : NULL;
    if (!text || *text < '0' || *text > '9')
        return false;
    unsigned long long value = strtoull(text, NULL, 10);
    *number = (size_t)value;
    return value <= INT32_MAX;
}

bool cg_rank_find(cg_rank *rank)
{
    if (!rank)
        return false;
    for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++) {
        cg_rank found = {.local = 1};
        if (!find_number(&found.mine, launchers[i].mine))
            continue;
        if (launchers[i].count && !find_number(&found.count, launchers[i].count))
            continue;
        if (!find_number(&found.local, launchers[i].local) || found.local == 0)
            found.local = 1;
        *rank = found;
        if (found.count != 1)
            return true;
        break;
    }
    *rank = (cg_rank){.count = 1, .local = 1};
    return false;
}
