/* ZIP archives as NumPy writes them: stored or deflated members, listed at the archive's end. */
#include "io/npy.h"

#include "base/endian.h"
#include "base/memory.h"
#include "base/try.h"

#include <stdlib.h>
#include <string.h>

/* Lengths of the records, and where their fields are. Numbers are little-endian. */
enum {
    END = 22, /* the end record, before a comment of up to 64 KiB */
    END_COUNT = 10,
    END_SIZE = 12,
    END_OFFSET = 16,
    COMMENT_MOST = 65535,
    ENTRY = 46, /* of the list, before name, extra field, comment */
    ENTRY_FLAGS = 8,
    ENTRY_METHOD = 10,
    ENTRY_CRC = 16,
    ENTRY_PACKED = 20,
    ENTRY_UNPACKED = 24,
    ENTRY_NAME = 28,
    ENTRY_EXTRA = 30,
    ENTRY_COMMENT = 32,
    ENTRY_OFFSET = 42,
    LOCAL = 30, /* before a member's data, with name and extra field */
    LOCAL_NAME = 26,
    LOCAL_EXTRA = 28,
    ENCRYPTED = 1,
    STORED = 0,
    DEFLATED = 8,
    MEMBERS_MOST = 1000
};

static size_t load16(const unsigned char *p)
{
    return p[0] | (size_t)p[1] << 8;
}

static size_t load32(const unsigned char *p)
{
    return cg_endian_load_le32(p);
}

static cg_status damaged(const cg_source *archive)
{
    return cg_fail(CG_ERR_INPUT, "%s is a damaged ZIP archive, or cut short (%zu bytes)",
                   archive->path, archive->size);
}

bool cg_npz_begins(const unsigned char *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
}

/* The end record, NULL when there is none. */
static const unsigned char *find_end(const cg_source *archive)
{
    const unsigned char *bytes = archive->bytes;
    for (size_t back = END; back <= archive->size && back <= END + COMMENT_MOST; back++)
        if (memcmp(bytes + archive->size - back, "PK\5\6", 4) == 0)
            return bytes + archive->size - back;
    return NULL;
}

/* Moves the offset from the member's own header to its data; false when they are not there. */
static bool locate_data(cg_npz_member *member, const cg_source *archive)
{
    if (member->offset > archive->size || archive->size - member->offset < LOCAL)
        return false;
    const unsigned char *local = archive->bytes + member->offset;
    if (memcmp(local, "PK\3\4", 4) != 0)
        return false;
    member->offset += LOCAL + load16(local + LOCAL_NAME) + load16(local + LOCAL_EXTRA);
    return member->offset <= archive->size && member->packed <= archive->size - member->offset;
}

/* Reads the entry at *at and moves *at behind it. */
static cg_status read_entry(cg_npz_member *member, size_t *at, size_t end, const cg_source *archive)
{
    const unsigned char *entry = archive->bytes + *at;
    if (end - *at < ENTRY || memcmp(entry, "PK\1\2", 4) != 0)
        return damaged(archive);
    size_t name = load16(entry + ENTRY_NAME), method = load16(entry + ENTRY_METHOD);
    size_t length = ENTRY + name + load16(entry + ENTRY_EXTRA) + load16(entry + ENTRY_COMMENT);
    if (end - *at < length)
        return damaged(archive);
    if (load16(entry + ENTRY_FLAGS) & ENCRYPTED || (method != STORED && method != DEFLATED))
        return cg_fail(CG_ERR_INPUT, "%s: a member is encrypted, or packed by method %zu",
                       archive->path, method);
    *member = (cg_npz_member){.packing = method == STORED ? CG_PACKING_NONE : CG_PACKING_DEFLATE,
                              .offset = load32(entry + ENTRY_OFFSET),
                              .packed = load32(entry + ENTRY_PACKED),
                              .size = load32(entry + ENTRY_UNPACKED),
                              .crc = cg_endian_load_le32(entry + ENTRY_CRC)};
    name = name < sizeof member->name ? name : sizeof member->name - 1;
    memcpy(member->name, entry + ENTRY, name);
    *at += length;
    return locate_data(member, archive) ? CG_OK : damaged(archive);
}

cg_status cg_npz_list(cg_npz_member **members, size_t *count, const cg_source *archive)
{
    cg_status status = CG_OK;
    const unsigned char *record = find_end(archive);
    cg_npz_member *list = NULL;
    *members = NULL;
    *count = 0;
    if (!record)
        return damaged(archive);
    size_t entries = load16(record + END_COUNT), at = load32(record + END_OFFSET);
    size_t end = (size_t)(record - archive->bytes);
    if (entries > MEMBERS_MOST) /* of pictures, say; ZIP64 counts on elsewhere */
        return CG_OK;
    if (at > end || load32(record + END_SIZE) != end - at)
        return damaged(archive);
    CG_TRY(cg_memory_create(&list, entries + 1, sizeof *list));
    for (size_t i = 0; i < entries; i++)
        CG_TRY(read_entry(&list[i], &at, end, archive));
    *members = list;
    *count = entries;
    list = NULL;
done:
    free(list);
    return status;
}

static cg_status check_sum(const cg_source *archive, const cg_npz_member *member)
{
    unsigned char bytes[CG_FILE_KIND_BYTES];
    cg_source in = {0};
    size_t got = sizeof bytes;
    uLong crc = crc32(0, NULL, 0);
    cg_status status = CG_OK;
    CG_TRY(cg_source_open_part(&in, archive, member->offset, member->packed, member->packing));
    while (got == sizeof bytes) {
        CG_TRY(cg_source_read(&in, bytes, sizeof bytes, &got));
        crc = crc32(crc, bytes, (uInt)got);
    }
    if (crc != member->crc)
        status = cg_fail(CG_ERR_INPUT, "%s is damaged: the checksum of %s is another one",
                         archive->path, member->name);
done:
    cg_source_close(&in);
    return status;
}

/* The checksum is of the member's unpacked bytes. Packed ones are read again for it when the array
 * has been read to their end: there are no more of them then than it promises. */
cg_status cg_npz_read_array(cg_array *array, cg_source *archive, const cg_npz_member *member,
                            cg_array_check *check)
{
    cg_source in = {0};
    cg_status status = CG_OK;
    const bool stored = member->packing == CG_PACKING_NONE;
    *array = (cg_array){0};
    if (stored) {
        CG_TRY(check_sum(archive, member));
        cg_source_move_part(&in, archive, member->offset, member->packed);
    } else {
        CG_TRY(cg_source_open_part(&in, archive, member->offset, member->packed, member->packing));
    }
    CG_TRY(cg_npy_read_array(array, &in, check));
    if (!stored)
        CG_TRY(check_sum(archive, member));
done:
    cg_source_close(&in);
    return status;
}
