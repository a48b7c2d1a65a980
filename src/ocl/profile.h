/* The time line of what a runtime enqueues, from OpenCL's events. */
#ifndef CLGAN_OCL_PROFILE_H
#define CLGAN_OCL_PROFILE_H

#include "ocl/types.h"

/* One launch: a kernel's name, "fill", or a CLBlast routine, which may be several kernels. */
typedef struct cg_profile_launch {
    const char *kernel; /* static */
    double seconds;     /* from the end of the launch before it to its own end; of the first, from
                           its start. The sum over launches is the whole time, waiting included. */
} cg_profile_launch;

typedef struct cg_profile {
    cg_profile_launch *launches;
    size_t count, room;
    struct cg_profile_events *events; /* OpenCL's side; owned */
} cg_profile;

/* From here on launches on rt are recorded, `room` of them at most; those beyond are an error when
 * the profile is ended. To be given to cg_profile_end(). Blocking. */
cg_status cg_profile_begin(cg_profile *profile, cg_runtime *rt, size_t room);

/* Waits, ends the recording, and fills in the seconds. Frees nothing of launches[]. */
cg_status cg_profile_end(cg_profile *profile, cg_runtime *rt);

/* Also in the middle of a recording. A zeroed struct is fine. */
void cg_profile_deinit(cg_profile *profile, cg_runtime *rt);

#endif
