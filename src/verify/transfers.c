/* Transfers and fills: what comes back is what was written, each time. A driver that fails once in
 * a hundred or a thousand commands does so here, too: there are more of each kind. */
#include "verify/harness.h"

#include "base/philox.h"
#include "base/try.h"

enum { PIECE = 64 /* words of a small transfer */ };

/* words[count] = random ones, others for each round. */
static void draw_words(uint32_t *words, size_t count, uint32_t round)
{
    static const uint32_t key[2] = {0x7A45u, 0xF5u};
    for (size_t i = 0; i < count; i += 4) {
        const uint32_t counter[4] = {(uint32_t)(i / 4), round, 0, 0};
        cg_philox4x32(words + i, counter, key);
    }
}

/* Compares words exactly; `first` is the number of the first of them in the buffer. */
static void compare_words(cg_harness *harness, const char *what, const uint32_t *got,
                          const uint32_t *expected, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (got[i] != expected[i])
            cg_harness_fail(harness, "%s: word %zu is %08x, not %08x", what, first + i, got[i],
                            expected[i]);
}

typedef struct transfer {
    cg_harness *harness;
    cg_buffer *buffer;
    uint32_t *sent, *got;
    size_t pieces;
} transfer;

/* All at once there, and back in pieces. */
static cg_status read_pieces(transfer *t)
{
    cg_status status = CG_OK;
    size_t count = t->pieces * PIECE;
    draw_words(t->sent, count, 1);
    CG_TRY(cg_buffer_upload(t->buffer, 0, t->sent, count * sizeof *t->sent));
    for (size_t i = 0; i < t->pieces; i++) {
        size_t at = i * PIECE;
        CG_TRY(cg_buffer_download(t->buffer, at * sizeof *t->got, t->got, PIECE * sizeof *t->got));
        compare_words(t->harness, "reading in pieces", t->got, t->sent + at, at, PIECE);
    }
done:
    return status;
}

/* In pieces there, and back all at once. */
static cg_status write_pieces(transfer *t)
{
    cg_status status = CG_OK;
    size_t count = t->pieces * PIECE;
    draw_words(t->sent, count, 2);
    for (size_t i = 0; i < t->pieces; i++) {
        size_t at = i * PIECE;
        CG_TRY(cg_buffer_upload(t->buffer, at * sizeof *t->sent, t->sent + at,
                                PIECE * sizeof *t->sent));
    }
    CG_TRY(cg_buffer_download(t->buffer, 0, t->got, count * sizeof *t->got));
    compare_words(t->harness, "writing in pieces", t->got, t->sent, 0, count);
done:
    return status;
}

cg_status cg_verify_transfers(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    transfer t = {.harness = harness, .pieces = check->array.count};
    size_t count = t.pieces * PIECE;
    CG_TRY(cg_harness_array(&t.sent, harness, count, sizeof *t.sent));
    CG_TRY(cg_harness_array(&t.got, harness, count, sizeof *t.got));
    CG_TRY(cg_harness_output(&t.buffer, harness, count * sizeof *t.sent));
    CG_TRY(read_pieces(&t));
    CG_TRY(write_pieces(&t));
done:
    return status;
}

/* Each fill is seen by the read behind it. */
cg_status cg_verify_fills(cg_harness *harness, const cg_verify_case *check)
{
    cg_status status = CG_OK;
    uint32_t *words, *got;
    cg_buffer *buffer;
    CG_TRY(cg_harness_array(&words, harness, PIECE, sizeof *words));
    CG_TRY(cg_harness_array(&got, harness, PIECE, sizeof *got));
    CG_TRY(cg_harness_output(&buffer, harness, PIECE * sizeof *got));
    for (size_t i = 0; i < check->array.count; i++) {
        uint32_t four[4];
        draw_words(four, 4, (uint32_t)i);
        for (size_t k = 0; k < PIECE; k++)
            words[k] = four[0];
        CG_TRY(cg_buffer_fill(buffer, four[0]));
        CG_TRY(cg_buffer_download(buffer, 0, got, PIECE * sizeof *got));
        compare_words(harness, "a fill", got, words, 0, PIECE);
    }
done:
    return status;
}
