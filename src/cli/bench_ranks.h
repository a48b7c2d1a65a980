/* clgan bench of several ranks: what they measure together, as a table or JSON. */
#ifndef CLGAN_CLI_BENCH_RANKS_H
#define CLGAN_CLI_BENCH_RANKS_H

#include <clgan/bench.h>

/* Measures as one of the ranks, of which rank 0 prints what came of it: options->file "-" is JSON
 * there. */
cg_status cg_bench_ranks_command(const cg_bench_ranks_options *options);

#endif
