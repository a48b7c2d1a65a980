/* One process alone, and what launchers say to those that are not. */
#include "support.h"

#include "ranks/ranks.h"

#include <clgan/log.h>
#include <stdlib.h>

static void clear(void)
{
    static const char *const names[] = {
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
        "PMI_RANK",
        "PMI_SIZE",
        "MPI_LOCALNRANKS",
        "SLURM_PROCID",
        "SLURM_STEP_NUM_TASKS",
        "SLURM_NTASKS",
        "PMIX_RANK",
        "SLURM_STEP_TASKS_PER_NODE",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* `text`: "NAME=value NAME=value". */
static void check_place(const char *text, bool several, cg_rank wanted)
{
    char copy[256];
    cg_rank rank = {99, 99, 99};
    clear();
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        setenv(word, value, 1);
    }
    ck_assert_msg(cg_rank_find(&rank) == several, "%s", text);
    ck_assert_msg(rank.mine == wanted.mine && rank.count == wanted.count &&
                      rank.local == wanted.local,
                  "%s: rank %zu of %zu, %zu here", text, rank.mine, rank.count, rank.local);
}

START_TEST(place)
{
    const cg_rank alone = {.count = 1, .local = 1};
    check_place("", false, alone);
    check_place("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_SIZE=2", true,
                (cg_rank){1, 4, 2});
    check_place("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1", false, alone);
    check_place("PMI_RANK=2 PMI_SIZE=3 MPI_LOCALNRANKS=3", true, (cg_rank){2, 3, 3});
    check_place("SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=8 SLURM_STEP_TASKS_PER_NODE=4(x2)", true,
                (cg_rank){3, 8, 4});
    /* This is the script of a job, which has tasks, but is none. */
    check_place("SLURM_PROCID=0 SLURM_NTASKS=8", false, alone);
    /* mpirun in such a job */
    check_place("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 SLURM_PROCID=0 "
                "SLURM_STEP_NUM_TASKS=4",
                true, (cg_rank){1, 2, 1});
    check_place("PMIX_RANK=5", true, (cg_rank){5, 0, 1});
    check_place("OMPI_COMM_WORLD_RANK=x OMPI_COMM_WORLD_SIZE=4", false, alone);
    check_place("OMPI_COMM_WORLD_RANK=-1 OMPI_COMM_WORLD_SIZE=4", false, alone);
    check_place("PMI_RANK=1 PMI_SIZE=99999999999999999999", false, alone);
    check_place("PMI_RANK= PMI_SIZE=2", false, alone);
    ck_assert(!cg_rank_find(NULL));
}
END_TEST

START_TEST(alone)
{
    cg_ranks *ranks = (cg_ranks *)1;
    cg_exchange *exchange;
    char received[4] = "abc";
    clear();
    ck_assert_int_eq(cg_ranks_open(&ranks), CG_OK);
    ck_assert_ptr_null(ranks);
    ck_assert_uint_eq(cg_ranks_count(ranks), 1);
    ck_assert_uint_eq(cg_ranks_mine(ranks), 0);
    ck_assert_int_eq(cg_ranks_share(ranks, received, 3), CG_OK);
    ck_assert_int_eq(cg_ranks_gather(ranks, received, (const size_t[]){3}), CG_OK);
    ck_assert_str_eq(received, "abc");
    ck_assert_int_eq(
        cg_ranks_exchange(ranks, received, (const size_t[]){3}, "xyz", (const size_t[]){3}), CG_OK);
    ck_assert_str_eq(received, "xyz");
    ck_assert_int_eq(cg_ranks_exchange(ranks, NULL, (const size_t[]){0}, NULL, (const size_t[]){0}),
                     CG_OK);
    ck_assert_int_eq(cg_ranks_begin_exchange(ranks, &exchange, received, (const size_t[]){2}, "uv",
                                             (const size_t[]){2}),
                     CG_OK);
    ck_assert_int_eq(cg_ranks_end_exchange(ranks, &exchange), CG_OK);
    ck_assert_str_eq(received, "uvz");
    cg_ranks_set_limits(ranks, 1, 1, 1);
    cg_ranks_close(ranks, CG_ERR_CL);
    cg_ranks_close(ranks, CG_OK);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("ranks");
    tcase_add_test(cases, place);
    tcase_add_test(cases, alone);
    return run_case(cases, "ranks/ranks");
}
