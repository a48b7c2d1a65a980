/* The self-test: a device proves that it computes right what a training would run there, before it
 * is trusted with one.
 *
 *     cg_selftest test;
 *     if (cg_selftest_run(&test, devices, index, NULL) == CG_ERR_WRONG)
 *         printf("%s computes wrong results\n", test.device.name);
 *     cg_selftest_deinit(&test);
 *
 * cg_train(), cg_sample(), cg_generator_open(), cg_evaluate(), cg_report(), cg_train_classifier()
 * and cg_bench_run_ranks() test what they run by themselves, once for a device, a driver, these
 * kernels and a choice of algorithms, and refuse a device that fails.
 *
 * Threads: any thread may call these functions, several at once, each on a result of its own.
 */
#ifndef CLGAN_SELFTEST_H
#define CLGAN_SELFTEST_H

#include <clgan/device.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CG_SELFTEST_NAME = 64,    /* room for a check's name, its end included */
    CG_SELFTEST_MESSAGE = 512 /* and for what was wrong                    */
};

typedef struct cg_selftest_options {
    size_t batch; /* of the step, whose stages are tested at that size; 0: 256 */
    /* As cg_train_options.algorithm; NULL: what a training takes there, the tuned ones or the
     * defaults. */
    const char *algorithm;
    bool strict; /* of a strict training (clgan/recipe.h) */
} cg_selftest_options;

/* Batch 256, the algorithms of a training. */
CG_API cg_selftest_options cg_selftest_defaults(void);

typedef struct cg_selftest_check {
    char name[CG_SELFTEST_NAME]; /* "exact g.convt1 fwd", "g.convt1 fwd at batch 256" */
    bool ok;
    double max_error; /* of the element that came closest to its bound, or went beyond; infinite for
                       * what is not a number */
    double max_share; /* that error as a share of its bound; above 1 it is wrong */
    char message[CG_SELFTEST_MESSAGE]; /* "" when ok; else the kernels, the first wrong element,
                                        * what it is and what it should be */
} cg_selftest_check;

typedef struct cg_selftest {
    cg_device_info device;
    bool ok;
    size_t batch; /* at which stages were tested: as asked for, or what memory and time allow */
    cg_selftest_check *checks; /* owned */
    size_t check_count;
    double seconds; /* that the test took, building kernels included */
} cg_selftest;

/* Tests the index-th device; blocking. options: NULL: the defaults. To be given to
 * cg_selftest_deinit() whatever the status. CG_ERR_WRONG, logged, when results are wrong: all
 * checks have been made then; CG_ERR_ARGUMENT for algorithms that do not serve there; CG_ERR_CL and
 * CG_ERR_MEMORY when something could not be run, which is the last check. */
CG_API cg_status cg_selftest_run(cg_selftest *test, const cg_devices *devices, size_t index,
                                 const cg_selftest_options *options);

/* *text = the results as JSON, for free(). CG_ERR_MEMORY. */
CG_API cg_status cg_selftest_json(char **text, const cg_selftest *tests, size_t count);

/* The same as a file, which appears whole or not at all. CG_ERR_WRITE. */
CG_API cg_status cg_selftest_write(const char *path, const cg_selftest *tests, size_t count);

/* Tells whether that file can be written, to be asked before the work: CG_OK, or CG_ERR_WRITE.
 * Nothing is changed. */
CG_API cg_status cg_selftest_probe(const char *path);

/* Frees what is owned and zeroes the struct. A zeroed struct and NULL are fine. */
CG_API void cg_selftest_deinit(cg_selftest *test);

#ifdef __cplusplus
}
#endif
#endif
