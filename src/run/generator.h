/* A generator (clgan/generator.h) on a device that may be trusted. */
#ifndef CLGAN_RUN_GENERATOR_H
#define CLGAN_RUN_GENERATOR_H

#include "run/checkpoint.h"

#include <clgan/generator.h>
#include <stdbool.h>

/* cg_generator_open() from a checkpoint that cg_checkpoint_read() has read, with its recipe;
 * trusted: the device is not tested. The file is not needed afterwards. */
cg_status cg_generator_open_on(cg_generator **generator, const cg_safetensors *file,
                               const cg_recipe *recipe, const char *device, bool trusted);

#endif
