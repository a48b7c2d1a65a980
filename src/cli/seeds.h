/* Several runs of `clgan train` that differ in their seed, one at a time on each device.
 *
 * Each is a process of its own (cli/child.h), an ordinary `clgan train --seed S --device P:D`: a
 * crash, a wrong device or a driver's lock ends no other. Nothing is shared but the folder. */
#ifndef CLGAN_CLI_SEEDS_H
#define CLGAN_CLI_SEEDS_H

#include "cli/seed_runs.h"

/* Trains them; the result is the exit status: 0 when all are done, 128 + n after signal n, else
 * that of the first seed that failed. */
int cg_seeds_train(const cg_seeds_request *request);

#endif
