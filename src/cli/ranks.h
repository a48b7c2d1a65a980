/* `--ranks N` of train and bench starts processes, and each of them behaves as its rank asks. */
#ifndef CLGAN_CLI_RANKS_H
#define CLGAN_CLI_RANKS_H

#include "cli/cli.h"
#include "cli/process.h"

/* The name by which this program was started; lives as long as the process. */
void cg_ranks_set_program(const char *argument);

/* Starts N ranks of this program on this machine by the mpirun that is there, and waits for them;
 * argv: what stands behind the command's name, with --ranks among it. The result is the exit
 * status. */
int cg_ranks_start(const char *command, size_t ranks, int argc, char **argv);

/* True where SIGCONT asks for an end: Open MPI's mpirun, when it is asked for one, sends it to its
 * processes a second before SIGTERM and two before SIGKILL, which may be less than a step takes. */
bool cg_ranks_hear_continue(void);

/* While that is so, ranks other than 0 log nothing: what all find out alike, rank 0 tells. */
void cg_ranks_hush(bool hushed);

/* Has `handler` called for signals where that is right: not in ranks other than 0, which rank 0
 * ends, and for orders alone in a rank 0 that cg_ranks_start() started. */
void cg_ranks_on_stop(cg_stop_handler handler);

#endif
