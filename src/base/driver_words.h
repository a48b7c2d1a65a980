/* Words of drivers' compilers, which go to descriptor 2, past the log ("4 warnings generated."):
 * while programs are built they are caught, if that is wanted (cg_log_catch_drivers), and become
 * debug messages. */
#ifndef CLGAN_BASE_DRIVER_WORDS_H
#define CLGAN_BASE_DRIVER_WORDS_H

#include "base/platform.h"

/* Nothing may be logged or drawn between the two by the thread that calls them. While one thread
 * catches, others' words go with its own: a second one that would put descriptor 2 back would take
 * it away for good. */
void cg_driver_words_catch(cg_caught *caught);
void cg_driver_words_release(cg_caught *caught);

#endif
