/* Files on Linux, macOS and other POSIX systems. */
#include "base/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

/* macOS names the time of a file otherwise. Its fsync() only hands the bytes to the disk,
 * F_FULLFSYNC waits until they are on it. */
#ifdef __APPLE__
#define CHANGED(info) ((info).st_mtimespec)
#else
#define CHANGED(info) ((info).st_mtim)
#endif

int cg_platform_open(const char *path, cg_open_mode mode)
{
    static const int flags[] = {
        [CG_OPEN_READ] = O_RDONLY | O_NONBLOCK,
        [CG_OPEN_NEW] = O_WRONLY | O_CREAT | O_EXCL,
        [CG_OPEN_APPEND] = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK,
        [CG_OPEN_LOCK] = O_RDWR | O_CREAT,
    };
    return open(path, flags[mode] | O_CLOEXEC, 0666);
}

bool cg_platform_read(int file, void *bytes, size_t size, size_t *got)
{
    for (*got = 0; *got < size;) {
        ssize_t n = read(file, (char *)bytes + *got, size - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

bool cg_platform_write(int file, const void *bytes, size_t size)
{
    size_t written = 0;
    while (written < size) {
        ssize_t n = write(file, (const char *)bytes + written, size - written);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        written += (size_t)n;
    }
    return true;
}

bool cg_platform_sync(int file)
{
#ifdef F_FULLFSYNC
    if (fcntl(file, F_FULLFSYNC) == 0)
        return true; /* else the file system has no such thing */
#endif
    return fsync(file) == 0;
}

/* Some file systems cannot sync a folder (EINVAL). */
bool cg_platform_sync_folder(const char *folder)
{
    int file = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = file >= 0 && (cg_platform_sync(file) || errno == EINVAL);
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
    return synced;
}

/* A file system that has not the one kind of lock may have the other. */
cg_lock cg_platform_lock(int file)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return CG_LOCK_HELD;
    if (errno == EWOULDBLOCK)
        return CG_LOCK_BUSY;
    if (fcntl(file, F_SETLK, &whole) == 0)
        return CG_LOCK_HELD;
    return errno == EAGAIN || errno == EACCES ? CG_LOCK_BUSY : CG_LOCK_NONE;
}

bool cg_platform_is_locked(int file)
{
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    if (flock(file, LOCK_SH | LOCK_NB) == 0)
        return flock(file, LOCK_UN), false; /* else the closing gives it back */
    if (errno == EWOULDBLOCK)
        return true;
    return fcntl(file, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

static cg_file_info convert_info(const struct stat *info)
{
    return (cg_file_info){
        .regular = S_ISREG(info->st_mode),
        .folder = S_ISDIR(info->st_mode),
        .bytes = (uint64_t)info->st_size,
        .changed_ns = (int64_t)CHANGED(*info).tv_sec * 1000000000 + CHANGED(*info).tv_nsec,
    };
}

bool cg_platform_file_info(cg_file_info *info, int file)
{
    struct stat found;
    bool there = fstat(file, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_path_info(cg_file_info *info, const char *path)
{
    struct stat found;
    bool there = stat(path, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_link_info(cg_file_info *info, const char *path)
{
    struct stat found;
    bool there = lstat(path, &found) == 0;
    *info = there ? convert_info(&found) : (cg_file_info){0};
    return there;
}

bool cg_platform_is_at(int file, const char *path)
{
    struct stat own, there;
    return fstat(file, &own) == 0 && stat(path, &there) == 0 && own.st_dev == there.st_dev &&
           own.st_ino == there.st_ino;
}

bool cg_platform_replace(const char *temp, const char *path)
{
    return rename(temp, path) == 0;
}

/* Is the link there already? A target may have any length, of which only ours matters. */
static bool is_link_to(const char *target, const char *path)
{
    char found[256];
    ssize_t length = readlink(path, found, sizeof found);
    return length >= 0 && (size_t)length == strlen(target) &&
           memcmp(found, target, (size_t)length) == 0;
}

bool cg_platform_link(const char *target, const char *path)
{
    struct stat found;
    size_t size = strlen(path) + 32;
    char *temp = malloc(size);
    bool made = false;
    if (lstat(path, &found) == 0 && !S_ISLNK(found.st_mode)) {
        errno = EEXIST;
    } else if (temp && is_link_to(target, path)) {
        made = true;
    } else if (temp) {
        snprintf(temp, size, "%s.%ld.tmp", path, (long)getpid());
        made = symlink(target, temp) == 0 && rename(temp, path) == 0;
        if (!made) {
            const int reason = errno;
            unlink(temp);
            errno = reason;
        }
    }
    free(temp);
    return made;
}

bool cg_platform_touch(const char *path)
{
    return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

bool cg_platform_make_folder(const char *path)
{
    return mkdir(path, 0777) == 0;
}

char *cg_platform_resolve(const char *path)
{
    return realpath(path, NULL);
}

size_t cg_platform_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool cg_platform_is_separator(char c)
{
    return c == '/';
}

bool cg_platform_is_absolute(const char *path)
{
    return *path == '/';
}

/* The program itself is to dladdr() what it was called by, which may be no path at all; Linux has
 * it in /proc. A program without a dynamic loader has no other file. */
char *cg_platform_module(void)
{
    static const char here;
    Dl_info info = {0};
    bool known = dladdr(&here, &info) != 0;
#ifdef __linux__
    Dl_info program;
    if (!known || (dladdr((const void *)getauxval(AT_PHDR), &program) != 0 && // NOLINT: an address
                   program.dli_fbase == info.dli_fbase))
        return realpath("/proc/self/exe", NULL);
#endif
    return known ? realpath(info.dli_fname, NULL) : NULL;
}
