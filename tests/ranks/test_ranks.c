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
    cg_ranks_text text;
    char received[4] = "abc";
    clear();
    ck_assert_int_eq(cg_ranks_open(&ranks), CG_OK);
    ck_assert_ptr_null(ranks);
    ck_assert_uint_eq(cg_ranks_count(ranks), 1);
    ck_assert_uint_eq(cg_ranks_mine(ranks), 0);
    ck_assert_int_eq(cg_ranks_share(ranks, received, 3), CG_OK);
    ck_assert_int_eq(cg_ranks_gather(ranks, received, (const size_t[]){3}), CG_OK);
    ck_assert_str_eq(received, "abc");
    ck_assert_int_eq(cg_ranks_gather_texts(ranks, &text, "mine"), CG_OK);
    ck_assert_str_eq(text.text, "mine");
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

/* `wanted` NULL: refused. */
static void check_device(const char *selector, size_t mine, size_t count, const char *wanted)
{
    char own[CG_RANKS_DEVICE] = "before";
    cg_status status = cg_ranks_take_device(own, selector, mine, count);
    ck_assert_msg(status == (wanted ? CG_OK : CG_ERR_ARGUMENT), "%s: %s", selector,
                  cg_status_name(status));
    if (wanted)
        ck_assert_msg(strcmp(own, wanted) == 0, "%s for rank %zu: %s", selector, mine, own);
}

START_TEST(device)
{
    char longest[CG_RANKS_DEVICE + 1];
    check_device(NULL, 1, 2, "");
    check_device("", 1, 2, "");
    check_device("gpu", 1, 2, "gpu");
    check_device("gpu,cpu", 0, 1, "gpu,cpu");
    check_device("gpu,cpu", 0, 2, "gpu");
    check_device(" gpu , arc a770 ", 1, 2, "arc a770");
    check_device("gpu,cpu", 1, 3, "gpu,cpu");
    check_device("0:0,0:0", 1, 2, "0:0");
    check_device("gpu,!pocl,cpu", 0, 2, "gpu,!pocl");
    check_device("gpu,!pocl,cpu", 1, 2, "!pocl,cpu");
    check_device("!pocl,!intel", 1, 2, "!pocl,!intel");
    check_device("rank:0=nvidia,1=intel", 0, 2, "nvidia");
    check_device("rank:0=nvidia,1=intel", 1, 2, "intel");
    check_device("rank:1=intel, rank: 0 = nvidia ,gpu,!pocl", 0, 2, "nvidia,gpu,!pocl");
    check_device("RANK:0=0:1,1=vendor:amd", 0, 2, "0:1");
    check_device("RANK:0=0:1,1=vendor:amd", 1, 2, "vendor:amd");
    check_device("rank:0=cpu", 0, 1, "cpu");
    check_device("rank:0=cpu", 1, 2, NULL);
    check_device("rank:0=cpu,1=,", 1, 2, NULL);
    check_device("rank:0=cpu,2=gpu", 0, 2, NULL);
    check_device("rank:0=cpu,1=gpu", 0, 1, NULL);
    check_device("rank:cpu,1=gpu", 0, 2, NULL);
    check_device("rank:", 0, 1, NULL);
    check_device("rank:99999999999999999999=cpu", 0, 2, NULL);
    memset(longest, 'x', sizeof longest);
    longest[CG_RANKS_DEVICE] = '\0';
    check_device(longest, 0, 1, NULL);
    longest[CG_RANKS_DEVICE - 1] = '\0';
    check_device(longest, 0, 1, longest);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("ranks");
    tcase_add_test(cases, place);
    tcase_add_test(cases, alone);
    tcase_add_test(cases, device);
    return run_case(cases, "ranks/ranks");
}
