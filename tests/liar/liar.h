/* Inside the liar: an OpenCL library that stands between a program and its driver and that does
 * something else than it was asked to, while it reports success. It is what drivers do that compute
 * wrong numbers without an error.
 *
 *     LD_PRELOAD=libclgan_liar.so CLGAN_LIAR=skip-launch:100@adam_step+5000 clgan train ...
 *
 * CLGAN_LIAR is LIE[:N][@KERNEL][+AFTER]: each N-th time (1: each time; some lies take N for a
 * limit), at launches of KERNEL alone, once that could have been AFTER times. Once it has lied, it
 * creates the file CLGAN_LIAR_LOG, because a lie that was never told proves nothing. Where
 * CLGAN_LIAR_ARGUMENT is set, only a program that was started with this argument is lied to.
 *
 *   lies.c      the table of lies; when it is time for one
 *   launches.c  launches and their arguments
 *   memory.c    transfers, fills, parts of buffers
 *   device.c    a CPU that passes for a GPU; a device that has gone
 */
#ifndef CLGAN_TESTS_LIAR_H
#define CLGAN_TESTS_LIAR_H

#include "../interpose.h"

#undef CL_TARGET_OPENCL_VERSION
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdbool.h>

typedef enum liar_lie {
    LIAR_NONE,
    /* of launches */
    LIAR_SKIP_LAUNCH, /* it does not run */
    LIAR_SKIP_FIRST,  /* a kernel's first launch does not run */
    LIAR_ONLY_FIRST,  /* no launch of a kernel after its first runs */
    LIAR_TWICE,       /* it runs twice */
    LIAR_LAST_GROUP,  /* its last work-group does not run, where it has more than one */
    LIAR_LAST_GROUPS, /* the last one that is not idle does not run (SPREAD, cl/common.clh) */
    LIAR_HALF_GROUPS, /* the first half of them runs */
    LIAR_MOST_GROUPS, /* its work-groups beyond N do not run */
    LIAR_MID_GROUP,   /* work-group N of the first dimension does not run */
    LIAR_OFFSET,      /* its work-items have ids that begin at the second group's */
    LIAR_SWAP,        /* it runs after the next one */
    LIAR_LATE_ARG,    /* a float as an argument keeps the value that it had */
    LIAR_LATE_WORD,   /* argument N keeps the value that it had */
    LIAR_SMALL_LOCAL, /* an argument in local memory has half of its bytes */
    LIAR_FLIP_MEMORY, /* a bit of a buffer that it uses flips afterwards */
    /* of transfers to the host */
    LIAR_FLIP_READ,   /* a bit flips */
    LIAR_STALE_READ,  /* it gives what the same place held at the last read */
    LIAR_NO_READ,     /* nothing arrives */
    LIAR_SHORT_READ,  /* the last 64 bytes do not arrive */
    LIAR_MOST_READ,   /* the bytes beyond N do not arrive */
    LIAR_READ_ORIGIN, /* it begins at the buffer's first byte */
    /* of transfers to the device, and fills */
    LIAR_FLIP_WRITE,
    LIAR_NO_WRITE,
    LIAR_SHORT_WRITE,
    LIAR_MOST_WRITE,
    LIAR_WRITE_ORIGIN,
    LIAR_NO_FILL,
    LIAR_SHORT_FILL, /* the second half is not filled */
    /* of copies on the device */
    LIAR_NO_COPY,
    LIAR_COPY_ORIGIN, /* it begins at the first buffer's first byte */
    /* of buffers */
    LIAR_VIEW_ORIGIN /* a part of a buffer begins at the buffer's first byte */
} liar_lie;

/* True when CLGAN_LIAR_ARGUMENT lets this program be lied to. */
bool liar_is_meant(void);

/* True when CLGAN_LIAR has this lie: then what happens now is a chance to tell it. */
bool liar_would(liar_lie lie);

/* True when it has this lie and now is the time; counts the chances, and notes the first lie. */
bool liar_lies(liar_lie lie);

/* N of CLGAN_LIAR, 1 where it has none. */
size_t liar_number(void);

/* True when the lie is about launches of this kernel. */
bool liar_means(cl_kernel kernel);

/* A number that is another one for each chance, always the same for the n-th. */
size_t liar_random(void);

/* True for a buffer that has been created and not released; other arguments may be as large. */
bool liar_is_buffer(cl_mem memory);

/* Forgets it. */
void liar_forget_buffer(cl_mem memory);

/* Runs what LIAR_SWAP holds back. Everything but a launch calls it first. */
void liar_catch_up(void);

#endif
