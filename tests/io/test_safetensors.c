/* Checkpoint files: round trips, every flipped bit, every truncation, headers that lie. */
#include <clgan/safetensors.h>

#include "base/hash.h"
#include "support.h"

#include <math.h>

static float weight[6] = {1, -2, 3.5f, 1e-40f, INFINITY, 0};
static float bias[1] = {7};

static const cg_host_tensor tensors[] = {
    {"g.dense.weight", 2, {2, 3}, weight},
    {"scalar", 0, {0}, bias},
    {"empty", 3, {4, 0, 2}, NULL},
    {"bias \"\xc3\xa4\"", 4, {1, 1, 1, 1}, bias},
};
static const cg_metadata metadata[] = {
    {"step", "1500"},
    {"options", "{\"hash\":\"xxh3-128:0000\"}"}, /* must not be taken for the hash */
};

static void put_sample(const char *path)
{
    ck_assert_int_eq(cg_safetensors_write(path, tensors, 4, metadata, 2), CG_OK);
}

static void check_refused(const void *data, size_t size)
{
    cg_safetensors *file;
    put_file(scratch_path("bad"), data, size);
    ck_assert_int_eq(cg_safetensors_read(&file, scratch_path("bad")), CG_ERR_INPUT);
    ck_assert_ptr_null(file);
}

START_TEST(round_trips)
{
    cg_safetensors *file;
    put_sample(scratch_path("a"));
    ck_assert_int_eq(cg_safetensors_read(&file, scratch_path("a")), CG_OK);
    ck_assert_uint_eq(cg_safetensors_count(file), 4);
    for (size_t i = 0; i < 4; i++) {
        const cg_host_tensor *tensor = cg_safetensors_at(file, i);
        ck_assert_str_eq(tensor->name, tensors[i].name);
        ck_assert_ptr_eq(tensor, cg_safetensors_get(file, tensors[i].name));
        ck_assert_uint_eq(tensor->rank, tensors[i].rank);
        ck_assert_mem_eq(tensor->dims, tensors[i].dims, sizeof tensor->dims);
    }
    ck_assert_mem_eq(cg_safetensors_at(file, 0)->data, weight, sizeof weight);
    ck_assert(cg_safetensors_at(file, 3)->data[0] == 7);
    ck_assert_ptr_null(cg_safetensors_at(file, 4));
    ck_assert_ptr_null(cg_safetensors_get(file, "missing"));
    ck_assert_str_eq(cg_safetensors_metadata(file, "step"), "1500");
    ck_assert_str_eq(cg_safetensors_metadata(file, "options"), metadata[1].value);
    ck_assert_ptr_null(cg_safetensors_metadata(file, "missing"));
    cg_safetensors_release(file);
    cg_safetensors_release(NULL);
}
END_TEST

/* The file is as the format's description and ours say: aligned, with the hash over itself. */
START_TEST(is_as_described)
{
    const char *start = "{\"__metadata__\":{\"hash\":\"xxh3-128:";
    size_t size;
    char hash[33];
    put_sample(scratch_path("a"));
    put_sample(scratch_path("b"));
    unsigned char *data = get_file(scratch_path("a"), &size),
                  *again = get_file(scratch_path("b"), &size);
    ck_assert_mem_eq(data, again, size);
    size_t header = data[0] + 256u * data[1];
    ck_assert_uint_eq(header % 8, 0);
    ck_assert_uint_eq(size, 8 + header + sizeof weight + 2 * sizeof bias);
    ck_assert_mem_eq(data + 8 + header, "\0\0\x80\x3f\0\0\0\xc0\0\0\x60\x40", 12); /* 1 -2 3.5 */
    ck_assert_mem_eq(data + 8, start, strlen(start));
    size_t digits = 8 + strlen(start);
    memset(data + digits, '0', 32);
    cg_xxh3_128_hex(hash, data, size);
    ck_assert_mem_eq(again + digits, hash, 32);
    free(data);
    free(again);
}
END_TEST

START_TEST(notices_every_bit)
{
    size_t size;
    put_sample(scratch_path("a"));
    unsigned char *data = get_file(scratch_path("a"), &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        check_refused(data, size);
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(data);
}
END_TEST

START_TEST(notices_every_truncation)
{
    size_t size;
    put_sample(scratch_path("a"));
    unsigned char *data = get_file(scratch_path("a"), &size);
    for (size_t length = 0; length < size; length++)
        check_refused(data, length);
    unsigned char *longer = calloc(size + 1, 1);
    memcpy(longer, data, size);
    check_refused(longer, size + 1);
    free(longer);
    free(data);
}
END_TEST

/* A file with this header, the right hash where the header has its zeros, and `bytes` of data. */
static size_t build(unsigned char *out, const char *header, size_t length, size_t bytes)
{
    char hash[33];
    size_t size = 8 + length + bytes;
    memset(out, 0, size);
    for (size_t i = 0; i < 8; i++)
        out[i] = (unsigned char)(length >> (8 * i));
    memcpy(out + 8, header, length);
    char *digits = memmem(out + 8, length, "xxh3-128:", 9);
    if (digits) {
        cg_xxh3_128_hex(hash, out, size);
        memcpy(digits + 9, hash, 32);
    }
    return size;
}

#define HASH     "\"hash\":\"xxh3-128:00000000000000000000000000000000\""
#define META     "{\"__metadata__\":{" HASH "},"
#define F32(n)   "{\"dtype\":\"F32\",\"shape\":" n ",\"data_offsets\":"
#define SPACES   "                "
#define MAX_FILE 4096

static cg_status read_built(const char *header, size_t bytes)
{
    unsigned char data[MAX_FILE];
    cg_safetensors *file;
    char padded[MAX_FILE / 2];
    snprintf(padded, sizeof padded, "%s%s", header, SPACES);
    size_t size = build(data, padded, (strlen(header) + 7) / 8 * 8, bytes);
    put_file(scratch_path("built"), data, size);
    cg_status status = cg_safetensors_read(&file, scratch_path("built"));
    cg_safetensors_release(file);
    return status;
}

START_TEST(accepts_sound_headers)
{
    ck_assert_int_eq(read_built("{\"__metadata__\":{" HASH "}}", 0), CG_OK);
    ck_assert_int_eq(read_built(META "\"a\":" F32("[2]") "[0,8]}}", 8), CG_OK);
    ck_assert_int_eq(read_built(META "\"a\":" F32("[2]") "[0,8]},\"b\":" F32("[1]") "[8,12]}}", 12),
                     CG_OK);
}
END_TEST

static const struct {
    const char *header;
    size_t bytes;
} hostile[] = {
    /* shapes */
    {META "\"a\":" F32("[3]") "[0,8]}}", 8},
    {META "\"a\":" F32("[1,1,1,1,2]") "[0,8]}}", 8},
    {META "\"a\":" F32("[-2]") "[0,8]}}", 8},
    {META "\"a\":" F32("[2.5]") "[0,8]}}", 8},
    {META "\"a\":" F32("[1e999]") "[0,8]}}", 8},
    {META "\"a\":" F32("[\"2\"]") "[0,8]}}", 8},
    {META "\"a\":" F32("2") "[0,8]}}", 8},
    {META "\"a\":" F32("[1073741824,1073741824,1073741824,4]") "[0,0]}}", 0},
    {META "\"a\":" F32("[4294967298]") "[0,8]}}", 8},
    /* offsets */
    {META "\"a\":" F32("[2]") "[0,8]}}", 4},
    {META "\"a\":" F32("[2]") "[0,8]}}", 12},
    {META "\"a\":" F32("[2]") "[4,12]}}", 12},
    {META "\"a\":" F32("[2]") "[8,0]}}", 8},
    {META "\"a\":" F32("[2]") "[-8,0]}}", 8},
    {META "\"a\":" F32("[2]") "[0]}}", 8},
    {META "\"a\":" F32("[2]") "[0,8,8]}}", 8},
    {META "\"a\":" F32("[2]") "[0,1e300]}}", 8},
    {META "\"a\":" F32("[2]") "[0,8]},\"b\":" F32("[2]") "[4,12]}}", 12},
    {META "\"a\":" F32("[2]") "[0,8]},\"b\":" F32("[1]") "[12,16]}}", 16},
    /* types */
    {META "\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]}}", 8},
    {META "\"a\":{\"dtype\":3,\"shape\":[2],\"data_offsets\":[0,8]}}", 8},
    {META "\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8},
    {META "\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8},
    {META "\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8},
    {META "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8},
    {META "\"a\":[0,8]}", 8},
    {META "\"a\":null}", 0},
    /* names */
    {META "\"a\":" F32("[2]") "[0,8]},\"a\":" F32("[1]") "[8,12]}}", 12},
    {META "\"__metadata__\":{}}", 0},
    {"{\"__metadata__\":{\"k\":\"1\"," HASH ",\"k\":\"2\"}}", 0},
    {"{\"__metadata__\":{\"k\":1," HASH "}}", 0},
    /* the hash: missing, of another kind, twice, not where it belongs */
    {"{\"a\":" F32("[2]") "[0,8]}}", 8},
    {"{\"__metadata__\":{\"format\":\"pt\"},\"a\":" F32("[2]") "[0,8]}}", 8},
    {"{\"__metadata__\":["
     "\"hash\""
     "]}",
     0},
    {"{\"__metadata__\":{\"hash\":1}}", 0},
    {"{\"__metadata__\":{\"hash\":\"sha256:00\"}}", 0},
    {"{\"__metadata__\":{\"hash\":\"xxh3-128:00\"}}", 0},
    {"{\"__metadata__\":{" HASH "," HASH "}}", 0},
    {"{\"__metadata__\":{\"hash\":\"none\"},\"x\":{" HASH "}}", 0},
    /* JSON */
    {META "}", 0},
    {"[" HASH "]", 0},
    {"", 0},
    {"{\"__metadata__\":{" HASH "}}{}", 0},
};

START_TEST(refuses_hostile_headers)
{
    ck_assert_int_eq(read_built(hostile[_i].header, hostile[_i].bytes), CG_ERR_INPUT);
}
END_TEST

START_TEST(refuses_hostile_lengths)
{
    unsigned char data[MAX_FILE];
    const char *header = "{\"__metadata__\":{" HASH "}}";
    size_t size = build(data, header, strlen(header), 0);
    ck_assert_uint_ne(strlen(header) % 8, 0);
    check_refused(data, size); /* sound, but its data would not be aligned */
    memset(data, 0xff, 8);
    check_refused(data, size);
    memset(data + 1, 0, 7);
    check_refused(data, size);
    check_refused("PK\3\4 something else", 20);
}
END_TEST

START_TEST(refuses_missing)
{
    cg_safetensors *file;
    ck_assert_int_eq(cg_safetensors_read(&file, scratch_path("missing")), CG_ERR_INPUT);
    ck_assert_int_eq(cg_safetensors_read(&file, scratch_folder), CG_ERR_INPUT);
    ck_assert_ptr_null(file);
}
END_TEST

START_TEST(refuses_to_write)
{
    const cg_host_tensor twice[] = {{"a", 1, {1}, bias}, {"a", 1, {1}, bias}};
    const cg_host_tensor taken[] = {{"__metadata__", 1, {1}, bias}};
    const cg_host_tensor deep[] = {{"a", 5, {1, 1, 1, 1}, bias}};
    const cg_host_tensor large[] = {{"a", 2, {1u << 31, 1u << 31}, bias}};
    const cg_metadata hash[] = {{"hash", "mine"}};
    const char *path = scratch_path("a");
    ck_assert_int_eq(cg_safetensors_write(path, twice, 2, NULL, 0), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_safetensors_write(path, taken, 1, NULL, 0), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_safetensors_write(path, deep, 1, NULL, 0), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_safetensors_write(path, large, 1, NULL, 0), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_safetensors_write(path, twice, 1, hash, 1), CG_ERR_ARGUMENT);
    ck_assert_int_eq(cg_safetensors_write(scratch_path("no/a"), twice, 1, NULL, 0), CG_ERR_WRITE);
    ck_assert_int_eq(scratch_count(), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("safetensors");
    tcase_add_test(tests, round_trips);
    tcase_add_test(tests, is_as_described);
    tcase_add_test(tests, notices_every_bit);
    tcase_add_test(tests, notices_every_truncation);
    tcase_add_test(tests, accepts_sound_headers);
    tcase_add_loop_test(tests, refuses_hostile_headers, 0,
                        (int)(sizeof hostile / sizeof hostile[0]));
    tcase_add_test(tests, refuses_hostile_lengths);
    tcase_add_test(tests, refuses_missing);
    tcase_add_test(tests, refuses_to_write);
    tcase_set_timeout(tests, 60);
    return run_case(tests, "io/safetensors");
}
