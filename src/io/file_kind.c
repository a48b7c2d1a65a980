/* Kinds of files by their signatures, and texts by what they begin with. */
#include "io/file_kind.h"

#include "base/memory.h"
#include "base/platform.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define UNPACK   ": unpack it, and give the folder"
#define DOWNLOAD ": download the file again"

/* Bytes at a place. The signatures are those of the formats' own specifications. */
static const struct {
    size_t place, length;
    const char *bytes;
    cg_file_kind kind;
} signatures[] = {
    {0, 4, "PK\3\4", {"a ZIP archive", UNPACK}},
    {0, 4, "PK\5\6", {"an empty ZIP archive", ""}},
    {257, 5, "ustar", {"a tar archive", UNPACK}},
    {0, 2, "\x1f\x8b", {"gzip data", ": unpack it"}},
    {0, 3, "BZh", {"bzip2 data", ": unpack it"}},
    {0,
     6,
     "\xfd"
     "7zXZ\0",
     {"xz data", ": unpack it"}},
    {0, 4, "\x28\xb5\x2f\xfd", {"Zstandard data", ": unpack it"}},
    {0, 6, "7z\xbc\xaf\x27\x1c", {"a 7z archive", UNPACK}},
    {0, 4, "Rar!", {"a RAR archive", UNPACK}},
    {0, 6, "\x93NUMPY", {"an array of NumPy", ""}},
    {0, 4, "\x89HDF", {"an HDF5 file", ""}},
    {0, 4, "PAR1", {"a Parquet file", ""}},
    {0, 4, "\x89PNG", {"a PNG picture", ""}},
    {0, 3, "\xff\xd8\xff", {"a JPEG picture", ""}},
    {0, 4, "GIF8", {"a GIF picture", ""}},
    {0, 4, "%PDF", {"a PDF document", ""}},
    {0, 6, "MATLAB", {"a MATLAB file", ""}},
    {0, 2, "\x80\2", {"a Python pickle", ""}},
    {0, 2, "\x80\3", {"a Python pickle", ""}},
    {0, 2, "\x80\4", {"a Python pickle", ""}},
    {0, 2, "\x80\5", {"a Python pickle", ""}},
};

/* Beginnings of texts, behind blanks, with capital letters as small ones. */
static const struct {
    const char *begin;
    cg_file_kind kind;
} texts[] = {
    {"version https://git-lfs", {"a pointer of Git LFS", ": git lfs pull brings the file"}},
    {"<!doctype html", {"an HTML page", DOWNLOAD}},
    {"<html", {"an HTML page", DOWNLOAD}},
    {"<head", {"an HTML page", DOWNLOAD}},
    {"<?xml", {"an XML document", DOWNLOAD}},
    {"<", {"an HTML page or XML document", DOWNLOAD}},
    {"{", {"JSON", ""}},
};

static const cg_file_kind table = {"a table in text (CSV)", ": IDX files are wanted"},
                          text = {"text", ""};

/* Are all bytes those of a text, ASCII or UTF-8, which may be cut off at the end? */
static bool is_text(const unsigned char *bytes, size_t size)
{
    size_t following = 0; /* bytes of a character that are to come */
    for (size_t i = 0; i < size; i++) {
        const unsigned char c = bytes[i];
        const bool follows = (c & 0xc0) == 0x80;
        if (c == '\0' || (c < ' ' && !strchr("\t\n\r\f", c)) || follows != (following > 0))
            return false;
        if (follows)
            following--;
        else
            following = (size_t)(c >= 0xc2) + (c >= 0xe0) + (c >= 0xf0);
        if (c > 0xf4 || c == 0xc0 || c == 0xc1)
            return false;
    }
    return size > 0;
}

static bool begins_with(const unsigned char *bytes, size_t size, const char *begin)
{
    size_t i = 0;
    while (begin[i] && i < size && tolower(bytes[i]) == begin[i])
        i++;
    return !begin[i];
}

/* Are there at least two commas, semicolons or tabulators in the first line? */
static bool is_table(const unsigned char *bytes, size_t size)
{
    size_t marks = 0;
    for (size_t i = 0; i < size && bytes[i] != '\n'; i++)
        marks += bytes[i] == ',' || bytes[i] == ';' || bytes[i] == '\t';
    return marks >= 2;
}

static const cg_file_kind *find_text(const unsigned char *bytes, size_t size)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf}; /* some programs put it before UTF-8 */
    if (size >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0)
        bytes += sizeof mark, size -= sizeof mark;
    while (size && isspace(*bytes))
        bytes++, size--;
    for (size_t i = 0; i < CG_COUNT(texts); i++)
        if (begins_with(bytes, size, texts[i].begin))
            return &texts[i].kind;
    return is_table(bytes, size) ? &table : &text;
}

const cg_file_kind *cg_file_kind_find(const unsigned char *bytes, size_t size)
{
    size = size < CG_FILE_KIND_BYTES ? size : CG_FILE_KIND_BYTES;
    for (size_t i = 0; i < CG_COUNT(signatures); i++)
        if (size >= signatures[i].place + signatures[i].length &&
            memcmp(bytes + signatures[i].place, signatures[i].bytes, signatures[i].length) == 0)
            return &signatures[i].kind;
    return is_text(bytes, size) ? find_text(bytes, size) : NULL;
}

/* Unpacks the beginning of gzip data in place; returns its size, or 0 where it is none. */
static size_t unpack(unsigned char bytes[CG_FILE_KIND_BYTES], size_t size)
{
    unsigned char out[CG_FILE_KIND_BYTES];
    z_stream z = {.next_in = bytes, .avail_in = (uInt)size};
    if (size < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b ||
        inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return 0;
    z.next_out = out;
    z.avail_out = sizeof out;
    inflate(&z, Z_SYNC_FLUSH);
    size = sizeof out - z.avail_out;
    inflateEnd(&z);
    memcpy(bytes, out, size);
    return size;
}

const cg_file_kind *cg_file_kind_read(const char *path)
{
    unsigned char bytes[CG_FILE_KIND_BYTES];
    const cg_file_kind *kind = NULL, *inner;
    cg_file_info info;
    size_t got = 0;
    int file = cg_platform_open(path, CG_OPEN_READ);
    if (file < 0)
        return NULL;
    bool sound = cg_platform_file_info(&info, file) && info.regular &&
                 cg_platform_read(file, bytes, sizeof bytes, &got);
    close(file);
    if (sound)
        kind = cg_file_kind_find(bytes, got);
    inner = cg_file_kind_find(bytes, sound ? unpack(bytes, got) : 0);
    return inner ? inner : kind;
}
