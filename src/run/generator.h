/* A generator (clgan/generator.h) on a device that may be trusted. */
#ifndef CLGAN_RUN_GENERATOR_H
#define CLGAN_RUN_GENERATOR_H

#include <clgan/generator.h>
#include <stdbool.h>

/* cg_generator_open(); trusted: the device is not tested. */
cg_status cg_generator_open_on(cg_generator **generator, const char *checkpoint, const char *device,
                               bool trusted);

#endif
