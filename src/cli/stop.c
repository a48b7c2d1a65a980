/* Ending at once. */
#include "cli/stop.h"

#include "cli/process.h"

#include <clgan/unfinished.h>

void cg_stop_at_once(int signal_number, bool again)
{
    (void)again;
    cg_unfinished_remove();
    cg_process_say("clgan: stopped\n");
    cg_process_end(128 + signal_number);
}
