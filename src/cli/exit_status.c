/* The exit status that stands for each cg_status. */
#include "cli/cli.h"

int cg_exit_status(cg_status status)
{
    static const int exits[CG_STATUS_COUNT] = {
        [CG_OK] = 0,
        [CG_ERR_ARGUMENT] = 2,
        [CG_ERR_INPUT] = 2,
        [CG_ERR_RUN] = 2,
        [CG_ERR_WRITE] = 1,
        [CG_ERR_MEMORY] = 1,
        [CG_ERR_SHAPE] = 1,
        [CG_ERR_CL] = 1,
        [CG_ERR_DEVICE] = 3,
        [CG_ERR_WRONG] = 4,
        [CG_ERR_DIVERGED] = 1,
        [CG_ERR_STOPPED] = 1,
        [CG_ERR_COLLAPSED] = 1,
        [CG_ERR_ABSENT] = 1,
        [CG_ERR_READ] = 2,
    };
    return exits[status];
}
