/* Two choices of algorithms for one network, timed in turn: what disturbs a moment disturbs both.
 */
#ifndef CLGAN_BENCH_DUEL_H
#define CLGAN_BENCH_DUEL_H

#include "bench/measure.h"
#include "nn/dcgan.h"

/* times[i] = of what `enqueue` enqueues while the network has choices[i], from as many rounds as
 * `seconds` allow, one at least; fewer where the second is far behind. Kernels are built before.
 * Leaves the network with the second choice. Blocking. */
cg_status cg_duel(cg_times times[2], cg_dcgan *net, const cg_choice *const choices[2],
                  cg_measured *enqueue, void *user, double seconds);

/* Whether the second of a duel is clearly faster, by its median and by its best of several rounds.
 */
bool cg_duel_is_won(const cg_times times[2]);

#endif
