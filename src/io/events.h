/* Event files, which TensorBoard reads: numbers and pictures by step.
 *
 *     cg_events *events;
 *     CG_TRY(cg_events_create(&events, "runs/001", 1));
 *     CG_TRY(cg_events_add_scalars(events, 50, (cg_scalar[]){{"step/loss_g", 0.7f}}, 1));
 *     cg_events_release(events);
 *
 * A file is records, each  length (8 bytes)  crc(length)  data  crc(data),  little-endian, data a
 * protocol buffer of the type Event. Sources: TensorFlow's core/lib/io/record_writer.h,
 * core/util/event.proto and core/framework/summary.proto.
 */
#ifndef CLGAN_IO_EVENTS_H
#define CLGAN_IO_EVENTS_H

#include <clgan/status.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cg_events cg_events;

typedef struct cg_scalar {
    const char *tag;
    float value;
} cg_scalar;

typedef struct cg_event_picture {
    const char *tag;
    const void *png;
    size_t size, width, height;
} cg_event_picture;

/* A new file in the folder, beside those that are there, which TensorBoard reads in the order of
 * their times. It begins with a session's start at `first`: what earlier files hold of that step
 * and later ones is to be forgotten. CG_ERR_WRITE. */
cg_status cg_events_create(cg_events **events, const char *folder, uint64_t first);

/* When these return, the record is with the operating system. CG_ERR_WRITE. */
cg_status cg_events_add_scalars(cg_events *events, uint64_t step, const cg_scalar *scalars,
                                size_t count);
cg_status cg_events_add_picture(cg_events *events, uint64_t step, const cg_event_picture *picture);

/* NULL is fine. */
void cg_events_release(cg_events *events);

/* The CRC-32C (Castagnoli) of the bytes, RFC 3720. zlib has only the other CRC-32. */
uint32_t cg_crc32c(const void *bytes, size_t size);

#endif
