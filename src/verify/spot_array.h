/* The arrays of a spot check (spot.h): operands as they were before the stage, outputs after it,
 * which elements are compared, and how. */
#ifndef CLGAN_VERIFY_SPOT_ARRAY_H
#define CLGAN_VERIFY_SPOT_ARRAY_H

#include "nn/stages.h"
#include "verify/approx.h"
#include "verify/case.h"

typedef struct cg_spot cg_spot; /* spot.h */

enum {
    CG_SPOT_OUTPUTS = 8,
    CG_SPOT_SCRATCH = 8,
    CG_SPOT_MEMORY = 64,
    CG_SPOT_PARTS = 64, /* of an array, in each of which an element is compared */
    CG_SPOT_FEW = 32,   /* parts where it takes long to compute */
    CG_SPOT_POINTS = CG_SPOT_PARTS + 2 + 2 * 8,
    CG_SPOT_CHANNELS = 4, /* of which one is compared where all would take too long */
    CG_SPOT_GROUP = 64,   /* elements that no group writes fewer of, next to each other */
    CG_SPOT_ALL = 1
};

/* The word of what is not written yet: a quiet NaN that no operation makes. */
#define CG_SPOT_UNWRITTEN 0x7FC5A5A5u

/* A part of a buffer that the stage writes. */
typedef struct cg_spot_extent {
    const char *name;
    cg_buffer *buffer;
    size_t offset, bytes;
    bool changes; /* the stage reads it, too, and leaves it as it was only where it is all 0 */
} cg_spot_extent;

/* The dimensions of an array, which is row-major, or in blocks of channels as a map is. */
typedef struct cg_spot_shape {
    size_t dims[4];
    bool blocked;
} cg_spot_shape;

typedef struct cg_spot_output cg_spot_output;

/* An array that the stage writes. */
struct cg_spot_output {
    const char *name;
    cg_buffer *buffer;
    size_t offset;       /* elements of the buffer before those that are written */
    cg_spot_shape shape; /* of what is written */
    bool bytes;          /* its elements are bytes, else floats */
    bool in_place;       /* the stage reads it before: it is not filled with NaN */
    bool changes;        /* as of an extent */
    bool costly;         /* an element takes long to compute: fewer of them are compared */
    size_t every;        /* one element of each so many is compared, too; 1: all; 0: none */
    /* expected[i] = element index[i], i < count; ascending. */
    cg_status (*expect)(cg_spot *spot, cg_approx *expected, const size_t *index, size_t count);
    /* Compares more of it, in a way of its own; NULL: nothing. */
    cg_status (*compare)(cg_spot *spot, cg_verify_result *result, const cg_spot_output *o);
    const unsigned char *found; /* the whole buffer after the stage, mapped */
};

struct cg_spot {
    cg_network *net;
    const cg_stage *stage;
    uint64_t seed;
    const char *algorithm; /* "" where the stage has no choice */
    bool outline;          /* operands are not fetched */
    bool repeated;         /* the batch's images are (repeated.h) */
    void *memory[CG_SPOT_MEMORY];
    size_t memory_count;
    struct {
        const cg_buffer *buffer;
        const void *data;
        bool mapped; /* else it is a copy, of memory[] */
    } operands[CG_SPOT_MEMORY];
    size_t operand_count;
    struct {
        cg_buffer *buffer;
        size_t bytes; /* of it, that the stage uses */
    } scratch[CG_SPOT_SCRATCH];
    size_t scratch_count;
    cg_spot_output outputs[CG_SPOT_OUTPUTS];
    size_t output_count;
    const cg_moments *moments; /* that the stage takes of what it writes; NULL: none */
    const cg_map *moments_of;
    size_t moments_groups;
    void *model; /* what the stage's own file keeps */
};

/* *memory = zeroed memory that the check owns. */
cg_status cg_spot_create_memory(void *memory, cg_spot *spot, size_t count, size_t size);

/* *data = a whole buffer as it was before the stage, which must not have run yet; a copy where the
 * stage writes to it. NULL for NULL, and in an outline. */
cg_status cg_spot_fetch(void *data, cg_spot *spot, const cg_buffer *buffer);

/* Takes back what cg_spot_fetch() and cg_spot_collect() mapped. */
void cg_spot_unmap(cg_spot *spot);

/* Adds an array that the stage writes, before any operand is fetched, or the first bytes of memory
 * that holds nothing when it begins (NULL: none; SIZE_MAX: all of them). */
void cg_spot_add_output(cg_spot *spot, const cg_spot_output *output);
void cg_spot_add_scratch(cg_spot *spot, cg_buffer *buffer, size_t bytes);

/* The shape of a map that holds n images. */
cg_spot_shape cg_spot_map_shape(const cg_map *map, size_t n);
size_t cg_spot_count(const cg_spot_shape *shape);

/* at[4] = the coordinates of an element by its place in the buffer. */
void cg_spot_locate(size_t at[4], const cg_spot_shape *shape, size_t index);

/* Fills what the stage is to overwrite, and its scratch memory, with NaN; asynchronous, mostly. */
cg_status cg_spot_poison(cg_spot *spot);

/* *count = the arrays that the stage writes; borrowed. */
void cg_spot_extents(cg_spot_extent extents[CG_SPOT_OUTPUTS], size_t *count, const cg_spot *spot);

/* Maps what the stage wrote. */
cg_status cg_spot_collect(cg_spot *spot);

/* Returns what the stage left in a buffer that is an output; NULL: it is none. */
const float *cg_spot_found(const cg_spot *spot, const cg_buffer *buffer);

/* Returns 1 or -1, the i-th sign of the seed and the stage. */
double cg_spot_sign(const cg_spot *spot, size_t i);

/* Returns the large channel whose weights are compared of CG_SPOT_CHANNELS beside each other, from
 * group * CG_SPOT_CHANNELS on: the planes that it meets take long to compute, and serve all of its
 * weights. */
size_t cg_spot_channel(const cg_spot *spot, size_t group);

/* Returns an element of what the stage left. */
double cg_spot_element(const cg_spot_output *o, size_t index);

/* *n = the elements of an array that are compared, ascending; `most`: parts of it. */
void cg_spot_choose(size_t index[CG_SPOT_POINTS], size_t *n, const cg_spot *spot,
                    const cg_spot_shape *shape, size_t most);

/* Compares one element, which `where` names: |found - expected| <= its error. An element
 * that follows from numbers that are not finite is not compared. */
void cg_spot_compare(cg_spot *spot, cg_verify_result *result, const char *where, double found,
                     cg_approx expected);

/* Marks the result as wrong; the first sentence stays. */
void cg_spot_fail(const cg_spot *spot, cg_verify_result *result, const char *format, ...)
    CG_PRINTF(3, 4);

/* Looks for elements that are left unwritten, and compares the chosen ones. */
cg_status cg_spot_compare_outputs(cg_spot *spot, cg_verify_result *result);

#endif
