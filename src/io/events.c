/* Event files. A protocol buffer is fields, each a number that encodes field and kind, then the
 * value; a nested message is its length and its bytes. */
#include "io/events.h"

#include "base/endian.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cg_events {
    int fd;
    char *path;
};

/* ---- records --------------------------------------------------------------------------------- */

/* A table of our own: a library for these lines would be one more thing to install. */
uint32_t cg_crc32c(const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    uint32_t table[256], crc = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t entry = i;
        for (int bit = 0; bit < 8; bit++)
            entry = entry >> 1 ^ (entry & 1 ? UINT32_C(0x82F63B78) : 0);
        table[i] = entry;
    }
    for (size_t i = 0; i < size; i++)
        crc = crc >> 8 ^ table[(crc ^ b[i]) & 255];
    return ~crc;
}

static void add_byte(cg_text *out, unsigned char byte)
{
    cg_text_add(out, &byte, 1);
}

static void add_le32(cg_text *out, uint32_t number)
{
    unsigned char bytes[4];
    cg_endian_store_le32(bytes, number);
    cg_text_add(out, bytes, sizeof bytes);
}

static void add_le64(cg_text *out, uint64_t number)
{
    unsigned char bytes[8];
    cg_endian_store_le64(bytes, number);
    cg_text_add(out, bytes, sizeof bytes);
}

/* A checksum is masked, for data may hold checksums itself. */
static void add_checksum(cg_text *out, const void *bytes, size_t size)
{
    uint32_t crc = cg_crc32c(bytes, size);
    add_le32(out, (crc >> 15 | crc << 17) + UINT32_C(0xA282EAD8));
}

/* A record goes out in one write(), so that a program that is killed leaves whole ones. */
static cg_status write_record(const cg_events *events, const cg_text *data)
{
    cg_status status = data->status;
    cg_text record = {0};
    CG_TRY(status);
    add_le64(&record, data->size);
    add_checksum(&record, record.data, record.size);
    cg_text_add(&record, data->data, data->size);
    add_checksum(&record, data->data, data->size);
    CG_TRY(record.status);
    if (!cg_platform_write(events->fd, record.data, record.size))
        status = cg_fail(CG_ERR_WRITE, "cannot write %s: %s", events->path, strerror(errno));
done:
    cg_text_deinit(&record);
    return status;
}

/* ---- protocol buffers ------------------------------------------------------------------------ */

typedef enum wire { WIRE_VARINT = 0, WIRE_DOUBLE = 1, WIRE_BYTES = 2, WIRE_FLOAT = 5 } wire;

/* The fields that are written, by message. */
enum { EVENT_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SCALAR = 2, VALUE_IMAGE = 4 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLORS = 3, IMAGE_FILE = 4 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };

static void add_varint(cg_text *out, uint64_t number)
{
    for (; number > 127; number >>= 7)
        add_byte(out, (unsigned char)((number & 127) | 128));
    add_byte(out, (unsigned char)number);
}

static void add_key(cg_text *out, unsigned field, wire kind)
{
    add_varint(out, field << 3 | (unsigned)kind);
}

static void add_number(cg_text *out, unsigned field, uint64_t number)
{
    add_key(out, field, WIRE_VARINT);
    add_varint(out, number);
}

static void add_double(cg_text *out, unsigned field, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    add_key(out, field, WIRE_DOUBLE);
    add_le64(out, bits);
}

static void add_float(cg_text *out, unsigned field, float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    add_key(out, field, WIRE_FLOAT);
    add_le32(out, bits);
}

static void add_bytes(cg_text *out, unsigned field, const void *bytes, size_t size)
{
    add_key(out, field, WIRE_BYTES);
    add_varint(out, size);
    cg_text_add(out, bytes, size);
}

/* Adds what was made as a field, and empties it for the next. */
static void add_message(cg_text *out, unsigned field, cg_text *message)
{
    add_bytes(out, field, message->data, message->size);
    if (out->status == CG_OK)
        out->status = message->status;
    cg_text_deinit(message);
}

/* An event at the step, now; more fields follow. */
static void add_start_of_event(cg_text *event, uint64_t step)
{
    add_double(event, EVENT_TIME, cg_platform_wall_time());
    add_number(event, EVENT_STEP, step);
}

/* ---- events ---------------------------------------------------------------------------------- */

static cg_status write_version(const cg_events *events)
{
    static const char version[] = "brain.Event:2";
    cg_text event = {0};
    add_double(&event, EVENT_TIME, cg_platform_wall_time());
    add_bytes(&event, EVENT_VERSION, version, sizeof version - 1);
    cg_status status = write_record(events, &event);
    cg_text_deinit(&event);
    return status;
}

static cg_status write_start(const cg_events *events, uint64_t first)
{
    cg_text event = {0}, session = {0};
    add_start_of_event(&event, first);
    add_number(&session, SESSION_STATUS, SESSION_START);
    add_message(&event, EVENT_SESSION, &session);
    cg_status status = write_record(events, &event);
    cg_text_deinit(&event);
    return status;
}

/* The name begins as TensorBoard looks for it; by the time in it files are sorted. */
static cg_status open_file(cg_events *events, const char *folder)
{
    cg_status status = CG_OK;
    char name[160], host[64];
    cg_platform_host_name(host, sizeof host);
    snprintf(name, sizeof name, "events.out.tfevents.%017.6f.%s.%ld", cg_platform_wall_time(), host,
             (long)getpid());
    CG_TRY(cg_path_join(&events->path, folder, name));
    events->fd = cg_platform_open(events->path, CG_OPEN_APPEND);
    if (events->fd < 0)
        status = cg_fail(CG_ERR_WRITE, "cannot write %s: %s", events->path, strerror(errno));
done:
    return status;
}

cg_status cg_events_create(cg_events **events, const char *folder, uint64_t first)
{
    cg_status status = CG_OK;
    cg_events *opened = NULL;
    *events = NULL;
    CG_TRY(cg_memory_create(&opened, 1, sizeof *opened));
    opened->fd = -1;
    CG_TRY(open_file(opened, folder));
    CG_TRY(write_version(opened));
    CG_TRY(write_start(opened, first));
    *events = opened;
    opened = NULL;
done:
    cg_events_release(opened);
    return status;
}

cg_status cg_events_add_scalars(cg_events *events, uint64_t step, const cg_scalar *scalars,
                                size_t count)
{
    cg_text event = {0}, summary = {0}, value = {0};
    for (size_t i = 0; i < count; i++) {
        add_bytes(&value, VALUE_TAG, scalars[i].tag, strlen(scalars[i].tag));
        add_float(&value, VALUE_SCALAR, scalars[i].value);
        add_message(&summary, SUMMARY_VALUE, &value);
    }
    add_start_of_event(&event, step);
    add_message(&event, EVENT_SUMMARY, &summary);
    cg_status status = write_record(events, &event);
    cg_text_deinit(&event);
    return status;
}

cg_status cg_events_add_picture(cg_events *events, uint64_t step, const cg_event_picture *picture)
{
    enum { GREY = 1 };
    cg_text event = {0}, summary = {0}, value = {0}, image = {0};
    add_number(&image, IMAGE_HEIGHT, picture->height);
    add_number(&image, IMAGE_WIDTH, picture->width);
    add_number(&image, IMAGE_COLORS, GREY);
    add_bytes(&image, IMAGE_FILE, picture->png, picture->size);
    add_bytes(&value, VALUE_TAG, picture->tag, strlen(picture->tag));
    add_message(&value, VALUE_IMAGE, &image);
    add_message(&summary, SUMMARY_VALUE, &value);
    add_start_of_event(&event, step);
    add_message(&event, EVENT_SUMMARY, &summary);
    cg_status status = write_record(events, &event);
    cg_text_deinit(&event);
    return status;
}

void cg_events_release(cg_events *events)
{
    if (!events)
        return;
    if (events->fd >= 0)
        close(events->fd);
    free(events->path);
    free(events);
}
