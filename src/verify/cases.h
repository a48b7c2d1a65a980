/* The words in which a table of checks is written: included by the files that hold one. */
#ifndef CLGAN_VERIFY_CASES_H
#define CLGAN_VERIFY_CASES_H

#include "verify/case.h"

/* A check of a convolution, of an operation on a map, and of one on an array: its text, for the
 * latter two which (cg_check_FUNCTION), and the fields of the case. */
#define CONV(text, ...)                                                      \
    {                                                                        \
        .name = text, .run = cg_verify_conv2d_run, .conv2d = { __VA_ARGS__ } \
    }
#define MAP(text, function, ...)                                          \
    {                                                                     \
        .name = text, .run = cg_verify_##function, .map = { __VA_ARGS__ } \
    }
#define ARRAY(text, function, ...)                                          \
    {                                                                       \
        .name = text, .run = cg_verify_##function, .array = { __VA_ARGS__ } \
    }

/* The pass of a convolution. */
#define DOWN   .pass = CG_CONV2D_DOWN
#define UP     .pass = CG_CONV2D_UP
#define WEIGHT .pass = CG_CONV2D_WEIGHT

#endif
