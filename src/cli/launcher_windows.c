/* The launcher on Windows, where mpiexec is to be started by hand. */
#include "cli/launcher.h"

#include <errno.h>
#include <stddef.h>

bool cg_launcher_run(const char *const words[], int *exit_status)
{
    (void)words;
    (void)exit_status;
    errno = ENOSYS;
    return false;
}

int cg_launcher_signal(void)
{
    return 0;
}

bool cg_launcher_is_above(void)
{
    return false;
}

void cg_launcher_join_terminal(void)
{
}

void cg_launcher_obey(cg_stop_handler handler)
{
    (void)handler;
}
