/* Files that are made to cost much: wide JSON, long lines, promises in headers, bombs of gzip, ZIP
 * and PNG. Each reader gets some MiB of each, and may take no more memory than the file's size and
 * 64 MiB, no more processor time than a second for each MiB, and three to begin with; more on an
 * emulated processor. The largest that ever was resident is counted, so each file is written and
 * read by a process of its own. */
#include "fuzz/fuzz.h"
#include "sanitized.h"
#include "support.h"

#include "base/memory.h"
#include "io/array_file.h"
#include "nn/tuning.h"
#include "report/page.h"
#include "run/checkpoint.h"
#include "run/config.h"
#include "train/history.h"

#include <clgan/compare.h>
#include <clgan/dataset.h>
#include <clgan/image.h>
#include <clgan/log.h>
#include <clgan/runlog.h>
#include <clgan/runs.h>
#include <clgan/safetensors.h>
#include <math.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <zlib.h>

enum { MIB = 1 << 20 };

/* ---- costs ----------------------------------------------------------------------------------- */

static double seconds_used(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* A slow processor needs a tenth of a second for this; returns how many times longer it takes, at
 * least 1. */
static double slowness(void)
{
    static double found;
    char text[32];
    size_t digits = 0;
    double before = seconds_used();
    for (int i = 0; found < 1 && i < 200000; i++)
        digits += (size_t)snprintf(text, sizeof text, "%d %g", i, 1.0 / i);
    ck_assert(digits || found >= 1);
    if (found < 1)
        found = fmax(1, (seconds_used() - before) / 0.1);
    return found;
}

/* A cost is counted from its beginning. */
typedef struct cost {
    size_t memory;
    double seconds;
} cost;

static cost begin_cost(void)
{
    return (cost){cg_memory_resident_peak(), seconds_used()};
}

static void check_cost(cost before, size_t size)
{
    size_t memory = cg_memory_resident_peak() - before.memory;
    double seconds = seconds_used() - before.seconds;
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%6.1f MiB file: %6.1f MiB, %.2f s\n", (double)size / MIB,
                (double)memory / MIB, seconds);
    ck_assert_uint_le(memory, size + FUZZ_MEMORY);
    ck_assert(seconds <= slowness() * (3 + (double)size / MIB));
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A text with a part that comes again and again, with `between` after each but the last. */
typedef struct shape {
    const char *begin, *part, *between, *end;
} shape;

/* block = the part again and again, as it is written between the first and the last. Returns its
 * length. */
static size_t repeat_part(char block[4096], const shape *s)
{
    size_t length = 0, step = strlen(s->between) + strlen(s->part);
    for (; length + step < 4096; length += step)
        snprintf(block + length, 4096 - length, "%s%s", s->part, s->between);
    return length;
}

/* Writes it in this many bytes or a few more. A %zu in the part is its number. */
static size_t put_shape(const char *name, size_t size, const shape *s)
{
    char block[4096];
    const char *number = strstr(s->part, "%zu");
    size_t written = strlen(s->begin) + strlen(s->end), length = repeat_part(block, s);
    FILE *file = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    fputs(s->begin, file);
    for (size_t i = 0; written < size; i++, written += length) {
        if (number)
            length = (size_t)snprintf(block, sizeof block, "%.*s%zu%s", (int)(number - s->part),
                                      s->part, i, number + 3);
        fwrite(block, 1, length, file);
    }
    fprintf(file, "%s%s", *s->between ? s->part : "", s->end);
    ck_assert_int_eq(fclose(file), 0);
    return written;
}

/* Writes `size` zeros behind the head, packed; returns the file's size. */
static size_t put_bomb(const char *name, const void *head, size_t head_size, size_t size)
{
    static const unsigned char zeros[1 << 16];
    gzFile file = gzopen(scratch_path(name), "wb1");
    struct stat info;
    ck_assert_ptr_nonnull(file);
    gzwrite(file, head, (unsigned)head_size);
    for (size_t part; size; size -= part) {
        part = size < sizeof zeros ? size : sizeof zeros;
        gzwrite(file, zeros, (unsigned)part);
    }
    gzclose(file);
    ck_assert_int_eq(stat(scratch_path(name), &info), 0);
    return (size_t)info.st_size;
}

/* ---- readers of JSON ------------------------------------------------------------------------- */

static void read_bench(const char *path)
{
    cg_comparison comparison = {0};
    char page[512];
    snprintf(page, sizeof page, "%s.html", path);
    if (cg_comparison_add(&comparison, path) == CG_OK)
        ck_assert_int_eq(cg_comparison_write_html(&comparison, page), CG_OK);
    cg_comparison_deinit(&comparison);
}

static void read_log(const char *path)
{
    cg_history history;
    cg_history_read(&history, path);
    cg_history_deinit(&history);
    cg_runlog_truncate(path, &(cg_runlog_end){.step = 10, .every = 1});
}

/* The run in the scratch folder. */
static void read_run(const char *path)
{
    cg_runs runs;
    cg_run_data run;
    cg_run_pictures pictures = {0};
    cg_run_samples samples = {0};
    cg_report_data all = {{&run, 1}, &pictures, &samples};
    cg_text page = {0};
    (void)path;
    ck_assert_int_eq(cg_runs_list(&runs, scratch_folder), CG_OK);
    cg_runs_deinit(&runs);
    if (cg_run_data_read(&run, scratch_folder) == CG_OK &&
        cg_run_pictures_read(&pictures, &run) == CG_OK)
        cg_report_add_page(&page, &all);
    cg_text_deinit(&page);
    cg_run_pictures_deinit(&pictures);
    cg_run_data_deinit(&run);
}

static void read_tuning(const char *path)
{
    char text[CG_CHOICE_TEXT];
    cg_runtime rt = {.info = {.name = "device"}};
    setenv("CLGAN_TUNING", path, 1);
    bool found;
    ck_assert_int_eq(cg_tuning_find(&found, text, &rt), CG_OK);
    ck_assert(!found);
}

static void read_options(const char *path)
{
    size_t size;
    cg_recipe recipe;
    unsigned char *text = get_file(path, &size);
    cg_checkpoint_read_options(&recipe, (char *)text);
    free(text);
}

static void read_safetensors(const char *path)
{
    size_t size;
    unsigned char *text = get_file(path, &size);
    char file[512];
    FILE *out;
    snprintf(file, sizeof file, "%s.safetensors", path);
    out = fopen(file, "wb");
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < 8; i++)
        fputc((int)(size >> (8 * i) & 255), out);
    fwrite(text, 1, size, out);
    fclose(out);
    free(text);
    cg_safetensors *read;
    ck_assert_int_eq(cg_safetensors_read(&read, file), CG_ERR_INPUT);
    cg_safetensors_is_whole(file);
}

static const struct {
    const char *name;
    void (*read)(const char *path);
} readers[] = {
    {"bench.json", read_bench},   {"log.jsonl", read_log},   {"config.json", read_run},
    {"tuning.json", read_tuning}, {"options", read_options}, {"header", read_safetensors},
};

/* JSON of the smallest values, of names, of depth, of one long string, of one long number. */
static const shape shapes[] = {
    {"[", "0", ",", "]\n"},
    {"{", "\"\":\"\"", ",", "}\n"},
    {"{\"format\":1,\"entries\":[", "{}", ",", "]}\n"},
    {"[", "[", "", "\n"},
    {"{\"a\":\"", "\\u0041", "", "\"}\n"},
    {"{\"a\":", "1", "", "}\n"},
};

enum { READERS = sizeof readers / sizeof readers[0], SHAPES = sizeof shapes / sizeof shapes[0] };

START_TEST(json_of_any_shape)
{
    const char *name = readers[_i / SHAPES].name;
    size_t size = put_shape(name, 4 * MIB, &shapes[_i % SHAPES]);
    cost before = begin_cost();
    readers[_i / SHAPES].read(scratch_path(name));
    check_cost(before, size);
}
END_TEST

/* ---- runs ------------------------------------------------------------------------------------ */

static const char config[] =
    "{\"seed\":1,\"batch\":1,\"epochs\":1000000,\"keep\":1,\"checkpoint_every\":0,\"log_every\":1,"
    "\"images\":1,\"data\":\"data\"}";

/* Logs of records that are short, that leave notes, that have numbers of 300 digits. */
static const shape logs[] = {
    {"", "{\"type\":\"step\",\"step\":%zu,\"loss_d\":1e308,\"loss_g\":1e308}\n", "", ""},
    {"", "{\"type\":\"epoch\",\"epoch\":%zu,\"step\":1}\n", "", ""},
    {"", "{\"type\":\"evaluation\",\"step\":1,\"epoch\":1,\"fid\":-%zu}\n", "", ""},
    {"", "{\"type\":\"warning\",\"step\":%zu,\"epoch\":1,\"message\":\"<<<<<<<<<<<<<<<<\"}\n", "",
     ""},
    {"", "{}\n", "", ""},
};

START_TEST(logs_of_many_records)
{
    put_file(scratch_path("config.json"), config, sizeof config - 1);
    size_t size = put_shape("log.jsonl", 2 * MIB, &logs[_i]);
    cost before = begin_cost();
    read_run(NULL);
    read_log(scratch_path("log.jsonl"));
    check_cost(before, size);
}
END_TEST

/* ---- benches --------------------------------------------------------------------------------- */

/* The stages of each device have names of their own, or all the same ones. */
static void put_device(FILE *file, size_t device, size_t layers, bool own)
{
    fprintf(file,
            "%s{\"device\":\"d\",\"driver\":\"d\",\"step\":{\"seconds_median\":1,"
            "\"images_per_second\":1},\"layers\":[",
            device ? "," : "");
    for (size_t layer = 0; layer < layers; layer++)
        fprintf(file, "%s{\"name\":\"%zu\",\"seconds_median\":1}", layer ? "," : "",
                own ? device * layers + layer : layer);
    fprintf(file, "]}");
}

static const struct {
    size_t devices, layers;
    bool own;
    cg_status read, shown;
} benches[] = {
    {CG_COMPARE_DEVICES, CG_COMPARE_TIMES / CG_COMPARE_DEVICES, false, CG_OK, CG_OK},
    {CG_COMPARE_DEVICES, CG_COMPARE_TIMES / CG_COMPARE_DEVICES, true, CG_OK, CG_ERR_SHAPE},
    {CG_COMPARE_DEVICES, CG_COMPARE_LAYERS / CG_COMPARE_DEVICES, true, CG_OK, CG_ERR_SHAPE},
    {CG_COMPARE_TIMES / CG_COMPARE_LAYERS, CG_COMPARE_LAYERS, false, CG_OK, CG_OK},
    {CG_COMPARE_TIMES / CG_COMPARE_LAYERS + 1, CG_COMPARE_LAYERS, false, CG_ERR_INPUT, CG_OK},
    {CG_COMPARE_DEVICES + 1, 1, false, CG_ERR_INPUT, CG_OK},
    {1, CG_COMPARE_LAYERS + 1, false, CG_ERR_INPUT, CG_OK}};

START_TEST(benches_of_many_devices)
{
    cg_comparison comparison = {0};
    FILE *file = fopen(scratch_path("bench.json"), "wb");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "{\"format\":1,\"clgan\":\"1\",\"devices\":[");
    for (size_t device = 0; device < benches[_i].devices; device++)
        put_device(file, device, benches[_i].layers, benches[_i].own);
    fprintf(file, "]}");
    size_t size = (size_t)ftell(file);
    fclose(file);
    cost before = begin_cost();
    ck_assert_int_eq(cg_comparison_add(&comparison, scratch_path("bench.json")), benches[_i].read);
    if (benches[_i].read == CG_OK)
        ck_assert_int_eq(cg_comparison_write_html(&comparison, scratch_path("bench.html")),
                         benches[_i].shown);
    cg_comparison_deinit(&comparison);
    check_cost(before, size);
}
END_TEST

/* ---- arrays ---------------------------------------------------------------------------------- */

enum { IMAGE = 28 * 28, HUGE = 100000, LARGE = 60000 };

static void make_idx_head(unsigned char head[16], size_t images)
{
    const unsigned char all[16] = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28};
    memcpy(head, all, sizeof all);
    for (int i = 0; i < 4; i++)
        head[4 + i] = (unsigned char)(images >> (24 - 8 * i));
}

/* Packed zeros: too many although the header promises them, more than it promises, and as many as
 * MNIST has. */
START_TEST(bombs_of_gzip)
{
    static const struct {
        size_t promised, there;
        cg_status status;
    } bombs[] = {{HUGE, HUGE, CG_ERR_INPUT}, {1, HUGE, CG_ERR_INPUT}, {LARGE, LARGE, CG_OK}};
    static const char name[] = "train-images-idx3-ubyte.gz";
    unsigned char head[16];
    cg_dataset set;
    make_idx_head(head, bombs[_i].promised);
    size_t size = put_bomb(name, head, sizeof head, bombs[_i].there * IMAGE);
    cost before = begin_cost();
    ck_assert_int_eq(cg_dataset_read(&set, scratch_path(name), CG_DATASET_TRAIN), bombs[_i].status);
    check_cost(before, size);
    cg_dataset_deinit(&set);
}
END_TEST

static void store_le(unsigned char *at, size_t bytes, size_t value)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

enum { NPY_HEAD = 128, GZIP_HEAD = 10, GZIP_END = 8, LOCAL = 30, ENTRY = 46, END = 22, NAME = 11 };

static void make_npy_head(char head[NPY_HEAD])
{
    memset(head, ' ', NPY_HEAD);
    memcpy(head, "\x93NUMPY\1\0\x76\0", GZIP_HEAD);
    int length =
        snprintf(head + GZIP_HEAD, NPY_HEAD - GZIP_HEAD,
                 "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 28, 28), }", HUGE);
    head[GZIP_HEAD + length] = ' ';
}

/* An archive with the array of zeros in x_train.npy, packed, or stored as a hole in the file. The
 * packed bytes and their checksum are those of gzip. */
static size_t put_npz(const char *name, bool packed)
{
    char head[NPY_HEAD];
    unsigned char local[LOCAL + NAME] = "PK\3\4", entry[ENTRY + NAME] = "PK\1\2",
                                end[END] = "PK\5\6";
    size_t size, plain = NPY_HEAD + (size_t)HUGE * IMAGE;
    make_npy_head(head);
    put_bomb("bomb.gz", head, NPY_HEAD, plain - NPY_HEAD);
    unsigned char *gzip = get_file(scratch_path("bomb.gz"), &size);
    size_t member = packed ? size - GZIP_HEAD - GZIP_END : plain;
    store_le(local + 26, 2, NAME);
    store_le(entry + 10, 2, packed ? 8 : 0);
    memcpy(entry + 16, gzip + size - GZIP_END, 4);
    store_le(entry + 20, 4, member);
    store_le(entry + 24, 4, plain);
    store_le(entry + 28, 2, NAME);
    memcpy(local + LOCAL, "x_train.npy", NAME);
    memcpy(entry + ENTRY, "x_train.npy", NAME);
    store_le(end + 10, 2, 1);
    store_le(end + 12, 4, sizeof entry);
    store_le(end + 16, 4, sizeof local + member);
    FILE *file = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    fwrite(local, 1, sizeof local, file);
    fwrite(packed ? (char *)gzip + GZIP_HEAD : head, 1, packed ? member : NPY_HEAD, file);
    fseek(file, (long)(sizeof local + member), SEEK_SET);
    fwrite(entry, 1, sizeof entry, file);
    fwrite(end, 1, sizeof end, file);
    fclose(file);
    free(gzip);
    return sizeof local + member + sizeof entry + sizeof end;
}

/* Stored arrays are read without a copy, packed ones of that ratio refused. */
START_TEST(archives)
{
    cg_array array;
    size_t size = put_npz("mnist.npz", _i == 1);
    cost before = begin_cost();
    ck_assert_int_eq(cg_array_file_read(&array, scratch_path("mnist.npz"), CG_DATASET_TRAIN,
                                        CG_DATA_IMAGES, NULL),
                     _i == 1 ? CG_ERR_INPUT : CG_OK);
    check_cost(before, size);
    cg_array_deinit(&array);
}
END_TEST

START_TEST(plain_array)
{
    char head[NPY_HEAD];
    cg_array array;
    const char *path = scratch_path("x_train.npy");
    make_npy_head(head);
    put_file(path, head, NPY_HEAD);
    ck_assert_int_eq(truncate(path, NPY_HEAD + (off_t)HUGE * IMAGE), 0);
    cost before = begin_cost();
    ck_assert_int_eq(cg_array_file_read(&array, path, CG_DATASET_TRAIN, CG_DATA_IMAGES, NULL),
                     CG_OK);
    check_cost(before, (size_t)HUGE * IMAGE);
    cg_array_deinit(&array);
}
END_TEST

/* ---- pictures -------------------------------------------------------------------------------- */

static void put_chunk(FILE *file, const char *type, const void *data, size_t size)
{
    unsigned char number[4];
    for (int i = 0; i < 4; i++)
        number[i] = (unsigned char)(size >> (24 - 8 * i));
    fwrite(number, 1, 4, file);
    fwrite(type, 1, 4, file);
    fwrite(data, 1, size, file);
    uLong crc = crc32(crc32(0, (const unsigned char *)type, 4), data, (uInt)size);
    for (int i = 0; i < 4; i++)
        number[i] = (unsigned char)(crc >> (24 - 8 * i));
    fwrite(number, 1, 4, file);
}

/* A picture of 7000 x 7000 pixels, and 200 texts that unpack to 4 MB each. */
START_TEST(bombs_of_png)
{
    enum { SIDE = 7000, TEXT = 4000000, TEXTS = 200 };
    const unsigned char head[13] = {0, 0, SIDE >> 8, SIDE & 255, 0, 0, SIDE >> 8, SIDE & 255, 8};
    uLongf packed = 1 << 18, text_packed = 1 << 16;
    unsigned char *zeros = calloc(SIDE, SIDE + 1), *out = malloc(packed),
                  *text = malloc(text_packed);
    cg_image image;
    ck_assert(zeros && out && text);
    ck_assert_int_eq(compress2(out, &packed, zeros, SIDE * (SIDE + 1), 1), Z_OK);
    memcpy(text, "a\0", 3); /* its key, and how it is packed */
    ck_assert_int_eq(compress2(text + 3, &text_packed, zeros, TEXT, 1), Z_OK);
    FILE *file = fopen(scratch_path("a.png"), "wb");
    ck_assert_ptr_nonnull(file);
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, file);
    put_chunk(file, "IHDR", head, sizeof head);
    for (size_t i = 0; i < TEXTS; i++)
        put_chunk(file, "zTXt", text, text_packed + 3);
    put_chunk(file, "IDAT", out, packed);
    put_chunk(file, "IEND", NULL, 0);
    size_t size = (size_t)ftell(file);
    fclose(file);
    cost before = begin_cost();
    ck_assert_int_eq(cg_png_read(&image, scratch_path("a.png")), CG_OK);
    check_cost(before, size);
    cg_image_deinit(&image);
}
END_TEST

int main(void)
{
    if (SANITIZED) /* whose memory and time hide those of readers; fuzz_run() counts blocks then */
        return 0;
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 300); /* for a busy machine: what counts is processor time */
    tcase_add_loop_test(tests, json_of_any_shape, 0, READERS * SHAPES);
    tcase_add_loop_test(tests, logs_of_many_records, 0, (int)(sizeof logs / sizeof logs[0]));
    tcase_add_loop_test(tests, benches_of_many_devices, 0,
                        (int)(sizeof benches / sizeof benches[0]));
    tcase_add_loop_test(tests, bombs_of_gzip, 0, 3);
    tcase_add_loop_test(tests, archives, 0, 2);
    tcase_add_test(tests, plain_array);
    tcase_add_test(tests, bombs_of_png);
    return run_case(tests, "limits");
}
