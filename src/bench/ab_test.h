/* Two choices of algorithms for one network, timed in turn: what disturbs a moment disturbs both.
 */
#ifndef CLGAN_BENCH_AB_TEST_H
#define CLGAN_BENCH_AB_TEST_H

#include "bench/measure.h"
#include "nn/plan.h"

/* times[i] = of what `enqueue` enqueues while the network has choices[i], from as many rounds as
 * `seconds` allow, one at least; fewer where the second is far behind. Kernels are built before.
 * Leaves the network with the second choice. Blocking. */
cg_status cg_ab_test(cg_times times[2], cg_network *net, const cg_choice *const choices[2],
                     cg_measured *enqueue, void *user, double seconds);

/* True when the second of the two is clearly faster, by its median and by its best of several
 * rounds. */
bool cg_ab_test_is_won(const cg_times times[2]);

#endif
