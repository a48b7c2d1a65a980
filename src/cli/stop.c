/* Ending at once. */
#include "cli/stop.h"

#include "cli/process.h"

#include <clgan/ranks.h>
#include <clgan/unfinished.h>

void cg_stop_at_once(int signal_number, bool again)
{
    cg_rank rank;
    (void)again;
    cg_unfinished_remove();
    if (!cg_rank_find(&rank) || rank.mine == 0)
        cg_process_say("clgan: stopped\n");
    cg_process_end(CG_EXIT_SIGNAL + signal_number);
}
