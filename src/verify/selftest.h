/* The self-test: a device proves that it computes right what a command is about to run there.
 *
 *     cg_findings findings;
 *     CG_TRY(cg_selftest_examine(&findings, rt, &plan));
 *     ...
 *     cg_findings_deinit(&findings);
 *
 * In order: transfers, fills and many launches in a row; each operation at small sizes, with whole
 * numbers, which most algorithms add without any rounding; a whole step of a stored fixture that
 * Keras computed, twice, with the same bits; each stage of a step at training's own batch
 * (verify/spot.h). Kernels are those of the plan's choice and no others, so that next to nothing is
 * compiled that the command does not need anyway. All buffers are the test's own.
 */
#ifndef CLGAN_VERIFY_SELFTEST_H
#define CLGAN_VERIFY_SELFTEST_H

#include "nn/choice.h"
#include "verify/case.h"

enum {
    CG_FINDING_NAME = 64,
    CG_FINDING_MESSAGE = 512,
    CG_SELFTEST_PICTURES = 64, /* that are drawn at a time */
    CG_SELFTEST_GRID = 16,     /* those of a run's picture */
    CG_SELFTEST_VERSION = 9    /* of what is tested: verdicts of another one do not count */
};

/* Parts of the DCGAN that are tested beside the plan's own cases. */
enum {
    CG_SELFTEST_STEP = 1,       /* a training step, and drawing */
    CG_SELFTEST_DRAW = 2,       /* drawing alone */
    CG_SELFTEST_STATISTICS = 4, /* beside drawing: recomputing the statistics that it takes */
    CG_SELFTEST_SHARDS = 8      /* beside a step: one of a batch in shards (nn/shards.h) */
};

/* A plan says what is to be tested. */
typedef struct cg_selftest_plan {
    const char *what;    /* "training": names the verdict, and is a word of messages */
    const char *within;  /* of a plan that tests all of this, too; NULL: none */
    const char *chooses; /* the option, with what has to go with it, that gives an operation another
                            algorithm: "--algorithm"; NULL: the command has none */
    const char *instead; /* what the command can do on such a device, for its message; NULL */
    bool always;         /* the command has no --no-selftest, of which messages tell */
    unsigned parts;      /* of the DCGAN; 0: none */
    const cg_choice *choice;     /* of the DCGAN; NULL: the defaults */
    size_t batch;                /* images that the command processes at a time */
    const cg_verify_case *cases; /* further checks, with the device's defaults */
    size_t case_count;
    bool to_the_end;            /* goes on after a wrong result */
    bool by_itself;             /* nobody has asked for it: what takes long is explained */
    bool (*cancel)(void *user); /* NULL: nobody; asked before each check, true: give up */
    void *user;
} cg_selftest_plan;

/* A finding is what one check came to. */
typedef struct cg_finding {
    char name[CG_FINDING_NAME]; /* "exact g.convt1 fwd", "g.convt1 fwd at batch 256" */
    bool ok;
    double max_error; /* of the element that came closest to its bound; infinite for no number */
    double share;     /* that error over its bound; above 1 it is wrong */
    char message[CG_FINDING_MESSAGE]; /* "" when ok; else the kernels, the first wrong element, what
                                         it is and what it should be */
    bool named;                       /* the message has the kernels */
    char advice[CG_FINDING_NAME];     /* an algorithm that may help, "g.convt1/fwd=plain"; "" */
} cg_finding;

typedef struct cg_findings {
    bool ok;
    cg_finding *items; /* owned */
    size_t count;
    size_t batch;   /* at which stages were tested: the plan's, or what memory and time allow */
    double seconds; /* that it took */
} cg_findings;

/* Tests rt's device; blocking. To be given to cg_findings_deinit() whatever the status, which is
 * CG_OK whether or not results are right. CG_ERR_STOPPED after a cancel, not logged; else something
 * could not be run, which is the last finding. */
cg_status cg_selftest_examine(cg_findings *findings, cg_runtime *rt, const cg_selftest_plan *plan);

/* Frees what is owned and zeroes the struct. A zeroed struct is fine. */
void cg_findings_deinit(cg_findings *findings);

/* The first finding that is not ok and names its kernels, else the first that is not ok; NULL where
 * all are. */
const cg_finding *cg_findings_worst(const cg_findings *findings);

#endif
