/* Paths and files. */
#include "base/file.h"

#include "base/memory.h"
#include "base/platform.h"
#include "base/try.h"
#include "base/unfinished.h"
#include "base/waiting.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

cg_status cg_path_join(char **path, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool slash = length > 0 && !cg_platform_is_separator(folder[length - 1]);
    size_t size = length + slash + strlen(name) + 1;
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(path, size, 1));
    snprintf(*path, size, "%s%s%s", folder, slash ? "/" : "", name);
done:
    return status;
}

cg_status cg_path_folder(char **folder, const char *path)
{
    cg_status status = cg_memory_copy_text(folder, path);
    if (status == CG_OK)
        (*folder)[cg_platform_folder_length(path)] = '\0';
    return status;
}

bool cg_path_ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), end = strlen(ending);
    return length > end && strcasecmp(path + length - end, ending) == 0;
}

bool cg_file_exists(const char *path)
{
    cg_file_info info;
    return cg_platform_path_info(&info, path);
}

static bool is_absence(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

bool cg_file_is_absent(const char *path)
{
    return !cg_file_exists(path) && is_absence(errno);
}

cg_status cg_file_look(bool *there, cg_file_info *info, const char *path)
{
    *there = cg_platform_path_info(info, path);
    return *there || is_absence(errno)
               ? CG_OK
               : cg_fail(CG_ERR_READ, "cannot look at %s: %s", path, strerror(errno));
}

cg_status cg_file_find(bool *there, const char *path)
{
    cg_file_info info;
    return cg_file_look(there, &info, path);
}

/* Reads the folder's names. errno = 0 at the end of them, else why there are no more. */
static cg_status visit_names(DIR *handle, const char *path, cg_folder_visitor *visit, void *user)
{
    cg_status status = CG_OK;
    struct dirent *entry;
    while (errno = 0, status == CG_OK && (entry = readdir(handle)))
        status = visit(user, path, entry->d_name);
    if (status == CG_OK && errno)
        status = cg_fail(CG_ERR_READ, "cannot read the folder %s: %s", path, strerror(errno));
    return status;
}

cg_status cg_folder_visit(const char *path, cg_folder_visitor *visit, void *user)
{
    DIR *handle = opendir(path);
    if (!handle && is_absence(errno))
        return CG_OK;
    if (!handle)
        return cg_fail(errno == ENOMEM ? CG_ERR_MEMORY : CG_ERR_READ,
                       "cannot read the folder %s: %s", path, strerror(errno));
    cg_status status = visit_names(handle, path, visit, user);
    closedir(handle);
    return status;
}

bool cg_folder_is_closed(const char *path)
{
    DIR *handle = opendir(path);
    if (handle)
        closedir(handle);
    return !handle && errno == EACCES;
}

bool cg_path_sync(const char *path)
{
    const size_t length = cg_platform_folder_length(path);
    char *folder = malloc(length + 1); /* callers tell why, by errno */
    if (!folder)
        return false;
    memcpy(folder, path, length);
    folder[length] = '\0';
    bool synced = cg_platform_sync_folder(folder);
    int error = errno;
    free(folder);
    errno = error;
    return synced;
}

bool cg_dir_make_new(const char *path)
{
    bool made = cg_platform_make_folder(path);
    int error = errno;
    if (made)
        cg_path_sync(path);
    errno = error;
    return made;
}

/* Content with a folder that is there. */
static bool create_one_dir(const char *path)
{
    cg_file_info info;
    if (cg_dir_make_new(path))
        return true;
    int error = errno;
    bool there = cg_platform_path_info(&info, path) && info.folder;
    errno = error;
    return there;
}

bool cg_dir_make(const char *path)
{
    char *partial = strdup(path); /* callers tell why there is none, by errno */
    int above = ENOENT; /* what went wrong first with a folder above, which then is not there */
    if (!partial)
        return false;
    for (char *p = partial; *p; p++) {
        char separator = *p;
        if (!cg_platform_is_separator(separator) || p == partial)
            continue;
        *p = '\0';
        if (!create_one_dir(partial) && above == ENOENT && errno != EEXIST)
            above = errno;
        *p = separator;
    }
    free(partial);
    bool made = create_one_dir(path);
    if (!made && errno == ENOENT)
        errno = above;
    return made;
}

cg_status cg_dir_create(const char *path)
{
    if (cg_dir_make(path))
        return CG_OK;
    return cg_fail(errno == ENOMEM ? CG_ERR_MEMORY : CG_ERR_WRITE,
                   "cannot create the folder %s: %s", path, strerror(errno));
}

/* A file that is not there is wrong input; one that is may be read another time. */
static cg_status reading_failed(const char *path)
{
    cg_status status = is_absence(errno) ? CG_ERR_INPUT
                       : errno == ENOMEM ? CG_ERR_MEMORY
                                         : CG_ERR_READ;
    return cg_fail(status, "cannot read %s: %s", path, strerror(errno));
}

/* Opens a regular file of at most `limit` bytes. */
static cg_status open_regular(int *fd, size_t *size, const char *path, size_t limit)
{
    cg_file_info info;
    *fd = cg_platform_open(path, CG_OPEN_READ);
    const bool opened = *fd >= 0, folder = !opened && errno == EISDIR;
    if (!folder && (!opened || !cg_platform_file_info(&info, *fd)))
        return reading_failed(path);
    if (folder || info.folder)
        return cg_fail(CG_ERR_INPUT, "cannot read %s: it is a folder, not a file", path);
    if (!info.regular)
        return cg_fail(CG_ERR_INPUT, "cannot read %s: it is not a regular file", path);
    if (info.bytes > limit)
        return cg_fail(CG_ERR_INPUT,
                       "cannot read %s: its %" PRIu64 " bytes are more than the limit of %zu", path,
                       info.bytes, limit);
    *size = (size_t)info.bytes;
    return CG_OK;
}

static cg_status read_all(int fd, unsigned char *data, size_t size, const char *path)
{
    size_t got = 0;
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "reading %s", path);
    bool read = cg_platform_read(fd, data, size, &got);
    cg_wait_end(&wait);
    if (!read)
        return reading_failed(path);
    if (got < size)
        return cg_fail(CG_ERR_INPUT, "cannot read %s: it shrank while it was read", path);
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

void *cg_file_try(const char *path, size_t *size, uint64_t limit)
{
    cg_file_info info;
    char *bytes = NULL;
    *size = 0;
    int fd = cg_platform_open(path, CG_OPEN_READ);
    if (fd < 0)
        return NULL;
    if (cg_platform_file_info(&info, fd) && info.regular && info.bytes <= limit &&
        info.bytes < SIZE_MAX)
        bytes = calloc((size_t)info.bytes + 1, 1);
    if (bytes && (!cg_platform_read(fd, bytes, (size_t)info.bytes, size) || *size < info.bytes)) {
        free(bytes);
        bytes = NULL;
        *size = 0;
    }
    close(fd);
    return bytes;
}

static cg_status write_failed(const char *path)
{
    return cg_fail(CG_ERR_WRITE, "cannot write %s: %s", path, strerror(errno));
}

/* Resolves the path that is really written: a link is written through, not replaced, and nothing
 * but a regular file (no device, no folder) is ever renamed over. */
static cg_status resolve_target(char **target, const char *path)
{
    cg_file_info info;
    cg_status status = CG_OK;
    *target = cg_platform_resolve(path);
    if (!*target && cg_platform_link_info(&info, path) && !info.regular)
        return cg_fail(CG_ERR_WRITE, "cannot write %s: it is a link to what is not there", path);
    if (!*target)
        return cg_memory_copy_text(target, path);
    if (cg_platform_path_info(&info, *target) && !info.regular)
        status = cg_fail(CG_ERR_WRITE, "cannot write %s: it is not a regular file", path);
    return status;
}

/* Creates the temporary file. Its name carries the process, so that two programs that write the
 * same file do not meet in it; the number steps over what a killed one has left. */
static cg_status open_temp(cg_writer *writer)
{
    enum { TRIES = 100 };
    size_t folder = cg_platform_folder_length(writer->path);
    size_t size = strlen(writer->path) + 40;
    int fd = -1;
    cg_status status = CG_OK;
    CG_TRY(cg_memory_create(&writer->temp, size, 1));
    for (int i = 0; i < TRIES && fd < 0; i++) {
        snprintf(writer->temp, size, "%.*s.%s.%ld-%d.tmp", (int)folder, writer->path,
                 writer->path + folder, (long)getpid(), i);
        fd = cg_unfinished_open(writer->temp);
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

/* Returns where the digits before `end` begin, of which there has to be one; else NULL. */
static const char *skip_digits_back(const char *begin, const char *end)
{
    const char *p = end;
    while (p > begin && p[-1] >= '0' && p[-1] <= '9')
        p--;
    return p < end ? p : NULL;
}

bool cg_file_is_temporary(const char **target, size_t *length, const char *name)
{
    static const char ending[] = ".tmp";
    const size_t all = strlen(name);
    if (name[0] != '.' || all < sizeof ending ||
        strcmp(name + all + 1 - sizeof ending, ending) != 0)
        return false;
    const char *number = skip_digits_back(name, name + all + 1 - sizeof ending);
    if (!number || number[-1] != '-')
        return false;
    const char *process = skip_digits_back(name, number - 1);
    if (!process || process[-1] != '.' || process - 1 <= name + 1)
        return false;
    *target = name + 1;
    *length = (size_t)(process - 1 - *target);
    return true;
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

/* Does the work of cg_writer_commit(), which tells of it where that takes long. */
static cg_status commit(cg_writer *writer)
{
    FILE *file = writer->file;
    cg_status status = CG_OK;
    bool written = fflush(file) == 0 && cg_platform_sync(fileno(file));
    int error = errno;
    writer->file = NULL;
    if (fclose(file) != 0 && written) {
        written = false;
        error = errno;
    }
    errno = error;
    if (!written || !cg_platform_replace(writer->temp, writer->path)) {
        status = write_failed(writer->path);
    } else {
        cg_unfinished_forget(writer->temp);
        free(writer->temp);
        writer->temp = NULL;
        if (!cg_path_sync(writer->path))
            status = write_failed(writer->path);
    }
    return status;
}

cg_status cg_writer_commit(cg_writer *writer)
{
    cg_wait wait;
    cg_wait_begin(&wait, CG_WAIT_USUAL, "writing %s", writer->path);
    cg_status status = commit(writer);
    cg_wait_end(&wait);
    cg_writer_abandon(writer);
    return status;
}

void cg_writer_abandon(cg_writer *writer)
{
    if (writer->file)
        fclose(writer->file);
    if (writer->temp) {
        if (unlink(writer->temp) != 0 && !is_absence(errno))
            cg_log(CG_LOG_WARNING, "cannot remove %s: %s", writer->temp, strerror(errno));
        cg_unfinished_forget(writer->temp);
    }
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

cg_status cg_file_probe_output(const char *option, const char *path, const char *ending)
{
    if (path && !cg_path_ends_in(path, ending))
        return cg_fail(CG_ERR_ARGUMENT, "%s %s: the name must end in %s", option, path, ending);
    return path ? cg_file_probe(path) : CG_OK;
}

/* Reads back what was written, before it takes the place of what was there. */
static cg_status read_back(cg_writer *writer, const void *data, size_t size)
{
    enum { PART = 1 << 16 };
    char *part = NULL;
    size_t at = 0, got = 1;
    bool same = true, read = true;
    cg_status status = cg_memory_create(&part, PART, 1);
    int fd = status == CG_OK && fflush(writer->file) == 0
                 ? cg_platform_open(writer->temp, CG_OPEN_READ)
                 : -1;
    for (; fd >= 0 && same && read && got; at += got) {
        read = cg_platform_read(fd, part, PART, &got);
        same = got <= size - at && (!got || memcmp(part, (const char *)data + at, got) == 0);
    }
    if (status == CG_OK && (fd < 0 || !read))
        status = write_failed(writer->path);
    else if (status == CG_OK && (!same || at != size))
        status =
            cg_fail(CG_ERR_WRITE, "cannot write %s: the disk holds other bytes than were written",
                    writer->path);
    if (fd >= 0)
        close(fd);
    free(part);
    return status;
}

cg_status cg_file_write(const char *path, const void *data, size_t size)
{
    cg_writer writer = {0};
    cg_status status = CG_OK;
    CG_TRY(cg_writer_open(&writer, path));
    CG_TRY(cg_writer_write(&writer, data, size));
    CG_TRY(read_back(&writer, data, size));
    CG_TRY(cg_writer_commit(&writer));
done:
    cg_writer_abandon(&writer);
    return status;
}
