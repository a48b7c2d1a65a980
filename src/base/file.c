/* Paths and files on POSIX. */
#include "base/file.h"

#include "base/memory.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

cg_status cg_path_join(char **path, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool slash = length > 0 && folder[length - 1] != '/';
    size_t size = length + slash + strlen(name) + 1;
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(path, size, 1));
    snprintf(*path, size, "%s%s%s", folder, slash ? "/" : "", name);
done:
    return status;
}

bool cg_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* mkdir() that is content with a folder that is there. */
static bool create_one_dir(const char *path)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return true;
    int error = errno;
    bool there = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = error;
    return there;
}

bool cg_dir_make(const char *path)
{
    char *partial = NULL;
    if (cg_path_join(&partial, "", path) != CG_OK)
        return false;
    for (char *p = partial; *p; p++) {
        if (*p != '/' || p == partial)
            continue;
        *p = '\0';
        /* A failure above shows again, with its reason, at the folder itself. */
        create_one_dir(partial);
        *p = '/';
    }
    free(partial);
    return create_one_dir(path);
}

cg_status cg_dir_create(const char *path)
{
    return cg_dir_make(path)
               ? CG_OK
               : cg_fail(CG_ERR_WRITE, "cannot create the folder %s: %s", path, strerror(errno));
}

/* Opens a regular file of at most `limit` bytes. Not blocking: a pipe must not hang the program
 * before it is refused. */
static cg_status open_regular(int *fd, size_t *size, const char *path, size_t limit)
{
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, &info) != 0)
        return cg_fail(CG_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return cg_fail(CG_ERR_INPUT, "cannot read %s: it is a folder, not a file", path);
    if (!S_ISREG(info.st_mode))
        return cg_fail(CG_ERR_INPUT, "cannot read %s: it is not a regular file", path);
    if ((uintmax_t)info.st_size > limit)
        return cg_fail(CG_ERR_INPUT, "cannot read %s: its %jd bytes are more than the limit of %zu",
                       path, (intmax_t)info.st_size, limit);
    *size = (size_t)info.st_size;
    return CG_OK;
}

static cg_status read_all(int fd, unsigned char *data, size_t size, const char *path)
{
    size_t filled = 0;
    while (filled < size) {
        ssize_t got = read(fd, data + filled, size - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cg_fail(CG_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            return cg_fail(CG_ERR_INPUT, "cannot read %s: it shrank while it was read", path);
        filled += (size_t)got;
    }
    return CG_OK;
}

cg_status cg_file_read(void **data, size_t *size, const char *path, size_t limit)
{
    int fd = -1;
    size_t length = 0;
    unsigned char *bytes = NULL;
    cg_status status = CG_OK;
    *data = NULL;
    *size = 0;
    CG_TRY(open_regular(&fd, &length, path, limit));
    CG_TRY(cg_memory_create(&bytes, length + 1, 1));
    CG_TRY(read_all(fd, bytes, length, path));
    *data = bytes;
    *size = length;
    bytes = NULL;
done:
    free(bytes);
    if (fd >= 0)
        close(fd);
    return status;
}

static cg_status write_failed(const char *path)
{
    return cg_fail(CG_ERR_WRITE, "cannot write %s: %s", path, strerror(errno));
}

/* The length of the folder part of a path, with its slash; 0 for a bare name. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Resolves the path that is really written: a link is written through, not replaced, and nothing
 * but a regular file (no device, no folder) is ever renamed over. */
static cg_status resolve_target(char **target, const char *path)
{
    struct stat info;
    cg_status status = CG_OK;
    *target = realpath(path, NULL);
    if (!*target)
        return cg_path_join(target, "", path);
    if (stat(*target, &info) == 0 && !S_ISREG(info.st_mode))
        status = cg_fail(CG_ERR_WRITE, "cannot write %s: it is not a regular file", path);
    return status;
}

/* Creates the temporary file. Its name carries the process, so that two programs that write the
 * same file do not meet in it; the number steps over what a killed one has left. */
static cg_status open_temp(cg_writer *writer)
{
    enum { TRIES = 100 };
    size_t folder = folder_length(writer->path);
    size_t size = strlen(writer->path) + 40;
    int fd = -1;
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&writer->temp, size, 1));
    for (int i = 0; i < TRIES && fd < 0; i++) {
        snprintf(writer->temp, size, "%.*s.%s.%ld-%d.tmp", (int)folder, writer->path,
                 writer->path + folder, (long)getpid(), i);
        fd = open(writer->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0) {
        status = write_failed(writer->path);
        free(writer->temp); /* the name is not ours to remove */
        writer->temp = NULL;
        goto done;
    }
    writer->file = fdopen(fd, "wb");
    if (!writer->file) {
        status = write_failed(writer->path);
        close(fd);
    }
done:
    return status;
}

cg_status cg_writer_open(cg_writer *writer, const char *path)
{
    cg_status status = CG_OK;
    *writer = (cg_writer){0};
    CG_TRY(resolve_target(&writer->path, path));
    CG_TRY(open_temp(writer));
done:
    if (status != CG_OK)
        cg_writer_abandon(writer);
    return status;
}

cg_status cg_writer_write(cg_writer *writer, const void *data, size_t size)
{
    if (size == 0 || fwrite(data, 1, size, writer->file) == size)
        return CG_OK;
    cg_status status = write_failed(writer->path);
    cg_writer_abandon(writer);
    return status;
}

/* Makes the rename itself survive a power cut. Some file systems cannot sync a folder (EINVAL). */
static bool sync_folder(const char *path)
{
    size_t length = folder_length(path);
    char *folder = length ? strndup(path, length) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool synced = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    int error = errno;
    if (fd >= 0)
        close(fd);
    free(folder);
    errno = error;
    return synced;
}

cg_status cg_writer_commit(cg_writer *writer)
{
    FILE *file = writer->file;
    cg_status status = CG_OK;
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    int error = errno;
    writer->file = NULL;
    if (fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    errno = error;
    if (!written || rename(writer->temp, writer->path) != 0) {
        status = write_failed(writer->path);
    } else {
        free(writer->temp);
        writer->temp = NULL;
        if (!sync_folder(writer->path))
            status = write_failed(writer->path);
    }
    cg_writer_abandon(writer);
    return status;
}

void cg_writer_abandon(cg_writer *writer)
{
    if (writer->file)
        fclose(writer->file);
    if (writer->temp)
        unlink(writer->temp);
    free(writer->temp);
    free(writer->path);
    *writer = (cg_writer){0};
}

cg_status cg_file_probe(const char *path)
{
    cg_writer writer = {0};
    cg_status status = cg_writer_open(&writer, path);
    cg_writer_abandon(&writer);
    return status;
}

cg_status cg_file_write(const char *path, const void *data, size_t size)
{
    cg_writer writer = {0};
    cg_status status = CG_OK;
    CG_TRY(cg_writer_open(&writer, path));
    CG_TRY(cg_writer_write(&writer, data, size));
    CG_TRY(cg_writer_commit(&writer));
done:
    cg_writer_abandon(&writer);
    return status;
}
