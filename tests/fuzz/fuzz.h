/* Readers of what others wrote, each as a target that takes any bytes: of a file, of a folder's
 * files, of an option. tests/fuzz/test_replay.c gives them the committed seeds and findings, in
 * every suite; scripts/fuzz.sh gives them what libFuzzer makes of these.
 *
 * A target accepts or refuses the bytes; it never crashes, and beside the sanitizers fuzz_run()
 * sees to it that
 *   - no more memory is held at once than the input's size and 64 MiB,
 *   - each line of the log is valid UTF-8 without a character that a terminal obeys.
 */
#ifndef CLGAN_TESTS_FUZZ_FUZZ_H
#define CLGAN_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>

/* A reader may hold this many bytes beside the input's own size. */
enum { FUZZ_MEMORY = 64 << 20 };

typedef struct fuzz_target {
    const char *name; /* of its folder in tests/fuzz/seeds, too */
    void (*read)(const unsigned char *data, size_t size);
    /* Puts right, in place, what guards the bytes: hashes, checksums. A target that has it is given
     * the input as it is, and repaired, so that what lies behind the guard is reached. */
    void (*repair)(unsigned char *data, size_t size);
} fuzz_target;

/* All of them, up to one without a name. */
extern const fuzz_target fuzz_targets[];

/* NULL where there is none of that name. */
const fuzz_target *fuzz_find(const char *name);

/* Gives the bytes to the target, and ends the process where a promise does not hold. */
void fuzz_run(const fuzz_target *target, const unsigned char *data, size_t size);

/* ---- for targets ----------------------------------------------------------------------------- */

/* The path of a file in this process's scratch folder; static, good for four calls. */
const char *fuzz_path(const char *name);

/* Writes that file and returns its path. */
const char *fuzz_put(const char *name, const void *data, size_t size);

/* A copy that ends in a NUL, for free(). The input's own NULs end it, too. */
char *fuzz_text(const unsigned char *data, size_t size);

/* A part of an input that has several: a line "%%" stands between them. */
typedef struct fuzz_part {
    const unsigned char *data;
    size_t size;
} fuzz_part;

/* Takes the next part from the rest, which is empty after the last. */
fuzz_part fuzz_next(fuzz_part *rest);

/* These end the process where the text is not fit to be shown, or no valid JSON, or the page has
 * an element or an attribute that no page of clgan has. */
void fuzz_check_shown(const char *text);
void fuzz_check_json(const char *text);
void fuzz_check_page(const char *page);

/* Ends the process with a sentence where a promise does not hold. */
void fuzz_need(bool holds, const char *promise);

/* ---- the targets ----------------------------------------------------------------------------- */

/* Those of arrays and pictures. */
void fuzz_idx(const unsigned char *data, size_t size);
void fuzz_gzip(const unsigned char *data, size_t size);
void fuzz_npy(const unsigned char *data, size_t size);
void fuzz_npz(const unsigned char *data, size_t size);
void fuzz_data(const unsigned char *data, size_t size);
void fuzz_png(const unsigned char *data, size_t size);

/* Those of networks and their devices. */
void fuzz_safetensors(const unsigned char *data, size_t size);
void fuzz_options(const unsigned char *data, size_t size);
void fuzz_tuning(const unsigned char *data, size_t size);
void fuzz_choice(const unsigned char *data, size_t size);
void fuzz_device(const unsigned char *data, size_t size);
void fuzz_cache(const unsigned char *data, size_t size);
void fuzz_fixture(const unsigned char *data, size_t size);

/* Those of runs and benches, and of text. */
void fuzz_config(const unsigned char *data, size_t size);
void fuzz_log(const unsigned char *data, size_t size);
void fuzz_run_folder(const unsigned char *data, size_t size);
void fuzz_report(const unsigned char *data, size_t size);
void fuzz_compare(const unsigned char *data, size_t size);
void fuzz_compare_page(const unsigned char *data, size_t size);
void fuzz_words(const unsigned char *data, size_t size);

/* ---- guards ---------------------------------------------------------------------------------- */

void fuzz_repair_gzip(unsigned char *data, size_t size);
void fuzz_repair_npz(unsigned char *data, size_t size);
void fuzz_repair_png(unsigned char *data, size_t size);
void fuzz_repair_safetensors(unsigned char *data, size_t size);
void fuzz_repair_tuning(unsigned char *data, size_t size);
void fuzz_repair_cache(unsigned char *data, size_t size);

#endif
