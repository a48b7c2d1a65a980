/* The build options of a kernel, written piece by piece.
 *
 *     cg_build_options options = {0};
 *     cg_build_options_add(&options, "-D STRIDE=%zu", stride);
 *     cg_launch launch = {.file = "conv2d.cl", .options = &options};
 *
 * A macro that was cut off would leave its default in the kernel, which then computes something
 * else. Options that did not fit therefore never reach a driver: cg_program_get_kernel() and
 * cg_enqueue() return their status, so that a caller need not ask.
 */
#ifndef CLGAN_OCL_BUILD_OPTIONS_H
#define CLGAN_OCL_BUILD_OPTIONS_H

#include <clgan/log.h>
#include <stddef.h>

enum { CG_BUILD_OPTIONS_SIZE = 384 }; /* of the text, its NUL included */

/* {0} is empty. Owns nothing, so a copy of the struct is a copy of the options. */
typedef struct cg_build_options {
    char text[CG_BUILD_OPTIONS_SIZE];
    size_t size;      /* of the text, without its NUL */
    cg_status status; /* CG_ERR_CL, logged, once a piece did not fit; nothing is added then */
} cg_build_options;

/* Appends a piece, after a space where it is not the first. */
void cg_build_options_add(cg_build_options *options, const char *format, ...) CG_PRINTF(2, 3);

#endif
