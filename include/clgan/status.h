/* Status codes: every function of the library that can fail returns one.
 *
 * The library never exits and never prints results; where something first fails it logs one
 * sentence (clgan/log.h) and returns the status, which callers hand on unchanged. Whatever reads
 * files may return CG_ERR_READ beside CG_ERR_INPUT, and all that is more than a look CG_ERR_MEMORY.
 *
 * Threads: any thread may call all functions of the library, unless a header says otherwise. What
 * a function fills or returns belongs to the caller, who gives it to the _deinit() or _release()
 * of that name, unless it says "borrowed" or how long it lives.
 */
#ifndef CLGAN_STATUS_H
#define CLGAN_STATUS_H

/* CG_API stands before each function and array that the library offers; all else is hidden in a
 * shared library. CLGAN_DLL is defined where the library is a DLL, by its CMake package and its
 * clgan.pc; CLGAN_BUILD is defined where the library itself is compiled. */
#if defined(CLGAN_DLL) && defined(CLGAN_BUILD)
#define CG_API __declspec(dllexport)
#elif defined(CLGAN_DLL)
#define CG_API __declspec(dllimport)
#elif defined(__ELF__) || defined(__MACH__)
#define CG_API __attribute__((visibility("default")))
#else
#define CG_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cg_status {
    CG_OK = 0,
    CG_ERR_ARGUMENT,  /* an option or argument is not acceptable                              */
    CG_ERR_INPUT,     /* a file to be read is missing, damaged or foreign                     */
    CG_ERR_RUN,       /* a run directory is occupied, locked by another process, not writable */
    CG_ERR_WRITE,     /* writing failed (disk full, I/O error)                                */
    CG_ERR_MEMORY,    /* host or device memory is exhausted                                   */
    CG_ERR_SHAPE,     /* shapes do not fit the operation                                      */
    CG_ERR_CL,        /* an OpenCL or CLBlast call failed                                     */
    CG_ERR_DEVICE,    /* no device matches the selection, or there is none                    */
    CG_ERR_WRONG,     /* the device computes wrong results                                    */
    CG_ERR_DIVERGED,  /* a loss or parameter is not finite any more                           */
    CG_ERR_STOPPED,   /* asked to stop; the state was saved                                    */
    CG_ERR_COLLAPSED, /* samples stayed alike, and that was to end the run; the state was saved */
    CG_ERR_ABSENT,    /* this build lacks the optional library that it takes                  */
    CG_ERR_READ,      /* a file that is there cannot be read now (I/O error, no permission)   */
    CG_ERR_RANK,      /* another rank of the run ended, or cannot be reached                  */
    CG_STATUS_COUNT
} cg_status;

/* The symbolic name, "CG_ERR_INPUT" for one; never NULL. */
CG_API const char *cg_status_name(cg_status status);

/* The command's exit statuses; one that a signal has asked to end has CG_EXIT_SIGNAL plus its
 * number. */
enum {
    CG_EXIT_DONE = 0,
    CG_EXIT_FAILED = 1,    /* the work failed                */
    CG_EXIT_REFUSED = 2,   /* what was given cannot be taken */
    CG_EXIT_NO_DEVICE = 3, /* no device can be used          */
    CG_EXIT_WRONG = 4,     /* a device computes wrong        */
    CG_EXIT_COUNT,
    CG_EXIT_SIGNAL = 128
};

/* That by which a program tells the status; CG_EXIT_FAILED for what is no status. */
CG_API int cg_exit_status(cg_status status);

#ifdef __cplusplus
}
#endif
#endif
