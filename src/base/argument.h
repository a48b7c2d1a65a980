/* The arguments of public functions, which a stranger may get wrong: NULL is told, not run into.
 *
 *     CG_NEED(path);
 *     CG_NEED(data || !size);
 */
#ifndef CLGAN_BASE_ARGUMENT_H
#define CLGAN_BASE_ARGUMENT_H

#include <clgan/log.h>

/* Returns CG_ERR_ARGUMENT, logged with the names of the function and of what is missing, when
 * `argument` is NULL or false. For the first lines of a function that returns a cg_status. */
#define CG_NEED(argument)                                                                \
    do {                                                                                 \
        if (!(argument))                                                                 \
            return cg_fail(CG_ERR_ARGUMENT, "%s() needs " #argument ": it is NULL or 0", \
                           __func__);                                                    \
    } while (0)

#endif
