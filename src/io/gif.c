/* GIF animations by giflib, which writes into the atomic writer. */
#include <clgan/image.h>

#include "base/argument.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

enum {
    GREYS = 256,
    WORD_MOST = 65535,
    LAST_DELAY = 200 /* centiseconds */
};

typedef struct sink {
    cg_writer writer;
    cg_status status; /* the status of a failed write, which giflib does not return */
} sink;

static int write_to_sink(GifFileType *gif, const GifByteType *data, int size)
{
    sink *out = gif->UserData;
    if (out->status == CG_OK)
        out->status = cg_writer_write(&out->writer, data, (size_t)size);
    return out->status == CG_OK ? size : 0;
}

static bool put_screen(GifFileType *gif, const cg_image *image)
{
    ColorMapObject *greys = GifMakeMapObject(GREYS, NULL);
    if (!greys)
        return false;
    for (int i = 0; i < GREYS; i++) {
        GifByteType level = (GifByteType)i;
        greys->Colors[i] = (GifColorType){level, level, level};
    }
    EGifSetGifVersion(gif, true);
    bool done =
        EGifPutScreenDesc(gif, (int)image->width, (int)image->height, 8, 0, greys) == GIF_OK;
    GifFreeMapObject(greys);
    return done;
}

/* Netscape's application extension: sub-block 1, repeat 0 times, which means for ever. */
static bool put_loop(GifFileType *gif)
{
    static const unsigned char forever[] = {1, 0, 0};
    return EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
           EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") == GIF_OK &&
           EGifPutExtensionBlock(gif, sizeof forever, forever) == GIF_OK &&
           EGifPutExtensionTrailer(gif) == GIF_OK;
}

/* line: room for a row, because giflib's encoder writes to its input. */
static bool put_frame(GifFileType *gif, const cg_image *frame, unsigned delay, unsigned char *line)
{
    GifByteType control[4];
    GraphicsControlBlock block = {
        .DisposalMode = DISPOSE_DO_NOT,
        .DelayTime = (int)delay,
        .TransparentColor = NO_TRANSPARENT_COLOR,
    };
    EGifGCBToExtension(&block, control);
    if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof control, control) != GIF_OK ||
        EGifPutImageDesc(gif, 0, 0, (int)frame->width, (int)frame->height, false, NULL) != GIF_OK)
        return false;
    for (size_t y = 0; y < frame->height; y++) {
        memcpy(line, frame->pixels + y * frame->width, frame->width);
        if (EGifPutLine(gif, line, (int)frame->width) != GIF_OK)
            return false;
    }
    return true;
}

static cg_status check_frames(const char *path, const cg_image *frames, size_t count)
{
    if (count < 1)
        return cg_fail(CG_ERR_SHAPE, "cannot write %s: an animation needs a frame", path);
    for (size_t i = 0; i < count; i++) {
        const cg_image *frame = &frames[i];
        if (!frame->pixels || frame->width < 1 || frame->width > WORD_MOST || frame->height < 1 ||
            frame->height > WORD_MOST)
            return cg_fail(CG_ERR_SHAPE, "cannot write %s: frame %zu is %zu x %zu pixels", path, i,
                           frame->width, frame->height);
        if (frame->width != frames[0].width || frame->height != frames[0].height)
            return cg_fail(CG_ERR_SHAPE,
                           "cannot write %s: frame %zu is %zu x %zu pixels, the first %zu x %zu",
                           path, i, frame->width, frame->height, frames[0].width, frames[0].height);
    }
    return CG_OK;
}

/* The stream from header to trailer. Not ok: *error is giflib's reason, or the sink has one. */
static bool put_animation(sink *out, const cg_image *frames, size_t count, unsigned delay,
                          unsigned char *line, int *error)
{
    GifFileType *gif = EGifOpen(out, write_to_sink, error);
    if (!gif)
        return false;
    unsigned last_delay = delay > LAST_DELAY ? delay : LAST_DELAY;
    bool done = put_screen(gif, &frames[0]) && put_loop(gif);
    for (size_t i = 0; i < count && done; i++)
        done = put_frame(gif, &frames[i], i + 1 < count ? delay : last_delay, line);
    *error = gif->Error;
    return EGifCloseFile(gif, done ? error : NULL) == GIF_OK && done && out->status == CG_OK;
}

cg_status cg_gif_write(const char *path, const cg_image *frames, size_t count,
                       unsigned delay_centiseconds)
{
    CG_NEED(path);
    CG_NEED(frames || !count);
    sink out = {0};
    unsigned char *line = NULL;
    int error = 0;
    cg_status status = CG_OK;
    unsigned delay = delay_centiseconds < WORD_MOST ? delay_centiseconds : WORD_MOST;
    CG_TRY(check_frames(path, frames, count));
    CG_TRY(cg_memory_create(&line, frames[0].width, 1));
    CG_TRY(cg_writer_open(&out.writer, path));
    if (!put_animation(&out, frames, count, delay, line, &error)) {
        const char *reason = GifErrorString(error);
        status = out.status != CG_OK ? out.status
                                     : cg_fail(CG_ERR_WRITE, "cannot write %s: %s", path,
                                               reason ? reason : "the GIF encoder failed");
        goto done;
    }
    CG_TRY(cg_writer_commit(&out.writer));
done:
    cg_writer_abandon(&out.writer);
    free(line);
    return status;
}
