/* The end of commands that have nothing to save. */
#ifndef CLGAN_CLI_STOP_H
#define CLGAN_CLI_STOP_H

#include <stdbool.h>

/* Ends the process at once; a cg_stop_handler. */
void cg_stop_at_once(int signal_number, bool again);

#endif
