/* --ranks N: a table of the programs that start ranks. */
#include "cli/ranks.h"

#include "cli/launcher.h"
#include "cli/pocl.h"
#include "cli/process.h"

#include <clgan/log.h>
#include <clgan/ranks.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAMS = 3, OPTIONS = 10 };

/* An MPI's programs, by what its library calls itself, and their options: as many ranks as are
 * asked for, on any processor, of root's, too, asleep while they wait for each other, and no word
 * when one fails, since that has been said. Open MPI 5 has no `-q`, but passes over parameters that
 * it does not know. The last one is what any MPI has. */
static const struct {
    const char *library, *package;
    const char *programs[PROGRAMS], *options[OPTIONS];
} launchers[] = {
    {"Open MPI",
     "Open MPI's programs (Debian's package openmpi-bin)",
     {"mpirun.openmpi", "mpirun"},
     {"--oversubscribe", "--bind-to", "none", "--allow-run-as-root", "--mca", "mpi_yield_when_idle",
      "1", "--mca", "orte_execute_quiet", "1"}},
    {"MPICH",
     "MPICH's programs (Debian's package mpich)",
     {"mpirun.mpich", "mpiexec.hydra", "mpirun"},
     {0}},
    {"", "the programs of the MPI that clgan was built with", {"mpirun", "mpiexec"}, {0}},
};

static const char *program = "clgan";

void cg_ranks_set_program(const char *argument)
{
    program = argument;
}

static size_t find_launcher(const char *library)
{
    size_t i = 0;
    while (strncmp(library, launchers[i].library, strlen(launchers[i].library)) != 0)
        i++;
    return i;
}

/* words = PROGRAM -n N OPTIONS clgan COMMAND ARGUMENTS, up to a NULL, without --ranks and its
 * value. */
static void fill_words(const char **words, size_t launcher, const char *command, const char *count,
                       int argc, char **argv)
{
    words++;
    *words++ = "-n";
    *words++ = count;
    for (size_t i = 0; i < OPTIONS && launchers[launcher].options[i]; i++)
        *words++ = launchers[launcher].options[i];
    *words++ = program;
    *words++ = command;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--ranks") == 0)
            i++;
        else if (strncmp(argv[i], "--ranks=", strlen("--ranks=")) != 0)
            *words++ = argv[i];
    }
    *words = NULL;
}

/* Tries the programs in turn. CG_ERR_ARGUMENT, logged, where none can be started. */
static cg_status start(const char **words, size_t launcher, int *exit_status)
{
    const char *const *programs = launchers[launcher].programs;
    for (size_t i = 0; i < PROGRAMS && programs[i]; i++) {
        words[0] = programs[i];
        if (cg_launcher_run(words, exit_status))
            return CG_OK;
        if (errno != ENOENT)
            return cg_fail(CG_ERR_ARGUMENT, "--ranks cannot start %s: %s", words[0],
                           strerror(errno));
    }
    return cg_fail(CG_ERR_ARGUMENT, "--ranks needs mpirun, which is not in the PATH: install %s",
                   launchers[launcher].package);
}

static cg_status check_start(size_t ranks)
{
    cg_rank rank;
    if (cg_rank_find(&rank))
        return cg_fail(CG_ERR_ARGUMENT,
                       "--ranks %zu starts ranks, and this is one already: leave "
                       "it out where mpirun or srun starts them",
                       ranks);
    if (!cg_ranks_library())
        return cg_fail(CG_ERR_ARGUMENT, "--ranks needs MPI, and this clgan was built without it: "
                                        "install Open MPI or MPICH, and build it anew");
    return CG_OK;
}

/* The signal that ended a rank, when mpirun's status is one; 0: it is another status. Hydra's is
 * the bare signal. */
static int find_signal(int exit_status)
{
    enum { MOST_SIGNALS = 64 };
    const int signal_number =
        exit_status > CG_EXIT_SIGNAL ? exit_status - CG_EXIT_SIGNAL : exit_status;
    return exit_status >= CG_EXIT_COUNT && signal_number <= MOST_SIGNALS ? signal_number : 0;
}

/* A rank that was killed could say nothing, nor could ranks that mpirun did not start. */
static int judge_end(int exit_status, const char *mpirun, const char *advice)
{
    const int asked = cg_launcher_signal(), killed = find_signal(exit_status);
    if (asked)
        return exit_status ? CG_EXIT_SIGNAL + asked : 0;
    if (exit_status < CG_EXIT_COUNT)
        return exit_status;
    return cg_exit_status(
        killed ? cg_fail(CG_ERR_RANK, "a rank was ended by signal %d, and the others with it%s",
                         killed, advice)
               : cg_fail(CG_ERR_RANK, "%s ended with status %d, which is none of clgan's", mpirun,
                         exit_status));
}

int cg_ranks_start(const char *command, size_t ranks, int argc, char **argv)
{
    int exit_status = 1;
    char count[32];
    size_t launcher;
    cg_status status = check_start(ranks);
    if (status != CG_OK)
        return cg_exit_status(status);
    launcher = find_launcher(cg_ranks_library());
    snprintf(count, sizeof count, "%zu", ranks);
    const char **words = calloc((size_t)argc + OPTIONS + 6, sizeof *words);
    if (!words)
        return cg_exit_status(cg_fail(CG_ERR_MEMORY, "no memory for %d arguments", argc));
    fill_words(words, launcher, command, count, argc, argv);
    cg_pocl_unset_threads();
    status = start(words, launcher, &exit_status);
    exit_status = status == CG_OK ? judge_end(exit_status, words[0],
                                              strcmp(command, "train") == 0
                                                  ? "; the run's last checkpoint can be resumed"
                                                  : "")
                                  : cg_exit_status(status);
    free(words);
    return exit_status;
}

bool cg_ranks_hear_continue(void)
{
    const char *mine = getenv("OMPI_COMM_WORLD_RANK");
    return mine && strcmp(mine, "0") == 0 && !cg_launcher_is_above();
}

static void drop(void *user, cg_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

void cg_ranks_hush(bool hushed)
{
    cg_rank rank;
    if (cg_rank_find(&rank) && rank.mine > 0)
        cg_log_set_handler(hushed ? drop : NULL, NULL);
}

static void ignore(int signal_number, bool again)
{
    (void)signal_number;
    (void)again;
}

void cg_ranks_on_stop(cg_stop_handler handler)
{
    cg_rank rank;
    if (cg_rank_find(&rank) && rank.mine > 0)
        cg_process_on_stop(ignore);
    else if (rank.count != 1 && cg_launcher_is_above())
        cg_launcher_obey(handler);
    else
        cg_process_on_stop(handler);
}
